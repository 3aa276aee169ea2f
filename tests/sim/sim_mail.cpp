#include "tests/sim/sim_mail.h"

#include "tests/sim/sim_relay.h"

#include <algorithm>

namespace landline::sim {

using namespace wire::relay;
using namespace std::chrono_literals;

namespace {

constexpr SimTime kTick = std::chrono::hours(6);

}  // namespace

SimMail::SimMail(SimContext& context, SimNode& node, std::vector<std::unique_ptr<SimRelay>>& relays,
                 Options options)
    : m_context(context),
      m_node(node),
      m_relays(relays),
      m_options(std::move(options)),
      m_seals(m_options.hasRealSeals),
      m_links(relays.size()) {
    m_data.atRelay.resize(relays.size());
    for (MailData::AtRelay& at : m_data.atRelay) at.token = context.random.make<RelayToken>();
    m_disk = m_data;
}

bool SimMail::isHome(std::size_t relay) const {
    return std::find(m_options.homes.begin(), m_options.homes.end(), relay) != m_options.homes.end();
}

mailbox::Now SimMail::now() const {
    return {MonoTime(Duration(m_context.scheduler.now())) + 1h, m_node.wall()};
}

std::vector<SimGrant> SimMail::grants() const {
    std::vector<SimGrant> all;
    for (const std::size_t relay : m_options.homes) all.push_back({relay, m_data.atRelay[relay].token});
    return all;
}

// Life -------------------------------------------------------------------------------------------------------------

void SimMail::start() {
    if (std::exchange(m_isUp, true)) return;
    ++m_life;
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) open(relay);
    for (const auto& [counter, record] : m_data.records) {
        std::vector<DeviceId> held;
        for (const auto& [device, state] : record.recipients)
            if (state.isHeld) held.push_back(device);
        mailbox::Mailbox& box = *m_links[record.relay].mailbox;
        if (record.deposit)
            box.restore(counter, *record.deposit);
        else
            box.restore({counter, record.epoch, held, record.expires});
    }
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) pump(relay);
    tick();
}

/// The link to a relay, as the store has it.
void SimMail::open(std::size_t relay) {
    Link& link = m_links[relay];
    link = {};
    link.mailbox = std::make_unique<mailbox::Mailbox>(m_context.random);
    link.mailbox->setHello(hello(relay), now());
    const MailData::AtRelay& at = m_data.atRelay[relay];
    for (const Box box : {Box::Messages, Box::Heads})
        link.mailbox->restore(box, at.positions[std::size_t(box)]);
    link.ring = std::make_unique<envelope::PrekeyRing>(m_node.device());
    for (const MailData::KeptPrekey& kept : at.prekeys)
        link.ring->restore({kept.prekey, Secret<32>(kept.secret), kept.isConfirmed, kept.superseded});
    if (!isHome(relay)) return;
    publish(relay);
    link.mailbox->setTokens({{at.token, 0}});
}

void SimMail::crash() {
    if (!m_isUp) return;
    m_isUp = false;
    ++m_life;
    m_data = m_disk;
    m_isChanged = false;
    m_then.clear();
    m_planned.reset();
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) {
        m_relays[relay]->hangUp(*this);
        m_links[relay] = {};
    }
}

void SimMail::put(MailData data) {
    crash();
    m_data = m_disk = std::move(data);
}

/// What the device before had at its relays is not this one's; what others gave stays, and so do the counters.
void SimMail::dropDevice() {
    MailData fresh;
    fresh.atRelay.resize(m_relays.size());
    for (MailData::AtRelay& at : fresh.atRelay) at.token = m_context.random.make<RelayToken>();
    fresh.grants = m_disk.grants;
    fresh.counter = m_disk.counter;
    fresh.statement = m_disk.statement;
    // The contacts learn of the new device by its heads.
    for (const auto& [device, grants] : fresh.grants) fresh.owed[device] = 1;
    put(std::move(fresh));
}

void SimMail::change(std::function<void()> then) {
    m_isChanged = true;
    if (then) m_then.push_back(std::move(then));
    m_node.commitSoon();
}

void SimMail::committed() {
    if (!m_isUp) return;
    if (std::exchange(m_isChanged, false)) m_disk = m_data;
    for (std::size_t relay = 0; relay < m_links.size(); ++relay)
        for (const Box box : {Box::Messages, Box::Heads}) {
            const mailbox::Position& position = m_disk.atRelay[relay].positions[std::size_t(box)];
            MailboxNumber& ever = m_everCommitted[{m_node.device(), relay, box, position.epoch}];
            ever = std::max(ever, position.through);
        }
    for (const auto& then : std::exchange(m_then, {})) then();
    plan();
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) pump(relay);
}

/// What the mailboxes and rings were told is not so any more: they begin anew with what the disk has.
void SimMail::undone() {
    if (!m_isUp || (!m_isChanged && m_then.empty())) return;
    crash();
    start();
}

bool SimMail::hasCommitted(std::size_t relay, const DeviceId& device, const Acknowledge& what) const {
    const auto ever = m_everCommitted.find({device, relay, what.box, what.epoch});
    return ever != m_everCommitted.end() && ever->second >= what.through;
}

std::string SimMail::openDeposit(const std::set<DeviceId>& devices) const {
    for (const auto& [counter, record] : m_disk.records)
        for (const auto& [device, state] : record.recipients)
            if (!record.isHeads() && devices.count(device) != 0)
                return std::string(state.isHeld ? "held" : "unanswered") + " for " +
                       toHex(device.view().first(2)) + " at " + std::to_string(record.relay);
    return {};
}

/// What some hours bring: prekeys grow old, and what waited for a better time is tried.
void SimMail::tick() {
    for (std::size_t relay = 0; relay < m_links.size(); ++relay) {
        const auto drained = m_links[relay].mailbox->drained();
        if (!drained || !isHome(relay)) continue;
        rotate(relay);
        handle(relay, *drained);
    }
    plan();
    m_context.scheduler.after(kTick, [this, life = m_life] {
        if (life == m_life) tick();
    });
}

// Links ------------------------------------------------------------------------------------------------------------

Hello SimMail::hello(std::size_t relay) {
    Hello hello;
    if (isHome(relay)) {
        hello.invite = m_relays[relay]->invite();
        return hello;
    }
    std::vector<Addressee> hosts;
    for (const auto& [device, grants] : m_data.grants)
        for (const SimGrant& grant : grants)
            if (grant.relay == relay) hosts.push_back({device, grant.token});
    if (!hosts.empty()) hello.pass = hosts[static_cast<std::size_t>(m_context.random.below(hosts.size()))];
    return hello;
}

void SimMail::connected(std::size_t relay) {
    if (!m_isUp) return;
    m_links[relay].mailbox->connected(now());
    pump(relay);
}

void SimMail::disconnected(std::size_t relay) {
    if (!m_isUp) return;
    m_links[relay].mailbox->disconnected(now());
    m_links[relay].asked = 0;
    pump(relay);
}

void SimMail::receive(std::size_t relay, const Frame& frame) {
    if (!m_isUp) return;
    m_links[relay].mailbox->receive(frame, now());
    pump(relay);
}

void SimMail::pump(std::size_t relay) {
    if (!m_isUp) return;
    mailbox::Mailbox& box = *m_links[relay].mailbox;
    const std::uint64_t life = m_life;
    while (const auto event = box.nextEvent()) {
        std::visit([&](const auto& one) { handle(relay, one); }, *event);
        if (life != m_life) return;
    }
    while (const auto frame = box.nextMessage(now())) m_relays[relay]->send(*this, *frame);
    planWake(relay);
}

void SimMail::planWake(std::size_t relay) {
    Link& link = m_links[relay];
    const auto dialAt = link.mailbox->dialAt();
    auto next = link.mailbox->nextTimeout(now());
    if (dialAt && (!next || *dialAt < *next)) next = dialAt;
    if (!next) return;
    const auto delay = std::chrono::ceil<SimTime>(std::max(*next - now().mono, Duration(0)));
    m_context.scheduler.after(delay, [this, relay, life = m_life, wake = ++link.wake] {
        if (life != m_life || wake != m_links[relay].wake) return;
        mailbox::Mailbox& box = *m_links[relay].mailbox;
        if (const auto at = box.dialAt(); at && *at <= now().mono) {
            box.dialled();
            m_relays[relay]->dial(*this);
        }
        box.advance(now());
        pump(relay);
    });
}

void SimMail::handle(std::size_t relay, const mailbox::Disconnect&) {
    m_relays[relay]->hangUp(*this);
    m_links[relay].mailbox->disconnected(now());
    m_links[relay].asked = 0;
}

/// The person asks the operator, or is given another token: tried again in an hour.
void SimMail::handle(std::size_t relay, const mailbox::ShutOut&) {
    m_relays[relay]->hangUp(*this);
    m_links[relay].mailbox->disconnected(now());
    m_context.scheduler.after(1h, [this, relay, life = m_life] {
        if (life != m_life) return;
        m_links[relay].mailbox->setHello(hello(relay), now());
        pump(relay);
    });
}

void SimMail::handle(std::size_t relay, const mailbox::Entered& event) {
    // Others may have an account as well: every device of a person has whose other device has one.
    if (isHome(relay) && !event.welcome.hasAccount)
        m_context.fault(m_node.name() + " came to a relay as a guest, with an invite");
    m_links[relay].prekeys.clear();
    m_data.atRelay[relay].setBack(event.welcome);
    rotate(relay);
    change();
}

// Prekeys ----------------------------------------------------------------------------------------------------------

void SimMail::rotate(std::size_t relay) {
    if (!isHome(relay) || !m_links[relay].ring->rotate(m_node.identity().keys, m_context.random, now().wall))
        return;
    m_data.atRelay[relay].confirmedIn = 0;
    keepPrekeys(relay);
    change([this, relay] { publish(relay); });
}

void SimMail::keepPrekeys(std::size_t relay) {
    auto& kept = m_data.atRelay[relay].prekeys;
    kept.clear();
    for (const envelope::HeldPrekey& held : m_links[relay].ring->all()) {
        std::array<std::uint8_t, 32> secret{};
        std::copy_n(held.secret.data(), secret.size(), secret.begin());
        kept.push_back({held.prekey, secret, held.isConfirmed, held.superseded});
    }
}

void SimMail::publish(std::size_t relay) {
    const envelope::HeldPrekey* const newest = m_links[relay].ring->newest();
    if (newest == nullptr) return;
    m_links[relay].mailbox->setPrekey(newest->prekey.id(), newest->prekey.encoded(),
                                      m_data.atRelay[relay].confirmedIn);
}

void SimMail::handle(std::size_t relay, const mailbox::PrekeyConfirmed& event) {
    envelope::PrekeyRing& ring = *m_links[relay].ring;
    (void)ring.confirmed(event.id, event.epoch, event.messages, event.heads, event.life, now().wall);
    if (ring.newest()->prekey.id() == event.id) m_data.atRelay[relay].confirmedIn = event.epoch;
    keepPrekeys(relay);
    change();
}

void SimMail::handle(std::size_t relay, const mailbox::Drained& event) {
    envelope::PrekeyRing& ring = *m_links[relay].ring;
    if (ring.takeDue(event.epoch, event.messages, event.heads, now().wall).empty()) return;
    keepPrekeys(relay);
    change();
}

}  // namespace landline::sim
