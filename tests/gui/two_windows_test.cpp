#include "app/storage/profile.h"
#include "app/views/composer.h"
#include "app/views/conversation_pane.h"
#include "app/views/desktop.h"
#include "app/views/main_window.h"
#include "app/views/message_view.h"
#include "app/views/sidebar.h"
#include "tests/gui/picture.h"

#include <QApplication>
#include <QFile>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app {

namespace {

constexpr int kPatience = 20000;

/// One person at a window, with a whole node behind it.
struct Seat {
    QTemporaryDir folder;
    std::unique_ptr<Desktop> desktop;
    quint16 port = 0;

    explicit Seat(const QString& name) {
        const QString profile = folder.filePath(QStringLiteral("profile"));
        if (!Profile::create(profile, name).ok()) qFatal("no profile");
        DesktopOptions options;
        options.runtime.profile = profile;
        options.runtime.node.discovery = false;
        options.colorScheme = QStringLiteral("light");
        desktop = std::make_unique<Desktop>(options);
        QObject::connect(desktop.get(), &Desktop::opened, desktop.get(), [this] {
            QObject::connect(desktop->runtime()->port().messenger(), &Messenger::ready, desktop.get(),
                             [this](quint16 bound) { port = bound; });
            // The node may have been ready before.
            desktop->runtime()->port().call(
                desktop.get(), [](Messenger& messenger) { return messenger.self().port; },
                [this](quint16 bound) { port = std::max(port, bound); });
        });
        desktop->start();
    }

    AppModels& models() { return *desktop->models(); }
    MainWindow* window() { return desktop->window(); }
    ComposerText* field() { return window()->conversation()->composer()->field(); }
    const PersonView* other() {
        for (int i = 0; i < models().sidebar.rowCount(); ++i)
            if (const auto* row = models().sidebar.row(i); row->kind == SidebarRow::Kind::Person)
                return &row->person;
        return nullptr;
    }
    void openOther() { window()->openConversation(PersonId(other()->record.id)); }
    const MessageRecord* last() {
        const auto* row = models().messages.row(models().messages.rowCount() - 1);
        return row ? &row->message : nullptr;
    }
    QString lastText() { return last() ? last()->text : QString(); }
    void say(const QString& text) {
        QTest::keyClicks(field(), text);
        QTest::keyClick(field(), Qt::Key_Return);
    }
    void activate() {
        window()->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window()));
        window()->conversation()->markReadIfSeen();
    }
    QPushButton* button(const QString& text) {
        for (auto* one : window()->findChildren<QPushButton*>())
            if (one->isVisible() && one->text() == text) return one;
        return nullptr;
    }
};

}  // namespace

/// Two whole programs in one process, over loopback: what one person types the other reads.
class TwoWindowsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoPeopleMeetTalkAndSendAFile() {
        Seat ada(QStringLiteral("Ada Lovelace"));
        Seat zhang(QStringLiteral("张伟"));
        QTRY_VERIFY_WITH_TIMEOUT(ada.port != 0 && zhang.port != 0, kPatience);
        zhang.desktop->runtime()->addHost(QStringLiteral("127.0.0.1:%1").arg(ada.port));
        QTRY_VERIFY_WITH_TIMEOUT(ada.other() && ada.other()->online && zhang.other() && zhang.other()->online,
                                 kPatience);
        QCOMPARE(ada.other()->record.name, QStringLiteral("张伟"));

        // A first message comes as a request.
        ada.openOther();
        ada.say(QStringLiteral("Hello! May I show you the drawings?"));
        QTRY_VERIFY_WITH_TIMEOUT(zhang.other()->unread == 1, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(ada.last() && ada.last()->state == MessageState::Delivered, kPatience);
        zhang.openOther();
        QTRY_COMPARE_WITH_TIMEOUT(zhang.lastText(), QStringLiteral("Hello! May I show you the drawings?"),
                                  kPatience);
        QTRY_VERIFY(zhang.button(QStringLiteral("Accept")));
        test::picture(zhang.window(), QStringLiteral("two-request"));
        QTest::mouseClick(zhang.button(QStringLiteral("Accept")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!zhang.button(QStringLiteral("Accept")), kPatience);

        // Read marks follow what is seen.
        zhang.activate();
        QTRY_COMPARE_WITH_TIMEOUT(ada.last()->state, MessageState::Read, kPatience);

        // The other side sees that somebody types, and the answer.
        zhang.field()->setFocus();
        QTest::keyClicks(zhang.field(), QStringLiteral("Of course"));
        // The first that is told may fall between two sessions: accepting somebody begins a new one.
        const auto typesOn = [&] {
            QTest::keyClick(zhang.field(), Qt::Key_X);
            QTest::keyClick(zhang.field(), Qt::Key_Backspace);
            return ada.other()->typing;
        };
        QTRY_VERIFY_WITH_TIMEOUT(typesOn(), kPatience);
        QTest::keyClick(zhang.field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(ada.lastText(), QStringLiteral("Of course"), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!ada.other()->typing, kPatience);

        sendFile(ada, zhang);
        const QImage image = test::picture(ada.window(), QStringLiteral("two-ada"));
        QVERIFY(test::coloursIn(image) > 50);
        test::picture(zhang.window(), QStringLiteral("two-zhang"));
    }

private:
    static void sendFile(Seat& ada, Seat& zhang) {
        const QString path = ada.folder.filePath(QStringLiteral("drawings.bin"));
        QByteArray content(3 * 1024 * 1024 + 17, Qt::Uninitialized);
        for (qsizetype i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 + i / 253);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
        file.close();
        ada.models().actions.sendFile(ada.other()->conversation, path);
        QTRY_VERIFY_WITH_TIMEOUT(zhang.last() && zhang.last()->file, kPatience);
        QCOMPARE(zhang.last()->file->state, TransferState::Offered);
        const QString inbox = zhang.folder.filePath(QStringLiteral("inbox"));
        zhang.models().actions.acceptFile(zhang.last()->file->id, inbox);
        QTRY_VERIFY_WITH_TIMEOUT(zhang.last()->file->state == TransferState::Done, kPatience);
        QFile received(zhang.last()->file->path);
        QVERIFY(received.open(QIODevice::ReadOnly));
        QVERIFY(received.readAll() == content);
        QTRY_VERIFY_WITH_TIMEOUT(ada.last()->file && ada.last()->file->state == TransferState::Done,
                                 kPatience);
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::TwoWindowsTest)
#include "two_windows_test.moc"
