#include "p2p/net/peer_sessions.h"

#include "p2p/base/limits.h"
#include "p2p/net/times.h"
#include "p2p/session/crossing.h"

#include <QHash>
#include <QTimer>

#include <algorithm>

namespace landline::net {

using wire::CloseReason;

namespace {

/// Of these, oldest first, the one to be closed; null while they are few enough.
ConversationSession* surplusOf(const std::vector<ConversationSession*>& sessions) {
    QHash<QHostAddress, std::size_t> ofAddress;
    std::size_t most = 0;
    for (const ConversationSession* const session : sessions)
        most = std::max(most, ++ofAddress[session->peerAddress()]);
    if (sessions.size() <= limits::kStandingSessions && most <= limits::kStandingPerAddress) return nullptr;
    ConversationSession* oldest = nullptr;
    for (ConversationSession* const session : sessions) {
        if (ofAddress.value(session->peerAddress()) != most) continue;
        if (session->isIdle()) return session;
        if (!oldest) oldest = session;
    }
    return oldest;
}

}  // namespace

PeerSessions::PeerSessions(const SessionParts& parts, IsWanted isWanted, QObject* parent)
    : QObject(parent),
      m_parts(parts),
      m_isWanted(std::move(isWanted)),
      m_self(parts.party.certificate->device()) {}

void PeerSessions::take(LinkHandle link, session::RemoteParty remote, const Candidate& candidate,
                        bool outgoing) {
    if (isRefused(remote.certificate.person())) {
        link->close(CloseReason::NotWelcome, tr("This person does not take messages from you."));
        return;
    }
    if (!supersede(remote, outgoing)) {
        link->close(CloseReason::Superseded, {});
        return;
    }
    const SessionNumber number = ++m_lastNumber;
    SessionInfo info{number, std::make_shared<const session::RemoteParty>(std::move(remote)), candidate,
                     outgoing};
    ConversationSession* const made =
        new ConversationSession(info, m_parts.clock.mono(), std::move(link), m_self, *this, this);
    m_sessions.emplace(number, made);
    m_current[info.device()] = number;
    QTimer::singleShot(ceilMillis(limits::kDigestTimeout), made, [this, made] { closeIfSilent(*made); });
    Q_EMIT opened(info);
    tellProfile(*made);
}

bool PeerSessions::supersede(const session::RemoteParty& remote, bool outgoing) {
    const DeviceId& device = remote.certificate.device();
    ConversationSession* const standing = current(device);
    if (!standing) return true;
    const session::Dialled before{dialler(device, standing->info().outgoing), standing->established()};
    const session::Dialled now{dialler(device, outgoing), m_parts.clock.mono()};
    // Another instance has taken the place of the one that we talked to, which is gone whatever its socket says.
    const bool restarted = standing->info().remote->hello.instance != remote.hello.instance;
    if (!restarted && session::keepOf(before, now) == session::Keep::First) return false;
    const SessionNumber number = standing->info().number;
    standing->dismiss(CloseReason::Superseded, {});
    remove(number);
    Q_EMIT closed(number, device, CloseReason::Superseded, {});
    return true;
}

DeviceId PeerSessions::dialler(const DeviceId& remote, bool outgoing) const {
    return outgoing ? m_self : remote;
}

void PeerSessions::setRefused(const std::set<PersonId>& persons) {
    m_refused = persons;
    for (ConversationSession* const session : all())
        if (isRefused(session->info().person()))
            session->close(CloseReason::NotWelcome, tr("This person does not take messages from you."));
}

void PeerSessions::setProfile(const wire::Profile& profile) {
    m_profile = profile;
    for (ConversationSession* const session : all()) tellProfile(*session);
}

void PeerSessions::setRelaysFor(const PersonId& person, const wire::ToldRelays& told, std::uint64_t edition) {
    if (told == wire::ToldRelays{})
        m_relaysFor.erase(person);
    else
        m_relaysFor[person] = {told, edition};
    eachOf({person}, [this](ConversationSession& session) { tellProfile(session); });
}

void PeerSessions::tellProfile(ConversationSession& session) const {
    if (!m_profile) return;
    wire::Profile told = *m_profile;
    if (const auto relays = m_relaysFor.find(session.info().person()); relays != m_relaysFor.end()) {
        told.told = relays->second.told;
        // What was said last, of name or relays, is what both are as of.
        told.edition = std::max(told.edition, relays->second.edition);
    }
    session.tell(told);
}

ConversationSession* PeerSessions::find(SessionNumber number) const {
    const auto found = m_sessions.find(number);
    return found == m_sessions.end() ? nullptr : found->second.get();
}

ConversationSession* PeerSessions::current(const DeviceId& device) const {
    const auto found = m_current.find(device);
    return found == m_current.end() ? nullptr : find(found->second);
}

std::vector<ConversationSession*> PeerSessions::all() const {
    std::vector<ConversationSession*> sessions;
    for (const auto& [number, session] : m_sessions) sessions.push_back(session.get());
    return sessions;
}

void PeerSessions::eachOf(const std::vector<PersonId>& persons,
                          const std::function<void(ConversationSession&)>& action) {
    for (ConversationSession* const session : all())
        if (std::find(persons.begin(), persons.end(), session->info().person()) != persons.end())
            action(*session);
}

void PeerSessions::trim() {
    std::vector<ConversationSession*> unwanted = all();
    std::erase_if(unwanted, [this](const ConversationSession* session) {
        return m_isWanted(session->info().device());
    });
    while (ConversationSession* const surplus = surplusOf(unwanted)) {
        std::erase(unwanted, surplus);
        surplus->close(CloseReason::Idle, {});
    }
}

void PeerSessions::closeIfSilent(ConversationSession& session) {
    if (!session.hasHeardDigest() && !m_isWanted(session.info().device()))
        session.close(CloseReason::Idle, {});
}

void PeerSessions::dropThoseNotAt(const std::set<QString>& localAddresses) {
    for (ConversationSession* const session : all()) {
        QHostAddress local = session->localAddress();
        local.setScopeId({});
        if (localAddresses.count(local.toString()) == 0)
            session->fail(tr("The network address %1 of this device is gone.").arg(local.toString()));
    }
}

void PeerSessions::failAll(const QString& why) {
    for (ConversationSession* const session : all()) session->fail(why);
}

void PeerSessions::closeAll(CloseReason reason) {
    for (ConversationSession* const session : all()) session->close(reason, {});
}

void PeerSessions::syncAsks(ConversationSession& from, timeline::SyncAction action) {
    const SessionNumber number = from.info().number;
    if (const auto* apply = std::get_if<timeline::ApplyEntries>(&action)) {
        Q_EMIT applyWanted(number, apply->entries);
    } else if (const auto* read = std::get_if<timeline::ReadEntries>(&action)) {
        Q_EMIT readWanted(number, *read);
    } else if (const auto* heads = std::get_if<timeline::RecordPeerHeads>(&action)) {
        Q_EMIT peerHeads(number, heads->conversation, heads->heads);
    } else if (const auto* fork = std::get_if<timeline::ExamineFork>(&action)) {
        Q_EMIT forkToExamine(number, fork->evidence);
    }
}

void PeerSessions::liveReceived(ConversationSession& from, const wire::Message& message) {
    const SessionInfo& info = from.info();
    if (const auto* profile = std::get_if<wire::Profile>(&message)) {
        Q_EMIT profileReceived(info.device(), info.person(), *profile);
    } else if (const auto* typing = std::get_if<wire::Typing>(&message)) {
        Q_EMIT typingReceived(info.person(), *typing);
    } else {
        const auto& transfer = std::get<wire::DialBack>(message).transfer;
        if (!transfer)
            Q_EMIT dialBackAsked(info.device(), from.listeningAt());
        else if (from.mayAskForFile(m_parts.clock.mono()))
            Q_EMIT fileDialBackAsked(info.device(), info.person(), *transfer);
    }
}

void PeerSessions::conversationEnded(ConversationSession& from, const session::Ended& ended) {
    const SessionInfo info = from.info();
    remove(info.number);
    Q_EMIT closed(info.number, info.device(), ended.reason,
                  ended.error ? QString::fromStdString(ended.error->text) : QString());
}

void PeerSessions::remove(SessionNumber number) {
    const auto found = m_sessions.find(number);
    if (found == m_sessions.end()) return;
    const DeviceId device = found->second->info().device();
    const auto isCurrent = m_current.find(device);
    if (isCurrent != m_current.end() && isCurrent->second == number) m_current.erase(isCurrent);
    m_sessions.erase(found);
}

}  // namespace landline::net
