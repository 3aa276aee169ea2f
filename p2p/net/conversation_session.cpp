#include "p2p/net/conversation_session.h"

#include "p2p/base/limits.h"

namespace landline::net {

ConversationSession::ConversationSession(SessionInfo info, MonoTime established, LinkHandle link,
                                         const DeviceId& self, ConversationUser& user, QObject* parent)
    : QObject(parent),
      m_info(std::move(info)),
      m_established(established),
      m_link(std::move(link)),
      m_user(user),
      m_engine(self, m_info.device()),
      m_profiles([this](const wire::Message& profile) { passLive(profile); }),
      m_typings([this](const wire::Message& typing) { passLive(typing); }) {
    m_link->setUser(this);
}

void ConversationSession::startSync(std::vector<timeline::ConversationHeads> conversations) {
    if (std::exchange(m_started, true)) return;
    m_engine.start(std::move(conversations));
    drain();
}

void ConversationSession::headsChanged(const timeline::ConversationHeads& changed,
                                       const std::vector<wire::Entries>& fresh) {
    // What was committed before the start is part of the start.
    if (!m_started) return;
    m_engine.localHeadsChanged(changed, fresh);
    drain();
}

void ConversationSession::entriesRead(const timeline::ReadEntries& request,
                                      std::vector<wire::SignedEntry> entries) {
    m_engine.entriesRead(request, std::move(entries));
    drain();
}

void ConversationSession::applied(std::size_t bytes) {
    m_engine.applied(bytes);
    drain();
}

void ConversationSession::examined() {
    m_engine.examined();
    drain();
}

void ConversationSession::sendForkEvidence(const wire::ForkEvidence& evidence) {
    m_engine.sendForkEvidence(evidence);
    drain();
}

void ConversationSession::tell(const wire::Message& message) {
    if (!m_ended) m_link->send(message);
}

bool ConversationSession::mayAskForFile(MonoTime now) {
    if (!m_fileDialBacks.mayTake({limits::kFileDialBacks, limits::kFileDialBacksBurst}, now)) return false;
    m_fileDialBacks.take();
    return true;
}

void ConversationSession::close(wire::CloseReason reason, const QString& text) {
    if (!m_ended) m_link->close(reason, text);
}

void ConversationSession::fail(const QString& why) {
    if (!m_ended) m_link->fail(why);
}

void ConversationSession::dismiss(wire::CloseReason reason, const QString& text) {
    if (std::exchange(m_ended, true)) return;
    m_link->setUser(nullptr);
    m_link->close(reason, text);
    m_link.reset();
}

void ConversationSession::sessionReceived(LinkDriver&, wire::Message message) {
    if (m_ended) return;
    if (std::holds_alternative<wire::DialBack>(message)) return passLive(message);
    if (std::holds_alternative<wire::Profile>(message)) return m_profiles.take(std::move(message));
    if (std::holds_alternative<wire::Typing>(message)) return m_typings.take(std::move(message));
    const bool sync =
        std::holds_alternative<wire::HeadsDigest>(message) || std::holds_alternative<wire::Heads>(message) ||
        std::holds_alternative<wire::Entries>(message) || std::holds_alternative<wire::ForkEvidence>(message);
    if (!sync)
        return close(wire::CloseReason::Violation, tr("The other side sent a frame that belongs elsewhere."));
    const Expected<void> taken = m_engine.receive(std::move(message));
    if (!taken) return close(wire::CloseReason::Violation, QString::fromStdString(taken.error().text));
    drain();
}

void ConversationSession::sessionWritable(LinkDriver&) {
    drain();
}

void ConversationSession::linkEnded(LinkDriver&, const session::Ended& ended) {
    if (m_ended) return;
    // A contact that leaves within a second of coming may have said where it can be left something.
    m_profiles.finish();
    if (std::exchange(m_ended, true)) return;
    m_link.reset();
    m_user.conversationEnded(*this, ended);
}

void ConversationSession::passLive(const wire::Message& message) {
    if (!m_ended) m_user.liveReceived(*this, message);
}

void ConversationSession::drain() {
    m_again = true;
    if (m_draining) return;
    m_draining = true;
    while (!m_ended && std::exchange(m_again, false)) drainOnce();
    m_draining = false;
}

void ConversationSession::drainOnce() {
    m_engine.setWritable(m_link->canSend());
    while (auto action = m_engine.nextAction()) {
        if (auto* send = std::get_if<timeline::SendMessage>(&*action)) {
            m_link->send(send->message);
            if (m_ended) return;
            m_engine.setWritable(m_link->canSend());
        } else {
            m_user.syncAsks(*this, std::move(*action));
            if (m_ended) return;
        }
    }
    m_link->setReading(m_engine.mayReceive());
}

}  // namespace landline::net
