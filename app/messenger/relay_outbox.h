#pragma once

#include "app/messenger/contacts.h"
#include "app/messenger/held_watch.h"
#include "app/messenger/relay_envelopes.h"
#include "app/messenger/relay_routes.h"
#include "app/messenger/relay_silence.h"
#include "p2p/base/limits.h"

#include <QTimer>

#include <functional>
#include <map>
#include <set>

namespace landline::app {

/// Leaves at relays what devices lack with which there is no session: entries of the own person, and heads that are owed.
/// There is no list of what is to be left. Whatever may change it (`look`) brings about one pass on the event loop: it takes
/// in what relays answered, asks the store what the devices concerned lack, seals that, writes it down, commits, and only
/// then has it sent. Part of the messenger, on its thread.
class RelayOutbox {
public:
    struct Outcome {
        /// An own message is held, or held no longer, or until another date.
        std::function<void(const MessageRecord&)> changed;
        std::function<void(const MessageRecord&, const PersonId&)> held;
        std::function<void(const Error&)> failed;
    };

    struct Timing {
        Duration silence = limits::kRelaySilence;
        Duration headsJoined = limits::kHeadsJoined;
    };

    RelayOutbox(Context& context, const Contacts& contacts, RelayAccounts& accounts, Outcome outcome,
                Timing timing);

    // Reasons to look what devices lack -------------------------------------------------------------------------------
    void look(const DeviceId& device);
    void lookAt(const PersonId& person);
    /// Entries were appended to it.
    void lookAt(const ConversationId& conversation);
    void lookAtAll();
    /// The device can be reached in another way: what did not go is tried again at once.
    void hope(const DeviceId& device);
    /// The device is at its relay just now, or so that says: what did not go there is tried again.
    void came(const DeviceId& device);
    /// After the commit of RelayHeadsTable::owe. At once, and then not before a second is over.
    void headsOwed();
    /// In a transaction: heads of this conversation are other ones, of which members without a session are told.
    void oweHeads(const ConversationId& conversation);
    /// In a transaction: a device lost what was held for it. What is to be told and settled comes with `ended` after the
    /// commit.
    [[nodiscard]] std::vector<SettledDeposit> giveUp(const DeviceId& device, HeldWatch& watch);
    /// The same where the device named other relays than before: what is held at those that it left.
    [[nodiscard]] std::vector<SettledDeposit> leaveOthers(const DeviceId& device, HeldWatch& watch);
    /// After the commit: these are over.
    void ended(const std::vector<SettledDeposit>& deposits);
    void tell(HeldWatch& watch) const;

    /// This device is another one, or takes envelopes at other relays, than contacts were last told: heads, which say who this
    /// is and where it can be left something, are owed to them.
    void tellOfRelays();

    // For the person ----------------------------------------------------------------------------------------------------
    /// Whether what is written to this person can be left at a relay, if there is no session.
    [[nodiscard]] PostView view(const PersonId& person);
    /// Has relays visited and prekeys asked for, as far as that is needed to leave something: `view` tells what comes of it.
    void tryRoutes(const PersonId& person);

    // What is told of relays ------------------------------------------------------------------------------------------
    void opened(const RelayKey& relay);
    void closed(const RelayKey& relay);
    void changed(const RelayKey& relay, const mailbox::DepositChanged& changed);
    void answered(const RelayKey& relay, const mailbox::Answer& answer);
    /// Another store, or another node: nothing of before counts.
    void forgetAll();

private:
    using Made = RelayEnvelopes::Made;
    /// What one pass does, until its commit.
    struct Pass {
        explicit Pass(Context& context) : watch(context) {}
        HeldWatch watch;
        std::vector<std::pair<RelayKey, mailbox::DepositChanged>> changes;
        std::vector<SettledDeposit> settled;
        std::vector<Made> made;
        std::map<RelayKey, std::size_t> madeAt;
        std::set<DeviceId> looked;
        bool hasOwed = false;
        std::set<RelayKey> answered;  ///< relays that answered a deposit
    };
    /// Whose deposits can share a body.
    using Group = std::tuple<RelayKey, PersonId, std::vector<EntryRange>>;
    using Groups = std::map<Group, std::vector<RelayEnvelopes::Reader>>;

    void lookAtThoseAt(const RelayKey& relay);
    void passSoon();
    void pass();
    void leaveSilentRelays();
    void leaveSilent(const RelayKey& relay);
    [[nodiscard]] bool isOver(const AwaitedDeposit& deposit) const;
    void noteOwed(const RelayKey& relay, bool isAnswer);
    void takeChanges(Pass& pass);
    void takeChange(Pass& pass, const RelayKey& relay, mailbox::DepositChanged changed);
    void takeDoubts(Pass& pass, const RelayKey& relay, mailbox::DepositChanged& changed);
    void takeAnswers();
    void expire(Pass& pass);
    void depositEntries(Pass& pass);
    [[nodiscard]] Groups plan(const Pass& pass, std::set<DeviceId>& due);
    void depositHeads(Pass& pass);
    void depositEvidence(Pass& pass);
    [[nodiscard]] std::optional<RelayRoutes::Route> routeTo(const Pass& pass, const DeviceId& device);
    [[nodiscard]] bool mayLeave(const DeviceId& device);
    [[nodiscard]] std::vector<DeviceId> reachedByRelay(const PersonId& person);
    [[nodiscard]] bool isRecent(const DeviceId& device, const PersonId& person);
    void undone(const Pass& pass, const Error& error);
    void done(Pass& pass);
    void wakeStalled();
    void rearm();

    Context& m_context;
    const Contacts& m_contacts;
    RelayAccounts& m_accounts;
    const Outcome m_outcome;
    const Timing m_timing;
    RelaySilence m_silence;
    RelayRoutes m_routes;
    RelayEnvelopes m_envelopes;
    std::set<DeviceId> m_due;
    std::vector<std::pair<RelayKey, mailbox::DepositChanged>> m_changes;
    std::vector<std::pair<RelayKey, mailbox::Answer>> m_answers;
    std::map<RelayKey, std::set<DepositCounter>> m_unanswered;  ///< since they were sent
    std::map<RelayKey, std::set<DeviceId>> m_stalled;           ///< by how many are unanswered there
    std::map<DeviceId, DepositCounter> m_headsUnanswered;
    MonoTime m_lookedAt{};
    QTimer m_passTimer;
    bool m_areHeadsOwed = false;  ///< to others than those that are looked at
    QTimer m_headsTimer;          ///< runs while heads rest
    QTimer m_wakeTimer;
};

}  // namespace landline::app
