#include "app/views/text_dialog.h"
#include "app/views/verify_dialog.h"
#include "p2p/base/limits.h"
#include "tests/app/views/filled_window.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QScrollBar>
#include <QToolButton>

namespace landline::app {

using test::kPatience;

/// What the window shows, and how one gets about in it.
class MainWindowTest : public test::FilledWindow {
    Q_OBJECT

private Q_SLOTS:
    void typedTextIsSentByEnterAndAppears() {
        openGrace();
        QTest::keyClicks(field(), QStringLiteral("Hello Grace"));
        QTest::keyClick(field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("Hello Grace"), kPatience);
        QVERIFY(field()->document()->isEmpty());
        QVERIFY(m_window->conversation()->view()->isAtEnd());
        const auto stored = storedTexts();
        QCOMPARE(stored.back(), QStringLiteral("Hello Grace"));
        QCOMPARE(stored.count(QStringLiteral("Hello Grace")), 1);
    }

    void shiftEnterBeginsALine() {
        openGrace();
        QTest::keyClicks(field(), QStringLiteral("one"));
        const int before = field()->height();
        QTest::keyClick(field(), Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClicks(field(), QStringLiteral("two"));
        QCOMPARE(field()->toPlainText(), QStringLiteral("one\ntwo"));
        QTRY_VERIFY(field()->height() > before);
        QTest::keyClick(field(), Qt::Key_Enter);
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("one\ntwo"), kPatience);
    }

    void blanksAreNotSent() {
        openGrace();
        QSignalSpy sent(&m_models->actions, &ConversationActions::sent);
        QTest::keyClicks(field(), QStringLiteral("   "));
        QTest::keyClick(field(), Qt::Key_Return);
        QTest::keyClicks(field(), QStringLiteral("x"));
        QTest::keyClick(field(), Qt::Key_Return);
        QVERIFY(sent.wait(kPatience));
        QCOMPARE(sent.size(), 1);
        QCOMPARE(storedTexts().size(), 301);
    }

    void upEditsTheLastOwnMessageAndEscapeLeavesIt() {
        openGrace();
        QTest::keyClicks(field(), QStringLiteral("first"));
        QTest::keyClick(field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("first"), kPatience);
        QTest::keyClick(field(), Qt::Key_Up);
        QCOMPARE(field()->toPlainText(), QStringLiteral("first"));
        QTest::keyClick(field(), Qt::Key_Escape);
        QVERIFY(field()->document()->isEmpty());
        QVERIFY(m_window->openPerson().has_value());
        QTest::keyClick(field(), Qt::Key_Up);
        QTest::keyClicks(field(), QStringLiteral(" of all"));
        QTest::keyClick(field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("first of all"), kPatience);
        QCOMPARE(storedTexts().size(), 301);
    }

    void escapeClosesTheConversationAndKeepsItsDraft() {
        openGrace();
        QTest::keyClicks(field(), QStringLiteral("unfinished"));
        QTest::keyClick(field(), Qt::Key_Escape);
        QVERIFY(!m_window->openPerson());
        const auto* listed = m_models->sidebar.row(m_models->sidebar.rowOf(m_grace->id()));
        QCOMPARE(listed->draft, QStringLiteral("unfinished"));
        openGrace();
        QCOMPARE(field()->toPlainText(), QStringLiteral("unfinished"));
        listed = m_models->sidebar.row(m_models->sidebar.rowOf(m_grace->id()));
        QVERIFY(listed->draft.isEmpty());
    }

    void scrollingUpBringsOlderPagesAndKeepsThePlace() {
        openGrace();
        auto* view = m_window->conversation()->view();
        auto* bar = view->verticalScrollBar();
        QVERIFY(bar->maximum() > 0);
        QSignalSpy paged(&m_models->messages, &MessageListModel::paged);
        bar->setValue(500);
        const auto top = view->indexAt(QPoint(200, 1));
        const QString text = m_models->messages.row(top.row())->message.text;
        const int offset = view->visualRect(top).top();
        QVERIFY(paged.wait(kPatience));
        const auto now = view->indexAt(QPoint(200, 1));
        QCOMPARE(m_models->messages.row(now.row())->message.text, text);
        QCOMPARE(view->visualRect(now).top(), offset);
        QVERIFY(m_models->messages.rowCount() > MessageListModel::kPage);
    }

    void ctrlKSearchesAndEnterOpensWhatWasFound() {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* search = m_window->sidebar()->searchField();
        QCOMPARE(QApplication::focusWidget(), search);
        QTest::keyClicks(search, QStringLiteral("message 42"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_models->sidebar.isSearching() && m_models->sidebar.rowCount() == 2,
                                 kPatience);
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(m_window->openPerson(), m_grace->id());
        QTRY_VERIFY_WITH_TIMEOUT(visibleTexts().contains(QStringLiteral("message 42")), kPatience);
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(search->text().isEmpty());
    }

    void aClickOpensAndARequestIsAccepted() {
        auto* list = m_window->sidebar()->list();
        const auto index = m_models->sidebar.index(m_models->sidebar.rowOf(m_mallory->id()));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(index).center());
        QCOMPARE(m_window->openPerson(), m_mallory->id());
        auto* accept = visibleButton(QStringLiteral("Accept"));
        QVERIFY(accept);
        QTest::mouseClick(accept, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->sidebar.person(m_mallory->id())->record.standing,
                                  timeline::Standing::Accepted, kPatience);
        QTRY_VERIFY(!visibleButton(QStringLiteral("Accept")));
        QCOMPARE(QApplication::focusWidget(), field());
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("of course"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("of course"), kPatience);
    }

    void ctrlFSearchesInTheOpenConversationOnly() {
        openGrace();
        QTest::keyClick(m_window.get(), Qt::Key_F, Qt::ControlModifier);
        auto* search = m_window->sidebar()->searchField();
        QCOMPARE(QApplication::focusWidget(), search);
        QTest::keyClicks(search, QStringLiteral("may"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_models->sidebar.isSearching(), kPatience);
        QCOMPARE(m_models->sidebar.rowCount(), 0);
        auto* scope = m_window->sidebar()->findChild<QToolButton*>(QStringLiteral("scope"));
        QVERIFY(scope && scope->isVisible() && scope->text().contains(QStringLiteral("Grace")));
        QTest::mouseClick(scope, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_models->sidebar.isSearching() && m_models->sidebar.rowCount() == 2,
                                 kPatience);
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(search->text().isEmpty() && !scope->isVisible());
        QVERIFY(m_window->openPerson().has_value());
    }

    void whatIsSeenIsMarkedRead() {
        QCOMPARE(m_models->sidebar.person(m_mallory->id())->unread, 1);
        m_window->openConversation(m_mallory->id());
        QTRY_COMPARE_WITH_TIMEOUT(m_models->sidebar.person(m_mallory->id())->unread, 0, kPatience);
    }

    void blockedPeopleCannotBeWrittenTo() {
        openGrace();
        m_models->actions.setStanding(m_grace->id(), timeline::Standing::Blocked);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->conversation()->composer()->isVisible(), kPatience);
        QVERIFY(visibleButton(QStringLiteral("Unblock")));
    }

    void theConversationOfWhoMadeRoomForOthersCloses() {
        m_window->openConversation(m_mallory->id());
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("may I?"), test::kPatience);
        QTest::keyClicks(field(), QStringLiteral("who are you"));
        Q_EMIT m_models->port.messenger()->personForgotten(m_grace->id());
        Q_EMIT m_models->port.messenger()->personForgotten(m_mallory->id());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->openPerson(), test::kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->sidebar.rowCount(), 0, test::kPatience);
    }

    void aTextThatCannotBeSentComesBack() {
        openGrace();
        QTest::keyClicks(field(), QStringLiteral("do not lose me"));
        QSignalSpy failed(&m_models->actions, &ConversationActions::failed);
        // The messenger blocks before it is asked to send; the window learns of it after.
        m_models->actions.setStanding(m_grace->id(), timeline::Standing::Blocked);
        QTest::keyClick(field(), Qt::Key_Return);
        QVERIFY(field()->document()->isEmpty());
        QVERIFY(failed.wait(kPatience));
        QCOMPARE(field()->toPlainText(), QStringLiteral("do not lose me"));
        m_window->openConversation(m_mallory->id());
        m_models->actions.sendText(m_profile->conversationWith(*m_grace), QStringLiteral("nor me"), {});
        QVERIFY(failed.wait(kPatience));
        QVERIFY(field()->document()->isEmpty());
        openGrace();
        QCOMPARE(field()->toPlainText(), QStringLiteral("nor me\ndo not lose me"));
        QCOMPARE(storedTexts().size(), 300);
    }

    void aTextOverTheLimitIsOfferedAsAFile() {
        openGrace();
        m_window->conversation()->composer()->setText(
            QString(static_cast<int>(limits::kTextBytes) + 1, u'x'));
        QTest::keyClick(field(), Qt::Key_Return);
        auto* dialog = m_window->findChild<ConfirmDialog*>();
        QVERIFY(dialog);
        QSignalSpy arrived(&m_models->messages, &MessageListModel::arrived);
        dialog->accept();
        QVERIFY(arrived.wait(kPatience));
        const auto* last = m_models->messages.row(m_models->messages.rowCount() - 1);
        QCOMPARE(last->message.kind, MessageKind::File);
        QCOMPARE(last->message.file->size, quint64{limits::kTextBytes + 1});
    }

    void aReplyQuotesItsMessage() {
        openGrace();
        const auto quoted = m_models->messages.row(m_models->messages.rowCount() - 1)->message;
        m_window->conversation()->composer()->reply(quoted);
        QTest::keyClicks(field(), QStringLiteral("indeed"));
        QTest::keyClick(field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("indeed"), kPatience);
        const auto* last = m_models->messages.row(m_models->messages.rowCount() - 1);
        QCOMPARE(last->message.replyText, quoted.text);
        QVERIFY(!m_window->conversation()->composer()->hasContext());
    }

    void narrowWindowsShowOnePaneAtATime() {
        m_window->resize(360, 480);
        QVERIFY(m_window->sidebar()->isVisible());
        QVERIFY(!m_window->conversation()->isVisible());
        openGrace();
        QVERIFY(!m_window->sidebar()->isVisible());
        QVERIFY(m_window->conversation()->isVisible());
        QTest::keyClick(field(), Qt::Key_Escape);
        QVERIFY(m_window->sidebar()->isVisible());
        m_window->resize(900, 600);
        QVERIFY(m_window->sidebar()->isVisible() && m_window->conversation()->isVisible());
    }

    void verifyingMarksThePerson() {
        openGrace();
        Q_EMIT m_window->conversation()->verifyWanted(m_grace->id());
        auto* dialog = m_window->findChild<VerifyDialog*>();
        QVERIFY(dialog);
        QString shown;
        for (const auto* label : dialog->findChildren<QLabel*>(QStringLiteral("safetyNumber")))
            shown = label->text();
        QCOMPARE(QString(shown).remove(u' ').remove(u'\n').size(), 60);
        auto* mark = visibleButton(QStringLiteral("The digits are the same"));
        QVERIFY(mark);
        QTest::mouseClick(mark, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_models->sidebar.person(m_grace->id())->record.verified, kPatience);
    }

    void controlsHaveNamesForScreenReaders() {
        openGrace();
        for (const auto* button : m_window->findChildren<QAbstractButton*>()) {
            if (!button->isVisible() || button->objectName() == QStringLiteral("qt_toolbar_ext_button"))
                continue;
            if (qobject_cast<QLineEdit*>(button->parentWidget())) continue;  // Qt's own, inside a field
            QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty(),
                     button->metaObject()->className());
        }
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::MainWindowTest)
#include "main_window_test.moc"
