// A .torrent file, until its pieces could be asked for; also as the metadata that a magnet link led to.
#include "fuzzing.h"

#include "BitfieldMan.h"
#include "DefaultPieceStorage.h"
#include "DiskAdaptor.h"
#include "DownloadContext.h"
#include "GroupId.h"
#include "PieceStorage.h"
#include "RecoverableException.h"
#include "RequestGroup.h"
#include "TorrentAttribute.h"
#include "bittorrent_helper.h"

using namespace aria2;

namespace {

void load(const std::string& torrent, const std::shared_ptr<Option>& option)
{
  auto context = std::make_shared<DownloadContext>();
  bittorrent::loadFromMemory(torrent, context, option, "default");
  bittorrent::adjustAnnounceUri(bittorrent::getTorrentAttrs(context), option);
  auto attrs = bittorrent::getTorrentAttrs(context);
  bittorrent::torrent2Magnet(attrs);
  for (auto& entry : context->getFileEntries()) {
    // Nothing may come to lie outside of the folder.
    const std::string& path = entry->getPath();
    if (path.compare(0, fuzzing::folder().size() + 1,
                     fuzzing::folder() + "/") != 0 ||
        (path + "/").find("/../") != std::string::npos) {
      abort();
    }
  }
  context->getBasePath();
  auto group = std::make_shared<RequestGroup>(GroupId::create(), option);
  group->setDownloadContext(context);
  group->initPieceStorage();
  auto storage = group->getPieceStorage();
  if (context->getFileEntries().size() > 1) {
    storage->setupFileFilter();
  }
  storage->hasMissingUnusedPiece();
  for (size_t index : {size_t(0), context->getNumPieces() - 1}) {
    storage->getPieceLength(index);
    if (auto piece = storage->getPiece(index)) {
      size_t block;
      piece->getMissingUnusedBlockIndex(block);
    }
    context->getPieceHash(index);
    context->findFileEntryByOffset(static_cast<int64_t>(index) *
                                   context->getPieceLength());
  }
  storage->markAllPiecesDone();
  storage->getCompletedLength();
  group->releaseRuntimeResource(nullptr);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  fuzzing::setUp();
  auto option = fuzzing::nodeOptions();
  std::string text(reinterpret_cast<const char*>(data), size);
  try {
    load(text, option);
  }
  catch (RecoverableException&) {
  }
  try {
    TorrentAttribute attrs;
    attrs.announceList.push_back({"http://127.0.0.1/announce"});
    load(bittorrent::metadata2Torrent(text, &attrs), option);
  }
  catch (RecoverableException&) {
  }
  return 0;
}
