// A tracker's answer to an announce, and the announce that follows from it.
#include "download.h"

#include "RecoverableException.h"

using namespace aria2;
using namespace fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  setUp();
  global::wallclock().reset();
  Download download(Kind::NOTHING_YET);
  download.announce->announceList_.announceSuccess();
  try {
    download.announce->processAnnounceResponse(data, size);
    download.announce->announceSuccess();
    download.announce->resetAnnounce();
  }
  catch (RecoverableException&) {
    download.announce->announceFailure();
  }
  if (download.peerStorage->countAllPeer() > 512) {
    abort();
  }
  download.announce->isAnnounceReady();
  download.announce->getAnnounceUrl();
  global::wallclock().advance(std::chrono::seconds(1));
  if (download.announce->isAnnounceReady()) {
    download.announce->getAnnounceUrl();
  }
  while (download.peerStorage->isPeerAvailable()) {
    auto peer = download.peerStorage->checkoutPeer(1);
    unsigned char compact[COMPACT_LEN_IPV6];
    bittorrent::packcompact(compact, peer->getIPAddress(), peer->getPort());
    download.peerStorage->returnPeer(peer);
  }
  return 0;
}
