#pragma once

#include "p2p/base/limits.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/seeded_random.h"

#include <QTest>
#include <QThread>

#include <atomic>
#include <future>

namespace landline::test {

using transfer::Piece;

inline const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 9));

inline void waitToClose(const std::future<void>& closes) {
    if (closes.valid() && QThread::currentThread() != QCoreApplication::instance()->thread()) closes.wait();
}

class MemorySource final : public transfer::ChunkSource {
public:
    explicit MemorySource(Bytes bytes) : m_bytes(std::move(bytes)) {}
    ~MemorySource() override { waitToClose(closes); }
    [[nodiscard]] std::uint64_t size() const override { return m_bytes.size(); }
    [[nodiscard]] Expected<std::vector<Piece>> read(std::uint64_t offset, std::size_t length) override {
        readOn = QThread::currentThread();
        bytesRead += length;
        if (offset < skipTo) return std::vector<Piece>{{{}, length, wire::ItemFailure::Vanished}};
        return std::vector<Piece>{{toBytes(ByteView(m_bytes).subspan(offset, length)), 0, {}}};
    }
    std::uint64_t skipTo = 0;
    std::future<void> closes;  ///< on the node's threads, not until it is ready
    std::atomic<QThread*> readOn = nullptr;
    std::atomic<std::uint64_t> bytesRead = 0;

private:
    Bytes m_bytes;
};

/// Used on the file threads until the fetch has ended.
class MemorySink final : public transfer::ChunkSink {
public:
    explicit MemorySink(std::size_t size) : m_size(size) {}
    ~MemorySink() override { waitToClose(closes); }
    [[nodiscard]] Expected<transfer::Held> held() override {
        if (stuck.valid()) stuck.wait();
        if (trouble) return Unexpected(*trouble);
        transfer::Held held;
        if (!bytes.empty()) held.unchecked.push_back({0, bytes.size()});
        if (bytes.size() < m_size) held.missing.push_back({bytes.size(), m_size});
        return held;
    }
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override {
        ++reads;
        return toBytes(ByteView(bytes).subspan(offset, length));
    }
    [[nodiscard]] Expected<void> writeParts(std::uint64_t offset, std::span<const ByteView> parts) override {
        for (const ByteView data : parts) {
            if (offset > bytes.size()) return Unexpected(ErrorCode::Internal, "A gap.");
            if (offset + data.size() > capacity) return Unexpected(ErrorCode::Full, "The disk is full.");
            written += data.size();
            bytes.resize(std::max<std::size_t>(bytes.size(), offset + data.size()));
            std::copy(data.begin(), data.end(), bytes.begin() + std::ptrdiff_t(offset));
            offset += data.size();
        }
        return {};
    }
    [[nodiscard]] Expected<void> skip(std::uint64_t offset, std::uint64_t length,
                                      wire::ItemFailure) override {
        skipped += length;
        return write(offset, Bytes(length));
    }
    [[nodiscard]] Expected<Result> finish() override {
        ++finished;
        return Result{"/there", skipped == 0 ? 0U : 1U};
    }
    Bytes bytes;
    std::optional<Error> trouble;
    std::future<void> stuck;   ///< until it is ready
    std::future<void> closes;  ///< on the node's threads, not until it is ready
    int reads = 0;
    std::size_t written = 0;
    std::uint64_t skipped = 0;
    std::size_t capacity = SIZE_MAX;
    int finished = 0;

private:
    std::size_t m_size;
};

/// Ann offers a file and Ben fetches it.
class Fetch {
public:
    explicit Fetch(std::size_t size) : file(size), source(nullptr) {
        SeededRandom(11).fill(file);
        source = std::make_shared<MemorySource>(file);
        ann.start();
        ben.start();
        QObject::connect(&ann.node(), &net::Node::fileWanted, &ann,
                         [this](net::SessionNumber bulk, const DeviceId& device, const PersonId& person,
                                const wire::TransferId& transfer, bool listing) {
                             ++asked;
                             askedForListing = listing;
                             askedRightly =
                                 device == ben.device() && person == ben.person() && transfer == kTransfer;
                             if (refusal)
                                 ann.node().refuseFile(bulk, *refusal, QStringLiteral("No."));
                             else
                                 ann.node().serveFile(bulk, source);
                         });
        QObject::connect(&ann.node(), &net::Node::fileServed, &ann,
                         [this](const wire::TransferId&, quint64 bytes, bool finished, const QString& why,
                                quint64 skipped) {
                             servedBytes = bytes;
                             servedWithout = skipped;
                             if (finished) ends.push_back(why);
                         });
        QObject::connect(&ben.node(), &net::Node::fileProgress, &ben,
                         [this](const wire::TransferId&, quint64 bytes, quint64, quint64 fetch) {
                             progress = bytes;
                             progressOf = fetch;
                             if (!firstProgress) firstProgress = bytes;
                         });
        QObject::connect(&ben.node(), &net::Node::fileFetched, &ben,
                         [this](const wire::TransferId&, const net::FileResult& result) {
                             fetched = true;
                             path = QString::fromStdString(result.saved.path);
                             failedItems = result.saved.failedItems;
                             error = result.error ? QString::fromStdString(result.error->text) : QString();
                         });
    }
    void begin(const net::Contact& from, bool listing = false) {
        net::FileWish wish;
        wish.from = from;
        wish.transfer = kTransfer;
        wish.listing = listing;
        wish.number = ++begun;
        wish.size = file.size();
        wish.sink = sink;
        ben.node().fetchFile(wish);
    }
    /// Some of the file is there from before.
    void hold(std::size_t bytes) { sink->bytes.assign(file.begin(), file.begin() + std::ptrdiff_t(bytes)); }

    TestNode ann{QStringLiteral("Ann")};
    TestNode ben{QStringLiteral("Ben")};
    Bytes file;
    std::shared_ptr<MemorySource> source;
    std::shared_ptr<MemorySink> sink = std::make_shared<MemorySink>(file.size());
    std::optional<wire::FileRefusal> refusal;
    quint64 begun = 0;
    int asked = 0;
    bool askedForListing = false;
    std::uint32_t failedItems = 0;
    bool askedRightly = false;
    quint64 servedBytes = 0;
    quint64 servedWithout = 0;
    std::vector<QString> ends;  ///< of servings
    quint64 progress = 0;
    quint64 progressOf = 0;                ///< the number of the fetch
    std::optional<quint64> firstProgress;  ///< the first that was told
    bool fetched = false;
    QString path;
    QString error;
};

}  // namespace landline::test
