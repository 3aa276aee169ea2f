#pragma once

#include "app/messenger/announcements.h"
#include "app/messenger/ingest.h"
#include "app/messenger/lost_patience.h"
#include "app/messenger/marks.h"
#include "app/messenger/relay_accounts.h"
#include "app/messenger/relay_forks.h"
#include "app/messenger/relay_outbox.h"
#include "p2p/wire/envelope_content.h"

#include <QTimer>

#include <deque>
#include <map>
#include <set>

namespace landline::app {

/// Takes in what came from this device's mailboxes: opens it, sees whose it is, and applies it by the rules that hold for
/// sessions; strangers have places of their own there (Database::meetByRelay). What waits is done in one transaction with
/// the positions up to which it was read; only then is the relay told. Where that fails nothing was read, and the relays
/// concerned are set up anew from the store. Part of the messenger, on its thread.
class RelayInbox {
public:
    struct Outcome {
        /// In a transaction: a person left something who is a stranger so far. True if that is over with this.
        std::function<bool(const PersonId&)> met;
        /// After the commit, once for all of whom that was said.
        std::function<void()> standingsChanged;
        /// After the commit.
        std::function<void(const PersonId&)> personChanged;
        /// Devices have told where they can be left something.
        std::function<void(const DeviceId&)> granted;
        std::function<void(const Error&)> failed;
    };
    struct Parts {
        Announcements& announcements;
        Ingest& ingest;
        Marks& marks;
        RelayAccounts& accounts;
        RelayOutbox& outbox;
        /// So often at most a device is believed that it lost something.
        Duration heedLossOnce = limits::kLostToldOnce;
    };

    RelayInbox(Context& context, Parts parts, Outcome outcome, LostPatience::Limits patience);

    void arrived(net::RelayNumber relay, const mailbox::Arrived& arrived);
    [[nodiscard]] bool isEmpty() const { return m_waiting.empty(); }
    /// Some of what waits, as much as one transaction should hold.
    void flush();
    /// In a transaction: this person, as it was until now, is accepted. What it left here may have been refused, or there was
    /// no place for it: it comes again once it is told.
    void accepted(const PersonRecord& person);
    /// How many envelopes of strangers were acknowledged and dropped, since there was no place for one more
    /// (limits::kRelayStrangers), and since forgetTurnedAway, which writes into the open transaction.
    [[nodiscard]] quint64 turnedAway();
    void forgetTurnedAway();
    /// The program starts, or another store or node: nothing of before counts.
    void begin();
    void forgetAll();

private:
    struct Waiting {
        net::RelayNumber number = 0;
        mailbox::Arrived arrived;
    };
    struct Committed {
        net::RelayNumber number = 0;
        wire::relay::Box box = wire::relay::Box::Messages;
        mailbox::Position position;
    };
    /// One transaction.
    struct Batch {
        explicit Batch(Context& context) : watch(context) {}
        std::set<RelayKey> relays;
        std::vector<Committed> committed;
        std::vector<std::pair<ConversationId, timeline::ApplyResult>> applied;
        Marks::Taken taken;
        HeldWatch watch;
        std::vector<SettledDeposit> settled;
        std::set<PersonId> persons;
        std::set<DeviceId> granted;
        std::set<DeviceId> heeded;  ///< what was held for them is given up
        std::set<DeviceId> unheeded;
        std::uint64_t lost = 0;
        quint64 turnedAway = 0;
        bool isDropped = false;  ///< something that a stranger wrote
        bool isOwed = false;
        RelayForks::Owed owed;
        std::set<PersonId> letIn;
    };
    /// Whose envelope it is.
    struct Sender {
        DeviceId device;
        PersonId person;
    };

    void take(const RelayKey& relay, const Waiting& waiting, Batch& batch);
    void open(envelope::PrekeyRing& ring, const wire::relay::Item& item, Batch& batch);
    /// Nothing for who is not let in; `isKnown` is false for one who did not say who it is.
    [[nodiscard]] std::optional<Sender> senderOf(const NoiseKey& depositor,
                                                 const wire::EnvelopeContent& content, bool& isKnown,
                                                 Batch& batch);
    [[nodiscard]] bool meet(const identity::Certificate& certificate, const std::string& name, Batch& batch);
    /// Who is a stranger no more from now on, if so it is.
    void letIn(const PersonId& person, Batch& batch);
    /// What it says of the device that left it, unless something later did.
    void takeIntroduction(const Sender& sender, const wire::EnvelopeContent& content, Batch& batch);
    void takeEntries(const Sender& sender, const std::vector<wire::Entries>& runs, Batch& batch);
    void takeForks(const Sender& sender, const std::vector<wire::ForkEvidence>& forks, Batch& batch);
    void takeHeads(const wire::SignedHeads& heads, Batch& batch);
    void heedLoss(const DeviceId& device, Batch& batch);
    void giveUp(const DeviceId& device, Batch& batch);
    void readUnheeded();
    void heedLater();
    void waitForUnheeded();
    [[nodiscard]] bool isContact(const PersonId& person);
    [[nodiscard]] bool isShared(const ConversationId& conversation, const PersonId& person);
    void oweForLost();
    [[nodiscard]] bool isLostTold();
    void setLostTold();
    void undone(const Batch& batch, const Error& error);
    void done(Batch& batch);

    Context& m_context;
    const Parts m_parts;
    const Outcome m_outcome;
    std::deque<Waiting> m_waiting;
    const LostPatience::Limits m_limits;
    LostPatience m_patience;
    RelayForks m_forks;
    QTimer m_lostTimer;  ///< runs while contacts were told not long ago
    std::map<DeviceId, MonoTime> m_heeded;  ///< not long ago: devices that lost something
    std::set<DeviceId> m_unheeded;          ///< that said so again since then
    bool m_isUnheededRead = false;
    QTimer m_heedTimer;
};

}  // namespace landline::app
