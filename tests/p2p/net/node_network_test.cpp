// Nodes in a network namespace of the test's own: with discovery, and with addresses to which no route leads.
#include "p2p/discovery/beacon.h"
#include "tests/p2p/net/own_network_main.h"
#include "tests/p2p/net/test_node.h"

#include <QNetworkProxy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QUdpSocket>

namespace landline::net {

class NodeNetworkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tellsAtOnceThatNoRouteLeadsThere();
    void endsItsProbeForACloneWhenItStops();
    void goesAmidAProbeForAClone();
    void dropsTransfersAtAnAddressThatIsGone();
};

namespace {

/// A node with discovery, and what says that it has a clone: a beacon of its key at a port where nobody ever answers.
struct Probing {
    Probing() {
        NodeConfig config;
        config.name = QStringLiteral("Ann");
        node = std::make_unique<Node>(config, identity);
        node->start();
        silent.listen(QHostAddress::Any);
        shout();
    }
    void shout() {
        discovery::Beacon beacon;
        beacon.type = discovery::BeaconType::Announce;
        beacon.port = silent.serverPort();
        beacon.period = std::chrono::seconds(20);
        beacon.instance = 77;
        beacon.counter = ++counter;
        beacon.name = "Ann";
        const Bytes bytes = discovery::encodeBeacon(beacon, identity->keys.signing);
        socket.writeDatagram(reinterpret_cast<const char*>(bytes.data()), qint64(bytes.size()),
                             QHostAddress(QHostAddress::LocalHost), limits::kDiscoveryPort);
    }
    /// The connection of the probe; the node waits for an answer on it.
    [[nodiscard]] QTcpSocket* probe() {
        if (!accepted) accepted.reset(silent.nextPendingConnection());
        return accepted.get();
    }

    std::shared_ptr<const LocalIdentity> identity = test::makeIdentity();
    std::unique_ptr<Node> node;
    QTcpServer silent;
    std::unique_ptr<QTcpSocket> accepted;
    QUdpSocket socket;
    std::uint64_t counter = static_cast<std::uint64_t>(toUnixMillis(SystemClock().wall()));
};

const wire::TransferId kTransfer = *wire::TransferId::from(Bytes(16, 9));

/// More than can come during a test.
constexpr std::uint64_t kEndless = std::uint64_t(1) << 50;

class EndlessSource final : public transfer::ChunkSource {
public:
    [[nodiscard]] std::uint64_t size() const override { return kEndless; }
    [[nodiscard]] Expected<std::vector<transfer::Piece>> read(std::uint64_t, std::size_t length) override {
        return std::vector<transfer::Piece>{{Bytes(length), 0, {}}};
    }
};

class EndlessSink final : public transfer::ChunkSink {
public:
    [[nodiscard]] Expected<transfer::Held> held() override { return transfer::Held{{}, {{m_end, kEndless}}}; }
    [[nodiscard]] Expected<Bytes> read(std::uint64_t, std::size_t length) override { return Bytes(length); }
    [[nodiscard]] Expected<void> writeParts(std::uint64_t offset, std::span<const ByteView> parts) override {
        for (const ByteView data : parts) m_end = offset += data.size();
        return {};
    }
    [[nodiscard]] Expected<void> skip(std::uint64_t, std::uint64_t, wire::ItemFailure) override { return {}; }
    [[nodiscard]] Expected<Result> finish() override { return Result{}; }

private:
    std::uint64_t m_end = 0;
};

}  // namespace

void NodeNetworkTest::tellsAtOnceThatNoRouteLeadsThere() {
    test::TestNode ann(QStringLiteral("Ann"));
    ann.start();
    Contact contact;
    contact.device = test::makeIdentity()->certificate.device();
    contact.remembered = {{QHostAddress(QStringLiteral("203.0.113.7")), 4000}};
    ann.node().want(contact);
    // Far sooner than a silent address is given up.
    QTRY_VERIFY_WITH_TIMEOUT(!ann.dialFailures.empty(), 5000);
    QVERIFY2(ann.dialFailures.front().contains(QStringLiteral("cannot be reached")),
             qPrintable(ann.dialFailures.front()));
}

void NodeNetworkTest::endsItsProbeForACloneWhenItStops() {
    Probing ann;
    QTRY_VERIFY(ann.probe() && ann.probe()->bytesAvailable() > 0);
    bool stopped = false;
    connect(ann.node.get(), &Node::stopped, this, [&stopped] { stopped = true; });
    ann.node->stop();
    QTRY_VERIFY(stopped);
    // Long before the probe would have been given up.
    QTRY_VERIFY_WITH_TIMEOUT(ann.probe()->state() == QAbstractSocket::UnconnectedState, 1000);
}

void NodeNetworkTest::goesAmidAProbeForAClone() {
    Probing ann;
    QTRY_VERIFY(ann.probe() && ann.probe()->bytesAvailable() > 0);
    ann.node.reset();
    QTRY_COMPARE(ann.probe()->state(), QAbstractSocket::UnconnectedState);
}

void NodeNetworkTest::dropsTransfersAtAnAddressThatIsGone() {
    const QHostAddress going(QStringLiteral("10.9.9.1"));
    QVERIFY(test::runHere("ip address add 10.9.9.1/32 dev lo"));
    test::TestNode ann(QStringLiteral("Ann"));
    test::TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    int ended = 0;
    connect(&ann.node(), &Node::fileWanted, &ann,
            [&ann](SessionNumber bulk) { ann.node().serveFile(bulk, std::make_shared<EndlessSource>()); });
    connect(&ann.node(), &Node::fileServed, &ann,
            [&ended](const wire::TransferId&, quint64, bool finished) { ended += finished ? 1 : 0; });
    quint64 come = 0;
    connect(&ben.node(), &Node::fileProgress, &ben,
            [&come](const wire::TransferId&, quint64 bytes) { come = bytes; });
    FileWish wish;
    wish.from = ann.contact();
    wish.from.remembered = {{going, ann.port()}};
    wish.transfer = kTransfer;
    wish.size = kEndless;
    wish.sink = std::make_shared<EndlessSink>();
    ben.node().fetchFile(wish);
    QTRY_VERIFY(come > 0);
    QVERIFY(test::runHere("ip address delete 10.9.9.1/32 dev lo"));
    // The kernel tells of it; keepalive would take half a minute.
    QTRY_COMPARE_WITH_TIMEOUT(ended, 1, 5000);
    QVERIFY(test::runHere("ip address add 10.9.9.1/32 dev lo"));
    const quint64 before = come;
    QTRY_VERIFY_WITH_TIMEOUT(come > before, 10000);
}

}  // namespace landline::net

int main(int argc, char** argv) {
    return landline::test::runInOwnNetwork<landline::net::NodeNetworkTest>(argc, argv);
}

#include "node_network_test.moc"
