#include "tests/app/pictures/made_pictures.h"
#include "tests/app/views/filled_window.h"

#include <QDesktopServices>
#include <QScrollBar>

namespace landline::app {

using test::kPatience;

/// Pictures among the messages of a conversation.
class ConversationPicturesTest : public test::FilledWindow {
    Q_OBJECT

private Q_SLOTS:
    void anOwnPictureIsShownInItsBubbleAtTheEnd() {
        openGrace();
        send(m_made.write(QStringLiteral("blue.png"), blue({800, 600})));
        QTRY_VERIFY_WITH_TIMEOUT(shows(last()), kPatience);
        QVERIFY(view()->isAtEnd());
        QTRY_VERIFY_WITH_TIMEOUT(pixelsOf(Qt::blue) > 300 * 200, kPatience);
        // The rest of it stays reachable.
        QCOMPARE(layoutOf(last()).buttons.size(), std::size_t{1});
        QCOMPARE(layoutOf(last()).buttons[0].action, TransferAction::Withdraw);
    }

    void filesThatAreNoPicturesStayFiles() {
        openGrace();
        const auto png = blue({80, 60});
        // Opening goes by the name, so a picture under another's name is not shown as harmless.
        for (const auto& path : {m_made.write(QStringLiteral("text.png"), "A text, really."),
                                 m_made.write(QStringLiteral("run.desktop"), png),
                                 m_made.write(QStringLiteral("half.png"), png.left(png.size() / 2))}) {
            send(path);
            // A good one after it shows that this one has been looked at.
            send(m_made.write(QStringLiteral("good.png"), png));
            QTRY_VERIFY_WITH_TIMEOUT(shows(last()), kPatience);
            const auto& file = *m_models->messages.row(m_models->messages.rowCount() - 2);
            QVERIFY(layoutOf(file).picture.isNull() && !layoutOf(file).fileIcon.isNull());
        }
    }

    void aPressOpensThePicture() {
        openGrace();
        const QString path = m_made.write(QStringLiteral("press me.png"), blue({300, 200}));
        send(path);
        QTRY_VERIFY_WITH_TIMEOUT(shows(last()), kPatience);
        QDesktopServices::setUrlHandler(QStringLiteral("file"), this, "openedUrl");
        QTest::mouseClick(view()->viewport(), Qt::LeftButton, {},
                          rectOf(last()).topLeft() + layoutOf(last()).picture.center());
        QDesktopServices::unsetUrlHandler(QStringLiteral("file"));
        QCOMPARE(m_opened, QUrl::fromLocalFile(path));
    }

    void aDeletedOrWithdrawnMessageLosesItsPicture() {
        openGrace();
        const QString path = m_made.write(QStringLiteral("blue.png"), blue({300, 200}));
        for (const bool deleted : {true, false}) {
            send(path);
            QTRY_VERIFY_WITH_TIMEOUT(shows(last()), kPatience);
            const auto message = last().message;
            // Also while another conversation is open.
            m_window->openConversation(m_mallory->id());
            if (deleted)
                m_models->actions.deleteMessage(message.ref);
            else
                m_models->actions.cancelTransfer(message.file->id);
            QTRY_VERIFY_WITH_TIMEOUT(m_models->pictures.sizeOf(message.ref).isEmpty(), kPatience);
            QVERIFY(m_models->pictures.find(message.ref).isNull());
            openGrace();
            QVERIFY(layoutOf(last()).picture.isNull());
        }
        QCOMPARE(m_models->pictures.keptBytes(), 0);
    }

    void aPictureDeletedBeforeOnesEyesIsNotMadeAgain() {
        openGrace();
        const QString path = m_made.write(QStringLiteral("blue.png"), blue({300, 200}));
        for (int i = 0; i < 5; ++i) {
            send(path);
            // In whatever state of being made it is.
            if (i % 2 == 0) QTRY_VERIFY_WITH_TIMEOUT(shows(last()), kPatience);
            const auto message = last().message.ref;
            m_models->actions.deleteMessage(message);
            QTRY_VERIFY_WITH_TIMEOUT(last().message.deleted, kPatience);
            QVERIFY(layoutOf(last()).picture.isNull());
            // Another one that is made afterwards shows that nothing of it is still under way.
            send(path);
            QTRY_VERIFY_WITH_TIMEOUT(shows(last()) && m_models->pictures.running() == 0, kPatience);
            QVERIFY(m_models->pictures.find(message).isNull() &&
                    m_models->pictures.sizeOf(message).isEmpty());
        }
    }

    void whatIsReadStaysInItsPlaceWhilePicturesAboveComeAndGo() {
        openGrace();
        send(m_made.write(QStringLiteral("blue.png"), blue({300, 300})));
        QTRY_VERIFY_WITH_TIMEOUT(shows(last()), kPatience);
        const auto picture = last().message.ref;
        for (int i = 0; i < 40; ++i)
            m_models->actions.sendText(picture.conversation, QStringLiteral("line %1").arg(i), {});
        QTRY_COMPARE_WITH_TIMEOUT(lastText(), QStringLiteral("line 39"), kPatience);
        // The picture ends just above what is in sight.
        const auto index = m_models->messages.index(m_models->messages.rowOf(picture.entry));
        auto* bar = view()->verticalScrollBar();
        bar->setValue(bar->value() + view()->visualRect(index).bottom() + 30);
        QVERIFY(!view()->isAtEnd());
        const auto firstRead = index.siblingAtRow(index.row() + 2);
        const int top = view()->visualRect(firstRead).top();
        const int tall = view()->visualRect(index).height();
        m_models->pictures.forget(picture);
        QVERIFY(view()->visualRect(index).height() < tall);
        QCOMPARE(view()->visualRect(firstRead).top(), top);
        QTRY_COMPARE_WITH_TIMEOUT(view()->visualRect(index).height(), tall, kPatience);
        QCOMPARE(view()->visualRect(firstRead).top(), top);
    }

public Q_SLOTS:
    void openedUrl(const QUrl& url) { m_opened = url; }

private:
    static QByteArray blue(const QSize& size) {
        return test::MadePictures::encoded(test::MadePictures::plain(size, Qt::blue), "png");
    }
    MessageView* view() { return m_window->conversation()->view(); }
    const MessageRow& last() { return *lastRow(); }
    QRect rectOf(const MessageRow& row) {
        return view()->visualRect(m_models->messages.index(m_models->messages.rowOf(row.message.ref.entry)));
    }
    const MessageLayout& layoutOf(const MessageRow& row) {
        return view()->messageDelegate()->layout(row, rectOf(row).width());
    }
    bool shows(const MessageRow& row) {
        return !layoutOf(row).picture.isNull() && !m_models->pictures.find(row.message.ref).isNull();
    }
    void send(const QString& path) {
        const int before = m_models->messages.rowCount();
        m_models->actions.sendFile(m_profile->conversationWith(*m_grace), path);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->messages.rowCount(), before + 1, kPatience);
    }

    test::MadePictures m_made;
    QUrl m_opened;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::ConversationPicturesTest)
#include "conversation_pictures_test.moc"
