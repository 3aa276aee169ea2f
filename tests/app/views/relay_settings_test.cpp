#include "app/views/relay_settings.h"

#include "app/views/link_opener.h"
#include "app/views/plain_text.h"
#include "app/views/settings_dialog.h"
#include "app/views/text_dialog.h"
#include "p2p/identity/contact_link.h"
#include "tests/app/views/filled_window.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QTabBar>
#include <QTextDocument>
#include <QToolButton>

namespace landline::app {

namespace {

QString url(char key, const QString& host = QStringLiteral("relay.example:47475")) {
    return QStringLiteral("landline://") + host + u'/' + QString(42, QLatin1Char(key)) + u'A';
}

}  // namespace

class RelaySettingsTest : public test::FilledWindow {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        FilledWindow::init();
        m_preferences = std::make_unique<Preferences>(m_profile->folder());
        m_dialog =
            new SettingsDialog(m_theme.get(), m_preferences.get(), m_models.get(), false, m_window.get());
        m_dialog->showPage(SettingsDialog::Relays);
        m_dialog->open();
        m_page = m_dialog->findChild<RelaySettings*>();
        QVERIFY(m_page && m_page->isVisible());
    }
    void cleanup() {
        m_dialog->close();
        FilledWindow::cleanup();
        m_preferences.reset();
    }

    void saysThatThereIsNone() {
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("None yet")), test::kPatience);
        QVERIFY(!button(QStringLiteral("Add"))->isEnabled());
    }

    void enterAddsAndKeepsTheDialogOpen() {
        QTest::keyClicks(m_page->field(), url('A'));
        QTest::keyClick(m_page->field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("relay.example:47475")), test::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(m_page->field()->text().isEmpty(), test::kPatience);
        QVERIFY(m_dialog->isVisible());
        QCOMPARE(m_page->refusal(), QString());
        QCOMPARE(m_models->relays.relays().size(), 1U);
        // The same relay by another name is the same relay.
        m_page->field()->setText(url('A', QStringLiteral("other.example:1")));
        QTest::mouseClick(button(QStringLiteral("Add")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("other.example:1")), test::kPatience);
        QCOMPARE(m_models->relays.relays().size(), 1U);
    }

    void saysWhatIsWrongWithAnAddress() {
        m_page->field()->setText(QStringLiteral("  relay.example "));
        QTest::keyClick(m_page->field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m_page->refusal().contains(QStringLiteral("landline://")), test::kPatience);
        QVERIFY(m_dialog->isVisible());
        QVERIFY(!m_page->field()->text().isEmpty());
        QTest::keyClicks(m_page->field(), QStringLiteral("x"));
        QCOMPARE(m_page->refusal(), QString());
    }

    void removesAfterAQuestion() {
        add(url('A'));
        const auto press = [this] {
            QTest::mouseClick(m_page->findChild<QToolButton*>(), Qt::LeftButton);
            return question();
        };
        press()->reject();
        QCOMPARE(m_models->relays.relays().size(), 1U);
        press()->accept();
        QTRY_VERIFY_WITH_TIMEOUT(m_models->relays.relays().empty(), test::kPatience);
        QVERIFY(shows(QStringLiteral("None yet")));
    }

    void showsHowEachStands() {
        add(url('A'));
        RelayView relay = m_models->relays.relays().front();
        auto* const messenger = m_models->port.messenger();
        relay.state = RelayState::Connected;
        relay.used = 1'500'000;
        relay.quota = 50'000'000;
        Q_EMIT messenger->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("Connected · 1.5 MB of 50 MB in use")),
                                 test::kPatience);
        relay.state = RelayState::ShutOut;
        relay.reason = wire::relay::Reason::InviteUsed;
        relay.text = QStringLiteral("whatever");
        Q_EMIT messenger->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("used up")), test::kPatience);
        QVERIFY(!shows(QStringLiteral("whatever")));
        Q_EMIT messenger->relayRemoved(relay.key);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("None yet")), test::kPatience);
    }

    void hasOneFoundWhereThereIsADirectory() {
        add(url('A'));
        RelayView relay = m_models->relays.relays().front();
        auto* const messenger = m_models->port.messenger();
        auto* const box = m_page->findChild<QCheckBox*>();
        QVERIFY(box && !box->isVisible());
        relay.hasDirectory = true;
        Q_EMIT messenger->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(box->isVisible(), test::kPatience);
        QVERIFY(!box->isChecked());
        for (const Listing wished : {Listing::Asked, Listing::Ending}) {
            box->click();
            QTRY_VERIFY_WITH_TIMEOUT(m_models->relays.relays().front().listing == wished, test::kPatience);
            QCOMPARE(box->isChecked(), wished == Listing::Asked);
            // As it is, the store's relay has not been heard yet.
            relay = m_models->relays.relays().front();
            relay.hasDirectory = true;
            Q_EMIT messenger->relayChanged(relay);
            QTRY_VERIFY_WITH_TIMEOUT(box->isVisible(), test::kPatience);
        }
    }

    /// One that is off is told of at each attempt.
    void newsLeaveARowWhatSomebodyDoesThere() {
        QVERIFY(isLoaded());
        RelayView relay = waiting();
        auto* const messenger = m_models->port.messenger();
        Q_EMIT messenger->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("did not answer")), test::kPatience);
        const QPointer<QToolButton> remove = m_page->findChild<QToolButton*>();
        const QPointer<QLabel> why = labelWith(QStringLiteral("did not answer"));
        remove->setFocus();
        why->setSelection(0, 5);
        QTest::mousePress(remove, Qt::LeftButton);
        relay.again += 60'000;
        Q_EMIT messenger->relayChanged(relay);
        // A second one comes, and goes.
        RelayView other = waiting('D');
        Q_EMIT messenger->relayChanged(other);
        Q_EMIT messenger->relayRemoved(other.key);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QVERIFY(remove && why);
        QVERIFY(remove->hasFocus());
        QVERIFY(why->hasSelectedText());
        QTest::mouseRelease(remove, Qt::LeftButton);
        question()->reject();
        QCOMPARE(m_page->findChildren<QToolButton*>().size(), 1);
    }

    void whatIsTypedStaysWhereALinkAddsAnother() {
        m_page->field()->setText(QStringLiteral("landline://rel"));
        LinkOpener links(m_models.get(), m_window.get());
        QSignalSpy added(&m_models->relays, &RelayList::added);
        links.open(url('B'));
        question()->accept();
        QTRY_COMPARE_WITH_TIMEOUT(added.size(), 1, test::kPatience);
        QCOMPARE(m_page->field()->text(), QStringLiteral("landline://rel"));
    }

    void theTimeOfTheNextTryGoesOnceItIsOver() {
        QVERIFY(isLoaded());
        RelayView relay = waiting();
        relay.again = QDateTime::currentMSecsSinceEpoch() + 1000;
        Q_EMIT m_models->port.messenger()->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("Not connected")), test::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!shows(QStringLiteral("next try at")), test::kPatience);
        QVERIFY(shows(QStringLiteral("Not connected")));
    }

    void tellsWhenItIsTriedAgain() {
        RelayView relay;
        relay.state = RelayState::Waiting;
        const qint64 now = QDateTime(QDate(2026, 3, 20), QTime(9, 41)).toMSecsSinceEpoch();
        QCOMPARE(relayStateText(relay, now), QStringLiteral("Not connected"));
        relay.again = now + 60'000;
        QVERIFY(relayStateText(relay, now).startsWith(QStringLiteral("Not connected · next try at ")));
    }

    void aLinkIsOpenedAfterAQuestion() {
        LinkOpener links(m_models.get(), m_window.get());
        QSignalSpy added(&links, &LinkOpener::relayAdded);
        links.open(url('B'));
        question()->reject();
        QCOMPARE(added.size(), 0);
        links.open(QString(u' ' + url('B') + u'\n'));
        question()->accept();
        QCOMPARE(added.size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->relays.relays().size(), 1U, test::kPatience);
        links.open(QStringLiteral("landline://nonsense"));
        auto* const notice = shown<NoticeDialog>();
        QVERIFY(notice);
        notice->accept();
    }

    /// The question is what protects from a link of somebody else's.
    void aNameInALinkIsNoMarkup() {
        const QString name = QStringLiteral("Ann<br><small>verified</small>");
        test::FilledProfile other(QStringLiteral("Ann"));
        auto link = identity::parseContactLink(linkOf(other).toStdString()).value();
        link.name = name.toStdString();
        LinkOpener links(m_models.get(), m_window.get());
        links.open(QString::fromStdString(identity::encodeContactLink(link)));
        int shown = 0;
        for (const auto* label : question()->findChildren<QLabel*>()) {
            QCOMPARE(label->textFormat(), Qt::PlainText);
            shown += label->text().contains(name);
        }
        QCOMPARE(shown, 2);
        question()->reject();
        other.close();
    }

    void aToolTipIsNoMarkup() {
        for (const QString& text : {QStringLiteral("R&D <b>bold</b>"), QStringLiteral("<img src=\"/a.png\">"),
                                    QStringLiteral("a &lt;b&gt; c"), QStringLiteral("R&D"), QString()}) {
            const QString tip = plainTip(text);
            QTextDocument shown;
            if (Qt::mightBeRichText(tip))
                shown.setHtml(tip);
            else
                shown.setPlainText(tip);
            QCOMPARE(shown.toPlainText(), text);
        }
    }

    void aContactLinkOpensTheConversation() {
        test::FilledProfile other(QStringLiteral("Grete Hermann"));
        const QString link = linkOf(other);
        LinkOpener links(m_models.get(), m_window.get());
        connect(&links, &LinkOpener::personAdded, m_window.get(), &MainWindow::openConversation);
        links.open(link);
        QVERIFY(question()->windowTitle().contains(QStringLiteral("Grete Hermann")));
        question()->accept();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->openPerson() == other.self(), test::kPatience);
        QCOMPARE(m_models->sidebar.person(other.self())->record.standing, timeline::Standing::Accepted);
        other.close();
    }

private:
    static QString linkOf(test::FilledProfile& other) {
        QObject here;
        QString link;
        other.open().port().call(
            &here, [](Messenger& messenger) { return messenger.contactLink(); },
            [&link](const QString& text) { link = text; });
        if (!QTest::qWaitFor([&link] { return !link.isEmpty(); }, test::kPatience)) qFatal("no link");
        return link;
    }
    template <class Dialog>
    Dialog* shown() {
        for (auto* dialog : m_window->findChildren<Dialog*>())
            if (dialog->isVisible()) return dialog;
        return nullptr;
    }
    ConfirmDialog* question() {
        auto* const dialog = shown<ConfirmDialog>();
        if (!dialog) qFatal("no question");
        return dialog;
    }
    void add(const QString& address) {
        m_page->field()->setText(address);
        QTest::keyClick(m_page->field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->relays.relays().size(), 1U, test::kPatience);
    }
    /// What the page asked for at first has come: it would take the place of what a test tells.
    bool isLoaded() {
        bool isAnswered = false;
        m_models->port.call(
            this, [](Messenger& messenger) { return messenger.relays(); },
            [&isAnswered](const std::vector<RelayView>&) { isAnswered = true; });
        return QTest::qWaitFor([&isAnswered] { return isAnswered; }, test::kPatience);
    }
    /// One that nobody dials.
    static RelayView waiting(char key = 'C') {
        const auto parsed = identity::parseRelayUrl(url(key).toStdString()).value();
        RelayView relay = viewOf(RelayRecord{parsed});
        relay.state = RelayState::Waiting;
        relay.text = QStringLiteral("It did not answer.");
        relay.again = QDateTime::currentMSecsSinceEpoch() + 3'600'000;
        return relay;
    }
    QLabel* labelWith(const QString& text) {
        for (auto* label : m_page->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(text)) return label;
        return nullptr;
    }
    bool shows(const QString& text) { return labelWith(text) != nullptr; }
    QPushButton* button(const QString& text) {
        for (auto* found : m_page->findChildren<QPushButton*>())
            if (found->text() == text) return found;
        return nullptr;
    }

    std::unique_ptr<Preferences> m_preferences;
    SettingsDialog* m_dialog = nullptr;
    RelaySettings* m_page = nullptr;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::RelaySettingsTest)
#include "relay_settings_test.moc"
