// A tracker's answer to an announce, and the announce that follows from it.
#include "session.h"

#include "RecoverableException.h"

using namespace aria2;
using namespace fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  setUp();
  global::wallclock().reset();
  Session session(Kind::NOTHING_YET);
  session.announce->announceList_.announceSuccess();
  try {
    session.announce->processAnnounceResponse(data, size);
    session.announce->announceSuccess();
    session.announce->resetAnnounce();
  }
  catch (RecoverableException&) {
    session.announce->announceFailure();
  }
  if (session.peerStorage->countAllPeer() > 512) {
    abort();
  }
  session.announce->isAnnounceReady();
  session.announce->getAnnounceUrl();
  global::wallclock().advance(std::chrono::seconds(1));
  if (session.announce->isAnnounceReady()) {
    session.announce->getAnnounceUrl();
  }
  while (session.peerStorage->isPeerAvailable()) {
    auto peer = session.peerStorage->checkoutPeer(1);
    unsigned char compact[COMPACT_LEN_IPV6];
    bittorrent::packcompact(compact, peer->getIPAddress(), peer->getPort());
    session.peerStorage->returnPeer(peer);
  }
  return 0;
}
