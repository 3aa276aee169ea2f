// Two devices, each with a net thread and a store thread that share nothing but hand-over queues, as the program has
// them: what ThreadSanitizer is to see of the modules below the sockets.
#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/applier.h"
#include "p2p/timeline/sync_engine.h"
#include "tests/support/handover_queue.h"
#include "tests/support/memory_store.h"
#include "tests/support/session_pair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

namespace landline::timeline {
namespace {

using session::Role;
using test::HandoverQueue;
using test::TestParty;

constexpr std::size_t kPlenty = 1 << 16;
constexpr EntryNumber kEach = 400;

/// A thread that does what is handed to it, in order.
class Worker {
public:
    Worker() : m_queue(kPlenty), m_thread([this] { run(); }) {}
    ~Worker() { stop(); }
    /// Dropped once stopped.
    void post(std::function<void()> task) {
        if (!m_queue.push(std::move(task)) && !m_stopped) std::abort();
    }
    void stop() {
        m_stopped = true;
        m_queue.close();
        if (m_thread.joinable()) m_thread.join();
    }

private:
    void run() {
        while (auto task = m_queue.waitNext()) (*task)();
    }

    HandoverQueue<std::function<void()>> m_queue;
    std::atomic<bool> m_stopped{false};
    std::thread m_thread;
};

enum class Outcome { AllAcknowledged, Failed };

class Device {
public:
    Device(std::uint64_t seed, Role role, HandoverQueue<Outcome>& outcomes)
        : m_party(seed), m_role(role), m_outcomes(outcomes) {}

    void meet(Device& other) {
        m_other = &other;
        m_conversation =
            identity::directConversation(m_party.certificate.person(), other.m_party.certificate.person());
        m_store.addConversation(m_conversation,
                                {m_party.certificate.person(), other.m_party.certificate.person()});
        m_store.putCertificate(m_party.certificate);
        if (!m_store.commit()) std::abort();
        m_engine.emplace(m_party.device(), other.m_party.device());
        m_session = std::make_unique<session::Session>(
            m_role, wire::Purpose::Conversation, wire::Suite::ChaChaPoly, m_party.local,
            session::ExpectedParty{}, std::nullopt, m_random, m_clock.mono());
    }
    void begin() {
        m_net.post([this] { pump(); });
    }
    void write() {
        m_storing.post([this] { compose(); });
    }
    void stop() {
        m_net.stop();
        m_storing.stop();
    }
    /// Texts of `author` as they stand here; only once stopped.
    [[nodiscard]] std::vector<std::string> texts(const Device& author) const {
        std::vector<std::string> result;
        for (const CheckedEntry& entry : m_store.entries(m_conversation))
            if (entry.header.author == author.m_party.device())
                if (const auto* text = std::get_if<wire::Text>(&*entry.content)) result.push_back(text->text);
        return result;
    }

private:
    // On the store thread.
    void compose() {
        const auto head = m_store.head(m_conversation, m_party.device()).value_or(TimelineHead{});
        const CheckedEntry entry =
            makeEntry(m_conversation, m_party.keys, m_party.certificate, {head.number, head.hash},
                      nextHybrid(m_store.clock(), m_clock.wall()),
                      wire::Text{std::to_string(head.number + 1), {}}, m_storeRandom);
        (void)Applier(m_store, m_party.device()).applyOwn(entry, m_clock.wall());
        committed();
    }
    void apply(const wire::Entries& entries) {
        std::size_t bytes = 0;
        for (const wire::SignedEntry& entry : entries.entries) bytes += entry.bytes();
        const auto result = Applier(m_store, m_party.device()).apply(entries, m_clock.wall());
        if (result.refused != 0) fail();
        committed();
        m_net.post([this, bytes] {
            m_engine->applied(bytes);
            pump();
        });
    }
    void committed() {
        if (!m_store.commit()) fail();
        m_net.post([this, heads = ConversationHeads{m_conversation, m_store.heads(m_conversation)}] {
            if (m_started) m_engine->localHeadsChanged(heads, {});
            pump();
        });
    }
    void startSync() {
        m_net.post([this, heads = ConversationHeads{m_conversation, m_store.heads(m_conversation)}] {
            m_started = true;
            m_engine->start({heads});
            pump();
        });
    }
    void read(const ReadEntries& want) {
        auto entries = m_store.read(want.conversation, want.author, want.first, want.maxCount, want.maxBytes);
        m_net.post([this, want, entries = std::move(entries)]() mutable {
            m_engine->entriesRead(want, std::move(entries));
            pump();
        });
    }
    void record(const RecordPeerHeads& told) {
        for (const wire::AuthorHead& head : told.heads) {
            if (head.author != m_party.device()) continue;
            if (head.number == kEach && m_acknowledged < kEach)
                (void)m_outcomes.push(Outcome::AllAcknowledged);
            m_acknowledged = std::max(m_acknowledged, head.number);
        }
    }

    // On the net thread.
    void arrived(const Bytes& bytes) {
        m_session->receive(bytes, m_clock.mono());
        pump();
    }
    void pump() {
        for (bool more = true; more;) {
            more = carry();
            while (auto event = m_session->nextEvent()) take(*event);
            m_engine->setWritable(m_session->canSend());
            while (m_session->isOpen() && m_session->canSend()) {
                auto action = m_engine->nextAction();
                if (!action) break;
                act(std::move(*action));
                more = true;
            }
        }
    }
    bool carry() {
        if (m_session->outgoing().empty()) return false;
        const Bytes bytes = toBytes(m_session->outgoing());
        m_session->consumeOutgoing(bytes.size());
        m_other->m_net.post([other = m_other, bytes] { other->arrived(bytes); });
        return true;
    }
    void take(session::Event& event) {
        if (std::holds_alternative<session::Opened>(event)) {
            m_storing.post([this] { startSync(); });
        } else if (auto* received = std::get_if<session::Received>(&event)) {
            if (!m_engine->receive(std::move(received->message))) fail();
        } else {
            fail();
        }
    }
    void act(SyncAction action) {
        if (auto* const message = std::get_if<SendMessage>(&action)) {
            m_session->send(message->message, m_clock.mono());
        } else if (auto* const entries = std::get_if<ApplyEntries>(&action)) {
            m_storing.post([this, run = std::move(entries->entries)] { apply(run); });
        } else if (auto* const want = std::get_if<ReadEntries>(&action)) {
            m_storing.post([this, request = *want] { read(request); });
        } else if (auto* const heads = std::get_if<RecordPeerHeads>(&action)) {
            m_storing.post([this, told = std::move(*heads)] { record(told); });
        } else {
            fail();
        }
    }
    void fail() { (void)m_outcomes.push(Outcome::Failed); }

    TestParty m_party;
    const Role m_role;
    HandoverQueue<Outcome>& m_outcomes;
    Device* m_other = nullptr;
    ConversationId m_conversation;
    SystemClock m_clock;
    // The store thread's
    test::MemoryStore m_store;
    SystemRandom m_storeRandom;
    EntryNumber m_acknowledged = 0;
    // The net thread's
    SystemRandom m_random;
    std::unique_ptr<session::Session> m_session;
    std::optional<SyncEngine> m_engine;
    bool m_started = false;

    Worker m_storing;
    Worker m_net;
};

TEST(Threads, twoDevicesBringEachOtherEverythingThroughQueues) {
    HandoverQueue<Outcome> outcomes(kPlenty);
    Device ada(1, Role::Dialler, outcomes);
    Device bo(2, Role::Responder, outcomes);
    ada.meet(bo);
    bo.meet(ada);
    ada.begin();
    bo.begin();
    for (EntryNumber i = 0; i < kEach; ++i) {
        ada.write();
        bo.write();
    }
    EXPECT_EQ(outcomes.waitNext(), Outcome::AllAcknowledged);
    EXPECT_EQ(outcomes.waitNext(), Outcome::AllAcknowledged);
    ada.stop();
    bo.stop();
    std::vector<std::string> expected;
    for (EntryNumber i = 1; i <= kEach; ++i) expected.push_back(std::to_string(i));
    EXPECT_EQ(ada.texts(bo), expected);
    EXPECT_EQ(bo.texts(ada), expected);
}

}  // namespace
}  // namespace landline::timeline
