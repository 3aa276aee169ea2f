#include "tests/p2p/net/breakable_proxy.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/seeded_random.h"

#include <QTest>
#include <QThread>

#include <atomic>

using namespace landline;
using test::BreakableProxy;
using test::TestNode;

class NodeFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsAFile_data();
    void bringsAFile();
    void goesOnAfterEachBreak();
    void tellsARefusal();
    void tellsThatTheDiskIsFull();
    void cancels();
    void stopsSendingAFileThatIsWithdrawn();
    void waitsForTheOtherSide();
};

namespace {

const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 9));

class MemorySource final : public transfer::ChunkSource {
public:
    explicit MemorySource(Bytes bytes) : m_bytes(std::move(bytes)) {}
    [[nodiscard]] std::uint64_t size() const override { return m_bytes.size(); }
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override {
        readOn = QThread::currentThread();
        return toBytes(ByteView(m_bytes).subspan(offset, length));
    }
    std::atomic<QThread*> readOn = nullptr;

private:
    Bytes m_bytes;
};

/// Used on the file thread until the fetch has ended.
class MemorySink final : public transfer::ChunkSink {
public:
    [[nodiscard]] std::uint64_t bytesHeld() const override { return bytes.size(); }
    [[nodiscard]] Expected<void> write(std::uint64_t offset, ByteView data) override {
        if (offset != bytes.size()) return Unexpected(ErrorCode::Internal, "A gap.");
        if (bytes.size() + data.size() > capacity) return Unexpected(ErrorCode::Full, "The disk is full.");
        append(bytes, data);
        return {};
    }
    [[nodiscard]] Expected<std::string> finish() override {
        ++finished;
        return std::string("/there");
    }
    Bytes bytes;
    std::size_t capacity = SIZE_MAX;
    int finished = 0;
};

/// Ann offers a file and Ben fetches it.
class Fetch {
public:
    explicit Fetch(std::size_t size) : file(size), source(nullptr) {
        test::SeededRandom(11).fill(file);
        source = std::make_shared<MemorySource>(file);
        ann.start();
        ben.start();
        QObject::connect(&ann.node(), &net::Node::fileWanted, &ann,
                         [this](net::SessionNumber bulk, const DeviceId& device, const PersonId& person,
                                const wire::TransferId& transfer) {
                             ++asked;
                             askedRightly =
                                 device == ben.device() && person == ben.person() && transfer == kTransfer;
                             if (refusal)
                                 ann.node().refuseFile(bulk, *refusal, QStringLiteral("No."));
                             else
                                 ann.node().serveFile(bulk, source);
                         });
        QObject::connect(&ann.node(), &net::Node::fileServed, &ann,
                         [this](const wire::TransferId&, quint64 bytes, bool finished, const QString& why) {
                             servedBytes = bytes;
                             if (finished) ends.push_back(why);
                         });
        QObject::connect(&ben.node(), &net::Node::fileProgress, &ben,
                         [this](const wire::TransferId&, quint64 bytes) { progress = bytes; });
        QObject::connect(&ben.node(), &net::Node::fileFetched, &ben,
                         [this](const wire::TransferId&, const QString& at, const QString& why) {
                             fetched = true;
                             path = at;
                             error = why;
                         });
    }
    void begin(const net::Contact& from) { ben.node().fetchFile(from, kTransfer, file.size(), sink); }

    TestNode ann{QStringLiteral("Ann")};
    TestNode ben{QStringLiteral("Ben")};
    Bytes file;
    std::shared_ptr<MemorySource> source;
    std::shared_ptr<MemorySink> sink = std::make_shared<MemorySink>();
    std::optional<wire::FileRefusal> refusal;
    int asked = 0;
    bool askedRightly = false;
    quint64 servedBytes = 0;
    std::vector<QString> ends;  ///< of servings
    quint64 progress = 0;
    bool fetched = false;
    QString path;
    QString error;
};

}  // namespace

void NodeFilesTest::bringsAFile_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("talking");
    QTest::newRow("empty") << 0 << false;
    QTest::newRow("one byte") << 1 << false;
    QTest::newRow("several windows, without a conversation") << 20 * 1024 * 1024 + 17 << false;
    QTest::newRow("several windows, beside a conversation") << 20 * 1024 * 1024 + 17 << true;
}

void NodeFilesTest::bringsAFile() {
    QFETCH(int, size);
    QFETCH(bool, talking);
    const std::size_t bytes = std::size_t(size);
    Fetch fetch(bytes);
    if (talking) {
        // Only then is it known that both have AES in hardware.
        fetch.ben.want(fetch.ann);
        QTRY_VERIFY(fetch.ben.sessionWith(fetch.ann));
    }
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QCOMPARE(fetch.path, QStringLiteral("/there"));
    QCOMPARE(fetch.sink->finished, 1);
    QVERIFY(fetch.sink->bytes == fetch.file);
    QCOMPARE(fetch.progress, fetch.file.size());
    if (size == 0) return;
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QCOMPARE(fetch.ends.front(), QString());
    QCOMPARE(fetch.servedBytes, fetch.file.size());
    QVERIFY(fetch.askedRightly);
    QVERIFY(fetch.source->readOn != QThread::currentThread());
}

void NodeFilesTest::goesOnAfterEachBreak() {
    Fetch fetch(16 * 1024 * 1024);
    BreakableProxy proxy(fetch.ann.port());
    proxy.breakAfter(5 * 1024 * 1024);
    fetch.begin(fetch.ann.contact(proxy.port()));
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
    QCOMPARE(fetch.sink->finished, 1);
    QVERIFY(proxy.connections() >= 4);
    // Nothing that was written is fetched again: a break loses at most what filled the sockets' buffers, which may be most
    // of what one connection carries here. (Begun anew each time it would never come to the end.)
    const qint64 lostPerBreak = 9 * 512 * 1024;
    QVERIFY(proxy.bytesBack() < qint64(fetch.file.size()) + (proxy.connections() - 1) * lostPerBreak);
    QTRY_COMPARE(int(fetch.ends.size()), fetch.asked);
    QCOMPARE(fetch.ends.back(), QString());
    QVERIFY(!fetch.ends.front().isEmpty());
}

void NodeFilesTest::tellsARefusal() {
    Fetch fetch(1000);
    fetch.refusal = wire::FileRefusal::NotOffered;
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QVERIFY(fetch.error.contains(QStringLiteral("no longer offers")));
    QCOMPARE(fetch.sink->finished, 0);
}

void NodeFilesTest::tellsThatTheDiskIsFull() {
    Fetch fetch(12 * 1024 * 1024);
    fetch.sink->capacity = 3 * 1024 * 1024;
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QStringLiteral("The disk is full."));
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QVERIFY(!fetch.ends.front().isEmpty());
    // What was written stays: once there is room the rest is fetched.
    fetch.sink->capacity = SIZE_MAX;
    fetch.fetched = false;
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
}

void NodeFilesTest::cancels() {
    Fetch fetch(64 * 1024 * 1024);
    connect(&fetch.ben.node(), &net::Node::fileProgress, &fetch.ben,
            [&fetch](const wire::TransferId& transfer) { fetch.ben.node().cancelFetch(transfer); });
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QVERIFY(!fetch.error.isEmpty());
    QVERIFY(fetch.progress < fetch.file.size());
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QVERIFY(!fetch.ends.front().isEmpty());
}

void NodeFilesTest::stopsSendingAFileThatIsWithdrawn() {
    Fetch fetch(64 * 1024 * 1024);
    connect(&fetch.ann.node(), &net::Node::fileServed, &fetch.ann,
            [&fetch](const wire::TransferId& transfer, quint64, bool finished) {
                if (!finished) fetch.ann.node().cancelServe(transfer);
            });
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QVERIFY2(fetch.error.contains(QStringLiteral("no longer offers")), qUtf8Printable(fetch.error));
    QCOMPARE(fetch.sink->finished, 0);
    QVERIFY(fetch.progress < fetch.file.size());
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QVERIFY(!fetch.ends.front().isEmpty());
    QCOMPARE(fetch.asked, 1);
}

void NodeFilesTest::waitsForTheOtherSide() {
    Fetch fetch(100000);
    net::Contact nowhere = fetch.ann.contact();
    nowhere.remembered.clear();
    fetch.begin(nowhere);
    fetch.ben.want(fetch.ann);
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
}

QTEST_GUILESS_MAIN(NodeFilesTest)
#include "node_files_test.moc"
