#include "tests/p2p/net/raw_peer.h"

#include <QElapsedTimer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <algorithm>

using namespace landline;
using test::RawPeer;
using test::TestNode;
using wire::CloseReason;

/// What a node does with authenticated devices: rules that only another program would break, and limits.
class NodeRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void endsASessionForFramesThatBelongElsewhere_data();
    void endsASessionForFramesThatBelongElsewhere();
    void endsABulkSessionThatAsksForAnotherFile();
    void endsABulkSessionThatAsksForNothing();
    void boundsBulkSessionsOfOneDevice();
    void dialsBackWhoeverAsks();
    void dialsForAFileWhereTheAppSaysSo();
    void heedsFewRequestsToDialForFiles();
    void isDialledByWhomItAsks();
    void takesTheRestartedProgramForTheOneThatRuns();
    void closesIdleSessionsOfAnAddressBeyondItsShare();
};

namespace {

const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 4));

}  // namespace

void NodeRulesTest::endsASessionForFramesThatBelongElsewhere_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("file request") << 0;
    QTest::newRow("file chunk") << 1;
    QTest::newRow("fork evidence for what is not shared") << 2;
}

void NodeRulesTest::endsASessionForFramesThatBelongElsewhere() {
    QFETCH(int, kind);
    const wire::Message frames[] = {wire::FileRequest{kTransfer, 0, 1}, wire::FileChunk{0, Bytes(3)},
                                    wire::ForkEvidence{}};
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    connect(&ann.node(), &net::Node::sessionOpened, this,
            [&ann](const net::SessionInfo& session) { ann.node().startSync(session.number, {}); });
    RawPeer peer(ann, 0);
    QTRY_VERIFY(peer.open);
    peer.send(frames[kind]);
    QTRY_VERIFY(peer.ended);
    QVERIFY(peer.ended->reason == CloseReason::Violation && peer.ended->byPeer);
    QVERIFY(peer.ended->error && !peer.ended->error->text.empty());
    QTRY_COMPARE(ann.closings.size(), 1U);
    QCOMPARE(ann.closings.front().reason, CloseReason::Violation);
}

void NodeRulesTest::endsABulkSessionThatAsksForAnotherFile() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    int asked = 0;
    connect(&ann.node(), &net::Node::fileWanted, this, [&asked] { ++asked; });
    RawPeer peer(ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(peer.open);
    peer.send(wire::FileRequest{*wire::TransferId::from(Bytes(16, 5)), 0, 1});
    QTRY_VERIFY(peer.ended);
    QVERIFY(peer.ended->reason == CloseReason::Violation);
    QCOMPARE(asked, 0);
}

void NodeRulesTest::endsABulkSessionThatAsksForNothing() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    RawPeer peer(ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(peer.open);
    QTRY_VERIFY_WITH_TIMEOUT(peer.ended, 15000);
    QVERIFY(peer.ended->reason == CloseReason::Idle);
}

void NodeRulesTest::boundsBulkSessionsOfOneDevice() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    const auto identity = test::makeIdentity();
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (std::size_t i = 0; i < limits::kBulkSessionsPerDevice; ++i) {
        peers.push_back(std::make_unique<RawPeer>(ann, 0, wire::Purpose::Bulk, kTransfer, identity));
        QTRY_VERIFY(peers.back()->open);
    }
    RawPeer oneMore(ann, 0, wire::Purpose::Bulk, kTransfer, identity);
    QTRY_VERIFY(oneMore.ended);
    RawPeer another(ann, 0, wire::Purpose::Bulk, kTransfer);
    QTRY_VERIFY(another.open);
    for (const auto& peer : peers) QVERIFY(!peer->ended);
}

void NodeRulesTest::dialsBackWhoeverAsks() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    QTcpServer listening;
    QVERIFY(listening.listen(QHostAddress::LocalHost));
    RawPeer peer(ann, listening.serverPort());
    QTRY_VERIFY(peer.open);
    peer.send(wire::DialBack{});
    QTRY_VERIFY(listening.hasPendingConnections());
    // Once in a while only: nobody makes a node dial as a pastime.
    listening.nextPendingConnection()->abort();
    peer.send(wire::DialBack{});
    peer.send(wire::Typing{});
    QTRY_COMPARE(ann.typings.size(), 1U);
    QVERIFY(!listening.hasPendingConnections());
}

void NodeRulesTest::dialsForAFileWhereTheAppSaysSo() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    std::vector<std::pair<DeviceId, wire::TransferId>> asked;
    connect(&ann.node(), &net::Node::fileDialBackAsked, this,
            [&](const DeviceId& device, const PersonId&, const wire::TransferId& transfer) {
                asked.emplace_back(device, transfer);
            });
    QTcpServer listening;
    QVERIFY(listening.listen(QHostAddress::LocalHost));
    RawPeer peer(ann, listening.serverPort());
    QTRY_VERIFY(peer.open);
    peer.send(wire::DialBack{{}, kTransfer});
    QTRY_COMPARE(asked.size(), 1U);
    QCOMPARE(asked.front().second, kTransfer);
    QVERIFY(!listening.hasPendingConnections());
    // As often as the app likes: one dial for a file at a time.
    ann.node().dialToServe(asked.front().first, kTransfer);
    ann.node().dialToServe(asked.front().first, kTransfer);
    QTRY_VERIFY(listening.hasPendingConnections());
    QTcpSocket* const dialled = listening.nextPendingConnection();
    QTRY_VERIFY(dialled->bytesAvailable() >= 8);
    QCOMPARE(dialled->read(8).mid(4, 2), QByteArray::fromHex("0102"));  // for a file
    peer.send(wire::Typing{});
    QTRY_COMPARE(ann.typings.size(), 1U);
    QVERIFY(!listening.hasPendingConnections());
}

void NodeRulesTest::heedsFewRequestsToDialForFiles() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    int asked = 0;
    connect(&ann.node(), &net::Node::fileDialBackAsked, this, [&asked] { ++asked; });
    RawPeer peer(ann, 1);
    QTRY_VERIFY(peer.open);
    QElapsedTimer time;
    time.start();
    for (std::uint8_t i = 0; i < 200; ++i)
        peer.send(wire::DialBack{{}, wire::TransferId::from(Bytes(16, i)).value()});
    peer.send(wire::Typing{});
    QTRY_COMPARE(ann.typings.size(), 1U);
    const double most =
        limits::kFileDialBacksBurst + limits::kFileDialBacks * (1 + double(time.elapsed()) / 1000);
    QVERIFY2(asked >= limits::kFileDialBacksBurst && asked <= most, qPrintable(QString::number(asked)));
    QVERIFY(!peer.ended);
}

void NodeRulesTest::isDialledByWhomItAsks() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    std::vector<DeviceId> diallers;
    connect(&ann.node(), &net::Node::dialledBy, this,
            [&diallers](const DeviceId& device) { diallers.push_back(device); });
    ann.node().askToDialBack(ben.device());  // without a session nobody can be asked
    ann.want(ben);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    QVERIFY(diallers.empty());
    ann.node().askToDialBack(ben.device());
    QTRY_COMPARE(diallers.size(), 1U);
    QCOMPARE(diallers.front(), ben.device());
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
}

void NodeRulesTest::takesTheRestartedProgramForTheOneThatRuns() {
    // A device whose key is the larger one, so that the crossing rule alone would keep what Ann dialled.
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    auto identity = test::makeIdentity();
    while (identity->certificate.device() < ann.device()) identity = test::makeIdentity();
    auto before = std::make_unique<TestNode>(QStringLiteral("Ben"), identity);
    before->start();
    ann.want(*before);
    QTRY_VERIFY(ann.sessionWith(*before));
    // Ann's end of the old connection still looks alive when the new program dials.
    RawPeer after(ann, 0, wire::Purpose::Conversation, {}, identity);
    QTRY_COMPARE(ann.openedWith(*before), 2);
    QTRY_VERIFY(after.open);
    QVERIFY(!after.ended);
    QVERIFY(!ann.sessionWith(*before)->outgoing);
}

void NodeRulesTest::closesIdleSessionsOfAnAddressBeyondItsShare() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    const auto beginSync = [this](TestNode& node) {
        connect(&node.node(), &net::Node::sessionOpened, this,
                [&node](const net::SessionInfo& session) { node.node().startSync(session.number, {}); });
    };
    beginSync(ann);
    std::vector<std::unique_ptr<TestNode>> others;
    for (std::size_t i = 0; i < limits::kStandingPerAddress + 4; ++i) {
        others.push_back(std::make_unique<TestNode>(QStringLiteral("Other")));
        TestNode& other = *others.back();
        beginSync(other);
        other.start();
        if (i == 0)
            ann.want(other);
        else
            other.node().addHost(QStringLiteral("127.0.0.1:%1").arg(ann.port()));
        QTRY_VERIFY(other.sessionWith(ann) || !other.closings.empty());
    }
    // Those that were closed may come again, and others go for them.
    QTRY_COMPARE(ann.open.size(), limits::kStandingPerAddress + 1);
    const auto idle = std::count_if(ann.closings.begin(), ann.closings.end(),
                                    [](const auto& closing) { return closing.reason == CloseReason::Idle; });
    QVERIFY(idle >= 3);
    QVERIFY(ann.sessionWith(*others.front()));
    QCOMPARE(ann.openedWith(*others.front()), 1);
}

QTEST_GUILESS_MAIN(NodeRulesTest)
#include "node_rules_test.moc"
