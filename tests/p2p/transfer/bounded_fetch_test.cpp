// A fetch that may not ask for as much as it likes, nor keep it, and a sender whose frames are bounded.

#include "p2p/base/limits.h"
#include "p2p/transfer/file_receiver.h"
#include "p2p/transfer/file_sender.h"

#include <gtest/gtest.h>

namespace landline::transfer {

namespace {

constexpr std::uint64_t kKiB = 1024;
const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 7));

std::vector<Range> askedNow(FileReceiver& receiver) {
    std::vector<Range> asked;
    while (const auto action = receiver.nextAction())
        if (const auto* send = std::get_if<FileReceiver::Send>(&*action))
            if (const auto* request = std::get_if<wire::FileRequest>(&send->message))
                asked.push_back({request->offset, request->offset + request->length});
    return asked;
}

}  // namespace

TEST(BoundedFetch, asksForNoMoreThanIsAllowed) {
    FileReceiver receiver(kTransfer, 1000 * kKiB, Held{{}, {{0, 1000 * kKiB}}}, false, 0);
    EXPECT_TRUE(askedNow(receiver).empty());
    EXPECT_TRUE(receiver.isHeldBack());
    EXPECT_FALSE(receiver.awaitsPeer());
    receiver.allow(100 * kKiB);
    EXPECT_EQ(askedNow(receiver), (std::vector<Range>{{0, 100 * kKiB}}));
    EXPECT_TRUE(receiver.awaitsPeer());
    EXPECT_EQ(receiver.bytesAsked(), 100 * kKiB);
    EXPECT_TRUE(receiver.isHeldBack());
    EXPECT_TRUE(receiver.receive(wire::FileChunk{0, Bytes(60 * kKiB)}));
    EXPECT_EQ(receiver.bytesAsked(), 40 * kKiB);
    EXPECT_TRUE(receiver.receive(wire::FileChunk{60 * kKiB, Bytes(40 * kKiB)}));
    EXPECT_TRUE(askedNow(receiver).empty());
    EXPECT_FALSE(receiver.awaitsPeer());
    // More than was asked for is no more welcome than without a bound.
    EXPECT_FALSE(receiver.receive(wire::FileChunk{100 * kKiB, Bytes(1)}));
}

TEST(BoundedFetch, whatDidNotComeCanBeTakenBack) {
    FileReceiver receiver(kTransfer, 1000 * kKiB, Held{{}, {{0, 1000 * kKiB}}}, false, 100 * kKiB);
    EXPECT_EQ(askedNow(receiver).size(), 1U);
    EXPECT_TRUE(receiver.receive(wire::FileChunk{0, Bytes(30 * kKiB)}));
    EXPECT_EQ(receiver.takeBack(), 70 * kKiB);

    FileReceiver small(kTransfer, 10 * kKiB, Held{{}, {{0, 10 * kKiB}}}, false, 100 * kKiB);
    EXPECT_EQ(askedNow(small).size(), 1U);
    EXPECT_TRUE(small.receive(wire::FileChunk{0, Bytes(10 * kKiB)}));
    EXPECT_EQ(small.takeBack(), 90 * kKiB);
    EXPECT_EQ(small.takeBack(), 0U);

    FileReceiver unbounded(kTransfer, 10 * kKiB, Held{{}, {{0, 10 * kKiB}}});
    EXPECT_EQ(askedNow(unbounded).size(), 1U);
    EXPECT_EQ(unbounded.takeBack(), 0U);
}

TEST(BoundedFetch, aBoundCanBeLiftedAndSet) {
    FileReceiver receiver(kTransfer, 1000 * kKiB, Held{{}, {{0, 1000 * kKiB}}}, false, 10 * kKiB);
    EXPECT_EQ(askedNow(receiver).size(), 1U);
    receiver.allow(FileReceiver::kNoBound);
    EXPECT_EQ(askedNow(receiver), (std::vector<Range>{{10 * kKiB, 1000 * kKiB}}));
    EXPECT_FALSE(receiver.isHeldBack());

    FileReceiver gaps(kTransfer, 1000 * kKiB,
                      Held{{},
                           {{0, 10 * kKiB},
                            {20 * kKiB, 30 * kKiB},
                            {40 * kKiB, 50 * kKiB},
                            {60 * kKiB, 70 * kKiB},
                            {80 * kKiB, 90 * kKiB}}});
    EXPECT_EQ(askedNow(gaps).size(), 4U);
    gaps.allow(0);
    for (const std::uint64_t at : {0U, 20U, 40U, 60U})
        EXPECT_TRUE(gaps.receive(wire::FileChunk{at * kKiB, Bytes(10 * kKiB)}));
    EXPECT_TRUE(askedNow(gaps).empty());
    EXPECT_TRUE(gaps.isHeldBack());
    gaps.allow(4 * kKiB);
    EXPECT_EQ(askedNow(gaps), (std::vector<Range>{{80 * kKiB, 84 * kKiB}}));
}

TEST(BoundedFetch, whatIsAllowedReachesOverGaps) {
    FileReceiver receiver(kTransfer, 300 * kKiB, Held{{}, {{0, 100 * kKiB}, {200 * kKiB, 300 * kKiB}}}, false,
                          0);
    receiver.allow(150 * kKiB);
    EXPECT_EQ(askedNow(receiver), (std::vector<Range>{{0, 100 * kKiB}, {200 * kKiB, 250 * kKiB}}));
}

TEST(BoundedFetch, keepsFewRequestsOnTheirWay) {
    FileReceiver receiver(kTransfer, 1000 * kKiB, Held{{}, {{0, 1000 * kKiB}}}, false, 0);
    std::size_t asked = 0;
    while (receiver.isHeldBack()) {
        receiver.allow(16 * kKiB);
        asked += askedNow(receiver).size();
    }
    EXPECT_EQ(asked, 4U);
    EXPECT_TRUE(receiver.receive(wire::FileChunk{0, Bytes(16 * kKiB)}));
    EXPECT_TRUE(receiver.isHeldBack());
}

TEST(BoundedFetch, whatComesSlowlyIsWrittenAllTheSame) {
    FileReceiver receiver(kTransfer, 1000 * kKiB, Held{{}, {{0, 1000 * kKiB}}});
    EXPECT_EQ(askedNow(receiver).size(), 1U);
    receiver.writeGathered();
    EXPECT_FALSE(receiver.nextAction());
    EXPECT_TRUE(receiver.receive(wire::FileChunk{0, Bytes(100)}));
    EXPECT_FALSE(receiver.nextAction());
    receiver.writeGathered();
    const auto action = receiver.nextAction();
    ASSERT_TRUE(action && std::holds_alternative<FileReceiver::Write>(*action));
    EXPECT_EQ(std::get<FileReceiver::Write>(*action).size(), 100U);
    receiver.written({});
    EXPECT_EQ(receiver.bytesWritten(), 100U);
    EXPECT_TRUE(receiver.receive(wire::FileChunk{100, Bytes(100)}));
}

TEST(BoundedFetch, aSendersFramesAreAsSmallAsTold) {
    FileSender sender(wire::FileRequest{kTransfer, 0, 100 * kKiB}, 100 * kKiB);
    sender.setWritable(true);
    std::vector<std::size_t> frames;
    for (std::size_t most : {std::size_t(4 * kKiB), std::size_t(1), std::size_t(10 * limits::kFileFrame)}) {
        sender.setFrame(most);
        while (const auto action = sender.nextAction()) {
            if (const auto* read = std::get_if<FileSender::Read>(&*action)) {
                std::vector<Piece> pieces(1);
                pieces.front().data = Bytes(read->length);
                sender.chunkRead(std::move(pieces));
                continue;
            }
            const auto* const send = std::get_if<FileSender::SendChunk>(&*action);
            ASSERT_TRUE(send);
            frames.push_back(send->data.size);
            break;
        }
    }
    EXPECT_EQ(frames, (std::vector<std::size_t>{4 * kKiB, 1, limits::kFileFrame}));
}

TEST(BoundedFetch, theWholeOfSharedBuffersCountsAgainstTheWindow) {
    constexpr std::size_t kBuffer = 64 * 1024;
    constexpr std::uint64_t kSize = 1024 * kBuffer;
    FileReceiver receiver(kTransfer, kSize, Held{{}, {{0, kSize}}});
    std::uint64_t at = 0;
    std::size_t buffers = 0;
    std::size_t writes = 0;
    const auto countWrites = [&] {
        while (const auto action = receiver.nextAction())
            if (std::holds_alternative<FileReceiver::Write>(*action)) ++writes;
    };
    for (; receiver.bytesWaiting() <= limits::kFileWindow; ++buffers, at += limits::kLeastShared)
        ASSERT_TRUE(receiver.receiveChunk(at, {std::make_shared<Bytes>(kBuffer), 10, limits::kLeastShared}));
    EXPECT_LE(buffers * kBuffer, limits::kFileWindow + kBuffer);
    // Small ones are copied to one that grows.
    for (int i = 0; i < 1000; ++i, ++at)
        ASSERT_TRUE(receiver.receiveChunk(at, {std::make_shared<Bytes>(kBuffer), 10, 1}));
    EXPECT_LT(receiver.bytesWaiting(), limits::kFileWindow + kBuffer + 4 * 1000);
    receiver.writeGathered();
    countWrites();
    for (; writes > 0; --writes) receiver.written({});
    EXPECT_EQ(receiver.bytesWaiting(), 0U);
    EXPECT_EQ(receiver.bytesWritten(), at);
}

TEST(BoundedFetch, framesThatCameTogetherCountTheirBufferOnceForAWrite) {
    constexpr std::size_t kBuffer = limits::kBulkRead;
    constexpr std::size_t kFrame = limits::kFileFrame;
    FileReceiver receiver(kTransfer, 1024 * kBuffer, Held{{}, {{0, 1024 * kBuffer}}});
    std::uint64_t at = 0;
    const auto receive = [&](const std::shared_ptr<Bytes>& owner, std::size_t bytes) {
        ASSERT_TRUE(receiver.receiveChunk(at, {owner, 0, bytes}));
        at += bytes;
    };
    const auto first = std::make_shared<Bytes>(kBuffer);
    for (int i = 0; i < 2; ++i) receive(first, kFrame);
    EXPECT_EQ(receiver.bytesWaiting(), kBuffer);
    // A short one is copied, and the next is still of the same.
    receive(first, 1);
    receive(first, kFrame);
    EXPECT_LE(receiver.bytesWaiting(), kBuffer + 64);
    // Where a write ends amid a buffer it is the next one's, too: it stays until that is done.
    receiver.writeGathered();
    receive(first, kFrame);
    EXPECT_GE(receiver.bytesWaiting(), 2 * kBuffer);
    receiver.writeGathered();
    receiver.written({});
    EXPECT_EQ(receiver.bytesWaiting(), kBuffer);
    receiver.written({});
    EXPECT_EQ(receiver.bytesWaiting(), 0U);
    // Others' are others.
    for (int i = 0; i < 3; ++i) receive(std::make_shared<Bytes>(kBuffer), kFrame);
    EXPECT_EQ(receiver.bytesWaiting(), 3 * kBuffer);
}

}  // namespace landline::transfer
