#pragma once

#include "app/messenger/announcements.h"
#include "app/messenger/contacts.h"
#include "app/messenger/context.h"
#include "app/messenger/file_transfers.h"
#include "app/messenger/ingest.h"
#include "app/messenger/marks.h"
#include "app/messenger/messenger.h"
#include "app/messenger/network_log.h"
#include "app/messenger/presence_pace.h"
#include "app/messenger/relay_accounts.h"
#include "app/messenger/relay_directory.h"
#include "app/messenger/relay_inbox.h"
#include "app/messenger/relay_outbox.h"

#include <QTimer>

#include <set>

namespace landline::app {

/// The messenger's parts and what runs between them; for the sources of Messenger only.
struct Messenger::Impl {
    Impl(Messenger& owner, std::unique_ptr<Database> database,
         std::shared_ptr<const net::LocalIdentity> identity, Options options);

    Messenger& q;
    const Options options;
    Context context;
    Contacts contacts;
    Announcements announcements;
    FileTransfers transfers;
    Ingest ingest;
    Marks marks;
    NetworkLog log;
    RelayAccounts accounts;
    RelayOutbox outbox;
    RelayInbox inbox;
    RelayDirectory directory;
    wire::Profile profile;  ///< own name, presence and status as told to peers
    quint16 port = 0;
    bool flushPosted = false;
    QTimer tidyTimer;
    QTimer lookTimer;
    PresencePace presencePace;
    QTimer presenceTimer;
    std::set<PersonId> changedPersons;  ///< to be told after the present work

    // Incoming work is collected while events wait and done in one transaction.
    void flushSoon();
    void flush();

    /// Words that were erased leave the files for good once there is time for it.
    void tidySoon();

    /// Has damage dealt with wherever it shows, also where nothing is written.
    void watchStore();
    void takeKnownKinds();
    void noticeDamage();

    // Node's signals.
    void connectNode(net::Node& node);
    void sessionOpened(const net::SessionInfo& session);
    void sessionClosed(net::SessionNumber session);
    void applyWanted(net::SessionNumber session, const wire::Entries& entries);
    void readFailed(net::SessionNumber session);
    void readWanted(net::SessionNumber session, const timeline::ReadEntries& request);
    void peerHeads(net::SessionNumber session, const ConversationId& conversation,
                   const std::vector<wire::AuthorHead>& heads);
    void profileReceived(const DeviceId& device, const PersonId& person, const wire::Profile& profile);
    void typingReceived(const PersonId& person, const wire::Typing& typing);

    // Relays.
    void connectRelays(net::Node& node);
    [[nodiscard]] RelayAccounts::Outcome relayOutcome();
    [[nodiscard]] RelayOutbox::Outcome outboxOutcome();
    [[nodiscard]] RelayInbox::Outcome inboxOutcome();
    void relayTold(net::RelayNumber number, const mailbox::Event& event);
    /// In a transaction: another contact link. Heads, which say where one can be left something, are owed to all contacts:
    /// some may have nothing but the link of before. False if there is no relay.
    [[nodiscard]] bool renewLink();
    void presenceAtRelay(const DeviceId& device, bool isOnline);
    void tellPresence();
    [[nodiscard]] bool isVisible() const { return profile.presence != wire::Presence::Offline; }

    // Outcomes.
    void applying(const timeline::ApplyResult& result);
    void recordOffer(const timeline::CheckedEntry& entry);
    void applied(const timeline::ApplyResult& result, const ConversationId& conversation);
    void tellAppended(const timeline::CheckedEntry& entry);
    void applyTransferLimits();
    void failed(const Error& error);
    [[nodiscard]] static QString cloneNotice();
    /// The own timeline has ended: asks for a new device, and says what became of the message.
    Unexpected tellClone();
    void personChanged(const PersonId& person) {
        changedPersons.insert(person);
        flushSoon();
    }
    void tellChangedPersons();
    void tellForgotten();
    /// Own messages beyond the end of their timeline will reach nobody.
    void tellFailed(const ConversationId& conversation, const std::vector<DeviceId>& ended);

    // Own entries.
    Expected<timeline::CheckedEntry> compose(
        const ConversationId& conversation, const wire::Content& content,
        const std::function<void(const timeline::CheckedEntry&)>& inTransaction = {});
    /// The message that an amendment is about; fails unless it is there and not deleted.
    Expected<MessageRecord> amendable(const GlobalEntryRef& message);
    Expected<void> amend(const GlobalEntryRef& message, const wire::Content& content);
    [[nodiscard]] std::optional<PersonId> otherMember(const ConversationId& conversation);
    void acceptByAnswering(const ConversationId& conversation);

    Expected<TransferRecord> offer(const ConversationId& to, const wire::FileOffer& offer,
                                   const QString& path);

    void wantAcceptedPeople();
    void want(const PersonRecord& person);
    void tellRefused();
    void tellProfile();
    /// In a transaction: the profile is of now. Told after the commit.
    void nameEdition() { profile.edition = accounts.nextEdition(); }
    /// Puts name, presence and status into the open transaction.
    void keepProfile();
};

}  // namespace landline::app
