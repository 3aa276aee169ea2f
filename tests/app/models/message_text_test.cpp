#include "app/models/message_text.h"

#include <QTest>

namespace landline::app {

class MessageTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

    void dayTitles_data() {
        QTest::addColumn<int>("daysAgo");
        QTest::addColumn<QString>("title");
        QTest::newRow("today") << 0 << QStringLiteral("Today");
        QTest::newRow("yesterday") << 1 << QStringLiteral("Yesterday");
        QTest::newRow("within a week") << 3 << QStringLiteral("Friday");
        QTest::newRow("this year") << 100 << QStringLiteral("8 August");
        QTest::newRow("another year") << 400 << QStringLiteral("12 October 2025");
        QTest::newRow("from a clock that is ahead") << -2 << QStringLiteral("18 November");
    }
    void dayTitles() {
        QFETCH(int, daysAgo);
        QFETCH(QString, title);
        const QDate today(2026, 11, 16);
        QCOMPARE(dayTitle(today.addDays(-daysAgo), today), title);
    }

    void timesHaveNoSeconds_data() {
        QTest::addColumn<QLocale>("locale");
        QTest::addColumn<QString>("time");
        QTest::newRow("C") << QLocale::c() << QStringLiteral("14:05");
        QTest::newRow("English") << QLocale(QLocale::English, QLocale::UnitedStates)
                                 << QStringLiteral("2:05 PM");
        QTest::newRow("Chinese") << QLocale(QLocale::Chinese) << QStringLiteral("14:05");
    }
    void timesHaveNoSeconds() {
        QFETCH(QLocale, locale);
        QFETCH(QString, time);
        QLocale::setDefault(locale);
        const QDateTime then(QDate(2026, 11, 16), QTime(14, 5, 33));
        const QString shown = clockTime(then.toMSecsSinceEpoch());
        initTestCase();
        QCOMPARE(shown, time);
    }

    void sizes() {
        QCOMPARE(byteText(0), QStringLiteral("0 bytes"));
        QCOMPARE(byteText(12'300'000), QStringLiteral("12.3 MB"));
        QCOMPARE(byteText(40'000'000), QStringLiteral("40 MB"));
    }

    void previewsStandOnOneLine() {
        MessageRecord message;
        message.text = QStringLiteral("two\n lines\there");
        QCOMPARE(previewText(message), QStringLiteral("two lines here"));
        message.deleted = true;
        QCOMPARE(previewText(message), QStringLiteral("Message deleted"));
    }

    void whatIsHeldIsHeldUntilADay() {
        MessageRecord message;
        message.state = MessageState::Held;
        QVERIFY(stateText(message).contains(QStringLiteral("relay")));
        message.heldUntil = QDateTime(QDate(2026, 11, 30), QTime(9, 0)).toMSecsSinceEpoch();
        QVERIFY2(stateText(message).contains(QStringLiteral("30 November 2026")),
                 qPrintable(stateText(message)));
    }

    void whatIsQueuedTellsWhy() {
        const PostView full{PostState::Full, QStringLiteral("r.example:47475")};
        MessageRecord message;
        message.state = MessageState::Queued;
        QCOMPARE(stateText(message, {PostState::Ready, full.relay}), stateText(message));
        const QString text = stateText(message, full);
        QVERIFY2(text.startsWith(stateText(message)) &&
                     text.contains(QStringLiteral("r.example:47475 there is no more room")),
                 qPrintable(text));
        message.state = MessageState::Held;
        QCOMPARE(stateText(message, full), stateText(message));
    }

    void presenceSaysThatItIsOfARelay() {
        PersonView person;
        person.online = true;
        person.path = Path::Relay;
        const QDateTime now(QDate(2026, 11, 16), QTime(12, 0));
        QCOMPARE(presenceText(person, now), QStringLiteral("online via relay"));
    }

    void presenceIsTyped() {
        const QDateTime now(QDate(2026, 11, 16), QTime(12, 0));
        PersonView person;
        QCOMPARE(presenceText(person, now), QStringLiteral("offline"));
        person.online = true;
        person.presence = wire::Presence::Busy;
        person.statusText = QStringLiteral("in a meeting");
        QCOMPARE(presenceText(person, now), QStringLiteral("busy · in a meeting"));
        person.typing = true;
        QCOMPARE(presenceText(person, now), QStringLiteral("typing…"));
        person = {};
        DeviceRecord device;
        device.lastSeen = now.addSecs(-3600).toMSecsSinceEpoch();
        person.record.devices.push_back(device);
        QCOMPARE(presenceText(person, now), QStringLiteral("last seen today at 11:00"));
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::MessageTextTest)
#include "message_text_test.moc"
