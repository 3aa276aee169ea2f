#pragma once

#include "p2p/identity/certificate.h"
#include "p2p/timeline/applier.h"
#include "p2p/timeline/sync_engine.h"
#include "tests/sim/ledger.h"
#include "tests/sim/scheduler.h"
#include "tests/support/memory_store.h"

#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace landline::sim {

/// A device with its keys, as a pool of them hands it out to every seed.
struct DeviceIdentity {
    identity::DeviceKeys keys;
    identity::Certificate certificate;
};

class SimNode;
class SimLink;
class SimMail;

/// The calendar where virtual time begins.
inline const WallTime kSimStart = fromUnixMillis(1'700'000'000'000);

/// What all nodes of a run share.
struct SimContext {
    Scheduler& scheduler;
    test::SeededRandom& random;
    Ledger& ledger;
    std::vector<std::string>& faults;
    std::ostream* trace = nullptr;
    /// The node found that its device key is used twice, or that its store is an old copy.
    std::function<void(SimNode&)> wantsNewDevice;
    /// The node that is this device now; null if none is.
    std::function<SimNode*(const DeviceId&)> nodeOf;
    bool areEntriesLost = false;    ///< by a store that was replaced by an older copy
    std::uint64_t sessions = 0;     ///< sides of sessions so far
    std::uint64_t heldReports = 0;  ///< deposits that a device took for held
    std::uint64_t requeued = 0;     ///< that were over before heads covered them

    void fault(const std::string& what);
    void note(const std::string& what) const;
    [[nodiscard]] SimTime delay(std::uint64_t most) {
        return SimTime(static_cast<std::int64_t>(random.below(most + 1)));
    }
    [[nodiscard]] bool chance(std::uint64_t percent) { return random.below(100) < percent; }
};

/// One side of a session: an engine, and the frames on their way to it.
struct SimSession {
    SimNode* node = nullptr;
    SimNode* peer = nullptr;
    std::weak_ptr<SimSession> other;
    SimLink* link = nullptr;
    timeline::SyncEngine engine;
    bool isOpen = true;
    SimTime lastArrival{0};  ///< of frames that this side sent
    std::size_t inFlight = 0;
    std::size_t room = 0;  ///< frames in flight at which the session is no longer writable
    std::uint64_t serial;  ///< sides in the order in which they came to be

    SimSession(SimNode* self, SimNode* remote, std::uint64_t number);
};
using SessionPtr = std::shared_ptr<SimSession>;

/// Sessions in the order in which they came to be: one by their addresses would be another in every run.
struct OlderSession {
    bool operator()(const SessionPtr& a, const SessionPtr& b) const { return a->serial < b->serial; }
};

/// A device as its owner runs it: a store that commits some time after it was changed, the rules, and one engine for
/// each session. Plays the parts of the net thread and the store thread.
class SimNode {
public:
    SimNode(SimContext& context, std::string name, const DeviceIdentity& identity,
            std::unique_ptr<test::MemoryStore> store);
    ~SimNode();

    /// Gives it mailboxes, whose owner shares its transactions.
    void attach(std::unique_ptr<SimMail> mail);
    [[nodiscard]] SimMail* mail() const { return m_mail.get(); }
    [[nodiscard]] const DeviceIdentity& identity() const { return *m_identity; }
    [[nodiscard]] DeviceId device() const { return m_identity->certificate.device(); }
    [[nodiscard]] PersonId person() const { return m_identity->certificate.person(); }
    [[nodiscard]] const identity::Certificate& certificate() const { return m_identity->certificate; }
    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] test::MemoryStore& store() { return *m_store; }
    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    [[nodiscard]] bool shares(const SimNode& peer, const ConversationId& conversation);
    [[nodiscard]] std::vector<ConversationId> sharedWith(const SimNode& peer);

    // What its person does -------------------------------------------------------------------------------------------
    void compose(const ConversationId& conversation, const wire::Content& content);
    void markRead(const ConversationId& conversation);
    void accept(const PersonId& person);
    void setClockError(std::chrono::milliseconds error) { m_clockError = error; }

    // What happens to it ---------------------------------------------------------------------------------------------
    void crash();
    void restart();
    /// Its store is replaced by an older copy, its sessions are gone. It stays stopped.
    void restore(std::unique_ptr<test::MemoryStore> backup);
    /// Its store was replaced by an older copy at some time: what it had said before need not be so any more.
    [[nodiscard]] bool wasRestored() const { return m_wasRestored; }
    /// Goes on as a new device of its person.
    void become(const DeviceIdentity& identity);
    /// Entries that came neither in order nor from a peer that keeps to any rule.
    void takeFromCarrier(const wire::Entries& entries);
    /// Commits now what waits; false if the disk took nothing.
    bool commit();

    // For its mailboxes, within the transaction ------------------------------------------------------------------------
    [[nodiscard]] WallTime wall() const;
    void commitSoon();
    void takeFromEnvelope(const wire::Entries& entries) { apply(nullptr, entries); }
    /// What a device stated of a conversation by way of a relay.
    void recordStated(const DeviceId& device, const wire::Heads& heads);
    [[nodiscard]] bool hasSession(const DeviceId& peer) const;

    // Sessions -------------------------------------------------------------------------------------------------------
    void opened(const SessionPtr& session);
    void closed(const SessionPtr& session);
    void received(const SessionPtr& session, const Bytes& frame);
    void drain(const SessionPtr& session);

private:
    struct Done {
        SessionPtr session;
        bool isApply = false;
        ConversationId conversation;
        DeviceId author;
        std::optional<EntryNumber> evidenceFrom;
        std::size_t bytes = 0;
    };
    struct Change {
        std::set<DeviceId> authors;
        std::vector<wire::Entries> fresh;
    };

    /// Runs `work` on the store thread: in order, a little later, unless the program ends before.
    void post(std::function<void()> work);
    void start(const SessionPtr& session);
    void tellGrants(const SessionPtr& session);
    void abandon(const std::vector<Done>& batch);
    void settle(const std::vector<Done>& batch, const std::map<ConversationId, Change>& changes);
    void noteResult(const timeline::ApplyResult& result, const ConversationId& conversation);
    void apply(const SessionPtr& session, const wire::Entries& entries);
    void examine(const SessionPtr& session, const wire::ForkEvidence& evidence);
    void record(const SessionPtr& session, const timeline::RecordPeerHeads& heads);
    void checkMark(const ConversationId& conversation, const wire::AuthorHead& head, SimNode& peer);
    void read(const SessionPtr& session, const timeline::ReadEntries& request);
    void send(const SessionPtr& session, const wire::Message& message);
    void act(const SessionPtr& session, timeline::SyncAction& action);
    [[nodiscard]] timeline::ConversationHeads headsOf(const ConversationId& conversation);

    SimContext& m_context;
    std::string m_name;
    const DeviceIdentity* m_identity;
    std::unique_ptr<test::MemoryStore> m_store;
    std::chrono::milliseconds m_clockError{0};
    bool m_isRunning = true;
    bool m_wasRestored = false;
    std::uint64_t m_generation =
        0;  ///< grows when the program ends, so that what was planned for it does not happen
    SimTime m_storeBusyUntil{0};
    bool m_isCommitPlanned = false;
    std::set<SessionPtr, OlderSession> m_sessions;
    std::vector<Done> m_batch;
    std::map<ConversationId, Change> m_changes;
    std::vector<Hash256> m_uncommitted;  ///< own entries
    std::unique_ptr<SimMail> m_mail;     ///< null: there are no relays
};

}  // namespace landline::sim
