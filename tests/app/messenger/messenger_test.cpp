#include "tests/app/messenger/person.h"

#include <QFile>

namespace landline::app::test {

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
    void fileArrivesWhole();
    void tooLongTextIsRefusedWithAdvice();
    void aSecondProgramOnTheProfileIsRefused();
    void safetyNumbersAgree();
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

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::MessengerTest)
#include "messenger_test.moc"
