#pragma once

#include "p2p/net/link_keeper.h"
#include "relay/clients/hub.h"
#include "relay/config.h"
#include "relay/relay_keys.h"
#include "relay/store/store_folder.h"
#include "relay/store/store_thread.h"

#include <functional>

namespace landline::net {
class Listener;
}

namespace landline::relay {

/// A relay that runs: listeners and sessions around a Hub, and the store's thread beside it. Lives on one thread with an
/// event loop; StoreFolder, clock and random outlive it.
///
/// Everything that the hub wants done is done in one place (`settle`), after whatever the hub was given, so that neither is
/// ever called from within itself. Answers of the store come by one event for each batch.
class RelayServer final : public QObject, private net::LinkUser {
    Q_OBJECT

public:
    /// Takes a line for the operator: no names, no keys, and addresses only where the settings say so.
    using Log = std::function<void(const std::string&)>;
    using Answered = std::function<void(StoreAnswer)>;

    RelayServer(const RelayConfig& config, RelayKeys keys, const Clock& clock, Random& random, Log log);
    ~RelayServer() override;

    /// Opens the store and listens. Fails with Disk, Full, VersionMismatch, or Unreachable where an address cannot be had.
    [[nodiscard]] Expected<void> start(StoreFolder& folder);
    /// Of the first address.
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const HubFigures& figures() { return m_hub.figures(); }
    /// As of the last call, and asks for newer ones.
    [[nodiscard]] StoreFigures storeFigures();
    /// Why it should be given no work: a sentence for the operator; nothing if all is well. As of the last figures.
    [[nodiscard]] std::optional<std::string> trouble();
    /// Takes over what may change while it runs.
    void reload(const RelayConfig& config);
    /// Something for the store that no client asked for.
    void ask(StoreRequest request, Answered answered);
    /// As `ask`; once it is on the disk a device that was revoked has no session any more.
    void revoke(const Revoke& request, Answered answered);
    [[nodiscard]] bool isHere(const DeviceId& device) const { return m_hub.isHere(device); }
    /// Ends all sessions and takes over the database that FolderWork::layReady has made. Blocks for the disk. Gives the name
    /// of the one there was. If it fails that one is served on.
    [[nodiscard]] Expected<std::string> takeRestored();
    /// Tells the clients when to come back, answers what was begun, ends the store. `stopped` follows.
    void stop();

Q_SIGNALS:
    void stopped();
    /// There is no store any more that could be served.
    void failed();

private:
    struct Connected {
        net::LinkHandle link;
        std::size_t waiting = 0;  ///< as the hub was told
        bool isQueued = false;    ///< is in m_queued
    };

    [[nodiscard]] Expected<void> openStore();
    [[nodiscard]] Expected<void> listen(const HostPort& at);
    [[nodiscard]] Expected<void> listenAll();
    void accept(net::LinkHandle link, const session::RemoteParty& remote);
    void onAnswers();
    void settle();
    void perform(Output& output);
    void queue(Connected& client, ClientId id, wire::relay::Frame& frame);
    void flush();
    void askStore(TaggedRequest request, StoreThread::From from);
    void giveAnswer(TaggedAnswer answer);
    void rearm();
    void endIfDone();
    void sayWhere(const net::Candidate& at, const char* what);

    void sessionReceived(net::LinkDriver& link, wire::Message message) override;
    void linkProgressed(net::LinkDriver& link) override;
    void linkEnded(net::LinkDriver& link, const session::Ended& ended) override;

    RelayConfig m_config;
    const RelayKeys m_keys;
    const Clock& m_clock;
    Log m_log;
    /// Nearly every read is over when the next one begins.
    BytePool m_buffers{8};
    session::LocalParty m_party;
    net::LinkKeeper m_links;
    Hub m_hub;
    std::vector<std::unique_ptr<net::Listener>> m_listeners;
    StoreFolder* m_folder = nullptr;
    std::unique_ptr<StoreThread> m_store;
    std::unordered_map<ClientId, Connected> m_clients;
    std::vector<ClientId> m_queued;  ///< clients for whom something is to be written
    std::unordered_map<const net::LinkDriver*, ClientId> m_ids;
    std::unordered_map<StoreTag, Answered> m_asked;
    StoreTag m_nextAsked = 1;
    StoreFigures m_storeFigures;
    bool m_isAskingFigures = false;
    MonoTime m_heardOfStore{};  ///< or asked it for figures, when none were awaited
    QTimer m_timer;
    MonoTime m_armedFor{};
    bool m_isSettling = false;
    bool m_isStopping = false;
    bool m_isStopped = false;
};

/// The parts of the settings that the hub and the store go by.
[[nodiscard]] ClientRules clientRulesOf(const RelayConfig& config);
[[nodiscard]] StoreRules storeRulesOf(const RelayConfig& config);

}  // namespace landline::relay
