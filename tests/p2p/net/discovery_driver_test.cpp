// Discovery with real sockets, in network namespaces of the test's own.
#include "p2p/net/discovery_driver.h"
#include "p2p/net/network_monitor.h"
#include "tests/p2p/net/own_network_main.h"
#include "tests/support/own_network.h"
#include "tests/support/seeded_random.h"

#include <QCoreApplication>
#include <QNetworkProxy>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

namespace landline::net {

using namespace std::chrono_literals;

namespace {

constexpr quint16 kPort = 47474;

/// Someone with a driver on the thread that made it.
struct Person {
    Person(std::uint64_t seed, const QString& name)
        : random(seed),
          key(identity::SigningKey::generate(random)),
          driver(configOf(name.toStdString()), kPort, clock, random) {}

    discovery::Config configOf(const std::string& name) {
        discovery::Config config;
        config.key = &key;
        config.person = random.make<PersonId>();
        config.name = name;
        config.port = 4000;
        config.instance = random.next64() | 1;
        config.firstCounter = static_cast<std::uint64_t>(toUnixMillis(clock.wall()));
        return config;
    }
    [[nodiscard]] DeviceId id() const { return DeviceId::from(key.publicKey().view()).value(); }
    [[nodiscard]] bool sees(const Person& other) const {
        const auto* entry = driver.discovery().roster().find(other.id());
        return entry != nullptr && entry->present;
    }
    [[nodiscard]] QHostAddress addressOf(const Person& other) const {
        return toHostAddress(
            driver.discovery().roster().find(other.id())->candidates.front().endpoint.address);
    }

    SystemClock clock;
    test::SeededRandom random;
    identity::SigningKey key;
    DiscoveryDriver driver;
};

/// A beacon of somebody who does not exist, or of `key`.
Bytes beaconOf(const identity::SigningKey& key, std::uint64_t counter, Random& random) {
    discovery::Beacon beacon;
    beacon.type = discovery::BeaconType::Announce;
    beacon.port = 4001;
    beacon.period = 20s;
    beacon.instance = random.next64() | 1;
    beacon.counter = counter;
    beacon.name = "Nobody";
    return discovery::encodeBeacon(beacon, key);
}

/// A machine of its own: a thread in another network namespace, joined to this one by a cable (wire0 here, eth0 there).
class OtherMachine {
public:
    OtherMachine() {
        m_thread.start();
        m_context.moveToThread(&m_thread);
        inThere([this] { m_number = test::enterAnotherMachine(); });
    }
    ~OtherMachine() {
        inThere([this] { m_person.reset(); });
        m_thread.quit();
        m_thread.wait();
        test::runHere("ip link del wire0 2>/dev/null");
    }
    [[nodiscard]] bool plugIn() {
        const std::string there = std::to_string(m_number);
        bool up = m_number != 0 &&
                  test::runHere("ip link add wire0 type veth peer name eth0 netns " + there) &&
                  test::runHere("ip link set wire0 addrgenmode none up");
        inThere([&up] { up = up && test::runHere("ip link set eth0 addrgenmode none up"); });
        return up;
    }
    /// Gives addresses to both ends: "10.1.0.%1/24 broadcast +" or "fe80::%1/64 nodad".
    [[nodiscard]] bool address(const QString& pattern) {
        bool done =
            test::runHere(QStringLiteral("ip addr add %1 dev wire0").arg(pattern.arg(1)).toStdString());
        inThere([&] {
            done = done &&
                   test::runHere(QStringLiteral("ip addr add %1 dev eth0").arg(pattern.arg(2)).toStdString());
        });
        return done;
    }
    template <class Function>
    void inThere(const Function& function) {
        QMetaObject::invokeMethod(&m_context, function, Qt::BlockingQueuedConnection);
    }
    void meet(std::uint64_t seed, const QString& name) {
        inThere([&] { m_person = std::make_unique<Person>(seed, name); });
    }
    [[nodiscard]] Person& person() { return *m_person; }
    [[nodiscard]] bool itsPersonSees(const Person& other) {
        bool sees = false;
        inThere([&] { sees = m_person->sees(other); });
        return sees;
    }

private:
    QThread m_thread;
    QObject m_context;
    int m_number = 0;
    std::unique_ptr<Person> m_person;
};

}  // namespace

class DiscoveryDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { test::runHere("ip link del wire8 2>/dev/null"); }
    void readsInterfacesAnewAndKnowsWhoIsOnLink();
    void addressesComeBackFromTheCore();
    void twoPeopleOnOneMachineMeet();
    void twoMachinesMeetOverIpv4();
    void twoMachinesMeetOverIpv6LinkLocal();
    void meetsAsSoonAsAnAddressIsThere();
    void hearsGoodbye();
    void invisibleSendsNothing();
    void goesOnSendingWherePortIsTaken();
    void monitorHearsOfAddressesFromTheKernel();
    void everySocketIsWithoutProxy();
    void garbageForgeriesAndInventedKeysKeepNobodyFromMeeting();
};

void DiscoveryDriverTest::readsInterfacesAnewAndKnowsWhoIsOnLink() {
    const auto atFirst = readInterfaces();
    QCOMPARE(atFirst.size(), std::size_t{1});
    QVERIFY(atFirst[0].loopback);
    QCOMPARE(atFirst[0].group, QHostAddress(QStringLiteral("127.255.255.255")));
    QVERIFY(isOnLink(QHostAddress(QStringLiteral("127.0.0.1")), atFirst));
    QVERIFY(!isOnLink(QHostAddress(QStringLiteral("10.2.3.4")), atFirst));

    QVERIFY(test::runHere(
        "ip link add name wire8 type veth peer name wire9 && ip link set wire9 addrgenmode none up && "
        "ip link set wire8 addrgenmode none up && "
        "ip addr add 10.2.3.1/20 broadcast + dev wire8 && ip addr add fe80::9/64 dev wire8 nodad"));
    const auto then = readInterfaces();
    QCOMPARE(then.size(), std::size_t{3});
    QCOMPARE(then[1].interface, QStringLiteral("wire8"));
    QCOMPARE(then[1].group, QHostAddress(QStringLiteral("10.2.15.255")));
    QCOMPARE(then[2].address.scopeId(), QStringLiteral("wire8"));
    QCOMPARE(then[2].group, QHostAddress(QLatin1String(kBeaconGroup)));
    QVERIFY(isOnLink(QHostAddress(QStringLiteral("10.2.15.254")), then));
    QVERIFY(!isOnLink(QHostAddress(QStringLiteral("10.2.16.1")), then));
    QVERIFY(isOnLink(QHostAddress(QStringLiteral("fe80::77%wire8")), then));
    QVERIFY(!isOnLink(QHostAddress(QStringLiteral("fe80::77%lo")), then));

    QVERIFY(test::runHere("ip link del wire8"));
    QVERIFY(readInterfaces() == atFirst);
}

void DiscoveryDriverTest::addressesComeBackFromTheCore() {
    for (const char* text : {"192.168.1.77", "127.0.0.1", "fe80::5%lo", "2001:db8::1"}) {
        const QHostAddress address(QString::fromLatin1(text));
        QCOMPARE(toHostAddress(toAddress(address)).toString(), address.toString());
    }
}

void DiscoveryDriverTest::twoPeopleOnOneMachineMeet() {
    Person anna(1, QStringLiteral("Anna"));
    Person boris(2, QStringLiteral("Boris"));
    QSignalSpy seen(&anna.driver, &DiscoveryDriver::seen);
    anna.driver.start();
    QVERIFY(anna.driver.sockets().isListening());
    QTRY_COMPARE(anna.driver.discovery().statistics().ownEcho, 4U);  // all her hellos have gone
    boris.driver.start();
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(boris) && boris.sees(anna), 2000);
    QVERIFY(anna.addressOf(boris).isLoopback());
    QVERIFY(!seen.isEmpty());
    const auto first = seen.first().at(0).value<discovery::Seen>();
    QCOMPARE(first.name, std::string("Boris"));
    QVERIFY(first.device == boris.id() && first.appeared && first.candidate.port == 4000);
}

void DiscoveryDriverTest::twoMachinesMeetOverIpv4() {
    OtherMachine machine;
    if (!machine.plugIn()) QSKIP("no veth here");
    QVERIFY(machine.address(QStringLiteral("10.1.0.%1/24 broadcast +")));
    Person anna(1, QStringLiteral("Anna"));
    anna.driver.start();
    QTRY_VERIFY(anna.driver.discovery().statistics().ownEcho >= 4);
    machine.meet(2, QStringLiteral("Boris"));
    machine.inThere([&machine] { machine.person().driver.start(); });
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(machine.person()) && machine.itsPersonSees(anna), 2000);
    QCOMPARE(anna.addressOf(machine.person()), QHostAddress(QStringLiteral("10.1.0.2")));
}

void DiscoveryDriverTest::twoMachinesMeetOverIpv6LinkLocal() {
    OtherMachine machine;
    if (!machine.plugIn()) QSKIP("no veth here");
    QVERIFY(machine.address(QStringLiteral("fe80::%1/64 nodad")));
    Person anna(1, QStringLiteral("Anna"));
    anna.driver.start();
    QTRY_VERIFY(anna.driver.discovery().statistics().ownEcho >= 4);
    machine.meet(2, QStringLiteral("Boris"));
    machine.inThere([&machine] { machine.person().driver.start(); });
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(machine.person()) && machine.itsPersonSees(anna), 2000);
    QCOMPARE(anna.addressOf(machine.person()), QHostAddress(QStringLiteral("fe80::2%wire0")));
}

void DiscoveryDriverTest::meetsAsSoonAsAnAddressIsThere() {
    OtherMachine machine;
    if (!machine.plugIn()) QSKIP("no veth here");
    Person anna(1, QStringLiteral("Anna"));
    NetworkMonitor monitor;
    connect(&monitor, &NetworkMonitor::changed, &anna.driver, &DiscoveryDriver::networkChanged);
    anna.driver.start();
    machine.meet(2, QStringLiteral("Boris"));
    machine.inThere([&machine] { machine.person().driver.start(); });
    QTRY_VERIFY(anna.driver.discovery().statistics().ownEcho >= 4);
    QVERIFY(!anna.sees(machine.person()));
    QVERIFY(machine.address(QStringLiteral("10.1.0.%1/24 broadcast +")));
    // Anna's monitor notices; Boris has none and is told.
    machine.inThere([&machine] { machine.person().driver.networkChanged(false); });
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(machine.person()) && machine.itsPersonSees(anna), 4000);
}

void DiscoveryDriverTest::hearsGoodbye() {
    Person anna(1, QStringLiteral("Anna"));
    Person boris(2, QStringLiteral("Boris"));
    anna.driver.start();
    boris.driver.start();
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(boris), 2000);
    QSignalSpy gone(&anna.driver, &DiscoveryDriver::gone);
    boris.driver.stop();
    QVERIFY(gone.wait(2000));
    QVERIFY(gone.first().at(0).value<DeviceId>() == boris.id());
    QVERIFY(!boris.driver.sockets().isListening());
}

void DiscoveryDriverTest::invisibleSendsNothing() {
    Person anna(1, QStringLiteral("Anna"));
    Person boris(2, QStringLiteral("Boris"));
    boris.driver.setVisible(false);
    boris.driver.start();
    anna.driver.start();
    QTRY_VERIFY_WITH_TIMEOUT(boris.sees(anna), 2000);
    boris.driver.networkChanged(false);
    QTRY_VERIFY(anna.driver.discovery().statistics().ownEcho >= 4);
    QCOMPARE(anna.driver.discovery().statistics().received, anna.driver.discovery().statistics().ownEcho);
    boris.driver.setVisible(true);
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(boris), 2000);
}

void DiscoveryDriverTest::goesOnSendingWherePortIsTaken() {
    OtherMachine machine;
    if (!machine.plugIn()) QSKIP("no veth here");
    QVERIFY(machine.address(QStringLiteral("10.1.0.%1/24 broadcast +")));
    auto taken4 = std::make_unique<QUdpSocket>();
    auto taken6 = std::make_unique<QUdpSocket>();
    QVERIFY(taken4->bind(QHostAddress::AnyIPv4, kPort, QUdpSocket::DontShareAddress));
    QVERIFY(taken6->bind(QHostAddress::AnyIPv6, kPort, QUdpSocket::DontShareAddress));
    machine.meet(2, QStringLiteral("Boris"));
    machine.inThere([&machine] { machine.person().driver.start(); });
    Person anna(1, QStringLiteral("Anna"));
    QSignalSpy warning(&anna.driver, &DiscoveryDriver::warning);
    anna.driver.start();
    QCOMPARE(warning.size(), 1);
    QVERIFY(warning.first().at(0).toString().contains(QStringLiteral("47474")));
    QVERIFY(!anna.driver.sockets().isListening());
    QTRY_VERIFY_WITH_TIMEOUT(machine.itsPersonSees(anna), 3000);
    QTRY_VERIFY2_WITH_TIMEOUT(anna.sees(machine.person()), "the answer comes to the port that sent", 3000);
    taken4.reset();
    taken6.reset();
    anna.driver.networkChanged(false);
    QVERIFY2(anna.driver.sockets().isListening(), "it listens as soon as the port is free");
    QCOMPARE(warning.size(), 1);
}

void DiscoveryDriverTest::monitorHearsOfAddressesFromTheKernel() {
    NetworkMonitor::Sources sources;
    sources.poll = 24h;
    NetworkMonitor monitor(sources);
    QSignalSpy changed(&monitor, &NetworkMonitor::changed);
    QVERIFY(test::runHere(
        "ip link add name wire8 type veth peer name wire9 && ip link set wire9 addrgenmode none up && "
        "ip link set wire8 addrgenmode none up && "
        "ip addr add 10.2.3.1/24 broadcast + dev wire8"));
    QVERIFY(changed.wait(5000));
    QCOMPARE(changed.takeFirst().at(0).toBool(), false);
    QVERIFY(test::runHere("ip link del wire8"));
    QVERIFY(changed.wait(5000));
}

void DiscoveryDriverTest::everySocketIsWithoutProxy() {
    QNetworkProxy::setApplicationProxy(
        QNetworkProxy(QNetworkProxy::Socks5Proxy, QStringLiteral("127.0.0.1"), 1));
    BeaconSockets sockets(kPort);
    sockets.open();
    QVERIFY2(sockets.isListening(), "a proxy would have been asked, and refused");
    QSignalSpy received(&sockets, &BeaconSockets::received);
    sockets.broadcast([] { return Bytes(131, 'x'); });
    QVERIFY(received.wait(2000));
    QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy);
}

void DiscoveryDriverTest::garbageForgeriesAndInventedKeysKeepNobodyFromMeeting() {
    Person anna(1, QStringLiteral("Anna"));
    QSignalSpy otherVersion(&anna.driver, &DiscoveryDriver::otherVersionHeard);
    anna.driver.start();
    std::vector<std::unique_ptr<QUdpSocket>> senders;
    for (quint32 i = 0; i < 50; ++i) {
        senders.push_back(std::make_unique<QUdpSocket>());
        QVERIFY(senders.back()->bind(QHostAddress(0x7F010002 + i)));
    }
    std::size_t sent = 0;
    const auto send = [&](const Bytes& datagram) {
        senders[sent % senders.size()]->writeDatagram(reinterpret_cast<const char*>(datagram.data()),
                                                      qint64(datagram.size()), QHostAddress::LocalHost,
                                                      kPort);
        if (++sent % 40 == 0) QCoreApplication::processEvents();
    };
    test::SeededRandom random(3);
    const auto carl = identity::SigningKey::generate(random);
    const auto carlId = DeviceId::from(carl.publicKey().view()).value();
    const auto counter = static_cast<std::uint64_t>(toUnixMillis(anna.clock.wall()));
    const Bytes genuine = beaconOf(carl, counter, random);
    const auto& roster = anna.driver.discovery().roster();
    const auto& told = anna.driver.discovery().statistics();
    send(genuine);
    QTRY_VERIFY(roster.find(carlId) != nullptr);

    for (int i = 0; i < 2000; ++i) {
        Bytes garbage(random.below(1400), 0);
        random.fill(garbage);
        send(garbage);
        send(genuine);  // a replay, from another address
        Bytes forged = beaconOf(carl, counter + 1 + static_cast<std::uint64_t>(i), random);
        forged[7] ^= 1;  // another port than the signed one
        send(forged);
    }
    Bytes newer = genuine;
    newer[3] = 2;
    QTRY_VERIFY((send(newer), otherVersion.size() == 1));
    Bytes invented = genuine;
    for (int i = 0; i < 100'000; ++i) {
        random.fill(std::span(invented).subspan(26, 32));
        send(invented);
    }
    QTRY_VERIFY(told.malformed > 0 && told.stale > 0 && told.badSignature > 0);
    QCOMPARE(otherVersion.size(), 1);
    QCOMPARE(roster.size(), std::size_t{1});
    QCOMPARE(roster.find(carlId)->candidates.size(), std::size_t{1});
    QCOMPARE(toHostAddress(roster.find(carlId)->candidates.front().endpoint.address),
             QHostAddress(0x7F010002));

    Person boris(2, QStringLiteral("Boris"));
    boris.driver.start();
    QTRY_VERIFY_WITH_TIMEOUT(anna.sees(boris) && boris.sees(anna), 5000);
}

}  // namespace landline::net

int main(int argc, char** argv) {
    return landline::test::runInOwnNetwork<landline::net::DiscoveryDriverTest>(argc, argv);
}

#include "discovery_driver_test.moc"
