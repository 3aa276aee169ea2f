#include "p2p/wire/preface.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/seeded_random.h"

#include <QNetworkProxy>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

using namespace landline;
using test::TestNode;

/// What strangers may throw at the port.
class NodeDefenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersNothingToGarbage_data();
    void answersNothingToGarbage();
    void namesItsVersionToAnother();
    void refusesAFrameOverTheHandshakeLimitAtItsHeader();
    void floodOfSilentConnectionsDoesNotLockPeersOut();
    void slowSendersDoNotLockPeersOut();
    void garbageFromManyConnectionsDoesNotStopASession();
};

namespace {

std::unique_ptr<QTcpSocket> dial(const TestNode& node) {
    auto socket = std::make_unique<QTcpSocket>();
    socket->setProxy(QNetworkProxy::NoProxy);
    socket->connectToHost(QHostAddress(QHostAddress::LocalHost), node.port());
    return socket;
}

std::vector<std::unique_ptr<QTcpSocket>> dialMany(const TestNode& node, int count) {
    std::vector<std::unique_ptr<QTcpSocket>> sockets;
    for (int i = 0; i < count; ++i) sockets.push_back(dial(node));
    return sockets;
}

QByteArray preface(std::uint8_t major) {
    wire::Preface told;
    told.major = major;
    const auto bytes = told.encode();
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()));
}

int countConnected(const std::vector<std::unique_ptr<QTcpSocket>>& sockets) {
    return int(std::count_if(sockets.begin(), sockets.end(), [](const auto& socket) {
        return socket->state() == QAbstractSocket::ConnectedState;
    }));
}

}  // namespace

void NodeDefenceTest::answersNothingToGarbage_data() {
    QTest::addColumn<QByteArray>("bytes");
    QByteArray noise(4096, Qt::Uninitialized);
    test::SeededRandom(7).fill({reinterpret_cast<std::uint8_t*>(noise.data()), std::size_t(noise.size())});
    QTest::newRow("noise") << noise;
    QTest::newRow("http") << QByteArray("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    QTest::newRow("tls") << QByteArray::fromHex("160301020001000001fc0303");
    QTest::newRow("zeros") << QByteArray(64 * 1024, '\0');
    QTest::newRow("empty frame") << preface(1) + QByteArray(2, '\0');
    QTest::newRow("broken handshake") << preface(1) + QByteArray::fromHex("0020") + QByteArray(32, '\0');
}

void NodeDefenceTest::answersNothingToGarbage() {
    QFETCH(QByteArray, bytes);
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    const auto socket = dial(ann);
    QTRY_COMPARE(socket->state(), QAbstractSocket::ConnectedState);
    socket->write(bytes);
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    // At most a preface and what a handshake begins with; nothing that is its own.
    QVERIFY(socket->readAll().size() <= 256);
    QVERIFY(ann.everOpened.empty());
}

void NodeDefenceTest::namesItsVersionToAnother() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    const auto socket = dial(ann);
    QTRY_COMPARE(socket->state(), QAbstractSocket::ConnectedState);
    socket->write(preface(9));
    QByteArray answer;
    QTRY_VERIFY((answer += socket->readAll()).size() >= 8);
    QCOMPARE(answer.size(), 8);
    const auto told = wire::Preface::parse({reinterpret_cast<const std::uint8_t*>(answer.constData()), 8});
    QVERIFY(told.ok());
    QCOMPARE(told->major, wire::kMajorVersion);
    QVERIFY(told->purpose == wire::Purpose::Refused);
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
}

void NodeDefenceTest::refusesAFrameOverTheHandshakeLimitAtItsHeader() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    const auto socket = dial(ann);
    QTRY_COMPARE(socket->state(), QAbstractSocket::ConnectedState);
    // The header alone, none of the 1025 bytes.
    socket->write(preface(1) + QByteArray::fromHex("0401"));
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
}

void NodeDefenceTest::floodOfSilentConnectionsDoesNotLockPeersOut() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    const auto flood = dialMany(ann, 300);
    ben.want(ann);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    // All from one address, so no more than that address's share is left standing.
    QTRY_VERIFY(countConnected(flood) <= int(limits::kUnauthenticatedPerAddress));
}

void NodeDefenceTest::slowSendersDoNotLockPeersOut() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    const auto flood = dialMany(ann, 100);
    const QByteArray slow = preface(1) + QByteArray::fromHex("0020") + QByteArray(31, 'x');
    int at = 0;
    QTimer drip;
    connect(&drip, &QTimer::timeout, this, [&] {
        for (const auto& socket : flood)
            if (socket->state() == QAbstractSocket::ConnectedState && at < slow.size())
                socket->write(slow.mid(at, 1));
        ++at;
    });
    drip.start(5);
    ben.want(ann);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    QTRY_VERIFY(at > slow.size());
    QVERIFY(ann.sessionWith(ben));
}

void NodeDefenceTest::garbageFromManyConnectionsDoesNotStopASession() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ben.want(ann);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    const auto flood = dialMany(ann, 200);
    for (const auto& socket : flood)
        connect(socket.get(), &QTcpSocket::connected, this,
                [&socket] { socket->write(QByteArray(20000, 'z')); });
    QTRY_COMPARE(countConnected(flood), 0);
    ben.node().sendTyping({ann.person()}, {*ConversationId::from(Bytes(32, 3)), true});
    QTRY_COMPARE(ann.typings.size(), 1U);
    QCOMPARE(ann.openedWith(ben), 1);
}

QTEST_GUILESS_MAIN(NodeDefenceTest)
#include "node_defence_test.moc"
