#include "p2p/wire/preface.h"
#include "tests/p2p/net/raw_peer.h"
#include "tests/support/seeded_random.h"

#include <QNetworkProxy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <set>

using namespace landline;
using test::RawPeer;
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
    void keepsFewUnprovenConnectionsWhateverTheirAddresses();
    void refusesACertificateOfOtherKeys_data();
    void refusesACertificateOfOtherKeys();
    void tellsADiallerWhatAnswersInstead_data();
    void tellsADiallerWhatAnswersInstead();
    void warnsOnceOfDiallersWithAnotherVersion();
};

namespace {

std::unique_ptr<QTcpSocket> dial(const TestNode& node, const QHostAddress& from = {}) {
    auto socket = std::make_unique<QTcpSocket>();
    socket->setProxy(QNetworkProxy::NoProxy);
    if (!from.isNull()) socket->bind(from);
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
    int connections = 0;
    std::set<QTcpSocket*> over;
    for (const auto& one : flood) {
        QTcpSocket* const socket = one.get();
        connect(socket, &QTcpSocket::connected, this, [&connections, socket] {
            ++connections;
            socket->write(QByteArray(20000, 'z'));
        });
        connect(socket, &QTcpSocket::disconnected, this, [&over, socket] { over.insert(socket); });
        // Cut off so early that it never felt connected.
        connect(socket, &QTcpSocket::errorOccurred, this, [&over, socket] { over.insert(socket); });
    }
    QTRY_COMPARE(over.size(), flood.size());
    QVERIFY(connections > int(limits::kUnauthenticatedPerAddress));
    QCOMPARE(countConnected(flood), 0);
    ben.node().sendTyping({ann.person()}, {*ConversationId::from(Bytes(32, 3)), true});
    QTRY_COMPARE(ann.typings.size(), 1U);
    QCOMPARE(ann.openedWith(ben), 1);
}

void NodeDefenceTest::keepsFewUnprovenConnectionsWhateverTheirAddresses() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    constexpr quint32 kFirst = 0x7F000102;  // 127.0.1.2
    std::vector<std::unique_ptr<QTcpSocket>> flood;
    for (quint32 i = 0; i < 200; ++i) flood.push_back(dial(ann, QHostAddress(kFirst + i / 10)));
    // Each with as much of a frame as is read before the other side has proven itself.
    for (const auto& socket : flood)
        connect(socket.get(), &QTcpSocket::connected, this, [&socket] {
            socket->write(preface(1) + QByteArray::fromHex("0400") + QByteArray(1023, 'x'));
        });
    ben.want(ann);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    QTRY_VERIFY(countConnected(flood) <= int(limits::kUnauthenticatedConnections));
    QVERIFY(ann.sessionWith(ben));
}

void NodeDefenceTest::refusesACertificateOfOtherKeys_data() {
    QTest::addColumn<bool>("foreignNoiseKey");
    QTest::newRow("another device's certificate") << false;
    QTest::newRow("own certificate, another key in the handshake") << true;
}

void NodeDefenceTest::refusesACertificateOfOtherKeys() {
    QFETCH(bool, foreignNoiseKey);
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    initCrypto();
    SystemRandom random;
    const auto person = identity::SigningKey::generate(random);
    auto keys = identity::DeviceKeys::generate(random);
    const auto others = identity::DeviceKeys::generate(random);
    const auto certificate =
        identity::Certificate::issue(person, foreignNoiseKey ? keys : others, SystemClock().wall());
    if (foreignNoiseKey) keys.noise = identity::NoiseKeyPair::generate(random);
    const auto liar =
        std::make_shared<const net::LocalIdentity>(net::LocalIdentity{std::move(keys), certificate});
    RawPeer peer(ann, 0, wire::Purpose::Conversation, {}, liar);
    QTRY_VERIFY(peer.ended);
    QVERIFY(!peer.open);
    QVERIFY(peer.ended->reason == wire::CloseReason::Violation && peer.ended->byPeer);
    QVERIFY(peer.ended->error && !peer.ended->error->text.empty());
    QVERIFY(ann.everOpened.empty());
}

void NodeDefenceTest::tellsADiallerWhatAnswersInstead_data() {
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("mentions");
    wire::Preface refused;
    refused.major = 9;
    refused.purpose = wire::Purpose::Refused;
    const auto bytes = refused.encode();
    QTest::newRow("another version") << QByteArray(reinterpret_cast<const char*>(bytes.data()),
                                                   qsizetype(bytes.size()))
                                     << QStringLiteral("version 9");
    QTest::newRow("another program") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n") << QStringLiteral("Landline");
    QTest::newRow("nothing but the end") << QByteArray() << QStringLiteral("closed");
}

void NodeDefenceTest::tellsADiallerWhatAnswersInstead() {
    QFETCH(QByteArray, answer);
    QFETCH(QString, mentions);
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, this, [&] {
        QTcpSocket* const socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket, answer] {
            socket->readAll();
            socket->write(answer);
            socket->disconnectFromHost();
        });
    });
    ann.node().want(ben.contact(server.serverPort()));
    QTRY_VERIFY(!ann.dialFailures.empty());
    QVERIFY2(ann.dialFailures.front().contains(mentions), qPrintable(ann.dialFailures.front()));
    QVERIFY(ann.everOpened.empty());
}

void NodeDefenceTest::warnsOnceOfDiallersWithAnotherVersion() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    std::vector<QString> warnings;
    connect(&ann.node(), &net::Node::warning, this,
            [&warnings](const QString& text) { warnings.push_back(text); });
    for (int i = 0; i < 3; ++i) {
        const auto socket = dial(ann);
        QTRY_COMPARE(socket->state(), QAbstractSocket::ConnectedState);
        socket->write(preface(2));
        QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    }
    QCOMPARE(warnings.size(), 1U);
    QVERIFY2(warnings.front().contains(QStringLiteral("127.0.0.1")) &&
                 warnings.front().contains(QStringLiteral("version 2")),
             qPrintable(warnings.front()));
}

QTEST_GUILESS_MAIN(NodeDefenceTest)
#include "node_defence_test.moc"
