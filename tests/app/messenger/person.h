#pragma once

#include "app/messenger/runtime.h"
#include "p2p/identity/direct_conversation.h"

#include <QCoreApplication>
#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <optional>

namespace landline::app::test {

/// How many milliseconds a test waits for what running nodes do.
inline constexpr int kPatience = 15000;

inline const QString kAnn = QStringLiteral("Ann");
inline const QString kBob = QStringLiteral("Bob");

/// Takes everybody's messages, without a request first.
[[nodiscard]] inline RuntimeOptions allowingAll() {
    RuntimeOptions options;
    options.allowAll = true;
    return options;
}

/// Nothing if there is no such file.
[[nodiscard]] inline QByteArray contentsOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A person with a real profile and a real node on 127.0.0.1, without discovery, so that the test decides who meets whom.
/// Lives on the test's thread.
class Person {
public:
    explicit Person(const QString& name, RuntimeOptions base = {}) : m_options(std::move(base)) {
        m_options.profile = m_folder.filePath(QStringLiteral("profile"));
        m_options.node.discovery = false;
        auto profile = Profile::create(m_options.profile, name);
        if (!profile) qFatal("%s", profile.error().text.c_str());
    }

    /// Another device of the same person: a copy of `other`'s profile, which must not run at the time.
    [[nodiscard]] static std::unique_ptr<Person> copyOf(const Person& other, RuntimeOptions base = {}) {
        std::unique_ptr<Person> copy(new Person(std::move(base)));
        QDir().mkpath(copy->folder());
        for (const QString& file : QDir(other.folder()).entryList(QDir::Files))
            QFile::copy(QDir(other.folder()).filePath(file), QDir(copy->folder()).filePath(file));
        return copy;
    }

    /// Opens and goes online; the port is known when it returns.
    void start() {
        auto opened = Runtime::open(m_options);
        if (!opened) qFatal("%s", opened.error().text.c_str());
        m_runtime = std::move(*opened);
        QSignalSpy ready(m_runtime->port().messenger(), &Messenger::ready);
        m_runtime->startNetwork();
        if (ready.isEmpty() && !ready.wait(5000)) qFatal("the node did not become ready");
        m_port = ready.first().first().value<quint16>();
        m_options.node.listenPort = m_port;
    }
    void stop() { m_runtime.reset(); }
    [[nodiscard]] quint16 port() const { return m_port; }
    /// Takes another profile from the next start on.
    void moveTo(const QString& profile) { m_options.profile = profile; }

    void meet(const Person& other) { m_runtime->addHost(QStringLiteral("127.0.0.1:%1").arg(other.m_port)); }

    /// Runs `work(Messenger&)` on the store thread and gives its result.
    template <class Work>
    auto ask(Work work) {
        using Result = decltype(work(std::declval<Messenger&>()));
        std::optional<Result> result;
        QEventLoop loop;
        m_runtime->port().call(&loop, std::move(work), [&](Result value) {
            result.emplace(std::move(value));
            loop.quit();
        });
        if (!result) loop.exec();
        return std::move(*result);
    }

    [[nodiscard]] Messenger* messenger() const { return m_runtime->port().messenger(); }
    [[nodiscard]] SelfView self() {
        return ask([](Messenger& m) { return m.self(); });
    }
    [[nodiscard]] QString notice() const { return m_runtime->notice(); }
    [[nodiscard]] QString folder() const { return m_options.profile; }
    /// With what it starts.
    [[nodiscard]] const RuntimeOptions& options() const { return m_options; }

    [[nodiscard]] bool knows(const QString& name) {
        return ask([name](Messenger& m) { return m.find(name).ok(); });
    }
    [[nodiscard]] bool sees(const QString& name) {
        return ask([name](Messenger& m) {
            const auto found = m.find(name);
            return found.ok() && found->path == Path::Direct;
        });
    }
    [[nodiscard]] ConversationId conversationWith(const QString& name) {
        return ask([name](Messenger& m) { return m.find(name).value().conversation; });
    }
    [[nodiscard]] PersonId personCalled(const QString& name) {
        return ask([name](Messenger& m) { return m.find(name).value().record.id; });
    }
    Expected<MessageRecord> send(const QString& to, const QString& text) {
        const ConversationId conversation = conversationWith(to);
        return ask([=](Messenger& m) { return m.sendText(conversation, text); });
    }
    [[nodiscard]] std::vector<MessageRecord> historyWith(const QString& name) {
        HistoryQuery query;
        query.conversation = conversationWith(name);
        query.limit = 10000;
        return ask([query](Messenger& m) { return m.history(query); });
    }
    [[nodiscard]] QStringList textsWith(const QString& name) {
        QStringList texts;
        for (const MessageRecord& message : historyWith(name))
            texts.push_back(message.deleted ? QString() : message.text);
        return texts;
    }

private:
    explicit Person(RuntimeOptions base) : m_options(std::move(base)) {
        m_options.profile = m_folder.filePath(QStringLiteral("profile"));
        m_options.node.discovery = false;
    }

    QTemporaryDir m_folder;
    RuntimeOptions m_options;
    std::unique_ptr<Runtime> m_runtime;
    quint16 m_port = 0;
};

/// Starts both and waits until each sees the other; false if that takes too long.
[[nodiscard]] inline bool bringTogether(Person& one, Person& other) {
    one.start();
    other.start();
    one.meet(other);
    const QString names[] = {one.self().name, other.self().name};
    return QTest::qWaitFor([&] { return one.sees(names[1]) && other.sees(names[0]); }, kPatience);
}

}  // namespace landline::app::test
