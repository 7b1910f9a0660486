// A Metalink of version 3 or 4, until its downloads could begin.
#include "fuzzing.h"

#include "ByteArrayDiskWriter.h"
#include "DownloadContext.h"
#include "FileEntry.h"
#include "Metalink2RequestGroup.h"
#include "RecoverableException.h"
#include "RequestGroup.h"

using namespace aria2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  static auto option = fuzzing::nodeOptions();
  try {
    auto text = std::make_shared<ByteArrayDiskWriter>();
    text->setString(std::string(data, data + size));
    std::vector<std::shared_ptr<RequestGroup>> groups;
    Metalink2RequestGroup().generate(groups, text, option,
                                     "http://server.example/folder/file");
    for (auto& group : groups) {
      for (auto& entry : group->getDownloadContext()->getFileEntries()) {
        const std::string& path = entry->getPath();
        if (!path.empty() &&
            (path.compare(0, fuzzing::folder().size() + 1,
                          fuzzing::folder() + "/") != 0 ||
             (path + "/").find("/../") != std::string::npos)) {
          abort();
        }
      }
      group->getDownloadContext()->isPieceHashVerificationAvailable();
      group->initPieceStorage();
    }
  }
  catch (RecoverableException&) {
  }
  return 0;
}
