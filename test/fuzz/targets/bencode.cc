// Bencode as a whole and in two parts, and back.
#include "fuzzing.h"

#include "RecoverableException.h"
#include "ValueBase.h"
#include "ValueBaseBencodeParser.h"
#include "bencode2.h"

using namespace aria2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  std::string once;
  try {
    size_t end;
    auto value = bencode2::decode(data, size, end);
    if (end > size) {
      abort();
    }
    if (value) {
      once = bencode2::encode(value.get());
      // What was written is read again as the same.
      auto again = bencode2::decode(once);
      if (!again || bencode2::encode(again.get()) != once) {
        abort();
      }
    }
  }
  catch (RecoverableException&) {
  }

  bittorrent::ValueBaseBencodeParser parser;
  auto text = reinterpret_cast<const char*>(data);
  if (parser.parseUpdate(text, size / 2) >= 0) {
    ssize_t error;
    parser.parseFinal(text + size / 2, size - size / 2, error);
  }
  return 0;
}
