#pragma once

#include "p2p/envelope/prekey.h"
#include "p2p/identity/relay_url.h"
#include "relay/relay_server.h"
#include "relay/store/folder_work.h"
#include "tests/relay/store/temporary_folder.h"

#include <QEventLoop>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include <memory>
#include <optional>

namespace landline::app::test {

/// A whole relay with a folder of its own, on 127.0.0.1 and the test's thread: it answers while the test's event loop runs.
/// What it holds and knows outlives its stops.
class ServedRelay {
public:
    static constexpr int kPatience = 60'000;

    ServedRelay() {
        m_config.listen = {{"127.0.0.1", 0}};
        m_key = relay::makeRelayKeys(keyFile(), m_random, m_clock.wall()).value().certificate.noiseKey();
        m_folder = relay::StoreFolder::acquire(m_files.path()).value();
        m_folder->setReserve(0);
        start();
    }
    ~ServedRelay() { stop(); }
    ServedRelay(const ServedRelay&) = delete;
    ServedRelay& operator=(const ServedRelay&) = delete;

    /// On the port that it had before.
    void start() {
        m_server = std::make_unique<relay::RelayServer>(m_config, relay::readRelayKeys(keyFile()).value(), m_clock, m_random,
                                                        [](const std::string&) {});
        if (const auto started = m_server->start(*m_folder); !started) qFatal("%s", started.error().text.c_str());
        m_config.listen.front().port = m_server->port();
    }
    /// Tells its clients to come back, and is gone.
    void stop() {
        if (!m_server) return;
        // Qt Test's own waits are none once a test has failed.
        bool isStopped = false;
        QEventLoop loop;
        QObject::connect(m_server.get(), &relay::RelayServer::stopped, &loop, [&] {
            isStopped = true;
            loop.quit();
        });
        QTimer::singleShot(kPatience, &loop, &QEventLoop::quit);
        m_server->stop();
        if (!isStopped) loop.exec();
        if (!isStopped) qFatal("the relay did not stop");
        m_server.reset();
    }
    /// In effect from the next start on.
    [[nodiscard]] relay::RelayConfig& config() { return m_config; }
    /// Gives everybody an account, from the next start on.
    void setOpen(bool isOpen) { m_config.open = isOpen; }
    /// A copy of what it has, which `restore` puts in the place of what came since, while it does not run.
    void backUp() {
        const auto work = relay::FolderWork::begin(m_files.path(), relay::FolderWork::Kind::BackUp).value();
        if (const auto done = work->backUp(backup(), true); !done) qFatal("%s", done.error().text.c_str());
    }
    void restore() {
        const auto work = relay::FolderWork::begin(m_files.path(), relay::FolderWork::Kind::Restore).value();
        if (const auto done = work->layReady(backup(), true, m_random); !done) qFatal("%s", done.error().text.c_str());
        if (const auto done = m_folder->takeReady(); !done) qFatal("%s", done.error().text.c_str());
    }

    [[nodiscard]] identity::RelayUrl url(std::optional<RelayInvite> invite = {}) const {
        return {"127.0.0.1", m_config.listen.front().port, m_key, invite};
    }
    [[nodiscard]] QString urlText(std::optional<RelayInvite> invite = {}) const {
        return QString::fromStdString(identity::formatRelayUrl(url(invite)));
    }
    [[nodiscard]] const NoiseKey& key() const { return m_key; }
    RelayInvite invite(std::uint32_t uses = 1) {
        const auto made = m_random.make<RelayInvite>();
        (void)ask<relay::ChangeAnswer>(
            relay::AddInvite{relay::hashOf(made), uses, m_clock.wall() + std::chrono::hours(1), {}});
        return made;
    }
    void revoke(const DeviceId& device) { (void)ask<relay::ChangeAnswer>(relay::Revoke{device, false}); }
    /// What a stranger with this token is told: the prekey, or why there is none.
    wire::relay::Prekeys::One prekeyOf(const DeviceId& device, const RelayToken& token) {
        const relay::Party nobody{m_random.make<DeviceId>(), m_random.make<PersonId>()};
        return ask<relay::PrekeysAnswer>(relay::FetchPrekeys{nobody, {{device, token}}}).told.prekeys.at(0);
    }
    relay::StoreFigures figures() { return ask<relay::StoreFigures>(relay::AskFigures{}); }
    [[nodiscard]] bool isHere(const DeviceId& device) const { return m_server->isHere(device); }
    [[nodiscard]] relay::RelayServer& server() { return *m_server; }

private:
    [[nodiscard]] std::string backup() const { return m_files.file("backup.db"); }
    [[nodiscard]] std::string keyFile() const { return m_files.file("relay.key"); }
    template <class Answer>
    Answer ask(relay::StoreRequest request) {
        std::optional<Answer> told;
        m_server->ask(std::move(request),
                      [&told](relay::StoreAnswer answer) { told = std::get<Answer>(std::move(answer)); });
        if (!QTest::qWaitFor([&told] { return told.has_value(); }, kPatience)) qFatal("the relay's store does not answer");
        return *std::move(told);
    }

    landline::test::TemporaryFolder m_files;
    SystemRandom m_random;
    SystemClock m_clock;
    relay::RelayConfig m_config;
    NoiseKey m_key;
    std::unique_ptr<relay::StoreFolder> m_folder;
    std::unique_ptr<relay::RelayServer> m_server;
};

}  // namespace landline::app::test
