// The speed, number and order of transfers between whole nodes, and files that are taken unasked.
#include "tests/app/messenger/person.h"

#include <QElapsedTimer>
#include <QFile>

namespace landline::app::test {

namespace {

constexpr quint64 kKiB = 1024;
constexpr quint64 kMiB = 1024 * kKiB;
/// Between processes that share a core with others; what is too fast is never excused by that.
constexpr double kSlack = 1.3;

/// Two people who see each other, and files of the first.
struct Two {
    Two() {
        if (!bringTogether(ann, bob)) qFatal("they do not meet");
    }
    wire::TransferId offer(const QString& name, quint64 size) {
        const QString path = outside.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || !file.resize(qint64(size))) qFatal("cannot write");
        const ConversationId to = ann.conversationWith(kBob);
        const auto sent = ann.ask([=](Messenger& m) { return m.sendFile(to, path); });
        if (!sent) qFatal("%s", sent.error().text.c_str());
        return sent->id;
    }
    /// Offered, arrived and accepted.
    wire::TransferId fetch(const QString& name, quint64 size) {
        const wire::TransferId id = offer(name, size);
        const auto begun = [&] {
            return bob.ask([=, in = in](Messenger& m) { return m.acceptFile(id, in).ok(); });
        };
        if (!QTest::qWaitFor(begun, kPatience)) qFatal("no offer came");
        return id;
    }
    std::optional<TransferRecord> at(Person& person, const wire::TransferId& id) {
        for (const TransferRecord& one : person.ask([](Messenger& m) { return m.transfers(); }))
            if (one.id == id) return one;
        return std::nullopt;
    }
    TransferState state(const wire::TransferId& id) {
        const auto found = at(bob, id);
        return found ? found->state : TransferState::Cancelled;
    }
    quint64 doneOf(const std::vector<wire::TransferId>& ids) {
        quint64 done = 0;
        for (const wire::TransferId& id : ids) done += at(bob, id).value_or(TransferRecord{}).done;
        return done;
    }
    static bool limit(Person& person, TransferLimits limits) {
        return person.ask([=](Messenger& m) { return m.setTransferLimits(limits); }).ok();
    }
    bool always(quint64 quota) {
        const PersonId who = bob.personCalled(kAnn);
        return bob.ask([=, in = in](Messenger& m) { return m.setAlwaysAccept(who, in, quota); }).ok();
    }

    QTemporaryDir outside;
    QString in = outside.filePath(QStringLiteral("in"));
    Person ann{kAnn, allowingAll()};
    Person bob{kBob, allowingAll()};
};

}  // namespace

class MessengerLimitsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void speedIsBoundedOverAllTogether_data();
    void speedIsBoundedOverAllTogether();
    void anotherBoundHoldsAtOnce_data();
    void anotherBoundHoldsAtOnce();
    void messagesDoNotWaitForABound();
    void limitsAreCheckedAndKept();
    void theOrderHoldsOverAStart();
    void anAcceptedPersonsFilesComeUnasked();
    void aRuleEndsWithTheAcceptance();
};

void MessengerLimitsTest::speedIsBoundedOverAllTogether_data() {
    QTest::addColumn<bool>("sending");
    QTest::newRow("the sender's bound") << true;
    QTest::newRow("the receiver's bound") << false;
}

void MessengerLimitsTest::speedIsBoundedOverAllTogether() {
    QFETCH(const bool, sending);
    Two two;
    const quint64 rate = 512 * kKiB;
    QVERIFY(Two::limit(sending ? two.ann : two.bob, {sending ? rate : 0, sending ? 0 : rate, 3}));
    QElapsedTimer time;
    time.start();
    const std::vector<wire::TransferId> files{two.fetch(QStringLiteral("a"), 700 * kKiB),
                                              two.fetch(QStringLiteral("b"), 700 * kKiB)};
    QTRY_VERIFY_WITH_TIMEOUT(
        two.state(files[0]) == TransferState::Done && two.state(files[1]) == TransferState::Done,
        4 * kPatience);
    const double seconds = double(time.elapsed()) / 1000;
    const double perSecond = double(1400 * kKiB) / seconds;
    QVERIFY2(perSecond <= kSlack * double(rate), qPrintable(QString::number(perSecond)));
}

void MessengerLimitsTest::anotherBoundHoldsAtOnce_data() {
    speedIsBoundedOverAllTogether_data();
}

void MessengerLimitsTest::anotherBoundHoldsAtOnce() {
    QFETCH(const bool, sending);
    Two two;
    Person& limited = sending ? two.ann : two.bob;
    const auto bound = [&](quint64 rate) {
        return Two::limit(limited, {sending ? rate : 0, sending ? 0 : rate, 3});
    };
    const std::vector<wire::TransferId> file{two.fetch(QStringLiteral("large"), 2048 * kMiB)};
    QTRY_VERIFY_WITH_TIMEOUT(two.doneOf(file) > 0, kPatience);
    const quint64 rate = 200 * kKiB;
    QVERIFY(bound(rate));
    // What is in the sockets still comes, and no more than that.
    const auto growth = [&](int millis) {
        const quint64 before = two.doneOf(file);
        QElapsedTimer time;
        time.start();
        (void)QTest::qWaitFor([&] { return time.elapsed() >= millis; }, millis + 1000);
        return double(two.doneOf(file) - before) / (double(time.elapsed()) / 1000);
    };
    const auto isSlow = [&] { return growth(1000) <= kSlack * double(rate) + double(kMiB); };
    QTRY_VERIFY_WITH_TIMEOUT(isSlow(), kPatience);
    // A chunk is written when it is whole.
    const double slow = growth(6000);
    QVERIFY2(slow <= kSlack * double(rate) + double(kMiB) / 6, qPrintable(QString::number(slow)));
    QCOMPARE(two.state(file[0]), TransferState::Running);
    QVERIFY(bound(0));
    const quint64 before = two.doneOf(file);
    QTRY_VERIFY_WITH_TIMEOUT(two.doneOf(file) > before + 100 * kMiB, kPatience);
}

void MessengerLimitsTest::messagesDoNotWaitForABound() {
    Two two;
    QVERIFY(Two::limit(two.ann, {16 * kKiB, 16 * kKiB, 3}));
    QVERIFY(Two::limit(two.bob, {16 * kKiB, 16 * kKiB, 3}));
    const wire::TransferId file = two.fetch(QStringLiteral("large"), 64 * kMiB);
    QTRY_COMPARE_WITH_TIMEOUT(two.state(file), TransferState::Running, kPatience);
    const QString text(50'000, u'x');
    QElapsedTimer time;
    time.start();
    for (int i = 0; i < 20; ++i) QVERIFY(two.ann.send(kBob, text));
    // At the files' speed that would take a minute.
    QTRY_COMPARE_WITH_TIMEOUT(two.bob.textsWith(kAnn).count(text), 20, kPatience);
}

void MessengerLimitsTest::limitsAreCheckedAndKept() {
    Person ann(kAnn);
    ann.start();
    QSignalSpy told(ann.messenger(), &Messenger::transferLimitsChanged);
    const TransferLimits wanted{100 * kKiB, 2 * kMiB, 7};
    QVERIFY(Two::limit(ann, wanted));
    QTRY_COMPARE(told.size(), 1);
    for (const TransferLimits& wrong : {TransferLimits{1, 0, 3}, TransferLimits{0, 16 * kKiB - 1, 3},
                                        TransferLimits{0, 0, 0}, TransferLimits{0, 0, 101}})
        QVERIFY(!Two::limit(ann, wrong));
    ann.stop();
    ann.start();
    QVERIFY(ann.ask([](Messenger& m) { return m.transferLimits(); }) == wanted);
}

void MessengerLimitsTest::theOrderHoldsOverAStart() {
    Two two;
    QVERIFY(Two::limit(two.bob, {0, 32 * kKiB, 1}));
    std::vector<wire::TransferId> files;
    for (const char* const name : {"a", "b", "c"})
        files.push_back(two.fetch(QString::fromLatin1(name), 64 * kMiB));
    const auto states = [&] {
        std::vector<TransferState> all;
        for (const wire::TransferId& id : files) all.push_back(two.state(id));
        return all;
    };
    using States = std::vector<TransferState>;
    QCOMPARE(states(), (States{TransferState::Running, TransferState::Queued, TransferState::Queued}));
    QVERIFY(two.bob.ask([id = files[2]](Messenger& m) { return m.moveTransfer(id, TransferMove::First); }));
    const States moved{TransferState::Queued, TransferState::Queued, TransferState::Running};
    QCOMPARE(states(), moved);
    const quint64 ofOthers = two.doneOf({files[0], files[1]});
    two.bob.stop();
    two.bob.start();
    two.bob.meet(two.ann);
    QTRY_VERIFY_WITH_TIMEOUT(two.bob.sees(kAnn), kPatience);
    QCOMPARE(states(), moved);
    QTRY_VERIFY_WITH_TIMEOUT(two.doneOf({files[2]}) > 0, 2 * kPatience);
    QCOMPARE(two.doneOf({files[0], files[1]}), ofOthers);
    // The next follows when the first is through.
    QVERIFY(two.bob.ask([id = files[2]](Messenger& m) { return m.pauseTransfer(id); }));
    QCOMPARE(states(), (States{TransferState::Running, TransferState::Queued, TransferState::Paused}));
}

void MessengerLimitsTest::anAcceptedPersonsFilesComeUnasked() {
    Two two;
    const wire::TransferId before = two.offer(QStringLiteral("before"), 10 * kKiB);
    QTRY_VERIFY_WITH_TIMEOUT(two.at(two.bob, before).has_value(), kPatience);
    QCOMPARE(two.state(before), TransferState::Offered);
    QVERIFY(two.always(100 * kKiB));
    // What had been offered already is taken, too.
    QTRY_COMPARE_WITH_TIMEOUT(two.state(before), TransferState::Done, kPatience);
    const wire::TransferId small = two.offer(QStringLiteral("small"), 50 * kKiB);
    QTRY_COMPARE_WITH_TIMEOUT(two.state(small), TransferState::Done, kPatience);
    QVERIFY(QFile::exists(two.in + QStringLiteral("/small")));
    const wire::TransferId large = two.offer(QStringLiteral("large"), 50 * kKiB);
    const auto waits = [&] {
        const auto found = two.at(two.bob, large);
        return found && found->state == TransferState::Offered && !found->error.isEmpty();
    };
    QTRY_VERIFY_WITH_TIMEOUT(waits(), kPatience);
    const PersonId who = two.bob.personCalled(kAnn);
    QCOMPARE(two.bob.ask([=](Messenger& m) { return m.alwaysAccept(who); }).value().used, 60 * kKiB);
    // It waits for consent over a start, and what was used is not forgotten by it.
    two.bob.stop();
    two.bob.start();
    two.bob.meet(two.ann);
    QTRY_VERIFY_WITH_TIMEOUT(two.bob.sees(kAnn), kPatience);
    QVERIFY(waits());
    QCOMPARE(two.bob.ask([=](Messenger& m) { return m.alwaysAccept(who); }).value().used, 60 * kKiB);
    QVERIFY(two.always(200 * kKiB));
    QTRY_COMPARE_WITH_TIMEOUT(two.state(large), TransferState::Done, kPatience);
    QCOMPARE(two.bob.ask([=](Messenger& m) { return m.alwaysAccept(who); }).value().used, 110 * kKiB);
}

void MessengerLimitsTest::aRuleEndsWithTheAcceptance() {
    Two two;
    const PersonId who = two.bob.personCalled(kAnn);
    QVERIFY(two.always(0));
    QSignalSpy told(two.bob.messenger(), &Messenger::alwaysAcceptChanged);
    const auto stand = [&](timeline::Standing standing) {
        return two.bob.ask([=](Messenger& m) { return m.setStanding(who, standing).ok(); });
    };
    for (const auto standing : {timeline::Standing::Blocked, timeline::Standing::Ignored}) {
        QVERIFY(stand(timeline::Standing::Accepted));
        QVERIFY(two.always(0));
        QVERIFY(stand(standing));
        QVERIFY(!two.bob.ask([=](Messenger& m) { return m.alwaysAccept(who); }));
        QVERIFY(!two.always(0));
    }
    QTRY_VERIFY(told.size() >= 4);
    // Whoever is accepted again finds no open door.
    QVERIFY(stand(timeline::Standing::Accepted));
    const wire::TransferId file = two.offer(QStringLiteral("later"), kKiB);
    QTRY_VERIFY_WITH_TIMEOUT(two.at(two.bob, file).has_value(), 4 * kPatience);
    QCOMPARE(two.state(file), TransferState::Offered);
}

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::MessengerLimitsTest)
#include "messenger_limits_test.moc"
