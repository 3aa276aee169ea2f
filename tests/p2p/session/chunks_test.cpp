#include "p2p/session/outgoing_buffer.h"
#include "tests/p2p/session/session_fixture.h"

#include "p2p/noise/aead.h"

namespace landline::session {
namespace {

using test::SessionPair;
using test::TestParty;

class ChunksTest : public SessionTest, public ::testing::WithParamInterface<wire::Suite> {
protected:
    void SetUp() override {
        if (GetParam() == wire::Suite::AesGcm && !noise::aesGcmAvailable())
            GTEST_SKIP() << "no AES instructions";
        m_ada.local.hasAes = m_bo.local.hasAes = true;
    }
    [[nodiscard]] test::PairOptions bulk() const {
        return {.purpose = wire::Purpose::Bulk, .suite = GetParam(), .transfer = wire::TransferId{}};
    }
};

TEST_P(ChunksTest, comeInOrderAmongMessagesUnderAnyFragmentation) {
    // So that keys change between them.
    m_ada.local.rekeyBytes = 100'000;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        test::SeededRandom random(seed);
        auto options = bulk();
        options.longestFragment = 1 + random.below(300'000);
        options.seed = seed;
        SessionPair pair(m_ada, m_bo, options);
        pair.exchange();
        ASSERT_TRUE(pair.bothOpen());
        std::vector<wire::Message> sent;
        for (int i = 0; i < 40; ++i) {
            if (random.below(3) == 0) {
                sent.emplace_back(wire::FileSkip{random.next64(), 1 + random.below(1000), {}});
                pair.send(Role::Dialler, sent.back());
            } else {
                Bytes file(1 + random.below(2) * limits::kFileFrame + random.below(1000));
                random.fill(file);
                const std::uint64_t offset = random.next64() >> random.below(64);
                // Two chunks of one buffer, as one read of the disk gives.
                const std::size_t cut =
                    std::min<std::size_t>(file.size(), 1 + random.below(limits::kFileFrame));
                const auto owner = std::make_shared<Bytes>(file);
                for (const auto& [at, end] : {std::pair(std::size_t(0), cut), std::pair(cut, file.size())}) {
                    if (at == end) continue;
                    sent.emplace_back(
                        wire::FileChunk{offset + at, toBytes(ByteView(file).subspan(at, end - at))});
                    pair.dialler().sendChunk(offset + at, {owner, at, end - at}, pair.now());
                }
            }
            for (auto rounds = random.below(4); rounds > 0; --rounds) pair.carry(Role::Dialler);
        }
        pair.exchange();
        EXPECT_EQ(pair.received(Role::Responder), sent) << "seed " << seed;
        EXPECT_TRUE(pair.bothOpen());
    }
}

TEST_P(ChunksTest, areTheSameOnTheWireAsTheMessage) {
    Bytes written[2];
    for (const bool asChunk : {false, true}) {
        // The same keys each time.
        TestParty ada(1, "Ada");
        TestParty bo(2, "Bo");
        ada.local.hasAes = bo.local.hasAes = true;
        SessionPair pair(ada, bo, bulk());
        pair.exchange();
        pair.wire = [&](Role, const Bytes& bytes) { append(written[asChunk], bytes); };
        for (const std::uint64_t offset : {std::uint64_t(0), std::uint64_t(127), std::uint64_t(1) << 40}) {
            const Bytes data(1000, static_cast<std::uint8_t>(offset));
            if (asChunk)
                pair.dialler().sendChunk(offset, SharedSlice::of(data), pair.now());
            else
                pair.send(Role::Dialler, wire::FileChunk{offset, data});
        }
        pair.exchange();
        EXPECT_EQ(pair.received(Role::Responder).size(), 3U);
    }
    EXPECT_EQ(toHex(written[0]), toHex(written[1]));
}

TEST_P(ChunksTest, pushBackOnceEnoughWaits) {
    SessionPair pair(m_ada, m_bo, bulk());
    pair.exchange();
    std::size_t chunks = 0;
    while (pair.dialler().canSend() && chunks < 1000) {
        pair.dialler().sendChunk(0, SharedSlice::of(Bytes(limits::kFileFrame)), pair.now());
        ++chunks;
    }
    EXPECT_EQ(chunks, limits::kBulkOutgoing / limits::kFileFrame + 1);
    EXPECT_TRUE(pair.carry(Role::Dialler, 2));
    pair.exchange();
    EXPECT_TRUE(pair.dialler().canSend());
    EXPECT_EQ(pair.received(Role::Responder).size(), chunks);
}

TEST_P(ChunksTest, keepTheBufferInWhichTheyCameOnlyWhereTheyFillMostOfIt) {
    SessionPair pair(m_ada, m_bo, bulk());
    pair.exchange();
    // After a long frame as much is read at once as fits: many of the short ones.
    constexpr std::size_t kShort = 2000;
    pair.dialler().sendChunk(0, SharedSlice::of(Bytes(limits::kFileFrame)), pair.now());
    for (std::size_t i = 0; i < kShort; ++i)
        pair.dialler().sendChunk(i, SharedSlice::of(Bytes(1 + i % 20, 7)), pair.now());
    Bytes stream;
    while (!pair.dialler().outgoing().empty()) {
        append(stream, pair.dialler().outgoing());
        pair.dialler().consumeOutgoing(pair.dialler().outgoing().size());
    }
    pair.responder().receive(stream, pair.now());
    std::vector<ReceivedChunk> chunks;
    while (auto event = pair.responder().nextEvent())
        chunks.push_back(std::move(std::get<ReceivedChunk>(*event)));
    ASSERT_EQ(chunks.size(), 1 + kShort);
    EXPECT_GT(chunks.front().data.owner->size(), limits::kFileFrame) << "a copy of a long one";
    for (std::size_t i = 0; i < kShort; ++i) {
        const SharedSlice& data = chunks[1 + i].data;
        ASSERT_EQ(toBytes(data.view()), Bytes(1 + i % 20, 7));
        ASSERT_LE(data.owner->capacity(), 64U) << "a short one keeps the whole buffer";
    }
}

TEST_P(ChunksTest, thatCameTogetherShareTheirBuffer) {
    SessionPair pair(m_ada, m_bo, bulk());
    pair.exchange();
    constexpr std::size_t kChunks = 9;
    for (std::size_t i = 0; i < kChunks; ++i)
        pair.dialler().sendChunk(i * limits::kFileFrame,
                                 SharedSlice::of(Bytes(limits::kFileFrame, std::uint8_t(i))), pair.now());
    Bytes stream;
    while (!pair.dialler().outgoing().empty()) {
        append(stream, pair.dialler().outgoing());
        pair.dialler().consumeOutgoing(pair.dialler().outgoing().size());
    }
    std::size_t reads = 0;
    std::vector<ReceivedChunk> chunks;
    for (std::size_t at = 0; at < stream.size(); ++reads) {
        const std::span<std::uint8_t> room = pair.responder().room();
        ASSERT_LE(room.size(), limits::kBulkRead);
        const std::size_t count = std::min(room.size(), stream.size() - at);
        std::copy_n(stream.begin() + std::ptrdiff_t(at), count, room.begin());
        pair.responder().received(count, pair.now());
        at += count;
        while (auto event = pair.responder().nextEvent())
            chunks.push_back(std::move(std::get<ReceivedChunk>(*event)));
    }
    ASSERT_EQ(chunks.size(), kChunks);
    std::size_t buffers = 1;
    for (std::size_t i = 0; i < kChunks; ++i) {
        EXPECT_EQ(toBytes(chunks[i].data.view()), Bytes(limits::kFileFrame, std::uint8_t(i)));
        if (i > 0 && chunks[i].data.owner != chunks[i - 1].data.owner) ++buffers;
        EXPECT_LE(chunks[i].data.owner->capacity(), limits::kBulkRead);
    }
    EXPECT_EQ(buffers, 3U);
    EXPECT_LE(reads, 5U);
}

TEST_P(ChunksTest, onlyBulkSessionsReadMoreThanAFrameAtOnce) {
    for (const bool isBulk : {true, false}) {
        SessionPair pair(m_ada, m_bo, isBulk ? bulk() : test::PairOptions{});
        while (!pair.responder().isOpen()) {
            EXPECT_LE(pair.responder().room().size(), limits::kHandshakeFrame + 2);
            ASSERT_TRUE(pair.carry(Role::Dialler) | pair.carry(Role::Responder));
        }
        pair.exchange();
        ASSERT_TRUE(pair.bothOpen());
        EXPECT_LE(pair.responder().room().size(),
                  isBulk ? limits::kBulkRead : limits::kNoiseMessage + wire::FrameBuffer::kHeaderBytes);
    }
}

TEST_P(ChunksTest, thatWereChangedEndTheSession) {
    SessionPair pair(m_ada, m_bo, bulk());
    pair.exchange();
    std::size_t pieces = 0;
    // Header, data and tag leave in three pieces: the tag is changed.
    pair.wire = [&](Role, Bytes& bytes) {
        if (++pieces == 3) bytes.back() ^= 1;
    };
    pair.dialler().sendChunk(0, SharedSlice::of(Bytes(limits::kFileFrame)), pair.now());
    pair.exchange();
    EXPECT_TRUE(pair.received(Role::Responder).empty());
    ASSERT_TRUE(pair.ended(Role::Responder) && pair.ended(Role::Responder)->error);
    EXPECT_EQ(pair.ended(Role::Responder)->error->code, ErrorCode::BadSignature);
}

INSTANTIATE_TEST_SUITE_P(BothSuites, ChunksTest,
                         ::testing::Values(wire::Suite::ChaChaPoly, wire::Suite::AesGcm),
                         [](const auto& one) {
                             return std::string(one.param == wire::Suite::AesGcm ? "AesGcm" : "ChaChaPoly");
                         });

TEST(OutgoingBuffer, givesWhatWasPutInOrderHoweverItIsTaken) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        test::SeededRandom random(seed);
        OutgoingBuffer buffer;
        Bytes put;
        Bytes taken;
        for (int i = 0; i < 400; ++i) {
            Bytes some(1 + random.below(4000));
            random.fill(some);
            Bytes& tail = buffer.tail();
            append(tail, some);
            append(put, some);
            if (random.below(2) == 0) {
                Bytes data(1 + random.below(9000));
                random.fill(data);
                append(put, data);
                const std::size_t at = tail.size();
                append(tail, Bytes(16, 7));
                append(put, Bytes(16, 7));
                buffer.insertSlice(at, SharedSlice::of(std::move(data)));
            }
            ASSERT_EQ(buffer.size(), put.size() - taken.size());
            std::array<ByteView, 5> parts;
            Bytes seen;
            for (std::size_t n = buffer.parts(parts), p = 0; p < n; ++p) append(seen, parts[p]);
            const std::size_t count = std::min<std::size_t>(seen.size(), random.below(12'000));
            append(taken, ByteView(seen).first(count));
            buffer.consume(count);
        }
        while (buffer.size() != 0) {
            const Bytes first = toBytes(buffer.view());
            append(taken, first);
            buffer.consume(first.size());
        }
        EXPECT_EQ(taken, put) << "seed " << seed;
    }
}

TEST(BytePool, givesABufferAgainOnceNobodyHasIt) {
    BytePool pool(1);
    Bytes buffer(1000);
    const std::uint8_t* const memory = buffer.data();
    auto first = pool.share(std::move(buffer));
    auto second = first;
    first.reset();
    EXPECT_TRUE(pool.take().empty());
    second.reset();
    Bytes again = pool.take();
    EXPECT_EQ(again.data(), memory);
    EXPECT_EQ(again.size(), 1000U);
    // Of two that come back it keeps one.
    (void)pool.share(std::move(again));
    (void)pool.share(Bytes(10));
    EXPECT_FALSE(pool.take().empty());
    EXPECT_TRUE(pool.take().empty());
}

TEST(BytePool, keepsNothingOnceItIsClearedUntilOneIsTaken) {
    BytePool pool(2);
    auto inUse = pool.share(Bytes(10));
    pool.giveBack(Bytes(10));
    pool.clear();
    inUse.reset();
    pool.giveBack(Bytes(10));
    EXPECT_TRUE(pool.take().empty());
    pool.giveBack(Bytes(10));
    EXPECT_FALSE(pool.take().empty());
}

TEST(BytePool, mayGoBeforeWhatItShared) {
    std::shared_ptr<Bytes> left;
    {
        BytePool pool(1);
        left = pool.share(Bytes(10, 3));
    }
    EXPECT_EQ(*left, Bytes(10, 3));
}

}  // namespace
}  // namespace landline::session
