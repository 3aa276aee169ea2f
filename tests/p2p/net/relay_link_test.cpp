#include "p2p/net/relays.h"
#include "tests/p2p/net/test_relay.h"

#include <QNetworkProxy>
#include <QTest>

using namespace landline;
using namespace std::chrono_literals;
using namespace wire::relay;
using test::runUntil;
using test::TestNode;
using test::TestRelay;

/// The connections of a node to its relays, over real sockets of this machine.
class RelayLinkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsADepositFromOneDeviceToAnother();
    void leavesItsOwnMailboxAloneOnAVisit();
    void findsARelayByItsName();
    void comesBackAfterTheRelayWasAway();
    void comesBackAtOnceAfterSleep();
    void staysAwayForAsLongAsItIsAskedTo();
    void refusesAnotherKeyLoudlyAndDoesNotInsist();
    void tellsOfANameThatLeadsNowhere();
    void waitsForAPersonWhereItIsShutOut();
    void makesWayForAnotherProgramWithItsKey();
    void leavesARelayThatDoesNotReadAndSendsAllAgain();
    void answersEachQuestionAlsoWithoutARelay();
    void tellsPresenceNoMoreOftenThanItIsOfUse();
    void saysNothingOfARelayThatWasRemoved();
    void suffersNothingFromADeadRelay();
};

namespace {

constexpr net::RelayNumber kRelay = 7;
const Bytes kPrekeyBytes(145, 9);

PrekeyId prekeyId() {
    return PrekeyId::from(ByteView(kPrekeyBytes).subspan(33, PrekeyId::kSize)).value();
}

/// The system's, and as far ahead as the test says.
class JumpingClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override { return m_system.mono() + ahead; }
    [[nodiscard]] WallTime wall() const override {
        return m_system.wall() + std::chrono::duration_cast<std::chrono::milliseconds>(ahead);
    }
    Duration ahead{};

private:
    SystemClock m_system;
};

/// A device with relays, that remembers what it was told.
struct Device {
    explicit Device(std::shared_ptr<const net::LocalIdentity> who = test::makeIdentity())
        : identity(std::move(who)) {
        party.keys = &identity->keys;
        party.certificate = &identity->certificate;
        party.instance = 1;
        QObject::connect(&relays, &net::Relays::told, &relays,
                         [this](net::RelayNumber, const mailbox::Event& event) { events.push_back(event); });
        QObject::connect(&relays, &net::Relays::down, &relays,
                         [this](net::RelayNumber, const net::RelayDown& down) { downs.push_back(down); });
        QObject::connect(&relays, &net::Relays::wrongKey, &relays,
                         [this](net::RelayNumber, const QString& at) { wrongKeys.push_back(at); });
        relays.start();
    }

    void add(const identity::RelayUrl& url, std::optional<RelayInvite> invite = {}) {
        net::RelaySetup setup;
        setup.number = kRelay;
        setup.url = url;
        setup.hello.invite = invite;
        add(setup);
    }
    void add(TestRelay& relay) { add(relay.url(), relay.book().makeInvite(1)); }
    void add(const net::RelaySetup& setup) { relays.add(setup); }
    [[nodiscard]] net::RelayLink& relay() { return *relays.find(kRelay); }
    [[nodiscard]] DeviceId id() const { return identity->certificate.device(); }

    template <class Kind>
    [[nodiscard]] std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const mailbox::Event& event : events)
            if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
        return found;
    }
    template <class Kind>
    [[nodiscard]] bool hears(std::size_t times = 1) {
        return runUntil([&] { return all<Kind>().size() >= times; });
    }
    [[nodiscard]] bool isDown(std::size_t times = 1) {
        return runUntil([&] { return downs.size() >= times; });
    }
    /// Its clock goes on, and it looks at it.
    void jump(Duration time) {
        clock.ahead += time;
        relay().watch({});
    }
    void networkChanged(bool resumed = false) {
        relays.networkChanged(resumed, {QStringLiteral("127.0.0.1"), QStringLiteral("::1")});
    }

    std::shared_ptr<const net::LocalIdentity> identity;
    SystemRandom random;
    JumpingClock clock;
    session::LocalParty party;
    net::LinkKeeper links{net::SessionParts{party, random, clock}, nullptr};
    net::Relays relays{links, nullptr};
    std::vector<mailbox::Event> events;
    std::vector<net::RelayDown> downs;
    std::vector<QString> wrongKeys;
};

/// A device with a prekey, that gives away its token.
struct Receiver : Device {
    explicit Receiver(TestRelay& at) {
        net::RelaySetup setup;
        setup.number = kRelay;
        setup.url = at.url();
        setup.hello.invite = at.book().makeInvite(1);
        setup.prekey = net::RelayPrekey{prekeyId(), kPrekeyBytes, 0};
        setup.tokens = {{token, 0}};
        add(setup);
    }
    [[nodiscard]] Deposit depositFor(RelayEpoch epoch, std::size_t bytes = 528) const {
        return {
            epoch, Box::Messages, {{{id(), token}, prekeyId(), Bytes(limits::kSeal, 2)}}, Bytes(bytes, 1)};
    }
    RelayToken token = random.make<RelayToken>();
};

/// How many connections came when somebody who came later has been let in: until then the relay has seen all before.
int connectionsByNow(TestRelay& relay) {
    Device other;
    other.add(relay);
    if (!other.hears<mailbox::Entered>()) return -1;
    return relay.connections() - 1;
}

}  // namespace

void RelayLinkTest::bringsADepositFromOneDeviceToAnother() {
    TestRelay relay;
    Receiver to(relay);
    QVERIFY(to.hears<mailbox::PrekeyConfirmed>());
    Device from;
    from.add(relay);
    QVERIFY(from.hears<mailbox::Entered>());
    from.relay().deposit(5, to.depositFor(relay.book().epoch()));
    QVERIFY(from.hears<mailbox::DepositChanged>());
    const auto changed = from.all<mailbox::DepositChanged>().front();
    QCOMPARE(changed.counter, DepositCounter(5));
    QCOMPARE(changed.held.size(), std::size_t(1));
    QVERIFY(changed.held.front() == to.id());

    QVERIFY(to.hears<mailbox::Arrived>());
    const auto arrived = to.all<mailbox::Arrived>().front();
    QCOMPARE(arrived.items.size(), std::size_t(1));
    QVERIFY(arrived.items.front().body == Bytes(528, 1));
    QCOMPARE(relay.book().waiting(to.id()), std::size_t(1));
    to.relay().committed(Box::Messages, {arrived.epoch, arrived.through});
    QVERIFY(runUntil([&] { return relay.book().waiting(to.id()) == 0; }));
    QVERIFY(to.hears<mailbox::Drained>(2));
    QCOMPARE(to.all<mailbox::Drained>().back().messages, arrived.through);
}

void RelayLinkTest::leavesItsOwnMailboxAloneOnAVisit() {
    TestRelay relay;
    Receiver to(relay);
    QVERIFY(to.hears<mailbox::PrekeyConfirmed>());
    QVERIFY(to.hears<mailbox::TokensConfirmed>());
    to.relays.remove(kRelay);
    Device from;
    from.add(relay);
    QVERIFY(from.hears<mailbox::Entered>());
    from.relay().deposit(5, to.depositFor(relay.book().epoch()));
    QVERIFY(from.hears<mailbox::DepositChanged>());
    QCOMPARE(relay.book().waiting(to.id()), std::size_t(1));

    to.events.clear();
    net::RelaySetup visit;
    visit.number = kRelay;
    visit.url = relay.url();
    visit.hello.pass = Addressee{from.id(), to.random.make<RelayToken>()};
    to.add(visit);
    QVERIFY(to.hears<mailbox::Entered>());
    QVERIFY2(to.all<mailbox::Entered>().front().welcome.hasAccount, "that is what this is about");
    // What comes meanwhile is left as well. A question comes after whatever was to be fetched.
    relay.sendToAll({0, Hint{Box::Messages, 1}});
    relay.sendToAll({0, Hint{Box::Heads, 1}});
    for (quint64 question = 1; question <= 2; ++question) {
        to.relay().ask(question, FetchPrekeys{{{from.id(), {}}}});
        QVERIFY(to.hears<mailbox::Answer>(question));
    }
    QVERIFY(to.all<mailbox::Arrived>().empty());
    QCOMPARE(relay.book().waiting(to.id()), std::size_t(1));
}

void RelayLinkTest::findsARelayByItsName() {
    TestRelay relay;
    Device device;
    device.add(relay.url("localhost"), relay.book().makeInvite(1));
    QVERIFY(device.hears<mailbox::Entered>());
    QVERIFY(device.hears<mailbox::Drained>());
    QVERIFY(device.downs.empty());
}

void RelayLinkTest::comesBackAfterTheRelayWasAway() {
    TestRelay relay;
    Receiver to(relay);
    QVERIFY(to.hears<mailbox::PrekeyConfirmed>());
    Device from;
    from.add(relay);
    QVERIFY(from.hears<mailbox::Entered>());
    relay.stop();
    QVERIFY(from.isDown());
    QVERIFY(from.downs.front().again);
    from.relay().deposit(1, to.depositFor(relay.book().epoch()));
    // A dial in vain.
    QVERIFY(from.isDown(2));
    relay.start();
    QVERIFY(from.hears<mailbox::Entered>(2));
    QVERIFY(from.hears<mailbox::DepositChanged>());
    QVERIFY(to.hears<mailbox::Arrived>());
}

void RelayLinkTest::comesBackAtOnceAfterSleep() {
    TestRelay relay;
    Device device;
    device.add(relay);
    QVERIFY(device.hears<mailbox::Entered>());
    device.networkChanged();
    QVERIFY(device.downs.empty());
    device.networkChanged(true);
    QCOMPARE(device.downs.size(), std::size_t(1));
    QVERIFY(device.hears<mailbox::Entered>(2));
    // And where its address is gone.
    device.relays.networkChanged(false, {QStringLiteral("192.0.2.1")});
    QCOMPARE(device.downs.size(), std::size_t(2));
    QVERIFY(device.hears<mailbox::Entered>(3));
}

void RelayLinkTest::staysAwayForAsLongAsItIsAskedTo() {
    TestRelay relay;
    Device device;
    device.add(relay);
    QVERIFY(device.hears<mailbox::Entered>());
    relay.leave(5min);
    QVERIFY(device.isDown());
    QVERIFY(device.downs.front().again > 4min);
    device.networkChanged();
    QCOMPARE(connectionsByNow(relay), 1);
    device.jump(5min);
    QVERIFY(device.hears<mailbox::Entered>(2));
}

void RelayLinkTest::refusesAnotherKeyLoudlyAndDoesNotInsist() {
    TestRelay relay;
    Device device;
    identity::RelayUrl url = relay.url();
    url.key = test::makeIdentity()->certificate.noiseKey();
    device.add(url, relay.book().makeInvite(1));
    QVERIFY(device.isDown());
    QCOMPARE(device.wrongKeys, std::vector<QString>{QStringLiteral("127.0.0.1:%1").arg(url.port)});
    QVERIFY(device.downs.front().error.code == ErrorCode::WrongKey);
    QVERIFY(device.downs.front().again > 9min);
    QCOMPARE(relay.opened(), 0);
    device.jump(9min);
    QCOMPARE(connectionsByNow(relay), 1);
    device.networkChanged();
    QVERIFY(device.isDown(2));
    QCOMPARE(device.wrongKeys.size(), std::size_t(2));
    QVERIFY(device.events.empty());
}

void RelayLinkTest::tellsOfANameThatLeadsNowhere() {
    Device device;
    // Longer than a name's part may be, so that nobody is asked.
    device.add({std::string(64, 'a').append(".example"), 47474, {}, {}});
    QVERIFY(device.isDown());
    QVERIFY(device.downs.front().error.code == ErrorCode::Unreachable);
    QVERIFY(device.downs.front().again);
    QVERIFY(device.isDown(2));
}

void RelayLinkTest::waitsForAPersonWhereItIsShutOut() {
    TestRelay relay;
    Device device;
    device.add(relay.url());
    QVERIFY(device.isDown());
    QVERIFY(device.all<mailbox::ShutOut>().front().refusal.reason == Reason::NoAccount);
    QVERIFY(device.downs.front().error.code == ErrorCode::NotPermitted);
    QVERIFY(!device.downs.front().again);
    device.networkChanged();
    device.jump(60min);
    QCOMPARE(connectionsByNow(relay), 1);
    Hello hello;
    hello.invite = relay.book().makeInvite(1);
    device.relay().setHello(hello);
    QVERIFY(device.hears<mailbox::Entered>());
}

void RelayLinkTest::makesWayForAnotherProgramWithItsKey() {
    TestRelay relay;
    Device device;
    device.add(relay);
    QVERIFY(device.hears<mailbox::Entered>());
    Device copy(device.identity);
    copy.add(relay.url());
    QVERIFY(copy.hears<mailbox::Entered>());
    QVERIFY(device.isDown());
    QVERIFY(device.downs.front().again > 30s);
    QVERIFY(copy.downs.empty());
}

void RelayLinkTest::leavesARelayThatDoesNotReadAndSendsAllAgain() {
    TestRelay relay;
    relay.book().setQuota(100 * 1024 * 1024);
    Receiver to(relay);
    QVERIFY(to.hears<mailbox::PrekeyConfirmed>());
    Device from;
    from.add(relay);
    QVERIFY(from.hears<mailbox::Entered>());
    relay.setReading(false);
    // More than the limit and than one session takes at once.
    constexpr DepositCounter kCount = 3 * limits::kDepositsUnanswered;
    for (DepositCounter counter = 1; counter <= kCount; ++counter)
        from.relay().deposit(counter, to.depositFor(relay.book().epoch(), 64'528));
    from.jump(limits::kRelayAnswer + 1s);
    QVERIFY(from.isDown());
    QVERIFY(from.all<mailbox::DepositChanged>().empty());
    QVERIFY(from.hears<mailbox::Entered>(2));
    QVERIFY(from.hears<mailbox::DepositChanged>(kCount));
    for (const auto& changed : from.all<mailbox::DepositChanged>()) QVERIFY(changed.failed.empty());
}

void RelayLinkTest::answersEachQuestionAlsoWithoutARelay() {
    TestRelay relay;
    Device device;
    device.add(relay);
    const FetchPrekeys question{{{device.id(), {}}}};
    device.relay().ask(100, question);
    QCOMPARE(device.all<mailbox::Answer>().size(), std::size_t(1));
    QVERIFY(std::holds_alternative<Refused>(device.all<mailbox::Answer>().front().message));
    QVERIFY(device.hears<mailbox::Entered>());
    device.relay().ask(200, question);
    QVERIFY(device.hears<mailbox::Answer>(2));
    QCOMPARE(device.all<mailbox::Answer>().back().request, std::uint64_t(200));
    QVERIFY(std::holds_alternative<Prekeys>(device.all<mailbox::Answer>().back().message));
    relay.setReading(false);
    device.relay().ask(300, question);
    relay.stop();
    QVERIFY(device.hears<mailbox::Answer>(3));
    QCOMPARE(device.all<mailbox::Answer>().back().request, std::uint64_t(300));
    QVERIFY(std::holds_alternative<Refused>(device.all<mailbox::Answer>().back().message));
}

void RelayLinkTest::tellsPresenceNoMoreOftenThanItIsOfUse() {
    TestRelay relay;
    Device device;
    device.add(relay);
    QVERIFY(device.hears<mailbox::Entered>());
    const DeviceId other = device.random.make<DeviceId>();
    const DeviceId stranger = device.random.make<DeviceId>();
    device.relay().watch({{other, {}}});
    QVERIFY(device.hears<mailbox::PresenceTold>());
    constexpr int kTimes = 3000;
    for (int i = 0; i <= kTimes; ++i) {
        relay.sendToAll({0, Presence{{{stranger, true}}}});
        relay.sendToAll({0, Presence{{{other, i % 2 == 0}}}});
    }
    const auto newest = [&] { return device.all<mailbox::PresenceTold>().back().devices; };
    device.relay().ask(1, FetchPrekeys{{{device.id(), {}}}});
    QVERIFY(device.hears<mailbox::Answer>());
    // What is true at last is told at last.
    QVERIFY(runUntil([&] { return newest() == std::vector<Presence::One>{{other, true}}; }));
    QVERIFY(device.all<mailbox::PresenceTold>().size() < kTimes / 10);
}

void RelayLinkTest::saysNothingOfARelayThatWasRemoved() {
    QTcpServer silent;
    silent.setProxy(QNetworkProxy::NoProxy);
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Device device;
    // While it shakes hands.
    const auto key = test::makeIdentity()->certificate.noiseKey();
    device.add({"127.0.0.1", silent.serverPort(), key, {}});
    QVERIFY(runUntil([&] { return silent.hasPendingConnections(); }));
    QVERIFY(!device.links.isEmpty());
    device.relays.remove(kRelay);
    QVERIFY(device.relays.find(kRelay) == nullptr);
    QVERIFY(runUntil([&] { return device.links.isEmpty(); }));
    // While its name is looked up.
    device.add({"localhost", silent.serverPort(), key, {}});
    device.relays.remove(kRelay);
    // While it is in use: another one takes its number.
    TestRelay relay;
    device.add(relay);
    QVERIFY(device.hears<mailbox::Entered>());
    device.add(relay.url());
    QVERIFY(device.hears<mailbox::Entered>(2));
    QVERIFY(device.downs.empty());
    QVERIFY(device.wrongKeys.empty());
    // From within its own signal.
    QObject::connect(&device.relays, &net::Relays::down, &device.relays,
                     [&] { device.relays.remove(kRelay); });
    relay.stop();
    QVERIFY(device.isDown());
    QVERIFY(runUntil([&] { return device.links.isEmpty(); }));
    QCOMPARE(device.downs.size(), std::size_t(1));
}

void RelayLinkTest::suffersNothingFromADeadRelay() {
    TestRelay dead;
    TestRelay relay;
    dead.stop();
    TestNode alice(QStringLiteral("Alice"));
    TestNode bob(QStringLiteral("Bob"));
    int entered = 0;
    int failed = 0;
    connect(
        &alice.node(), &net::Node::relayTold, this,
        [&](net::RelayNumber from, const mailbox::Event& event) {
            if (from == 2 && std::holds_alternative<mailbox::Entered>(event)) ++entered;
        },
        Qt::QueuedConnection);
    connect(
        &alice.node(), &net::Node::relayDown, this,
        [&](net::RelayNumber from, const net::RelayDown& down) {
            if (from == 1 && down.error.code == ErrorCode::Unreachable) ++failed;
        },
        Qt::QueuedConnection);
    net::RelaySetup setup;
    setup.number = 1;
    setup.url = dead.url();
    alice.node().addRelay(setup);
    setup.number = 2;
    setup.url = relay.url();
    setup.hello.invite = relay.book().makeInvite(1);
    alice.node().addRelay(setup);
    alice.start();
    bob.start();
    alice.want(bob);
    QVERIFY(runUntil([&] { return entered == 1 && failed >= 2 && alice.sessionWith(bob).has_value(); }));
    QVERIFY(alice.closings.empty());
    alice.node().removeRelay(1);
    alice.node().stop();
    QVERIFY(runUntil([&] { return alice.stopped; }));
    QVERIFY(runUntil([&] { return !bob.sessionWith(alice).has_value(); }));
}

QTEST_GUILESS_MAIN(RelayLinkTest)
#include "relay_link_test.moc"
