// The text of a magnet link.
#include "fuzzing.h"

#include "RecoverableException.h"
#include "TorrentAttribute.h"
#include "bittorrent_helper.h"

using namespace aria2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  std::string text(reinterpret_cast<const char*>(data), size);
  try {
    auto attrs = bittorrent::parseMagnet("magnet:?xt=urn:btih:" + text);
    bittorrent::parseMagnet(bittorrent::torrent2Magnet(attrs.get()));
  }
  catch (RecoverableException&) {
  }
  return 0;
}
