#pragma once

#include "app/messenger/network_log.h"
#include "app/messenger/post_view.h"
#include "app/messenger/relay_people.h"
#include "app/messenger/relay_view.h"
#include "app/storage/database.h"
#include "app/storage/records.h"
#include "app/storage/tree_scan.h"
#include "p2p/net/node.h"

#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace landline::app {

/// How a person can be reached now.
enum class Path { None, Direct, Relay };

/// A person with its live state, as lists and the CLI show it.
struct PersonView {
    PersonRecord record;
    ConversationId conversation;
    bool online = false;
    Path path = Path::None;
    wire::Presence presence = wire::Presence::Offline;
    QString statusText;
    QString address;
    bool typing = false;
    int unread = 0;
    /// Newest message, for a preview.
    std::optional<MessageRecord> last;
    /// A known name came with another key: shown loudly until one is verified, blocked or renamed.
    bool nameClash = false;
};

/// A device seen by its beacon whose person is not known yet.
struct SightedDevice {
    DeviceId device;
    QString name;
    QString address;
};

struct SelfView {
    DeviceId device;
    PersonId person;
    QString name;
    wire::Presence presence = wire::Presence::Online;
    QString statusText;
    quint16 port = 0;
};

/// Where the store and the network meet, and nowhere else. Lives on the store thread and owns the database
/// there; the functions below are called on that thread (through MessengerPort from others). Every one that
/// changes something has committed when it returns.
class Messenger : public QObject {
    Q_OBJECT

public:
    struct Options {
        bool allowAll = false;    ///< everybody counts as accepted
        QString acceptFilesInto;  ///< fetch offers of accepted persons into this folder; empty: ask
        QString outbox = {};      ///< files in here were made only to be offered, and go with their offer
        QString bundles = {};     ///< for the records of bundles
    };

    Messenger(std::unique_ptr<Database> database, std::shared_ptr<const net::LocalIdentity> identity,
              Options options);
    ~Messenger() override;

    /// The node to speak through, or none. The caller keeps it alive until another call here has returned.
    /// Connects to its signals and tells it whom to dial.
    void attach(net::Node* node);
    /// After this the device writes timelines of its own under the new key. `store`: what Profile::renewDevice gave.
    void setIdentity(std::shared_ptr<const net::LocalIdentity> identity, const QString& store);
    /// Gives the database up, before another is opened in its place; nothing else may be called until setStore.
    void closeStore();
    /// The database was found to be damaged: storeDamaged follows.
    void reportDamage();
    void setStore(std::unique_ptr<Database> database);

    // Self
    // ---------------------------------------------------------------------------------------------------------
    [[nodiscard]] SelfView self();
    Expected<void> setName(const QString& name);
    Expected<void> setPresence(wire::Presence presence, const QString& statusText);

    // People
    // -------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::vector<PersonView> people();
    [[nodiscard]] std::vector<SightedDevice> unknownDevices();
    /// A unique name (its case matters only where two differ in nothing else), a person or device id, or a prefix of one of 8 or more digits. Fails with NotFound or
    /// Ambiguous.
    [[nodiscard]] Expected<PersonView> find(const QString& who);
    /// With somebody blocked who came by the contact link that becomes another one (contactLinkRenewed).
    Expected<void> setStanding(const PersonId& person, timeline::Standing standing);
    /// Gives a blocked person the standing from before the block.
    Expected<void> unblock(const PersonId& person);
    [[nodiscard]] QString safetyNumber(const PersonId& person);
    Expected<void> setVerified(const PersonId& person, bool verified);
    /// What the network showed of devices since the start, for the doctor.
    [[nodiscard]] Diagnosis diagnosis();
    /// Asks every connected device of the person to dial this one, unless that was asked a moment ago, when it would not
    /// be heeded; the diagnosis tells what became of it. False if none is connected.
    bool askToDialBack(const PersonId& person);
    /// Whether what is written in this conversation can be left at a relay for the other person just now, and what is in the
    /// way otherwise; with a session it needs none. What is Unknown or Unreachable may be another thing a moment later.
    [[nodiscard]] PostView postView(const ConversationId& conversation);
    /// Has the other person's relays visited as if there were something to leave, so that postView knows more.
    void tryPost(const ConversationId& conversation);
    /// A link by which somebody whom no beacon reaches can add this person and dial this device.
    [[nodiscard]] QString contactLink();
    /// The same with other tokens at the relays: whoever came by the link of before can leave nothing there any more, unless
    /// accepted. At a relay that is not connected, from when it is. Fails with NotFound where there is no relay: nothing else
    /// of a link can be taken back.
    Expected<QString> newContactLink();
    /// Envelopes of strangers that were dropped, since more came by relay than there is room for; since the link's last
    /// renewal.
    [[nodiscard]] quint64 turnedAway();
    /// Takes such a link's person for an accepted one and begins to dial. Fails with Malformed, InvalidArgument (one's own
    /// link), NotPermitted (a blocked person).
    Expected<PersonView> addContact(const QString& link);

    // Relays
    // ---------------------------------------------------------------------------------------------------------
    /// Uses this relay from now on; of one in use, its URL (and invite) from now on. relayChanged tells what comes of it.
    /// Fails with Malformed, TooLarge or Full (limits::kRelaysPerContact).
    Expected<RelayView> addRelay(const QString& url);
    /// Those of this profile, in their order.
    [[nodiscard]] std::vector<RelayView> relays();
    /// HOST:PORT, HOST, a URL, or the beginning of a key, of 8 or more characters. Fails with NotFound or Ambiguous.
    [[nodiscard]] Expected<RelayView> findRelay(const QString& which);
    /// Has this person found in the relay's directory by all who have an account there, or no more: by a contact link with the
    /// name and the relay's token for that link, kept up until it is taken back; nobody is as long as this is not called.
    /// relayChanged tells what comes of it. Fails with NotFound, or NotPermitted where it is known to have no directory.
    Expected<RelayView> setListed(const RelayKey& relay, bool isListed);
    /// Asks a relay whom it lists; relayBrowsed follows, once for all who asked until then. Fails with Unreachable while it is
    /// not connected, and with NotPermitted where it has no directory.
    Expected<void> browseRelay(const RelayKey& relay);
    /// Gives the mailbox there up: what waits in it is lost to this device, and comes from its senders another way.
    Expected<void> removeRelay(const RelayKey& relay);

    // Messages
    // -------------------------------------------------------------------------------------------------------
    Expected<MessageRecord> sendText(const ConversationId& to, const QString& text,
                                     const std::optional<EntryRef>& replyTo = {});
    Expected<MessageRecord> editText(const GlobalEntryRef& message, const QString& text);
    Expected<void> deleteMessage(const GlobalEntryRef& message);
    Expected<void> react(const GlobalEntryRef& message, const QString& emoji, bool removed);
    Expected<void> markRead(const ConversationId& conversation);
    /// Tells the other side; nothing is stored.
    void setTyping(const ConversationId& conversation, bool active);
    [[nodiscard]] std::vector<MessageRecord> history(const HistoryQuery& query);
    [[nodiscard]] std::vector<MessageRecord> search(const SearchQuery& query);
    [[nodiscard]] std::optional<MessageRecord> message(const GlobalEntryRef& ref);
    [[nodiscard]] Expected<GlobalEntryRef> findMessage(const QString& id);

    // Files
    // ------------------------------------------------------------------------------------------------------------
    Expected<TransferRecord> sendFile(const ConversationId& to, const QString& path);
    /// The folder for the records of bundles (prepareBundle). From any thread.
    [[nodiscard]] const QString& bundlesFolder() const;
    /// Several files and folders as one offer. prepareBundle, which reads and writes the disk, is for another thread. Fails
    /// with VersionMismatch where the other side's program is connected and knows no bundles.
    Expected<TransferRecord> sendBundle(const ConversationId& to, PreparedBundle bundle);
    /// Fetches an offered file into `folder` (default: the downloads folder).
    Expected<void> acceptFile(const wire::TransferId& transfer, const QString& folder = {});
    /// For good: what has come of it is removed.
    Expected<void> cancelTransfer(const wire::TransferId& transfer);
    /// Stops for now, without losing anything: what is being fetched, or what is offered.
    Expected<void> pauseTransfer(const wire::TransferId& transfer);
    /// Goes on with what was paused, begins anew with what was cancelled, and fetches what did not come of a transfer that failed.
    Expected<void> resumeTransfer(const wire::TransferId& transfer);
    [[nodiscard]] std::vector<TransferRecord> transfers();
    /// Kept, and in effect at once. Fails with InvalidArgument for less than limits::kLeastFileRate or an impossible number.
    Expected<void> setTransferLimits(const TransferLimits& limits);
    [[nodiscard]] TransferLimits transferLimits();
    /// Of what is to be fetched: lower positions (TransferRecord::position) come first. One that comes to stand among the
    /// first is fetched now, in the place of another. transferChanged follows for each whose position is another one.
    Expected<void> moveTransfer(const wire::TransferId& transfer, TransferMove where);
    /// What an accepted person offers is fetched into `folder` unasked, up to `quota` bytes a day (0: any number); beyond,
    /// and where there is too little free space, an offer waits for consent, and its record's `error` says why. It ends
    /// when the person is accepted no longer. Fails with NotPermitted, Disk or InvalidArgument.
    Expected<void> setAlwaysAccept(const PersonId& person, const QString& folder, quint64 quota);
    Expected<void> endAlwaysAccept(const PersonId& person);
    [[nodiscard]] std::optional<AlwaysAccept> alwaysAccept(const PersonId& person);
    [[nodiscard]] std::vector<AlwaysAccept> alwaysAccepting();
    /// A page of them as a person sees them: without what was removed from the list.
    [[nodiscard]] std::vector<TransferRecord> transfers(const TransferQuery& query);
    /// Removes from that list what has ended, until it changes again; messages and files stay.
    Expected<void> hideTransfer(const wire::TransferId& transfer);
    /// The same for all that are done or cancelled.
    Expected<void> hideFinishedTransfers();
    /// Where a bundle's record lies while it is needed, for readBundleContents. There may be none.
    [[nodiscard]] QString bundleRecord(const wire::TransferId& transfer) const;

Q_SIGNALS:
    // After the commit of what they tell.
    void ready(quint16 port);
    /// The own device, name or presence is another one now.
    void selfChanged(const landline::app::SelfView& self);
    void problem(const QString& code, const QString& text);
    void personChanged(const landline::app::PersonView& person);
    /// A stranger made room for others (limits::kStrangers, limits::kRelayStrangers), with all that they wrote.
    void personForgotten(const landline::PersonId& person);
    void unknownDevicesChanged();
    void messageAdded(const landline::app::MessageRecord& message);
    /// Text, state, reactions or file of a message that is known already.
    void messageChanged(const landline::app::MessageRecord& message);
    /// An own message reached (or was read by) a person.
    void delivered(const landline::app::MessageRecord& message, const landline::PersonId& person);
    void readBy(const landline::app::MessageRecord& message, const landline::PersonId& person);
    /// An own message is held for a person by relays: for every device of theirs that lacks it. Once for each.
    void held(const landline::app::MessageRecord& message, const landline::PersonId& person);
    /// A relay of this profile is in another state, or was added.
    void relayChanged(const landline::app::RelayView& relay);
    void relayRemoved(const landline::app::RelayKey& relay);
    /// What browseRelay asked for.
    void relayBrowsed(const landline::app::RelayKey& relay, const landline::app::ListedPeople& people);
    /// Somebody who had come by the contact link was blocked, so that it is another one now.
    void contactLinkRenewed();
    void transferChanged(const landline::app::TransferRecord& transfer);
    void transferLimitsChanged(const landline::app::TransferLimits& limits);
    /// There is another rule for this person, or none any more.
    void alwaysAcceptChanged(const landline::PersonId& person);
    void typingChanged(const landline::ConversationId& conversation, const landline::PersonId& person,
                       bool active);
    /// The own name is another one now.
    void renamed(const QString& name);
    /// This store can no longer write under its device key (a clone, an old copy): the runtime makes a new
    /// device.
    void newDeviceNeeded(const landline::DeviceId& device, const QString& why);
    /// The database's file is damaged: the runtime sets it aside and begins another.
    void storeDamaged();

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::app
