#include "p2p/base/limits.h"
#include "p2p/identity/contact_link.h"
#include "tests/app/messenger/person.h"
#include "tests/app/messenger/served_relay.h"

#include <QSqlDatabase>
#include <QSqlQuery>

namespace landline::app {

using test::kAnn;
using test::kBob;
using test::Person;
using test::ServedRelay;

namespace {

constexpr int kPatience = ServedRelay::kPatience;

bool join(Person& person, ServedRelay& relay) {
    const QString url = relay.urlText(relay.invite());
    if (!person.ask([url](Messenger& m) { return m.addRelay(url); })) return false;
    return QTest::qWaitFor(
        [&] {
            const auto relays = person.ask([](Messenger& m) { return m.relays(); });
            return !relays.empty() && relays.back().state == RelayState::Connected;
        },
        kPatience);
}

/// The tokens that this person's store has of a device.
QStringList grantsOf(const Person& person, const DeviceId& device) {
    QStringList tokens;
    const QString name = QStringLiteral("grants");
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(QDir(person.folder()).filePath(QStringLiteral("landline.db")));
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
        if (!database.open()) qFatal("the store cannot be read");
        QSqlQuery query(database);
        query.prepare(QStringLiteral("SELECT hex(token) FROM relay_grant WHERE device = ? ORDER BY place"));
        query.addBindValue(QByteArray(reinterpret_cast<const char*>(device.data()), DeviceId::kSize));
        if (!query.exec()) qFatal("the store cannot be asked");
        while (query.next()) tokens.append(query.value(0).toString());
    }
    QSqlDatabase::removeDatabase(name);
    return tokens;
}

RelayToken tokenFrom(const QString& hex) {
    return RelayToken::from(fromHex(hex.toStdString()).value()).value();
}

void setStanding(Person& person, const QString& name, timeline::Standing standing) {
    const PersonId other = person.personCalled(name);
    if (!person.ask([=](Messenger& m) { return m.setStanding(other, standing); })) qFatal("no such standing");
}

bool tellsStatus(Person& from, Person& to, const QString& text) {
    if (!from.ask([text](Messenger& m) { return m.setPresence(wire::Presence::Online, text); })) return false;
    const QString name = from.self().name;
    return QTest::qWaitFor(
        [&] { return to.ask([name](Messenger& m) { return m.find(name).value().statusText; }) == text; },
        kPatience);
}

/// Ann's contact link without her addresses: she is to be reached by relays alone.
QString linkByRelayOf(Person& person) {
    const QString text = person.ask([](Messenger& m) { return m.contactLink(); });
    auto link = identity::parseContactLink(text.toStdString()).value();
    link.addresses.clear();
    return QString::fromStdString(identity::encodeContactLink(link));
}

}  // namespace

/// Relays between people: whole messengers with a real relay.
class RelayPeopleTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void profilesTellAcceptedPeopleOfRelaysAndNobodyElse() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(test::bringTogether(ann, bob));
        QVERIFY(join(ann, relay));
        const DeviceId device = ann.self().device;
        setStanding(bob, kAnn, timeline::Standing::Accepted);
        // A profile has come, and it says nothing of relays to a stranger.
        QVERIFY(QTest::qWaitFor([&] { return bob.sees(kAnn) && ann.sees(kBob); }, kPatience));
        QVERIFY(tellsStatus(ann, bob, QStringLiteral("here")));
        QVERIFY(grantsOf(bob, device).isEmpty());

        setStanding(ann, kBob, timeline::Standing::Accepted);
        QVERIFY(QTest::qWaitFor([&] { return grantsOf(bob, device).size() == 1; }, kPatience));
        const RelayToken token = tokenFrom(grantsOf(bob, device).front());
        QVERIFY(QTest::qWaitFor([&] { return !relay.prekeyOf(device, token).prekey.empty(); }, kPatience));

        setStanding(ann, kBob, timeline::Standing::Blocked);
        QVERIFY(QTest::qWaitFor([&] { return relay.prekeyOf(device, token).prekey.empty(); }, kPatience));
    }

    void aRelayThatIsAddedLaterIsToldAtOnce() {
        ServedRelay relay;
        Person ann(kAnn, test::allowingAll());
        Person bob(kBob, test::allowingAll());
        QVERIFY(test::bringTogether(ann, bob));
        const DeviceId device = ann.self().device;
        QVERIFY(grantsOf(bob, device).isEmpty());
        QVERIFY(join(ann, relay));
        QVERIFY(QTest::qWaitFor([&] { return grantsOf(bob, device).size() == 1; }, kPatience));
        // And a restart tells the same.
        const QStringList before = grantsOf(bob, device);
        ann.stop();
        ann.start();
        ann.meet(bob);
        QVERIFY(QTest::qWaitFor([&] { return bob.sees(kAnn); }, kPatience));
        QVERIFY(tellsStatus(ann, bob, QStringLiteral("again")));
        QCOMPARE(grantsOf(bob, device), before);
    }

    void devicesOfOnePersonTellEachOther() {
        ServedRelay relay;
        Person ann(kAnn, test::allowingAll());
        const auto phone = Person::copyOf(ann, test::allowingAll());
        ann.start();
        phone->start();
        QVERIFY(phone->self().device != ann.self().device);
        phone->meet(ann);
        QVERIFY(join(ann, relay));
        const DeviceId device = ann.self().device;
        QVERIFY(QTest::qWaitFor([&] { return grantsOf(*phone, device).size() == 1; }, kPatience));
        const RelayToken token = tokenFrom(grantsOf(*phone, device).front());
        QVERIFY(QTest::qWaitFor([&] { return !relay.prekeyOf(device, token).prekey.empty(); }, kPatience));
    }

    /// Where the relays of before are gone, a new link is all that a contact can give; what is known may be good all the same.
    void aNewLinkAddsItsRelays() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay));
        const QString first = linkByRelayOf(ann);
        const auto add = [&bob](const QString& link) {
            return bool(bob.ask([link](Messenger& m) { return m.addContact(link); }));
        };
        QVERIFY(add(first));
        const DeviceId device = ann.self().device;
        const QStringList known = grantsOf(bob, device);
        QCOMPARE(known.size(), 1);
        auto link = identity::parseContactLink(first.toStdString()).value();
        SystemRandom random;
        link.relays.insert(link.relays.begin(),
                           {{"127.0.0.1", 1, random.make<RelayKey>(), {}}, random.make<RelayToken>()});
        link.relays.back().token = random.make<RelayToken>();
        for (int again = 0; again < 2; ++again) {
            QVERIFY(add(QString::fromStdString(identity::encodeContactLink(link))));
            const QStringList now = grantsOf(bob, device);
            QCOMPARE(now.size(), 3);
            QCOMPARE(now.front(), known.front());
            QVERIFY(tokenFrom(now[1]) == link.relays.front().token);
            QVERIFY(tokenFrom(now[2]) == link.relays.back().token);
        }
    }

    void aContactLinkLeadsToItsRelay() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay));
        QVERIFY(join(bob, relay));
        const QString link = linkByRelayOf(ann);
        const auto added = bob.ask([link](Messenger& m) { return m.addContact(link); });
        QVERIFY(added);
        QCOMPARE(grantsOf(bob, ann.self().device).size(), 1);
        // They never met, and yet Bob sees that she is there.
        const auto pathTo = [&] {
            const auto view = bob.ask([](Messenger& m) { return m.find(kAnn).value(); });
            return view.online ? view.path : Path::None;
        };
        QVERIFY(QTest::qWaitFor([&] { return pathTo() == Path::Relay; }, kPatience));
        QVERIFY(ann.ask([](Messenger& m) { return m.setPresence(wire::Presence::Offline, {}); }));
        QVERIFY(QTest::qWaitFor([&] { return pathTo() == Path::None; }, kPatience));
        QVERIFY(ann.ask([](Messenger& m) { return m.setPresence(wire::Presence::Online, {}); }));
        QVERIFY(QTest::qWaitFor([&] { return pathTo() == Path::Relay; }, kPatience));
        ann.stop();
        QVERIFY(QTest::qWaitFor([&] { return pathTo() == Path::None; }, kPatience));
    }

    void tellsWhatBecomesOfARelay() {
        ServedRelay relay;
        Person ann(kAnn);
        ann.start();
        QSignalSpy changed(ann.messenger(), &Messenger::relayChanged);
        QSignalSpy removed(ann.messenger(), &Messenger::relayRemoved);
        QVERIFY(join(ann, relay));
        QVERIFY(QTest::qWaitFor([&] { return changed.size() >= 2; }, kPatience));
        QCOMPARE(changed.first().first().value<RelayView>().state, RelayState::Connecting);
        QCOMPARE(changed.last().first().value<RelayView>().state, RelayState::Connected);
        const auto found = ann.ask([](Messenger& m) { return m.findRelay(QStringLiteral("127.0.0.1")); });
        QVERIFY(found);
        const RelayKey key = found->key;
        QVERIFY(ann.ask([key](Messenger& m) { return m.removeRelay(key); }));
        QVERIFY(QTest::qWaitFor([&] { return removed.size() == 1; }, kPatience));
        QCOMPARE(removed.first().first().value<RelayKey>(), relay.key());
        QVERIFY(ann.ask([](Messenger& m) { return m.relays(); }).empty());
    }

    void aNewDeviceOfTheSamePersonComesInByItself() {
        ServedRelay relay;
        Person ann(kAnn);
        ann.start();
        QVERIFY(join(ann, relay));
        const DeviceId before = ann.self().device;
        Messenger* const messenger = ann.messenger();
        QMetaObject::invokeMethod(messenger, [messenger, before] {
            Q_EMIT messenger->newDeviceNeeded(before, QStringLiteral("a copy is in use"));
        });
        QVERIFY(QTest::qWaitFor([&] { return ann.self().device != before; }, kPatience));
        QVERIFY(QTest::qWaitFor([&] { return relay.figures().accounts == 2; }, kPatience));
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto relays = ann.ask([](Messenger& m) { return m.relays(); });
                return relays.size() == 1 && relays.front().state == RelayState::Connected;
            },
            kPatience));
        const auto link = identity::parseContactLink(linkByRelayOf(ann).toStdString());
        QVERIFY(link);
        QCOMPARE(link->relays.size(), 1U);
        QVERIFY(QTest::qWaitFor(
            [&] { return !relay.prekeyOf(ann.self().device, link->relays.front().token).prekey.empty(); },
            kPatience));
    }

    void anOperatorWhoShutsADeviceOutIsNotKnockedAtAgain() {
        ServedRelay relay;
        ServedRelay other;
        Person ann(kAnn);
        ann.start();
        QVERIFY(join(ann, relay));
        QVERIFY(join(ann, other));
        relay.revoke(ann.self().device);
        relay.stop();
        relay.start();
        const auto view = [&] { return ann.ask([](Messenger& m) { return m.relays(); }).at(0); };
        QVERIFY(QTest::qWaitFor([&] { return view().state == RelayState::ShutOut; }, kPatience));
        QVERIFY(view().reason == wire::relay::Reason::Revoked);
        QCOMPARE(identity::parseContactLink(linkByRelayOf(ann).toStdString())->relays.size(), 1U);
        const auto knocks = relay.server().figures().refused;
        QVERIFY(knocks >= 1);
        // Not in the time in which it comes to the other one twice, and not in the next run.
        const auto comesToOther = [&] {
            const auto state = [&] { return ann.ask([](Messenger& m) { return m.relays(); }).at(1).state; };
            if (!QTest::qWaitFor([&] { return state() == RelayState::Connected; }, kPatience)) return false;
            other.stop();
            other.start();
            return QTest::qWaitFor([&] { return other.isHere(ann.self().device); }, kPatience);
        };
        QVERIFY(comesToOther());
        ann.stop();
        ann.start();
        QVERIFY(comesToOther());
        QVERIFY(view().state == RelayState::ShutOut);
        QCOMPARE(relay.server().figures().refused, knocks);
        const QString url = relay.urlText(relay.invite());
        QVERIFY(ann.ask([url](Messenger& m) { return m.addRelay(url); }));
        QVERIFY(QTest::qWaitFor([&] { return view().state == RelayState::Connected; }, kPatience));
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::RelayPeopleTest)
#include "relay_people_test.moc"
