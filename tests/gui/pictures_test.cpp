#include "app/views/composer.h"
#include "app/views/conversation_pane.h"
#include "app/views/doctor_report.h"
#include "app/views/drop_overlay.h"
#include "app/views/first_run_page.h"
#include "app/views/main_window.h"
#include "app/views/message_view.h"
#include "app/views/picture_dialog.h"
#include "app/views/settings_dialog.h"
#include "app/views/sidebar.h"
#include "app/views/text_dialog.h"
#include "app/views/verify_dialog.h"
#include "tests/app/models/filled_profile.h"
#include "tests/gui/dressing.h"
#include "tests/gui/gallery.h"
#include "tests/gui/picture.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QLayout>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;

}  // namespace

/// Every page in both languages, light and dark, small and large: drawn from a real profile, kept as pictures.
class PicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::prepareForPictures(); }

    void everyPageIsDrawn_data() { test::addDressings(); }
    void everyPageIsDrawn() {
        QFETCH(QString, language);
        QFETCH(bool, dark);
        test::Dressing dressing(language, dark);
        QVERIFY(dressing.isComplete());
        Theme& theme = dressing.theme();
        m_tag = QString::fromLatin1(QTest::currentDataTag());
        firstPages(theme);

        test::FilledProfile profile;
        fill(profile);
        AppModels models(profile.open().port(), profile.folder());
        {
            MainWindow window(&theme);
            QVERIFY(test::showFilled(window, models));
            keep(&window, QStringLiteral("list"));
            conversations(window, models);
            dialogs(theme, window, models, profile);
            gallery(theme);
        }
        profile.close();
    }

private:
    void keep(QWidget* widget, const QString& what) { test::keepPicture(widget, m_tag + QStringLiteral("-") + what); }

    void firstPages(Theme& theme) {
        MainWindow window(&theme);
        window.showFirstRun();
        window.firstRun()->nameField()->setText(QStringLiteral("Ada Lovelace"));
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        keep(&window, QStringLiteral("first-run"));
        window.resize(360, 480);
        keep(&window, QStringLiteral("first-run-small"));
        window.showProblem(
            stored("Landline is already running on the profile %1 (%2). Close it first, or use "
                   "another profile.")
                .arg(QStringLiteral("/data/ada/landline"), QStringLiteral("4711")),
            true);
        keep(&window, QStringLiteral("problem-small"));
        test::FilledProfile profile;
        AppModels models(profile.open().port(), profile.folder());
        window.attach(&models);
        window.resize(960, 660);
        models.self.reload();
        models.sidebar.reload();
        QTRY_VERIFY_WITH_TIMEOUT(models.sidebar.isLoaded(), kPatience);
        keep(&window, QStringLiteral("nobody"));
        profile.close();
    }

    /// A sentence of app/storage.
    static QString stored(const char* text) { return QCoreApplication::translate("Storage", text); }

    void conversations(MainWindow& window, AppModels& models) {
        open(window, models, m_grace);
        window.resize(1000, 760);
        keep(&window, QStringLiteral("chat"));
        auto* bar = window.conversation()->view()->verticalScrollBar();
        bar->setValue(bar->maximum() / 2);
        keep(&window, QStringLiteral("chat-above"));
        QTRY_VERIFY_WITH_TIMEOUT(showsPicture(window, models), kPatience);
        keep(&window, QStringLiteral("chat-pictures"));
        bar->setValue(bar->maximum());
        window.resize(1700, 900);
        keep(&window, QStringLiteral("chat-wide"));
        window.resize(1000, 760);
        select(window, models);
        keep(&window, QStringLiteral("selection"));
        QMimeData files;
        files.setUrls({QUrl::fromLocalFile(QStringLiteral("/nowhere/file"))});
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &files, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window.conversation(), &enter);
        keep(&window, QStringLiteral("drop"));
        window.conversation()->dropOverlay()->hide();
        window.resize(360, 480);
        keep(&window, QStringLiteral("chat-small"));
        window.conversation()->composer()->reply(*models.messages.lastOwnText());
        keep(&window, QStringLiteral("reply-small"));
        window.conversation()->composer()->edit(*models.messages.lastOwnText());
        keep(&window, QStringLiteral("edit-small"));
        window.conversation()->closeConversation();
        keep(&window, QStringLiteral("list-small"));
        window.resize(960, 660);
        open(window, models, m_mallory);
        window.conversation()->composer()->setText(
            QStringLiteral("One line\nand another that is long enough to wrap in most windows, ")
                .append(QStringLiteral("at least when they are small")));
        keep(&window, QStringLiteral("request"));
        open(window, models, m_empty);
        QVERIFY(models.sidebar.row(models.sidebar.rowOf(m_mallory))->draft.startsWith(u"One line and"));
        keep(&window, QStringLiteral("empty"));
        for (const auto& [person, what] :
             {std::pair(m_impostor, "impostor"), std::pair(m_blocked, "blocked")}) {
            open(window, models, person);
            keep(&window, QString(QLatin1String(what)));
        }
        models.actions.setVerified(m_empty, true);
        open(window, models, m_empty);
        QTRY_VERIFY_WITH_TIMEOUT(models.sidebar.person(m_empty)->record.verified, kPatience);
        keep(&window, QStringLiteral("verified"));
        window.notice(
            stored("The disk that holds the profile folder %1 is full. Free some space and try again.")
                .arg(QStringLiteral("/data/ada/landline")),
            true);
        window.sidebar()->searchField()->setText(QStringLiteral("the"));
        QTRY_VERIFY_WITH_TIMEOUT(!models.sidebar.isSearching(), kPatience);
        keep(&window, QStringLiteral("search-and-error"));
        window.sidebar()->searchField()->setText(QStringLiteral("xylophone"));
        QTRY_VERIFY_WITH_TIMEOUT(!models.sidebar.isSearching(), kPatience);
        keep(&window, QStringLiteral("search-nothing"));
        window.sidebar()->searchField()->clear();
        open(window, models, m_grace);
        QTest::keyClick(&window, Qt::Key_F, Qt::ControlModifier);
        QTest::keyClicks(window.sidebar()->searchField(), QStringLiteral("the"));
        QTRY_VERIFY_WITH_TIMEOUT(!models.sidebar.isSearching(), kPatience);
        QTest::keyClick(window.sidebar()->searchField(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!models.messages.isLoading(), kPatience);
        keep(&window, QStringLiteral("search-here"));
        QTest::keyClick(window.sidebar()->searchField(), Qt::Key_Escape);
    }

    /// Once the pictures have been made the newest one is in the middle.
    static bool showsPicture(MainWindow& window, AppModels& models) {
        auto* view = window.conversation()->view();
        for (int i = models.messages.rowCount() - 1; i >= 0; --i) {
            if (!pictureOf(models.messages.row(i)->message)) continue;
            view->scrollTo(models.messages.index(i), QAbstractItemView::PositionAtCenter);
            return models.pictures.running() == 0 &&
                   !models.pictures.find(models.messages.row(i)->message.ref).isNull();
        }
        return false;
    }

    /// A part of the newest message that is long enough.
    void select(MainWindow& window, AppModels& models) {
        auto* view = window.conversation()->view();
        for (int i = models.messages.rowCount() - 1; i >= 0; --i) {
            const auto& row = *models.messages.row(i);
            if (row.message.text.size() < 100) continue;
            const QRect rect = view->visualRect(models.messages.index(i));
            const auto& layout = view->messageDelegate()->layout(row, rect.width());
            const QPoint from = rect.topLeft() + layout.textAt + QPoint(60, 8);
            const QPoint to = from + QPoint(120, 20);
            QTest::mousePress(view->viewport(), Qt::LeftButton, {}, from);
            QMouseEvent move(QEvent::MouseMove, to, view->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
            QCoreApplication::sendEvent(view->viewport(), &move);
            QTest::mouseRelease(view->viewport(), Qt::LeftButton, {}, to);
            QVERIFY(!view->selectedText().isEmpty());
            return;
        }
        QFAIL("no long message");
    }

    void gallery(Theme& theme) {
        test::Gallery rows;
        QListView list;
        list.setObjectName(QStringLiteral("messages"));
        list.setFrameShape(QFrame::NoFrame);
        list.setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        MessageDelegate delegate(&theme, nullptr);
        Thumbnails pictures;
        delegate.setPictures(&pictures);
        delegate.setPeer(QStringLiteral("Grace Hopper"), true);
        list.setItemDelegate(&delegate);
        list.setModel(&rows);
        pictures.want(rows.pictures(), list.devicePixelRatioF());
        QTRY_VERIFY_WITH_TIMEOUT(pictures.running() == 0, kPatience);
        for (const int width : {340, 760}) {
            list.resize(width, 400);
            list.show();
            delegate.forgetAll();
            list.doItemsLayout();
            list.resize(width, list.visualRect(rows.index(rows.rowCount() - 1)).bottom() + 12);
            keep(&list, QStringLiteral("gallery-%1").arg(width));
        }
    }

    void dialogs(Theme& theme, MainWindow& window, AppModels& models, test::FilledProfile& profile) {
        for (const auto& [person, what] : {std::pair(m_grace, "verify"), std::pair(m_empty, "verify-done")}) {
            auto* verify = new VerifyDialog(&theme, &models, person, &window);
            verify->open();
            keep(verify, QString(QLatin1String(what)));
            verify->close();
        }
        smallDialogs(window, models);
        Preferences preferences(profile.folder());
        auto* settings = new SettingsDialog(&theme, &preferences, &models, true, &window);
        settings->open();
        keep(settings, QStringLiteral("settings"));
        settings->close();
        QImage picture(QStringLiteral(":/icons/landline.svg"));
        picture = picture.scaled(900, 500, Qt::KeepAspectRatioByExpanding);
        auto* dialog = new PictureDialog(picture, QStringLiteral("Grace Hopper"), &window);
        dialog->open();
        keep(dialog, QStringLiteral("picture"));
        dialog->close();
        doctor(theme);
        menus(window, models);
    }

    void smallDialogs(MainWindow& window, AppModels& models) {
        open(window, models, m_grace);
        Q_EMIT window.conversation()->view()->deleteWanted(*models.messages.lastOwnText());
        keepDialog(window, QStringLiteral("dialog-delete"));
        window.conversation()->composer()->setText(
            QString(static_cast<int>(limits::kTextBytes) + 1, QChar(u'x')));
        QTest::keyClick(window.conversation()->composer()->field(), Qt::Key_Return);
        keepDialog(window, QStringLiteral("dialog-too-long"));
        window.conversation()->composer()->clear();
        const QString change = QCoreApplication::translate("landline::app::Sidebar", "Change name…");
        for (auto* action : window.findChildren<QAction*>())
            if (action->text() == change) action->trigger();
        keepDialog(window, QStringLiteral("dialog-name"));
    }
    void keepDialog(MainWindow& window, const QString& what) {
        QDialog* shown = nullptr;
        for (auto* dialog : window.findChildren<QDialog*>())
            if (dialog->isVisible()) shown = dialog;
        QVERIFY2(shown, qPrintable(what));
        keep(shown, what);
        shown->reject();
    }

    void menus(MainWindow& window, AppModels& models) {
        open(window, models, m_grace);
        auto* edit = window.conversation()->composer()->field()->createStandardContextMenu();
        edit->popup(window.mapToGlobal(QPoint(20, 60)));
        keepMenu(edit, QStringLiteral("menu-edit"));
        delete edit;
        auto* view = window.conversation()->view();
        const auto last = models.messages.index(models.messages.rowCount() - 1);
        const QPoint at = view->visualRect(last).center();
        QContextMenuEvent wanted(QContextMenuEvent::Mouse, at, view->viewport()->mapToGlobal(at));
        QCoreApplication::sendEvent(view->viewport(), &wanted);
        keepMenu(QApplication::activePopupWidget(), QStringLiteral("menu-message"));
        QList<QMenu*> found;
        for (const auto* button : window.findChildren<QToolButton*>())
            if (button->menu() && button->isVisible()) found.append(button->menu());
        for (int i = 0; i < found.size(); ++i) {
            found[i]->popup(window.mapToGlobal(QPoint(20, 60)));
            keepMenu(found[i], QStringLiteral("menu-%1").arg(i));
        }
    }
    void keepMenu(QWidget* menu, const QString& what) {
        QVERIFY(menu);
        keep(menu, what);
        menu->close();
    }

    void doctor(Theme& theme) {
        DoctorReport report(&theme, nullptr);
        report.resize(480, 700);
        report.layout()->setContentsMargins(22, 20, 22, 18);
        control::Facts facts;
        facts.interfaces = {{QStringLiteral("eth0"), QStringLiteral("192.168.1.20"), false}};
        facts.port = 40123;
        facts.ownPort = control::Reach::Connected;
        facts.ownAddress = QStringLiteral("192.168.1.20");
        facts.loops = {{QStringLiteral("eth0"), true}};
        facts.devicesHeard = 2;
        facts.firewalls = {QStringLiteral("ufw")};
        facts.version = {1, 0};
        facts.nowMillis = QDateTime::currentMSecsSinceEpoch();
        facts.peer.emplace();
        facts.peer->name = QStringLiteral("Grace Hopper");
        facts.peer->address = QStringLiteral("192.168.1.31");
        facts.peer->reach = control::Reach::TimedOut;
        report.showChecks(control::diagnose(facts), {});
        report.show();
        keep(&report, QStringLiteral("doctor"));
    }

    void open(MainWindow& window, AppModels& models, const PersonId& person) {
        window.openConversation(person);
        QTRY_VERIFY_WITH_TIMEOUT(!models.messages.isLoading(), kPatience);
    }

    void fill(test::FilledProfile& profile) {
        const qint64 day = 86'400'000;
        const qint64 noon = QDateTime(QDate::currentDate(), QTime(0, 5)).toMSecsSinceEpoch();
        auto& grace = profile.meet("Grace Hopper");
        auto& mallory = profile.meet("王小明", timeline::Standing::Stranger);
        auto& quiet = profile.meet("Barbara Liskov");
        m_grace = grace.id();
        m_mallory = mallory.id();
        m_empty = quiet.id();
        auto& impostor = profile.meet("Grace Hopper", timeline::Standing::Stranger);
        m_impostor = impostor.id();
        profile.theirs(impostor, noon - 4 * day, "It's me, from my new computer");
        m_blocked = profile.meet("Trudy", timeline::Standing::Blocked).id();
        talk(profile, grace, noon - 2 * day);
        profile.theirs(mallory, noon - 3 * day, "你好，我是新来的同事");
        const char* const names[] = {
            "张伟",           "Alan Mathison Turing of Bletchley Park and Manchester",
            "李娜 (设计)",    "Émilie du Châtelet",
            "Сергей Лебедев", "🦊 fox"};
        int age = 1;
        for (const char* name : names) {
            auto& somebody = profile.meet(name);
            profile.theirs(somebody, noon - age * day, "好的，我马上看一下 the document 🚀");
            if (age % 2 == 0) profile.markRead(somebody);
            ++age;
        }
        for (int i = 0; i < 40; ++i) profile.meet("Colleague " + std::to_string(i));
    }

    void talk(test::FilledProfile& profile, test::Somebody& grace, qint64 start) {
        for (int i = 0; i < 30; ++i)
            profile.theirs(grace, start - 86'400'000 + i * 400'000,
                           "An older line, number " + std::to_string(i));
        const auto question =
            profile.theirs(grace, start, "Did you get a chance to look at the compiler notes?");
        profile.own(
            grace, start + 20'000,
            wire::Text{"Yes, read them twice. The part on subroutine libraries is excellent; I think that "
                       "we can reuse the whole linking scheme for the analytical engine, with two changes.",
                       question});
        const auto agreed = profile.theirs(grace, start + 90'000,
                                           "Agreed. 设计文档在这里: https://example.org/docs ，请看第三章。");
        profile.own(grace, start + 95'000, wire::Reaction{agreed, "👍", false});
        profile.own(grace, start + 99'000, "收到，谢谢！");
        wire::FileOffer offer;
        offer.transfer = wire::TransferId(std::array<std::uint8_t, 16>{1});
        offer.name = "照片 2026.zip";
        offer.size = 48'000'000;
        profile.theirs(grace, start + 120'000, offer);
        const QString photo = profile.folder() + QStringLiteral("/Analytical engine.jpg");
        test::Gallery::drawn({1600, 1000}).save(photo);
        profile.fetched(grace, start + 130'000, photo);
        profile.offered(grace, start + 140'000, photo);
        profile.theirs(grace, start + 86'400'000, "🎉");
        profile.acknowledge(grace, 6, 5);
        profile.own(grace, start + 86'500'000, "See you at five?");
        profile.own(grace, start + 86'501'000, "I'm bringing the cards.");
        profile.theirs(grace, start + 86'560'000, "Good.");
        profile.theirs(grace, start + 86'580'000, "Third floor, the room with the large window.");
        profile.own(grace, start + 86'600'000, "Found it 👍");
        profile.markRead(grace);
    }

    QString m_tag;
    PersonId m_grace;
    PersonId m_mallory;
    PersonId m_empty;
    PersonId m_impostor;
    PersonId m_blocked;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::PicturesTest)
#include "pictures_test.moc"
