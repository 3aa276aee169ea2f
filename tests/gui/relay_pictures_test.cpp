#include "app/views/contact_link_dialog.h"
#include "app/views/conversation_pane.h"
#include "app/views/link_opener.h"
#include "app/views/main_window.h"
#include "app/views/relay_settings.h"
#include "app/views/settings_dialog.h"
#include "app/views/text_dialog.h"
#include "tests/app/models/filled_profile.h"
#include "tests/gui/dressing.h"
#include "tests/gui/picture.h"

#include <QDateTime>
#include <QLineEdit>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;

QString url(char key, const QString& address) {
    return QStringLiteral("landline://") + address + u'/' + QString(42, QLatin1Char(key)) + u'A';
}

}  // namespace

/// Relays in every state, the questions about them, and what a conversation shows of them: from a real profile, in both
/// languages, light and dark, small and large.
class RelayPicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::prepareForPictures(); }

    void everyStateIsDrawn_data() { test::addDressings(); }
    void everyStateIsDrawn() {
        QFETCH(QString, language);
        QFETCH(bool, dark);
        test::Dressing dressing(language, dark);
        QVERIFY(dressing.isComplete());
        m_tag = QString::fromLatin1(QTest::currentDataTag());
        test::FilledProfile profile;
        auto& grace = profile.meet("Grace Hopper");
        const qint64 noon = QDateTime(QDate::currentDate(), QTime(0, 5)).toMSecsSinceEpoch();
        profile.theirs(grace, noon, "I'm off to the mountains until Sunday.");
        profile.own(grace, noon + 60'000, "Have a good time! The figures are nearly done.");
        AppModels models(profile.open().port(), profile.folder());
        {
            MainWindow window(&dressing.theme());
            QVERIFY(test::showFilled(window, models));
            conversation(window, models, grace.id());
            settings(dressing.theme(), window, models, profile);
            questions(window, models);
        }
        profile.close();
    }

private:
    void keep(QWidget* widget, const QString& what) { test::keepPicture(widget, m_tag + QStringLiteral("-") + what); }

    /// What the messenger tells of somebody who is online at a relay, and of a message that is held there.
    void conversation(MainWindow& window, AppModels& models, const PersonId& grace) {
        window.openConversation(grace);
        QTRY_VERIFY_WITH_TIMEOUT(models.messages.rowCount() == 2, kPatience);
        // What is told of having read it must not come behind what is told below.
        QTRY_VERIFY_WITH_TIMEOUT(models.sidebar.person(grace)->unread == 0, kPatience);
        auto* const messenger = models.port.messenger();
        MessageRecord message = models.messages.row(1)->message;
        message.state = MessageState::Held;
        message.heldUntil = message.time + 14LL * 86'400'000;
        Q_EMIT messenger->messageChanged(message);
        PersonView person = *models.sidebar.person(grace);
        person.online = true;
        person.path = Path::Relay;
        person.last = message;
        Q_EMIT messenger->personChanged(person);
        QTRY_VERIFY_WITH_TIMEOUT(models.sidebar.person(grace)->path == Path::Relay, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(models.messages.row(1)->message.state == MessageState::Held, kPatience);
        keep(&window, QStringLiteral("relay-chat"));
        window.resize(360, 480);
        keep(&window, QStringLiteral("relay-chat-small"));
        window.resize(960, 660);
    }

    void settings(Theme& theme, MainWindow& window, AppModels& models, test::FilledProfile& profile) {
        Preferences preferences(profile.folder());
        auto* dialog = new SettingsDialog(&theme, &preferences, &models, true, &window);
        dialog->showPage(SettingsDialog::Relays);
        dialog->open();
        keep(dialog, QStringLiteral("relays-none"));
        auto* const page = dialog->findChild<RelaySettings*>();
        page->field()->setText(QStringLiteral("relay.example.org"));
        QTest::keyClick(page->field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!page->refusal().isEmpty(), kPatience);
        keep(dialog, QStringLiteral("relays-refused"));
        page->field()->clear();
        fill(models);
        keep(dialog, QStringLiteral("relays"));
        page->field()->setText(url('F', QStringLiteral("one.too.many:1")));
        QTest::keyClick(page->field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!page->refusal().isEmpty(), kPatience);
        dialog->resize(340, 480);
        keep(dialog, QStringLiteral("relays-too-many"));
        dialog->close();
    }

    void fill(AppModels& models) {
        const std::pair<char, QString> all[] = {
            {'A', QStringLiteral("relay.example.org:47475")},
            {'B', QStringLiteral("[2001:db8::47]:47475")},
            {'C', QStringLiteral("a-relay-with-a-rather-long-name.department.example.com:47475")},
            {'D', QStringLiteral("10.0.0.7:4711")}};
        for (const auto& [key, address] : all) models.relays.add(url(key, address));
        QTRY_COMPARE_WITH_TIMEOUT(models.relays.relays().size(), 4U, kPatience);
        auto* const messenger = models.port.messenger();
        std::vector<RelayView> relays = models.relays.relays();
        relays[0].state = RelayState::Connected;
        relays[0].hasDirectory = true;
        relays[0].used = 1'240'000;
        relays[0].quota = 50'000'000;
        relays[1].state = RelayState::Waiting;
        relays[1].code = ErrorCode::Unreachable;
        relays[1].again = QDateTime::currentMSecsSinceEpoch() + 300'000;
        relays[2].state = RelayState::ShutOut;
        relays[2].reason = wire::relay::Reason::InviteUsed;
        relays[3].state = RelayState::WrongKey;
        relays[3].code = ErrorCode::WrongKey;
        relays[3].text =
            QCoreApplication::translate(
                "landline::app::Messenger",
                "At %1, where the relay %2 should be, another key answers. Either the relay was set up anew, "
                "or "
                "somebody stands in its place. It was told nothing. Ask the relay's operator; if the relay "
                "has a new key, remove it here and add it by its new URL.")
                .arg(QStringLiteral("10.0.0.7"), relays[3].address);
        for (const RelayView& relay : relays) Q_EMIT messenger->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(models.relays.relays()[3].state == RelayState::WrongKey, kPatience);
    }

    void questions(MainWindow& window, AppModels& models) {
        LinkOpener links(&models, &window);
        links.open(url('E', QStringLiteral("relay.example.org:47475")));
        keepDialog<ConfirmDialog>(window, QStringLiteral("relay-question"));
        links.open(QStringLiteral("landline://nonsense"));
        keepDialog<NoticeDialog>(window, QStringLiteral("link-refused"));
        test::FilledProfile other(QStringLiteral("张伟"));
        QString link;
        other.open().port().call(
            this, [](Messenger& messenger) { return messenger.contactLink(); },
            [&link](const QString& text) { link = text; });
        QTRY_VERIFY_WITH_TIMEOUT(!link.isEmpty(), kPatience);
        links.open(link);
        keepDialog<ConfirmDialog>(window, QStringLiteral("contact-question"));
        other.close();
        auto* const own = new ContactLinkDialog(&models, &window);
        own->open();
        QTRY_VERIFY_WITH_TIMEOUT(!own->link().isEmpty(), kPatience);
        keep(own, QStringLiteral("contact-link"));
        own->close();
    }

    template <class Dialog>
    void keepDialog(MainWindow& window, const QString& what) {
        Dialog* shown = nullptr;
        for (auto* dialog : window.findChildren<Dialog*>())
            if (dialog->isVisible()) shown = dialog;
        QVERIFY2(shown, qPrintable(what));
        keep(shown, what);
        shown->reject();
    }

    QString m_tag;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::RelayPicturesTest)
#include "relay_pictures_test.moc"
