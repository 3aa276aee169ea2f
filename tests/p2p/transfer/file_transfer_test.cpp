#include "p2p/transfer/file_receiver.h"
#include "p2p/transfer/file_sender.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace landline::transfer {
namespace {

const wire::TransferId kWholeTransfer = *wire::TransferId::from(Bytes(16, 7));

Bytes content(std::size_t size) {
    Bytes bytes(size);
    test::SeededRandom(42).fill(bytes);
    return bytes;
}

/// A file in memory. Reading fails with `error`; bytes of `missing` are skipped.
class MemorySource final : public ChunkSource {
public:
    explicit MemorySource(Bytes file) : bytes(std::move(file)) {}
    [[nodiscard]] std::uint64_t size() const override { return bytes.size(); }
    [[nodiscard]] Expected<std::vector<Piece>> read(std::uint64_t offset, std::size_t length) override {
        if (error) return Unexpected(*error);
        std::vector<Piece> pieces;
        for (const std::uint64_t end = offset + length; offset < end;) {
            const bool gone = offset >= missingFrom && offset < missingTo;
            const std::uint64_t border = gone ? missingTo : offset < missingFrom ? missingFrom : end;
            const std::uint64_t until = std::min(end, border);
            if (gone)
                pieces.push_back({{}, until - offset, wire::ItemFailure::Vanished});
            else
                pieces.push_back({toBytes(ByteView(bytes).subspan(offset, until - offset)), 0, {}});
            offset = until;
        }
        return pieces;
    }
    Bytes bytes;
    std::optional<Error> error;
    std::uint64_t missingFrom = 0;
    std::uint64_t missingTo = 0;
};

/// A sink in memory, whose skipped bytes are zeros. Of what it has it knows only where it ends, except for `gaps`.
class MemorySink final : public ChunkSink {
public:
    [[nodiscard]] Expected<Held> held() override {
        Held result;
        std::uint64_t at = 0;
        for (const Range& gap : gaps) {
            if (at < gap.at) result.unchecked.push_back({at, gap.at});
            result.missing.push_back(gap);
            at = gap.end;
        }
        if (at < bytes.size()) result.unchecked.push_back({at, bytes.size()});
        if (bytes.size() < size) result.missing.push_back({bytes.size(), size});
        return result;
    }
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override {
        return toBytes(ByteView(bytes).subspan(offset, length));
    }
    [[nodiscard]] Expected<void> writeParts(std::uint64_t offset, std::span<const ByteView> parts) override {
        if (error) return Unexpected(*error);
        EXPECT_LE(offset, bytes.size());
        for (const ByteView data : parts) {
            bytes.resize(std::max<std::size_t>(bytes.size(), offset + data.size()));
            std::copy(data.begin(), data.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
            offset += data.size();
        }
        return {};
    }
    [[nodiscard]] Expected<void> skip(std::uint64_t offset, std::uint64_t length,
                                      wire::ItemFailure) override {
        skipped += length;
        return write(offset, Bytes(length));
    }
    [[nodiscard]] Expected<Result> finish() override { return Result{"/there", skipped != 0 ? 1U : 0U}; }
    std::uint64_t size = 0;
    Bytes bytes;
    std::vector<Range> gaps;
    std::uint64_t skipped = 0;
    std::optional<Error> error;
};

wire::FileChecked answered(ChunkSource& source, const wire::FileCheck& check) {
    CheckAnswer answer(check);
    while (answer.compareNext(source)) {
    }
    return answer.answer();
}

/// A sender and a receiver joined back to back over a source and a sink in memory.
class Transfer {
public:
    explicit Transfer(Bytes file) : m_source(std::move(file)) {}

    MemorySink sink;
    std::size_t stopAfterFrames = SIZE_MAX;  ///< the connection breaks then
    std::size_t frames = 0;
    std::size_t delivered = 0;  ///< bytes of chunks handed to the receiver
    std::optional<FileReceiver::Done> received;
    std::optional<FileSender::Done> sent;
    std::optional<std::uint64_t> offeredSize;

    MemorySource& source() { return m_source; }

    /// Runs one attempt to its end.
    void run() {
        sink.size = offeredSize.value_or(m_source.size());
        FileReceiver receiver(kWholeTransfer, sink.size, sink.held().value());
        requests = {};
        std::optional<FileSender> sender;
        bool connected = true;
        frames = 0;
        delivered = 0;
        while (step(receiver, sender, connected)) {
        }
    }

private:
    bool step(FileReceiver& receiver, std::optional<FileSender>& sender, bool& connected) {
        if (const auto action = receiver.nextAction()) {
            std::visit([&](const auto& what) { handle(what, receiver, sender); }, *action);
            return true;
        }
        if (!connected) return false;
        if ((!sender || (sent && !sent->error)) && !requests.empty()) {
            sent.reset();
            sender.emplace(requests.front(), m_source.size());
            requests.pop_front();
        }
        if (!sender) return false;
        const auto action = sender->nextAction();
        if (!action) return false;
        if (const auto* read = std::get_if<FileSender::Read>(&*action))
            sender->chunkRead(m_source.read(read->offset, read->length));
        if (const auto* done = std::get_if<FileSender::Done>(&*action)) sent = *done;
        if (const auto* send = std::get_if<FileSender::Send>(&*action)) {
            EXPECT_LE(wire::encodeMessage(send->message).size(), limits::kFramePlaintext);
            EXPECT_TRUE(receiver.receive(send->message));
            countFrame(receiver, connected);
        }
        if (const auto* chunk = std::get_if<FileSender::SendChunk>(&*action)) {
            EXPECT_LE(chunk->data.size, limits::kFileFrame);
            delivered += chunk->data.size;
            EXPECT_TRUE(receiver.receiveChunk(chunk->offset, arrived(chunk->data)));
            countFrame(receiver, connected);
        }
        return true;
    }
    void countFrame(FileReceiver& receiver, bool& connected) {
        if (++frames != stopAfterFrames) return;
        connected = false;
        receiver.interrupted();
    }
    /// Amid other bytes, as it is where it was received; where it was sent from it is encrypted.
    static SharedSlice arrived(const SharedSlice& sent) {
        Bytes frame(20, 0xee);
        append(frame, sent.view());
        frame.resize(frame.size() + 16, 0xee);
        std::fill(sent.span().begin(), sent.span().end(), std::uint8_t(0xcc));
        return {std::make_shared<Bytes>(std::move(frame)), 20, sent.size};
    }
    void handle(const FileReceiver::Send& send, FileReceiver& receiver, std::optional<FileSender>& sender) {
        if (const auto* request = std::get_if<wire::FileRequest>(&send.message))
            requests.push_back(*request);
        else if (const auto* check = std::get_if<wire::FileCheck>(&send.message))
            EXPECT_TRUE(receiver.receive(answered(m_source, *check)));
        else if (sender)
            sender->cancelled();
    }
    void handle(const FileReceiver::Digest& wanted, FileReceiver& receiver, std::optional<FileSender>&) {
        receiver.digested(digestsOf(sink, wanted.range));
    }
    void handle(const FileReceiver::Write& write, FileReceiver& receiver, std::optional<FileSender>&) {
        Expected<void> done;
        std::uint64_t offset = write.offset;
        for (const SharedSlice& part : write.parts) {
            if (done) done = sink.write(offset, part.view());
            offset += part.size;
        }
        EXPECT_EQ(offset, write.offset + write.size());
        receiver.written(done);
    }
    void handle(const FileReceiver::Skip& skip, FileReceiver& receiver, std::optional<FileSender>&) {
        receiver.written(sink.skip(skip.offset, skip.length, skip.reason));
    }
    void handle(const FileReceiver::Finish&, FileReceiver& receiver, std::optional<FileSender>&) {
        receiver.finished(sink.finish());
    }
    void handle(const FileReceiver::Done& done, FileReceiver&, std::optional<FileSender>&) {
        received = done;
    }

    MemorySource m_source;
    std::deque<wire::FileRequest> requests;
};

Held missing(std::uint64_t size) {
    return {{}, {{0, size}}};
}

TEST(FileTransfer, bringsEveryByteOfAnySize) {
    for (const std::size_t size : {std::size_t(0), std::size_t(1), limits::kFileFrame, limits::kFileChunk,
                                   limits::kFileChunk + 1, 3 * limits::kFileWindow + 12345}) {
        const Bytes file = content(size);
        Transfer transfer(file);
        transfer.run();
        ASSERT_TRUE(transfer.received) << size;
        EXPECT_FALSE(transfer.received->error) << size;
        EXPECT_EQ(transfer.received->result.path, "/there");
        EXPECT_EQ(transfer.sink.bytes, file) << size;
        EXPECT_EQ(transfer.sent.has_value(), size > 0);
        EXPECT_FALSE(transfer.sent && transfer.sent->error) << size;
    }
}

TEST(FileTransfer, readsAheadNoFurtherThanItsWindow) {
    const wire::FileRequest request{kWholeTransfer, 0, 4 * limits::kFileWindow};
    FileSender sender(request, request.length);
    sender.setWritable(false);
    std::uint64_t asked = 0;
    while (const auto action = sender.nextAction()) {
        const auto* read = std::get_if<FileSender::Read>(&*action);
        ASSERT_NE(read, nullptr);
        asked += read->length;
        sender.chunkRead(std::vector<Piece>{{Bytes(read->length), 0, {}}});
    }
    EXPECT_EQ(asked, limits::kFileWindow);
}

TEST(FileTransfer, goesOnWhereItBroke) {
    const Bytes file = content(5 * limits::kFileChunk + 99);
    Transfer transfer(file);
    transfer.stopAfterFrames = 30;
    transfer.run();
    EXPECT_FALSE(transfer.received);
    EXPECT_EQ(transfer.sink.bytes,
              Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(transfer.delivered)));
    EXPECT_GT(transfer.delivered, limits::kFileChunk);
    transfer.stopAfterFrames = SIZE_MAX;
    transfer.run();
    EXPECT_FALSE(transfer.received.value().error);
    EXPECT_EQ(transfer.sink.bytes, file);
    EXPECT_LT(transfer.frames, file.size() / limits::kFileFrame);
}

TEST(FileTransfer, refusesARangeThatTheFileDoesNotHave) {
    Transfer transfer(content(1000));
    transfer.offeredSize = 1001;
    transfer.run();
    EXPECT_EQ(transfer.received.value().error.value().code, ErrorCode::NotFound);
    EXPECT_TRUE(transfer.sent.value().error);
    const wire::FileRequest overflowing{kWholeTransfer, 2, UINT64_MAX};
    FileSender sender(overflowing, 1000);
    EXPECT_TRUE(std::holds_alternative<FileSender::Send>(sender.nextAction().value()));
    EXPECT_TRUE(std::get<FileSender::Done>(sender.nextAction().value()).error);
}

TEST(FileTransfer, tellsBothSidesWhenTheSourceFails) {
    Transfer transfer(content(1000));
    transfer.source().error = Error{ErrorCode::Disk, "no"};
    transfer.run();
    EXPECT_TRUE(transfer.received.value().error);
    EXPECT_EQ(transfer.sent.value().error.value().text, "no");
}

TEST(FileTransfer, cancelsWhenTheSinkIsFull) {
    Transfer transfer(content(3 * limits::kFileWindow));
    transfer.sink.error = Error{ErrorCode::Full, "The disk is full."};
    transfer.run();
    EXPECT_EQ(transfer.received.value().error.value().code, ErrorCode::Full);
    EXPECT_EQ(transfer.sent.value().error.value().code, ErrorCode::Closed);
}

TEST(FileTransfer, refusesChunksThatAreNotNext) {
    const wire::FileChunk wrong[] = {{1, Bytes(10)}, {0, Bytes()}, {0, Bytes(101)}, {100, Bytes(1)}};
    for (const wire::FileChunk& chunk : wrong) {
        FileReceiver receiver(kWholeTransfer, 100, missing(100));
        const auto result = receiver.receive(chunk);
        ASSERT_FALSE(result) << chunk.offset;
        EXPECT_EQ(result.error().code, ErrorCode::ProtocolViolation);
    }
    FileReceiver receiver(kWholeTransfer, 100, missing(100));
    EXPECT_FALSE(receiver.receive(wire::Typing{}));
}

TEST(FileTransfer, bringsAgainOnlyWhatDiffersFromWhatIsHeld) {
    const Bytes file = content(5 * limits::kFileChunk + 99);
    Transfer transfer(file);
    transfer.sink.bytes = Bytes(file.begin(), file.begin() + 4 * limits::kFileChunk + 7);
    transfer.sink.bytes[limits::kFileChunk + 5] ^= 1;
    transfer.sink.bytes[3 * limits::kFileChunk] ^= 1;
    transfer.run();
    EXPECT_FALSE(transfer.received.value().error);
    EXPECT_EQ(transfer.sink.bytes, file);
    // The two damaged pieces and, after the part of a piece that is right, what is not there yet.
    EXPECT_EQ(transfer.delivered, 3 * limits::kFileChunk + 99 - 7);
}

TEST(FileTransfer, comparesMoreThanOneCheckHolds) {
    const Bytes file = content(70 * limits::kFileChunk);
    Transfer transfer(file);
    transfer.sink.bytes = file;
    transfer.sink.bytes[66 * limits::kFileChunk] ^= 1;
    transfer.run();
    EXPECT_FALSE(transfer.received.value().error);
    EXPECT_EQ(transfer.sink.bytes, file);
    EXPECT_EQ(transfer.delivered, limits::kFileChunk);
}

TEST(FileTransfer, goesOnBehindWhatTheSourceSkips) {
    Bytes file = content(3 * limits::kFileChunk);
    Transfer transfer(file);
    transfer.source().missingFrom = 1000;
    transfer.source().missingTo = limits::kFileChunk + 1000;
    transfer.run();
    EXPECT_FALSE(transfer.received.value().error);
    EXPECT_EQ(transfer.received->result.failedItems, 1U);
    EXPECT_EQ(transfer.sink.skipped, limits::kFileChunk);
    std::fill_n(file.begin() + 1000, limits::kFileChunk, std::uint8_t(0));
    EXPECT_EQ(transfer.sink.bytes, file);
}

TEST(FileTransfer, refusesSkipsThatAreNotNext) {
    for (const wire::FileSkip& skip :
         {wire::FileSkip{1, 10, {}}, {0, 0, {}}, {0, 101, {}}, {0, UINT64_MAX, {}}}) {
        FileReceiver receiver(kWholeTransfer, 100, missing(100));
        ASSERT_FALSE(receiver.receive(skip)) << skip.offset << ' ' << skip.length;
    }
}

TEST(FileTransfer, refusesAnswersThatFitNoCheck) {
    const Held kHalf{{{0, 50}}, {{50, 100}}};
    FileReceiver receiver(kWholeTransfer, 100, kHalf);
    EXPECT_FALSE(receiver.receive(wire::FileChecked{0, {1}}));  // nothing was sent yet
    ASSERT_TRUE(std::holds_alternative<FileReceiver::Digest>(receiver.nextAction().value()));
    receiver.digested(std::vector<ChunkDigest>(1));
    EXPECT_FALSE(receiver.receive(wire::FileChecked{1, {1}}));
    EXPECT_FALSE(receiver.receive(wire::FileChunk{0, Bytes(1)}));
    EXPECT_TRUE(receiver.receive(wire::FileChecked{0, {1}}));
    EXPECT_FALSE(receiver.receive(wire::FileChecked{0, {1}}));
    for (const Bytes& same : {Bytes(), Bytes(2)}) {
        FileReceiver other(kWholeTransfer, 100, kHalf);
        other.digested(std::vector<ChunkDigest>(1));
        EXPECT_FALSE(other.receive(wire::FileChecked{0, same}));
    }
}

TEST(FileTransfer, answersChecksBeyondTheSourceWithNo) {
    MemorySource source(content(1000));
    const ChunkDigest right = chunkDigest(source.bytes);
    EXPECT_EQ(answered(source, {kWholeTransfer, 0, 1000, {right}}).same, Bytes{1});
    EXPECT_EQ(answered(source, {kWholeTransfer, 0, 1001, {right}}).same, Bytes{0});
    EXPECT_EQ(answered(source, {kWholeTransfer, UINT64_MAX, 1000, {right}}).same, Bytes{0});
    EXPECT_EQ(
        answered(source, {kWholeTransfer, UINT64_MAX - 9, 3 * limits::kFileChunk, {right, right, right}}).same,
        Bytes{0});
    source.missingTo = 1;
    EXPECT_EQ(answered(source, {kWholeTransfer, 0, 1000, {right}}).same, Bytes{0});
}

TEST(FileTransfer, refusesToContinueASinkThatHoldsWhatIsNoPartOfTheFile) {
    const Held wrong[] = {{{{0, 101}}, {}},       {{}, {{100, 101}}},     {{{50, 50}}, {}},
                          {{{60, 50}}, {}},       {{{0, 60}}, {{0, 60}}}, {{{0, UINT64_MAX}}, {}},
                          {{{0, 50}}, {{99, 98}}}};
    for (const Held& held : wrong) {
        FileReceiver receiver(kWholeTransfer, 100, held);
        ASSERT_TRUE(std::holds_alternative<FileReceiver::Done>(receiver.nextAction().value()));
        EXPECT_FALSE(receiver.nextAction());
        EXPECT_FALSE(receiver.needsPeer());
    }
}

TEST(FileTransfer, bringsTheGapsAndNothingElse) {
    const Bytes file = content(2 * limits::kFileChunk);
    Transfer transfer(file);
    transfer.sink.bytes = file;
    std::uint64_t lacking = 0;
    for (std::uint64_t at = 1000; at + 100 < file.size(); at += 200'000) {
        transfer.sink.gaps.push_back({at, at + 100});
        std::fill_n(transfer.sink.bytes.begin() + static_cast<std::ptrdiff_t>(at), 100, std::uint8_t(0));
        lacking += 100;
    }
    transfer.run();
    EXPECT_FALSE(transfer.received.value().error);
    EXPECT_EQ(transfer.sink.bytes, file);
    EXPECT_EQ(transfer.delivered, lacking);
}

TEST(FileTransfer, asksForSeveralGapsAtOnceButNotForAll) {
    Held held;
    for (std::uint64_t at = 0; at < 100; at += 10) held.missing.push_back({at, at + 5});
    FileReceiver receiver(kWholeTransfer, 100, held);
    std::size_t asked = 0;
    while (const auto action = receiver.nextAction())
        asked += std::holds_alternative<FileReceiver::Send>(*action);
    EXPECT_GT(asked, 1U);
    EXPECT_LE(asked, limits::kFileRequestsWaiting);
    EXPECT_TRUE(receiver.receive(wire::FileChunk{0, Bytes(5)}));
    EXPECT_FALSE(receiver.receive(wire::FileChunk{20, Bytes(5)}));  // the one after the next
    EXPECT_TRUE(receiver.receive(wire::FileChunk{10, Bytes(5)}));
}

TEST(FileTransfer, isSoundOnceWhatDifferedIsThereAnew) {
    FileReceiver receiver(kWholeTransfer, 100, {{{0, 50}}, {{50, 100}}});
    receiver.digested(std::vector<ChunkDigest>(1));
    EXPECT_FALSE(receiver.unsound().empty());
    ASSERT_TRUE(receiver.receive(wire::FileChecked{0, {0}}));
    EXPECT_FALSE(receiver.unsound().empty());
    ASSERT_TRUE(receiver.receive(wire::FileChunk{0, Bytes(50)}));
    EXPECT_FALSE(receiver.unsound().empty());
    receiver.written({});
    EXPECT_TRUE(receiver.unsound().empty());
    EXPECT_TRUE(receiver.needsPeer());
    EXPECT_EQ(receiver.bytesWritten(), 50U);
}

TEST(FileTransfer, comparesLittleFirstAndNothingTwice) {
    const std::uint64_t size = 20 * limits::kFileChunk;
    FileReceiver receiver(kWholeTransfer, size, {{{0, size}}, {}});
    std::vector<Range> asked;
    const auto digests = [&] {
        while (const auto action = receiver.nextAction())
            if (const auto* wanted = std::get_if<FileReceiver::Digest>(&*action)) {
                asked.push_back(wanted->range);
                receiver.digested(std::vector<ChunkDigest>(wanted->range.size() / limits::kFileChunk));
            }
    };
    digests();
    ASSERT_GE(asked.size(), 2U);
    EXPECT_EQ(asked.front(), (Range{0, limits::kFileChunk}));
    for (const Range& range : asked) EXPECT_LE(range.size(), 8 * limits::kFileChunk);
    ASSERT_TRUE(receiver.receive(wire::FileChecked{0, {1}}));
    EXPECT_EQ(receiver.bytesWritten(), limits::kFileChunk);
    ASSERT_TRUE(receiver.receive(wire::FileChecked{limits::kFileChunk, {0b0110}}));
    receiver.interrupted();
    // The next connection compares the rest only.
    const std::vector<Range> left{{limits::kFileChunk, 2 * limits::kFileChunk},
                                  {4 * limits::kFileChunk, size}};
    EXPECT_EQ(receiver.unsound().within({{0, size}}), left);
}

TEST(FileTransfer, asksAnOldProgramOnceForAllThatIsNotKnownToBeRight) {
    const struct {
        Held held;
        Range asked;
    } cases[] = {
        {{{}, {{0, 100}}}, {0, 100}},
        {{{{0, 50}}, {{50, 100}}}, {0, 100}},
        {{{{20, 50}}, {{60, 70}, {80, 90}}}, {20, 100}},
        {{{{60, 70}}, {{20, 50}}}, {20, 100}},
        {{{}, {{60, 70}, {80, 90}}}, {60, 100}},
    };
    for (const auto& one : cases) {
        FileReceiver receiver(kWholeTransfer, 100, one.held);
        receiver.askPlainly();
        const auto action = receiver.nextAction();
        const auto& request =
            std::get<wire::FileRequest>(std::get<FileReceiver::Send>(action.value()).message);
        EXPECT_EQ((Range{request.offset, request.offset + request.length}), one.asked);
        EXPECT_FALSE(receiver.nextAction());
        ASSERT_TRUE(receiver.receive(wire::FileChunk{request.offset, Bytes(request.length)}));
        ASSERT_TRUE(std::holds_alternative<FileReceiver::Write>(receiver.nextAction().value()));
        receiver.written({});
        EXPECT_TRUE(receiver.unsound().empty());
        EXPECT_TRUE(std::holds_alternative<FileReceiver::Finish>(receiver.nextAction().value()));
    }
    FileReceiver whole(kWholeTransfer, 100, {});
    whole.askPlainly();
    EXPECT_TRUE(std::holds_alternative<FileReceiver::Finish>(whole.nextAction().value()));
}

TEST(FileTransfer, skipsCountAgainstTheWindow) {
    FileReceiver receiver(kWholeTransfer, 1 << 20, missing(1 << 20));
    std::uint64_t at = 0;
    for (; receiver.bytesWaiting() <= limits::kFileWindow; ++at)
        ASSERT_TRUE(receiver.receive(wire::FileSkip{at, 1, {}}));
    EXPECT_LE(at, 10'000U);
    for (; at > 0; --at) receiver.written({});
    EXPECT_EQ(receiver.bytesWaiting(), 0U);
}

}  // namespace
}  // namespace landline::transfer
