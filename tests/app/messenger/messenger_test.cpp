// Whole nodes of two and three people; the files that they send are in messenger_files_test.cpp.
#include "app/messenger/contacts.h"
#include "p2p/identity/contact_link.h"
#include "tests/app/messenger/person.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/seeded_random.h"

#include <QDir>

#include <algorithm>

namespace landline::app::test {

using landline::test::TestNode;

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
    void unblockingBringsBackWhatWasBefore();
    void ownMessageToABlockedPersonCanBeDeleted();
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
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    QSignalSpy delivered(ann.messenger(), &Messenger::delivered);
    const auto sent = ann.send(kBob, QStringLiteral("hello 你好"));
    QVERIFY(sent);
    QCOMPARE(sent->state, MessageState::Queued);
    QTRY_COMPARE_WITH_TIMEOUT(delivered.size(), 1, kPatience);
    const auto message = delivered.first().first().value<MessageRecord>();
    QVERIFY(message.ref == sent->ref);
    QCOMPARE(message.state, MessageState::Delivered);
    QCOMPARE(bob.textsWith(kAnn), QStringList{QStringLiteral("hello 你好")});
    QVERIFY(bob.send(kAnn, QStringLiteral("hi")));
    const QStringList both{QStringLiteral("hello 你好"), QStringLiteral("hi")};
    QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(kBob), both, kPatience);
    QCOMPARE(bob.textsWith(kAnn), both);
}

void MessengerTest::messageWrittenWhileThePeerIsAwayComesAfterRestartsOfBoth() {
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    bob.stop();
    QTRY_VERIFY_WITH_TIMEOUT(!ann.sees(kBob), kPatience);
    QStringList texts;
    for (int i = 0; i < 700; ++i) {
        texts.push_back(QStringLiteral("queued %1").arg(i));
        QVERIFY(ann.send(kBob, texts.back()));
    }
    ann.stop();
    ann.start();
    QCOMPARE(ann.historyWith(kBob).back().state, MessageState::Queued);
    bob.start();  // on its former port: Ann remembers the address
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), texts, 4 * kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(ann.historyWith(kBob).back().state, MessageState::Delivered, kPatience);
    QCOMPARE(ann.textsWith(kBob), texts);
}

void MessengerTest::editDeleteReactAndReplyShowOnBothSides() {
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    const GlobalEntryRef first = ann.send(kBob, QStringLiteral("frist"))->ref;
    const GlobalEntryRef second = ann.send(kBob, QStringLiteral("secret"))->ref;
    QVERIFY(ann.ask([=](Messenger& m) { return m.editText(first, QStringLiteral("first")); }));
    QVERIFY(ann.ask([=](Messenger& m) { return m.deleteMessage(second); }));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), (QStringList{QStringLiteral("first"), QString()}),
                              kPatience);
    QVERIFY(bob.historyWith(kAnn).front().edited);

    QVERIFY(bob.ask([=](Messenger& m) { return m.react(first, QStringLiteral("👍"), false); }));
    const ConversationId conversation = first.conversation;
    QVERIFY(
        bob.ask([=](Messenger& m) { return m.sendText(conversation, QStringLiteral("yes"), first.entry); }));
    QTRY_COMPARE_WITH_TIMEOUT(int(ann.historyWith(kBob).size()), 3, kPatience);
    const auto history = ann.historyWith(kBob);
    QCOMPARE(int(history[0].reactions.size()), 1);
    QCOMPARE(history[0].reactions[0].emoji, QStringLiteral("👍"));
    QVERIFY(history[2].replyTo == first.entry);
    QCOMPARE(history[2].replyText, QStringLiteral("first"));
    // What is another's can be neither edited nor deleted.
    QVERIFY(!bob.ask([=](Messenger& m) { return m.editText(first, QStringLiteral("mine")); }));
    QVERIFY(!bob.ask([=](Messenger& m) { return m.deleteMessage(first); }));
}

void MessengerTest::readMarkComesBack() {
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    QSignalSpy read(ann.messenger(), &Messenger::readBy);
    QVERIFY(ann.send(kBob, QStringLiteral("look")));
    QTRY_COMPARE_WITH_TIMEOUT(int(bob.historyWith(kAnn).size()), 1, kPatience);
    QCOMPARE(bob.ask([](Messenger& m) { return m.find(kAnn).value().unread; }), 1);
    QVERIFY(read.isEmpty());
    const ConversationId conversation = bob.conversationWith(kAnn);
    QVERIFY(bob.ask([=](Messenger& m) { return m.markRead(conversation); }));
    QTRY_COMPARE_WITH_TIMEOUT(read.size(), 1, kPatience);
    QCOMPARE(ann.historyWith(kBob).front().state, MessageState::Read);
    QCOMPARE(bob.ask([](Messenger& m) { return m.find(kAnn).value().unread; }), 0);
}

void MessengerTest::strangerIsARequestUntilAnswered() {
    Person ann(kAnn);
    Person bob(kBob);
    QVERIFY(bringTogether(ann, bob));
    QVERIFY(ann.send(kBob, QStringLiteral("may I?")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), QStringList{QStringLiteral("may I?")}, kPatience);
    const auto standing = [&] {
        return bob.ask([](Messenger& m) { return m.find(kAnn).value().record.standing; });
    };
    QCOMPARE(standing(), timeline::Standing::Stranger);
    QVERIFY(bob.send(kAnn, QStringLiteral("you may")));
    QCOMPARE(standing(), timeline::Standing::Accepted);
    QTRY_COMPARE_WITH_TIMEOUT(int(ann.textsWith(kBob).size()), 2, kPatience);
}

void MessengerTest::strangerBeyondTheLimitIsHeldBackUntilAccepted() {
    Person ann(kAnn);
    Person bob(kBob);
    QVERIFY(bringTogether(ann, bob));
    constexpr int kSent = int(limits::kStrangerEntries) + 15;
    for (int i = 0; i < kSent; ++i) QVERIFY(ann.send(kBob, QString::number(i)));
    QTRY_COMPARE_WITH_TIMEOUT(int(bob.textsWith(kAnn).size()), int(limits::kStrangerEntries), kPatience);
    const PersonId person = bob.personCalled(kAnn);
    QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(person, timeline::Standing::Accepted); }));
    QTRY_COMPARE_WITH_TIMEOUT(int(bob.textsWith(kAnn).size()), kSent, 2 * kPatience);
}

void MessengerTest::blockedPersonReachesNobody() {
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    const PersonId person = bob.personCalled(kAnn);
    QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(person, timeline::Standing::Blocked); }));
    QTRY_VERIFY_WITH_TIMEOUT(!ann.sees(kBob), kPatience);
    QVERIFY(ann.send(kBob, QStringLiteral("anyone?")));
    // With what she has to tell she comes again, at once.
    ann.stop();
    ann.start();
    const auto isTurnedAway = [&ann] {
        const Diagnosis known = ann.ask([](Messenger& m) { return m.diagnosis(); });
        return std::any_of(known.devices.begin(), known.devices.end(), [](const auto& one) {
            return one.second.failure.contains(QStringLiteral("does not take messages"));
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isTurnedAway(), kPatience);
    QVERIFY(bob.textsWith(kAnn).isEmpty());
    QCOMPARE(ann.historyWith(kBob).back().state, MessageState::Queued);
}

void MessengerTest::unblockingBringsBackWhatWasBefore() {
    Person ann(kAnn);
    Person bob(kBob);
    QVERIFY(bringTogether(ann, bob));
    const PersonId person = bob.personCalled(kAnn);
    using timeline::Standing;
    for (const Standing before : {Standing::Stranger, Standing::Ignored, Standing::Accepted}) {
        QVERIFY(bob.ask([=](Messenger& m) {
            return m.setStanding(person, before).ok() && m.setStanding(person, Standing::Blocked).ok() &&
                   m.unblock(person).ok();
        }));
        const auto now = bob.ask([](Messenger& m) { return m.find(kAnn).value(); });
        QCOMPARE(now.record.standing, before);
    }
}

void MessengerTest::ownMessageToABlockedPersonCanBeDeleted() {
    QTemporaryDir outside;
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    const auto sent = bob.send(kAnn, QStringLiteral("regretted"));
    QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(kBob), QStringList{QStringLiteral("regretted")}, kPatience);
    const PersonId person = bob.personCalled(kAnn);
    QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(person, timeline::Standing::Blocked); }));
    QVERIFY(!bob.ask([=](Messenger& m) { return m.editText(sent->ref, QStringLiteral("kinder")); }));
    QVERIFY(bob.ask([=](Messenger& m) { return m.deleteMessage(sent->ref); }));
    QVERIFY(bob.historyWith(kAnn).back().deleted);
    QVERIFY(bob.ask([=](Messenger& m) { return m.unblock(person); }));
    QTRY_COMPARE_WITH_TIMEOUT(ann.textsWith(kBob), QStringList{QString()}, 4 * kPatience);
}

void MessengerTest::erasedWordsAreGoneFromTheFilesAtTheEnd() {
    Person ann(kAnn);
    ann.start();
    const auto kept = ann.send(kAnn, QStringLiteral("keepable note"));
    const auto gone = ann.send(kAnn, QStringLiteral("unspeakable thing"));
    QVERIFY(kept && gone);
    ann.stop();
    const auto holds = [&ann](const QByteArray& word) {
        const QDir folder(ann.folder());
        for (const QString& name : folder.entryList({QStringLiteral("landline.db*")}, QDir::Files))
            if (contentsOf(folder.filePath(name)).contains(word)) return true;
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
    Person ann(kAnn);
    ann.start();
    const ConversationId notes = ann.conversationWith(kAnn);
    const auto refused =
        ann.ask([=](Messenger& m) { return m.sendText(notes, QString(int(limits::kTextBytes) + 1, u'x')); });
    QCOMPARE(refused.error().code, ErrorCode::TooLarge);
    QVERIFY(refused.error().text.find("file") != std::string::npos);
    QVERIFY(ann.ask([=](Messenger& m) { return m.sendText(notes, QString(int(limits::kTextBytes), u'x')); }));
    QVERIFY(!ann.ask([=](Messenger& m) { return m.sendText(notes, QStringLiteral(" \n")); }));
}

void MessengerTest::aSecondProgramOnTheProfileIsRefused() {
    Person ann(kAnn);
    ann.start();
    const auto second = Runtime::open(ann.options());
    QVERIFY(!second);
    QCOMPARE(second.error().code, ErrorCode::Locked);
}

void MessengerTest::safetyNumbersAgree() {
    Person ann(kAnn);
    Person bob(kBob);
    QVERIFY(bringTogether(ann, bob));
    const PersonId bobId = ann.personCalled(kBob);
    const PersonId annId = bob.personCalled(kAnn);
    const QString number = ann.ask([=](Messenger& m) { return m.safetyNumber(bobId); });
    QCOMPARE(number.size(), 60);
    QCOMPARE(bob.ask([=](Messenger& m) { return m.safetyNumber(annId); }), number);
    QVERIFY(ann.ask([=](Messenger& m) { return m.setVerified(bobId, true); }));
    QVERIFY(ann.ask([](Messenger& m) { return m.find(kBob).value().record.verified; }));
}

void MessengerTest::whatIsReadAtOneDeviceIsReadAtTheOther() {
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    const auto phone = Person::copyOf(ann, allowingAll());
    ann.start();
    phone->start();
    bob.start();
    QVERIFY(phone->self().person == ann.self().person);
    QVERIFY(phone->self().device != ann.self().device);
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(kBob), kPatience);
    QVERIFY(bob.send(kAnn, QStringLiteral("look")));
    phone->meet(bob);
    phone->meet(ann);
    const auto unread = [](Person& at) {
        return at.ask([](Messenger& m) { return m.find(kBob).value().unread; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(phone->sees(kBob) && unread(*phone) == 1 && unread(ann) == 1, kPatience);
    const ConversationId conversation = phone->conversationWith(kBob);
    QVERIFY(phone->ask([=](Messenger& m) { return m.markRead(conversation); }));
    QTRY_COMPARE_WITH_TIMEOUT(unread(ann), 0, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(bob.historyWith(kAnn).front().state, MessageState::Read, kPatience);
}

void MessengerTest::aNameThatLooksLikeAKnownOneIsShownAsSuch() {
    Person ann(kAnn, allowingAll());
    Person bob(kBob);
    Person eve(QStringLiteral("\u0412\u043E\u0412"));  // Cyrillic, and read as Latin the same
    for (Person* const person : {&ann, &bob, &eve}) person->start();
    ann.meet(bob);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(kBob), kPatience);
    const auto clashes = [&ann](const QString& name) {
        return ann.ask([name](Messenger& m) { return m.find(name).value().nameClash; });
    };
    QVERIFY(!clashes(kBob));
    ann.meet(eve);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(eve.self().name), kPatience);
    QVERIFY(clashes(eve.self().name));
    // Whoever was compared is not in doubt.
    const PersonId bobId = bob.self().person;
    QVERIFY(ann.ask([=](Messenger& m) { return m.setVerified(bobId, true); }));
    QVERIFY(!clashes(kBob));
    QVERIFY(clashes(eve.self().name));
}

void MessengerTest::aLinkAddsSomebodyAndSaysWhereToDial() {
    Person ann(kAnn);
    Person bob(kBob);
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
    QCOMPARE(added->record.name, kBob);
    QCOMPARE(added->record.standing, timeline::Standing::Accepted);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(kBob), kPatience);
    QVERIFY(ann.send(kBob, QStringLiteral("found you")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn), QStringList{QStringLiteral("found you")}, kPatience);
}

void MessengerTest::refusesLinksWithASentence() {
    Person ann(kAnn);
    Person bob(kBob);
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
    Person ann(kAnn);
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
    Person ann(kAnn, allowingAll());
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
        TestNode bob(kBob, certified(identity::SigningKey::generate(random)));
        bob.start();
        bob.node().addHost(host);
        QTRY_VERIFY_WITH_TIMEOUT(ann.sees(kBob), kPatience);
    }
    QTRY_VERIFY_WITH_TIMEOUT(!ann.sees(kBob), kPatience);
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
