// An FTP server's reply to each of the commands.
#include "fuzzing.h"

#include <sys/socket.h>

#include "AuthConfig.h"
#include "FtpConnection.h"
#include "RecoverableException.h"
#include "Request.h"
#include "SocketCore.h"
#include "TimeA2.h"

using namespace aria2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  if (size == 0) {
    return 0;
  }
  static Option option;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) {
    abort();
  }
  (void)!send(ends[1], data + 1, size - 1, MSG_NOSIGNAL);
  auto socket = std::make_shared<SocketCore>(ends[0], SOCK_STREAM);
  try {
    auto request = std::make_shared<Request>();
    request->setUri("ftp://server.example/file");
    FtpConnection connection(1, socket, request, AuthConfig::create("u", "p"),
                             &option);
    for (int i = 0; i < 8; ++i) {
      int64_t length = 0;
      Time time = Time::null();
      uint16_t port = 0;
      std::pair<std::string, uint16_t> address;
      std::string folder;
      switch ((data[0] + i) % 6) {
      case 0:
        connection.receiveResponse();
        break;
      case 1:
        connection.receiveSizeResponse(length);
        break;
      case 2:
        connection.receiveMdtmResponse(time);
        break;
      case 3:
        connection.receiveEpsvResponse(port);
        break;
      case 4:
        connection.receivePasvResponse(address);
        break;
      case 5:
        connection.receivePwdResponse(folder);
        break;
      }
      if (length < 0) {
        abort();
      }
    }
  }
  catch (RecoverableException&) {
  }
  close(ends[1]);
  return 0;
}
