// What a peer sends to a node that has a magnet link and wants the torrent's metadata.
#include "session.h"

using namespace aria2;
using namespace fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  setUp();
  FuzzedDataProvider input(data, size);
  const bool truePeer = input.ConsumeBool();
  global::wallclock().reset();
  Session session(Kind::MAGNET);
  Wire wire;
  auto peer = std::make_shared<Peer>("192.0.2.1", 6881, true);
  session.engine->addCommand(make_unique<ReceiverMSEHandshakeCommand>(
      session.engine->newCUID(), peer, session.engine.get(), wire.ours));
  wire.send(handshake(session.infoHash));
  if (truePeer) {
    // The true size: the fuzzer gets as far as the pieces.
    const std::string hello =
        fmt("d1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei%lue1:v1:xe",
            static_cast<unsigned long>(infoOfZeros(false).size()));
    wire.send(std::string("\0\0\0", 3) + static_cast<char>(hello.size() + 2) +
              std::string("\x14\0", 2) + hello);
  }
  for (int i = 0; i < 4; ++i) {
    session.turn();
  }
  talk(session, wire, input);
  return 0;
}
