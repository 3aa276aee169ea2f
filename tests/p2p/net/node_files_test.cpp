#include "p2p/net/bulk_thread.h"
#include "tests/p2p/net/breakable_proxy.h"
#include "tests/p2p/net/fetch_fixture.h"
#include "tests/p2p/net/raw_peer.h"

#include <sys/resource.h>

using namespace landline;
using test::BreakableProxy;
using test::Fetch;
using test::kTransfer;

class NodeFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsAFile_data();
    void bringsAFile();
    void goesOnAfterEachBreak();
    void doesNotWaitForADeadConnectionOnceTheDeviceIsBack();
    void tellsARefusal();
    void tellsThatTheDiskIsFull();
    void cancels();
    void stopsSendingAFileThatIsWithdrawn();
    void waitsForTheOtherSide();
    void bringsAListingWithoutTellingOfAServing();
    void bringsAgainWhatIsDamagedAndNothingElse();
    void finishesWhatIsThereAlready();
    void comparesNothingAgainAfterABreak();
    void tellsHowFarItHasCompared();
    void skipsWhatTheSourceDoesNotHave();
    void pausesAndGoesOn();
    void tellsWhatAFetchIsDoing();
    void tellsThatThePlaceIsNotThere();
    void messagesDoNotWaitForFiles();
    void filesLeaveTheProcessorToOtherThreads();
    void aSessionMayEndOnItsWayToTheOtherThread();
    void whoIsRefusedWhileASessionIsOnItsWayGetsNothing();
};

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
    // What came in this fetch needs not be compared.
    QCOMPARE(fetch.sink->reads, 0);
}

void NodeFilesTest::doesNotWaitForADeadConnectionOnceTheDeviceIsBack() {
    Fetch fetch(16 * 1024 * 1024);
    BreakableProxy proxy(fetch.ann.port());
    proxy.freezeAfter(5 * 1024 * 1024);
    fetch.begin(fetch.ann.contact(proxy.port()));
    QVERIFY(test::runUntil([&] { return proxy.frozen() == 1; }));
    proxy.freezeAfter(0);
    fetch.ben.want(fetch.ann);
    // Neither side has noticed yet that the connection is dead, nor would for half a minute.
    QVERIFY(test::runUntil([&] { return fetch.fetched; }, 15));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
    // The dead one ends before the other begins, so that the last word is of that one.
    QTRY_COMPARE(fetch.ends.size(), 2U);
    QVERIFY(!fetch.ends.front().isEmpty());
    QCOMPARE(fetch.ends.back(), QString());
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

void NodeFilesTest::bringsAListingWithoutTellingOfAServing() {
    Fetch fetch(100000);
    fetch.begin(fetch.ann.contact(), true);
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.askedForListing);
    QVERIFY(fetch.sink->bytes == fetch.file);
    // The content is fetched behind it, and that is told of.
    fetch.fetched = false;
    fetch.sink->bytes.clear();
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QVERIFY(!fetch.askedForListing);
    QTRY_COMPARE(fetch.ends.size(), 1U);
}

void NodeFilesTest::bringsAgainWhatIsDamagedAndNothingElse() {
    Fetch fetch(150 * limits::kFileChunk + 5);
    fetch.hold(149 * limits::kFileChunk);
    fetch.sink->bytes[17] ^= 1;
    fetch.sink->bytes[100 * limits::kFileChunk] ^= 1;
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
    QCOMPARE(fetch.sink->written, 3 * limits::kFileChunk + 5);
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QCOMPARE(fetch.ends.front(), QString());
    QCOMPARE(fetch.servedBytes, fetch.file.size());
}

void NodeFilesTest::finishesWhatIsThereAlready() {
    Fetch fetch(3 * limits::kFileChunk);
    fetch.hold(fetch.file.size());
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QCOMPARE(fetch.sink->written, 0U);
    QCOMPARE(fetch.sink->finished, 1);
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QCOMPARE(fetch.ends.front(), QString());
}

void NodeFilesTest::comparesNothingAgainAfterABreak() {
    Fetch fetch(16 * limits::kFileChunk);
    fetch.hold(10 * limits::kFileChunk);
    BreakableProxy proxy(fetch.ann.port());
    proxy.breakAfter(4 * limits::kFileChunk);
    fetch.begin(fetch.ann.contact(proxy.port()));
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(proxy.connections() >= 2);
    QVERIFY(fetch.sink->bytes == fetch.file);
    QCOMPARE(fetch.sink->reads, 10);
}

void NodeFilesTest::tellsHowFarItHasCompared() {
    Fetch fetch(12 * limits::kFileChunk);
    fetch.hold(11 * limits::kFileChunk);
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    // Of what is compared before anything is fetched.
    QVERIFY(fetch.firstProgress);
    QVERIFY(*fetch.firstProgress >= limits::kFileChunk);
    QVERIFY(*fetch.firstProgress <= 11 * limits::kFileChunk);
}

void NodeFilesTest::skipsWhatTheSourceDoesNotHave() {
    Fetch fetch(3 * limits::kFileChunk);
    fetch.source->skipTo = limits::kFileChunk;
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QCOMPARE(fetch.failedItems, 1U);
    QCOMPARE(fetch.sink->skipped, limits::kFileChunk);
    // The other side knows, too.
    QTRY_COMPARE(fetch.ends.size(), 1U);
    QCOMPARE(fetch.ends.front(), QString());
    QCOMPARE(fetch.servedWithout, quint64(limits::kFileChunk));
    QVERIFY(std::equal(fetch.file.begin() + limits::kFileChunk, fetch.file.end(),
                       fetch.sink->bytes.begin() + limits::kFileChunk));
}

void NodeFilesTest::pausesAndGoesOn() {
    Fetch fetch(64 * 1024 * 1024);
    bool paused = false;
    connect(&fetch.ben.node(), &net::Node::fileProgress, &fetch.ben, [&](const wire::TransferId& transfer) {
        if (!std::exchange(paused, true)) fetch.ben.node().pauseFetch(transfer);
    });
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return !fetch.ends.empty(); }));
    QVERIFY(paused);
    QVERIFY(!fetch.fetched);
    QVERIFY(!fetch.ends.front().isEmpty());
    QCOMPARE(fetch.progressOf, 1U);
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.progressOf, 2U);
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
    QCOMPARE(fetch.sink->written, fetch.file.size());
}

void NodeFilesTest::tellsWhatAFetchIsDoing() {
    Fetch fetch(64 * 1024 * 1024);
    std::vector<net::FetchStage> stages;
    connect(&fetch.ben.node(), &net::Node::fileStage, &fetch.ben,
            [&](const wire::TransferId&, net::FetchStage stage) { stages.push_back(stage); });
    bool held = false;
    connect(&fetch.ben.node(), &net::Node::fileProgress, &fetch.ben, [&](const wire::TransferId& transfer) {
        if (!std::exchange(held, true)) fetch.ann.node().pauseServe(transfer);
    });
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(stages == (std::vector<net::FetchStage>{net::FetchStage::Fetching, net::FetchStage::HeldBack,
                                                    net::FetchStage::Fetching}));
}

void NodeFilesTest::tellsThatThePlaceIsNotThere() {
    Fetch fetch(1000);
    fetch.sink->trouble = Error{ErrorCode::Disk, "The folder is gone."};
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QStringLiteral("The folder is gone."));
    QCOMPARE(fetch.asked, 0);
}

namespace {

/// Keeps the thread on which a node carries files from doing anything until it is told, or goes.
class Busy {
public:
    explicit Busy(test::TestNode& node) {
        auto* const bulk = node.node().findChild<net::BulkThread*>();
        bulk->post(
            [until = std::shared_future<void>(m_until.get_future())](net::FileExchange&) { until.wait(); });
    }
    ~Busy() { release(); }
    void release() {
        if (!std::exchange(m_released, true)) m_until.set_value();
    }

private:
    std::promise<void> m_until;
    bool m_released = false;
};

}  // namespace

void NodeFilesTest::messagesDoNotWaitForFiles() {
    Fetch fetch(3 * 1024 * 1024);
    Busy ann(fetch.ann);
    Busy ben(fetch.ben);
    fetch.begin(fetch.ann.contact());
    fetch.ben.want(fetch.ann);
    QTRY_VERIFY(fetch.ben.sessionWith(fetch.ann) && fetch.ann.sessionWith(fetch.ben));
    fetch.ben.node().sendTyping({fetch.ann.person()}, wire::Typing{ConversationId(), true});
    QTRY_COMPARE(fetch.ann.typings.size(), 1U);
    QCOMPARE(fetch.asked, 0);
    ben.release();
    // Ben has dialled, and Ann's other thread has shaken hands.
    ann.release();
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
}

void NodeFilesTest::filesLeaveTheProcessorToOtherThreads() {
    Fetch fetch(1);
    std::promise<int> nice;
    fetch.ann.node().runWithFiles(kTransfer, [&] { nice.set_value(getpriority(PRIO_PROCESS, 0)); });
    const int own = getpriority(PRIO_PROCESS, 0);
    QCOMPARE(nice.get_future().get(), std::min(own + 5, 19));
}

void NodeFilesTest::aSessionMayEndOnItsWayToTheOtherThread() {
    Fetch fetch(1024 * 1024);
    BreakableProxy proxy(fetch.ann.port());
    {
        Busy ann(fetch.ann);
        fetch.begin(fetch.ann.contact(proxy.port()));
        // So much is a hello: for Ann the session is open and on its way.
        QVERIFY(test::runUntil([&] { return proxy.bytesBack() > 300; }));
        fetch.ben.node().cancelFetch(kTransfer);
        QVERIFY(test::runUntil([&] { return fetch.fetched; }));
        QCOMPARE(fetch.asked, 0);
        proxy.breakAll();
    }
    fetch.fetched = false;
    fetch.begin(fetch.ann.contact(proxy.port()));
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
}

void NodeFilesTest::whoIsRefusedWhileASessionIsOnItsWayGetsNothing() {
    Fetch fetch(1000);
    const auto identity = test::makeIdentity();
    // To the files' thread alone, as if the session had passed the node before.
    auto* const bulk = fetch.ann.node().findChild<net::BulkThread*>();
    bulk->post(
        [person = identity->certificate.person()](net::FileExchange& files) { files.setRefused({person}); });
    test::RawPeer peer(fetch.ann, 1, wire::Purpose::Bulk, kTransfer, identity);
    QVERIFY(test::runUntil([&] { return peer.ended.has_value(); }));
    QVERIFY(peer.open);
    QCOMPARE(peer.ended->reason, wire::CloseReason::NotWelcome);
    QCOMPARE(fetch.asked, 0);
}

QTEST_GUILESS_MAIN(NodeFilesTest)
#include "node_files_test.moc"
