// A body in chunks, perhaps of gzip, in two parts, to a file in memory.
#include "fuzzing.h"

#include "ByteArrayDiskWriter.h"
#include "ChunkedDecodingStreamFilter.h"
#include "GZipDecodingStreamFilter.h"
#include "GrowSegment.h"
#include "Piece.h"
#include "RecoverableException.h"
#include "SinkStreamFilter.h"
#include "a2functional.h"

using namespace aria2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  if (size == 0) {
    return 0;
  }
  const bool zipped = data[0] & 1;
  ++data;
  --size;
  try {
    auto file = std::make_shared<ByteArrayDiskWriter>();
    auto segment = std::make_shared<GrowSegment>(std::make_shared<Piece>(0, 0));
    std::unique_ptr<StreamFilter> sink = make_unique<SinkStreamFilter>();
    sink->init();
    if (zipped) {
      auto gzip = make_unique<GZipDecodingStreamFilter>(std::move(sink));
      gzip->init();
      sink = std::move(gzip);
    }
    ChunkedDecodingStreamFilter filter(std::move(sink));
    filter.init();
    for (size_t part : {size / 2, size - size / 2}) {
      filter.transform(file, segment, data, part);
      if (filter.getBytesProcessed() > part) {
        abort();
      }
      if (filter.finished()) {
        break;
      }
      data += part;
    }
  }
  catch (RecoverableException&) {
  }
  return 0;
}
