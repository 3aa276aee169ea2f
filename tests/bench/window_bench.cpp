/// How long the desktop program takes to show its window and a conversation, and what it keeps in memory; the same of a
/// window with nothing in it. Prints one JSON object per figure. START is the monotonic clock (nanoseconds) just before
/// this program was started, so that loading it counts.
///
///     window_bench blank START
///     window_bench FOLDER START      on the profile that million_bench makes in FOLDER

#include "app/storage/profile.h"
#include "app/views/conversation_pane.h"
#include "app/views/desktop.h"
#include "app/views/fonts.h"
#include "app/views/language.h"
#include "app/views/main_window.h"
#include "app/views/message_view.h"
#include "app/views/sidebar.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

namespace landline::app {
namespace {

constexpr int kPatienceMillis = 60'000;
constexpr qint64 kKibPerMib = 1024;
constexpr QSize kWindowSize(960, 660);  // as the program's

void print(const char* name, double value) {
    std::printf("{\"name\":\"%s\",\"value\":%g}\n", name, value);
    std::fflush(stdout);
}

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "window_bench: %s\n", what);
    std::exit(1);
}

double millisSince(qint64 startNanos) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return double(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - startNanos) / 1e6;
}

double residentMib() {
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly)) fail("/proc is not there");
    for (const QByteArray& line : status.readAll().split('\n'))
        if (line.startsWith("VmRSS:"))
            return double(line.simplified().split(' ').at(1).toLongLong()) / kKibPerMib;
    fail("/proc does not tell the memory");
}

/// Calls back once the widget, or a part of it, has been painted after `arm`.
class PaintWatch final : public QObject {
public:
    explicit PaintWatch(QWidget* widget) : m_widget(widget) { qApp->installEventFilter(this); }
    void arm(std::function<void()> painted) {
        m_painted = std::move(painted);
        m_widget->update();
    }

    bool eventFilter(QObject* object, QEvent* event) override {
        const auto* const widget = qobject_cast<QWidget*>(object);
        const bool ours = widget && (widget == m_widget || m_widget->isAncestorOf(widget));
        // The callback comes after this pass through the event loop, by when all parts are on the screen.
        if (ours && event->type() == QEvent::Paint && m_painted)
            QTimer::singleShot(0, this, std::exchange(m_painted, nullptr));
        return false;
    }

private:
    QWidget* m_widget;
    std::function<void()> m_painted;
};

/// Runs the event loop until `stop` is called.
class Wait {
public:
    Wait() {
        QTimer::singleShot(kPatienceMillis, &m_loop, [] { fail("a window did not show what it should"); });
    }
    void run() { m_loop.exec(); }
    void stop() { m_loop.quit(); }

private:
    QEventLoop m_loop;
};

/// Runs the event loop until the widget has been painted anew.
void waitForPaint(QWidget* widget) {
    PaintWatch watch(widget);
    Wait wait;
    watch.arm([&wait] { wait.stop(); });
    wait.run();
}

int blank(qint64 start) {
    QWidget window;
    window.resize(kWindowSize);
    window.show();
    waitForPaint(&window);
    print("window.blank", millisSince(start));
    print("memory.blank", residentMib());
    return 0;
}

std::vector<PersonView> people(Desktop& desktop) {
    std::vector<PersonView> result;
    const SidebarModel& sidebar = desktop.models()->sidebar;
    for (int i = 0; i < sidebar.rowCount(); ++i)
        if (sidebar.row(i)->kind == SidebarRow::Kind::Person) result.push_back(sidebar.row(i)->person);
    return result;
}

void waitForPeople(Desktop& desktop) {
    if (!desktop.models()) {
        Wait wait;
        QObject::connect(&desktop, &Desktop::opened, &desktop, [&wait] { wait.stop(); });
        wait.run();
    }
    if (people(desktop).empty()) {
        Wait wait;
        QObject::connect(&desktop.models()->sidebar, &SidebarModel::arranged, &desktop, [&] {
            if (!people(desktop).empty()) wait.stop();
        });
        wait.run();
    }
    waitForPaint(desktop.window()->sidebar());
}

/// The worst of opening each person's conversation for the first time.
double openConversations(Desktop& desktop) {
    double worst = 0;
    MessageListModel& messages = desktop.models()->messages;
    for (const PersonView& person : people(desktop)) {
        QElapsedTimer timer;
        timer.start();
        Wait wait;
        QObject::connect(
            &messages, &MessageListModel::opened, &messages, [&wait] { wait.stop(); },
            Qt::SingleShotConnection);
        desktop.window()->openConversation(person.record.id);
        wait.run();
        waitForPaint(desktop.window()->conversation()->view());
        if (messages.rowCount() == 0) fail("a conversation is empty");
        worst = std::max(worst, double(timer.nsecsElapsed()) / 1e6);
    }
    return worst;
}

int full(const QString& folder, qint64 start) {
    DesktopOptions options;
    options.runtime.profile = folder + QStringLiteral("/million");
    options.runtime.node.discovery = false;
    installLanguage(*qApp, {});
    chooseFont(*qobject_cast<QApplication*>(qApp));
    Desktop desktop(options);
    desktop.start();
    waitForPaint(desktop.window());
    print("window.shown", millisSince(start));
    waitForPeople(desktop);
    print("window.filled", millisSince(start));
    print("conversation.opened", openConversations(desktop));
    print("memory.resident", residentMib());
    return 0;
}

}  // namespace
}  // namespace landline::app

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 3) {
        std::fputs("usage: window_bench blank|FOLDER START\n", stderr);
        return 2;
    }
    QGuiApplication::setQuitOnLastWindowClosed(false);
    const qint64 start = arguments[2].toLongLong();
    if (arguments[1] == QLatin1String("blank")) return landline::app::blank(start);
    return landline::app::full(arguments[1], start);
}
