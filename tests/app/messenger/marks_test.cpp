#include "app/messenger/marks.h"
#include "app/messenger/announcements.h"

#include "tests/app/storage/store_fixture.h"

#include <QTest>

namespace landline::app::test {

class MarksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        fixture = std::make_unique<StoreFixture>();
        entries.clear();
        for (int i = 0; i < 5; ++i) entries.push_back(fixture->say(fixture->me, 1000 + i, "hello"));
        QVERIFY(fixture->store->commit());
        context = std::make_unique<Context>();
        context->db = std::move(fixture->store);
        context->identity = std::make_shared<net::LocalIdentity>(
            net::LocalIdentity{identity::DeviceKeys::generate(fixture->random), fixture->me.certificate()});
        announcements = std::make_unique<Announcements>(*context);
        Marks::Outcome outcome;
        outcome.delivered = [this](const MessageRecord& message, const PersonId&) {
            delivered.append(int(message.ref.entry.number));
        };
        outcome.read = [this](const MessageRecord& message, const PersonId&) {
            read.append(int(message.ref.entry.number));
        };
        outcome.readElsewhere = [](const ConversationId&) { QFAIL("nothing was read elsewhere"); };
        outcome.failed = [](const Error& error) { QFAIL(error.text.c_str()); };
        marks = std::make_unique<Marks>(*context, *announcements, std::move(outcome));
        delivered.clear();
        read.clear();
    }

    void tellsEachMessageOnceAsItsMarkPasses() {
        claim(2, hashOf(2), 0);
        claim(2, hashOf(2), 1);
        claim(5, hashOf(5), 5);
        QCOMPARE(delivered, QList<int>({1, 2, 3, 4, 5}));
        QCOMPARE(read, QList<int>({1, 2, 3, 4, 5}));
    }

    void doesNotTellWhatAnotherHashClaims() {
        claim(3, hashOf(2), 3);
        QVERIFY(delivered.isEmpty());
        QVERIFY(read.isEmpty());
    }

    void doesNotTellWhatIsNotWrittenYet() {
        claim(9, hashOf(5), 9);
        QVERIFY(delivered.isEmpty());
        QVERIFY(read.isEmpty());
    }

    void tellsNothingTwiceAfterALowerClaim() {
        claim(4, hashOf(4), 0);
        claim(2, hashOf(2), 0);
        claim(4, hashOf(4), 0);
        QCOMPARE(delivered, QList<int>({1, 2, 3, 4}));
    }

private:
    [[nodiscard]] Hash128 hashOf(std::size_t number) const { return truncated(entries.at(number - 1).hash); }

    void claim(EntryNumber number, const Hash128& hash, EntryNumber readUpTo) {
        marks->add(fixture->other.id(), fixture->direct,
                   {wire::AuthorHead{fixture->me.id(), 0, {}, number, hash, readUpTo}});
        marks->flush();
        QVERIFY(marks->isEmpty());
    }

    std::unique_ptr<StoreFixture> fixture;
    std::vector<timeline::CheckedEntry> entries;
    std::unique_ptr<Context> context;
    std::unique_ptr<Announcements> announcements;
    std::unique_ptr<Marks> marks;
    QList<int> delivered;
    QList<int> read;
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::MarksTest)
#include "marks_test.moc"
