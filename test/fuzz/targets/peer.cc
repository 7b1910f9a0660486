// What a peer sends after the handshake, or instead of it, to a node that loads or seeds a torrent.
#include "session.h"

using namespace aria2;
using namespace fuzzing;

namespace {

void run(const uint8_t* data, size_t size)
{
  FuzzedDataProvider input(data, size);
  const auto kind = input.PickValueInArray(
      {Kind::NOTHING_YET, Kind::COMPLETE, Kind::SEVERAL_FILES,
       Kind::SUPER_SEEDING});
  const auto how = input.ConsumeIntegralInRange(0, 3);
  global::wallclock().reset();
  Session session(kind);
  Wire wire;
  auto peer = std::make_shared<Peer>("192.0.2.1", 6881, how < 3);
  const cuid_t cuid = session.engine->newCUID();
  if (how < 3) {
    session.engine->addCommand(make_unique<ReceiverMSEHandshakeCommand>(
        cuid, peer, session.engine.get(), wire.ours));
  }
  else {
    session.peerStorage->addPeer(peer);
    session.peerStorage->checkoutPeer(cuid);
    session.engine->addCommand(make_unique<PeerInteractionCommand>(
        cuid, session.group.get(), peer, session.engine.get(),
        session.runtime, session.group->getPieceStorage(),
        session.peerStorage, wire.ours,
        PeerInteractionCommand::INITIATOR_SEND_HANDSHAKE));
  }
  if (how != 2) {
    wire.send(handshake(session.infoHash));
    for (int i = 0; i < 4; ++i) {
      session.turn();
    }
  }
  talk(session, wire, input);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  setUp();
  run(data, size);
  return 0;
}
