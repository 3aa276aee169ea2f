#include "app/storage/file_io.h"
#include "app/storage/part_files.h"
#include "p2p/base/limits.h"
#include "tests/app/storage/bundle_fixture.h"
#include "tests/support/seeded_random.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <climits>
#include <deque>
#include <functional>

namespace {

/// What the system does at one of the next writes.
struct Step {
    int error = 0;                 ///< it fails with this (errno), or
    std::size_t most = SIZE_MAX;   ///< it takes so many bytes
    std::function<void()> before;  ///< somebody else does this first
};

std::deque<Step> g_steps;
std::vector<std::string> g_calls;

/// The front of `parts`, with `most` bytes.
std::vector<iovec> frontOf(const iovec* parts, int count, std::size_t most) {
    std::vector<iovec> front;
    for (int i = 0; i < count && most > 0; ++i) {
        front.push_back({parts[i].iov_base, std::min(parts[i].iov_len, most)});
        most -= front.back().iov_len;
    }
    return front;
}

}  // namespace

// In the place of the system's own, for this program.
extern "C" ssize_t pwritev(int file, const iovec* parts, int count, off_t offset) {
    Step step;
    if (!g_steps.empty()) {
        step = std::move(g_steps.front());
        g_steps.pop_front();
    }
    g_calls.emplace_back("write");
    if (step.before) step.before();
    if (step.error != 0) {
        errno = step.error;
        return -1;
    }
    const std::vector<iovec> front = frontOf(parts, count, step.most);
    return syscall(SYS_pwritev, file, front.data(), front.size(), offset, 0L);
}

extern "C" int fsync(int file) {
    g_calls.emplace_back("sync");
    return static_cast<int>(syscall(SYS_fsync, file));
}

extern "C" int renameat2(int fromFolder, const char* from, int toFolder, const char* to,
                         unsigned int flags) noexcept {
    g_calls.emplace_back("rename");
    return static_cast<int>(syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}

namespace landline::app::test {

/// Frames that came one after another are written together, whatever the disk does in between.
class PartWriteTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        const QString id = QString::number(++m_made);
        m_part = partPath(m_folder.path(), QStringLiteral("a"), id);
        m_sink = FileSink::open(m_folder.path(), QStringLiteral("a"), id, kSize).value();
        g_steps.clear();
        g_calls.clear();
    }

    void framesThatAdjoinGoWithOneCall() {
        const Frames frames(17, limits::kFileFrame);
        QVERIFY(frames.writeTo(*m_sink));
        QCOMPARE(g_calls, std::vector<std::string>{"write"});
        QVERIFY(get(m_part) == frames.whole());
    }

    void moreThanTheSystemTakesAtOnceGoAllTheSame() {
        const Frames frames(2 * IOV_MAX + 5, 3);
        QVERIFY(frames.writeTo(*m_sink));
        QCOMPARE(g_calls.size(), std::size_t(3));
        QVERIFY(get(m_part) == frames.whole());
    }

    void goesOnBehindWhatTheSystemTook() {
        const Frames frames(5, 1000);
        // Within a frame, where one ends, across several, after none at all.
        g_steps = {{EINTR, 0, {}}, {0, 1, {}}, {0, 999, {}}, {0, 2500, {}}, {EINTR, 0, {}}, {0, 500, {}}};
        QVERIFY(frames.writeTo(*m_sink));
        QCOMPARE(g_calls.size(), std::size_t(7));
        QVERIFY(get(m_part) == frames.whole());
    }

    void framesBehindAGapAreRefused() {
        const Frames frames(3, 100);
        QVERIFY(frames.writeTo(*m_sink));
        QCOMPARE(frames.writeTo(*m_sink, 301).error().code, ErrorCode::Disk);
        QCOMPARE(g_calls.size(), std::size_t(1));
        QVERIFY(frames.writeTo(*m_sink, 300));
        QVERIFY(frames.writeTo(*m_sink, 150));  // over what is there
        QCOMPARE(get(m_part).size(), 600);
    }

    void aDiskThatIsFullAmidThemIsToldAndGoneOnFrom() {
        const Frames frames(5, 1000);
        g_steps = {{0, 1700, {}}, {ENOSPC, 0, {}}};
        const auto full = frames.writeTo(*m_sink);
        QCOMPARE(full.error().code, ErrorCode::Full);
        QVERIFY(full.error().text.find("goes on by itself") != std::string::npos);
        QCOMPARE(m_sink->held()->unchecked, (std::vector<Range>{{0, 1700}}));
        QVERIFY(frames.writeTo(*m_sink));
        QVERIFY(get(m_part) == frames.whole());
    }

    void aDiskThatBreaksAmidThemIsTold() {
        g_steps = {{0, 1700, {}}, {EIO, 0, {}}};
        QCOMPARE(Frames(5, 1000).writeTo(*m_sink).error().code, ErrorCode::Disk);
    }

    void aPartThatIsCutAmidThemGetsNoGap() {
        g_steps = {{0, 1700, {}}, {EINTR, 0, [&] { QVERIFY(QFile::resize(m_part, 1699)); }}};
        QCOMPARE(Frames(5, 1000).writeTo(*m_sink).error().code, ErrorCode::Disk);
        QCOMPARE(get(m_part).size(), 1699);
    }

    void aPartThatIsRemovedAmidThemIsBegunAnew() {
        const Frames frames(5, 1000);
        g_steps = {{0, 1700, {}}, {0, SIZE_MAX, [&] { QVERIFY(QFile::remove(m_part)); }}};
        QVERIFY(frames.writeTo(*m_sink));
        QCOMPARE(m_sink->held()->missing, (std::vector<Range>{{0, kSize}}));
    }

    void isOnTheDiskBeforeItHasItsName() {
        QVERIFY(Frames(1, kSize).writeTo(*m_sink));
        QVERIFY(m_sink->finish());
        QCOMPARE(g_calls, (std::vector<std::string>{"write", "sync", "rename", "sync"}));
    }

    void framesOfABundleGoToItsItemsHoweverTheyAreCut() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const auto source = sourceOf(sent, bundle);
        const Bytes whole = contentOf(*source);
        landline::test::SeededRandom random(7);
        for (int time = 0; time < 5; ++time) {
            const Received received;
            const auto sink = received.sink(bundle);
            QCOMPARE(missingIn(*sink), whole.size());
            for (std::size_t at = 0; at < whole.size();) {
                std::vector<ByteView> parts;
                const std::size_t from = at;
                for (auto count = random.below(20); count > 0 && at < whole.size(); --count) {
                    // Most of the items are small, and some parts are empty.
                    const std::size_t most = random.below(2) == 0 ? 30 : 300'000;
                    const std::size_t bytes = std::min<std::size_t>(random.below(most), whole.size() - at);
                    parts.push_back(ByteView(whole).subspan(at, bytes));
                    at += bytes;
                }
                if (random.below(4) == 0) g_steps = {{EINTR, 0, {}}, {0, 1, {}}};
                QVERIFY(sink->writeParts(from, parts));
            }
            QCOMPARE(sink->finish()->failedItems, 0U);
            const QString root = received.in + QStringLiteral("/报告 2026");
            for (const QString& path : pathsBelow(root))
                if (const QFileInfo info(root + u'/' + path); info.isFile())
                    QVERIFY(get(info.filePath()) == get(sent.root + u'/' + path));
        }
    }

    void aBundleGoesOnBehindAFullDisk() {
        const Sent sent;
        const PreparedBundle bundle = sent.offer();
        const auto source = sourceOf(sent, bundle);
        const Bytes whole = contentOf(*source);
        const ByteView part(whole);
        const Received received;
        const auto sink = received.sink(bundle);
        QCOMPARE(missingIn(*sink), whole.size());
        g_steps = {{}, {0, 17, {}}, {ENOSPC, 0, {}}};
        QCOMPARE(sink->writeParts(0, {&part, 1}).error().code, ErrorCode::Full);
        const std::uint64_t left = missingIn(*sink);
        QVERIFY(left > 0 && left < whole.size());
        fetch(*source, *sink);
        QCOMPARE(missingIn(*sink), 0U);
        QCOMPARE(sink->finish()->failedItems, 0U);
        const QString big = QStringLiteral("/deep/er/b.bin");
        QVERIFY(get(received.in + QStringLiteral("/报告 2026") + big) == get(sent.root + big));
    }

private:
    static constexpr std::size_t kSize = 2 * 1024 * 1024;

    /// Parts that lie in different places, which belong one behind the other.
    struct Frames {
        Frames(std::size_t count, std::size_t bytes) : frames(count, Bytes(bytes)) {
            landline::test::SeededRandom random(count);
            for (Bytes& frame : frames) random.fill(frame);
        }
        [[nodiscard]] Expected<void> writeTo(FileSink& sink, std::uint64_t offset = 0) const {
            return sink.writeParts(offset, std::vector<ByteView>(frames.begin(), frames.end()));
        }
        [[nodiscard]] QByteArray whole() const {
            QByteArray bytes;
            for (const Bytes& frame : frames)
                bytes.append(reinterpret_cast<const char*>(frame.data()), qsizetype(frame.size()));
            return bytes;
        }
        std::vector<Bytes> frames;
    };

    static Bytes contentOf(BundleSource& source) {
        Bytes whole;
        const auto pieces = source.read(0, source.size());
        for (const transfer::Piece& piece : *pieces) append(whole, piece.data);
        return whole;
    }

    QTemporaryDir m_folder;
    QString m_part;
    std::shared_ptr<FileSink> m_sink;
    int m_made = 0;
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::PartWriteTest)
#include "part_write_test.moc"
