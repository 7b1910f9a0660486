// One download of a small torrent in aria2's own classes, and the sockets of a peer that talks to it.
#ifndef SESSION_H
#define SESSION_H

#include "fuzzing.h"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <fstream>

#include <fuzzer/FuzzedDataProvider.h>

#include "BtConstants.h"
#include "BtRegistry.h"
#include "BtRuntime.h"
#include "ByteArrayDiskWriterFactory.h"
#include "Command.h"
#include "DefaultBtAnnounce.h"
#include "DefaultPeerStorage.h"
#include "DiskAdaptor.h"
#include "DownloadContext.h"
#include "DownloadEngine.h"
#include "FileEntry.h"
#include "GroupId.h"
#include "InitiatorMSEHandshakeCommand.h"
#include "MessageDigest.h"
#include "Peer.h"
#include "PeerConnection.h"
#include "PeerInteractionCommand.h"
#include "PeerReceiveHandshakeCommand.h"
#include "PieceStorage.h"
#include "PollEventPoll.h"
#include "BtProgressInfoFile.h"
#include "ReceiverMSEHandshakeCommand.h"
#include "RequestGroup.h"
#include "RequestGroupMan.h"
#include "SocketCore.h"
#include "TorrentAttribute.h"
#include "bittorrent_helper.h"
#include "download_helper.h"
#include "fmt.h"
#include "message_digest_helper.h"

namespace fuzzing {

/// What the download is like when the peer comes.
enum class Kind { NOTHING_YET, COMPLETE, SEVERAL_FILES, SUPER_SEEDING, MAGNET };

constexpr size_t PIECE_LENGTH = 64;
constexpr size_t TOTAL_LENGTH = 1000;

inline std::string sha1(const std::string& text)
{
  unsigned char digest[20];
  aria2::message_digest::digest(digest, sizeof(digest),
                                aria2::MessageDigest::sha1().get(),
                                text.data(), text.size());
  return std::string(digest, digest + sizeof(digest));
}

/// The info dictionary of 1,000 zero bytes in pieces of 64, as one file or as three.
inline std::string infoOfZeros(bool severalFiles)
{
  std::string pieces;
  for (size_t at = 0; at < TOTAL_LENGTH; at += PIECE_LENGTH) {
    pieces +=
        sha1(std::string(std::min(PIECE_LENGTH, TOTAL_LENGTH - at), '\0'));
  }
  std::string info = "d";
  info += severalFiles ? "5:filesld6:lengthi100e4:pathl1:aeed6:lengthi0e4:pathl"
                         "1:beed6:lengthi900e4:pathl1:ceee4:name5:three"
                       : "6:lengthi1000e4:name3:one";
  info += "12:piece lengthi64e6:pieces";
  info += aria2::fmt("%lu:", static_cast<unsigned long>(pieces.size()));
  return info + pieces + "e";
}

class Session {
public:
  std::shared_ptr<aria2::Option> option;
  std::unique_ptr<aria2::DownloadEngine> engine;
  std::shared_ptr<aria2::RequestGroup> group;
  std::shared_ptr<aria2::BtRuntime> runtime;
  std::shared_ptr<aria2::DefaultPeerStorage> peerStorage;
  std::shared_ptr<aria2::DefaultBtAnnounce> announce;
  std::string infoHash;

  explicit Session(Kind kind)
  {
    using namespace aria2;
    option = nodeOptions();
    const bool severalFiles = kind == Kind::SEVERAL_FILES;
    if (kind == Kind::SUPER_SEEDING) {
      option->put(PREF_BT_SUPER_SEEDING, A2_V_TRUE);
    }
    engine = make_unique<DownloadEngine>(make_unique<PollEventPoll>());
    engine->setOption(option.get());
    auto man = make_unique<RequestGroupMan>(
        std::vector<std::shared_ptr<RequestGroup>>(), 1, option.get());
    man->initWrDiskCache();
    engine->setRequestGroupMan(std::move(man));

    const std::string info = infoOfZeros(severalFiles);
    infoHash = sha1(info);
    group = std::make_shared<RequestGroup>(GroupId::create(), option);
    std::shared_ptr<DownloadContext> context;
    if (kind == Kind::MAGNET) {
      context = std::make_shared<DownloadContext>(METADATA_PIECE_SIZE, 0,
                                                  "[METADATA]");
      context->markTotalLengthIsUnknown();
      bittorrent::loadMagnet(
          "magnet:?xt=urn:btih:" + util::toHex(infoHash), context);
    }
    else {
      context = std::make_shared<DownloadContext>();
      bittorrent::loadFromMemory("d4:info" + info + "e", context, option,
                                 "default");
    }
    group->setDownloadContext(context);
    group->setRequestGroupMan(engine->getRequestGroupMan().get());
    if (!severalFiles) {
      group->setDiskWriterFactory(
          std::make_shared<ByteArrayDiskWriterFactory>());
    }
    if (kind == Kind::MAGNET) {
      group->markInMemoryDownload();
    }
    group->initPieceStorage();
    auto pieceStorage = group->getPieceStorage();
    if (kind != Kind::MAGNET) {
      pieceStorage->getDiskAdaptor()->openFile();
    }
    if (kind != Kind::NOTHING_YET && kind != Kind::MAGNET) {
      const unsigned char zeros[TOTAL_LENGTH] = {};
      pieceStorage->getDiskAdaptor()->writeData(zeros, sizeof(zeros), 0);
      pieceStorage->markAllPiecesDone();
    }
    runtime = std::make_shared<BtRuntime>();
    runtime->setMaxPeers(24);
    runtime->setReady(true);
    peerStorage = std::make_shared<DefaultPeerStorage>();
    peerStorage->setCooperative(true);
    peerStorage->setBtRuntime(runtime);
    peerStorage->setPieceStorage(pieceStorage);
    announce =
        std::make_shared<DefaultBtAnnounce>(context.get(), option.get());
    announce->setBtRuntime(runtime);
    announce->setPieceStorage(pieceStorage);
    announce->setPeerStorage(peerStorage);
    engine->getBtRegistry()->put(
        group->getGID(),
        make_unique<BtObject>(context, pieceStorage, peerStorage, announce,
                              runtime, nullptr));
  }

  ~Session()
  {
    // Commands refer to the engine.
    engine->commands_.clear();
    group->closeFile();
  }

  /// Lets each command that serves a peer run once, whatever its socket has. Others, which would dial, are dropped.
  /// @returns whether there is still one
  bool turn()
  {
    using namespace aria2;
    std::deque<std::unique_ptr<Command>> commands;
    commands.swap(engine->commands_);
    for (auto& command : commands) {
      if (dynamic_cast<ReceiverMSEHandshakeCommand*>(command.get()) ||
          dynamic_cast<InitiatorMSEHandshakeCommand*>(command.get()) ||
          dynamic_cast<PeerReceiveHandshakeCommand*>(command.get()) ||
          dynamic_cast<PeerInteractionCommand*>(command.get())) {
        if (!command->execute()) {
          command.release();
        }
      }
    }
    return !engine->commands_.empty();
  }
};

/// Both ends of a connection: aria2's as a SocketCore, the peer's as a file descriptor.
class Wire {
public:
  std::shared_ptr<aria2::SocketCore> ours;
  int theirs;

  Wire()
  {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) {
      abort();
    }
    theirs = ends[1];
    ours = std::make_shared<aria2::SocketCore>(ends[0], SOCK_STREAM);
    ours->setNonBlockingMode();
  }

  ~Wire() { close(theirs); }

  void send(const std::string& bytes)
  {
    (void)!::send(theirs, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  void drain()
  {
    char buffer[65536];
    while (recv(theirs, buffer, sizeof(buffer), 0) > 0) {
    }
  }
};

/// A peer's handshake with all extensions that aria2 knows.
inline std::string handshake(const std::string& infoHash)
{
  std::string text = "\x13" "BitTorrent protocol";
  text += std::string("\0\0\0\0\0\x10\0\x05", 8);
  return text + infoHash + "-XX0000-abcdefghijkl";
}

/// Sends the rest of the input in the parts that it names itself, and lets aria2 take a turn after each.
inline void talk(Session& session, Wire& wire, FuzzedDataProvider& input)
{
  using namespace aria2;
  for (int part = 0; part < 40 && input.remaining_bytes() > 0; ++part) {
    const auto length = input.ConsumeIntegralInRange<size_t>(1, 20000);
    wire.send(input.ConsumeBytesAsString(length));
    if (input.ConsumeIntegral<uint8_t>() < 32) {
      global::wallclock().advance(std::chrono::seconds(1));
    }
    else {
      wire.drain();
    }
    if (!session.turn()) {
      break;
    }
  }
  session.turn();
  session.turn();
}

} // namespace fuzzing

#endif // SESSION_H
