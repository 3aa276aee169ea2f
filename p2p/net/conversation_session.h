#pragma once

#include "p2p/discovery/verify_budget.h"
#include "p2p/net/link_driver.h"
#include "p2p/net/live_gate.h"
#include "p2p/net/node.h"
#include "p2p/timeline/sync_engine.h"

namespace landline::net {

class ConversationSession;

/// Told by a ConversationSession, synchronously.
class ConversationUser {
public:
    virtual ~ConversationUser() = default;
    /// Anything but SendMessage.
    virtual void syncAsks(ConversationSession&, timeline::SyncAction) = 0;
    /// Profile, Typing, DialBack.
    virtual void liveReceived(ConversationSession&, const wire::Message&) = 0;
    /// The last call.
    virtual void conversationEnded(ConversationSession&, const session::Ended&) = 0;
};

/// One open conversation session: routes frames between the link and the sync engine, and keeps the two windows: nothing
/// is read while the store has as much to do as it may (SyncEngine::mayReceive), nothing is sent while the link is full.
/// Profiles and typing pass a gate each (limits::kLiveInterval).
class ConversationSession final : public QObject, private LinkUser {
    Q_OBJECT

public:
    ConversationSession(SessionInfo info, MonoTime established, LinkHandle link, const DeviceId& self,
                        ConversationUser& user, QObject* parent);

    [[nodiscard]] const SessionInfo& info() const { return m_info; }
    [[nodiscard]] MonoTime established() const { return m_established; }
    [[nodiscard]] QHostAddress localAddress() const { return m_link->localAddress(); }
    [[nodiscard]] QHostAddress peerAddress() const { return m_link->peer().address; }
    /// Nothing is on its way in either direction.
    [[nodiscard]] bool isIdle() const { return m_started && m_engine.idle(); }

    /// Where the other side listens, as its hello says.
    [[nodiscard]] Candidate listeningAt() const {
        return {m_info.candidate.address, m_info.remote->hello.listenPort};
    }
    /// Whether a DialBack for a file counts (limits::kFileDialBacks); it is then charged.
    [[nodiscard]] bool mayAskForFile(MonoTime now);

    [[nodiscard]] bool hasHeardDigest() const { return m_engine.hasHeardDigest(); }

    void startSync(std::vector<timeline::ConversationHeads> conversations);
    void headsChanged(const timeline::ConversationHeads& changed, const std::vector<wire::Entries>& fresh);
    void entriesRead(const timeline::ReadEntries& request, std::vector<wire::SignedEntry> entries);
    void applied(std::size_t bytes);
    void examined();
    void sendForkEvidence(const wire::ForkEvidence& evidence);
    /// Profile, Typing, DialBack: small, so they need not wait for room.
    void tell(const wire::Message& message);
    void close(wire::CloseReason reason, const QString& text);
    void fail(const QString& why);
    /// Closes and is not heard of any more.
    void dismiss(wire::CloseReason reason, const QString& text);

private:
    void sessionReceived(LinkDriver& driver, wire::Message message) override;
    void sessionWritable(LinkDriver& driver) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;
    void passLive(const wire::Message& message);
    void drain();
    void drainOnce();

    SessionInfo m_info;
    MonoTime m_established;
    LinkHandle m_link;
    ConversationUser& m_user;
    discovery::TokenBucket m_fileDialBacks;
    timeline::SyncEngine m_engine;
    LiveGate m_profiles;
    LiveGate m_typings;
    bool m_started = false;
    bool m_ended = false;
    bool m_draining = false;
    bool m_again = false;
};

}  // namespace landline::net
