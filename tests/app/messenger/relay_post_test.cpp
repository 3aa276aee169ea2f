// Messages that never meet: whole messengers with real stores and nodes, and a real relay between them.
#include "tests/app/messenger/relay_friends.h"

namespace landline::app::test {

namespace {

QStringList numbered(const QString& text, int from, int to) {
    QStringList texts;
    for (int i = from; i <= to; ++i) texts.push_back(text.arg(i));
    return texts;
}

/// What the person would leave something with for that device.
RelayToken relayTokenOf(const Person& person, const DeviceId& device) {
    const QString key = QString::fromStdString(toHex(device.view())).toUpper();
    const QStringList tokens =
        inStore(person, QStringLiteral("SELECT hex(token) FROM relay_grant WHERE hex(device) = '%1'").arg(key));
    return RelayToken::from(fromHex(tokens.at(0).toStdString()).value()).value();
}

bool sendAll(Person& person, const QString& to, const QStringList& texts) {
    return std::all_of(texts.begin(), texts.end(),
                       [&](const QString& text) { return person.send(to, text).ok(); });
}

QString storeOf(const Person& person) {
    return QDir(person.folder()).filePath(QStringLiteral("landline.db"));
}

/// Ann's store as it is once Bob has one text of hers and she knows it; she runs on.
std::unique_ptr<QTemporaryDir> beforeOf(Person& ann, Person& bob) {
    if (!ann.send(kBob, QStringLiteral("kept")) ||
        !becomes(ann, kBob, QStringLiteral("kept"), MessageState::Delivered) || !isPosted(ann) ||
        !isPosted(bob))
        qFatal("nothing was delivered");
    ann.stop();
    auto folder = std::make_unique<QTemporaryDir>();
    if (!QFile::copy(storeOf(ann), folder->filePath(QStringLiteral("earlier")))) qFatal("not copied");
    ann.start();
    return folder;
}

void putBack(Person& person, const QTemporaryDir& earlier) {
    person.stop();
    if (!QFile::remove(storeOf(person)) ||
        !QFile::copy(earlier.filePath(QStringLiteral("earlier")), storeOf(person)))
        qFatal("not put back");
}

void readAll(Person& person, const QString& with) {
    const ConversationId conversation = person.conversationWith(with);
    if (!person.ask([conversation](Messenger& m) { return m.markRead(conversation); })) qFatal("not marked");
}

}  // namespace

class RelayPostTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void aTextIsHeldFetchedAndTicked() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        bob.stop();
        const QString text = QStringLiteral("while you are away");
        QSignalSpy held(ann.messenger(), &Messenger::held);
        QVERIFY(ann.send(kBob, text));
        QVERIFY(becomes(ann, kBob, text, MessageState::Held));
        QVERIFY(comes([&] { return held.size() == 1; }));
        const auto told = held.first().first().value<MessageRecord>();
        QCOMPARE(told.text, text);
        QVERIFY(told.heldUntil > QDateTime::currentMSecsSinceEpoch() + 13LL * 24 * 3600 * 1000);
        QCOMPARE(held.first().at(1).value<PersonId>(), ann.personCalled(kBob));
        ann.stop();

        bob.start();
        QVERIFY(gets(bob, kAnn, {text}));
        // Bob's heads are there when Ann comes.
        QVERIFY(isPosted(bob));
        readAll(bob, kAnn);
        QVERIFY(isPosted(bob));
        bob.stop();

        ann.start();
        QVERIFY(becomes(ann, kBob, text, MessageState::Read));
        QVERIFY(comes([&] { return depositsOf(ann) == 0; }));
    }

    void everythingComesInOrderThoughTheyAreNeverThereTogether() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        ann.stop();
        const QStringList bobs = numbered(QStringLiteral("bob %1"), 1, 40);
        QVERIFY(sendAll(bob, kAnn, bobs));
        QVERIFY(becomes(bob, kAnn, bobs.back(), MessageState::Held));
        bob.stop();
        ann.start();
        QVERIFY(gets(ann, kBob, bobs));
        const QStringList anns = numbered(QStringLiteral("ann %1"), 1, 40);
        QVERIFY(sendAll(ann, kBob, anns));
        QVERIFY(becomes(ann, kBob, anns.back(), MessageState::Held));
        QVERIFY(isPosted(ann));
        ann.stop();
        bob.start();
        QVERIFY(gets(bob, kAnn, bobs + anns));
        QVERIFY(becomes(bob, kAnn, bobs.back(), MessageState::Delivered));
    }

    void whatIsWrittenWithoutAnyRelayWaitsForOne() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        bob.stop();
        relay.stop();
        const QString text = QStringLiteral("is anybody there");
        QVERIFY(ann.send(kBob, text));
        QCOMPARE(stateOf(ann, kBob, text), MessageState::Queued);
        // Also over a restart of the program.
        ann.stop();
        ann.start();
        QCOMPARE(stateOf(ann, kBob, text), MessageState::Queued);
        relay.start();
        QVERIFY(becomes(ann, kBob, text, MessageState::Held));
        bob.start();
        QVERIFY(gets(bob, kAnn, {text}));
        QVERIFY(becomes(ann, kBob, text, MessageState::Delivered));
    }

    /// Everything that can be said to a message, and a file's offer, as over a session.
    void editsDeletesReactionsAndOffersComeToo() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        QVERIFY(ann.send(kBob, QStringLiteral("a tpyo")));
        QVERIFY(ann.send(kBob, QStringLiteral("to be forgotten")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("a tpyo"), QStringLiteral("to be forgotten")}));
        bob.stop();
        const GlobalEntryRef edited = ann.historyWith(kBob).at(0).ref;
        const GlobalEntryRef deleted = ann.historyWith(kBob).at(1).ref;
        QVERIFY(ann.ask([=](Messenger& m) { return m.editText(edited, QStringLiteral("a typo")); }));
        QVERIFY(ann.ask([=](Messenger& m) { return m.deleteMessage(deleted); }));
        QVERIFY(ann.ask([=](Messenger& m) { return m.react(edited, QStringLiteral("👍"), false); }));
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("plan.txt"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("what we do") > 0);
        file.close();
        const ConversationId conversation = ann.conversationWith(kBob);
        QVERIFY(ann.ask([=](Messenger& m) { return m.sendFile(conversation, path); }));
        QVERIFY(becomes(ann, kBob, QStringLiteral("plan.txt"), MessageState::Held));
        ann.stop();
        bob.start();
        QVERIFY(gets(bob, kAnn, {QStringLiteral("a typo"), QString(), QStringLiteral("plan.txt")}));
        const auto history = bob.historyWith(kAnn);
        QVERIFY(history[0].edited);
        QVERIFY(history[1].deleted);
        QCOMPARE(history[0].reactions.size(), 1U);
        const auto transfers = bob.ask([](Messenger& m) { return m.transfers(); });
        QCOMPARE(transfers.size(), 1U);
        QCOMPARE(transfers[0].name, QStringLiteral("plan.txt"));
        QVERIFY(transfers[0].incoming && transfers[0].state == TransferState::Offered);
    }

    void severalDevicesOfOnePersonGetItAll() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        const DeviceId first = ann.self().device;
        ann.stop();
        // Another device of Ann's, with what the first knew, and an account by the first one's.
        const auto laptop = Person::copyOf(ann);
        laptop->start();
        QVERIFY(laptop->self().device != first);
        QVERIFY(laptop->send(kBob, QStringLiteral("from my laptop")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("from my laptop")}));
        QVERIFY(becomes(*laptop, kBob, QStringLiteral("from my laptop"), MessageState::Delivered));
        QVERIFY(isPosted(*laptop));
        laptop->stop();
        // Neither is there; Bob writes to both.
        QVERIFY(bob.send(kAnn, QStringLiteral("to all of you")));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("to all of you"), MessageState::Held));
        QVERIFY(isPosted(bob));
        const QStringList all{QStringLiteral("from my laptop"), QStringLiteral("to all of you")};
        ann.start();
        QVERIFY(gets(ann, kBob, all));
        laptop->start();
        QVERIFY(gets(*laptop, kBob, all));
        QVERIFY(comes([&] { return depositsOf(bob) == 0; }));
        // What is read at one device is read at the other, which never meet.
        const auto unread = [](Person& person) {
            return person.ask([](Messenger& m) { return m.find(kBob).value().unread; });
        };
        QCOMPARE(unread(ann), 1);
        readAll(*laptop, kBob);
        QVERIFY(comes([&] { return unread(ann) == 0; }));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("to all of you"), MessageState::Read));
    }

    void aFullMailboxTakesTheRestOnceItIsEmptied() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        bob.stop();
        relay.stop();
        relay.config().quota.bytes = 100'000;
        relay.config().quota.senderBytes = 100'000;
        relay.start();
        QStringList texts;
        for (int i = 0; i < 12; ++i) texts.push_back(QString(15'000, QChar(u'a' + i)));
        QVERIFY(sendAll(ann, kBob, texts));
        QVERIFY(becomes(ann, kBob, texts.front(), MessageState::Held));
        QVERIFY(comes([&] { return relay.figures().refused != 0; }));
        QVERIFY(isPosted(ann));
        QCOMPARE(stateOf(ann, kBob, texts.back()), MessageState::Queued);
        bob.start();
        QVERIFY(gets(bob, kAnn, texts));
        QVERIFY(becomes(ann, kBob, texts.back(), MessageState::Delivered));
    }

    void aRelayThatIsRestoredGetsWhatItLostAgain() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        QVERIFY(ann.send(kBob, QStringLiteral("before")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("before")}));
        QVERIFY(isPosted(ann) && isPosted(bob));
        bob.stop();
        relay.backUp();
        QVERIFY(ann.send(kBob, QStringLiteral("after the backup")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("after the backup"), MessageState::Held));
        relay.stop();
        relay.restore();
        relay.start();
        QVERIFY(comes([&] { return relay.figures().stored != 0; }));
        QVERIFY(becomes(ann, kBob, QStringLiteral("after the backup"), MessageState::Held));
        bob.start();
        QVERIFY(gets(bob, kAnn, {QStringLiteral("before"), QStringLiteral("after the backup")}));
        QVERIFY(becomes(ann, kBob, QStringLiteral("after the backup"), MessageState::Delivered));
    }

    void whatCannotBeOpenedIsLeftAgain() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        bob.stop();
        const QString text = QStringLiteral("sealed to a key that is lost");
        QVERIFY(ann.send(kBob, text));
        QVERIFY(becomes(ann, kBob, text, MessageState::Held));
        (void)inStore(bob, QStringLiteral("DELETE FROM own_prekey"));
        bob.start();
        QVERIFY(gets(bob, kAnn, {text}));
        QCOMPARE(inStore(bob, QStringLiteral("SELECT value FROM relay_number WHERE name = 'lost'")),
                 QStringList{QStringLiteral("1")});
        QVERIFY(becomes(ann, kBob, text, MessageState::Delivered));
    }

    void aStrangerWithALinkIsARequest() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay) && join(bob, relay));
        const QString link = linkByRelayOf(bob);
        bob.stop();
        QVERIFY(add(ann, link));
        const QStringList texts = numbered(QStringLiteral("please %1"), 1, 25);
        QVERIFY(sendAll(ann, kBob, texts));
        QVERIFY(becomes(ann, kBob, texts.back(), MessageState::Held));
        bob.start();
        QVERIFY(gets(bob, kAnn, texts.first(20)));
        const PersonId stranger = bob.personCalled(kAnn);
        const auto standing = bob.ask([](Messenger& m) { return m.find(kAnn).value().record.standing; });
        QVERIFY(standing == timeline::Standing::Stranger);
        QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(stranger, timeline::Standing::Accepted); }));
        QVERIFY(gets(bob, kAnn, texts));
        QVERIFY(becomes(ann, kBob, texts.back(), MessageState::Delivered));
        // And he can answer, by what her envelopes told.
        ann.stop();
        QVERIFY(bob.send(kAnn, QStringLiteral("welcome")));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("welcome"), MessageState::Held));
        ann.start();
        QVERIFY(gets(ann, kBob, texts + QStringList{QStringLiteral("welcome")}));
    }

    void whoIsBlockedLeavesNothing() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        QVERIFY(ann.send(kBob, QStringLiteral("hello")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("hello")}));
        QVERIFY(becomes(ann, kBob, QStringLiteral("hello"), MessageState::Delivered));
        const PersonId blocked = bob.personCalled(kAnn);
        const RelayToken token = relayTokenOf(ann, bob.self().device);
        QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(blocked, timeline::Standing::Blocked); }));
        // Her token is good no more: the relay, once it knows, takes nothing.
        QVERIFY(comes([&] { return relay.prekeyOf(bob.self().device, token).prekey.empty(); }));
        const auto refused = relay.figures().refused;
        QVERIFY(ann.send(kBob, QStringLiteral("why")));
        QVERIFY(comes([&] { return relay.figures().refused > refused; }));
        QVERIFY(stateOf(ann, kBob, QStringLiteral("why")) == MessageState::Queued);
        QCOMPARE(bob.textsWith(kAnn), QStringList{QStringLiteral("hello")});
        QVERIFY(bob.ask([=](Messenger& m) { return m.unblock(blocked); }));
        QVERIFY(bob.send(kAnn, QStringLiteral("sorry")));
        QVERIFY(comes([&] {
            QStringList texts = bob.textsWith(kAnn);
            texts.sort();
            return texts ==
                   QStringList({QStringLiteral("hello"), QStringLiteral("sorry"), QStringLiteral("why")});
        }));
    }

    /// It was there already when he blocked her.
    void whatTheBlockedLeftBeforeIsPassedOver() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        QVERIFY(ann.send(kBob, QStringLiteral("hello")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("hello")}));
        QVERIFY(becomes(ann, kBob, QStringLiteral("hello"), MessageState::Delivered));
        const auto read = [&] { return inStore(bob, QStringLiteral("SELECT through FROM relay_position WHERE box = 0")); };
        QCOMPARE(read(), QStringList{QStringLiteral("1")});
        bob.stop();
        QVERIFY(ann.send(kBob, QStringLiteral("why")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("why"), MessageState::Held));
        relay.stop();
        bob.start();
        const PersonId blocked = bob.personCalled(kAnn);
        QVERIFY(bob.ask([=](Messenger& m) { return m.setStanding(blocked, timeline::Standing::Blocked); }));
        relay.start();
        QVERIFY(comes([&] { return read() == QStringList{QStringLiteral("2")}; }));
        QCOMPARE(bob.textsWith(kAnn), QStringList{QStringLiteral("hello")});
    }

    void aDirectSessionSettlesWhatIsHeld() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        bob.stop();
        QVERIFY(ann.send(kBob, QStringLiteral("held")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("held"), MessageState::Held));
        relay.stop();
        QSignalSpy delivered(ann.messenger(), &Messenger::delivered);
        bob.start();
        bob.meet(ann);
        QVERIFY(gets(bob, kAnn, {QStringLiteral("held")}));
        QVERIFY(becomes(ann, kBob, QStringLiteral("held"), MessageState::Delivered));
        QVERIFY(comes([&] { return depositsOf(ann) == 0; }));
        // The relay brings the same once more, and nobody notices.
        QSignalSpy added(bob.messenger(), &Messenger::messageAdded);
        relay.start();
        QVERIFY(comes([&] {
            return inStore(bob, QStringLiteral("SELECT through FROM relay_position WHERE box = 0")) ==
                   QStringList{QStringLiteral("1")};
        }));
        QVERIFY(ann.send(kBob, QStringLiteral("directly")));
        QVERIFY(gets(bob, kAnn, {QStringLiteral("held"), QStringLiteral("directly")}));
        QCOMPARE(added.size(), 1);
        QVERIFY(becomes(ann, kBob, QStringLiteral("directly"), MessageState::Delivered));
        QCOMPARE(delivered.size(), 2);
        QCOMPARE(depositsOf(ann), 0);
    }

    /// They never meet, so no session tells Ann that Bob has more of hers than she has.
    void aStorePutBackFromEarlierIsNoticedByWayOfTheRelay() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        const auto earlier = beforeOf(ann, bob);
        const DeviceId device = ann.self().device;
        QVERIFY(sendAll(ann, kBob, {QStringLiteral("one"), QStringLiteral("two")}));
        QVERIFY(becomes(ann, kBob, QStringLiteral("two"), MessageState::Delivered));
        putBack(ann, *earlier);
        QVERIFY(bob.send(kAnn, QStringLiteral("are you there")));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("are you there"), MessageState::Held));
        ann.start();
        QVERIFY(comes([&] { return ann.self().device != device; }));
        QVERIFY(comes([&] { return ann.textsWith(kBob).contains(QStringLiteral("are you there")); }));
        QVERIFY(ann.send(kBob, QStringLiteral("a new device")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("a new device"), MessageState::Delivered));
        QCOMPARE(bob.textsWith(kAnn),
                 QStringList({QStringLiteral("kept"), QStringLiteral("one"), QStringLiteral("two"),
                              QStringLiteral("are you there"), QStringLiteral("a new device")}));
    }

    /// She writes before anybody can tell her.
    void whatAnOldCopyWroteEndsInANewDevice() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        const auto earlier = beforeOf(ann, bob);
        const DeviceId device = ann.self().device;
        QVERIFY(ann.send(kBob, QStringLiteral("one")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("one"), MessageState::Delivered));
        putBack(ann, *earlier);
        bob.stop();
        relay.stop();
        ann.start();
        QVERIFY(ann.send(kBob, QStringLiteral("another one")));
        relay.start();
        QVERIFY(becomes(ann, kBob, QStringLiteral("another one"), MessageState::Held));
        bob.start();
        QVERIFY(comes([&] { return ann.self().device != device; }));
        QCOMPARE(stateOf(ann, kBob, QStringLiteral("another one")), MessageState::Failed);
        QVERIFY(ann.send(kBob, QStringLiteral("a new device")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("a new device"), MessageState::Delivered));
        QVERIFY(bob.textsWith(kAnn).contains(QStringLiteral("a new device")));
    }

    /// Bob has no account anywhere: he reads what comes by sessions, and visits Ann's relay to answer.
    void whoHasNoRelayVisitsTheOthers() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay));
        QVERIFY(add(bob, linkByRelayOf(ann)));
        ann.stop();
        QVERIFY(bob.send(kAnn, QStringLiteral("from a guest")));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("from a guest"), MessageState::Held));
        bob.stop();
        ann.start();
        QVERIFY(gets(ann, kBob, {QStringLiteral("from a guest")}));
        const PersonId guest = ann.personCalled(kBob);
        QVERIFY(ann.ask([=](Messenger& m) { return m.setStanding(guest, timeline::Standing::Accepted); }));
        // Once he has one himself she is told, and can answer.
        bob.start();
        QVERIFY(join(bob, relay));
        QVERIFY(comes([&] { return inStore(ann, QStringLiteral("SELECT 1 FROM relay_grant")).size() == 1; }));
        bob.stop();
        QVERIFY(ann.send(kBob, QStringLiteral("an answer")));
        QVERIFY(becomes(ann, kBob, QStringLiteral("an answer"), MessageState::Held));
        bob.start();
        QVERIFY(gets(bob, kAnn, {QStringLiteral("from a guest"), QStringLiteral("an answer")}));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayPostTest)
#include "relay_post_test.moc"
