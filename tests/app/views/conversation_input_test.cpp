#include "app/views/drop_overlay.h"
#include "app/views/picture_dialog.h"
#include "app/views/send_files_dialog.h"
#include "tests/app/views/filled_window.h"

#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QFile>
#include <QHelpEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QToolTip>

#include <sys/stat.h>

namespace landline::app {

using test::kPatience;

/// What mouse, clipboard and drags do in a conversation.
class ConversationInputTest : public test::FilledWindow {
    Q_OBJECT

private Q_SLOTS:
    void theToolTipOfWhatIsQueuedTellsWhy() {
        openGrace();
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        QTest::keyClicks(field(), QStringLiteral("are you there?"));
        QTest::keyClick(field(), Qt::Key_Return);
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(lastRow()->message.state, MessageState::Queued);
        auto* const view = m_window->conversation()->view();
        const QPoint at = placeInText(m_models->messages.rowCount() - 1, 0);
        QHelpEvent help(QEvent::ToolTip, at, view->viewport()->mapToGlobal(at));
        QCoreApplication::sendEvent(view->viewport(), &help);
        QVERIFY2(QToolTip::text().contains(QStringLiteral("Queued")), qPrintable(QToolTip::text()));
        const auto tellsWhy = [] { return QToolTip::text().contains(QStringLiteral("No relay is known")); };
        QTRY_VERIFY2_WITH_TIMEOUT(tellsWhy(), qPrintable(QToolTip::text()), kPatience);
        // One that is not queued has nothing to add.
        const QPoint above = placeInText(m_models->messages.rowCount() - 2, 0);
        QHelpEvent other(QEvent::ToolTip, above, view->viewport()->mapToGlobal(above));
        QCoreApplication::sendEvent(view->viewport(), &other);
        QVERIFY(!tellsWhy());
    }

    void whatWasFoundIsMarkedInItsBubbleUntilTheSearchEnds() {
        auto* search = m_window->sidebar()->searchField();
        openGrace();
        const QColor mark = m_theme->colors().mark;
        QCOMPARE(pixelsOf(mark), 0);
        QTest::keyClicks(search, QStringLiteral("message 42"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_models->sidebar.isSearching() && m_models->sidebar.rowCount() == 2,
                                 kPatience);
        QTest::keyClick(search, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(visibleTexts().contains(QStringLiteral("message 42")), kPatience);
        QVERIFY(pixelsOf(mark) > 100);
        QTest::keyClick(search, Qt::Key_Escape);
        QCOMPARE(pixelsOf(mark), 0);
    }

    void theMouseSelectsTextAndCtrlCCopiesIt() {
        openGrace();
        auto* view = m_window->conversation()->view();
        const int row = m_models->messages.rowCount() - 1;
        const QPoint from = placeInText(row, 0);
        const QPoint to = placeInText(row, 7);
        QTest::mousePress(view->viewport(), Qt::LeftButton, {}, from);
        moveTo(view->viewport(), to);
        QTest::mouseRelease(view->viewport(), Qt::LeftButton, {}, to);
        QCOMPARE(view->selectedText(), QStringLiteral("message"));
        QVERIFY(pixelsOf(m_theme->colors().selected) > 100);
        QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("message"));
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, placeInText(row, 9));
        QCOMPARE(view->selectedText(), QStringLiteral("300"));
        QVERIFY(!m_window->conversation()->composer()->hasContext());
        QTest::keyClick(view, Qt::Key_Escape);
        QCOMPARE(view->selectedText(), QString());
        QVERIFY(m_window->openPerson().has_value());
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, placeInText(row, 2));
        QCOMPARE(view->selectedText(), QStringLiteral("message"));
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, QPoint(view->width() - 40, 4));
        QCOMPARE(view->selectedText(), QString());
        QCOMPARE(pixelsOf(m_theme->colors().selected), 0);
    }

    void aDoubleClickBesideABubbleRepliesToIt() {
        openGrace();
        auto* view = m_window->conversation()->view();
        const auto last = m_models->messages.index(m_models->messages.rowCount() - 1);
        const QRect rect = view->visualRect(last);
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {},
                           QPoint(rect.right() - 30, rect.center().y()));
        QCOMPARE(m_window->conversation()->composer()->replyingTo()->text, QStringLiteral("message 300"));
    }

    void whatIsTypedAboveReachesTheComposer() {
        openGrace();
        auto* view = m_window->conversation()->view();
        view->setFocus();
        QTest::keyClick(view, Qt::Key_H);
        QCOMPARE(field()->toPlainText(), QStringLiteral("h"));
        QCOMPARE(QApplication::focusWidget(), field());
        QApplication::clipboard()->setText(QStringLiteral("ello"));
        view->setFocus();
        QTest::keyClick(view, Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(field()->toPlainText(), QStringLiteral("hello"));
    }

    void aPastedPictureIsShownAndSentAsAFile() {
        openGrace();
        const QImage picture = somePicture();
        QApplication::clipboard()->setImage(picture);
        QTest::keyClick(field(), Qt::Key_V, Qt::ControlModifier);
        auto* dialog = m_window->findChild<PictureDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        QVERIFY(field()->document()->isEmpty());
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(arrived.wait(kPatience));
        const auto file = lastRow()->message.file;
        QVERIFY(file && file->name.endsWith(QStringLiteral(".png")));
        QCOMPARE(QImage(file->path).convertToFormat(QImage::Format_RGB32), picture);
    }

    void anEditThatFailsGoesOn() {
        openGrace();
        auto* composer = m_window->conversation()->composer();
        // Somebody else's message, which the composer is never given otherwise.
        const MessageRecord theirs = m_models->messages.row(m_models->messages.rowCount() - 1)->message;
        composer->setText(QStringLiteral("a draft"));
        composer->edit(theirs);
        composer->setText(QStringLiteral("better words"));
        QSignalSpy failed(&m_models->actions, &ConversationActions::failed);
        QTest::keyClick(field(), Qt::Key_Return);
        QVERIFY(failed.wait(kPatience));
        QVERIFY(composer->editing().has_value());
        QCOMPARE(composer->editing()->ref, theirs.ref);
        QCOMPARE(composer->text(), QStringLiteral("better words"));
        composer->cancelContext();
        QCOMPARE(composer->text(), QStringLiteral("a draft"));
    }

    void aPictureThatIsNotConfirmedIsNotSent() {
        openGrace();
        QApplication::clipboard()->setImage(somePicture());
        QTest::keyClick(field(), Qt::Key_V, Qt::ControlModifier);
        QSignalSpy sent(&m_models->actions, &ConversationActions::sent);
        QTest::keyClick(m_window->findChild<PictureDialog*>(), Qt::Key_Escape);
        QTest::keyClicks(field(), QStringLiteral("x"));
        QTest::keyClick(field(), Qt::Key_Return);
        QVERIFY(sent.wait(kPatience));
        QCOMPARE(storedTexts().size(), 301);
    }

    void whatIsMadeForAnOfferIsForItsOwnerOnly_data() {
        QTest::addColumn<bool>("folderIsThere");
        QTest::newRow("a new folder") << false;
        QTest::newRow("a folder that others could read") << true;
    }
    void whatIsMadeForAnOfferIsForItsOwnerOnly() {
        QFETCH(bool, folderIsThere);
        const QString outbox = m_profile->folder() + QStringLiteral("/outbox");
        if (folderIsThere)
            QVERIFY(QDir().mkdir(outbox) && ::chmod(QFile::encodeName(outbox).constData(), 0755) == 0);
        openGrace();
        const auto to = m_profile->conversationWith(*m_grace);
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        m_models->actions.sendPicture(to, somePicture());
        QVERIFY(arrived.wait(kPatience));
        m_models->actions.sendTextAsFile(to, QStringLiteral("a secret"));
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(modeOf(outbox), 0700);
        const auto files = QDir(outbox).entryInfoList(QDir::Files);
        QCOMPARE(files.size(), 2);
        for (const auto& file : files) QCOMPARE(modeOf(file.filePath()), 0600);
    }

    void whatCannotBeOfferedLeavesNoFile() {
        const QDir outbox(m_profile->folder() + QStringLiteral("/outbox"));
        const ConversationId unknown;
        QSignalSpy failed(&m_models->actions, &ConversationActions::failed);
        m_models->actions.sendPicture(unknown, somePicture());
        QVERIFY(failed.wait(kPatience));
        QVERIFY(outbox.exists());
        QCOMPARE(outbox.entryList(QDir::Files), QStringList());
        QSignalSpy notSent(&m_models->actions, &ConversationActions::notSent);
        m_models->actions.sendTextAsFile(unknown, QStringLiteral("a long text"));
        QVERIFY(failed.wait(kPatience));
        QCOMPARE(outbox.entryList(QDir::Files), QStringList());
        QCOMPARE(notSent.size(), 1);
        QCOMPARE(notSent.front().at(1).toString(), QStringLiteral("a long text"));
    }

    void aPictureThatCannotBeWrittenBecomesASentence() {
        QFile inTheWay(m_profile->folder() + QStringLiteral("/outbox"));
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        QSignalSpy failed(&m_models->actions, &ConversationActions::failed);
        m_models->actions.sendPicture(m_profile->conversationWith(*m_grace), somePicture());
        QVERIFY(failed.wait(kPatience));
        QVERIFY(failed.front().front().toString().endsWith(u'.'));
    }

    void draggedFilesAreShownWhereTheyGoAndSent() {
        openGrace();
        const QString path = m_profile->folder() + QStringLiteral("/dragged.txt");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("hello") == 5);
        file.close();
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        auto* pane = m_window->conversation();
        auto* overlay = pane->dropOverlay();
        dragInto(pane, data);
        QVERIFY(overlay->isVisible());
        QCOMPARE(overlay->size(), pane->size());
        QDragLeaveEvent leave;
        QCoreApplication::sendEvent(overlay, &leave);
        QVERIFY(!overlay->isVisible());
        dragInto(pane, data);
        dragInto(overlay, data);
        QVERIFY(overlay->isVisible());
        QCoreApplication::sendEvent(overlay, &leave);
        QVERIFY(!overlay->isVisible());
        dragInto(pane, data);
        dragInto(overlay, data);
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(overlay, &drop);
        QVERIFY(!overlay->isVisible());
        auto* const dialog = m_window->findChild<SendFilesDialog*>();
        QVERIFY(dialog);
        auto* const send = visibleButton(QStringLiteral("Send"));
        QTRY_VERIFY_WITH_TIMEOUT(send && send->isEnabled(), kPatience);
        QTest::mouseClick(send, Qt::LeftButton);
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(lastRow()->message.file->name, QStringLiteral("dragged.txt"));
    }

    void nothingCanBeDroppedOnBlockedPeople() {
        openGrace();
        m_models->actions.setStanding(m_grace->id(), timeline::Standing::Blocked);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->conversation()->composer()->isVisible(), kPatience);
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(m_profile->folder())});
        dragInto(m_window->conversation(), data);
        QVERIFY(!m_window->conversation()->dropOverlay()->isVisible());
    }

private:
    static int modeOf(const QString& path) {
        struct stat status = {};
        return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? int(status.st_mode & 0777) : -1;
    }
    static QImage somePicture() {
        QImage picture(90, 40, QImage::Format_RGB32);
        picture.fill(Qt::darkCyan);
        picture.setPixel(3, 4, qRgb(250, 10, 20));
        return picture;
    }
    static void dragInto(QWidget* widget, const QMimeData& data) {
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(widget, &enter);
    }
    /// With the left button down, which QTest::mouseMove does not hold.
    static void moveTo(QWidget* widget, const QPoint& at) {
        QMouseEvent move(QEvent::MouseMove, at, widget->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(widget, &move);
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::ConversationInputTest)
#include "conversation_input_test.moc"
