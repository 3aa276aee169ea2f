// Deposits from before they are sent until heads cover them, what is still to be deposited, and what a person is told.
#include "tests/app/storage/relay_fixture.h"

#include "p2p/base/limits.h"
#include "tests/support/faulty_vfs.h"

#include <QTest>

#include <algorithm>
#include <set>

namespace landline::app::test {

using landline::test::FaultyVfs;
using wire::relay::Box;
using wire::relay::Reason;

class DepositTableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anUnansweredDepositComesBackByteForByteAndInOrder() {
        RelayFixture f;
        f.write("one");
        std::vector<UnansweredDeposit> sent;
        for (int i = 0; i < 3; ++i) {
            const auto message = f.messageFor({f.other.id(), f.random.make<DeviceId>()});
            const DepositCounter counter = f.store->deposits().nextCounter(f.kNow);
            f.store->deposits().put({f.relay.key, counter, message, {f.range(1, 1)}});
            sent.push_back({counter, message});
        }
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        DepositTable& deposits = f.store->deposits();
        QVERIFY(deposits.unanswered(f.relay.key) == sent);
        QVERIFY(deposits.unanswered(f.second.key).empty());
        QVERIFY(deposits.relays() == std::vector{f.relay.key});
        QVERIFY(deposits.held(f.relay.key).empty());
        const auto record = deposits.find(sent[0].counter);
        QVERIFY(record && record->relay == f.relay.key && record->epoch == f.kEpoch && !record->expires);
        QCOMPARE(record->recipients.size(), std::size_t(2));
        for (const auto& recipient : sent[0].message.recipients)
            QVERIFY(std::count(record->recipients.begin(), record->recipients.end(),
                               DepositRecord::Recipient{recipient.to.device, recipient.prekey}) == 1);
    }

    void heldDepositsComeBackWithWhomTheyAreFor() {
        RelayFixture f;
        f.write("one");
        const DepositCounter counter = f.deposit(1, 1);
        QVERIFY(f.hold(counter).empty());
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        QVERIFY(f.store->deposits().unanswered(f.relay.key).empty());
        const auto held = f.store->deposits().held(f.relay.key);
        QCOMPARE(held.size(), std::size_t(1));
        QCOMPARE(held[0].counter, counter);
        QCOMPARE(held[0].epoch, RelayFixture::kEpoch);
        QVERIFY(held[0].devices == std::vector{f.other.id()});
        QVERIFY(held[0].expires == f.kExpires);
        QVERIFY(f.store->deposits().nextExpiry() == f.kExpires);
        QCOMPARE(f.onFile({QStringLiteral("SELECT count(*) FROM deposit WHERE message IS NOT NULL")}),
                 QStringList{QStringLiteral("0")});
    }

    void aCounterIsNeverUsedTwice() {
        RelayFixture f;
        f.write("one");
        const DepositCounter first = f.deposit(1, 1);
        QVERIFY(f.store->commit());
        f.failed(first);
        QVERIFY(f.store->commit());
        QVERIFY(!f.store->deposits().find(first));
        // Not after the deposit is gone, nor with a clock that went back.
        QVERIFY(f.open());
        const DepositCounter second = f.store->deposits().nextCounter(fromUnixMillis(5));
        QVERIFY(second > first);
        QVERIFY(f.store->commit());
        // Nor by a database that somebody put back.
        QCOMPARE(f.onFile({QStringLiteral("DELETE FROM relay_number")}), QStringList());
        QVERIFY(f.open());
        QVERIFY(f.store->deposits().nextCounter(f.kNow + std::chrono::hours(1)) > second);
        f.store->deposits().put({f.relay.key, 7, f.messageFor({f.other.id()}), {f.range(1, 1)}});
        QVERIFY(f.store->commit());
        f.store->deposits().put({f.relay.key, 7, f.messageFor({f.other.id()}), {f.range(1, 1)}});
        QVERIFY(!f.store->commit());
    }

    /// While the numbers are ahead of the clock, a database from before would otherwise go through the same again.
    void aDatabaseFromBeforeTakesOtherCounters() {
        RelayFixture f;
        const auto next = [&f] {
            std::vector<DepositCounter> counters;
            for (int i = 0; i < 3; ++i) counters.push_back(f.store->deposits().nextCounter(f.kNow));
            return counters;
        };
        const auto ahead = f.store->deposits().nextCounter(f.kNow + std::chrono::hours(24 * 300));
        QVERIFY(f.store->commit());
        const auto first = next();
        QVERIFY(first.front() > ahead && std::is_sorted(first.begin(), first.end()));
        QVERIFY(f.store->commit());
        const QString back = QStringLiteral("UPDATE relay_number SET value = %1").arg(ahead);
        QCOMPARE(f.onFile({back}), QStringList());
        QVERIFY(f.open());
        QVERIFY(next() != first);
    }

    /// A relay has seen counters by a clock that was a year ahead, of which this database knows nothing.
    void countersCatchUpWithWhatARelayHasSeen() {
        RelayFixture f;
        f.write("one");
        const auto seen = static_cast<DepositCounter>(toUnixMillis(f.kNow + std::chrono::hours(24 * 365)));
        DepositCounter last = 0;
        for (int attempts = 0; last <= seen; ++attempts) {
            QVERIFY(attempts < 20);
            const DepositCounter counter = f.deposit(1, 1);
            const DepositCounter other = f.deposit(1, 1);
            QVERIFY(counter > last && other > counter);
            // Two on their way at once are no more than one.
            QVERIFY(last == 0 ||
                    other - static_cast<DepositCounter>(toUnixMillis(f.kNow)) <
                        3 * (last - static_cast<DepositCounter>(toUnixMillis(f.kNow))) + (4 << 20));
            f.failed(counter, wire::relay::Reason::OldCounter);
            f.failed(other, wire::relay::Reason::OldCounter);
            last = other;
        }
        // Other failures say nothing of counters.
        const DepositCounter taken = f.deposit(1, 1);
        f.failed(taken);
        QVERIFY(f.store->deposits().nextCounter(f.kNow) <= taken + (1 << 20));
    }

    void rangesThatNoEnvelopeCanHoldAreRefused() {
        RelayFixture f;
        const auto refused = [&f](Box box, const std::vector<EntryRange>& ranges) {
            const DepositCounter counter = f.store->deposits().nextCounter(f.kNow);
            f.store->deposits().put({f.relay.key, counter, f.messageFor({f.other.id()}, box), ranges});
            const auto done = f.store->commit();
            return !done && done.error().code == ErrorCode::Internal;
        };
        QVERIFY(refused(Box::Messages, {f.range(0, 3)}));
        QVERIFY(refused(Box::Messages, {f.range(3, 2)}));
        QVERIFY(refused(Box::Messages, {f.range(1, limits::kEntriesPerEnvelope + 1)}));
        QVERIFY(refused(Box::Messages, {{f.random.make<ConversationId>(), f.me.id(), 1, 1}}));
        QVERIFY(refused(Box::Heads, {f.range(1, 1)}));
        QVERIFY(!refused(Box::Messages, {f.range(1, limits::kEntriesPerEnvelope)}));
    }

    void headsEndWhatTheyCoverAndNothingElse() {
        RelayFixture f;
        for (int i = 0; i < 6; ++i) f.write("text");
        const DepositCounter first = f.deposit(1, 2);
        const DepositCounter second = f.deposit(3, 4);
        const DepositCounter waiting = f.deposit(5, 5);
        f.hold(first);
        f.hold(second);
        QVERIFY(f.store->commit());
        QVERIFY(f.heads(3) == (std::vector<SettledDeposit>{{f.relay.key, first, f.other.id()}}));
        QVERIFY(!f.store->deposits().find(first));
        QVERIFY(f.store->deposits().find(second));
        QVERIFY(f.undelivered() == std::vector{f.range(6, 6)});
        // What has no answer yet is still sent again as it was, and over with its answer.
        QVERIFY(f.heads(5) == (std::vector<SettledDeposit>{{f.relay.key, second, f.other.id()}}));
        QCOMPARE(f.store->deposits().unanswered(f.relay.key).size(), std::size_t(1));
        QVERIFY(f.hold(waiting) == (std::vector<SettledDeposit>{{f.relay.key, waiting, f.other.id()}}));
        QVERIFY(f.store->deposits().relays().empty());
        // An event that comes again after a crash.
        QVERIFY(f.hold(waiting) == (std::vector<SettledDeposit>{{f.relay.key, waiting, f.other.id()}}));
        QVERIFY(f.store->commit());
    }

    void tellsForWhomAnAnswerIsAwaitedStill() {
        RelayFixture f;
        for (int i = 0; i < 3; ++i) f.write("text");
        const Author tablet(f.otherPerson, f.random);
        f.store->meet(tablet.certificate(), QStringLiteral("Other"));
        const DepositCounter both = f.store->deposits().nextCounter(f.kNow);
        f.store->deposits().put({f.relay.key, both, f.messageFor({f.other.id(), tablet.id()}), {f.range(1, 2)}});
        const DepositCounter one = f.deposit(3, 3);
        const DepositCounter heads = f.depositHeads();
        f.hold(f.deposit(1, 1));
        (void)f.store->deposits().change(f.relay.key, {both, {}, {}, {{tablet.id(), std::nullopt}}});
        (void)f.heads(2);
        const std::vector<AwaitedDeposit> expected{
            {both, f.other.id(), false}, {one, f.other.id(), true}, {heads, f.other.id(), true}};
        QVERIFY(f.store->deposits().awaited(f.relay.key) == expected);
        QVERIFY(f.store->commit());
    }

    void oneBodyForSeveralEndsForEachAlone() {
        RelayFixture f;
        f.write("one");
        const Author tablet(f.otherPerson, f.random);
        f.store->meet(tablet.certificate(), QStringLiteral("Other"));
        const DepositCounter counter = f.store->deposits().nextCounter(f.kNow);
        f.store->deposits().put(
            {f.relay.key, counter, f.messageFor({f.other.id(), tablet.id()}), {f.range(1, 1)}});
        (void)f.store->deposits().change(
            f.relay.key, {counter, {f.other.id()}, f.kExpires, {{tablet.id(), Reason::Full}}});
        QVERIFY(f.undelivered().empty());
        QCOMPARE(f.store->deposits().undelivered(tablet.id(), f.kNow, 9, f.me.id()).size(), std::size_t(1));
        QCOMPARE(f.store->deposits().find(counter)->recipients.size(), std::size_t(1));
        QCOMPARE(f.heads(1).size(), std::size_t(1));
        QVERIFY(!f.store->deposits().find(counter));
        QVERIFY(f.store->commit());
    }

    void whatFailsExpiresOrIsGivenUpIsUndeliveredAgain() {
        RelayFixture f;
        for (int i = 0; i < 4; ++i) f.write("text");
        QVERIFY(f.undelivered() == std::vector{f.range(1, 4)});
        const DepositCounter failing = f.deposit(1, 1);
        const DepositCounter expiring = f.deposit(2, 2);
        const DepositCounter lost = f.deposit(3, 3);
        const DepositCounter unanswered = f.deposit(4, 4);
        QVERIFY(f.undelivered().empty());
        f.failed(failing, Reason::OtherEpoch);
        QVERIFY(f.undelivered() == std::vector{f.range(1, 1)});
        f.hold(expiring, f.kNow);
        QVERIFY(f.undelivered() == (std::vector{f.range(1, 2)}));  // before anybody noticed
        QVERIFY(f.store->deposits().expire(f.kNow) ==
                (std::vector<SettledDeposit>{{f.relay.key, expiring, f.other.id()}}));
        QVERIFY(!f.store->deposits().find(expiring));
        f.hold(lost);
        QVERIFY(f.store->relayHeads().raiseLost(f.other.id(), 2));
        QVERIFY(!f.store->relayHeads().raiseLost(f.other.id(), 2));
        QVERIFY(f.store->deposits().giveUp(f.other.id()) ==
                (std::vector<SettledDeposit>{{f.relay.key, lost, f.other.id()}}));
        // The one without an answer may be lost, but nobody can tell before there is one.
        QVERIFY(f.undelivered() == (std::vector{f.range(1, 3)}));
        QVERIFY(f.store->deposits().isDoubted(unanswered, f.other.id()));
        const DepositCounter later = f.deposit(1, 3);
        QVERIFY(!f.store->deposits().isDoubted(later, f.other.id()));
        QVERIFY(f.store->relayHeads().owed() == (std::vector{OwedHeads{f.other.id(), 1}}));
        QVERIFY(f.store->commit());
    }

    void tellsWhatIsInItAndWhoseItIs() {
        RelayFixture f;
        for (int i = 0; i < 4; ++i) f.write("text");
        const Author tablet(f.otherPerson, f.random);
        f.store->meet(tablet.certificate(), QStringLiteral("Other"));
        const DepositCounter both = f.store->deposits().nextCounter(f.kNow);
        f.store->deposits().put(
            {f.relay.key, both, f.messageFor({f.other.id(), tablet.id()}), {f.range(1, 1), f.range(3, 4)}});
        const DepositCounter heads = f.depositHeads();
        QVERIFY(f.store->deposits().entriesOf(both) == (std::vector{f.range(1, 1), f.range(3, 4)}));
        QVERIFY(f.store->deposits().entriesOf(heads).empty());
        QVERIFY(f.store->deposits().heldFor(f.other.id()).empty());
        (void)f.store->deposits().change(f.relay.key, {both, {f.other.id(), tablet.id()}, f.kExpires, {}});
        f.hold(heads, f.kNow);
        QVERIFY(f.store->deposits().heldFor(f.other.id()) == (std::vector{both, heads}));
        QVERIFY(f.store->deposits().heldFor(tablet.id()) == std::vector{both});
        QVERIFY(f.store->deposits().expired(f.kNow) == std::vector{heads});
        // As long as one of them is not known to hold it.
        (void)f.heads(4);
        QVERIFY(f.store->deposits().entriesOf(both) == (std::vector{f.range(1, 1), f.range(3, 4)}));
        QVERIFY(f.store->commit());
    }

    void overlapsAndGapsAreFound() {
        RelayFixture f;
        for (int i = 0; i < 20; ++i) f.write("text");
        (void)f.deposit(3, 12);
        (void)f.deposit(4, 5);
        (void)f.deposit(6, 8);
        (void)f.deposit(15, 16);
        QVERIFY(f.undelivered() == (std::vector{f.range(1, 2), f.range(13, 14), f.range(17, 20)}));
        QVERIFY(f.undelivered(2) == (std::vector{f.range(1, 2), f.range(13, 14)}));
        f.heads(4);
        QVERIFY(f.undelivered() == (std::vector{f.range(13, 14), f.range(17, 20)}));
        QVERIFY(f.store->commit());
    }

    void onlyWhatOneselfWroteIsDepositedAndNothingForTheBlocked() {
        RelayFixture f;
        f.write("mine");
        f.say(f.other, 1700000000001, "theirs");
        QVERIFY(f.undelivered() == std::vector{f.range(1, 1)});
        QVERIFY(f.store->deposits().undelivered(f.random.make<DeviceId>(), f.kNow, 9, f.me.id()).empty());
        // To another device of one's own: by this device, not by itself.
        const Author laptop(f.myPerson, f.random);
        f.store->putCertificate(laptop.certificate());
        QVERIFY(f.store->deposits().undelivered(laptop.id(), f.kNow, 9, f.me.id()) ==
                std::vector{f.range(1, 1)});
        QVERIFY(f.store->deposits().undelivered(f.me.id(), f.kNow, 9, f.me.id()).empty());
        f.store->setStanding(f.otherId, timeline::Standing::Blocked);
        QVERIFY(f.undelivered().empty());
    }

    void aLongRunIsCutToEnvelopes() {
        RelayFixture f;
        std::vector<timeline::CheckedEntry> run;
        for (std::size_t i = 0; i < 2 * limits::kEntriesPerEnvelope + 1; ++i)
            run.push_back(f.me.write(f.direct, 1700000000000, wire::Text{"text", {}}));
        f.append(run);
        QVERIFY(f.store->commit());
        const auto ranges = f.undelivered();
        QCOMPARE(ranges.size(), std::size_t(3));
        QVERIFY(ranges.back() ==
                f.range(2 * limits::kEntriesPerEnvelope + 1, 2 * limits::kEntriesPerEnvelope + 1));
        for (const EntryRange& range : ranges) (void)f.deposit(range.first, range.last);
        QVERIFY(f.store->commit());
        QVERIFY(f.undelivered().empty());
        QCOMPARE(f.undelivered(0).size(), std::size_t(0));
    }

    void newerHeadsTakeThePlaceOfOlderOnesAndFailedOnesAreOwedAgain() {
        RelayFixture f;
        RelayHeadsTable& owing = f.store->relayHeads();
        owing.owe(f.other.id());
        const auto owed = owing.owed();
        const DepositCounter first = f.depositHeads();
        owing.owe(f.other.id());  // while it is being written
        owing.paid(owed.front());
        QVERIFY(owing.owed() == (std::vector{OwedHeads{f.other.id(), 1}}));
        owing.paid({f.other.id(), 1});
        QVERIFY(owing.owed().empty());
        f.hold(first);
        const DepositCounter second = f.depositHeads();
        QVERIFY(f.store->deposits().find(first));
        QVERIFY(f.hold(second) == (std::vector<SettledDeposit>{{f.relay.key, first, f.other.id()}}));
        QVERIFY(!f.store->deposits().find(first));
        f.heads(0);
        QVERIFY(f.store->deposits().find(second));
        f.failed(second, std::nullopt);
        QVERIFY(owing.owed() == (std::vector{OwedHeads{f.other.id(), 1}}));
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        QCOMPARE(f.store->relayHeads().owed().size(), std::size_t(1));
    }

    void headsAreOwedToContactsThatCanBeLeftSomething() {
        RelayFixture f;
        const identity::SigningKey strange = identity::SigningKey::generate(f.random);
        const Author stranger(strange, f.random);
        f.store->meet(stranger.certificate(), QStringLiteral("Stranger"));
        f.store->setStanding(f.otherId, timeline::Standing::Accepted);
        f.store->relayHeads().oweContacts();
        QVERIFY(f.store->relayHeads().owed().empty());
        for (const DeviceId& device : {f.other.id(), stranger.id()})
            QVERIFY(f.store->prekeys().putGrants(device, {{f.second, f.random.make<RelayToken>()}}));
        f.store->relayHeads().oweContacts();
        f.store->relayHeads().oweContacts();
        QVERIFY(f.store->relayHeads().owed() == (std::vector{OwedHeads{f.other.id(), 2}}));
    }

    void anOlderStatementDoesNotCount() {
        RelayFixture f;
        RelayHeadsTable& heads = f.store->relayHeads();
        QVERIFY(heads.takeStatement(f.other.id(), f.direct, 5));
        QVERIFY(!heads.takeStatement(f.other.id(), f.direct, 5));
        QVERIFY(!heads.takeStatement(f.other.id(), f.direct, 4));
        QVERIFY(heads.takeStatement(f.other.id(), f.direct, ~std::uint64_t{0}));
        QVERIFY(!heads.takeStatement(f.other.id(), f.random.make<ConversationId>(), 6));
        QVERIFY(!heads.takeStatement(f.random.make<DeviceId>(), f.direct, 6));
        const auto statement = heads.nextStatement(f.kNow);
        QVERIFY(heads.nextStatement(f.kNow) > statement);
    }

    void aMessageIsHeldUntilTheRelayGivesItUp() {
        RelayFixture f;
        f.write("one");
        f.write("two");
        const DepositCounter counter = f.deposit(1, 1);
        QVERIFY(f.store->commit());
        const auto state = [&f](qsizetype at) { return f.history().at(static_cast<std::size_t>(at)).state; };
        QCOMPARE(state(0), MessageState::Queued);
        f.hold(counter);
        QVERIFY(f.store->commit());
        QCOMPARE(state(0), MessageState::Held);
        QCOMPARE(f.history().at(0).heldUntil, qint64(99000000000000));
        QCOMPARE(state(1), MessageState::Queued);
        QCOMPARE(f.history().at(1).heldUntil, qint64(0));
        // The longest of several relays.
        const DepositCounter shorter = f.deposit(1, 2);
        f.hold(shorter, f.kExpires - std::chrono::hours(1));
        QCOMPARE(f.history().at(0).heldUntil, qint64(99000000000000));
        QCOMPARE(state(1), MessageState::Held);
        f.failed(shorter, std::nullopt);
        QCOMPARE(state(1), MessageState::Queued);
        f.heads(1);
        QCOMPARE(state(0), MessageState::Delivered);
        const DepositCounter expired = f.deposit(2, 2);
        f.hold(expired, f.kNow);
        QCOMPARE(state(1), MessageState::Queued);
    }

    void aForgottenStrangersDepositsCoverNothingOfTheNext() {
        RelayFixture f;
        f.write("one");
        const DepositCounter counter = f.deposit(1, 1);
        f.hold(counter);
        for (std::size_t i = 0; i < limits::kStrangers + 1; ++i)
            f.store->meet(Author(identity::SigningKey::generate(f.random), f.random).certificate(),
                          QStringLiteral("Stranger"));
        QVERIFY(f.store->commit());
        QVERIFY(!f.store->person(f.otherId));
        QCOMPARE(f.onFile({QStringLiteral("SELECT count(*) FROM deposit_range")}),
                 QStringList{QStringLiteral("0")});
    }

    void everyLookupGoesByAnIndex() {
        RelayFixture f;
        f.write("one");
        QVERIFY(f.store->commit());
        for (const char* const statement : DepositTable::lookups()) {
            QString text = QString::fromLatin1(statement);
            text.replace(u'?', u'1');
            const QStringList steps = f.onFile({QStringLiteral("EXPLAIN QUERY PLAN ") + text}, 3);
            QVERIFY2(!steps.isEmpty(), statement);
            for (const QString& step : steps)
                QVERIFY2(
                    !step.startsWith(QStringLiteral("SCAN")) && !step.startsWith(QStringLiteral("failed")),
                    qPrintable(step + u'\n' + text));
        }
    }

    /// Beside deposits by the thousand and a long history what is to be delivered is found at once.
    void planningDoesNotReadTheHistory() {
        RelayFixture f;
        std::vector<timeline::CheckedEntry> run;
        for (int i = 0; i < 4000; ++i)
            run.push_back(f.me.write(f.direct, 1700000000000 + i, wire::Text{"text", {}}));
        f.append(run);
        for (EntryNumber number = 1; number < 4000; ++number) (void)f.deposit(number, number);
        QVERIFY(f.store->commit());
        // Entries cannot be read any more: whoever needed them would find damage.
        QCOMPARE(
            f.onFile({QStringLiteral("UPDATE entry SET header = zeroblob(10) WHERE id & 0xffff BETWEEN 1 "
                                     "AND 3999")}),
            QStringList());
        QVERIFY(f.open());
        QVERIFY(f.undelivered() == std::vector{f.range(4000, 4000)});
        QVERIFY(!f.store->isDamaged());
    }

    /// The power fails at every sync there is, one after the other.
    void aDepositIsWrittenAsAWholeAndNoCounterComesTwice() {
        bool finished = false;
        for (int point = 0; !finished; ++point) {
            QVERIFY2(point < 200, "the work never comes to its end");
            FaultyVfs vfs("faulty");
            const QString options = QString::fromStdString(vfs.uriParameters());
            RelayFixture f;
            QVERIFY(f.open(options));
            f.write("one");
            QVERIFY(f.store->commit());
            vfs.failPowerAfter(point);
            std::vector<UnansweredDeposit> sent;
            std::vector<DepositCounter> held;
            DepositCounter highest = 0;
            for (int i = 0; i < 4; ++i) {
                const auto message = f.messageFor({f.other.id()});
                highest = f.store->deposits().nextCounter(f.kNow);
                f.store->deposits().put({f.relay.key, highest, message, {f.range(1, 1)}});
                if (!f.store->commit()) break;
                sent.push_back({highest, message});  // and only now
                if (i % 2 == 0) continue;
                f.hold(highest);
                if (!f.store->commit()) break;
                held.push_back(highest);
            }
            finished = vfs.hasPower();
            f.store.reset();
            vfs.restart(static_cast<std::uint64_t>(point));

            QVERIFY2(f.open(options), qPrintable(QString::number(point)));
            QVERIFY(f.damagedCopy.isEmpty());
            DepositTable& deposits = f.store->deposits();
            const auto unanswered = deposits.unanswered(f.relay.key);
            std::set<DepositCounter> heldNow;
            for (const auto& one : deposits.held(f.relay.key)) {
                heldNow.insert(one.counter);
                QVERIFY(one.devices == std::vector{f.other.id()});
            }
            for (const DepositCounter counter : held) QVERIFY(heldNow.contains(counter));
            // Each one that may have been sent is there, as it was.
            for (const UnansweredDeposit& one : sent)
                QVERIFY(heldNow.contains(one.counter) ||
                        std::find(unanswered.begin(), unanswered.end(), one) != unanswered.end());
            if (!sent.empty()) {
                QVERIFY(deposits.nextCounter(f.kNow) > sent.back().counter);
                QVERIFY(f.undelivered().empty());
            }
        }
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::DepositTableTest)
#include "deposit_table_test.moc"
