#include "p2p/net/dialler.h"
#include "p2p/net/file_fetch.h"
#include "tests/p2p/net/test_node.h"

#include <QNetworkProxy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace landline;
using namespace std::chrono_literals;
using test::TestNode;

/// The parts of a node that dial, each alone.
class DiallingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void dialsWhomItSeesHoweverManyStrangersDialledIt();
    void shakesNoMoreOnceTheHandshakeFailed();
    void beginsAFetchAnewWhereNothingComes();
};

namespace {

/// What links need of a node.
struct Links {
    std::shared_ptr<const net::LocalIdentity> identity = test::makeIdentity();
    SystemRandom random;
    SystemClock clock;
    session::LocalParty party;
    net::LinkKeeper keeper{net::SessionParts{party, random, clock}, nullptr};

    Links() {
        party.keys = &identity->keys;
        party.certificate = &identity->certificate;
        party.instance = 1;
    }
    [[nodiscard]] DeviceId device() const { return identity->certificate.device(); }
};

net::SessionInfo sessionDialledBy(const std::shared_ptr<const net::LocalIdentity>& stranger) {
    net::SessionInfo info;
    info.remote = std::make_shared<const session::RemoteParty>(
        session::RemoteParty{stranger->certificate, wire::Hello{}});
    info.candidate = {QHostAddress(QHostAddress::LocalHost), 9};
    return info;
}

net::Candidate at(const QTcpServer& server) {
    return {QHostAddress(QHostAddress::LocalHost), server.serverPort()};
}

/// Accepts nothing and has its queue full, so that who dials it goes on connecting.
class BusyPort {
public:
    BusyPort() {
        m_server.setListenBacklogSize(0);
        if (!m_server.listen(QHostAddress::LocalHost)) qFatal("no port");
        m_server.pauseAccepting();
        for (auto& socket : m_fill) {
            socket.setProxy(QNetworkProxy::NoProxy);
            socket.connectToHost(m_server.serverAddress(), m_server.serverPort());
        }
    }
    [[nodiscard]] net::Candidate candidate() const { return at(m_server); }

private:
    QTcpServer m_server;
    std::array<QTcpSocket, 4> m_fill;
};

/// Holds nothing and takes nothing.
class EmptySink final : public transfer::ChunkSink {
public:
    [[nodiscard]] Expected<transfer::Held> held() override { return transfer::Held{{}, {{0, 1000}}}; }
    [[nodiscard]] Expected<Bytes> read(std::uint64_t, std::size_t) override { return unexpected(); }
    [[nodiscard]] Expected<void> writeParts(std::uint64_t, std::span<const ByteView>) override {
        return unexpected();
    }
    [[nodiscard]] Expected<void> skip(std::uint64_t, std::uint64_t, wire::ItemFailure) override {
        return unexpected();
    }
    [[nodiscard]] Expected<Result> finish() override { return unexpected(); }

private:
    static Unexpected unexpected() { return Unexpected(ErrorCode::Internal, "Something came."); }
};

}  // namespace

void DiallingTest::dialsWhomItSeesHoweverManyStrangersDialledIt() {
    Links links;
    net::Dialler dialler(links.keeper, links.device(), {}, nullptr);
    dialler.start();
    for (std::size_t i = 0; i < limits::kStandingSessions; ++i)
        dialler.connected(sessionDialledBy(test::makeIdentity()));
    QTcpServer seen;
    QVERIFY(seen.listen(QHostAddress::LocalHost));
    dialler.sighted(test::makeIdentity()->certificate.device(), at(seen), true);
    QTRY_VERIFY(seen.hasPendingConnections());
    dialler.stop();
}

void DiallingTest::shakesNoMoreOnceTheHandshakeFailed() {
    QTcpServer rude;
    QVERIFY(rude.listen(QHostAddress::LocalHost));
    Links links;
    BusyPort busy;
    net::DialPlan plan;
    plan.candidates = {at(rude), busy.candidate()};
    bool isOver = false;
    net::DialAttempt attempt(
        links.keeper, std::move(plan),
        [&isOver](net::LinkHandle, session::RemoteParty, const net::Candidate&) { isOver = true; },
        [&isOver](const net::DialFailure&) { isOver = true; }, nullptr);
    QTRY_VERIFY(rude.hasPendingConnections());
    const std::unique_ptr<QTcpSocket> socket(rude.nextPendingConnection());
    QTRY_VERIFY(socket->bytesAvailable() > 0);
    QVERIFY(attempt.isShaking());
    socket->abort();
    QTRY_VERIFY(!attempt.isShaking());
    QVERIFY(!isOver);
}

void DiallingTest::beginsAFetchAnewWhereNothingComes() {
    TestNode ann(QStringLiteral("Ann"));
    ann.start();
    int asked = 0;
    connect(&ann.node(), &net::Node::fileWanted, this, [&asked] { ++asked; });
    Links links;
    net::FileThread files(nullptr);
    net::FileWish wish;
    wish.from = ann.contact();
    wish.transfer = *wire::TransferId::from(Bytes(16, 9));
    wish.size = 1000;
    wish.sink = std::make_shared<EmptySink>();
    wish.stall = 100ms;
    net::FilePace pace(links.keeper.parts().clock, 16 * 1024, 1024 * 1024, nullptr);
    net::FileFetch fetch(links.keeper, files, pace, wish, nullptr);
    connect(&fetch, &net::FileFetch::routeWanted, this, [&] {
        fetch.routeFound({wish.from.remembered, wire::Suite::ChaChaPoly});
    });
    bool isOver = false;
    connect(&fetch, &net::FileFetch::finished, this, [&isOver] { isOver = true; });
    // Ann keeps the session and says nothing.
    QTRY_VERIFY(asked >= 2);
    QVERIFY(!isOver);
}

QTEST_GUILESS_MAIN(DiallingTest)
#include "dialling_test.moc"
