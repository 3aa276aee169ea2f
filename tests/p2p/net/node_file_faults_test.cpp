// What others do wrong to a fetch, or to whoever serves one, and what a disk does.
#include "tests/p2p/net/fetch_fixture.h"
#include "tests/p2p/net/old_sender.h"
#include "tests/p2p/net/raw_peer.h"

using namespace landline;
using test::Fetch;
using test::kTransfer;
using test::MemorySink;
using test::MemorySource;
using test::RawPeer;

class NodeFileFaultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void asksAProgramThatKnowsNoChecksForAll_data();
    void asksAProgramThatKnowsNoChecksForAll();
    void aDiskThatIsStuckHoldsUpNoOtherTransfer();
    void aFileThatIsSlowToCloseHoldsUpNoOtherTransfer();
    void leavesASenderThatBreaksTheRules_data();
    void leavesASenderThatBreaksTheRules();
    void readsLittleForWhoeverDoesNotRead();
    void endsASessionThatAsksForTooMuchAtOnce();
    void endsASessionThatMixesListingAndContent();
    void answersNoRangeBeyondTheFile_data();
    void answersNoRangeBeyondTheFile();
};

void NodeFileFaultsTest::asksAProgramThatKnowsNoChecksForAll_data() {
    QTest::addColumn<int>("held");
    QTest::newRow("nothing is there") << 0;
    QTest::newRow("some is there, and not as it should be") << 3;
}

void NodeFileFaultsTest::asksAProgramThatKnowsNoChecksForAll() {
    QFETCH(const int, held);
    Fetch fetch(5 * limits::kFileChunk + 3);
    fetch.hold(std::size_t(held) * limits::kFileChunk);
    if (held != 0) fetch.sink->bytes[17] ^= 1;
    test::OldSender old(kTransfer, fetch.file);
    fetch.begin(old.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }, 20));
    QCOMPARE(fetch.error, QString());
    QVERIFY(fetch.sink->bytes == fetch.file);
    QCOMPARE(old.unknown, 0);
    QCOMPARE(old.requests.size(), 1U);
    QCOMPARE(old.requests.front().length, fetch.file.size());
}

void NodeFileFaultsTest::aDiskThatIsStuckHoldsUpNoOtherTransfer() {
    Fetch fetch(3 * limits::kFileChunk);
    // As many as possible, so that one thread is left.
    std::vector<std::promise<void>> release(limits::kFileThreads - 1);
    for (std::size_t i = 0; i < release.size(); ++i) {
        net::FileWish wish;
        wish.from = fetch.ann.contact();
        wish.transfer = *wire::TransferId::from(Bytes(16, std::uint8_t(100 + i)));
        wish.size = 1000;
        const auto sink = std::make_shared<MemorySink>(1000);
        sink->stuck = release[i].get_future();
        wish.sink = sink;
        fetch.ben.node().fetchFile(wish);
    }
    fetch.begin(fetch.ann.contact());
    const bool came = test::runUntil([&] { return fetch.fetched; }, 20);
    for (std::promise<void>& one : release) one.set_value();
    QVERIFY(came);
    QVERIFY(fetch.sink->bytes == fetch.file);
}

void NodeFileFaultsTest::aFileThatIsSlowToCloseHoldsUpNoOtherTransfer() {
    Fetch fetch(1000);
    std::promise<void> releaseSink;
    std::promise<void> releaseSource;
    fetch.sink->closes = releaseSink.get_future();
    fetch.source->closes = releaseSource.get_future();
    // The nodes alone have what is closed then.
    connect(&fetch.ann.node(), &net::Node::fileWanted, &fetch.ann,
            [&fetch] { fetch.source = std::make_shared<MemorySource>(fetch.file); });
    fetch.begin(fetch.ann.contact());
    fetch.sink = std::make_shared<MemorySink>(fetch.file.size());
    const bool first = test::runUntil([&] { return fetch.fetched && !fetch.ends.empty(); }, 20);
    fetch.fetched = false;
    net::FileWish wish;
    wish.from = fetch.ann.contact();
    wish.transfer = *wire::TransferId::from(Bytes(16, 100));
    wish.size = fetch.file.size();
    wish.sink = fetch.sink;
    fetch.ben.node().fetchFile(wish);
    const bool second = test::runUntil([&] { return fetch.fetched; }, 20);
    releaseSink.set_value();
    releaseSource.set_value();
    QVERIFY(first);
    QVERIFY(second);
    QVERIFY(fetch.sink->bytes == fetch.file);
}

void NodeFileFaultsTest::leavesASenderThatBreaksTheRules_data() {
    QTest::addColumn<int>("fault");
    QTest::addColumn<bool>("comesAgain");
    QTest::newRow("says nothing") << int(test::OldSender::Fault::Silence) << true;
    QTest::newRow("sends what is not next") << int(test::OldSender::Fault::WrongOffset) << true;
    QTest::newRow("refuses, in unprintable words") << int(test::OldSender::Fault::Refusal) << false;
}

void NodeFileFaultsTest::leavesASenderThatBreaksTheRules() {
    QFETCH(const int, fault);
    QFETCH(const bool, comesAgain);
    Fetch fetch(3 * limits::kFileChunk);
    test::OldSender sender(kTransfer, fetch.file);
    sender.fault = static_cast<test::OldSender::Fault>(fault);
    net::FileWish wish;
    wish.from = sender.contact();
    wish.transfer = kTransfer;
    wish.size = fetch.file.size();
    wish.sink = fetch.sink;
    wish.stall = std::chrono::milliseconds(300);
    fetch.ben.node().fetchFile(wish);
    QVERIFY(test::runUntil([&] { return fetch.fetched; }, 30));
    QCOMPARE(fetch.error.isEmpty(), comesAgain);
    QVERIFY(!fetch.error.contains(QChar(0x1b)));
    QCOMPARE(sender.requests.size(), comesAgain ? 2U : 1U);
    QCOMPARE(fetch.sink->bytes == fetch.file, comesAgain);
    QCOMPARE(fetch.sink->finished, comesAgain ? 1 : 0);
}

void NodeFileFaultsTest::readsLittleForWhoeverDoesNotRead() {
    Fetch fetch(200 * limits::kFileChunk);
    RawPeer peer(fetch.ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(peer.open);
    peer.setReading(false);
    peer.send(wire::FileRequest{kTransfer, 0, fetch.file.size()});
    QTRY_VERIFY(fetch.source->bytesRead >= limits::kFileWindow);
    // Others are served meanwhile, here from a file of their own.
    const auto stuck = fetch.source;
    fetch.source = std::make_shared<MemorySource>(fetch.file);
    fetch.begin(fetch.ann.contact());
    QVERIFY(test::runUntil([&] { return fetch.fetched; }));
    QVERIFY(fetch.sink->bytes == fetch.file);
    // A window, and what the buffers of session and sockets hold.
    QVERIFY(stuck->bytesRead <= 4 * limits::kFileWindow);
    QVERIFY(!peer.ended);
}

void NodeFileFaultsTest::endsASessionThatAsksForTooMuchAtOnce() {
    Fetch fetch(64 * 1024 * 1024);
    RawPeer peer(fetch.ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(peer.open);
    for (std::size_t i = 0; i < limits::kFileRequestsWaiting + 2; ++i)
        peer.send(wire::FileRequest{kTransfer, 0, fetch.file.size()});
    QVERIFY(test::runUntil([&] { return peer.ended.has_value(); }));
    QCOMPARE(peer.ended->reason, wire::CloseReason::Violation);
}

void NodeFileFaultsTest::endsASessionThatMixesListingAndContent() {
    Fetch fetch(1000);
    RawPeer peer(fetch.ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(peer.open);
    peer.send(wire::FileRequest{kTransfer, 0, 1, true});
    peer.send(wire::FileCheck{kTransfer, 0, 1, {ChunkDigest()}});
    QVERIFY(test::runUntil([&] { return peer.ended.has_value(); }));
    QCOMPARE(peer.ended->reason, wire::CloseReason::Violation);
}

void NodeFileFaultsTest::answersNoRangeBeyondTheFile_data() {
    QTest::addColumn<quint64>("offset");
    QTest::addColumn<quint64>("length");
    QTest::newRow("one byte more") << quint64(0) << quint64(1001);
    QTest::newRow("behind the end") << quint64(1001) << quint64(0);
    QTest::newRow("2^63") << (quint64(1) << 63) << (quint64(1) << 63);
    QTest::newRow("a sum that overflows") << quint64(2) << ~quint64(0);
}

void NodeFileFaultsTest::answersNoRangeBeyondTheFile() {
    QFETCH(quint64, offset);
    QFETCH(quint64, length);
    Fetch fetch(1000);
    RawPeer peer(fetch.ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(peer.open);
    peer.send(wire::FileRequest{kTransfer, offset, length});
    QVERIFY(test::runUntil([&] { return peer.ended.has_value(); }));
    QCOMPARE(peer.received.size(), 1U);
    QCOMPARE(std::get<wire::FileRefused>(peer.received.front()).reason, wire::FileRefusal::Changed);
}

QTEST_GUILESS_MAIN(NodeFileFaultsTest)
#include "node_file_faults_test.moc"
