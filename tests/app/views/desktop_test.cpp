#include "app/views/desktop.h"

#include "app/control/control_client.h"
#include "app/storage/profile.h"
#include "app/views/banner.h"
#include "app/views/first_run_page.h"
#include "app/views/language.h"
#include "app/views/main_window.h"
#include "app/views/settings_dialog.h"
#include "app/views/text_dialog.h"

#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>

namespace landline::app {

namespace {
constexpr int kPatience = 10000;
const QString kRelay = QStringLiteral("landline://127.0.0.1:9/") + QString(43, u'A');
}  // namespace

class DesktopTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void firstRunAsksForANameAndNothingElse() {
        QTemporaryDir folder;
        const QString profile = folder.filePath(QStringLiteral("profile"));
        Desktop desktop(optionsFor(profile));
        desktop.start();
        auto* page = desktop.window()->firstRun();
        QVERIFY(page->isVisible());
        QCOMPARE(page->findChildren<QLineEdit*>().size(), 1);
        QVERIFY(!Profile::exists(profile));
        page->nameField()->clear();
        QTest::keyClick(page->nameField(), Qt::Key_Return);
        QVERIFY(!Profile::exists(profile));
        QTest::keyClicks(page->nameField(), QStringLiteral("Ada"));
        QSignalSpy opened(&desktop, &Desktop::opened);
        QTest::keyClick(page->nameField(), Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QVERIFY(Profile::exists(profile));
        QVERIFY(!page->isVisible());
        QTRY_COMPARE_WITH_TIMEOUT(desktop.models()->self.self().name, QStringLiteral("Ada"), kPatience);
    }

    void theWindowIsShownBeforeTheProfileIsOpened() {
        QTemporaryDir folder;
        const QString profile = made(folder);
        Desktop desktop(optionsFor(profile));
        QSignalSpy opened(&desktop, &Desktop::opened);
        desktop.start();
        QVERIFY(desktop.window()->isVisible());
        QCOMPARE(opened.size(), 0);
        QVERIFY(opened.wait(kPatience));
    }

    void aSecondProgramOnTheProfileIsToldWhy() {
        QTemporaryDir folder;
        const QString profile = made(folder);
        Desktop first(optionsFor(profile));
        QSignalSpy opened(&first, &Desktop::opened);
        first.start();
        QVERIFY(opened.wait(kPatience));
        auto second = std::make_unique<Desktop>(optionsFor(profile));
        second->start();
        QTRY_VERIFY_WITH_TIMEOUT(second->window()->problemPage()->isVisible(), kPatience);
        QVERIFY(!second->runtime());
    }

    void chineseIsWhole() {
        QTranslator translator;
        QVERIFY(translator.load(QLocale(QStringLiteral("zh_CN")), QStringLiteral("landline"),
                                QStringLiteral("_"), QStringLiteral(":/i18n")));
        QVERIFY(QCoreApplication::installTranslator(&translator));
        QTemporaryDir folder;
        Desktop desktop(optionsFor(folder.filePath(QStringLiteral("new"))));
        desktop.start();
        const auto buttons = desktop.window()->firstRun()->findChildren<QPushButton*>();
        QCOMPARE(buttons.size(), 1);
        QCOMPARE(buttons.front()->text(), QStringLiteral("开始"));
        QCoreApplication::removeTranslator(&translator);
    }

    void theColourSchemeIsTheOneAskedFor() {
        QTemporaryDir folder;
        auto options = optionsFor(folder.filePath(QStringLiteral("new")));
        options.colorScheme = QStringLiteral("dark");
        Desktop dark(options);
        QVERIFY(dark.theme()->isDark());
        QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 100);
        options.colorScheme = QStringLiteral("light");
        Desktop light(options);
        QVERIFY(!light.theme()->isDark());
    }

    void aLinkIsOpenedOnceTheProfileIs() {
        QTemporaryDir folder;
        auto options = optionsFor(made(folder));
        options.link = kRelay;
        Desktop desktop(options);
        desktop.start();
        QTRY_VERIFY_WITH_TIMEOUT(questionOf(desktop), kPatience);
        QVERIFY(desktop.models()->relays.relays().empty());
        questionOf(desktop)->accept();
        QTRY_COMPARE_WITH_TIMEOUT(desktop.models()->relays.relays().size(), 1U, kPatience);
        auto* const settings = desktop.window()->findChild<SettingsDialog*>();
        QVERIFY(settings && settings->isVisible());
        QCOMPARE(settings->pages()->currentIndex(), int(SettingsDialog::Relays));
    }

    void aSecondProgramHandsItsLinkOver() {
        QTemporaryDir folder;
        const QString profile = made(folder);
        Desktop desktop(optionsFor(profile));
        QSignalSpy opened(&desktop, &Desktop::opened);
        desktop.start();
        QVERIFY(opened.wait(kPatience));
        control::ControlClient client;
        QVERIFY(client.connectTo(profile, std::chrono::milliseconds(kPatience)));
        QSignalSpy answered(&client, &control::ControlClient::line);
        client.send({{QStringLiteral("do"), QStringLiteral("open")}, {QStringLiteral("link"), kRelay}});
        QVERIFY(answered.wait(kPatience));
        QVERIFY(questionOf(desktop));
        questionOf(desktop)->reject();
        QVERIFY(desktop.models()->relays.relays().empty());
    }

    void aRelayThatShutsOutIsTold() {
        QTemporaryDir folder;
        Desktop desktop(optionsFor(made(folder)));
        QSignalSpy opened(&desktop, &Desktop::opened);
        desktop.start();
        QVERIFY(opened.wait(kPatience));
        desktop.models()->relays.add(kRelay);
        QTRY_COMPARE_WITH_TIMEOUT(desktop.models()->relays.relays().size(), 1U, kPatience);
        RelayView relay = desktop.models()->relays.relays().front();
        relay.state = RelayState::ShutOut;
        relay.reason = wire::relay::Reason::Revoked;
        Q_EMIT desktop.runtime()->port().messenger()->relayChanged(relay);
        const auto* const banner = desktop.window()->findChild<Banner*>();
        QTRY_VERIFY_WITH_TIMEOUT(banner->text().contains(QStringLiteral("shut this device out")), kPatience);
        QVERIFY(banner->isVisible() && banner->text().contains(relay.address));
    }

    void withoutATrayClosingTheWindowQuits() {
        QTemporaryDir folder;
        Desktop desktop(optionsFor(made(folder)));
        QSignalSpy opened(&desktop, &Desktop::opened);
        desktop.start();
        QVERIFY(opened.wait(kPatience));
        QSignalSpy quit(qApp, &QCoreApplication::aboutToQuit);
        QTimer::singleShot(0, desktop.window(), &QWidget::close);
        QApplication::exec();
        QCOMPARE(quit.size(), 1);
    }

private:
    static ConfirmDialog* questionOf(const Desktop& desktop) {
        for (auto* dialog : desktop.window()->findChildren<ConfirmDialog*>())
            if (dialog->isVisible()) return dialog;
        return nullptr;
    }
    static DesktopOptions optionsFor(const QString& profile) {
        DesktopOptions options;
        options.runtime.profile = profile;
        options.runtime.node.discovery = false;
        return options;
    }
    static QString made(const QTemporaryDir& folder) {
        const QString profile = folder.filePath(QStringLiteral("profile"));
        if (!Profile::create(profile, QStringLiteral("Ada")).ok()) qFatal("no profile");
        return profile;
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::DesktopTest)
#include "desktop_test.moc"
