#pragma once

#include "p2p/net/bulk_thread.h"
#include "p2p/net/dialler.h"
#include "p2p/net/discovery_driver.h"
#include "p2p/net/host_dialler.h"
#include "p2p/net/listener.h"
#include "p2p/net/network_monitor.h"
#include "p2p/net/node.h"
#include "p2p/net/peer_sessions.h"
#include "p2p/net/relays.h"

namespace landline::net {

/// The parts of a Node and the wires between them. The QObjects are the node's children, so that they move to its thread
/// with it.
struct Node::Impl {
    Impl(Node& owner, NodeConfig given, std::shared_ptr<const LocalIdentity> who);

    void listen();
    void startDiscovery();
    void wireSessions();
    void wireFiles();
    void wireRelays();
    void takeOpened(LinkHandle link, session::RemoteParty remote, const Candidate& candidate, bool outgoing);
    void takeAccepted(LinkHandle link, session::RemoteParty remote, wire::Purpose purpose);
    void onOpened(const SessionInfo& info);
    void onClosed(SessionNumber number, const DeviceId& device, wire::CloseReason reason, const QString& why);
    void onSeen(const discovery::Seen& seen);
    void onNetworkChanged(bool resumed);
    void reportClone();
    void reportOtherVersion(const QString& text);
    void probeForClone(const discovery::Endpoint& at);
    void endCloneProbe();
    [[nodiscard]] FileFetch::Route routeTo(const Contact& contact) const;
    void stopIfEmpty();
    void finishStop();

    Node& q;
    const NodeConfig config;
    const std::shared_ptr<const LocalIdentity> identity;
    const DeviceId self;
    SystemClock clock;
    SystemRandom random;
    BytePool buffers;
    session::LocalParty party;
    LinkKeeper* const links;
    Listener* const listener;
    PeerSessions* const sessions;
    Dialler* const dialler;
    HostDialler* const hosts;
    Relays* const relays;
    BulkThread* const files;
    DiscoveryDriver* discovery = nullptr;  ///< once started, if wanted
    LaterPtr<DialAttempt> cloneProbe;
    bool visible;
    bool started = false;
    bool stopping = false;
    bool bulkEmpty = false;  ///< once stopping
    bool toldStopped = false;
    bool toldClone = false;
    bool toldOtherVersion = false;
};

}  // namespace landline::net
