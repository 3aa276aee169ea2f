#include "tests/sim/message_world.h"

#include "p2p/base/limits.h"
#include "p2p/identity/direct_conversation.h"
#include "tests/sim/message_sim.h"

#include <algorithm>

namespace landline::sim {

namespace {

constexpr SimTime kPlay = std::chrono::seconds(20);
constexpr std::size_t kMostEvents = 200'000;

}  // namespace

// Keys -----------------------------------------------------------------------------------------------------------

KeyRing& KeyRing::instance() {
    static KeyRing ring;
    return ring;
}

KeyRing::KeyRing() {
    for (std::size_t i = 0; i < kPersons; ++i) m_persons.push_back(identity::SigningKey::generate(m_random));
}

const DeviceIdentity& KeyRing::device(std::size_t person, std::size_t number) {
    auto& devices = m_devices[person];
    while (devices.size() <= number) {
        // From a source of its own, so that it does not matter which seed asks first.
        test::SeededRandom random(1000 * (person + 1) + devices.size());
        auto keys = identity::DeviceKeys::generate(random);
        auto certificate =
            identity::Certificate::issue(m_persons[person], keys, fromUnixMillis(1'600'000'000'000));
        devices.push_back(
            std::make_unique<DeviceIdentity>(DeviceIdentity{std::move(keys), std::move(certificate)}));
    }
    return *devices[number];
}

// The world ------------------------------------------------------------------------------------------------------

MessageWorld::MessageWorld(std::uint64_t seed, std::ostream* trace)
    : m_keys(KeyRing::instance()), m_random(seed), m_context{m_scheduler, m_random, m_ledger, m_faults,
                                                             trace,       {},       {}} {
    m_context.wantsNewDevice = [this](SimNode& node) { renew(node); };
    m_context.nodeOf = [this](const DeviceId& device) -> SimNode* {
        for (const auto& node : m_nodes)
            if (node->device() == device) return node.get();
        return nullptr;
    };
    populate();
}

void MessageWorld::populate() {
    m_persons = 2 + m_random.below(KeyRing::kPersons - 1);
    for (std::size_t person = 0; person < m_persons; ++person) {
        const std::uint64_t devices = m_context.chance(60) ? 1 : m_context.chance(75) ? 2 : 3;
        for (std::uint64_t i = 0; i < devices; ++i) {
            auto store = std::make_unique<test::MemoryStore>();
            for (std::size_t other = 0; other < m_persons; ++other) {
                const PersonId a = m_keys.person(person);
                const PersonId b = m_keys.person(other);
                store->addConversation(identity::directConversation(a, b),
                                       a == b ? std::vector{a} : std::vector{a, b});
                if (a != b && m_context.chance(15)) store->setStanding(b, timeline::Standing::Stranger);
            }
            addNode(person, m_keys.device(person, m_usedDevices[person]++), std::move(store));
        }
    }
}

SimNode& MessageWorld::addNode(std::size_t person, const DeviceIdentity& identity,
                               std::unique_ptr<test::MemoryStore> store) {
    const std::string name = std::string(1, static_cast<char>('A' + person)) + std::to_string(m_nodes.size());
    auto node = std::make_unique<SimNode>(m_context, name, identity, std::move(store));
    m_context.note(name + " is " + toHex(identity.certificate.device().view().first(2)));
    for (const auto& other : m_nodes) {
        m_links.push_back(std::make_unique<SimLink>(m_context, *other, *node));
        if (other->device() == node->device()) m_links.back()->setCut(true);
        SimLink* const link = m_links.back().get();
        m_scheduler.after(m_context.delay(1'000'000), [link] { link->connect(); });
    }
    m_nodes.push_back(std::move(node));
    return *m_nodes.back();
}

std::size_t MessageWorld::personIndex(const SimNode& node) const {
    for (std::size_t person = 0; person < m_persons; ++person)
        if (m_keys.person(person) == node.person()) return person;
    return 0;
}

void MessageWorld::renew(SimNode& node) {
    const std::size_t person = personIndex(node);
    const DeviceIdentity& identity = m_keys.device(person, m_usedDevices[person]++);
    m_context.note(node.name() + " is " + toHex(identity.certificate.device().view().first(2)) +
                   " from now on");
    node.become(identity);
}

ConversationId MessageWorld::conversationOf(SimNode& node) {
    const auto conversations = node.store().conversations();
    return oneOf(conversations);
}

std::optional<EntryRef> MessageWorld::targetIn(SimNode& node, const ConversationId& conversation, bool own) {
    std::vector<EntryRef> targets;
    const auto people = node.store().personOf();
    for (const timeline::CheckedEntry& entry : node.store().entries(conversation)) {
        if (!entry.content || !std::holds_alternative<wire::Text>(*entry.content)) continue;
        if ((people.at(entry.header.author) == node.person()) == own) targets.push_back(entry.ref());
    }
    if (targets.empty()) return std::nullopt;
    return oneOf(targets);
}

// What may happen ------------------------------------------------------------------------------------------------

void MessageWorld::write(SimNode& node) {
    const ConversationId conversation = conversationOf(node);
    const std::uint64_t what = m_random.below(100);
    const std::string text = node.name() + " says " + std::to_string(m_texts++);
    // Mostly by those who may; an edit or a delete of another's message must stay without effect.
    const auto target = targetIn(node, conversation, !m_context.chance(20));
    if (what < 55 || !target) return node.compose(conversation, wire::Text{text, {}});
    if (what < 65) return node.compose(conversation, wire::Edit{*target, text});
    if (what < 77) return node.compose(conversation, wire::Delete{*target});
    if (what < 87)
        return node.compose(conversation,
                            wire::Reaction{*target, m_context.chance(50) ? "👍" : "🎉", m_context.chance(30)});
    if (what < 92) return node.compose(conversation, wire::UnknownContent{40});
    if (what < 96) return node.compose(conversation, wire::Text{text, *target});
    node.compose(conversation, wire::FileOffer{m_random.make<wire::TransferId>(), text, 10, "text/plain", 1});
}

/// Does to a run what a careless or hostile carrier may.
void MessageWorld::mangle(wire::Entries& batch) {
    wire::SignedEntry& entry = oneOf(batch.entries);
    switch (m_random.below(8)) {
        case 0:
            forge(entry);
            break;
        case 1:
            entry.payload.clear();
            break;
        case 2: {  // the delete of something else, by whoever wrote the first entry
            wire::ErasureProof proof{
                batch.entries[0].header, batch.entries[0].signature, batch.entries[0].payload, {}};
            entry.payload.clear();
            entry.erasure = std::move(proof);
            break;
        }
        case 3:
            append(entry.header, Bytes{0xA8, 0x06, 0x07});
            break;
        case 4:
            batch.first += 1;
            break;
        case 5:
            std::reverse(batch.entries.begin(), batch.entries.end());
            break;
        case 6:
            batch.entries.push_back(entry);
            break;
        default:
            entry.payload.push_back(0);
            break;
    }
}

/// The number of the author's entry that the node wants next.
EntryNumber MessageWorld::nextAt(SimNode& node, const ConversationId& conversation, const DeviceId& author) {
    const auto head = node.store().head(conversation, author);
    return head ? head->number + 1 : 1;
}

/// Puts a signature under an entry that is not its author's.
void MessageWorld::forge(wire::SignedEntry& entry) {
    if (m_context.chance(50)) {
        entry.signature.data()[m_random.below(Signature::kSize)] ^= 1;
        return;
    }
    const DeviceIdentity& other = m_keys.device(m_random.below(KeyRing::kPersons), 40);
    entry.signature = other.keys.signing.sign(identity::context::kEntry, entry.header);
}

/// A carrier brings some run of some author to a node: as it is, or mangled, or before its predecessor. What came early is
/// looked at again when the gap closes: so of those runs some are forged where no later entry tells. Or it brings all of
/// that author, while those that the author speaks of may be missing or erased already.
void MessageWorld::carry(SimNode& node) {
    SimNode& from = *oneOf(m_nodes);
    if (from.store().hasUncommitted() || !node.isRunning()) return;
    const auto shared = from.sharedWith(node);
    if (shared.empty()) return;
    const ConversationId& conversation = oneOf(shared);
    const auto heads = from.store().heads(conversation);
    if (heads.empty()) return;
    std::vector<timeline::TimelineHead> gaps;  // of which the node lacks two entries or more
    for (const timeline::TimelineHead& head : heads)
        if (head.number > nextAt(node, conversation, head.author)) gaps.push_back(head);
    const bool isEarly = !gaps.empty() && m_context.chance(60);
    const timeline::TimelineHead& head = isEarly ? oneOf(gaps) : oneOf(heads);
    const auto run = [&](EntryNumber first, std::size_t count) {
        wire::Entries batch{conversation, head.author, first, {}};
        batch.entries = from.store().read(conversation, head.author, first, count, 1 << 20);
        return batch;
    };
    if (!isEarly && m_context.chance(30)) return node.takeFromCarrier(run(1, head.number));
    const EntryNumber next = nextAt(node, conversation, head.author);
    wire::Entries batch = run(isEarly ? next + 1 : 1 + m_random.below(std::max<EntryNumber>(1, head.number)),
                              static_cast<std::size_t>(1 + m_random.below(4)));
    if (batch.entries.empty()) return;
    if (isEarly && m_context.chance(50))
        forge(batch.entries.back());
    else if (m_context.chance(60))
        mangle(batch);
    node.takeFromCarrier(batch);
    if (isEarly) node.takeFromCarrier(run(next, 1));
}

void MessageWorld::breakLink() {
    if (!m_links.empty()) oneOf(m_links)->breakNow();
}

/// The network falls into two parts for a while.
void MessageWorld::partition() {
    std::set<const SimNode*> left;
    for (const auto& node : m_nodes)
        if (m_context.chance(50)) left.insert(node.get());
    const SimTime until = m_scheduler.now() + m_context.delay(6'000'000);
    for (const auto& link : m_links) {
        if (left.count(&link->a()) == left.count(&link->b()) || link->a().device() == link->b().device())
            continue;
        link->setCut(true);
        m_scheduler.at(until, [one = link.get()] {
            one->setCut(false);
            one->connect();
        });
    }
}

void MessageWorld::crash(SimNode& node) {
    node.crash();
    m_scheduler.after(m_context.delay(3'000'000), [this, &node] {
        node.restart();
        connectAll();
    });
}

void MessageWorld::setClock(SimNode& node) {
    using namespace std::chrono_literals;
    static constexpr std::chrono::milliseconds kErrors[] = {0ms, 3s,  4min,           -7min,          11min,
                                                            -1h, 48h, 24h * 365 * 30, -24h * 365 * 50};
    node.setClockError(kErrors[m_random.below(std::size(kErrors))]);
}

void MessageWorld::backUp(SimNode& node) {
    if (node.store().hasUncommitted()) return;
    m_backups.push_back({&node, node.device(), node.store().durableCopy(), {}});
    if (node.mail()) m_backups.back().mail = node.mail()->durable();
}

/// An old copy of a profile comes back: noticed, so that the node goes on as a new device, or not.
void MessageWorld::restore(bool isNoticed) {
    if (m_backups.empty()) return;
    Backup backup = std::move(m_backups.back());
    m_backups.pop_back();
    if (backup.node->device() != backup.device || !backup.node->isRunning()) return;
    m_context.note(backup.node->name() + " is restored from a backup");
    backup.node->restore(std::move(backup.store));
    if (backup.node->mail()) {
        backup.node->mail()->put(std::move(backup.mail));
        m_context.areEntriesLost = true;
    }
    backup.node->restart();
    if (isNoticed) renew(*backup.node);
    connectAll();
}

/// The profile runs twice from now on, out of each other's sight.
void MessageWorld::clone(SimNode& node) {
    if (node.store().hasUncommitted() || m_nodes.size() > 7) return;
    m_context.note(node.name() + " is cloned");
    const std::size_t person = personIndex(node);
    for (std::size_t number = 0;; ++number) {
        const DeviceIdentity& identity = m_keys.device(person, number);
        if (identity.certificate.device() != node.device()) continue;
        addNode(person, identity, node.store().durableCopy());
        return;
    }
}

void MessageWorld::acceptSomebody(SimNode& node) {
    if (node.isRunning()) node.accept(m_keys.person(m_random.below(m_persons)));
}

void MessageWorld::actOnce() {
    SimNode& node = *oneOf(m_nodes);
    const std::uint64_t what = m_random.below(1000);
    if (what < 560) {
        if (node.isRunning()) write(node);
    } else if (what < 630) {
        if (node.isRunning()) node.markRead(conversationOf(node));
    } else if (what < 700) {
        breakLink();
    } else if (what < 730) {
        partition();
    } else if (what < 790) {
        if (node.isRunning()) crash(node);
    } else if (what < 830) {
        setClock(node);
    } else if (what < 860) {
        node.store().failCommits(1);
    } else if (what < 930) {
        carry(node);
    } else if (what < 950) {
        backUp(node);
    } else if (what < 965) {
        restore(m_context.chance(60));
    } else if (what < 973) {
        clone(node);
    } else {
        acceptSomebody(node);
    }
}

void MessageWorld::planActions() {
    const std::uint64_t count = 15 + m_random.below(60);
    // Some seeds are over in a moment, so that much happens at once.
    const std::uint64_t span = static_cast<std::uint64_t>(kPlay.count()) / (m_context.chance(30) ? 50 : 1);
    for (std::uint64_t i = 0; i < count; ++i) m_scheduler.after(m_context.delay(span), [this] { actOnce(); });
}

void MessageWorld::connectAll() {
    for (const auto& link : m_links) link->connect();
}

void MessageWorld::calmDown() {
    m_context.note("everything heals");
    for (const auto& node : m_nodes) {
        node->store().failCommits(0);
        node->restart();
        (void)node->commit();
    }
}

void MessageWorld::heal() {
    for (const auto& node : m_nodes)
        for (std::size_t person = 0; person < m_persons; ++person) node->accept(m_keys.person(person));
    for (const auto& link : m_links) link->setCut(false);
    connectAll();
    if (!m_scheduler.runOut(kMostEvents)) m_context.fault("it does not come to rest");
}

std::vector<std::string> MessageWorld::play() {
    planActions();
    m_scheduler.runUntil(kPlay);
    calmDown();
    Survivors survivors;
    survivors.note(m_nodes, m_ledger);
    heal();
    checkAtRest(m_context, m_nodes, m_links, survivors);
    return std::move(m_faults);
}

std::vector<std::string> playMessages(std::uint64_t seed, std::ostream* trace) {
    MessageWorld world(seed, trace);
    return world.play();
}

}  // namespace landline::sim
