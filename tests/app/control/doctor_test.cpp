#include "app/control/doctor.h"

#include "app/control/machine_scan.h"

#include <QTest>
#include <QUdpSocket>

#include <algorithm>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kNow = 1'800'000'000'000;

/// A machine on which everything is well and somebody is heard.
Facts healthy() {
    Facts facts;
    facts.interfaces = {{u"lo"_s, u"127.0.0.1"_s, true}, {u"eth0"_s, u"192.168.1.2"_s, false}};
    facts.port = 4711;
    facts.ownPort = Reach::Connected;
    facts.ownAddress = u"192.168.1.2"_s;
    facts.loops = {{u"eth0"_s, true}};
    facts.devicesHeard = 1;
    facts.nowMillis = kNow;
    return facts;
}

Facts::Peer connected() {
    Facts::Peer peer;
    peer.name = u"Bea"_s;
    peer.session = true;
    peer.beacon = true;
    peer.address = u"192.168.1.3:4712"_s;
    peer.reach = Reach::Connected;
    return peer;
}

Check find(const Facts& facts, const QString& name) {
    for (const Check& check : diagnose(facts)) {
        if (check.check == name) return check;
    }
    return {u"missing"_s, false, {}, {}};
}

}  // namespace

class DoctorTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsNothingWrongWhereAllIsWell();
    void tellsOfRequestsThatWereDropped();
    void findsWhatIsWrong_data();
    void findsWhatIsWrong();
    void tellsWhyAPersonCannotBeReached_data();
    void tellsWhyAPersonCannotBeReached();
    void tellsWhichWayIsClosed_data();
    void tellsWhichWayIsClosed();
    void comparesVersions_data();
    void comparesVersions();
    void tellsHowRelaysStand_data();
    void tellsHowRelaysStand();
    void knowsWhoIsReachedByARelay();
    void tellsWhyNothingCanBeLeftAtARelay_data();
    void tellsWhyNothingCanBeLeftAtARelay();
    void knowsWhomARelayKeepsMessagesFor();
    void knowsThatARelayMakesUpForAnEmptyNetwork();
    void namesTheFirewallsCommands();
    void readsFirewallFiles();
    void findsTheHolderOfAPort();
};

void DoctorTest::findsNothingWrongWhereAllIsWell() {
    Facts facts = healthy();
    facts.peer = connected();
    for (const Check& check : diagnose(facts))
        QVERIFY2(check.ok, qPrintable(check.check + u": "_s + check.found));
}

void DoctorTest::findsWhatIsWrong_data() {
    QTest::addColumn<QString>("wrong");
    QTest::addColumn<QString>("mentions");
    QTest::newRow("interfaces") << u"no network"_s << u"cable"_s;
    QTest::newRow("interfaces ") << u"only virtual"_s << u"virbr0"_s;
    QTest::newRow("listening") << u"no port"_s << u"port"_s;
    QTest::newRow("listening ") << u"own port closed"_s << u"4711"_s;
    QTest::newRow("discovery-port") << u"taken"_s << u"dnsmasq (process 12)"_s;
    QTest::newRow("broadcast") << u"loop silent"_s << u"47474"_s;
    QTest::newRow("beacons") << u"nobody"_s << u"--connect"_s;
    QTest::newRow("clock") << u"old clock"_s << u"date"_s;
    QTest::newRow("node") << u"warning"_s << u"odd"_s;
}

void DoctorTest::findsWhatIsWrong() {
    QFETCH(const QString, wrong);
    QFETCH(const QString, mentions);
    Facts facts = healthy();
    if (wrong == u"no network"_s) facts.interfaces.pop_back();
    if (wrong == u"only virtual"_s) facts.interfaces.back().name = u"virbr0"_s;
    if (wrong == u"no port"_s) facts.port = 0;
    if (wrong == u"own port closed"_s) facts.ownPort = Reach::TimedOut;
    if (wrong == u"taken"_s) {
        facts.discoveryPortFree = false;
        facts.discoveryHolder = u"dnsmasq (process 12)"_s;
    }
    if (wrong == u"loop silent"_s) facts.loops.front().cameBack = false;
    if (wrong == u"nobody"_s) facts.devicesHeard = 0;
    if (wrong == u"old clock"_s) facts.nowMillis = 1000;
    if (wrong == u"warning"_s) facts.warnings = {u"something odd"_s};
    const Check check = find(facts, QString::fromLatin1(QTest::currentDataTag()).trimmed());
    QVERIFY(!check.ok);
    const QString text = check.found + u' ' + check.advice;
    QVERIFY2(text.contains(mentions), qPrintable(text));
}

void DoctorTest::tellsWhyAPersonCannotBeReached_data() {
    QTest::addColumn<bool>("session");
    QTest::addColumn<bool>("beacon");
    QTest::addColumn<bool>("blocked");
    QTest::addColumn<int>("reach");
    QTest::addColumn<QString>("check");
    QTest::addColumn<QString>("mentions");
    const auto number = [](Reach reach) { return static_cast<int>(reach); };
    QTest::newRow("broadcasts blocked") << true << false << false << number(Reach::Connected)
                                        << u"their-beacon"_s << u"Broadcasts are blocked"_s;
    QTest::newRow("refused") << false << true << false << number(Reach::Refused) << u"connection"_s
                             << u"nothing takes connections"_s;
    QTest::newRow("dropped") << false << true << false << number(Reach::TimedOut) << u"connection"_s
                             << u"firewall"_s;
    QTest::newRow("another network") << false << false << false << number(Reach::NoRoute) << u"connection"_s
                                     << u"another network"_s;
    QTest::newRow("another version") << false << true << false << number(Reach::Connected) << u"connection"_s
                                     << u"version"_s;
    QTest::newRow("never seen") << false << false << false << number(Reach::NotTried) << u"connection"_s
                                << u"no address"_s;
    QTest::newRow("blocked by oneself")
        << false << false << true << number(Reach::NotTried) << u"connection"_s << u"You have blocked"_s;
}

void DoctorTest::tellsWhyAPersonCannotBeReached() {
    QFETCH(const bool, session);
    QFETCH(const bool, beacon);
    QFETCH(const bool, blocked);
    QFETCH(const int, reach);
    QFETCH(const QString, check);
    QFETCH(const QString, mentions);
    Facts facts = healthy();
    facts.peer = connected();
    facts.peer->session = session;
    facts.peer->beacon = beacon;
    facts.peer->blocked = blocked;
    facts.peer->reach = static_cast<Reach>(reach);
    const Check found = find(facts, check);
    QVERIFY(!found.ok);
    const QString text = found.found + u' ' + found.advice;
    QVERIFY2(text.contains(mentions), qPrintable(text));
}

void DoctorTest::tellsWhichWayIsClosed_data() {
    QTest::addColumn<int>("reach");
    QTest::addColumn<int>("back");
    QTest::addColumn<bool>("toThem");
    QTest::addColumn<bool>("fromThem");
    const auto row = [](const char* name, Reach reach, DialledBack back, bool toThem, bool fromThem) {
        QTest::newRow(name) << static_cast<int>(reach) << static_cast<int>(back) << toThem << fromThem;
    };
    row("neither", Reach::Connected, DialledBack::Yes, true, true);
    row("theirs drops", Reach::TimedOut, DialledBack::Yes, false, true);
    row("theirs rejects", Reach::Refused, DialledBack::Yes, false, true);
    row("this one's", Reach::Connected, DialledBack::No, true, false);
    row("both", Reach::TimedOut, DialledBack::No, false, false);
    row("not known", Reach::NotTried, DialledBack::NotAsked, true, true);
}

void DoctorTest::tellsWhichWayIsClosed() {
    QFETCH(const int, reach);
    QFETCH(const int, back);
    QFETCH(const bool, toThem);
    QFETCH(const bool, fromThem);
    Facts facts = healthy();
    facts.peer = connected();
    facts.peer->reach = static_cast<Reach>(reach);
    facts.peer->back = static_cast<DialledBack>(back);
    const Check to = find(facts, u"to-them"_s);
    const Check from = find(facts, u"from-them"_s);
    QCOMPARE(to.ok, toThem);
    QCOMPARE(from.ok, fromThem);
    QCOMPARE(to.advice.isEmpty(), toThem);
    QCOMPARE(from.advice.isEmpty(), fromThem);
    if (!toThem) QVERIFY(to.advice.contains(u"Bea"_s) && to.found.contains(facts.peer->address));
    if (!fromThem) QVERIFY(from.advice.contains(u"4711"_s));
    // Whoever is not connected cannot be asked; the connection itself says why.
    facts.peer->session = false;
    QCOMPARE(find(facts, u"from-them"_s).check, u"missing"_s);
}

void DoctorTest::comparesVersions_data() {
    QTest::addColumn<quint32>("major");
    QTest::addColumn<quint32>("minor");
    QTest::addColumn<QString>("advice");
    QTest::newRow("same") << 1U << 2U << QString();
    QTest::newRow("newer") << 1U << 3U << u"Update this program"_s;
    QTest::newRow("a new major") << 2U << 0U << u"Update this program"_s;
    QTest::newRow("older") << 1U << 1U << u"older"_s;
}

void DoctorTest::comparesVersions() {
    QFETCH(const quint32, major);
    QFETCH(const quint32, minor);
    QFETCH(const QString, advice);
    Facts facts = healthy();
    facts.version = {1, 2};
    facts.peer = connected();
    facts.peer->speaks = Version{major, minor};
    const Check check = find(facts, u"version"_s);
    QVERIFY(check.ok);
    QCOMPARE(check.advice.isEmpty(), advice.isEmpty());
    QVERIFY2(check.advice.contains(advice), qPrintable(check.advice));
    // One that cannot be spoken with at all is a fault.
    facts.peer->otherVersion = true;
    facts.peer->failure = u"The other side speaks version 9."_s;
    const Check fault = find(facts, u"version"_s);
    QVERIFY(!fault.ok && fault.found.contains(u"version 9"_s) && !fault.advice.isEmpty());
}

void DoctorTest::tellsHowRelaysStand_data() {
    using wire::relay::Reason;
    QTest::addColumn<RelayView>("relay");
    QTest::addColumn<bool>("ok");
    QTest::addColumn<QString>("advice");
    const auto row = [](const char* name, RelayState state, std::optional<Reason> reason, const QString& text,
                        bool ok, const QString& advice) {
        RelayView relay;
        relay.address = u"r.example:47475"_s;
        relay.state = state;
        relay.reason = reason;
        relay.text = text;
        QTest::newRow(name) << relay << ok << advice;
    };
    row("connected", RelayState::Connected, {}, {}, true, {});
    row("under way", RelayState::Connecting, {}, {}, true, {});
    row("off", RelayState::Waiting, {}, u"Nobody answers."_s, false, u"Nobody answers."_s);
    row("nothing told", RelayState::Waiting, {}, {}, false, u"connection to the relay"_s);
    row("busy", RelayState::Waiting, Reason::Busy, u"x"_s, false, u"too much to do"_s);
    row("another key", RelayState::WrongKey, {}, u"Another key."_s, false, u"Another key."_s);
    row("no account", RelayState::ShutOut, Reason::NoAccount, u"x"_s, false, u"invite"_s);
    row("used up", RelayState::ShutOut, Reason::InviteUsed, u"x"_s, false, u"used up"_s);
    row("expired", RelayState::ShutOut, Reason::InviteExpired, u"x"_s, false, u"expired"_s);
    row("not known", RelayState::ShutOut, Reason::BadInvite, u"x"_s, false, u"does not know this invite"_s);
    row("revoked", RelayState::ShutOut, Reason::Revoked, u"x"_s, false, u"shut this device out"_s);
    row("too many", RelayState::ShutOut, Reason::TooMany, u"x"_s, false, u"as many devices"_s);
    row("a new reason", RelayState::ShutOut, Reason::Unknown, u"It closes."_s, false, u"It closes."_s);
}

void DoctorTest::tellsOfRequestsThatWereDropped() {
    Facts facts = healthy();
    QCOMPARE(find(facts, u"requests"_s).check, u"missing"_s);
    facts.turnedAway = 9'950;
    const Check check = find(facts, u"requests"_s);
    QVERIFY(!check.ok);
    QVERIFY(check.found.contains(u"9950"_s));
    QVERIFY(check.advice.contains(u"contact link --new"_s));
}

void DoctorTest::tellsHowRelaysStand() {
    QFETCH(const RelayView, relay);
    QFETCH(const bool, ok);
    QFETCH(const QString, advice);
    Facts facts = healthy();
    facts.relays = {relay};
    const Check check = find(facts, u"relay"_s);
    QCOMPARE(check.ok, ok);
    QVERIFY(check.found.contains(relay.address));
    QCOMPARE(check.advice.isEmpty(), ok);
    QVERIFY2(check.advice.contains(advice), qPrintable(check.advice));
}

void DoctorTest::knowsWhoIsReachedByARelay() {
    Facts facts = healthy();
    facts.peer = connected();
    facts.peer->session = false;
    facts.peer->beacon = false;
    facts.peer->atRelay = true;
    facts.peer->reach = Reach::NotTried;
    facts.peer->post = PostView{PostState::Ready, u"r.example:47475"_s};
    for (const QString& name : {u"connection"_s, u"their-beacon"_s}) QVERIFY(find(facts, name).ok);
    QVERIFY(find(facts, u"connection"_s).found.contains(u"relay"_s));
    QVERIFY(find(facts, u"connection"_s).advice.contains(u"direct"_s));
    // They are there, and yet the relay takes nothing for them.
    facts.peer->post->state = PostState::NoMailbox;
    const Check check = find(facts, u"connection"_s);
    QVERIFY(!check.ok);
    QVERIFY2(check.found.contains(u"online at a relay"_s), qPrintable(check.found));
    QVERIFY2(check.advice.contains(u"contact link"_s), qPrintable(check.advice));
}

void DoctorTest::tellsWhyNothingCanBeLeftAtARelay_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("advice");
    const auto row = [](const char* name, PostState state, const QString& advice) {
        QTest::newRow(name) << static_cast<int>(state) << advice;
    };
    row("no relay", PostState::NoRelay, u"No relay is known"_s);
    row("off", PostState::Unreachable, u"r.example:47475, where messages would wait for them, cannot"_s);
    row("shut out", PostState::ShutOut, u"Your relay r.example:47475"_s);
    row("refused", PostState::Refused, u"r.example:47475 takes no messages"_s);
    row("no prekey", PostState::NoPrekey, u"r.example:47475 there is no key"_s);
    row("taken back", PostState::NoMailbox, u"r.example:47475 takes nothing from you"_s);
    row("full", PostState::Full, u"r.example:47475 there is no more room"_s);
    row("not known yet", PostState::Unknown, u"r.example:47475, where messages would wait for them, has"_s);
}

void DoctorTest::tellsWhyNothingCanBeLeftAtARelay() {
    QFETCH(const int, state);
    QFETCH(const QString, advice);
    Facts facts = healthy();
    facts.peer = connected();
    facts.peer->session = false;
    facts.peer->beacon = false;
    facts.peer->reach = Reach::TimedOut;
    facts.peer->post = PostView{static_cast<PostState>(state), u"r.example:47475"_s};
    for (const QString& name : {u"connection"_s, u"their-beacon"_s}) QVERIFY(!find(facts, name).ok);
    const Check check = find(facts, u"connection"_s);
    QVERIFY2(check.found.contains(u"Nothing can be left"_s), qPrintable(check.found));
    QVERIFY2(check.advice.contains(advice), qPrintable(check.advice));
    QVERIFY2(check.advice.contains(u"asleep"_s), qPrintable(check.advice));
}

/// Nobody is there, but what is written does not stay here.
void DoctorTest::knowsWhomARelayKeepsMessagesFor() {
    Facts facts = healthy();
    facts.peer = connected();
    facts.peer->session = false;
    facts.peer->beacon = false;
    for (const Reach reach : {Reach::NotTried, Reach::TimedOut, Reach::NoRoute}) {
        facts.peer->reach = reach;
        facts.peer->post.reset();
        for (const QString& name : {u"connection"_s, u"their-beacon"_s}) QVERIFY(!find(facts, name).ok);
        facts.peer->post = PostView{PostState::Ready, u"r.example:47475"_s};
        for (const QString& name : {u"connection"_s, u"their-beacon"_s}) QVERIFY(find(facts, name).ok);
        const Check check = find(facts, u"connection"_s);
        QVERIFY2(check.found.contains(u"relay"_s), qPrintable(check.found));
        QVERIFY2(check.advice.contains(u"direct"_s), qPrintable(check.advice));
    }
    // Nothing gets through to those whose program does not understand, or who are blocked.
    facts.peer->otherVersion = true;
    QVERIFY(!find(facts, u"connection"_s).ok);
    facts.peer->otherVersion = false;
    facts.peer->blocked = true;
    QVERIFY(!find(facts, u"connection"_s).ok);
}

void DoctorTest::knowsThatARelayMakesUpForAnEmptyNetwork() {
    Facts facts = healthy();
    facts.devicesHeard = 0;
    RelayView relay;
    relay.address = u"r.example:47475"_s;
    for (const RelayState state : {RelayState::Waiting, RelayState::Connected}) {
        relay.state = state;
        facts.relays = {relay};
        const Check check = find(facts, u"beacons"_s);
        QCOMPARE(check.ok, state == RelayState::Connected);
        QCOMPARE(check.found.contains(u"relay"_s), check.ok);
        QVERIFY(!check.advice.isEmpty());
    }
}

void DoctorTest::namesTheFirewallsCommands() {
    Facts facts = healthy();
    facts.devicesHeard = 0;
    facts.firewalls = {u"ufw"_s};
    const Check check = find(facts, u"firewall"_s);
    QVERIFY(!check.ok);
    QVERIFY(check.advice.contains(u"ufw allow 47474/udp"_s));
    QVERIFY(check.advice.contains(u"ufw allow 4711/tcp"_s));
    // As long as others are heard, the firewall is no fault.
    facts.devicesHeard = 2;
    QVERIFY(find(facts, u"firewall"_s).ok);
}

void DoctorTest::readsFirewallFiles() {
    QVERIFY(ufwIsEnabled("# comment\nENABLED=yes\n"));
    QVERIFY(!ufwIsEnabled("ENABLED=no\n#ENABLED=yes\n"));
    QVERIFY(nftDropsInput("table inet f {\n chain i {\n type filter hook input priority 0; policy drop;\n"));
    QVERIFY(
        !nftDropsInput("table inet f {\n chain i {\n type filter hook input priority 0; policy accept;\n"));
    QVERIFY(!nftDropsInput("type filter hook forward priority 0; policy drop;\n"));
    const QByteArray table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode "
        "ref\n"
        "  12: 00000000:B972 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 98765 2 "
        "0 0\n";
    QCOMPARE(inodesOfUdpPort(table, 47474), QStringList{u"98765"_s});
    QCOMPARE(inodesOfUdpPort(table, 47475), QStringList{});
}

void DoctorTest::findsTheHolderOfAPort() {
    QUdpSocket socket;
    QVERIFY(socket.bind(QHostAddress::LocalHost, 0));
    const QString holder = holderOfUdpPort(socket.localPort());
    QVERIFY2(holder.contains(u"(process %1)"_s.arg(QCoreApplication::applicationPid())), qPrintable(holder));
}

}  // namespace landline::app::control

QTEST_GUILESS_MAIN(landline::app::control::DoctorTest)
#include "doctor_test.moc"
