// Files between whole nodes of two people.
#include "tests/app/messenger/person.h"

#include <QDir>
#include <QFile>

namespace landline::app::test {

namespace {

void writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write the test's file");
}

/// Takes every file that is offered.
RuntimeOptions takingInto(const QString& folder) {
    RuntimeOptions options = allowingAll();
    options.acceptFilesInto = folder;
    return options;
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

class MessengerFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fileArrivesWhole();
    void cancelledFileIsSentNoFurther();
    void whatIsCancelledLeavesNothing();
    void blockedPersonsFileIsGivenUp();
    void deletedOfferLeavesNoTransfer();
};

void MessengerFilesTest::fileArrivesWhole() {
    QTemporaryDir outside;
    const QString in = outside.filePath(QStringLiteral("in"));
    Person ann(kAnn, allowingAll());
    Person bob(kBob, takingInto(in));
    QVERIFY(bringTogether(ann, bob));
    QByteArray content(5 * 1024 * 1024 + 17, Qt::Uninitialized);
    SystemRandom().fill({reinterpret_cast<std::uint8_t*>(content.data()), std::size_t(content.size())});
    const QString path = outside.filePath(QStringLiteral("report.bin"));
    writeFile(path, content);
    const ConversationId conversation = ann.conversationWith(kBob);
    QVERIFY(ann.ask([=](Messenger& m) { return m.sendFile(conversation, path); }));
    QTRY_COMPARE_WITH_TIMEOUT(contentsOf(in + QStringLiteral("/report.bin")), content, 2 * kPatience);
    const auto done = [](Person& person) {
        return person.ask([](Messenger& m) {
            const auto all = m.transfers();
            return all.size() == 1 && all.front().state == TransferState::Done;
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(done(ann) && done(bob), kPatience);
}

void MessengerFilesTest::cancelledFileIsSentNoFurther() {
    QTemporaryDir outside;
    const QString in = outside.filePath(QStringLiteral("in"));
    Person ann(kAnn, allowingAll());
    Person bob(kBob, takingInto(in));
    QVERIFY(bringTogether(ann, bob));
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
    QVERIFY(!QFile::exists(in + QStringLiteral("/large.bin")));
}

void MessengerFilesTest::whatIsCancelledLeavesNothing() {
    QTemporaryDir outside;
    const QString in = outside.filePath(QStringLiteral("in"));
    Person ann(kAnn, allowingAll());
    Person bob(kBob, takingInto(in));
    QVERIFY(bringTogether(ann, bob));
    const auto parts = [&] { return QDir(in).entryList(QDir::AllEntries | QDir::NoDotAndDotDot); };
    const wire::TransferId running = offerTo(ann, outside.filePath(QStringLiteral("large.bin")), kLargeFile);
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(bob, running), TransferState::Running, kPatience);
    QVERIFY(bob.ask([=](Messenger& m) { return m.cancelTransfer(running); }));
    QTRY_COMPARE_WITH_TIMEOUT(parts(), QStringList(), kPatience);

    const wire::TransferId paused = offerTo(ann, outside.filePath(QStringLiteral("other.bin")), kLargeFile);
    QTRY_COMPARE_WITH_TIMEOUT(stateAt(bob, paused), TransferState::Running, kPatience);
    QVERIFY(bob.ask([=](Messenger& m) { return m.pauseTransfer(paused); }));
    QCOMPARE(parts().size(), 1);
    const QString part = parts().front();
    QVERIFY(bob.ask([=](Messenger& m) { return m.cancelTransfer(paused); }));
    QTRY_COMPARE_WITH_TIMEOUT(parts(), QStringList(), kPatience);
    // It ended before the part was gone.
    bob.stop();
    writeFile(QDir(in).filePath(part), "some of it");
    bob.start();
    QTRY_COMPARE_WITH_TIMEOUT(parts(), QStringList(), kPatience);
}

void MessengerFilesTest::blockedPersonsFileIsGivenUp() {
    QTemporaryDir outside;
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    const wire::TransferId file = offerTo(ann, outside.filePath(QStringLiteral("large.bin")), kLargeFile);
    QTRY_VERIFY_WITH_TIMEOUT(stateAt(bob, file).has_value(), kPatience);
    const QString in = outside.filePath(QStringLiteral("in"));
    const PersonId person = bob.personCalled(kAnn);
    // The node begins to dial before it hears of the block.
    QVERIFY(bob.ask([=](Messenger& m) {
        return m.acceptFile(file, in).ok() && m.setStanding(person, timeline::Standing::Blocked).ok();
    }));
    QCOMPARE(stateAt(bob, file), TransferState::Cancelled);
    QVERIFY(!bob.ask([=](Messenger& m) { return m.acceptFile(file, in); }));
    bob.stop();
    bob.start();
    QVERIFY(bob.ask([=](Messenger& m) { return m.unblock(person); }));
    QTRY_VERIFY_WITH_TIMEOUT(ann.sees(kBob), 4 * kPatience);
    QVERIFY(ann.send(kBob, QStringLiteral("again?")));
    QTRY_COMPARE_WITH_TIMEOUT(bob.textsWith(kAnn).back(), QStringLiteral("again?"), kPatience);
    QCOMPARE(stateAt(bob, file), TransferState::Cancelled);
    QVERIFY(!QFile::exists(in + QStringLiteral("/large.bin")));
}

void MessengerFilesTest::deletedOfferLeavesNoTransfer() {
    QTemporaryDir outside;
    Person ann(kAnn, allowingAll());
    Person bob(kBob, allowingAll());
    QVERIFY(bringTogether(ann, bob));
    const wire::TransferId file =
        offerTo(ann, outside.filePath(QStringLiteral("secret name.bin")), kLargeFile);
    QTRY_VERIFY_WITH_TIMEOUT(stateAt(bob, file).has_value(), kPatience);
    QSignalSpy changed(bob.messenger(), &Messenger::transferChanged);
    const QString in = outside.filePath(QStringLiteral("in"));
    QVERIFY(bob.ask([=](Messenger& m) { return m.acceptFile(file, in); }));
    const GlobalEntryRef offer = ann.historyWith(kBob).back().ref;
    QVERIFY(ann.ask([=](Messenger& m) { return m.deleteMessage(offer); }));
    QVERIFY(!stateAt(ann, file));
    QTRY_VERIFY_WITH_TIMEOUT(!stateAt(bob, file), kPatience);
    // The sender's refusal or the delete, whichever came first.
    const auto last = [&changed] { return changed.back().front().value<TransferRecord>().state; };
    QTRY_VERIFY_WITH_TIMEOUT(last() == TransferState::Cancelled || last() == TransferState::Failed,
                             kPatience);
    QVERIFY(!QFile::exists(in + QStringLiteral("/secret name.bin")));
}

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::MessengerFilesTest)
#include "messenger_files_test.moc"
