#include "p2p/transfer/file_receiver.h"
#include "p2p/transfer/file_sender.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace landline::transfer {
namespace {

const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 7));

Bytes content(std::size_t size) {
    Bytes bytes(size);
    test::SeededRandom(42).fill(bytes);
    return bytes;
}

/// A sender and a receiver joined back to back over a file and a sink in memory.
class Transfer {
public:
    explicit Transfer(Bytes file) : m_file(std::move(file)) {}

    Bytes sink;
    std::optional<Error> readError;
    std::optional<Error> writeError;
    std::size_t stopAfterFrames = SIZE_MAX;  ///< the connection breaks then
    std::size_t frames = 0;
    std::size_t delivered = 0;  ///< bytes of chunks handed to the receiver
    std::optional<FileReceiver::Done> received;
    std::optional<FileSender::Done> sent;

    /// Runs one attempt to its end.
    void run() {
        FileReceiver receiver(kTransfer, offeredSize.value_or(m_file.size()), sink.size());
        std::optional<FileSender> sender;
        bool connected = true;
        while (step(receiver, sender, connected)) {
        }
    }
    std::optional<std::uint64_t> offeredSize;

private:
    bool step(FileReceiver& receiver, std::optional<FileSender>& sender, bool& connected) {
        if (const auto action = receiver.nextAction()) {
            std::visit([&](const auto& what) { handle(what, receiver, sender); }, *action);
            return true;
        }
        if (!connected || !sender) return false;
        const auto action = sender->nextAction();
        if (!action) return false;
        if (const auto* read = std::get_if<FileSender::Read>(&*action)) answer(*read, *sender);
        if (const auto* done = std::get_if<FileSender::Done>(&*action)) sent = *done;
        if (const auto* send = std::get_if<FileSender::Send>(&*action)) {
            EXPECT_LE(wire::encodeMessage(send->message).size(), limits::kFramePlaintext);
            if (const auto* chunk = std::get_if<wire::FileChunk>(&send->message))
                delivered += chunk->data.size();
            EXPECT_TRUE(receiver.receive(send->message));
            if (++frames == stopAfterFrames) {
                connected = false;
                receiver.interrupted();
            }
        }
        return true;
    }
    void handle(const FileReceiver::Send& send, FileReceiver&, std::optional<FileSender>& sender) {
        if (const auto* request = std::get_if<wire::FileRequest>(&send.message)) {
            m_readTo = request->offset;
            sender.emplace(*request, m_file.size());
        } else if (sender) {
            sender->cancelled();
        }
    }
    void handle(const FileReceiver::Write& write, FileReceiver& receiver, std::optional<FileSender>&) {
        if (writeError) return receiver.written(Unexpected(*writeError));
        ASSERT_EQ(write.offset, sink.size());
        append(sink, write.data);
        receiver.written({});
    }
    void handle(const FileReceiver::Finish&, FileReceiver& receiver, std::optional<FileSender>&) {
        receiver.finished(std::string("/there"));
    }
    void handle(const FileReceiver::Done& done, FileReceiver&, std::optional<FileSender>&) {
        received = done;
    }
    void answer(const FileSender::Read& read, FileSender& sender) {
        if (readError) return sender.chunkRead(Unexpected(*readError));
        m_readTo += read.length;
        sender.chunkRead(toBytes(ByteView(m_file).subspan(read.offset, read.length)));
    }

    Bytes m_file;
    std::uint64_t m_readTo = 0;
};

TEST(FileTransfer, bringsEveryByteOfAnySize) {
    for (const std::size_t size : {std::size_t(0), std::size_t(1), limits::kFileFrame, limits::kFileChunk,
                                   limits::kFileChunk + 1, 3 * limits::kFileWindow + 12345}) {
        const Bytes file = content(size);
        Transfer transfer(file);
        transfer.run();
        ASSERT_TRUE(transfer.received) << size;
        EXPECT_FALSE(transfer.received->error) << size;
        EXPECT_EQ(transfer.received->path, "/there");
        EXPECT_EQ(transfer.sink, file) << size;
        EXPECT_EQ(transfer.sent.has_value(), size > 0);
        EXPECT_FALSE(transfer.sent && transfer.sent->error) << size;
    }
}

TEST(FileTransfer, readsAheadNoFurtherThanItsWindow) {
    const wire::FileRequest request{kTransfer, 0, 4 * limits::kFileWindow};
    FileSender sender(request, request.length);
    sender.setWritable(false);
    std::uint64_t asked = 0;
    while (const auto action = sender.nextAction()) {
        const auto* read = std::get_if<FileSender::Read>(&*action);
        ASSERT_NE(read, nullptr);
        asked += read->length;
        sender.chunkRead(Bytes(read->length));
    }
    EXPECT_EQ(asked, limits::kFileWindow);
}

TEST(FileTransfer, goesOnWhereItBroke) {
    const Bytes file = content(5 * limits::kFileChunk + 99);
    Transfer transfer(file);
    transfer.stopAfterFrames = 30;
    transfer.run();
    EXPECT_FALSE(transfer.received);
    EXPECT_EQ(transfer.sink,
              Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(transfer.delivered)));
    EXPECT_GT(transfer.delivered, limits::kFileChunk);
    transfer.stopAfterFrames = SIZE_MAX;
    transfer.frames = 0;
    transfer.run();
    EXPECT_FALSE(transfer.received.value().error);
    EXPECT_EQ(transfer.sink, file);
    EXPECT_LT(transfer.frames, file.size() / limits::kFileFrame);
}

TEST(FileTransfer, refusesARangeThatTheFileDoesNotHave) {
    Transfer transfer(content(1000));
    transfer.offeredSize = 1001;
    transfer.run();
    EXPECT_EQ(transfer.received.value().error.value().code, ErrorCode::NotFound);
    EXPECT_TRUE(transfer.sent.value().error);
    const wire::FileRequest overflowing{kTransfer, 2, UINT64_MAX};
    FileSender sender(overflowing, 1000);
    EXPECT_TRUE(std::holds_alternative<FileSender::Send>(sender.nextAction().value()));
    EXPECT_TRUE(std::get<FileSender::Done>(sender.nextAction().value()).error);
}

TEST(FileTransfer, tellsBothSidesWhenTheSourceFails) {
    Transfer transfer(content(1000));
    transfer.readError = Error{ErrorCode::Disk, "no"};
    transfer.run();
    EXPECT_TRUE(transfer.received.value().error);
    EXPECT_EQ(transfer.sent.value().error.value().text, "no");
}

TEST(FileTransfer, cancelsWhenTheSinkIsFull) {
    Transfer transfer(content(3 * limits::kFileWindow));
    transfer.writeError = Error{ErrorCode::Full, "The disk is full."};
    transfer.run();
    EXPECT_EQ(transfer.received.value().error.value().code, ErrorCode::Full);
    EXPECT_EQ(transfer.sent.value().error.value().code, ErrorCode::Closed);
}

TEST(FileTransfer, refusesChunksThatAreNotNext) {
    const wire::FileChunk wrong[] = {{1, Bytes(10)}, {0, Bytes()}, {0, Bytes(101)}, {100, Bytes(1)}};
    for (const wire::FileChunk& chunk : wrong) {
        FileReceiver receiver(kTransfer, 100, 0);
        const auto result = receiver.receive(chunk);
        ASSERT_FALSE(result) << chunk.offset;
        EXPECT_EQ(result.error().code, ErrorCode::ProtocolViolation);
    }
    FileReceiver receiver(kTransfer, 100, 0);
    EXPECT_FALSE(receiver.receive(wire::Typing{}));
}

TEST(FileTransfer, refusesToContinueASinkThatHoldsTooMuch) {
    FileReceiver receiver(kTransfer, 100, 101);
    EXPECT_TRUE(std::get<FileReceiver::Done>(receiver.nextAction().value()).error);
    EXPECT_FALSE(receiver.nextAction());
}

}  // namespace
}  // namespace landline::transfer
