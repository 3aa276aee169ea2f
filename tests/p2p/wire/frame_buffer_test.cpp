#include "p2p/wire/frame_buffer.h"

#include "p2p/wire/preface.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <set>

namespace landline::wire {
namespace {

Bytes framed(const Bytes& body) {
    Bytes out;
    appendFrameHeader(out, body.size());
    append(out, body);
    return out;
}

TEST(FrameBuffer, findsFramesInAnyCut) {
    test::SeededRandom random(3);
    Bytes stream;
    std::vector<Bytes> bodies;
    for (int i = 0; i < 50; ++i) {
        Bytes body(1 + random.below(300));
        random.fill(body);
        append(stream, framed(body));
        bodies.push_back(body);
    }
    FrameBuffer buffer;
    std::vector<Bytes> found;
    for (std::size_t at = 0; at < stream.size();) {
        const std::size_t length = std::min<std::size_t>(1 + random.below(97), stream.size() - at);
        buffer.feed(ByteView(stream).subspan(at, length));
        at += length;
        for (;;) {
            const auto frame = buffer.next(1000);
            ASSERT_TRUE(frame);
            if (!*frame) break;
            found.push_back(toBytes(**frame));
        }
    }
    EXPECT_EQ(found, bodies);
    EXPECT_EQ(buffer.buffered(), 0U);
}

TEST(FrameBuffer, keepsThePartsThatAreShared) {
    test::SeededRandom random(4);
    Bytes stream;
    std::vector<Bytes> bodies;
    for (int i = 0; i < 200; ++i) {
        bodies.emplace_back(1 + random.below(random.below(2) == 0 ? 50'000 : 40));
        random.fill(bodies.back());
        append(stream, framed(bodies.back()));
    }
    for (const std::size_t readAtOnce : {std::size_t(0), std::size_t(99'000), std::size_t(256 * 1024)}) {
        BytePool pool(4);
        FrameBuffer buffer(&pool);
        std::size_t found = 0;
        // Some are let go of at once and some late, so that their memory is used again behind those that stay.
        std::vector<std::pair<std::size_t, SharedSlice>> kept;
        const auto letGo = [&](std::size_t which) {
            const auto& [body, part] = kept[which];
            EXPECT_EQ(toBytes(part.view()), bodies[body]) << body;
            std::fill(part.span().begin(), part.span().end(), std::uint8_t(0xee));
            kept.erase(kept.begin() + std::ptrdiff_t(which));
        };
        constexpr std::size_t kLimit = FrameBuffer::kHeaderBytes + 50'000;
        const std::size_t most = std::max(kLimit, readAtOnce);
        for (std::size_t at = 0; at < stream.size();) {
            const std::span<std::uint8_t> room = buffer.room(most);
            ASSERT_FALSE(room.empty());
            ASSERT_LE(buffer.buffered() + room.size(), most);
            const std::size_t come = random.below(3) == 0 ? room.size() : 1 + random.below(30'000);
            const std::size_t count = std::min({come, room.size(), stream.size() - at});
            std::copy_n(stream.begin() + std::ptrdiff_t(at), count, room.begin());
            buffer.filled(count);
            at += count;
            while (const auto frame = buffer.next(kLimit).value()) {
                kept.emplace_back(found++, buffer.share(*frame));
                while (!kept.empty() && random.below(2) == 0) letGo(random.below(kept.size()));
            }
        }
        ASSERT_EQ(found, bodies.size());
        while (!kept.empty()) letGo(0);
        buffer.trim();
        EXPECT_FALSE(pool.take().empty()) << "none came back";
    }
}

TEST(FrameBuffer, readsSeveralAtOnceBehindALongOne) {
    constexpr std::size_t kMost = 256 * 1024;
    const Bytes frame = framed(Bytes(60'000, 7));
    FrameBuffer buffer;
    EXPECT_LE(buffer.room(kMost).size(), 16U * 1024) << "nothing is known of what comes";
    buffer.feed(frame);
    ASSERT_TRUE(buffer.next(60'000).value());
    EXPECT_EQ(buffer.room(kMost).size(), 4 * frame.size()) << "up to where one ends";
    EXPECT_EQ(buffer.room(frame.size()).size(), frame.size());
    // Of one that is under way the rest, too.
    buffer.feed(ByteView(frame).first(1000));
    EXPECT_EQ(buffer.room(kMost).size(), 4 * frame.size() - 1000);
    buffer.feed(ByteView(frame).subspan(1000));
    ASSERT_TRUE(buffer.next(60'000).value());
    buffer.feed(framed(Bytes(10)));
    ASSERT_TRUE(buffer.next(60'000).value());
    EXPECT_LE(buffer.room(kMost).size(), 16U * 1024) << "behind a short one";
}

TEST(FrameBuffer, thoseThatFollowShareTheBlockAsLongAsTheyFit) {
    constexpr std::size_t kMost = 256 * 1024;
    const Bytes frame = framed(Bytes(60'000, 7));
    BytePool pool(9);
    FrameBuffer buffer(&pool);
    std::vector<SharedSlice> parts;
    // They come slowly, each with a call of its own.
    while (parts.size() < 9) {
        for (std::size_t at = 0; at < frame.size();) {
            const std::span<std::uint8_t> room = buffer.room(kMost);
            const std::size_t count = std::min({room.size(), frame.size() - at, std::size_t(25'000)});
            std::copy_n(frame.begin() + std::ptrdiff_t(at), count, room.begin());
            buffer.filled(count);
            at += count;
            if (const auto body = buffer.next(60'000).value()) parts.push_back(buffer.share(*body));
        }
    }
    std::set<const Bytes*> blocks;
    for (const SharedSlice& part : parts) {
        blocks.insert(part.owner.get());
        EXPECT_EQ(toBytes(part.view()), Bytes(60'000, 7));
    }
    EXPECT_EQ(blocks.size(), 3U);
    parts.clear();
    EXPECT_EQ(buffer.buffered(), 0U);
    buffer.trim();
    std::size_t kept = 0;
    while (!pool.take().empty()) ++kept;
    EXPECT_EQ(kept, 3U) << "an empty one keeps none";
}

TEST(FrameBuffer, refusesFrameOverLimitAtItsHeader) {
    FrameBuffer buffer;
    buffer.feed(Bytes{0x04, 0x01});  // announces 1025 bytes, none of which came yet
    const auto frame = buffer.next(1024);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::TooLarge);
}

TEST(FrameBuffer, refusesEmptyFrame) {
    FrameBuffer buffer;
    buffer.feed(Bytes{0, 0});
    EXPECT_EQ(buffer.next(10).error().code, ErrorCode::Malformed);
}

TEST(Preface, comesBackAndRefusesForeignMagic) {
    const Preface preface{kMajorVersion, Purpose::Bulk, Suite::AesGcm};
    const auto bytes = preface.encode();
    EXPECT_EQ(Preface::parse(bytes).value(), preface);
    auto foreign = bytes;
    foreign[0] = 'G';
    EXPECT_FALSE(Preface::parse(foreign));
    EXPECT_FALSE(Preface::parse(ByteView(bytes).first(7)));
}

}  // namespace
}  // namespace landline::wire
