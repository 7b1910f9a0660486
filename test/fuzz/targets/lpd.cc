// A packet of local peer discovery, which comes over multicast from anyone.
#include "fuzzing.h"

#include <sys/socket.h>
#include <netinet/in.h>

#include "LpdMessage.h"
#include "LpdMessageReceiver.h"
#include "Peer.h"
#include "SocketCore.h"

using namespace aria2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  static LpdMessageReceiver receiver("127.0.0.1", 0);
  static int sender = -1;
  if (sender == -1) {
    receiver.socket_ = std::make_shared<SocketCore>(SOCK_DGRAM);
    receiver.socket_->bind("127.0.0.1", 0, AF_INET);
    receiver.socket_->setNonBlockingMode();
    sender = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address;
    socklen_t length = sizeof(address);
    if (getsockname(receiver.socket_->getSockfd(),
                    reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
        connect(sender, reinterpret_cast<sockaddr*>(&address), length) != 0) {
      abort();
    }
  }
  (void)!send(sender, data, size, 0);
  while (auto message = receiver.receiveMessage()) {
    if (message->infoHash.size() != 20) {
      abort();
    }
  }
  return 0;
}
