#pragma once

#include "p2p/net/conversation_session.h"
#include "p2p/net/later_ptr.h"
#include "p2p/net/link_keeper.h"

#include <functional>
#include <map>
#include <set>
#include <unordered_map>

namespace landline::net {

/// The open conversation sessions, at most one for each device. Where two meet, session/crossing.h says which is kept;
/// the other one's end is told first, so that for a listener a device never has two.
class PeerSessions final : public QObject, private ConversationUser {
    Q_OBJECT

public:
    /// Whether the app asked for a session with the device.
    using IsWanted = std::function<bool(const DeviceId&)>;

    PeerSessions(const SessionParts& parts, IsWanted isWanted, QObject* parent);

    /// Takes over a session that has opened.
    void take(LinkHandle link, session::RemoteParty remote, const Candidate& candidate, bool outgoing);
    void setRefused(const std::set<PersonId>& persons);
    [[nodiscard]] bool isRefused(const PersonId& person) const { return m_refused.count(person) != 0; }
    /// Told to every session, now and when it opens.
    void setProfile(const wire::Profile& profile);
    /// What the profile says to this person alone of where it may leave something, and the edition since which it is so.
    void setRelaysFor(const PersonId& person, const wire::ToldRelays& told, std::uint64_t edition);
    /// Null if there is none of this number, or it has ended.
    [[nodiscard]] ConversationSession* find(SessionNumber number) const;
    [[nodiscard]] ConversationSession* current(const DeviceId& device) const;
    void eachOf(const std::vector<PersonId>& persons,
                const std::function<void(ConversationSession&)>& action);
    /// Closes sessions that are not wanted beyond limits::kStandingSessions and limits::kStandingPerAddress: of the address
    /// with the most the oldest idle one, or else the oldest. A flood of strangers so puts out its own.
    void trim();
    /// Ends those whose own address this machine does not have any more.
    void dropThoseNotAt(const std::set<QString>& localAddresses);
    /// The transport of every session is taken for dead.
    void failAll(const QString& why);
    void closeAll(wire::CloseReason reason);

Q_SIGNALS:
    void opened(const landline::net::SessionInfo& session);
    void closed(landline::net::SessionNumber number, const landline::DeviceId& device,
                landline::wire::CloseReason reason, const QString& why);
    void profileReceived(const landline::DeviceId& device, const landline::PersonId& person,
                         const landline::wire::Profile& profile);
    void typingReceived(const landline::PersonId& person, const landline::wire::Typing& typing);
    void dialBackAsked(const landline::DeviceId& device, const landline::net::Candidate& at);
    /// To give this file.
    void fileDialBackAsked(const landline::DeviceId& device, const landline::PersonId& person,
                           const landline::wire::TransferId& transfer);
    void applyWanted(landline::net::SessionNumber number, const landline::wire::Entries& entries);
    void readWanted(landline::net::SessionNumber number, const landline::timeline::ReadEntries& request);
    void peerHeads(landline::net::SessionNumber number, const landline::ConversationId& conversation,
                   const std::vector<landline::wire::AuthorHead>& heads);
    void forkToExamine(landline::net::SessionNumber number, const landline::wire::ForkEvidence& evidence);

private:
    struct RelaysFor {
        wire::ToldRelays told;
        std::uint64_t edition = 0;
    };

    void syncAsks(ConversationSession& from, timeline::SyncAction action) override;
    void liveReceived(ConversationSession& from, const wire::Message& message) override;
    void conversationEnded(ConversationSession& from, const session::Ended& ended) override;

    /// False if the session that stands is kept.
    [[nodiscard]] bool supersede(const session::RemoteParty& remote, bool outgoing);
    void remove(SessionNumber number);
    void tellProfile(ConversationSession& session) const;
    void closeIfSilent(ConversationSession& session);
    [[nodiscard]] std::vector<ConversationSession*> all() const;
    [[nodiscard]] DeviceId dialler(const DeviceId& remote, bool outgoing) const;

    const SessionParts m_parts;
    const IsWanted m_isWanted;
    DeviceId m_self;
    SessionNumber m_lastNumber = 0;
    std::map<SessionNumber, LaterPtr<ConversationSession>> m_sessions;
    std::unordered_map<DeviceId, SessionNumber> m_current;
    std::set<PersonId> m_refused;
    std::optional<wire::Profile> m_profile;
    std::map<PersonId, RelaysFor> m_relaysFor;
};

}  // namespace landline::net
