#include "p2p/base/limits.h"
#include "tests/app/storage/store_fixture.h"

#include <QTest>

namespace landline::app::test {

namespace {
constexpr qint64 kNoon = 1700000000000;
}

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
