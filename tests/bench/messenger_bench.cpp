/// Measures two whole nodes in one process over loopback, with real profiles on disk: how long a returning peer takes
/// to catch up, and how long a message takes from being sent to its delivered mark. Prints one JSON object per figure.
///
///     messenger_bench catch-up [MESSAGES]
///     messenger_bench latency [MESSAGES]

#include "app/storage/database.h"
#include "app/storage/profile.h"
#include "p2p/timeline/applier.h"
#include "tests/app/messenger/person.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTimer>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace landline::app::test {
namespace {

constexpr int kTimeLimit = 600000;

void print(const char* name, double value, const char* unit) {
    const QJsonObject figure{{QStringLiteral("name"), QLatin1String(name)},
                             {QStringLiteral("value"), value},
                             {QStringLiteral("unit"), QLatin1String(unit)}};
    std::puts(QJsonDocument(figure).toJson(QJsonDocument::Compact).constData());
    std::fflush(stdout);
}

double processorSeconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

bool waitUntil(const std::function<bool()>& holds, int stepMillis = 5) {
    QElapsedTimer timer;
    timer.start();
    while (!holds()) {
        if (timer.elapsed() > kTimeLimit) return false;
        QTest::qWait(stepMillis);
    }
    return true;
}

struct Pair {
    Person ann{kAnn, allowingAll()};
    Person bob{kBob, allowingAll()};

    bool meet() { return bringTogether(ann, bob); }
};

bool lastIs(Person& person, const QString& with, const QString& text, std::optional<MessageState> state) {
    HistoryQuery query;
    query.conversation = person.conversationWith(with);
    query.limit = 1;
    const auto last = person.ask([query](Messenger& m) { return m.history(query); });
    return last.size() == 1 && last[0].text == text && (!state || last[0].state == *state);
}

QString textOf(int number) {
    return QStringLiteral("message number %1 about the quarterly figures").arg(number);
}

/// Writes own messages into a closed profile as its messenger would have, with fewer commits: what is measured is the
/// catching up, not the typing.
void queueMessages(const QString& folder, const ConversationId& conversation, int messages) {
    const auto profile = Profile::open(folder);
    if (!profile) qFatal("%s", profile.error().text.c_str());
    const auto identity = profile.value()->identity();
    const auto opened = Database::open(folder, profile.value()->person());
    if (!opened) qFatal("%s", opened.error().text.c_str());
    Database& store = *opened.value().database;
    const DeviceId self = identity->certificate.device();
    timeline::Applier applier(store, self);
    SystemRandom random;
    const SystemClock clock;
    for (int sent = 0; sent < messages; ++sent) {
        const auto head = store.head(conversation, self).value_or(timeline::TimelineHead{});
        const auto entry =
            timeline::makeEntry(conversation, identity->keys, identity->certificate, {head.number, head.hash},
                                timeline::nextHybrid(store.clock(), clock.wall()),
                                wire::Text{textOf(sent).toStdString(), {}}, random);
        if (applier.applyOwn(entry, clock.wall()).firstError) qFatal("a message was refused");
        constexpr int kAtOnce = 1000;
        if ((sent + 1) % kAtOnce != 0 && sent + 1 != messages) continue;
        if (const auto done = store.commit(); !done) qFatal("%s", done.error().text.c_str());
    }
}

/// From the returning peer's start until both sides have everything on disk, searchable, and ticked.
int catchUp(int messages) {
    Pair pair;
    if (!pair.meet()) return 1;
    const ConversationId conversation = pair.ann.conversationWith(kBob);
    pair.bob.stop();
    pair.ann.stop();
    queueMessages(pair.ann.folder(), conversation, messages);
    pair.ann.start();
    const QString last = textOf(messages - 1);
    const double before = processorSeconds();
    QElapsedTimer timer;
    timer.start();
    pair.bob.start();
    pair.ann.meet(pair.bob);
    const bool done = waitUntil([&] {
        return lastIs(pair.bob, kAnn, last, {}) && lastIs(pair.ann, kBob, last, MessageState::Delivered);
    });
    const double seconds = double(timer.nsecsElapsed()) / 1e9;
    const double processor = processorSeconds() - before;
    SearchQuery query;
    query.words = QString::number(messages - 1);
    const auto found = pair.bob.ask([query](Messenger& m) { return m.search(query); });
    if (!done || found.empty()) return 1;
    print("catch-up", seconds, "s");
    print("catch-up.rate", double(messages) / seconds, "messages/s");
    print("catch-up.cpu", processor, "s");
    return 0;
}

/// One message at a time: the next is sent when the former is ticked.
int latency(int messages) {
    Pair pair;
    if (!pair.meet()) return 1;
    const ConversationId conversation = pair.ann.conversationWith(kBob);
    std::vector<double> millis;
    QElapsedTimer timer;
    QEventLoop loop;
    // Send and tick are both timed on the store thread: a waiting main thread would only add its own wake-ups.
    auto send = [&] {
        timer.start();
        if (!pair.ann.messenger()->sendText(conversation, QStringLiteral("ping")))
            qFatal("a message was refused");
    };
    Messenger* const messenger = pair.ann.messenger();
    QObject::connect(
        messenger, &Messenger::delivered, messenger,
        [&] {
            millis.push_back(double(timer.nsecsElapsed()) / 1e6);
            if (int(millis.size()) < messages)
                QMetaObject::invokeMethod(messenger, send, Qt::QueuedConnection);
            else
                QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
        },
        Qt::DirectConnection);
    QMetaObject::invokeMethod(messenger, send, Qt::QueuedConnection);
    QTimer::singleShot(kTimeLimit, &loop, &QEventLoop::quit);
    loop.exec();
    if (int(millis.size()) < messages) return 1;
    std::sort(millis.begin(), millis.end());
    print("delivered.p50", millis[millis.size() / 2], "ms");
    print("delivered.p99", millis[millis.size() * 99 / 100], "ms");
    return 0;
}

}  // namespace
}  // namespace landline::app::test

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const QString what = arguments.value(1);
    if (what == QLatin1String("catch-up"))
        return landline::app::test::catchUp(arguments.value(2, QStringLiteral("100000")).toInt());
    if (what == QLatin1String("latency"))
        return landline::app::test::latency(arguments.value(2, QStringLiteral("1000")).toInt());
    std::fputs("usage: messenger_bench catch-up|latency [MESSAGES]\n", stderr);
    return 2;
}
