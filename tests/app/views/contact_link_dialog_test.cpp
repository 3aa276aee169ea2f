#include "app/views/contact_link_dialog.h"

#include "app/views/text_dialog.h"
#include "tests/app/views/filled_window.h"

namespace landline::app {

class ContactLinkDialogTest : public test::FilledWindow {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_usesRelay = true; }
    void init() {
        FilledWindow::init();
        m_dialog = new ContactLinkDialog(m_models.get(), m_window.get());
        m_dialog->open();
        QTRY_VERIFY_WITH_TIMEOUT(!m_dialog->link().isEmpty(), test::kPatience);
    }
    void cleanup() {
        m_dialog->close();
        FilledWindow::cleanup();
    }

    void showsAnotherLinkAfterAQuestion() {
        const QString before = m_dialog->link();
        QVERIFY(before.contains(QStringLiteral("relay=")));
        QTest::mouseClick(another(), Qt::LeftButton);
        question()->reject();
        QCOMPARE(m_dialog->link(), before);
        QTest::mouseClick(another(), Qt::LeftButton);
        question()->accept();
        QTRY_VERIFY_WITH_TIMEOUT(m_dialog->link() != before, test::kPatience);
        const QString now = m_dialog->link();
        QVERIFY(now.contains(QStringLiteral("relay=")));
        // It is the one from then on.
        m_dialog->close();
        m_dialog = new ContactLinkDialog(m_models.get(), m_window.get());
        m_dialog->open();
        QTRY_COMPARE_WITH_TIMEOUT(m_dialog->link(), now, test::kPatience);
    }

    void withoutARelayThereIsNothingToExchange() {
        QTRY_VERIFY_WITH_TIMEOUT(another()->isVisible(), test::kPatience);
        m_models->relays.reload();
        QTRY_COMPARE_WITH_TIMEOUT(m_models->relays.relays().size(), 1U, test::kPatience);
        m_models->relays.remove(m_models->relays.relays().front().key);
        QTRY_VERIFY_WITH_TIMEOUT(m_models->relays.relays().empty(), test::kPatience);
        // While the dialog was open: it says so.
        QTest::mouseClick(another(), Qt::LeftButton);
        question()->accept();
        QTRY_VERIFY_WITH_TIMEOUT(shown<NoticeDialog>(), test::kPatience);
        shown<NoticeDialog>()->accept();
        m_dialog->close();
        m_dialog = new ContactLinkDialog(m_models.get(), m_window.get());
        m_dialog->open();
        QTRY_VERIFY_WITH_TIMEOUT(!m_dialog->link().isEmpty(), test::kPatience);
        QVERIFY(!another()->isVisible());
    }

private:
    QPushButton* another() { return m_dialog->findChild<QPushButton*>(QStringLiteral("another")); }
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

    ContactLinkDialog* m_dialog = nullptr;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::ContactLinkDialogTest)
#include "contact_link_dialog_test.moc"
