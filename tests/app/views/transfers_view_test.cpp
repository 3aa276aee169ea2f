#include "app/views/drop_overlay.h"
#include "app/views/file_drag.h"
#include "app/views/send_files_dialog.h"
#include "app/views/transfer_delegate.h"
#include "app/views/transfers_button.h"
#include "app/views/transfers_pane.h"
#include "tests/app/views/filled_window.h"

#include <QCheckBox>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QListView>
#include <QMimeData>

namespace landline::app {

using test::kPatience;

/// Files and folders between the desktop, the conversation and the transfers pane.
class TransfersViewTest : public test::FilledWindow {
    Q_OBJECT

private Q_SLOTS:
    void severalDroppedFilesAreCountedConfirmedAndSentAsOne() {
        openGrace();
        const QStringList paths{write(QStringLiteral("a.txt"), 1000),
                                write(QStringLiteral("b.bin"), 1'500'000)};
        auto* const dialog = drop(paths);
        QVERIFY(dialog);
        QTRY_COMPARE_WITH_TIMEOUT(summaryOf(dialog), QStringLiteral("2 files · 1.5 MB"), kPatience);
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(arrived.wait(kPatience));
        const auto file = *lastRow()->message.file;
        QCOMPARE(file.name, QStringLiteral("a.txt +1"));
        QCOMPARE(file.items, 2U);
        QCOMPARE(file.size, quint64(1'501'000));
        // What is in it is shown once it has been read.
        QTRY_VERIFY_WITH_TIMEOUT(m_models->bundles.find(file.id), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(layoutOf(*lastRow()).fileItems.size(), std::size_t{2}, kPatience);
        QCOMPARE(layoutOf(*lastRow()).fileItems[1].text, QStringLiteral("b.bin"));
    }

    void theyCanBeSentAsSeparateMessages() {
        openGrace();
        auto* const dialog = drop({write(QStringLiteral("a.txt"), 10), write(QStringLiteral("b.txt"), 20)});
        QVERIFY(dialog);
        const auto counted = [dialog] { return summaryOf(dialog).startsWith(QStringLiteral("2 files")); };
        QTRY_VERIFY_WITH_TIMEOUT(counted(), kPatience);
        dialog->findChild<QCheckBox*>()->setChecked(false);
        const int before = m_models->messages.rowCount();
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->messages.rowCount(), before + 2, kPatience);
        QCOMPARE(lastRow()->message.file->items, 0U);
    }

    void aPastedFolderIsSentWhole() {
        openGrace();
        const QString folder = m_profile->folder() + QStringLiteral("/Photos");
        QVERIFY(QDir().mkpath(folder + QStringLiteral("/empty")));
        write(QStringLiteral("Photos/one.jpg"), 500);
        write(QStringLiteral("Photos/two.jpg"), 400);
        auto* const data = new QMimeData;
        data->setUrls({QUrl::fromLocalFile(folder)});
        QApplication::clipboard()->setMimeData(data);
        QTest::keyClick(field(), Qt::Key_V, Qt::ControlModifier);
        auto* const dialog = m_window->findChild<SendFilesDialog*>();
        QVERIFY(dialog);
        QTRY_COMPARE_WITH_TIMEOUT(summaryOf(dialog), QStringLiteral("2 files in 2 folders · 900 bytes"),
                                  kPatience);
        QVERIFY(!dialog->findChild<QCheckBox*>()->isVisible());
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(lastRow()->message.file->name, QStringLiteral("Photos"));
        QCOMPARE(lastRow()->message.file->items, 4U);
    }

    void whatCannotBeReadIsToldAndNotSent() {
        openGrace();
        auto* const dialog = drop({QStringLiteral("/nowhere/at all")});
        QVERIFY(dialog);
        const auto told = [dialog] { return summaryOf(dialog).contains(QStringLiteral("/nowhere/at all")); };
        QTRY_VERIFY_WITH_TIMEOUT(told(), kPatience);
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(dialog->isVisible() && arrived.isEmpty());
        QTest::keyClick(dialog, Qt::Key_Escape);
    }

    void theButtonsOfAnOfferReachTheMessenger() {
        openGrace();
        send(write(QStringLiteral("mine.txt"), 100));
        QCOMPARE(lastRow()->message.file->state, TransferState::Offered);
        press(TransferAction::Withdraw);
        auto* const question = m_window->findChild<QDialog*>();
        QVERIFY(question && question->isVisible());
        QTest::mouseClick(visibleButton(QStringLiteral("Withdraw")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(lastRow()->message.file->state, TransferState::Cancelled, kPatience);
    }

    void acceptingPausingAndGoingOnReachTheMessenger() {
        receive();
        m_models->actions.setDownloadFolder(m_profile->folder() + QStringLiteral("/in"));
        press(TransferAction::Accept);
        QTRY_COMPARE_WITH_TIMEOUT(lastRow()->message.file->state, TransferState::Running, kPatience);
        QCOMPARE(lastRow()->message.file->path, m_profile->folder() + QStringLiteral("/in"));
        QVERIFY(layoutOf(*lastRow()).fileMore.text.startsWith(QStringLiteral("Waiting for Grace Hopper")));
        press(TransferAction::Pause);
        QTRY_COMPARE_WITH_TIMEOUT(lastRow()->message.file->state, TransferState::Paused, kPatience);
        press(TransferAction::Resume);
        QTRY_COMPARE_WITH_TIMEOUT(lastRow()->message.file->state, TransferState::Running, kPatience);
        press(TransferAction::Cancel);
        QTRY_COMPARE_WITH_TIMEOUT(lastRow()->message.file->state, TransferState::Cancelled, kPatience);
    }

    void thePaneShowsThemAndItsButtonsWork() {
        receive();
        auto* const button = m_window->sidebar()->transfersButton();
        QTest::mouseClick(button, Qt::LeftButton);
        auto* const pane = m_window->transfers();
        QVERIFY(pane->isVisible() && !m_window->conversation()->isVisible());
        QTRY_COMPARE_WITH_TIMEOUT(m_models->transfers.rowCount(), 1, kPatience);
        m_models->actions.setDownloadFolder(m_profile->folder() + QStringLiteral("/in"));
        pressInPane(TransferAction::Accept);
        QTRY_COMPARE_WITH_TIMEOUT(stateInPane(), TransferState::Running, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(button->accessibleDescription() == QStringLiteral("1 running"), kPatience);
        // By key as well.
        pane->list()->setCurrentIndex(m_models->transfers.index(0));
        QTest::keyClick(pane->list(), Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(stateInPane(), TransferState::Paused, kPatience);
        pressInPane(TransferAction::Cancel);
        QTRY_COMPARE_WITH_TIMEOUT(stateInPane(), TransferState::Cancelled, kPatience);
        pane->list()->setCurrentIndex(m_models->transfers.index(0));
        QTest::keyClick(pane->list(), Qt::Key_Delete);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->transfers.rowCount(), 0, kPatience);
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QVERIFY(!pane->isVisible() && m_window->conversation()->isVisible());
        QCOMPARE(m_models->transfers.rowCount(), 0);
    }

    void onlyWhatIsHereWholeCanBeDraggedOut() {
        TransferRecord transfer;
        transfer.incoming = true;
        transfer.path = QStringLiteral("/data/ada/in");
        transfer.state = TransferState::Running;
        QVERIFY(!dragData(transfer));
        transfer.state = TransferState::Done;
        transfer.path = QStringLiteral("/data/ada/in/plan.pdf");
        const std::unique_ptr<QMimeData> data(dragData(transfer));
        QVERIFY(data);
        QCOMPARE(data->urls(), QList<QUrl>{QUrl::fromLocalFile(transfer.path)});
    }

private:
    QString write(const QString& name, int size) {
        const QString path = m_profile->folder() + u'/' + name;
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray(size, 'x')) != size)
            QTest::qFail("cannot write the file", __FILE__, __LINE__);
        return path;
    }
    static QString summaryOf(QDialog* dialog) {
        return dialog->findChild<QLabel*>(QStringLiteral("hint"))->text();
    }
    SendFilesDialog* drop(const QStringList& paths) {
        QMimeData data;
        QList<QUrl> urls;
        for (const QString& path : paths) urls.append(QUrl::fromLocalFile(path));
        data.setUrls(urls);
        // A drop goes to whatever was dragged into last.
        for (QWidget* const target : {static_cast<QWidget*>(m_window->conversation()),
                                      static_cast<QWidget*>(m_window->conversation()->dropOverlay())}) {
            QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
            QCoreApplication::sendEvent(target, &enter);
        }
        QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_window->conversation()->dropOverlay(), &event);
        return m_window->findChild<SendFilesDialog*>();
    }
    MessageView* view() { return m_window->conversation()->view(); }
    const MessageLayout& layoutOf(const MessageRow& row) {
        const int at = m_models->messages.rowOf(row.message.ref.entry);
        return view()->messageDelegate()->layout(row,
                                                 view()->visualRect(m_models->messages.index(at)).width());
    }
    void press(TransferAction action) {
        view()->scrollToEnd();
        const auto& layout = layoutOf(*lastRow());
        const QPoint row =
            view()->visualRect(m_models->messages.index(m_models->messages.rowCount() - 1)).topLeft();
        for (const auto& button : layout.buttons) {
            if (button.action != action) continue;
            QTest::mouseClick(view()->viewport(), Qt::LeftButton, {}, row + button.rect.center());
            return;
        }
        QFAIL("no such button");
    }
    void pressInPane(TransferAction action) {
        auto* const list = m_window->transfers()->list();
        const auto index = m_models->transfers.index(0);
        const auto* const delegate = qobject_cast<const TransferDelegate*>(list->itemDelegate());
        const QRect button =
            delegate->buttonRect(*m_models->transfers.row(0), list->visualRect(index), action);
        QVERIFY(!button.isNull());
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, button.center());
    }
    TransferState stateInPane() {
        const auto* const row = m_models->transfers.row(0);
        return row ? row->transfer.record.state : TransferState::Offered;
    }
    void send(const QString& path) {
        const int before = m_models->messages.rowCount();
        m_models->actions.sendFile(m_profile->conversationWith(*m_grace), path);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->messages.rowCount(), before + 1, kPatience);
    }
    /// Begins anew with an offer of Grace's at the end of the conversation.
    void receive() {
        cleanup();
        m_offer = true;
        init();
        m_offer = false;
        openGrace();
        QVERIFY(lastRow()->message.file);
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::TransfersViewTest)
#include "transfers_view_test.moc"
