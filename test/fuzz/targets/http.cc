// An HTTP server's header, in two parts, and all that is taken out of it: length and range, name, cookies, mirrors, digests.
#include "fuzzing.h"

#include "Checksum.h"
#include "CookieStorage.h"
#include "HttpHeader.h"
#include "HttpHeaderProcessor.h"
#include "HttpRequest.h"
#include "HttpResponse.h"
#include "MetalinkHttpEntry.h"
#include "Range.h"
#include "RecoverableException.h"
#include "Request.h"
#include "fmt.h"
#include "util.h"

using namespace aria2;

namespace {

void look(HttpResponse& response, const std::shared_ptr<Option>& option)
{
  response.validateResponse();
  const auto range = response.getHttpHeader()->getRange();
  if (range.startByte < 0 || range.endByte < range.startByte ||
      range.getContentLength() < 0) {
    abort();
  }
  response.retrieveCookie();
  response.supportsPersistentConnection();
  response.getContentType();
  response.getLastModifiedTime();
  std::vector<MetalinkHttpEntry> mirrors;
  response.getMetalinKHttpEntries(mirrors, option);
  std::vector<Checksum> digests;
  response.getDigest(digests);
  const auto name = response.determineFilename(false);
  response.determineFilename(true);
  // Nothing may come to lie outside of the folder.
  const auto path = util::createSafePath(name);
  if (path.empty() || path[0] == '/' ||
      ("/" + path + "/").find("/../") != std::string::npos) {
    abort();
  }
  for (unsigned char c : printable(name)) {
    if (c < 0x20 || 0x7e < c) {
      abort();
    }
  }
  if (response.isRedirect()) {
    response.processRedirect();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  static auto option = std::make_shared<Option>();
  try {
    HttpHeaderProcessor processor(HttpHeaderProcessor::CLIENT_PARSER);
    bool done = processor.parse(data, size / 2);
    if (!done) {
      done = processor.parse(data + size / 2, size - size / 2);
    }
    if (processor.getHeaderString().size() > 64 * 1024) {
      abort();
    }
    if (!done) {
      return 0;
    }
    CookieStorage cookies;
    auto request = std::make_shared<Request>();
    request->setUri("http://server.example/folder/file");
    auto httpRequest = make_unique<HttpRequest>();
    httpRequest->setRequest(request);
    httpRequest->setCookieStorage(&cookies);
    HttpResponse response;
    response.setHttpHeader(processor.getResult());
    response.setHttpRequest(std::move(httpRequest));
    look(response, option);
    cookies.criteriaFind("server.example", "/folder/", 0, false);
  }
  catch (RecoverableException&) {
  }
  return 0;
}
