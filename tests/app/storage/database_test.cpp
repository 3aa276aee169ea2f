// What database.h promises of an open database; which ones it opens is in database_open_test.cpp.
#include "tests/app/storage/store_fixture.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <algorithm>

namespace landline::app::test {

namespace {

constexpr qint64 kNoon = 1700000000000;

/// All files of the profile folder, one after the other.
QByteArray everything(const QString& folder) {
    QByteArray bytes;
    for (const QString& name : QDir(folder).entryList(QDir::Files | QDir::Hidden)) {
        QFile file(QDir(folder).filePath(name));
        if (file.open(QIODevice::ReadOnly)) bytes += file.readAll();
    }
    return bytes;
}

wire::AuthorHead headAt(const timeline::CheckedEntry& entry, EntryNumber read = 0) {
    wire::AuthorHead head;
    head.author = entry.header.author;
    head.number = entry.header.number;
    head.hash = truncated(entry.hash);
    head.read = read;
    return head;
}

}  // namespace

class DatabaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsWhatIsCommitted() {
        StoreFixture f;
        const auto first = f.say(f.me, kNoon, "one");
        QVERIFY(f.store->commit());
        f.say(f.me, kNoon + 1, "never committed");
        QVERIFY(f.open());
        QCOMPARE(f.texts(), QStringList{QStringLiteral("one")});
        const auto head = f.store->head(f.direct, f.me.id());
        QVERIFY(head);
        QCOMPARE(head->number, EntryNumber{1});
        QVERIFY(head->hash == first.hash);
        const auto run = f.store->read(f.direct, f.me.id(), 1, 10, 100000);
        QCOMPARE(run.size(), std::size_t{1});
        QVERIFY(run[0] == first.bytes);
    }

    void readsItsOwnUncommittedWrites() {
        StoreFixture f;
        f.say(f.other, kNoon, "hello there");
        QCOMPARE(f.texts(), QStringList{QStringLiteral("hello there")});
        QCOMPARE(f.found(QStringLiteral("hello")), QStringList{QStringLiteral("hello there")});
        QCOMPARE(f.store->conversation(f.direct)->unread, 1);
    }

    void knowsPeopleAndTheirConversations() {
        StoreFixture f;
        const auto people = f.store->people();
        QCOMPARE(people.size(), std::size_t{2});
        QVERIFY(people[0].self);
        QCOMPARE(people[1].name, QStringLiteral("Other"));
        QVERIFY(people[1].devices.at(0).noiseKey == f.other.certificate().noiseKey());
        QVERIFY(f.store->standing(f.otherId) == timeline::Standing::Stranger);
        QCOMPARE(f.store->members(f.direct).size(), std::size_t{2});
        const ConversationId notes = identity::directConversation(f.self, f.self);
        QVERIFY(f.store->members(notes) == std::vector<PersonId>{f.self});
        QVERIFY(f.store->members(ConversationId{}).empty());

        f.store->setStanding(f.otherId, timeline::Standing::Accepted);
        f.store->setVerified(f.otherId, true);
        f.store->setPersonName(f.otherId, QStringLiteral("New\u202ename\n"));
        f.store->setDeviceAddress(f.other.id(), QStringLiteral("10.0.0.1:5"), 7);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        const auto person = f.store->person(f.otherId);
        QVERIFY(person && person->verified && person->standing == timeline::Standing::Accepted);
        QCOMPARE(person->name, QStringLiteral("Newname"));
        QCOMPARE(person->devices.at(0).address, QStringLiteral("10.0.0.1:5"));
        QVERIFY(f.store->certificate(f.other.id()) == f.other.certificate());
    }

    void editsDeletesAndReactionsOfOthersMessagesDoNotCount() {
        StoreFixture f;
        const auto target = f.say(f.me, kNoon, "mine");
        f.put(f.other, kNoon + 1, wire::Edit{target.ref(), "forged"});
        f.put(f.other, kNoon + 2, wire::Delete{target.ref()});
        f.put(f.other, kNoon + 3, wire::Reaction{target.ref(), "👍", false});
        const auto history = f.history();
        QCOMPARE(history.size(), std::size_t{1});
        QCOMPARE(history[0].text, QStringLiteral("mine"));
        QVERIFY(!history[0].edited && !history[0].deleted);
        QCOMPARE(history[0].reactions.size(), std::size_t{1});
        QVERIFY(history[0].reactions[0].persons == std::vector<PersonId>{f.otherId});
        f.put(f.other, kNoon + 4, wire::Reaction{target.ref(), "👍", true});
        QVERIFY(f.history()[0].reactions.empty());
    }

    void amendmentsMayComeBeforeTheirTarget() {
        StoreFixture f;
        Author second(f.otherPerson, f.random);
        f.store->putCertificate(second.certificate());
        const auto target = f.other.write(f.direct, kNoon, wire::Text{"early", {}});
        f.put(second, kNoon + 1, wire::Edit{target.ref(), "late"});
        f.put(f.me, kNoon + 2, wire::Reaction{target.ref(), "x", false});
        QVERIFY(f.history().empty());
        f.append(target);
        QCOMPARE(f.history().at(0).text, QStringLiteral("late"));
        QVERIFY(f.history().at(0).edited);
        QCOMPARE(f.history().at(0).reactions.size(), std::size_t{1});
        QCOMPARE(f.found(QStringLiteral("early")), QStringList());
        QCOMPARE(f.found(QStringLiteral("late")), QStringList{QStringLiteral("late")});
    }

    void aWrongClockIsHealedByTheAuthorsNextEntry() {
        StoreFixture f;
        f.say(f.other, kNoon + 86400000, "from tomorrow");
        f.say(f.me, kNoon + 10, "answer");
        QCOMPARE(f.texts(), (QStringList{QStringLiteral("answer"), QStringLiteral("from tomorrow")}));
        f.say(f.other, kNoon + 5, "clock set right");
        QCOMPARE(f.texts(), (QStringList{QStringLiteral("from tomorrow"), QStringLiteral("clock set right"),
                                         QStringLiteral("answer")}));
    }

    void ticksFollowConfirmedHeadsOnly() {
        StoreFixture f;
        const auto one = f.say(f.me, kNoon, "one");
        const auto two = f.say(f.me, kNoon + 1, "two");
        const auto states = [&] {
            std::vector<MessageState> result;
            for (const auto& message : f.history()) result.push_back(message.state);
            return result;
        };
        using S = std::vector<MessageState>;
        QVERIFY((states() == S{MessageState::Queued, MessageState::Queued}));

        wire::AuthorHead forged = headAt(two);
        forged.hash = truncated(one.hash);
        f.store->putPeerHeads(f.direct, f.other.id(), std::span(&forged, 1));
        QVERIFY((states() == S{MessageState::Queued, MessageState::Queued}));

        wire::AuthorHead head = headAt(one);
        f.store->putPeerHeads(f.direct, f.other.id(), std::span(&head, 1));
        QVERIFY((states() == S{MessageState::Delivered, MessageState::Queued}));
        head = headAt(two, 1);
        f.store->putPeerHeads(f.direct, f.other.id(), std::span(&head, 1));
        QVERIFY((states() == S{MessageState::Read, MessageState::Delivered}));
        // A mark is never lowered.
        head = headAt(one, 0);
        f.store->putPeerHeads(f.direct, f.other.id(), std::span(&head, 1));
        QVERIFY((states() == S{MessageState::Read, MessageState::Delivered}));
        const PersonMark mark = f.store->personMark(f.direct, f.otherId, f.me.id());
        QCOMPARE(mark.number, EntryNumber{2});
        QCOMPARE(mark.read, EntryNumber{1});
    }

    void aHeadBeyondOursCountsOnceWeGetThere() {
        StoreFixture f;
        const auto one = f.me.write(f.direct, kNoon, wire::Text{"one", {}});
        const auto two = f.me.write(f.direct, kNoon, wire::Text{"two", {}});
        const wire::AuthorHead head = headAt(two);
        f.store->putPeerHeads(f.direct, f.other.id(), std::span(&head, 1));
        f.append(one);
        QVERIFY(f.history()[0].state == MessageState::Queued);
        f.append(two);
        QVERIFY(f.history()[0].state == MessageState::Delivered);
        QVERIFY(f.history()[1].state == MessageState::Delivered);
    }

    void notesToSelfAreDeliveredAtOnce() {
        StoreFixture f;
        const ConversationId notes = identity::directConversation(f.self, f.self);
        f.append(f.me.write(notes, kNoon, wire::Text{"note", {}}));
        HistoryQuery query;
        query.conversation = notes;
        const auto history = f.store->history(query);
        QCOMPARE(history.size(), std::size_t{1});
        QVERIFY(history[0].state == MessageState::Delivered);
    }

    void unreadCountsOthersMessages() {
        StoreFixture f;
        const auto unread = [&] { return f.store->conversation(f.direct)->unread; };
        const auto one = f.say(f.other, kNoon, "one");
        const auto two = f.say(f.other, kNoon + 1, "two");
        f.say(f.me, kNoon + 2, "mine");
        f.put(f.other, kNoon + 3, wire::Reaction{one.ref(), "x", false});
        QCOMPARE(unread(), 2);
        f.put(f.other, kNoon + 4, wire::Delete{two.ref()});
        QCOMPARE(unread(), 1);
        QVERIFY(f.store->markRead(f.direct));
        QVERIFY(!f.store->markRead(f.direct));
        QCOMPARE(unread(), 0);
        f.say(f.other, kNoon + 5, "three");
        f.say(f.other, kNoon + 6, "four");
        QCOMPARE(unread(), 2);
        f.store->setRead(f.direct, f.other.id(), f.other.tip().number - 1);
        QCOMPARE(unread(), 1);
        f.store->setRead(f.direct, f.other.id(), 1);
        QCOMPARE(unread(), 1);
    }

    void pagesBothWaysGiveTheWholeOrder() {
        StoreFixture f;
        constexpr int kMessages = 10000;
        for (int i = 0; i < kMessages; ++i) {
            const qint64 time = kNoon + i / 4 + static_cast<qint64>(f.random.below(50));
            f.say(f.random.below(2) ? f.me : f.other, time, std::to_string(i));
        }
        QVERIFY(f.store->commit());
        const auto whole = f.history(kMessages + 1);
        QCOMPARE(whole.size(), std::size_t{kMessages});
        QVERIFY(std::is_sorted(whole.begin(), whole.end(),
                               [](const auto& a, const auto& b) { return a.cursor < b.cursor; }));
        const auto same = [](const auto& a, const auto& b) { return a.ref == b.ref; };
        HistoryQuery query;
        query.conversation = f.direct;
        query.limit = 97;
        std::vector<MessageRecord> back;
        for (auto page = f.store->history(query); !page.empty(); page = f.store->history(query)) {
            back.insert(back.begin(), page.begin(), page.end());
            query.before = page.front().cursor;
        }
        QVERIFY(std::equal(back.begin(), back.end(), whole.begin(), whole.end(), same));
        std::vector<MessageRecord> forth{whole.front()};
        query.before.reset();
        query.after = whole.front().cursor;
        for (auto page = f.store->history(query); !page.empty(); page = f.store->history(query)) {
            forth.insert(forth.end(), page.begin(), page.end());
            query.after = page.back().cursor;
        }
        QVERIFY(std::equal(forth.begin(), forth.end(), whole.begin(), whole.end(), same));
        query = {};
        query.conversation = f.direct;
        query.beforeTime = toUnixMillis(timeline::wallOf(whole[5000].cursor.order));
        const auto before = f.store->history(query);
        QCOMPARE(before.size(), std::size_t{100});
        for (const auto& message : before)
            QVERIFY(toUnixMillis(timeline::wallOf(message.cursor.order)) < *query.beforeTime);
    }

    void erasedTextIsReallyGone() {
        StoreFixture f;
        for (int i = 0; i < 200; ++i) f.say(f.me, kNoon + i, "filler number " + std::to_string(i));
        const auto secret = f.say(f.me, kNoon + 300, "xylophone zanzibar");
        f.put(f.me, kNoon + 301, wire::Edit{secret.ref(), "xylophone quagmire"});
        QVERIFY(f.store->commit());
        while (f.store->tidy()) {
        }
        QVERIFY(everything(f.folder.path()).contains("quagmire"));
        const auto del = f.put(f.me, kNoon + 302, wire::Delete{secret.ref()});
        f.store->erase(f.direct, secret.ref(), f.proofOf(del, f.me));
        QVERIFY(f.store->commit());
        while (f.store->tidy()) {
        }
        for (const char* const word : {"xylophone", "zanzibar", "quagmire", "xyloph", "quagm"})
            QVERIFY2(!everything(f.folder.path()).contains(word), word);
        QVERIFY(everything(f.folder.path()).contains("filler"));
        const auto shown = f.store->message(f.refOf(secret));
        QVERIFY(shown && shown->deleted && shown->text.isEmpty());
        const auto run = f.store->read(f.direct, f.me.id(), secret.header.number, 2, 100000);
        QCOMPARE(run.size(), std::size_t{2});
        for (const auto& entry : run) QVERIFY(entry.payload.empty() && entry.erasure);
        QVERIFY(f.store->erasureOf(f.direct, secret.ref()) == f.proofOf(del, f.me));
    }

    void aDeleteWaitsForItsTarget() {
        StoreFixture f;
        Author second(f.otherPerson, f.random);
        f.store->putCertificate(second.certificate());
        const auto target = f.other.write(f.direct, kNoon, wire::Text{"gone", {}});
        QVERIFY(!f.store->erasureOf(f.direct, target.ref()));
        const auto del = f.put(second, kNoon + 1, wire::Delete{target.ref()});
        const auto proof = f.store->erasureOf(f.direct, target.ref());
        QVERIFY(proof == f.proofOf(del, second));
    }

    void editsAreErasedWhileTheirTargetIsErasedOrNotHeld() {
        StoreFixture f;
        Author second(f.otherPerson, f.random);
        f.store->putCertificate(second.certificate());
        auto target = f.other.write(f.direct, kNoon, wire::Text{"gone", {}});
        const auto early = f.put(second, kNoon + 1, wire::Edit{target.ref(), "early"});
        const auto proof = f.proofOf(f.put(second, kNoon + 2, wire::Delete{target.ref()}), second);
        QVERIFY(f.store->erase(f.direct, target.ref(), proof));
        QVERIFY(!f.store->erase(f.direct, target.ref(), proof));
        target.bytes.payload.clear();
        target.bytes.erasure = proof;
        target.content.reset();
        f.append(target);
        const auto late = f.put(second, kNoon + 3, wire::Edit{target.ref(), "late"});
        QVERIFY(f.store->erase(f.direct, target.ref(), proof));
        QVERIFY(f.store->commit());
        for (const auto& edit : {early, late}) {
            const auto run = f.store->read(f.direct, second.id(), edit.header.number, 1, 0);
            QVERIFY(run.size() == 1 && run[0].payload.empty() && run[0].erasure == proof);
        }
        const auto shown = f.store->message(f.refOf(target));
        QVERIFY(shown && shown->deleted && shown->text.isEmpty());
    }

    void endedTimelinesFallBackAndShowTheRestAsDisputed() {
        StoreFixture f;
        const auto one = f.say(f.other, kNoon + 50, "one");
        const auto mine = f.say(f.me, kNoon + 20, "mine");
        const auto two = f.say(f.other, kNoon + 10, "two");
        f.put(f.other, kNoon + 11, wire::Reaction{mine.ref(), "x", false});
        QCOMPARE(f.texts(),
                 (QStringList{QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("mine")}));
        const std::pair evidence(wire::SignedEntry{two.bytes.header, two.bytes.signature, {}, {}},
                                 wire::SignedEntry{one.bytes.header, one.bytes.signature, {}, {}});
        f.store->endTimeline(f.direct, f.other.id(), 1, evidence);
        const auto head = f.store->head(f.direct, f.other.id());
        QVERIFY(head && head->number == 1 && head->end == EntryNumber{1} && head->hash == one.hash);
        QVERIFY(head->clock == one.header.clock);
        QVERIFY(f.store->forkEvidence(f.direct, f.other.id()) == evidence);
        QCOMPARE(f.store->read(f.direct, f.other.id(), 1, 10, 100000).size(), std::size_t{1});
        const auto history = f.history();
        QCOMPARE(history.size(), std::size_t{3});
        QCOMPARE(history[1].text, QStringLiteral("mine"));
        QVERIFY(history[1].reactions.empty());
        QCOMPARE(history[2].text, QStringLiteral("one"));
        QVERIFY(history[0].disputed && !history[1].disputed && !history[2].disputed);
        QCOMPARE(f.store->conversation(f.direct)->unread, 1);
    }

    void heldEntriesComeBackInRuns() {
        StoreFixture f;
        std::vector<timeline::CheckedEntry> entries;
        for (int i = 0; i < 6; ++i)
            entries.push_back(f.other.write(f.direct, kNoon + i, wire::Text{std::to_string(i), {}}));
        for (const int i : {2, 3, 5})
            f.store->hold(f.direct, f.other.id(), entries[static_cast<std::size_t>(i)].header.number,
                          entries[static_cast<std::size_t>(i)].bytes);
        QVERIFY(f.store->takeHeld(f.direct, f.other.id(), 1).empty());
        const auto run = f.store->takeHeld(f.direct, f.other.id(), 3);
        QCOMPARE(run.size(), std::size_t{2});
        QVERIFY(run[0] == entries[2].bytes && run[1] == entries[3].bytes);
        QVERIFY(f.store->takeHeld(f.direct, f.other.id(), 3).empty());
        QVERIFY(f.store->takeHeld(f.direct, f.other.id(), 7).empty());
        QVERIFY(f.store->takeHeld(f.direct, f.other.id(), 6).empty());
    }

    void repliesShowWhatTheyAnswer() {
        StoreFixture f;
        const auto question = f.say(f.other, kNoon, "a question");
        f.put(f.me, kNoon + 1, wire::Text{"an answer", question.ref()});
        const auto answer = f.history().back();
        QVERIFY(answer.replyTo == question.ref());
        QCOMPARE(answer.replyAuthor, QStringLiteral("Other"));
        QCOMPARE(answer.replyText, QStringLiteral("a question"));
    }

    void fileOffersCarryTheirTransfer() {
        StoreFixture f;
        const auto id = f.random.make<wire::TransferId>();
        const auto offer = f.put(f.other, kNoon, wire::FileOffer{id, "holiday.jpg", 1234, "image/jpeg", 5});
        auto shown = f.history().at(0);
        QVERIFY(shown.kind == MessageKind::File && shown.file);
        QCOMPARE(shown.file->name, QStringLiteral("holiday.jpg"));
        QVERIFY(shown.file->incoming && shown.file->state == TransferState::Offered &&
                shown.file->size == 1234);
        QCOMPARE(f.found(QStringLiteral("holiday")), QStringList{QStringLiteral("holiday.jpg")});
        TransferRecord transfer = *shown.file;
        transfer.state = TransferState::Running;
        transfer.done = 99;
        f.store->putTransfer(transfer);
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        shown = f.history().at(0);
        QVERIFY(shown.file->state == TransferState::Running && shown.file->done == 99);
        QVERIFY(f.store->transfers().size() == 1 && f.store->transfer(id)->offer == f.refOf(offer));
    }

    void anErasedOfferTakesItsTransferWithIt() {
        StoreFixture f;
        std::vector<timeline::CheckedEntry> offers;
        std::vector<wire::TransferId> ids;
        for (const char* const name : {"erased.jpg", "kept.jpg"}) {
            ids.push_back(f.random.make<wire::TransferId>());
            offers.push_back(f.put(f.other, kNoon, wire::FileOffer{ids.back(), name, 12, "image/jpeg", 5}));
            TransferRecord transfer = *f.history().back().file;
            transfer.person = f.otherId;
            f.store->putTransfer(transfer);
        }
        QVERIFY(f.store->commit());
        QCOMPARE(f.store->transfers().size(), std::size_t(2));
        const auto del = f.put(f.other, kNoon + 1, wire::Delete{offers[0].ref()});
        f.store->erase(f.direct, offers[0].ref(), f.proofOf(del, f.other));
        QVERIFY(f.store->commit());
        QVERIFY(!f.store->transfer(ids[0]));
        QCOMPARE(f.store->transfers().size(), std::size_t(1));
        QCOMPARE(f.store->transfers().front().name, QStringLiteral("kept.jpg"));
    }

    void ownMessagesBeyondAForkHaveFailed() {
        StoreFixture f;
        f.say(f.me, kNoon, "kept");
        f.say(f.me, kNoon + 1, "lost");
        QVERIFY(f.store->commit());
        f.store->endTimeline(f.direct, f.me.id(), 1, {});
        QVERIFY(f.store->commit());
        const auto shown = f.history();
        QCOMPARE(shown[0].state, MessageState::Queued);
        QCOMPARE(shown[1].state, MessageState::Failed);
        QCOMPARE(f.store->ownMessages(f.direct, f.me.id(), 1, 9).front().state, MessageState::Failed);
    }

    void messagesAreFoundByTheirId() {
        StoreFixture f;
        const auto entry = f.say(f.me, kNoon, "one");
        const QString id = messageId(f.refOf(entry));
        QVERIFY(*f.store->findMessage(id) == f.refOf(entry));
        QVERIFY(f.store->findMessage(QStringLiteral("00000000-11-1")).error().code == ErrorCode::NotFound);
        QVERIFY(f.store->findMessage(QStringLiteral("nonsense")).error().code == ErrorCode::NotFound);
        // Every conversation and device that begins with nothing in particular: the number decides.
        const ConversationId notes = identity::directConversation(f.self, f.self);
        Author second(f.myPerson, f.random);
        f.store->putCertificate(second.certificate());
        f.append(second.write(notes, kNoon, wire::Text{"note", {}}));
        const QString digits = QStringLiteral("0123456789abcdef");
        int found = 0;
        int ambiguous = 0;
        for (const QChar a : digits)
            for (const QChar b : digits) {
                const auto result = f.store->findMessage(QString(a) + u'-' + b + QStringLiteral("-1"));
                found += result.ok();
                ambiguous += !result.ok() && result.error().code == ErrorCode::Ambiguous;
            }
        QCOMPARE(found + 2 * ambiguous, 2);
    }

    void settingsAndTheClockStay() {
        StoreFixture f;
        QCOMPARE(f.store->clock(), timeline::HybridTime{0});
        f.store->setClock(~timeline::HybridTime{0});
        f.store->setSetting(QStringLiteral("name"), QStringLiteral("Ann"));
        QVERIFY(f.store->commit());
        QVERIFY(f.open());
        QCOMPARE(f.store->clock(), ~timeline::HybridTime{0});
        QCOMPARE(f.store->setting(QStringLiteral("name")), QStringLiteral("Ann"));
        QCOMPARE(f.store->setting(QStringLiteral("other")), QString());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::DatabaseTest)
#include "database_test.moc"
