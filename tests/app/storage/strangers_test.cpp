#include "p2p/base/limits.h"
#include "tests/app/storage/store_fixture.h"

#include <QTest>

namespace landline::app::test {

namespace {

constexpr qint64 kNoon = 1700000000000;
constexpr qint64 kMinute = 60'000;
constexpr qint64 kHour = 60 * kMinute;
constexpr qint64 kKept = std::chrono::milliseconds(limits::kRelayStrangerKept).count();

/// Somebody whom nobody here knows.
struct Newcomer {
    explicit Newcomer(StoreFixture& fixture)
        : f(fixture), key(identity::SigningKey::generate(f.random)), author(key, f.random) {}

    [[nodiscard]] PersonId id() const { return identity::personIdOf(key); }
    [[nodiscard]] ConversationId direct() const { return identity::directConversation(f.self, id()); }
    /// By what lay in a mailbox.
    [[nodiscard]] bool comes(qint64 at) {
        return f.store->meetByRelay(author.certificate(), QStringLiteral("Newcomer"), fromUnixMillis(at));
    }
    void meets() { f.store->meet(author.certificate(), QStringLiteral("Newcomer")); }
    void writes(const std::string& text) { f.append(author.write(direct(), kNoon, wire::Text{text, {}})); }
    [[nodiscard]] bool isThere() const { return f.store->person(id()).has_value(); }

    StoreFixture& f;
    identity::SigningKey key;
    Author author;
};

/// As many as come by relay between these times, one every so often; gives how many were let in.
std::size_t flood(StoreFixture& f, int count, qint64 from, qint64 every) {
    std::size_t taken = 0;
    for (int i = 0; i < count; ++i) taken += Newcomer(f).comes(from + i * every);
    return taken;
}

}  // namespace

/// How many people, and devices of theirs, a store keeps that nobody has asked for.
class StrangersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void strangersMetLongestAgoMakeRoomForNewOnes() {
        StoreFixture f;
        const auto meet = [&f](const Author& author) {
            f.store->meet(author.certificate(), QStringLiteral("Stranger"));
        };
        const auto stranger = [&f] { return identity::SigningKey::generate(f.random); };
        f.store->setStanding(f.otherId, timeline::Standing::Accepted);
        f.say(f.other, kNoon, "keep this");
        const identity::SigningKey first = stranger();
        Author writer(first, f.random);
        meet(writer);
        const ConversationId with = identity::directConversation(f.self, identity::personIdOf(first));
        f.append(writer.write(with, kNoon, wire::Text{"an unwanted word", {}}));
        QCOMPARE(f.found(QStringLiteral("unwanted")).size(), 1);
        for (std::size_t i = 0; i < limits::kStrangers; ++i) {
            const identity::SigningKey person = stranger();
            Author author(person, f.random);
            meet(author);
            // Each has a conversation to be heard in, however many came before.
            QVERIFY(!f.store->members(identity::directConversation(f.self, identity::personIdOf(person)))
                         .empty());
        }
        QVERIFY(f.store->commit());
        QVERIFY(!f.store->person(identity::personIdOf(first)));
        QVERIFY(f.store->members(with).empty());
        QVERIFY(f.found(QStringLiteral("unwanted")).isEmpty());
        QCOMPARE(f.found(QStringLiteral("keep")), QStringList{QStringLiteral("keep this")});
        QVERIFY(f.store->people().size() <= limits::kStrangers + 2);
        QVERIFY(f.open());
        QCOMPARE(f.texts(), QStringList{QStringLiteral("keep this")});
    }

    /// Whoever has a contact link has as many keys as it likes.
    void aFloodByRelayPushesNobodyOut() {
        StoreFixture f;
        Newcomer here(f);
        here.meets();
        here.writes("from the next room");
        Newcomer genuine(f);
        QVERIFY(genuine.comes(kNoon));
        genuine.writes("a genuine request");
        Newcomer opened(f);
        QVERIFY(opened.comes(kNoon));
        opened.writes("an opened request");
        QVERIFY(f.store->markRead(opened.direct()));
        QVERIFY(!f.store->markRead(opened.direct()));
        QVERIFY(f.store->commit());

        constexpr int kKeys = 10'000;
        const qint64 every = (kKept - kMinute) / kKeys;
        QCOMPARE(flood(f, kKeys, kNoon + 1, every), limits::kRelayStrangers - 1);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        QVERIFY(genuine.isThere() && opened.isThere() && here.isThere());
        QCOMPARE(f.found(QStringLiteral("genuine")).size(), 1);
        // Oneself, the fixture's other one, and the two who are not among those.
        QVERIFY(f.store->people().size() <= limits::kRelayStrangers + 4);

        // Later the oldest make room, among themselves.
        QVERIFY(Newcomer(f).comes(kNoon + kKept));
        QVERIFY(f.store->commit());
        QVERIFY(!genuine.isThere() && opened.isThere() && here.isThere());
        QVERIFY(f.found(QStringLiteral("genuine")).isEmpty());
        QCOMPARE(f.found(QStringLiteral("opened")).size(), 1);
        QCOMPARE(f.found(QStringLiteral("next room")).size(), 1);
    }

    void soManyComeByRelayInAnHour() {
        StoreFixture f;
        QCOMPARE(flood(f, 100, kNoon, 1), limits::kRelayStrangersPerHour);
        QVERIFY(!Newcomer(f).comes(kNoon + kHour - 1));
        QCOMPARE(flood(f, 100, kNoon + kHour + 100, 1), limits::kRelayStrangersPerHour);
        // A clock that was ahead for a while locks nobody out.
        StoreFixture ahead;
        QCOMPARE(flood(ahead, int(limits::kRelayStrangers), kNoon + 1000 * kHour, kHour), limits::kRelayStrangers);
        QVERIFY(Newcomer(ahead).comes(kNoon));
    }

    void whoIsDealtWithTakesNoPlaceOfThose() {
        StoreFixture f;
        QCOMPARE(flood(f, int(limits::kRelayStrangers) - 4, kNoon - 10 * kHour, 10 * kMinute),
                 limits::kRelayStrangers - 4);
        Newcomer accepted(f);
        Newcomer met(f);
        Newcomer ignored(f);
        Newcomer verified(f);
        for (Newcomer* const one : {&accepted, &met, &ignored, &verified}) QVERIFY(one->comes(kNoon));
        QVERIFY(!Newcomer(f).comes(kNoon));
        f.store->setStanding(accepted.id(), timeline::Standing::Accepted);
        f.store->setStanding(accepted.id(), timeline::Standing::Stranger);
        met.meets();
        f.store->setStanding(ignored.id(), timeline::Standing::Ignored);
        f.store->setVerified(verified.id(), true);
        for (const Newcomer* const one : {&accepted, &met, &ignored, &verified}) {
            QVERIFY(f.store->cameByRelay(one->id()));
            QVERIFY(Newcomer(f).comes(kNoon));
        }
        QVERIFY(!Newcomer(f).comes(kNoon));
        QVERIFY(!f.store->cameByRelay(f.otherId));
        // All of those have their places still, and another device of theirs is no newcomer.
        for (const Newcomer* const one : {&accepted, &met, &ignored, &verified}) {
            QVERIFY(one->isThere());
            const Author device(one->key, f.random);
            QVERIFY(f.store->meetByRelay(device.certificate(), QStringLiteral("Newcomer"), fromUnixMillis(kNoon)));
        }
    }

    void aPersonHasSoManyDevicesOnly() {
        StoreFixture f;
        for (const auto standing : {timeline::Standing::Stranger, timeline::Standing::Accepted}) {
            const identity::SigningKey key = identity::SigningKey::generate(f.random);
            const PersonId person = identity::personIdOf(key);
            std::optional<DeviceId> last;
            for (std::size_t i = 0; i < 2 * limits::kDevicesPerPerson; ++i) {
                const Author device(key, f.random);
                f.store->meet(device.certificate(), QStringLiteral("Somebody"));
                f.store->setStanding(person, standing);
                last = device.id();
            }
            QVERIFY(f.store->commit());
            const auto devices = f.store->person(person)->devices;
            QCOMPARE(devices.size(), limits::kDevicesPerPerson);
            QVERIFY(std::any_of(devices.begin(), devices.end(),
                                [&last](const DeviceRecord& one) { return one.id == last; }));
        }
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::StrangersTest)
#include "strangers_test.moc"
