// The file NAME.aria2 beside a file that was half loaded. A torrent can bring one for another of its files.
#include "session.h"

#include "DefaultBtProgressInfoFile.h"
#include "RecoverableException.h"

using namespace aria2;
using namespace fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
  setUp();
  global::wallclock().reset();
  Session session(Kind::NOTHING_YET);
  auto storage = session.group->getPieceStorage();
  DefaultBtProgressInfoFile file(session.group->getDownloadContext(), storage,
                                 session.option.get());
  file.setBtRuntime(session.runtime);
  file.setPeerStorage(session.peerStorage);
  const std::string path = folder() + "/one.aria2";
  {
    std::ofstream out(path, std::ios::binary);
    // The fuzzer need not find out the digest.
    if (size > 0 && data[0] & 1) {
      const char head[] = {0, 1, 0, 0, 0, 1, 0, 0, 0, 20};
      out.write(head, sizeof(head));
      out << session.infoHash;
      out.write(reinterpret_cast<const char*>(data + 1), size - 1);
    }
    else if (size > 0) {
      out.write(reinterpret_cast<const char*>(data + 1), size - 1);
    }
  }
  try {
    file.load();
    // As a peer's commands would go on from there.
    storage->getCompletedLength();
    for (bool endGame : {false, true}) {
      if (endGame) {
        storage->enterEndGame();
      }
      auto peer = std::make_shared<Peer>("192.0.2.1", 6881);
      peer->allocateSessionResource(PIECE_LENGTH, TOTAL_LENGTH);
      peer->setAllBitfield();
      std::vector<std::shared_ptr<Piece>> pieces;
      storage->getMissingPiece(pieces, 100, peer, 1);
      for (auto& piece : pieces) {
        std::vector<unsigned char> missing(piece->getBitfieldLength());
        piece->getAllMissingBlockIndexes(missing.data(), missing.size());
        size_t block;
        piece->getMissingUnusedBlockIndex(block);
        storage->cancelPiece(piece, 1);
      }
    }
    file.save();
  }
  catch (RecoverableException&) {
  }
  return 0;
}
