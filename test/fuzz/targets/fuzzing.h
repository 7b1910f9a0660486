// What the targets share: aria2's library set up as aria2c does it, with the options of a node.
#ifndef FUZZING_H
#define FUZZING_H

#include "common.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "LogFactory.h"
#include "Option.h"
#include "OptionParser.h"
#include "Platform.h"
#include "prefs.h"
#include "wallclock.h"

namespace fuzzing {

/// aria2's global state, once for the process. Nothing is written to the console.
inline void setUp()
{
  static aria2::Platform platform;
  static bool done = false;
  if (done) {
    return;
  }
  done = true;
  aria2::LogFactory::setConsoleOutput(false);
  // The messages are put together, as with debug, and thrown away.
  aria2::LogFactory::setLogFile("/dev/null");
  aria2::LogFactory::setLogLevel(std::string("debug"));
  aria2::LogFactory::reconfigure();
}

/// A folder of this process, removed at its end.
inline const std::string& folder()
{
  struct Folder {
    std::string path;
    Folder()
    {
      char name[] = "/dev/shm/aria2-fuzz-XXXXXX";
      path = mkdtemp(name) ? name : ".";
    }
    ~Folder()
    {
      std::string command = "rm -rf " + path;
      if (path != ".") {
        (void)!system(command.c_str());
      }
    }
  };
  static Folder made;
  return made.path;
}

/// The defaults of aria2c with the options that /init gives for a torrent.
inline std::shared_ptr<aria2::Option> nodeOptions()
{
  using namespace aria2;
  auto option = std::make_shared<Option>();
  OptionParser::getInstance()->parseDefaultValues(*option);
  option->put(PREF_DIR, folder());
  option->put(PREF_ENABLE_DHT, A2_V_FALSE);
  option->put(PREF_ENABLE_DHT6, A2_V_FALSE);
  option->put(PREF_BT_COOPERATIVE, A2_V_TRUE);
  option->put(PREF_BT_MAX_PEERS, "24");
  option->put(PREF_FILE_ALLOCATION, "none");
  option->put(PREF_DISK_CACHE, "16777216");
  option->put(PREF_ALLOW_OVERWRITE, A2_V_TRUE);
  return option;
}

} // namespace fuzzing

#endif // FUZZING_H
