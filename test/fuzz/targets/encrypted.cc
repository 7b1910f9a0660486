// The encrypted handshake, from the side that dials. The peer's public key is 0, so the secret is known to be 0: what the fuzzer
// sends is encrypted as a peer would do it, and gets behind the first digest.
#include "session.h"

#include "ARC4Encryptor.h"

using namespace aria2;
using namespace fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  setUp();
  FuzzedDataProvider input(data, size);
  const bool plain = input.ConsumeBool();
  global::wallclock().reset();
  Session session(Kind::COMPLETE);
  Wire wire;
  auto peer = std::make_shared<Peer>("192.0.2.1", 6881, true);
  session.engine->addCommand(make_unique<ReceiverMSEHandshakeCommand>(
      session.engine->newCUID(), peer, session.engine.get(), wire.ours));
  const std::string secret(96, '\0');
  std::string hello = secret + sha1("req1" + secret);
  if (plain) {
    wire.send(hello);
    session.turn();
    talk(session, wire, input);
    return 0;
  }
  std::string which = sha1("req2" + session.infoHash);
  const std::string mask = sha1("req3" + secret);
  for (size_t i = 0; i < which.size(); ++i) {
    which[i] ^= mask[i];
  }
  ARC4Encryptor cipher;
  const std::string key = sha1("keyA" + secret + session.infoHash);
  cipher.init(reinterpret_cast<const unsigned char*>(key.data()), key.size());
  std::array<unsigned char, 1024> thrownAway;
  cipher.encrypt(thrownAway.size(), thrownAway.data(), thrownAway.data());
  std::string rest = std::string(8, '\0') +
                     input.ConsumeBytesAsString(input.ConsumeIntegralInRange(0, 600)) +
                     (input.ConsumeBool() ? handshake(session.infoHash) : "");
  auto bytes = reinterpret_cast<unsigned char*>(&rest[0]);
  cipher.encrypt(rest.size(), bytes, bytes);
  wire.send(hello + which + rest);
  for (int i = 0; i < 6; ++i) {
    session.turn();
    wire.drain();
  }
  talk(session, wire, input);
  return 0;
}
