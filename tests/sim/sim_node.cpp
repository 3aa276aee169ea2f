#include "tests/sim/sim_node.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/identity/direct_conversation.h"
#include "tests/sim/sim_link.h"
#include "tests/sim/sim_mail.h"

#include <algorithm>

namespace landline::sim {

namespace {

/// A header as a newer version of the program may write it: with a field that ours does not know. Whoever passes it on
/// must not lose it.
void addUnknownField(timeline::CheckedEntry& entry, const identity::DeviceKeys& keys) {
    append(entry.bytes.header, Bytes{0xA0, 0x06, 0x2A});  // field 100, varint 42
    entry.bytes.signature = keys.signing.sign(identity::context::kEntry, entry.bytes.header);
    entry.hash = timeline::entryHash(entry.bytes);
}

std::string shortNameOf(const ConversationId& conversation) {
    return toHex(conversation.view().first(2));
}

/// What an entry amends, for the trace.
std::string targetName(const wire::Content& content) {
    const auto name = [](const EntryRef& ref) {
        return " on " + toHex(ref.author.view().first(2)) + "/" + std::to_string(ref.number);
    };
    if (const auto* const edit = std::get_if<wire::Edit>(&content)) return name(edit->target);
    if (const auto* const deletion = std::get_if<wire::Delete>(&content)) return name(deletion->target);
    if (const auto* const reaction = std::get_if<wire::Reaction>(&content)) return name(reaction->target);
    return {};
}

}  // namespace

void SimContext::fault(const std::string& what) {
    note("FAULT " + what);
    faults.push_back(what);
}

void SimContext::note(const std::string& what) const {
    if (trace) *trace << scheduler.now().count() << "us " << what << '\n';
}

SimSession::SimSession(SimNode* self, SimNode* remote, std::uint64_t number)
    : node(self), peer(remote), engine(self->device(), remote->device()), serial(number) {}

SimNode::SimNode(SimContext& context, std::string name, const DeviceIdentity& identity,
                 std::unique_ptr<test::MemoryStore> store)
    : m_context(context), m_name(std::move(name)), m_identity(&identity), m_store(std::move(store)) {
    m_store->putCertificate(identity.certificate);
    (void)m_store->commit();
}

SimNode::~SimNode() = default;

void SimNode::attach(std::unique_ptr<SimMail> mail) {
    m_mail = std::move(mail);
    m_mail->start();
}

WallTime SimNode::wall() const {
    return kSimStart + std::chrono::duration_cast<std::chrono::milliseconds>(m_context.scheduler.now()) +
           m_clockError;
}

bool SimNode::shares(const SimNode& peer, const ConversationId& conversation) {
    const auto members = m_store->members(conversation);
    return std::find(members.begin(), members.end(), peer.person()) != members.end();
}

std::vector<ConversationId> SimNode::sharedWith(const SimNode& peer) {
    std::vector<ConversationId> shared;
    for (const ConversationId& id : m_store->conversations())
        if (shares(peer, id)) shared.push_back(id);
    return shared;
}

// What its person does -------------------------------------------------------------------------------------------

void SimNode::compose(const ConversationId& conversation, const wire::Content& content) {
    timeline::TimelineTip tip;
    if (const auto head = m_store->head(conversation, device())) tip = {head->number, head->hash};
    auto entry =
        timeline::makeEntry(conversation, m_identity->keys, m_identity->certificate, tip,
                            timeline::nextHybrid(m_store->clock(), wall()), content, m_context.random);
    if (m_context.chance(10)) addUnknownField(entry, m_identity->keys);
    timeline::Applier applier(*m_store, device());
    const timeline::ApplyResult result = applier.applyOwn(entry, wall());
    m_context.note(m_name + " writes " + std::to_string(entry.header.number) + " kind " +
                   std::to_string(entry.header.kind) + " in " + shortNameOf(conversation) +
                   targetName(content) + (result.appended.empty() ? " (refused)" : ""));
    if (result.appended.empty()) return m_context.wantsNewDevice(*this);
    m_context.ledger.wrote(entry, person());
    m_uncommitted.push_back(entry.hash);
    Change& change = m_changes[conversation];
    change.authors.insert(device());
    change.fresh.push_back({conversation, device(), entry.header.number, {entry.bytes}});
    commitSoon();
}

void SimNode::markRead(const ConversationId& conversation) {
    for (const timeline::TimelineHead& head : m_store->heads(conversation)) {
        if (head.author == device() || head.number == 0) continue;
        m_store->setRead(conversation, head.author, 1 + m_context.random.below(head.number));
        m_changes[conversation].authors.insert(head.author);
        if (m_mail) m_mail->oweTo(m_store->certificate(head.author)->person());
    }
    commitSoon();
}

void SimNode::accept(const PersonId& other) {
    if (m_store->standing(other) == timeline::Standing::Accepted) return;
    m_context.note(m_name + " accepts somebody");
    const timeline::Standing before = m_store->standing(other);
    m_store->setStanding(other, timeline::Standing::Accepted);
    // This store knows no undoing of a standing: the person is told that it failed, and it is as before.
    if (!commit()) return m_store->setStanding(other, before);
    for (const SessionPtr& session : std::set(m_sessions)) start(session);
}

// What happens to it ---------------------------------------------------------------------------------------------

void SimNode::crash() {
    m_context.note(m_name + " crashes");
    m_isRunning = false;
    ++m_generation;
    for (const SessionPtr& session : std::set(m_sessions)) session->link->breakNow();
    if (m_mail) m_mail->crash();
    m_store->crash();
    m_batch.clear();
    m_changes.clear();
    m_uncommitted.clear();
    m_isCommitPlanned = false;
}

void SimNode::restore(std::unique_ptr<test::MemoryStore> backup) {
    crash();
    m_store = std::move(backup);
    m_wasRestored = true;
}

void SimNode::restart() {
    m_isRunning = true;
    if (m_mail) m_mail->start();
}

void SimNode::become(const DeviceIdentity& identity) {
    m_context.note(m_name + " becomes a new device");
    const bool wasRunning = m_isRunning;
    (void)commit();
    crash();
    m_identity = &identity;
    m_wasRestored = false;  // the new device never said anything
    m_store->putCertificate(identity.certificate);
    (void)m_store->commit();
    if (m_mail) m_mail->dropDevice();
    if (wasRunning) restart();
}

void SimNode::takeFromCarrier(const wire::Entries& entries) {
    post([this, entries] { apply(nullptr, entries); });
}

// The store thread -----------------------------------------------------------------------------------------------

void SimNode::post(std::function<void()> work) {
    m_storeBusyUntil = std::max(m_storeBusyUntil, m_context.scheduler.now()) + m_context.delay(2000);
    m_context.scheduler.at(m_storeBusyUntil, [this, work = std::move(work), generation = m_generation] {
        if (generation == m_generation) work();
    });
}

void SimNode::start(const SessionPtr& session) {
    if (!session->isOpen) return;
    m_store->putCertificate(session->peer->certificate());
    if (!commit()) return session->link->breakNow();
    if (!session->isOpen) return;
    std::vector<timeline::ConversationHeads> shared;
    for (const ConversationId& id : sharedWith(*session->peer)) shared.push_back(headsOf(id));
    session->engine.start(std::move(shared));
    tellGrants(session);
    drain(session);
}

/// As a profile does: where this device can be left something.
void SimNode::tellGrants(const SessionPtr& session) {
    if (!m_mail || m_store->standing(session->peer->person()) != timeline::Standing::Accepted) return;
    m_context.scheduler.after(m_context.delay(5000), [session, device = device(), grants = m_mail->grants()] {
        const SessionPtr other = session->other.lock();
        if (session->isOpen && other && other->isOpen) other->node->m_mail->tellGrants(device, grants);
    });
}

timeline::ConversationHeads SimNode::headsOf(const ConversationId& conversation) {
    return {conversation, m_store->heads(conversation)};
}

void SimNode::commitSoon() {
    if (m_isCommitPlanned) return;
    m_isCommitPlanned = true;
    // Some disks take their time, and much may happen until they are done.
    const SimTime wait = m_context.chance(25) ? m_context.delay(60'000) : SimTime(0);
    m_context.scheduler.after(wait, [this, generation = m_generation] {
        if (generation == m_generation) post([this] { (void)commit(); });
    });
}

bool SimNode::commit() {
    m_isCommitPlanned = false;
    const std::vector<Done> batch = std::exchange(m_batch, {});
    const std::map<ConversationId, Change> changes = std::exchange(m_changes, {});
    const std::vector<Hash256> own = std::exchange(m_uncommitted, {});
    if (!m_store->commit()) {
        m_context.note(m_name + " cannot commit");
        if (m_mail) m_mail->undone();
        abandon(batch);
        return false;
    }
    for (const Hash256& hash : own) m_context.ledger.committed(hash);
    settle(batch, changes);
    if (m_mail) m_mail->committed();
    return true;
}

void SimNode::abandon(const std::vector<Done>& batch) {
    for (const Done& done : batch)
        if (done.session && done.session->isOpen) done.session->link->breakNow();
}

void SimNode::settle(const std::vector<Done>& batch, const std::map<ConversationId, Change>& changes) {
    for (const auto& [id, change] : changes) {
        timeline::ConversationHeads heads{id, {}};
        for (const DeviceId& author : change.authors)
            if (const auto head = m_store->head(id, author)) heads.heads.push_back(*head);
        for (const SessionPtr& session : m_sessions)
            if (shares(*session->peer, id)) session->engine.localHeadsChanged(heads, change.fresh);
    }
    for (const Done& done : batch) {
        if (!done.session || !done.session->isOpen) continue;
        if (done.isApply) done.session->engine.applied(done.bytes);
        if (done.evidenceFrom)
            done.session->engine.sendForkEvidence(
                timeline::evidenceFrom(*m_store, done.conversation, done.author, *done.evidenceFrom));
    }
    for (const SessionPtr& session : std::set(m_sessions)) drain(session);
}

void SimNode::noteResult(const timeline::ApplyResult& result, const ConversationId& conversation) {
    Change& change = m_changes[conversation];
    for (const timeline::CheckedEntry& entry : result.appended) {
        if (const std::string fault = m_context.ledger.faultOf(entry, m_uncommitted); !fault.empty())
            m_context.fault(m_name + " took " + fault);
        change.authors.insert(entry.header.author);
        wire::Entries* const last = change.fresh.empty() ? nullptr : &change.fresh.back();
        if (last && last->author == entry.header.author &&
            last->first + last->entries.size() == entry.header.number)
            last->entries.push_back(entry.bytes);
        else
            change.fresh.push_back({conversation, entry.header.author, entry.header.number, {entry.bytes}});
    }
    change.authors.insert(result.ended.begin(), result.ended.end());
    if (m_mail && !result.appended.empty()) m_mail->appended(conversation);
    if (result.cloneSuspected) post([this] { m_context.wantsNewDevice(*this); });
}

void SimNode::apply(const SessionPtr& session, const wire::Entries& entries) {
    timeline::Applier applier(*m_store, device());
    const timeline::ApplyResult result = applier.apply(entries, wall());
    m_context.note(m_name + " applies " + std::to_string(entries.first) + "+" +
                   std::to_string(entries.entries.size()) + " of " + toHex(entries.author.view().first(2)) +
                   " in " + shortNameOf(entries.conversation) + ": " +
                   std::to_string(result.appended.size()) + " appended, " + std::to_string(result.refused) +
                   " refused" + (result.firstError ? " (" + result.firstError->text + ")" : "") +
                   (result.ended.empty() ? "" : ", ended"));
    noteResult(result, entries.conversation);
    std::size_t bytes = 0;
    for (const wire::SignedEntry& entry : entries.entries) bytes += entry.bytes();
    m_batch.push_back({session, true, entries.conversation, entries.author, result.forkSuspectedAt, bytes});
    commitSoon();
}

void SimNode::examine(const SessionPtr& session, const wire::ForkEvidence& evidence) {
    timeline::Applier applier(*m_store, device());
    const timeline::ApplyResult result = applier.applyForkEvidence(evidence);
    m_context.note(
        m_name + " examines " + std::to_string(evidence.headers.size()) + " headers of " +
        toHex(evidence.author.view().first(2)) + " in " + shortNameOf(evidence.conversation) +
        (result.ended.empty() ? "" : ": ended") +
        (result.forkSuspectedAt ? ", answers from " + std::to_string(*result.forkSuspectedAt) : ""));
    noteResult(result, evidence.conversation);
    m_batch.push_back({session, false, evidence.conversation, evidence.author, result.forkSuspectedAt, 0});
    commitSoon();
}

/// The moment of a tick: what is recorded must be durable at the other side, and the same as here.
void SimNode::checkMark(const ConversationId& conversation, const wire::AuthorHead& head, SimNode& peer) {
    const EntryRef ref{head.author, head.number};
    if (head.number != 0 && (!peer.store().holdsDurably(conversation, ref, head.hash) ||
                             !m_store->holdsDurably(conversation, ref, head.hash)))
        m_context.fault(m_name + " ticks entry " + std::to_string(head.number) + " for " + peer.name() +
                        ", which does not hold it");
    if (head.read > head.number) m_context.fault(m_name + " marks as read what the peer does not hold");
}

void SimNode::record(const SessionPtr& session, const timeline::RecordPeerHeads& heads) {
    SimNode& peer = *session->peer;
    for (const wire::AuthorHead& head : heads.heads) {
        checkMark(heads.conversation, head, peer);
        if (peer.person() != person()) continue;
        m_store->setRead(heads.conversation, head.author, head.read);
        m_changes[heads.conversation].authors.insert(head.author);
    }
    m_store->putPeerHeads(heads.conversation, peer.device(), heads.heads);
    if (m_mail) m_mail->settle(peer.device(), heads.conversation);
    m_batch.push_back({session, false, heads.conversation, {}, std::nullopt, 0});
    commitSoon();
}

/// Counts as on a session: what is the same here is held there. What is not held here yet says nothing, and what is
/// another entry is a fork, which sessions deal with.
void SimNode::recordStated(const DeviceId& device, const wire::Heads& heads) {
    if (m_store->members(heads.conversation).empty()) return;
    const auto certificate = m_store->certificate(device);
    SimNode* const peer = m_context.nodeOf(device);
    std::vector<wire::AuthorHead> same;
    for (const wire::AuthorHead& head : heads.authors) {
        const auto own =
            m_store->read(heads.conversation, head.author, std::max<EntryNumber>(head.number, 1), 1, 1);
        if (head.number != 0 && (own.empty() || truncated(timeline::entryHash(own[0])) != head.hash))
            continue;
        same.push_back(head);
        // A device that is another one now, or runs from an old copy, may have lost what it said.
        const bool isDurable =
            head.number == 0 ||
            m_store->holdsDurably(heads.conversation, {head.author, head.number}, head.hash);
        if (peer && !peer->wasRestored() && isDurable) checkMark(heads.conversation, head, *peer);
        if (!certificate || certificate->person() != person()) continue;
        m_store->setRead(heads.conversation, head.author, head.read);
        m_changes[heads.conversation].authors.insert(head.author);
    }
    m_store->putPeerHeads(heads.conversation, device, same);
    commitSoon();
}

bool SimNode::hasSession(const DeviceId& peer) const {
    return std::any_of(m_sessions.begin(), m_sessions.end(),
                       [&](const SessionPtr& session) { return session->peer->device() == peer; });
}

void SimNode::read(const SessionPtr& session, const timeline::ReadEntries& request) {
    if (m_store->hasUncommitted()) (void)commit();
    if (!session->isOpen) return;
    session->engine.entriesRead(request, m_store->read(request.conversation, request.author, request.first,
                                                       request.maxCount, request.maxBytes));
    drain(session);
}

// The net thread -------------------------------------------------------------------------------------------------

void SimNode::opened(const SessionPtr& session) {
    m_sessions.insert(session);
    post([this, session] { start(session); });
}

void SimNode::closed(const SessionPtr& session) {
    m_sessions.erase(session);
    if (m_mail) m_mail->planSoon();
}

void SimNode::received(const SessionPtr& session, const Bytes& frame) {
    auto message = wire::decodeMessage(frame);
    if (!message)
        return m_context.fault(m_name + " got a frame that cannot be read: " + message.error().text);
    if (const auto done = session->engine.receive(std::move(*message)); !done) {
        m_context.fault(m_name + " ends a session with " + session->peer->name() + ": " + done.error().text);
        return session->link->breakNow();
    }
    drain(session);
}

void SimNode::drain(const SessionPtr& session) {
    while (session->isOpen) {
        auto action = session->engine.nextAction();
        if (!action) return;
        act(session, *action);
    }
}

void SimNode::send(const SessionPtr& session, const wire::Message& message) {
    const Bytes frame = wire::encodeMessage(message);
    if (frame.size() > limits::kFramePlaintext) m_context.fault(m_name + " sends a frame over the limit");
    session->lastArrival = std::max(session->lastArrival, m_context.scheduler.now()) + m_context.delay(3000);
    if (++session->inFlight >= session->room) session->engine.setWritable(false);
    m_context.scheduler.at(session->lastArrival, [session, frame] {
        if (!session->isOpen) return;
        if (--session->inFlight < session->room) session->engine.setWritable(true);
        session->node->drain(session);
        if (const SessionPtr other = session->other.lock(); other && other->isOpen)
            other->node->received(other, frame);
    });
}

void SimNode::act(const SessionPtr& session, timeline::SyncAction& action) {
    if (const auto* const message = std::get_if<timeline::SendMessage>(&action)) {
        send(session, message->message);
    } else if (auto* const reading = std::get_if<timeline::ReadEntries>(&action)) {
        post([this, session, request = *reading] { read(session, request); });
    } else if (auto* const applying = std::get_if<timeline::ApplyEntries>(&action)) {
        post([this, session, entries = std::move(applying->entries)] { apply(session, entries); });
    } else if (auto* const recording = std::get_if<timeline::RecordPeerHeads>(&action)) {
        record(session, *recording);
    } else if (auto* const fork = std::get_if<timeline::ExamineFork>(&action)) {
        post([this, session, evidence = std::move(fork->evidence)] { examine(session, evidence); });
    }
}

}  // namespace landline::sim
