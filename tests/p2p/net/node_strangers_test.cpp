#include "p2p/noise/handshake_state.h"
#include "p2p/wire/frame_buffer.h"
#include "p2p/wire/preface.h"
#include "tests/p2p/net/raw_peer.h"

#include <QElapsedTimer>
#include <QNetworkProxy>
#include <QTcpSocket>
#include <QTest>

#include <set>

using namespace landline;
using test::RawPeer;
using test::TestNode;
using wire::CloseReason;

/// What a stranger may do who has a key of its own and completes the handshake, as anybody can.
class NodeStrangersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesNobodysWordForAClone();
    void boundsSessionsOfOneAddressWhateverTheirKeys();
    void boundsSessionsOfAllStrangers();
    void closesASessionThatNeverTellsWhatItHolds();
    void boundsBulkSessionsOfAllDevices();
    void readsLittleBeforeTheStoreAnswers();
    void passesOnOneProfileASecondAndTheNewestLast();
    void waitsForTheStoreWithForkEvidence();
    void waitsForTheStoreWithManySmallRuns();
    void rationsHandshakesOfOneAddress();
};

namespace {

const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 4));
const ConversationId kShared = *ConversationId::from(Bytes(32, 7));

using Peers = std::vector<std::unique_ptr<RawPeer>>;

int countOpen(const Peers& peers) {
    return int(std::count_if(peers.begin(), peers.end(),
                             [](const auto& peer) { return peer->open && !peer->ended; }));
}

/// Starts sync with whoever comes, as a store does that shares one conversation.
void answerAll(TestNode& node, QObject* context) {
    QObject::connect(&node.node(), &net::Node::sessionOpened, context,
                     [&node](const net::SessionInfo& session) {
                         node.node().startSync(session.number, {{kShared, {}}});
                     });
}

/// Dials, proves a key of its own in the handshake, and then says one thing instead of Hello.
class Impolite final : public QObject {
public:
    Impolite(const TestNode& node, wire::Message word) : m_word(std::move(word)) {
        m_socket.setProxy(QNetworkProxy::NoProxy);
        connect(&m_socket, &QTcpSocket::connected, this, [this] {
            write(wire::Preface{}.encode());
            writeFrame(m_handshake.writeMessage({}).value());
        });
        connect(&m_socket, &QTcpSocket::readyRead, this, &Impolite::answer);
        m_socket.connectToHost(QHostAddress(QHostAddress::LocalHost), node.port());
    }
    [[nodiscard]] bool hasSpoken() const { return m_spoken; }
    [[nodiscard]] bool isOver() const { return m_socket.state() == QAbstractSocket::UnconnectedState; }

private:
    void answer() {
        const QByteArray bytes = m_socket.readAll();
        m_in.feed({reinterpret_cast<const std::uint8_t*>(bytes.data()), std::size_t(bytes.size())});
        if (!m_hasPreface) m_hasPreface = m_in.nextRaw(wire::Preface::kBytes).has_value();
        if (!m_hasPreface || m_spoken) return;
        const auto frame = m_in.next(limits::kHandshakeFrame).value();
        if (!frame || !m_handshake.readMessage(*frame)) return;
        writeFrame(m_handshake.writeMessage({}).value());
        auto transport = std::move(m_handshake).intoTransport().value();
        Bytes word = wire::encodeMessage(m_word);
        word.resize(word.size() + noise::Aead::kTagBytes);
        m_spoken = transport.seal(word).ok();
        writeFrame(word);
    }
    void write(ByteView bytes) {
        m_socket.write(reinterpret_cast<const char*>(bytes.data()), qint64(bytes.size()));
    }
    void writeFrame(ByteView body) {
        Bytes frame;
        wire::appendFrameHeader(frame, body.size());
        append(frame, body);
        write(frame);
    }

    std::shared_ptr<const net::LocalIdentity> m_identity = test::makeIdentity();
    SystemRandom m_random;
    wire::Message m_word;
    noise::HandshakeState m_handshake{
        noise::kPatternXX,
        noise::Cipher::ChaChaPoly,
        noise::Role::Initiator,
        wire::Preface{}.encode(),
        {m_identity->keys.noise.secret.clone(), m_identity->keys.noise.publicKey},
        std::nullopt,
        m_random};
    QTcpSocket m_socket;
    wire::FrameBuffer m_in;
    bool m_hasPreface = false;
    bool m_spoken = false;
};

}  // namespace

void NodeStrangersTest::takesNobodysWordForAClone() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    Impolite first(ann, wire::Close{CloseReason::Clone, {}});
    QTRY_VERIFY(first.hasSpoken() && first.isOver());
    QVERIFY(ann.clones.empty());

    RawPeer second(ann, 0);
    QTRY_VERIFY(second.open && !ann.open.empty());
    second.close(CloseReason::Clone);
    QTRY_COMPARE(ann.closings.size(), 1U);
    QCOMPARE(ann.closings.front().reason, CloseReason::Unknown);
    QVERIFY(ann.clones.empty());
}

void NodeStrangersTest::boundsSessionsOfOneAddressWhateverTheirKeys() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    answerAll(ann, this);
    ann.want(ben);
    QTRY_VERIFY(ann.sessionWith(ben));
    Peers strangers;
    for (std::size_t i = 0; i < limits::kStandingPerAddress + 5; ++i) {
        strangers.push_back(std::make_unique<RawPeer>(ann, 0));
        QTRY_VERIFY(strangers.back()->open);
    }
    // None of them has said what it holds, so none is idle: the oldest go nevertheless, and whom Ann wants stays.
    QTRY_COMPARE(countOpen(strangers), int(limits::kStandingPerAddress));
    QVERIFY(strangers.front()->ended && strangers.front()->ended->reason == CloseReason::Idle);
    QVERIFY(!strangers.back()->ended);
    QVERIFY(ann.sessionWith(ben));
    QCOMPARE(ann.open.size(), limits::kStandingPerAddress + 1);
}

void NodeStrangersTest::boundsSessionsOfAllStrangers() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    answerAll(ann, this);
    const auto honest = test::makeIdentity();
    const QHostAddress elsewhere(QStringLiteral("127.0.9.9"));
    RawPeer lone(ann, 0, wire::Purpose::Conversation, {}, honest, elsewhere);
    QTRY_VERIFY(lone.open);
    Peers strangers;
    constexpr quint32 kFirst = 0x7F000102;  // 127.0.1.2
    constexpr quint32 kOfEach = 8;
    for (quint32 i = 0; i < limits::kStandingSessions + kOfEach; ++i) {
        strangers.push_back(std::make_unique<RawPeer>(ann, 0, wire::Purpose::Conversation,
                                                      std::optional<wire::TransferId>(), test::makeIdentity(),
                                                      QHostAddress(kFirst + i / kOfEach)));
        QTRY_VERIFY(strangers.back()->open);
    }
    QTRY_COMPARE(countOpen(strangers), int(limits::kStandingSessions) - 1);
    QCOMPARE(ann.open.size(), limits::kStandingSessions);
    // They have put out their own, not the one that came before them all.
    QVERIFY(!lone.ended);
    QVERIFY(!strangers.back()->ended);
}

void NodeStrangersTest::closesASessionThatNeverTellsWhatItHolds() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    answerAll(ann, this);
    RawPeer silent(ann, 0);
    RawPeer telling(ann, 0);
    QTRY_VERIFY(silent.open && telling.open);
    telling.send(wire::HeadsDigest{});
    QTRY_VERIFY_WITH_TIMEOUT(silent.ended, 15000);
    QVERIFY(silent.ended->reason == CloseReason::Idle);
    QVERIFY(!telling.ended);
}

void NodeStrangersTest::boundsBulkSessionsOfAllDevices() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    Peers peers;
    const auto comesOne = [&](const std::shared_ptr<const net::LocalIdentity>& identity) {
        peers.push_back(std::make_unique<RawPeer>(ann, 0, wire::Purpose::Bulk, kTransfer, identity));
        QTRY_VERIFY(peers.back()->open);
    };
    for (std::size_t device = 0; device < limits::kBulkSessions / limits::kBulkSessionsPerDevice; ++device) {
        const auto identity = test::makeIdentity();
        for (std::size_t i = 0; i < limits::kBulkSessionsPerDevice; ++i) comesOne(identity);
    }
    QCOMPARE(countOpen(peers), int(limits::kBulkSessions));
    comesOne(test::makeIdentity());
    QTRY_COMPARE(countOpen(peers), int(limits::kBulkSessions));
    QVERIFY(peers.front()->ended);
    QVERIFY(!peers.back()->ended);
}

void NodeStrangersTest::readsLittleBeforeTheStoreAnswers() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    RawPeer peer(ann, 0);
    QTRY_VERIFY(peer.open && !ann.open.empty());
    const net::SessionNumber number = ann.open.begin()->first;
    wire::HeadsDigest digest;
    for (std::size_t i = 0; i < 1000; ++i) digest.conversations.push_back({ConversationId(), Hash128()});
    for (int i = 0; i < 40; ++i) peer.send(digest);
    peer.send(wire::Typing{kShared, true});
    // Meanwhile somebody else comes, and is heard.
    RawPeer another(ann, 0);
    QTRY_VERIFY(another.open);
    another.send(wire::Typing{kShared, false});
    QTRY_COMPARE(ann.typings.size(), 1U);
    QVERIFY(!ann.typings.front().active);
    // Nothing of it is lost.
    ann.node().startSync(number, {});
    QTRY_COMPARE(ann.typings.size(), 2U);
    QVERIFY(!peer.ended);
}

void NodeStrangersTest::passesOnOneProfileASecondAndTheNewestLast() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    std::vector<std::string> names;
    connect(&ann.node(), &net::Node::profileReceived, this,
            [&names](const DeviceId&, const PersonId&, const wire::Profile& profile) {
                names.push_back(profile.name);
            });
    RawPeer peer(ann, 0);
    QTRY_VERIFY(peer.open);
    QElapsedTimer elapsed;
    elapsed.start();
    for (int i = 0; i < 500; ++i) {
        wire::Profile profile;
        profile.name = i % 2 == 0 ? "Even" : "Odd";
        peer.send(profile);
    }
    wire::Profile last;
    last.name = "Last";
    peer.send(last);
    QTRY_VERIFY(!names.empty() && names.back() == "Last");
    const auto seconds = elapsed.elapsed() / (limits::kLiveInterval / std::chrono::milliseconds(1));
    QVERIFY2(qint64(names.size()) <= seconds + 2, qPrintable(QString::number(names.size())));
}

void NodeStrangersTest::waitsForTheStoreWithForkEvidence() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    answerAll(ann, this);
    int taken = 0;
    connect(&ann.node(), &net::Node::forkToExamine, this, [&taken] { ++taken; });
    RawPeer peer(ann, 0);
    QTRY_VERIFY(peer.open && !ann.open.empty());
    const net::SessionNumber number = ann.open.begin()->first;
    // So large that one read brings no more than two of them.
    wire::ForkEvidence evidence{kShared, ann.device(), {}};
    for (int i = 0; i < 50; ++i) evidence.headers.push_back({Bytes(1000, 1), {}, {}, {}});
    constexpr int kSent = 30;
    for (int i = 0; i < kSent; ++i) peer.send(evidence);
    peer.send(wire::Typing{kShared, true});
    QTRY_VERIFY(taken >= int(limits::kForkExaminations));
    RawPeer another(ann, 0);
    QTRY_VERIFY(another.open);
    another.send(wire::Typing{kShared, false});
    QTRY_COMPARE(ann.typings.size(), 1U);
    QVERIFY2(taken <= int(limits::kForkExaminations) + 2, qPrintable(QString::number(taken)));
    // As the store answers, the rest comes.
    int answered = 0;
    QTRY_VERIFY([&] {
        for (; answered < taken; ++answered) ann.node().examined(number);
        return ann.typings.size() == 2;
    }());
    QCOMPARE(taken, kSent);
    QVERIFY(!peer.ended);
}

void NodeStrangersTest::waitsForTheStoreWithManySmallRuns() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    answerAll(ann, this);
    std::vector<quint64> waiting;
    connect(&ann.node(), &net::Node::applyWanted, this,
            [&waiting](net::SessionNumber, const wire::Entries& entries) {
                waiting.push_back(entries.entries.front().bytes());
            });
    RawPeer peer(ann, 0);
    QTRY_VERIFY(peer.open && !ann.open.empty());
    constexpr std::size_t kSent = 20'000;
    const DeviceId author = *DeviceId::from(Bytes(32, 9));
    for (std::size_t i = 0; i < kSent; ++i)
        peer.send(wire::Entries{kShared, author, 1, {{Bytes(10, 1), {}, {}, {}}}});
    QTRY_VERIFY(waiting.size() >= limits::kApplyFrames);
    RawPeer another(ann, 0);
    QTRY_VERIFY(another.open);
    another.send(wire::Typing{kShared, false});
    QTRY_COMPARE(ann.typings.size(), 1U);
    constexpr std::size_t kReadAtOnce = 64 * 1024 / 100;
    QVERIFY2(waiting.size() <= limits::kApplyFrames + kReadAtOnce,
             qPrintable(QString::number(waiting.size())));
    QVERIFY(!peer.ended);
}

void NodeStrangersTest::rationsHandshakesOfOneAddress() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    const auto preface = wire::Preface{}.encode();
    const QByteArray hello = QByteArray(reinterpret_cast<const char*>(preface.data()), preface.size()) +
                             QByteArray::fromHex("0020") + QByteArray(32, '\x09');
    constexpr std::size_t kAtOnce = 10;
    int answered = 0;
    QElapsedTimer elapsed;
    elapsed.start();
    for (int batch = 0; batch < 60; ++batch) {
        std::vector<std::unique_ptr<QTcpSocket>> sockets;
        std::set<QTcpSocket*> over;
        for (std::size_t i = 0; i < kAtOnce; ++i) {
            sockets.push_back(std::make_unique<QTcpSocket>());
            QTcpSocket* const socket = sockets.back().get();
            socket->setProxy(QNetworkProxy::NoProxy);
            connect(socket, &QTcpSocket::connected, this, [socket, &hello] { socket->write(hello); });
            connect(socket, &QTcpSocket::readyRead, this, [&answered, &over, socket] {
                // A handshake message follows the preface, or nothing does.
                if (socket->bytesAvailable() <= qint64(wire::Preface::kBytes)) return;
                socket->readAll();
                answered += over.insert(socket).second ? 1 : 0;
            });
            connect(socket, &QTcpSocket::errorOccurred, this, [&over, socket] { over.insert(socket); });
            socket->connectToHost(QHostAddress(QHostAddress::LocalHost), ann.port());
        }
        QTRY_COMPARE(over.size(), kAtOnce);
        for (const auto& socket : sockets) socket->disconnect(this);
    }
    const double most = limits::kHandshakesPerAddressBurst +
                        limits::kHandshakesPerAddress * (double(elapsed.elapsed()) / 1000 + 1);
    QVERIFY(answered >= int(limits::kHandshakesPerAddressBurst));
    QVERIFY2(answered <= most, qPrintable(QString::number(answered)));
}

QTEST_GUILESS_MAIN(NodeStrangersTest)
#include "node_strangers_test.moc"
