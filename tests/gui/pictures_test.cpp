#include "app/views/composer.h"
#include "app/views/conversation_pane.h"
#include "app/views/first_run_page.h"
#include "app/views/main_window.h"
#include "app/views/message_view.h"
#include "app/views/settings_dialog.h"
#include "app/views/sidebar.h"
#include "app/views/verify_dialog.h"
#include "tests/app/models/filled_profile.h"
#include "tests/gui/picture.h"

#include <QApplication>
#include <QLineEdit>
#include <QScrollBar>
#include <QTest>
#include <QTranslator>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;

}  // namespace

/// Every page in both languages, light and dark, small and large: drawn from a real profile, kept as pictures.
class PicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPageIsDrawn_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("dark");
        for (const QString& language : {QStringLiteral("en"), QStringLiteral("zh_CN")})
            for (const bool dark : {false, true})
                QTest::newRow(
                    qPrintable(language + (dark ? QStringLiteral("-dark") : QStringLiteral("-light"))))
                    << language << dark;
    }

    void everyPageIsDrawn() {
        QFETCH(QString, language);
        QFETCH(bool, dark);
        QLocale::setDefault(QLocale(language));
        QTranslator translator;
        QVERIFY(translator.load(QLocale(language), QStringLiteral("landline"), QStringLiteral("_"),
                                QStringLiteral(":/i18n")));
        QVERIFY(QCoreApplication::installTranslator(&translator));
        m_tag = QString::fromLatin1(QTest::currentDataTag());
        Theme theme;
        theme.setDark(dark);
        theme.apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
        firstPages(theme);

        test::FilledProfile profile;
        fill(profile);
        AppModels models(profile.open().port(), profile.folder());
        {
            MainWindow window(&theme);
            window.attach(&models);
            window.show();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            models.self.reload();
            models.sidebar.reload();
            QTRY_VERIFY_WITH_TIMEOUT(models.sidebar.isLoaded(), kPatience);
            keep(&window, QStringLiteral("list"));
            conversations(window, models);
            dialogs(theme, window, models, profile);
        }
        profile.close();
        QCoreApplication::removeTranslator(&translator);
    }

private:
    void keep(QWidget* widget, const QString& what) {
        QTest::qWait(0);
        const QImage image = test::picture(widget, m_tag + QStringLiteral("-") + what);
        QVERIFY2(test::coloursIn(image) > 15, qPrintable(what));
    }

    void firstPages(Theme& theme) {
        MainWindow window(&theme);
        window.showFirstRun();
        window.firstRun()->nameField()->setText(QStringLiteral("Ada Lovelace"));
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        keep(&window, QStringLiteral("first-run"));
        window.resize(360, 480);
        keep(&window, QStringLiteral("first-run-small"));
        window.showProblem(QStringLiteral("Landline is already running on this profile. Close it first."),
                           true);
        keep(&window, QStringLiteral("problem-small"));
    }

    void conversations(MainWindow& window, AppModels& models) {
        open(window, models, m_grace);
        window.resize(1000, 760);
        keep(&window, QStringLiteral("chat"));
        auto* bar = window.conversation()->view()->verticalScrollBar();
        bar->setValue(bar->maximum() / 2);
        keep(&window, QStringLiteral("chat-above"));
        window.resize(360, 480);
        keep(&window, QStringLiteral("chat-small"));
        window.conversation()->composer()->reply(*models.messages.lastOwnText());
        keep(&window, QStringLiteral("reply-small"));
        window.conversation()->closeConversation();
        keep(&window, QStringLiteral("list-small"));
        window.resize(960, 660);
        open(window, models, m_mallory);
        window.conversation()->composer()->setText(
            QStringLiteral("One line\nand another that is long enough to wrap in most windows, ")
                .append(QStringLiteral("at least when they are small")));
        keep(&window, QStringLiteral("request"));
        open(window, models, m_empty);
        keep(&window, QStringLiteral("empty"));
        window.notice(QStringLiteral("The disk is full. Free some space and try again."), true);
        window.sidebar()->searchField()->setText(QStringLiteral("the"));
        QTRY_VERIFY_WITH_TIMEOUT(!models.sidebar.isSearching(), kPatience);
        keep(&window, QStringLiteral("search-and-error"));
        window.sidebar()->searchField()->clear();
    }

    void dialogs(Theme& theme, MainWindow& window, AppModels& models, test::FilledProfile& profile) {
        auto* verify = new VerifyDialog(&theme, &models, m_grace, &window);
        verify->open();
        keep(verify, QStringLiteral("verify"));
        verify->close();
        Preferences preferences(profile.folder());
        auto* settings = new SettingsDialog(&preferences, true, &window);
        settings->open();
        keep(settings, QStringLiteral("settings"));
        settings->close();
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
        profile.theirs(grace, start + 86'400'000, "🎉");
        profile.acknowledge(grace, 3, 3);
        profile.own(grace, start + 86'500'000, "See you at five?");
        profile.own(grace, start + 86'501'000, "I'm bringing the cards.");
        profile.markRead(grace);
    }

    QString m_tag;
    PersonId m_grace;
    PersonId m_mallory;
    PersonId m_empty;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::PicturesTest)
#include "pictures_test.moc"
