#include "app/messenger/relay_text.h"
#include "app/views/contact_link_dialog.h"
#include "app/views/conversation_pane.h"
#include "app/views/link_opener.h"
#include "app/views/main_window.h"
#include "app/views/people_dialog.h"
#include "app/views/relay_settings.h"
#include "app/views/settings_dialog.h"
#include "app/views/text_dialog.h"
#include "tests/app/models/filled_profile.h"
#include "tests/gui/dressing.h"
#include "tests/gui/picture.h"

#include <QCheckBox>
#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSemaphore>
#include <QToolButton>

#include <algorithm>

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
            people(dressing.theme(), window, models);
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
        add(models);
        const auto isShown = [](const QToolButton* remove) { return remove->isVisible(); };
        const auto rows = page->findChildren<QToolButton*>();
        QTRY_VERIFY_WITH_TIMEOUT(std::all_of(rows.begin(), rows.end(), isShown), kPatience);
        tell(models, *page, standing(models.relays.relays()));
        keep(dialog, QStringLiteral("relays"));
        tell(models, *page, listed(models.relays.relays()));
        keep(dialog, QStringLiteral("relays-listed"));
        page->field()->setText(url('F', QStringLiteral("one.too.many:1")));
        QTest::keyClick(page->field(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!page->refusal().isEmpty(), kPatience);
        dialog->resize(340, 480);
        keep(dialog, QStringLiteral("relays-too-many"));
        dialog->close();
    }

    /// As many as there may be.
    void add(AppModels& models) {
        const std::pair<char, QString> all[] = {
            {'A', QStringLiteral("relay.example.org:47475")},
            {'B', QStringLiteral("[2001:db8::47]:47475")},
            {'C', QStringLiteral("a-relay-with-a-rather-long-name.department.example.com:47475")},
            {'D', QStringLiteral("10.0.0.7:4711")}};
        for (const auto& [key, address] : all) models.relays.add(url(key, address));
        QTRY_COMPARE_WITH_TIMEOUT(models.relays.relays().size(), 4U, kPatience);
    }

    /// One that is connected, and each way not to be.
    static std::vector<RelayView> standing(std::vector<RelayView> relays) {
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
        return relays;
    }

    /// One that is being dialled, one that takes nothing, and each way to stand in a directory.
    static std::vector<RelayView> listed(std::vector<RelayView> relays) {
        for (RelayView& relay : relays) {
            relay.state = RelayState::Connected;
            relay.hasDirectory = true;
            relay.reason.reset();
            relay.text.clear();
        }
        relays[0].listing = Listing::Listed;
        relays[1].listing = Listing::Asked;
        relays[1].reason = wire::relay::Reason::Storage;
        relays[1].text = QStringLiteral("The disk is full.");
        relays[2].listing = Listing::Ending;
        relays[3].state = RelayState::Connecting;
        relays[3].listing = Listing::Asked;
        relays[3].hasDirectory = false;
        return relays;
    }

    /// Told by the messenger, and shown.
    void tell(AppModels& models, RelaySettings& page, const std::vector<RelayView>& relays) {
        for (const RelayView& relay : relays) Q_EMIT models.port.messenger()->relayChanged(relay);
        QTRY_VERIFY_WITH_TIMEOUT(models.relays.relays() == relays, kPatience);
        for (const RelayView& relay : relays) expectRow(page, relay);
    }

    void expectRow(RelaySettings& page, const RelayView& relay) {
        const QWidget* row = nullptr;
        for (const auto* remove : page.findChildren<QToolButton*>())
            if (remove->accessibleName().contains(relay.address)) row = remove->parentWidget();
        QVERIFY2(row, qPrintable(relay.address));
        QStringList texts;
        for (const auto* label : row->findChildren<QLabel*>())
            if (label->isVisible()) texts.push_back(label->text());
        QVERIFY2(texts.contains(relayStateText(relay, QDateTime::currentMSecsSinceEpoch())), qPrintable(relay.address));
        const QString trouble = relayTrouble(relay);
        const bool isWell = relay.state == RelayState::Connecting || relay.state == RelayState::Connected;
        QCOMPARE(trouble.isEmpty(), isWell && relay.text.isEmpty());
        QVERIFY2(trouble.isEmpty() || texts.contains(trouble), qPrintable(relay.address));
        const auto* const box = row->findChild<QCheckBox*>();
        const bool isListed = relay.listing == Listing::Asked || relay.listing == Listing::Listed;
        QCOMPARE(box->isVisible(), relay.hasDirectory || isListed);
        QCOMPARE(box->isChecked(), isListed);
    }

    /// As long as the store waits, nothing but the test tells the dialog what is listed.
    void people(Theme& theme, MainWindow& window, AppModels& models) {
        const RelayView relay = models.relays.relays().front();
        QSemaphore holdsUp;
        const auto hold = [&] {
            models.port.call(this, [&holdsUp](Messenger&) { return holdsUp.tryAcquire(1, kPatience); }, [](bool) {});
        };
        hold();
        auto* const dialog = new PeopleDialog(&theme, &models, relay, &window);
        dialog->open();
        keep(dialog, QStringLiteral("people-loading"));
        const auto tell = [&](const ListedPeople& found, const QString& what) {
            Q_EMIT models.port.messenger()->relayBrowsed(relay.key, found);
            keep(dialog, what);
            holdsUp.release();
            // What the store says to it has come, and is passed over.
            int answers = 0;
            models.port.call(this, [](Messenger&) { return true; }, [&answers](bool) { ++answers; });
            QTRY_COMPARE_WITH_TIMEOUT(answers, 1, kPatience);
            hold();
            QTest::keyClick(dialog, Qt::Key_F5);
        };
        tell({}, QStringLiteral("people-none"));
        ListedPeople refused;
        refused.error = Error{ErrorCode::Unreachable,
                              "The relay was asked for too much in a short time. Wait a minute, then try again."};
        tell(refused, QStringLiteral("people-error"));
        tell(listed(models, 0), QStringLiteral("people-few"));
        tell(refused, QStringLiteral("people-error-later"));
        ListedPeople many = listed(models, 60);
        many.areMore = true;
        tell(many, QStringLiteral("people-many"));
        QTest::keyClicks(dialog->field(), QStringLiteral("a"));
        QTest::mouseMove(dialog->list()->viewport(), dialog->buttonOf(1).center());
        keep(dialog, QStringLiteral("people-search"));
        QTest::keyClicks(dialog->field(), QStringLiteral("zz"));
        dialog->resize(320, 400);
        keep(dialog, QStringLiteral("people-not-found"));
        dialog->field()->clear();
        keep(dialog, QStringLiteral("people-small"));
        holdsUp.release();
        dialog->close();
    }

    /// The only contact there is, others, one by the name of the contact, and `count` more.
    static ListedPeople listed(const AppModels& models, int count) {
        landline::test::SeededRandom random(11);
        ListedPeople found;
        const auto add = [&](const QString& name) {
            const test::Somebody one(name.toStdString(), random);
            found.people.push_back({one.id(), one.certificate().device(), name, {}});
        };
        for (const auto& [id, person] : models.sidebar.people())
            if (!person.record.self) found.people.push_back({id, person.record.devices.front().id, person.record.name, {}, true});
        for (const QString& name :
             {QStringLiteral("Grace Hopper"), QStringLiteral("张伟"), QStringLiteral("🦊 Fox"), QStringLiteral("Emmy Noether"),
              QStringLiteral("A person with a name as long as names may be, and some more")})
            add(name);
        for (int i = 1; i <= count; ++i) add(QStringLiteral("Desk %1").arg(i));
        return found;
    }

    void questions(MainWindow& window, AppModels& models) {
        LinkOpener links(&models, &window);
        links.open(url('E', QStringLiteral("relay.example.org:47475")));
        keepDialog<ConfirmDialog>(window, QStringLiteral("relay-question"));
        links.open(QStringLiteral("landline://nonsense"));
        keepDialog<NoticeDialog>(window, QStringLiteral("link-refused"));
        keepLink(models, window, QStringLiteral("contact-link"));
        // One with a relay in it can be exchanged.
        test::FilledProfile other(QStringLiteral("张伟"));
        other.useRelay();
        AppModels others(other.open().port(), other.folder());
        const QString link = keepLink(others, window, QStringLiteral("contact-link-relay"));
        links.open(link);
        keepDialog<ConfirmDialog>(window, QStringLiteral("contact-question"));
        other.close();
    }

    QString keepLink(AppModels& models, MainWindow& window, const QString& what) {
        ContactLinkDialog dialog(&models, &window);
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        dialog.open();
        if (!QTest::qWaitFor([&dialog] { return !dialog.link().isEmpty(); }, kPatience)) qFatal("no link");
        keep(&dialog, what);
        if (auto* const another = dialog.findChild<QPushButton*>(QStringLiteral("another")); another->isVisible()) {
            another->click();
            keepDialog<ConfirmDialog>(window, what + QStringLiteral("-question"));
        }
        return dialog.link();
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
