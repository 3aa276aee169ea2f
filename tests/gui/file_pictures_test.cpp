#include "app/models/bundle_preparation.h"
#include "app/views/always_accept_dialog.h"
#include "app/views/bundle_dialog.h"
#include "app/views/conversation_pane.h"
#include "app/views/main_window.h"
#include "app/views/message_view.h"
#include "app/views/send_files_dialog.h"
#include "app/views/settings_dialog.h"
#include "app/views/sidebar.h"
#include "app/views/transfers_pane.h"
#include "p2p/transfer/journal.h"
#include "tests/app/models/filled_profile.h"
#include "tests/gui/dressing.h"
#include "tests/gui/gallery.h"
#include "tests/gui/picture.h"

#include <QDir>
#include <QFile>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QTabBar>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;
constexpr qint64 kMinute = 60'000;

TransferRecord file(const QString& name, quint64 size, TransferState state, bool incoming) {
    TransferRecord record;
    record.name = name;
    record.size = size;
    record.state = state;
    record.incoming = incoming;
    return record;
}

}  // namespace

/// Transfers in every state, as bubbles and in their pane, with the dialogs around them: from a real profile, in both
/// languages, light and dark, small and large.
class FilePicturesTest : public QObject {
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
        empty(dressing.theme());
        test::FilledProfile profile;
        fill(profile);
        AppModels models(profile.open().port(), profile.folder());
        {
            MainWindow window(&dressing.theme());
            QVERIFY(test::showFilled(window, models));
            run(models);
            conversation(window, models);
            pane(window, models);
            dialogs(dressing.theme(), window, models, profile);
        }
        profile.close();
    }

private:
    void keep(QWidget* widget, const QString& what) { test::keepPicture(widget, m_tag + QStringLiteral("-") + what); }

    void empty(Theme& theme) {
        test::FilledProfile profile;
        AppModels models(profile.open().port(), profile.folder());
        MainWindow window(&theme);
        window.attach(&models);
        window.show();
        window.showTransfers();
        QTRY_VERIFY_WITH_TIMEOUT(models.transfers.isComplete(), kPatience);
        keep(&window, QStringLiteral("transfers-empty"));
        profile.close();
    }

    void fill(test::FilledProfile& profile) {
        const qint64 start = QDateTime(QDate::currentDate(), QTime(0, 5)).toMSecsSinceEpoch();
        auto& grace = profile.meet("Grace Hopper");
        auto& zhang = profile.meet("张伟");
        m_running.clear();
        m_grace = grace.id();
        m_zhang = zhang.id();
        profile.addHistory(zhang, 300);
        qint64 at = start;
        const auto add = [&](TransferRecord record) {
            at += kMinute;
            return profile.transfer(grace, at, std::move(record));
        };
        auto done = file(QStringLiteral("设计文档 v3.pdf"), 2'400'000, TransferState::Done, true);
        done.path = QStringLiteral("/nowhere/设计文档 v3.pdf");
        add(done);
        auto gone = file(QStringLiteral("old notes.txt"), 1234, TransferState::Cancelled, true);
        add(gone);
        auto full = file(QStringLiteral("backup of the analytical engine, complete.tar.zst"), 70'000'000'000,
                         TransferState::Paused, true);
        full.done = 31'000'000'000;
        full.error =
            QCoreApplication::translate("Storage",
                                        "There is not enough free space for the file in %1. Free some "
                                        "space and try again.")
                .arg(QStringLiteral("/data/ada/Downloads"));
        add(full);
        auto refused = file(QStringLiteral("minutes.odt"), 48'000, TransferState::Failed, true);
        refused.error =
            QStringLiteral("The file has changed since it was offered. Ask for it to be sent again.");
        add(refused);
        auto partly = file(QStringLiteral("Photos 2026"), 812'000'000, TransferState::Failed, true);
        partly.items = 120;
        partly.missing = 3;
        partly.done = partly.size;
        partly.path = QStringLiteral("/nowhere");
        m_partly = add(partly);
        addRecord(profile, m_partly, 120, {4, 17, 90});
        auto offered = file(QStringLiteral("Sources +2"), 5'300'000, TransferState::Offered, true);
        offered.items = 214;
        add(offered);
        auto queued = file(QStringLiteral("lecture 1.mkv"), 3'100'000'000, TransferState::Queued, true);
        queued.position = 4;
        add(queued);
        queued.name = QStringLiteral("lecture 2.mkv");
        queued.position = 5;
        add(queued);
        auto running = file(QStringLiteral("lecture 0.mkv"), 3'100'000'000, TransferState::Offered, true);
        m_running.push_back(add(running));
        running = file(QStringLiteral("季度报告和所有附件.zip"), 40'000'000, TransferState::Offered, true);
        m_comparing = add(running);
        auto own = file(QStringLiteral("Drawings"), 9'300'000, TransferState::Offered, false);
        own.items = 3;
        own.path = QStringLiteral("/nowhere/Drawings");
        m_own = add(own);
        addRecord(profile, m_own, 3, {});
        own = file(QStringLiteral("slides.key"), 128'000'000, TransferState::Offered, false);
        own.path = QStringLiteral("/nowhere/slides.key");
        m_running.push_back(add(own));
        profile.markRead(grace);
    }

    /// The record of a bundle with so many items, and which of them did not come.
    static void addRecord(const test::FilledProfile& profile, const TransferRecord& bundle, int items,
                          const QList<quint32>& failed) {
        wire::Listing listing;
        const std::string folder = bundle.name.toStdString();
        listing.items.push_back({folder, 0, 0, false, true});
        for (int i = 1; i < items; ++i)
            listing.items.push_back({folder + "/照片 IMG_" + std::to_string(4000 + i) + ".jpg",
                                     static_cast<std::uint64_t>(i * 31'000), 0, false, false});
        const BundleRecord record{wire::encodeListing(listing), {QStringLiteral("/nowhere/x")}};
        const QString path = profile.bundleRecord(bundle.id);
        QVERIFY(saveBundle(path, record));
        transfer::Journal journal;
        journal.last = record.ref(0).digest;
        QFile notes(path + QStringLiteral(".journal"));
        QVERIFY(failed.isEmpty() || notes.open(QIODevice::WriteOnly));
        for (const quint32 item : failed) {
            const Bytes bytes = transfer::noteFailed(journal, item, wire::ItemFailure::Changed);
            QVERIFY(notes.write(reinterpret_cast<const char*>(bytes.data()),
                                static_cast<qint64>(bytes.size())) > 0);
        }
    }

    /// What the messenger tells of transfers under way.
    void run(AppModels& models) {
        auto* const messenger = const_cast<Messenger*>(models.port.messenger());
        quint64 done = 1'240'000'000;
        for (TransferRecord record : m_running) {
            record.state = TransferState::Running;
            record.done = std::min(done, record.size / 3);
            record.speed = record.incoming ? 84'100'000 : 4'100'000;
            Q_EMIT messenger->transferChanged(record);
        }
        m_comparing.state = TransferState::Running;
        m_comparing.done = 12'300'000;
        m_comparing.stage = FetchStage::Comparing;
        Q_EMIT messenger->transferChanged(m_comparing);
    }

    void conversation(MainWindow& window, AppModels& models) {
        window.openConversation(m_grace);
        QTRY_VERIFY_WITH_TIMEOUT(!models.messages.isLoading(), kPatience);
        // Read by another thread.
        QTRY_VERIFY_WITH_TIMEOUT(models.bundles.find(m_own.id), kPatience);
        for (int i = 0; i < models.messages.rowCount(); ++i) {
            auto row = models.messages.row(i)->message;
            if (!row.file) continue;
            for (const auto& one : m_running) tellRunning(models, row, one);
            tellRunning(models, row, m_comparing);
        }
        window.resize(1000, 900);
        QTRY_COMPARE_WITH_TIMEOUT(runningBubbles(models), m_running.size() + 1, kPatience);
        keep(&window, QStringLiteral("files"));
        auto* bar = window.conversation()->view()->verticalScrollBar();
        bar->setValue(bar->maximum() / 2);
        QTRY_VERIFY_WITH_TIMEOUT(models.bundles.find(m_partly.id), kPatience);
        keep(&window, QStringLiteral("files-above"));
        bar->setValue(0);
        keep(&window, QStringLiteral("files-top"));
        window.resize(360, 480);
        bar->setValue(bar->maximum());
        keep(&window, QStringLiteral("files-small"));
        bar->setValue(bar->maximum() / 2);
        keep(&window, QStringLiteral("files-small-above"));
        window.resize(1000, 760);
    }

    /// Messages with a file that runs, as the bubbles have it and as it is told how far it is.
    static std::size_t runningBubbles(const AppModels& models) {
        std::size_t count = 0;
        for (int i = 0; i < models.messages.rowCount(); ++i) {
            const auto& file = models.messages.row(i)->message.file;
            if (file && file->state == TransferState::Running && models.board.running(file->id)) ++count;
        }
        return count;
    }
    static std::size_t runningRows(const AppModels& models) {
        std::size_t count = 0;
        for (int i = 0; i < models.transfers.rowCount(); ++i)
            if (models.transfers.row(i)->transfer.record.state == TransferState::Running) ++count;
        return count;
    }

    /// The store has the record that the message came with.
    static void tellRunning(AppModels& models, MessageRecord message, const TransferRecord& running) {
        if (message.file->id != running.id) return;
        message.file->state = TransferState::Running;
        auto* const messenger = const_cast<Messenger*>(models.port.messenger());
        Q_EMIT messenger->messageChanged(message);
    }

    void pane(MainWindow& window, AppModels& models) {
        window.showTransfers();
        QTRY_VERIFY_WITH_TIMEOUT(models.transfers.rowCount() >= TransferListModel::kPage, kPatience);
        run(models);
        QTRY_COMPARE_WITH_TIMEOUT(runningRows(models), m_running.size() + 1, kPatience);
        keep(&window, QStringLiteral("transfers"));
        auto* const list = window.transfers()->list();
        list->setCurrentIndex(models.transfers.index(4));
        list->scrollTo(models.transfers.index(14), QAbstractItemView::PositionAtBottom);
        keep(&window, QStringLiteral("transfers-more"));
        list->scrollToTop();
        auto* const menu = window.transfers()->menuFor(models.transfers.row(0)->transfer.record);
        menu->popup(window.mapToGlobal(QPoint(400, 200)));
        keep(menu, QStringLiteral("menu-transfer"));
        menu->close();
        delete menu;
        window.resize(360, 480);
        keep(&window, QStringLiteral("transfers-small"));
        window.closeTransfers();
        window.resize(1000, 760);
    }

    void dialogs(Theme& theme, MainWindow& window, AppModels& models, test::FilledProfile& profile) {
        for (const auto& [bundle, what] :
             {std::pair(m_own, "bundle"), std::pair(m_partly, "bundle-missing")}) {
            auto* dialog = new BundleDialog(&theme, &models.bundles, bundle, &window);
            dialog->open();
            keep(dialog, QString(QLatin1String(what)));
            dialog->close();
        }
        sending(window, profile);
        QDir().mkpath(profile.folder() + QStringLiteral("/from Grace"));
        models.rules.setRule(m_grace, profile.folder() + QStringLiteral("/from Grace"), 1'000'000'000);
        QTRY_VERIFY_WITH_TIMEOUT(models.rules.ruleOf(m_grace), kPatience);
        auto* rule = new AlwaysAcceptDialog(&theme, &models, m_grace, &window);
        rule->open();
        keep(rule, QStringLiteral("always-accept"));
        rule->close();
        Preferences preferences(profile.folder());
        preferences.setDownloadFolder(QStringLiteral("/data/ada/Downloads"));
        auto* settings = new SettingsDialog(&theme, &preferences, &models, true, &window);
        settings->pages()->setCurrentIndex(1);
        settings->open();
        keep(settings, QStringLiteral("settings-files"));
        settings->close();
    }

    void sending(MainWindow& window, const test::FilledProfile& profile) {
        QStringList paths;
        const QString folder = profile.folder() + QStringLiteral("/to send");
        QVERIFY(QDir().mkpath(folder + QStringLiteral("/sub")));
        for (int i = 0; i < 7; ++i) {
            const QString path =
                folder + QStringLiteral("/照片 number %1 with quite a long name indeed.jpg").arg(i);
            QFile out(path);
            QVERIFY(out.open(QIODevice::WriteOnly) && out.resize(1'300'000));
            paths.append(path);
        }
        const QStringList kinds[] = {paths, {folder}, {QStringLiteral("/nowhere/at all")}};
        const char* const names[] = {"send-files", "send-folder", "send-nothing"};
        for (int i = 0; i < 3; ++i) {
            auto* dialog = new SendFilesDialog(kinds[i], QStringLiteral("Grace Hopper"), &window);
            dialog->open();
            auto* const summary = dialog->findChild<QLabel*>(QStringLiteral("hint"));
            const QString counting = summary->text();
            QTRY_VERIFY_WITH_TIMEOUT(summary->text() != counting, kPatience);
            keep(dialog, QString(QLatin1String(names[i])));
            dialog->close();
        }
    }

    QString m_tag;
    PersonId m_grace;
    PersonId m_zhang;
    TransferRecord m_partly;
    TransferRecord m_own;
    TransferRecord m_comparing;
    std::vector<TransferRecord> m_running;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::FilePicturesTest)
#include "file_pictures_test.moc"
