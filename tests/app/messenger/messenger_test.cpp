// Whole nodes of two and three people. Length: one scenario for each thing that people do; they share the set-up below.
#include "app/messenger/contacts.h"
#include "p2p/identity/contact_link.h"
#include "tests/app/messenger/person.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/seeded_random.h"

#include <QDir>
#include <QFile>

namespace landline::app::test {

using landline::test::TestNode;

namespace {

constexpr int kPatience = 15000;

RuntimeOptions allowingAll() {
    RuntimeOptions options;
    options.allowAll = true;
    return options;
}

void writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write the test's file");
}

QByteArray readFile(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// More than is sent before a few messages were handled.
constexpr qint64 kLargeFile = qint64{512} * 1024 * 1024;

/// Offers a file of `size` zeros to the one other person there.
wire::TransferId offerTo(Person& sender, const QString& path, qint64 size) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.resize(size)) qFatal("cannot write the test's file");
    const auto sent = sender.ask([path](Messenger& m) {
        for (const PersonView& person : m.people())
            if (!person.record.self) return m.sendFile(person.conversation, path);
        return Expected<TransferRecord>(Unexpected(ErrorCode::NotFound, "nobody there"));
    });
    if (!sent) qFatal("%s", sent.error().text.c_str());
    return sent->id;
}

/// Nothing if this person knows of no such transfer.
std::optional<TransferState> stateAt(Person& person, const wire::TransferId& id) {
    for (const TransferRecord& transfer : person.ask([](Messenger& m) { return m.transfers(); }))
        if (transfer.id == id) return transfer.state;
    return std::nullopt;
}

}  // namespace

class MessengerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textReachesTheOtherScreenAndIsTicked();
    void messageWrittenWhileThePeerIsAwayComesAfterRestartsOfBoth();
    void editDeleteReactAndReplyShowOnBothSides();
    void readMarkComesBack();
    void strangerIsARequestUntilAnswered();
    void strangerBeyondTheLimitIsHeldBackUntilAccepted();
    void blockedPersonReachesNobody();
    void blockedPersonsFileIsGivenUp();
    void unblockingBringsBackWhatWasBefore();
    void ownMessageToABlockedPersonCanBeDeleted();
    void fileArrivesWhole();
    void cancelledFileIsSentNoFurther();
    void deletedOfferLeavesNoTransfer();
    void erasedWordsAreGoneFromTheFilesAtTheEnd();
    void tooLongTextIsRefusedWithAdvice();
    void aSecondProgramOnTheProfileIsRefused();
    void safetyNumbersAgree();
    void whatIsReadAtOneDeviceIsReadAtTheOther();
    void aNameThatLooksLikeAKnownOneIsShownAsSuch();
    void aLinkAddsSomebodyAndSaysWhereToDial();
    void refusesLinksWithASentence();
    void anotherNameIsInTheKeyFileToo();
    void aDeviceStaysOnePersons();
};

void MessengerTest::textReachesTheOtherScreenAndIsTicked() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    QSignalSpy delivered(ann.messenger(), &Messenger::delivered);
    const auto sent = ann.send(QStringLiteral("Bob"), QStringLiteral("hello 你好"));
    QVERIFY(sent);
    QCOMPARE(sent->state, MessageState::Queued);
    QTRY_COMPARE_WITH_TIMEOUT(delivered.size(), 1, kPatience);
    const auto message = delivered.first().first().value<MessageRecord>();
    QVERIFY(message.ref == sent->ref);
    QCOMPARE(message.state, MessageState::Delivered);
    QCOMPARE(bob.textsWith(QStringLiteral("Ann")), QStringList{QStringLiteral("hello 你好")});
    QVERIFY(bob.send(QStringLiteral("Ann"), QStringLiteral("hi")));
    const QStringList both{QStringLiteral("hello 你好"), QStringLiteral("hi")};
    QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(QStringLiteral("Bob")), both, kPatience);
    QCOMPARE(bob.textsWith(QStringLiteral("Ann")), both);
}

void MessengerTest::messageWrittenWhileThePeerIsAwayComesAfterRestartsOfBoth() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(bob.sees(QStringLiteral("Ann")), kPatience);
    bob.stop();
    QTRY_VERIFY_WITH_TIMEOUT(!ann.sees(QStringLiteral("Bob")), kPatience);
    QStringList texts;
    for (int i = 0; i < 700; ++i) {
        texts.push_back(QStringLiteral("queued %1").arg(i));
        QVERIFY(ann.send(QStringLiteral("Bob"), texts.back()));
    }
    ann.stop();
    ann.start();
    QCOMPARE(ann.historyWith(QStringLiteral("Bob")).back().state, MessageState::Queued);
    bob.start();  // on its former port: Ann remembers the address
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(QStringLiteral("Ann")), texts, 4 * kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(ann.historyWith(QStringLiteral("Bob")).back().state, MessageState::Delivered,
                              kPatience);
    QCOMPARE(ann.textsWith(QStringLiteral("Bob")), texts);
}

void MessengerTest::editDeleteReactAndReplyShowOnBothSides() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    const GlobalEntryRef first = ann.send(QStringLiteral("Bob"), QStringLiteral("frist"))->ref;
    const GlobalEntryRef second = ann.send(QStringLiteral("Bob"), QStringLiteral("secret"))->ref;
    QVERIFY(ann.ask([=](Messenger& m) { return m.editText(first, QStringLiteral("first")); }));
    QVERIFY(ann.ask([=](Messenger& m) { return m.deleteMessage(second); }));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(QStringLiteral("Ann")),
                              (QStringList{QStringLiteral("first"), QString()}), kPatience);
    QVERIFY(bob.historyWith(QStringLiteral("Ann")).front().edited);

    QVERIFY(bob.ask([=](Messenger& m) { return m.react(first, QStringLiteral("👍"), false); }));
    const ConversationId conversation = first.conversation;
    QVERIFY(
        bob.ask([=](Messenger& m) { return m.sendText(conversation, QStringLiteral("yes"), first.entry); }));
    QTRY_COMPARE_WITH_TIMEOUT(int(ann.historyWith(QStringLiteral("Bob")).size()), 3, kPatience);
    const auto history = ann.historyWith(QStringLiteral("Bob"));
    QCOMPARE(int(history[0].reactions.size()), 1);
    QCOMPARE(history[0].reactions[0].emoji, QStringLiteral("👍"));
    QVERIFY(history[2].replyTo == first.entry);
    QCOMPARE(history[2].replyText, QStringLiteral("first"));
    // What is another's can be neither edited nor deleted.
    QVERIFY(!bob.ask([=](Messenger& m) { return m.editText(first, QStringLiteral("mine")); }));
    QVERIFY(!bob.ask([=](Messenger& m) { return m.deleteMessage(first); }));
}

void MessengerTest::readMarkComesBack() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    QSignalSpy read(ann.messenger(), &Messenger::readBy);
    QVERIFY(ann.send(QStringLiteral("Bob"), QStringLiteral("look")));
    QTRY_COMPARE_WITH_TIMEOUT(int(bob.historyWith(QStringLiteral("Ann")).size()), 1, kPatience);
    QCOMPARE(bob.ask([](Messenger& m) { return m.find(QStringLiteral("Ann")).value().unread; }), 1);
    QVERIFY(read.isEmpty());
    const ConversationId conversation = bob.conversationWith(QStringLiteral("Ann"));
    QVERIFY(bob.ask([=](Messenger& m) { return m.markRead(conversation); }));
    QTRY_COMPARE_WITH_TIMEOUT(read.size(), 1, kPatience);
    QCOMPARE(ann.historyWith(QStringLiteral("Bob")).front().state, MessageState::Read);
    QCOMPARE(bob.ask([](Messenger& m) { return m.find(QStringLiteral("Ann")).value().unread; }), 0);
}

void MessengerTest::strangerIsARequestUntilAnswered() {
    Person ann(QStringLiteral("Ann"));
    Person bob(QStringLiteral("Bob"));
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    QVERIFY(ann.send(QStringLiteral("Bob"), QStringLiteral("may I?")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(QStringLiteral("Ann")), QStringList{QStringLiteral("may I?")},
                              kPatience);
    const auto standing = [&] {
        return bob.ask([](Messenger& m) { return m.find(QStringLiteral("Ann")).value().record.standing; });
    };
    QCOMPARE(standing(), timeline::Standing::Stranger);
    QVERIFY(bob.send(QStringLiteral("Ann"), QStringLiteral("you may")));
    QCOMPARE(standing(), timeline::Standing::Accepted);
    QTRY_COMPARE_WITH_TIMEOUT(int(ann.textsWith(QStringLiteral("Bob")).size()), 2, kPatience);
}

void MessengerTest::strangerBeyondTheLimitIsHeldBackUntilAccepted() {
    Person ann(QStringLiteral("Ann"));
    Person bob(QStringLiteral("Bob"));
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    constexpr int kSent = int(limits::kStrangerEntries) + 15;
    for (int i = 0; i < kSent; ++i) QVERIFY(ann.send(QStringLiteral("Bob"), QString::number(i)));
    QTRY_COMPARE_WITH_TIMEOUT(int(bob.textsWith(QStringLiteral("Ann")).size()), int(limits::kStrangerEntries),
                              kPatience);
    const PersonId person = bob.personCalled(QStringLiteral("Ann"));
    QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(person, timeline::Standing::Accepted); }));
    QTRY_COMPARE_WITH_TIMEOUT(int(bob.textsWith(QStringLiteral("Ann")).size()), kSent, 2 * kPatience);
}

void MessengerTest::blockedPersonReachesNobody() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    const PersonId person = bob.personCalled(QStringLiteral("Ann"));
    QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(person, timeline::Standing::Blocked); }));
    QTRY_VERIFY_WITH_TIMEOUT(!ann.sees(QStringLiteral("Bob")), kPatience);
    QVERIFY(ann.send(QStringLiteral("Bob"), QStringLiteral("anyone?")));
    QTest::qWait(1500);
    QVERIFY(bob.textsWith(QStringLiteral("Ann")).isEmpty());
    QCOMPARE(ann.historyWith(QStringLiteral("Bob")).back().state, MessageState::Queued);
}

void MessengerTest::blockedPersonsFileIsGivenUp() {
    QTemporaryDir outside;
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    const wire::TransferId file = offerTo(ann, outside.filePath(QStringLiteral("large.bin")), kLargeFile);
    QTRY_VERIFY_WITH_TIMEOUT(stateAt(bob, file).has_value(), kPatience);
    const QString in = outside.filePath(QStringLiteral("in"));
    const PersonId person = bob.personCalled(QStringLiteral("Ann"));
    // The node begins to dial before it hears of the block.
    QVERIFY(bob.ask([=](Messenger& m) {
        return m.acceptFile(file, in).ok() && m.setStanding(person, timeline::Standing::Blocked).ok();
    }));
    QCOMPARE(stateAt(bob, file), TransferState::Cancelled);
    QVERIFY(!bob.ask([=](Messenger& m) { return m.acceptFile(file, in); }));
    bob.stop();
    bob.start();
    QVERIFY(bob.ask([=](Messenger& m) { return m.unblock(person); }));
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), 4 * kPatience);
    QVERIFY(ann.send(QStringLiteral("Bob"), QStringLiteral("again?")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(QStringLiteral("Ann")).back(), QStringLiteral("again?"),
                              kPatience);
    QCOMPARE(stateAt(bob, file), TransferState::Cancelled);
    QVERIFY(!QFile::exists(in + QStringLiteral("/large.bin")));
}

void MessengerTest::unblockingBringsBackWhatWasBefore() {
    Person ann(QStringLiteral("Ann"));
    Person bob(QStringLiteral("Bob"));
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(bob.sees(QStringLiteral("Ann")), kPatience);
    const PersonId person = bob.personCalled(QStringLiteral("Ann"));
    using timeline::Standing;
    for (const Standing before : {Standing::Stranger, Standing::Ignored, Standing::Accepted}) {
        QVERIFY(bob.ask([=](Messenger& m) {
            return m.setStanding(person, before).ok() && m.setStanding(person, Standing::Blocked).ok() &&
                   m.unblock(person).ok();
        }));
        const auto now = bob.ask([](Messenger& m) { return m.find(QStringLiteral("Ann")).value(); });
        QCOMPARE(now.record.standing, before);
    }
}

void MessengerTest::ownMessageToABlockedPersonCanBeDeleted() {
    QTemporaryDir outside;
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    const auto sent = bob.send(QStringLiteral("Ann"), QStringLiteral("regretted"));
    QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(QStringLiteral("Bob")), QStringList{QStringLiteral("regretted")},
                              kPatience);
    const PersonId person = bob.personCalled(QStringLiteral("Ann"));
    QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(person, timeline::Standing::Blocked); }));
    QVERIFY(!bob.ask([=](Messenger& m) { return m.editText(sent->ref, QStringLiteral("kinder")); }));
    QVERIFY(bob.ask([=](Messenger& m) { return m.deleteMessage(sent->ref); }));
    QVERIFY(bob.historyWith(QStringLiteral("Ann")).back().deleted);
    QVERIFY(bob.ask([=](Messenger& m) { return m.unblock(person); }));
    QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(QStringLiteral("Bob")), QStringList{QString()}, 4 * kPatience);
}

void MessengerTest::fileArrivesWhole() {
    QTemporaryDir outside;
    RuntimeOptions taking = allowingAll();
    taking.acceptFilesInto = outside.filePath(QStringLiteral("in"));
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), taking);
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    QByteArray content(5 * 1024 * 1024 + 17, Qt::Uninitialized);
    SystemRandom().fill({reinterpret_cast<std::uint8_t*>(content.data()), std::size_t(content.size())});
    const QString path = outside.filePath(QStringLiteral("report.bin"));
    writeFile(path, content);
    const ConversationId conversation = ann.conversationWith(QStringLiteral("Bob"));
    QVERIFY(ann.ask([=](Messenger& m) { return m.sendFile(conversation, path); }));
    QTRY_COMPARE_WITH_TIMEOUT(readFile(outside.filePath(QStringLiteral("in/report.bin"))), content,
                              2 * kPatience);
    const auto done = [](Person& person) {
        return person.ask([](Messenger& m) {
            const auto all = m.transfers();
            return all.size() == 1 && all.front().state == TransferState::Done;
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(done(ann) && done(bob), kPatience);
}

void MessengerTest::cancelledFileIsSentNoFurther() {
    QTemporaryDir outside;
    RuntimeOptions taking = allowingAll();
    taking.acceptFilesInto = outside.filePath(QStringLiteral("in"));
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), taking);
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    // On the store's thread, as soon as some of it was sent.
    Messenger* const sender = ann.messenger();
    connect(sender, &Messenger::transferChanged, sender, [sender](const TransferRecord& transfer) {
        if (transfer.state == TransferState::Running && transfer.done > 0)
            (void)sender->cancelTransfer(transfer.id);
    });
    const wire::TransferId file = offerTo(ann, outside.filePath(QStringLiteral("large.bin")), kLargeFile);
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(bob, file), TransferState::Failed, kPatience);
    QCOMPARE(stateAt(ann, file), TransferState::Cancelled);
    const auto all = bob.ask([](Messenger& m) { return m.transfers(); });
    QVERIFY2(all.front().error.contains(QStringLiteral("no longer offers")),
             qUtf8Printable(all.front().error));
    QVERIFY(!QFile::exists(taking.acceptFilesInto + QStringLiteral("/large.bin")));
}

void MessengerTest::deletedOfferLeavesNoTransfer() {
    QTemporaryDir outside;
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    const wire::TransferId file =
        offerTo(ann, outside.filePath(QStringLiteral("secret name.bin")), kLargeFile);
    QTRY_VERIFY_WITH_TIMEOUT(stateAt(bob, file).has_value(), kPatience);
    QSignalSpy changed(bob.messenger(), &Messenger::transferChanged);
    const QString in = outside.filePath(QStringLiteral("in"));
    QVERIFY(bob.ask([=](Messenger& m) { return m.acceptFile(file, in); }));
    const GlobalEntryRef offer = ann.historyWith(QStringLiteral("Bob")).back().ref;
    QVERIFY(ann.ask([=](Messenger& m) { return m.deleteMessage(offer); }));
    QVERIFY(!stateAt(ann, file));
    QTRY_VERIFY_WITH_TIMEOUT(!stateAt(bob, file), kPatience);
    // The sender's refusal or the delete, whichever came first.
    const auto last = [&changed] { return changed.back().front().value<TransferRecord>().state; };
    QTRY_VERIFY_WITH_TIMEOUT(last() == TransferState::Cancelled || last() == TransferState::Failed,
                             kPatience);
    QVERIFY(!QFile::exists(in + QStringLiteral("/secret name.bin")));
}

void MessengerTest::erasedWordsAreGoneFromTheFilesAtTheEnd() {
    Person ann(QStringLiteral("Ann"));
    ann.start();
    const auto kept = ann.send(QStringLiteral("Ann"), QStringLiteral("keepable note"));
    const auto gone = ann.send(QStringLiteral("Ann"), QStringLiteral("unspeakable thing"));
    QVERIFY(kept && gone);
    ann.stop();
    const auto holds = [&ann](const QByteArray& word) {
        const QDir folder(ann.folder());
        for (const QString& name : folder.entryList({QStringLiteral("landline.db*")}, QDir::Files))
            if (readFile(folder.filePath(name)).contains(word)) return true;
        return false;
    };
    QVERIFY(holds("unspeakable"));
    ann.start();
    QVERIFY(ann.ask([=](Messenger& m) { return m.deleteMessage(gone->ref); }));
    ann.stop();
    QVERIFY(!holds("unspeakable"));
    QVERIFY(holds("keepable"));
}

void MessengerTest::tooLongTextIsRefusedWithAdvice() {
    Person ann(QStringLiteral("Ann"));
    ann.start();
    const ConversationId notes = ann.conversationWith(QStringLiteral("Ann"));
    const auto refused =
        ann.ask([=](Messenger& m) { return m.sendText(notes, QString(int(limits::kTextBytes) + 1, u'x')); });
    QCOMPARE(refused.error().code, ErrorCode::TooLarge);
    QVERIFY(refused.error().text.find("file") != std::string::npos);
    QVERIFY(ann.ask([=](Messenger& m) { return m.sendText(notes, QString(int(limits::kTextBytes), u'x')); }));
    QVERIFY(!ann.ask([=](Messenger& m) { return m.sendText(notes, QStringLiteral(" \n")); }));
}

void MessengerTest::aSecondProgramOnTheProfileIsRefused() {
    Person ann(QStringLiteral("Ann"));
    ann.start();
    RuntimeOptions again;
    again.profile = ann.folder();
    const auto second = Runtime::open(again);
    QVERIFY(!second);
    QCOMPARE(second.error().code, ErrorCode::Locked);
}

void MessengerTest::safetyNumbersAgree() {
    Person ann(QStringLiteral("Ann"));
    Person bob(QStringLiteral("Bob"));
    ann.start();
    bob.start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")) && bob.sees(QStringLiteral("Ann")), kPatience);
    const PersonId bobId = ann.personCalled(QStringLiteral("Bob"));
    const PersonId annId = bob.personCalled(QStringLiteral("Ann"));
    const QString number = ann.ask([=](Messenger& m) { return m.safetyNumber(bobId); });
    QCOMPARE(number.size(), 60);
    QCOMPARE(bob.ask([=](Messenger& m) { return m.safetyNumber(annId); }), number);
    QVERIFY(ann.ask([=](Messenger& m) { return m.setVerified(bobId, true); }));
    QVERIFY(ann.ask([](Messenger& m) { return m.find(QStringLiteral("Bob")).value().record.verified; }));
}

void MessengerTest::whatIsReadAtOneDeviceIsReadAtTheOther() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"), allowingAll());
    const auto phone = Person::copyOf(ann, allowingAll());
    ann.start();
    phone->start();
    bob.start();
    QVERIFY(phone->self().person == ann.self().person);
    QVERIFY(phone->self().device != ann.self().device);
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    QVERIFY(bob.send(QStringLiteral("Ann"), QStringLiteral("look")));
    phone->meet(bob);
    phone->meet(ann);
    const auto unread = [](Person& at) {
        return at.ask([](Messenger& m) { return m.find(QStringLiteral("Bob")).value().unread; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(phone->sees(QStringLiteral("Bob")) && unread(*phone) == 1 && unread(ann) == 1,
                             kPatience);
    const ConversationId conversation = phone->conversationWith(QStringLiteral("Bob"));
    QVERIFY(phone->ask([=](Messenger& m) { return m.markRead(conversation); }));
    QTRY_COMPARE_WITH_TIMEOUT(unread(ann), 0, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(bob.historyWith(QStringLiteral("Ann")).front().state, MessageState::Read,
                              kPatience);
}

void MessengerTest::aNameThatLooksLikeAKnownOneIsShownAsSuch() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    Person bob(QStringLiteral("Bob"));
    Person eve(QStringLiteral("\u0412\u043E\u0412"));  // Cyrillic, and read as Latin the same
    for (Person* const person : {&ann, &bob, &eve}) person->start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    const auto clashes = [&ann](const QString& name) {
        return ann.ask([name](Messenger& m) { return m.find(name).value().nameClash; });
    };
    QVERIFY(!clashes(QStringLiteral("Bob")));
    ann.meet(eve);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(eve.self().name), kPatience);
    QVERIFY(clashes(eve.self().name));
    // Whoever was compared is not in doubt.
    const PersonId bobId = bob.self().person;
    QVERIFY(ann.ask([=](Messenger& m) { return m.setVerified(bobId, true); }));
    QVERIFY(!clashes(QStringLiteral("Bob")));
    QVERIFY(clashes(eve.self().name));
}

void MessengerTest::aLinkAddsSomebodyAndSaysWhereToDial() {
    Person ann(QStringLiteral("Ann"));
    Person bob(QStringLiteral("Bob"));
    ann.start();
    bob.start();
    // A machine may be on no network but its own, which no link names.
    auto link =
        identity::parseContactLink(bob.ask([](Messenger& m) { return m.contactLink(); }).toStdString());
    QVERIFY(link);
    QCOMPARE(link->name, std::string("Bob"));
    QVERIFY(link->certificate.person() == bob.self().person);
    for (const std::string& address : link->addresses) {
        const auto candidate = candidateFrom(QString::fromStdString(address));
        QVERIFY(candidate && !candidate->address.isLoopback());
        QCOMPARE(candidate->port, bob.self().port);
    }
    link->addresses = {"127.0.0.1:" + std::to_string(bob.self().port)};
    const QString text = QString::fromStdString(identity::encodeContactLink(*link));
    const auto added = ann.ask([=](Messenger& m) { return m.addContact(text); });
    QVERIFY(added);
    QCOMPARE(added->record.name, QStringLiteral("Bob"));
    QCOMPARE(added->record.standing, timeline::Standing::Accepted);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    QVERIFY(ann.send(QStringLiteral("Bob"), QStringLiteral("found you")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(QStringLiteral("Ann")), QStringList{QStringLiteral("found you")},
                              kPatience);
}

void MessengerTest::refusesLinksWithASentence() {
    Person ann(QStringLiteral("Ann"));
    Person bob(QStringLiteral("Bob"));
    ann.start();
    bob.start();
    const auto add = [&ann](const QString& text) {
        const auto added = ann.ask([=](Messenger& m) { return m.addContact(text); });
        return added ? std::optional<ErrorCode>() : std::optional(added.error().code);
    };
    const QString own = ann.ask([](Messenger& m) { return m.contactLink(); });
    const QString bobs = bob.ask([](Messenger& m) { return m.contactLink(); });
    QCOMPARE(add(QStringLiteral("http://example.org")), std::optional(ErrorCode::Malformed));
    QCOMPARE(add(own), std::optional(ErrorCode::InvalidArgument));
    QCOMPARE(add(bobs.left(100)), std::optional(ErrorCode::Malformed));
    QCOMPARE(add(bobs), std::optional<ErrorCode>());
    const PersonId bobId = bob.self().person;
    QVERIFY(ann.ask([=](Messenger& m) { return m.setStanding(bobId, timeline::Standing::Blocked); }));
    QCOMPARE(add(bobs), std::optional(ErrorCode::NotPermitted));
}

void MessengerTest::anotherNameIsInTheKeyFileToo() {
    Person ann(QStringLiteral("Ann"));
    ann.start();
    QSignalSpy renamed(ann.messenger(), &Messenger::renamed);
    QVERIFY(ann.ask([](Messenger& m) { return m.setName(QStringLiteral("Annette")); }));
    QTRY_COMPARE(renamed.size(), 1);
    ann.stop();
    const auto profile = Profile::open(ann.folder());
    QVERIFY(profile);
    QCOMPARE((*profile)->name(), QStringLiteral("Annette"));
}

void MessengerTest::aDeviceStaysOnePersons() {
    Person ann(QStringLiteral("Ann"), allowingAll());
    ann.start();
    // One device, with certificates of two persons that are both valid.
    const auto certified = [](const identity::SigningKey& person) {
        landline::test::SeededRandom random(5);
        auto keys = identity::DeviceKeys::generate(random);
        auto certificate = identity::Certificate::issue(person, keys, SystemClock().wall());
        return std::make_shared<const net::LocalIdentity>(
            net::LocalIdentity{std::move(keys), std::move(certificate)});
    };
    SystemRandom random;
    const QString host = QStringLiteral("127.0.0.1:%1").arg(ann.port());
    {
        TestNode bob(QStringLiteral("Bob"), certified(identity::SigningKey::generate(random)));
        bob.start();
        bob.node().addHost(host);
        QTRY_VERIFY_WITH_TIMEOUT(ann.sees(QStringLiteral("Bob")), kPatience);
    }
    QTRY_VERIFY_WITH_TIMEOUT(!ann.sees(QStringLiteral("Bob")), kPatience);
    TestNode mallory(QStringLiteral("Mallory"), certified(identity::SigningKey::generate(random)));
    mallory.start();
    mallory.node().addHost(host);
    QTRY_VERIFY_WITH_TIMEOUT(!mallory.closings.empty(), kPatience);
    QVERIFY(mallory.closings.front().reason == wire::CloseReason::Violation);
    QVERIFY(!ann.knows(QStringLiteral("Mallory")));
}

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::MessengerTest)
#include "messenger_test.moc"
