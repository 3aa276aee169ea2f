#include "tests/sim/sim_relay.h"

#include "p2p/base/limits.h"
#include "p2p/identity/relay_url.h"
#include "relay/store/ledger_store.h"
#include "tests/sim/sim_mail.h"

#include <algorithm>

namespace landline::sim {

using namespace wire::relay;
using namespace std::chrono_literals;

namespace {

/// A copy this old may hold prekeys whose private halves are destroyed: a life, less what wrong clocks come to.
constexpr auto kTooOld = limits::kDepositLife - std::chrono::hours(3 * 24);

/// As it comes out of the other end of a session.
Frame carried(const Frame& frame) {
    return std::get<Frame>(wire::decodeMessage(wire::encodeMessage(frame)).value());
}

}  // namespace

SimRelay::SimRelay(SimContext& context, std::size_t index, const relay::StoreRules& rules)
    : m_context(context), m_index(index), m_invite(context.random.make<RelayInvite>()), m_rules(rules) {
    identity::RelayUrl url;
    url.host = "relay" + std::to_string(index);
    url.port = 1;
    url.key = context.random.make<NoiseKey>();
    m_url = identity::formatRelayUrl(url);
    open();
}

MonoTime SimRelay::mono() const {
    return MonoTime(Duration(m_context.scheduler.now())) + 1h;
}
WallTime SimRelay::wall() const {
    return kSimStart + std::chrono::duration_cast<std::chrono::milliseconds>(m_context.scheduler.now());
}

// Coming and going -------------------------------------------------------------------------------------------------

void SimRelay::open() {
    relay::CommitQueue::Options options;
    options.rules = m_rules;
    m_queue = std::move(
        relay::CommitQueue::open(test::memoryStoreOpener(m_disk, m_context.random), options, wall(), mono())
            .value());
    m_hub = std::make_unique<relay::Hub>(relay::ClientRules{}, m_context.random);
    addInvite();
    planRun();
}

/// It is known already, unless it came after the copy, or with a database that is no more.
void SimRelay::addInvite() {
    m_queue->push({0, relay::AddInvite{relay::hashOf(m_invite), 1'000'000, kSimStart + 10 * 365 * 24h, {}}},
                  mono());
}

void SimRelay::stop() {
    ++m_life;
    m_isRunPlanned = false;
    m_hub.reset();
    m_queue.reset();
    m_ofClient.clear();
    m_asked.clear();
    for (auto& [id, line] : m_lines) {
        line.client = 0;  // the next hub counts anew
        if (line.isAtRelay) closed(id);
    }
}

void SimRelay::crash(SimTime downtime) {
    if (!m_hub) return;
    m_context.note(m_url.substr(11, 6) + " crashes");
    stop();
    m_context.scheduler.after(downtime, [this, life = m_life] {
        if (life != m_life) return;
        open();
        checkAll();
    });
}

void SimRelay::goAway() {
    if (!m_hub) return;
    m_hub->goAway(mono());
    settle();
    m_context.scheduler.after(2s, [this, life = m_life] {
        if (life == m_life) crash(5s);
    });
}

void SimRelay::backUp() {
    m_backup = *m_disk;
    m_backupTime = wall();
}

void SimRelay::restore() {
    if (!m_backup || !m_hub) return;
    m_context.note(m_url.substr(11, 6) + " is restored from a backup");
    stop();
    if (wall() - m_backupTime > kTooOld) m_wasTooOld = true;
    *m_disk = *m_backup;
    m_disk->isDamaged = m_disk->isFull = false;
    m_disk->failCommits = 0;
    const auto store =
        relay::LedgerStore::open(std::make_unique<test::MemoryLedger>(m_disk), m_context.random);
    (*store)->startEpoch(m_context.random);
    if (!(*store)->commit()) m_context.fault("a relay's copy does not open");
    m_context.scheduler.after(10s, [this, life = m_life] {
        if (life == m_life) open();
    });
    noteNumbers();
}

void SimRelay::setRules(const relay::StoreRules& rules) {
    m_rules = rules;
    if (m_queue) m_queue->setRules(rules);
}

void SimRelay::calmDown() {
    m_isCalm = true;
    m_isHostile = false;
    m_disk->isFull = m_disk->isDamaged = false;
    m_disk->failCommits = 0;
    setRules({});
    if (m_hub) return;
    ++m_life;
    open();
    checkAll();
}

// Connections ------------------------------------------------------------------------------------------------------

SimRelay::LineId SimRelay::current(const SimMail& mail) const {
    const auto found = m_current.find(&mail);
    return found == m_current.end() ? 0 : found->second;
}

SimRelay::Line* SimRelay::lineOf(relay::ClientId client) {
    const auto found = m_ofClient.find(client);
    return found == m_ofClient.end() ? nullptr : &m_lines[found->second];
}

void SimRelay::dial(SimMail& mail) {
    const LineId id = ++m_lastLine;
    m_current[&mail] = id;
    m_lines[id].mail = &mail;
    m_context.scheduler.after(latency(), [this, id, &mail] {
        if (current(mail) != id) return;
        if (!m_hub || (!m_isCalm && m_context.chance(5))) {
            m_current[&mail] = 0;
            m_lines.erase(id);
            return mail.disconnected(m_index);
        }
        Line& line = m_lines[id];
        line.isAtDevice = line.isAtRelay = true;
        line.who = mail.party();
        line.client = m_hub->open(line.who, discovery::Address::fromIpv4(0x0A000001), mono());
        m_ofClient[line.client] = id;
        settle();
        planAdvance(12s);
        planAdvance(40s);
        mail.connected(m_index);
    });
}

/// The device's side is gone. The relay hears of it soon, or, where a connection broke without a word, after minutes in which
/// what was on its way still arrives, or does not.
void SimRelay::hangUp(SimMail& mail) {
    const LineId id = std::exchange(m_current[&mail], 0);
    if (id == 0) return;
    Line& line = m_lines[id];
    line.isAtDevice = false;
    const bool isLate = !m_isCalm && m_context.chance(33);
    if (!m_isCalm && m_context.chance(50)) line.isAtRelay = false;  // and nothing arrives any more
    m_context.scheduler.after(isLate ? m_context.delay(600'000'000) : latency(), [this, id] {
        const auto found = m_lines.find(id);
        if (found == m_lines.end()) return;
        const relay::ClientId client = found->second.client;
        m_lines.erase(found);
        if (!m_hub || m_ofClient.erase(client) == 0) return;
        m_hub->end(client);
        settle();
    });
}

void SimRelay::breakLine(SimMail& mail) {
    const LineId id = current(mail);
    if (id == 0 || !m_lines[id].isAtDevice) return;
    hangUp(mail);
    mail.disconnected(m_index);
}

void SimRelay::send(SimMail& mail, const Frame& frame) {
    const LineId id = current(mail);
    if (id == 0 || !m_lines[id].isAtDevice) return;
    Line& line = m_lines[id];
    line.lastToRelay = std::max(line.lastToRelay, m_context.scheduler.now() + latency());
    m_context.scheduler.at(line.lastToRelay, [this, id, frame = carried(frame)] { toRelay(id, frame); });
}

void SimRelay::toRelay(LineId id, const Frame& frame) {
    const auto found = m_lines.find(id);
    if (found == m_lines.end() || !found->second.isAtRelay || !m_hub) return;
    if (!found->second.isRead) return found->second.unread.push_back(frame);
    m_hub->receive(found->second.client, frame, mono());
    settle();
    planAdvance(1s);
}

void SimRelay::toDevice(LineId id, Frame frame) {
    Line& line = m_lines[id];
    noteSent(frame);
    Frame copy = carried(frame);
    if (auto* const pulled = std::get_if<Pulled>(&copy.message); pulled && m_isHostile && !m_isCalm)
        for (Item& item : pulled->items)
            if (m_context.chance(3)) {
                m_altered.insert(item.seal);
                item.body[m_context.random.below(item.body.size())] ^= 1;
            }
    line.lastToDevice = std::max(line.lastToDevice, m_context.scheduler.now() + latency());
    m_context.scheduler.at(line.lastToDevice, [this, id, frame = std::move(copy)] {
        const auto at = m_lines.find(id);
        if (at != m_lines.end() && at->second.isAtDevice && current(*at->second.mail) == id)
            at->second.mail->receive(m_index, frame);
    });
}

/// The relay has ended the session: the device hears that behind what was sent before.
void SimRelay::closed(LineId id) {
    Line& line = m_lines[id];
    line.isAtRelay = false;
    m_context.scheduler.at(std::max(line.lastToDevice, m_context.scheduler.now() + latency()), [this, id] {
        const auto found = m_lines.find(id);
        if (found == m_lines.end() || !found->second.isAtDevice) return;
        SimMail& mail = *found->second.mail;
        m_lines.erase(found);
        if (current(mail) != id) return;
        m_current[&mail] = 0;
        mail.disconnected(m_index);
    });
}

// The work ---------------------------------------------------------------------------------------------------------

void SimRelay::planAdvance(SimTime after) {
    m_context.scheduler.after(after, [this, life = m_life] {
        if (life != m_life || !m_hub) return;
        m_hub->advance(mono());
        settle();
    });
}

void SimRelay::settle() {
    for (relay::Output& output : m_hub->takeOutputs()) {
        if (auto* const ask = std::get_if<relay::AskStore>(&output)) {
            noteRequest(ask->request);
            m_queue->push(std::move(ask->request), mono());
            planRun();
        } else if (auto* const sent = std::get_if<relay::SendFrame>(&output)) {
            if (m_ofClient.count(sent->client) != 0)
                toDevice(m_ofClient[sent->client], std::move(sent->frame));
        } else if (const auto* const end = std::get_if<relay::CloseClient>(&output)) {
            // Of a connection that broke without a word the relay may wait for a hello in vain.
            const Line* const line = lineOf(end->client);
            if (end->reason == wire::CloseReason::Violation && line && line->isAtDevice)
                m_context.fault("a relay ends a session for a broken rule: " + end->text);
            const auto of = m_ofClient.find(end->client);
            if (of == m_ofClient.end()) continue;
            if (m_lines.count(of->second) != 0) closed(of->second);
            m_ofClient.erase(of);
        } else if (const auto* const reading = std::get_if<relay::ReadClient>(&output)) {
            Line* const line = lineOf(reading->client);
            if (!line) continue;
            line->isRead = reading->on;
            if (!reading->on) planAdvance(1s);
            while (line->isRead && !line->unread.empty()) {
                m_hub->receive(reading->client, line->unread.front(), mono());
                line->unread.pop_front();
            }
        }
    }
}

void SimRelay::planRun() {
    if (std::exchange(m_isRunPlanned, true)) return;
    const bool isSlow = !m_isCalm && m_context.chance(2);
    m_context.scheduler.after(SimTime(2000) + (isSlow ? SimTime(5s) : m_context.delay(10'000)),
                              [this, life = m_life] {
                                  if (life != m_life || !m_queue) return;
                                  m_isRunPlanned = false;
                                  run();
                              });
}

void SimRelay::run() {
    const RelayEpoch before = m_queue->epoch();
    std::vector<relay::TaggedAnswer> answers = m_queue->run(wall(), mono());
    if (m_queue->epoch() != before) {
        m_acknowledged.clear();
        noteNumbers();
        addInvite();
    }
    for (const relay::TaggedAnswer& answer : answers) {
        note(answer);
        // The operator tries again.
        if (answer.tag == 0 && std::holds_alternative<relay::StoreRefusal>(answer.answer))
            m_context.scheduler.after(1min, [this, life = m_life] {
                if (life != m_life || !m_queue) return;
                addInvite();
                planRun();
            });
    }
    for (relay::TaggedAnswer& answer : answers) m_hub->answer(std::move(answer), mono());
    settle();
    if (m_queue->waiting() != 0) planRun();
}

// What is seen -----------------------------------------------------------------------------------------------------

void SimRelay::noteRequest(const relay::TaggedRequest& tagged) {
    if (const auto* const deposit = std::get_if<relay::Deposit>(&tagged.request)) {
        m_asked[tagged.tag] = {deposit->from.device, deposit->counter};
        m_deposits += deposit->content.box == Box::Messages;
    } else if (const auto* const ack = std::get_if<relay::AckRequest>(&tagged.request)) {
        const Line* const line = lineOf(tagged.tag >> 32);
        if (line && !line->mail->hasCommitted(m_index, ack->device, ack->content))
            m_context.fault("a device acknowledged what it had not committed");
        if (ack->content.epoch != m_queue->epoch()) return;
        MailboxNumber& through = m_acknowledged[{ack->device, ack->content.box}];
        through = std::max(through, ack->content.through);
    }
}

void SimRelay::note(const relay::TaggedAnswer& tagged) {
    const auto* const deposit = std::get_if<relay::DepositAnswer>(&tagged.answer);
    const auto asked = m_asked.find(tagged.tag);
    if (asked == m_asked.end()) return;
    const auto [sender, counter] = asked->second;
    m_asked.erase(asked);
    if (!deposit) return;
    for (const relay::Placement& placed : deposit->placed) {
        m_placed[{m_queue->epoch(), sender, counter, placed.device}] = {placed.box, placed.number,
                                                                        deposit->told.expires};
        if (placed.box == Box::Messages) m_numbers[placed.device][placed.number] = deposit->told.expires;
    }
}

/// No device that keeps to the rules is refused for these reasons.
void SimRelay::noteSent(const Frame& frame) {
    const auto check = [this](Reason reason) {
        if (reason == Reason::TooLarge || reason == Reason::TooMany || reason == Reason::Future ||
            reason == Reason::Invalid || reason == Reason::Unsupported)
            m_context.fault("a relay refuses: " + wire::relay::sentenceOf(reason));
    };
    if (const auto* const refused = std::get_if<Refused>(&frame.message)) check(refused->refusal.reason);
    if (const auto* const deposited = std::get_if<Deposited>(&frame.message)) {
        if (deposited->refusal) check(deposited->refusal->reason);
        for (const Deposited::Failure& failure : deposited->failures) check(failure.reason);
    }
}

/// What the messages' numbers stand for, by the disk.
void SimRelay::noteNumbers() {
    m_numbers.clear();
    m_acknowledged.clear();
    for (const auto& [id, row] : m_disk->deposits)
        for (const relay::ItemRow& item : row.items)
            if (!item.refused && row.box == Box::Messages && m_disk->bodies.count(id) != 0)
                m_numbers[m_disk->accounts.at(item.account).who.device][item.number] = row.expires;
}

std::string SimRelay::whyNotThere(const Placed& placed, const DeviceId& recipient) const {
    const auto acknowledged = m_acknowledged.find({recipient, placed.box});
    if (placed.box == Box::Heads || placed.expires <= wall() ||
        (acknowledged != m_acknowledged.end() && acknowledged->second >= placed.number))
        return {};
    for (const auto& [id, row] : m_disk->deposits)
        for (const relay::ItemRow& item : row.items) {
            if (item.refused || item.number != placed.number || row.box != placed.box) continue;
            if (m_disk->accounts.at(item.account).who.device != recipient) continue;
            return m_disk->bodies.count(id) != 0 ? std::string() : "its body is gone from the relay's disk";
        }
    return "it is gone from the relay's disk";
}

std::string SimRelay::whyNotHeld(RelayEpoch epoch, const DeviceId& sender, DepositCounter counter,
                                 const DeviceId& recipient) const {
    const auto placed = m_placed.find({epoch, sender, counter, recipient});
    if (placed == m_placed.end()) return "the relay never had it on its disk";
    if (!m_queue || m_disk->isDamaged || epoch != m_queue->epoch()) return {};
    return whyNotThere(placed->second, recipient);
}

/// After a start everything that was told to be held is there.
void SimRelay::checkAll() {
    if (m_disk->isDamaged) return;
    for (const auto& [key, placed] : m_placed) {
        if (std::get<0>(key) != m_queue->epoch()) continue;
        if (const std::string why = whyNotThere(placed, std::get<3>(key)); !why.empty())
            return m_context.fault("a relay has crashed and lost what it held: " + why);
    }
}

bool SimRelay::keepsBack(const DeviceId& device, MailboxNumber first, MailboxNumber last,
                         const std::vector<Item>& items) const {
    const auto found = m_numbers.find(device);
    if (found == m_numbers.end()) return false;
    return std::any_of(
        found->second.lower_bound(first), found->second.upper_bound(last), [&](const auto& one) {
            return one.second > wall() && std::none_of(items.begin(), items.end(), [&](const Item& item) {
                       return item.number == one.first;
                   });
        });
}

std::size_t SimRelay::waiting(const DeviceId& device) const {
    for (const auto& [id, account] : m_disk->accounts) {
        if (account.who.device != device) continue;
        const auto mailbox = m_disk->mailboxes.find(id);
        const MailboxNumber freed = mailbox == m_disk->mailboxes.end() ? 0 : mailbox->second.freed;
        std::size_t count = 0;
        for (const auto& [deposit, row] : m_disk->deposits)
            for (const relay::ItemRow& item : row.items)
                count += !item.refused && item.account == id && row.box == Box::Messages &&
                         row.expires > wall() && item.number > freed;
        return count;
    }
    return 0;
}

}  // namespace landline::sim
