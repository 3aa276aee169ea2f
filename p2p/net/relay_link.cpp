#include "p2p/net/relay_link.h"

#include "p2p/base/limits.h"
#include "p2p/net/thread_check.h"
#include "p2p/net/times.h"

#include <QHostInfo>

#include <algorithm>

namespace landline::net {

using mailbox::Event;
using wire::CloseReason;

RelayLink::RelayLink(LinkKeeper& links, const RelaySetup& setup, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_number(setup.number),
      m_url(setup.url),
      m_mailbox(links.parts().random),
      m_timer(this),
      m_presenceRest(this) {
    m_timer.setSingleShot(true);
    m_presenceRest.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RelayLink::act);
    connect(&m_presenceRest, &QTimer::timeout, this, &RelayLink::tellPresence);
    m_mailbox.restore(wire::relay::Box::Messages, setup.messages);
    m_mailbox.restore(wire::relay::Box::Heads, setup.heads);
    for (const RelaySetup::Pending& one : setup.pending) m_mailbox.restore(one.counter, one.deposit);
    for (const mailbox::HeldDeposit& one : setup.held) m_mailbox.restore(one);
    setHello(setup.hello);
    if (setup.prekey) setPrekey(*setup.prekey);
    setTokens(setup.tokens);
    watch(setup.watched);
}

RelayLink::~RelayLink() {
    stop();
}

void RelayLink::start() {
    m_active = true;
    act();
}

void RelayLink::stop() {
    m_active = false;
    m_timer.stop();
    m_presenceRest.stop();
    hangUp();
}

void RelayLink::networkChanged(bool resumed, const std::set<QString>& localAddresses) {
    if (!m_active) return;
    if (isOnItsWay()) {
        // On the network that was.
        hangUp();
        m_mailbox.disconnected(now());
    } else if (m_link) {
        QHostAddress local = m_link->localAddress();
        local.setScopeId({});
        if (resumed)
            m_link->fail(tr("This machine was asleep."));
        else if (localAddresses.count(local.toString()) == 0)
            m_link->fail(tr("The network address %1 of this device is gone.").arg(local.toString()));
    }
    m_notBefore = {};
    m_mailbox.hope(now());
    act();
}

// --- For the mailbox ---------------------------------------------------------------------------------------------

void RelayLink::setHello(const wire::relay::Hello& hello) {
    m_isVisit = hello.pass.has_value();
    m_mailbox.setHello(hello, now());
    act();
}

void RelayLink::setPrekey(const RelayPrekey& prekey) {
    m_mailbox.setPrekey(prekey.id, prekey.prekey, prekey.confirmedIn);
    act();
}

void RelayLink::setTokens(const std::vector<wire::relay::Token>& tokens) {
    m_mailbox.setTokens(tokens);
    act();
}

void RelayLink::watch(const std::vector<wire::relay::Addressee>& devices) {
    m_watched.clear();
    for (const wire::relay::Addressee& one : devices) m_watched.insert(one.device);
    m_mailbox.watch(devices);
    act();
}

void RelayLink::deposit(DepositCounter counter, const wire::relay::Deposit& deposit) {
    m_mailbox.deposit(counter, deposit);
    act();
}

void RelayLink::settle(DepositCounter counter, const DeviceId& device) {
    m_mailbox.settle(counter, device);
    act();
}

void RelayLink::committed(wire::relay::Box box, const mailbox::Position& position) {
    m_mailbox.committed(box, position);
    act();
}

void RelayLink::ask(quint64 question, const wire::relay::Message& message) {
    const std::uint64_t request = m_mailbox.ask(message);
    if (request != 0)
        m_questions[request] = question;
    else
        Q_EMIT told(m_number, mailbox::Answer{question, wire::relay::Refused{}});
    act();
}

// --- Socket, timer and mailbox -----------------------------------------------------------------------------------

mailbox::Now RelayLink::now() const {
    return {m_links.parts().clock.mono(), m_links.parts().clock.wall()};
}

void RelayLink::act() {
    assertThread(*this);
    m_again = true;
    if (m_acting || !m_active) return;
    m_acting = true;
    while (m_active && std::exchange(m_again, false)) actOnce();
    m_acting = false;
    rearm();
}

void RelayLink::actOnce() {
    m_mailbox.advance(now());
    while (m_active) {
        auto event = m_mailbox.nextEvent();
        if (!event) break;
        tell(*std::move(event));
    }
    while (m_link && m_link->canSend()) {
        const auto frame = m_mailbox.nextMessage(now());
        if (!frame) break;
        m_link->send(*frame);
    }
    const auto due = dueDial();
    if (m_active && due && *due <= now().mono) dial();
}

void RelayLink::rearm() {
    if (!m_active) return;
    auto next = m_mailbox.nextTimeout(now());
    if (const auto due = dueDial()) next = next ? std::min(*next, *due) : *due;
    if (!next) return m_timer.stop();
    m_timer.start(ceilMillis(std::max(*next - now().mono, Duration::zero())));
}

std::optional<MonoTime> RelayLink::dueDial() const {
    const auto at = m_mailbox.dialAt();
    if (!at) return std::nullopt;
    return std::max(*at, m_notBefore);
}

void RelayLink::tell(Event event) {
    if (const auto* off = std::get_if<mailbox::Disconnect>(&event)) {
        hangUp();
        return lost({ErrorCode::Closed, off->why});
    }
    if (auto* answer = std::get_if<mailbox::Answer>(&event)) {
        const auto asked = m_questions.extract(answer->request);
        if (!asked) return;
        answer->request = asked.mapped();
    }
    if (const auto* presence = std::get_if<mailbox::PresenceTold>(&event)) {
        for (const auto& one : presence->devices)
            if (m_watched.count(one.device) != 0) m_presence[one.device] = one.online;
        if (!m_presenceRest.isActive()) tellPresence();
        return;
    }
    Q_EMIT told(m_number, event);
    if (const auto* out = std::get_if<mailbox::ShutOut>(&event)) {
        hangUp();
        lost({ErrorCode::NotPermitted, wire::relay::sentenceOf(out->refusal.reason)});
    } else if (std::holds_alternative<mailbox::Entered>(event)) {
        // What was freed in earlier sessions; nothing else tells it where the mailbox is empty.
        if (const auto drained = m_mailbox.drained()) Q_EMIT told(m_number, *drained);
    }
}

void RelayLink::tellPresence() {
    if (m_presence.empty()) return;
    mailbox::PresenceTold all;
    for (const auto& [device, online] : std::exchange(m_presence, {}))
        all.devices.push_back({device, online});
    m_presenceRest.start(ceilMillis(limits::kLiveInterval));
    Q_EMIT told(m_number, all);
}

void RelayLink::sessionReceived(LinkDriver&, wire::Message message) {
    auto& frame = std::get<wire::relay::Frame>(message);
    if (m_isVisit && isOfNoUse(frame)) return;
    m_mailbox.receive(frame, now());
    act();
}

/// A device that comes by a pass may have a mailbox there all the same: of a relay that it uses no more. Nobody takes what lies
/// in it, so nothing is to be fetched; that its tokens are taken back does no harm.
bool RelayLink::isOfNoUse(wire::relay::Frame& frame) const {
    if (auto* const welcome = std::get_if<wire::relay::Welcome>(&frame.message)) {
        welcome->highest = welcome->freed;
        welcome->highestHeads = 0;
    }
    return std::holds_alternative<wire::relay::Hint>(frame.message);
}

void RelayLink::sessionWritable(LinkDriver&) {
    act();
}

void RelayLink::linkEnded(LinkDriver&, const session::Ended& ended) {
    m_link.reset();
    if (ended.reason == CloseReason::Superseded && ended.byPeer) {
        // Otherwise the two would go on pushing each other out.
        m_notBefore = now().mono + limits::kBackoffMost;
        return lost({ErrorCode::Closed,
                     tr("Another program with the key of this device is connected to the relay: its "
                        "profile is a copy.")
                         .toStdString()});
    }
    lost(
        ended.error.value_or(Error{ErrorCode::Closed, tr("The relay closed the connection.").toStdString()}));
}

void RelayLink::hangUp() {
    if (m_lookup) QHostInfo::abortHostLookup(*std::exchange(m_lookup, std::nullopt));
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    if (!m_link) return;
    m_link->setUser(nullptr);
    m_link->close(CloseReason::Goodbye, {});
    m_link.reset();
}

void RelayLink::lost(const Error& error) {
    m_presence.clear();
    m_mailbox.disconnected(now());
    if (!m_active) return;
    RelayDown told{error, std::nullopt};
    if (const auto due = dueDial()) told.again = ceilMillis(std::max(*due - now().mono, Duration::zero()));
    Q_EMIT down(m_number, told);
    act();
}

// --- Dialling ----------------------------------------------------------------------------------------------------

void RelayLink::dial() {
    m_mailbox.dialled();
    QString host = QString::fromStdString(m_url.host);
    if (host.startsWith(u'[')) host = host.mid(1, host.size() - 2);
    const QHostAddress literal(host);
    if (!literal.isNull()) return dialAt({literal});
    m_lookup = QHostInfo::lookupHost(host, this, [this, host](const QHostInfo& info) {
        if (m_lookup != info.lookupId()) return;
        m_lookup.reset();
        if (!info.addresses().isEmpty()) return dialAt(info.addresses());
        const QString why =
            tr("The name %1 of the relay leads to no address: %2. Check the name and the network.");
        lost({ErrorCode::Unreachable, why.arg(host, info.errorString()).toStdString()});
    });
}

void RelayLink::dialAt(const QList<QHostAddress>& addresses) {
    DialPlan plan;
    plan.purpose = wire::Purpose::Relay;
    plan.expected.noiseKey = m_url.key;
    for (const QHostAddress& address :
         addresses.first(std::min<qsizetype>(addresses.size(), limits::kCandidatesPerPeer)))
        plan.candidates.push_back({address, m_url.port});
    m_attempt.reset(new DialAttempt(
        m_links, std::move(plan),
        [this](LinkHandle link, const session::RemoteParty&, const Candidate&) { onOpened(std::move(link)); },
        [this](const DialFailure& failure) { onFailed(failure); }, this));
}

void RelayLink::onOpened(LinkHandle link) {
    m_attempt.reset();
    m_link = std::move(link);
    m_link->setUser(this);
    m_mailbox.connected(now());
    act();
}

void RelayLink::onFailed(const DialFailure& failure) {
    m_attempt.reset();
    if (failure.wrongKey.empty()) return lost(failure.error);
    m_notBefore = now().mono + limits::kComeBackMost;
    Q_EMIT wrongKey(m_number, describe(failure.wrongKey.front()));
    lost(failure.error);
}

}  // namespace landline::net
