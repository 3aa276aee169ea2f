#pragma once

#include "app/messenger/contacts.h"
#include "app/messenger/context.h"
#include "app/messenger/relay_grants.h"
#include "app/messenger/relay_prekeys.h"
#include "app/messenger/relay_view.h"
#include "p2p/base/backoff.h"

#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace landline::app {

/// Which relays are used, and how they stand. Those of the profile are kept connected, with this device's prekey and tokens
/// there; those that were removed only until they take nothing more for this device, and what they had was read; those of
/// contacts are visited, as a guest, while somebody wants them, and so are those of the profile that have no account for this
/// device, where contacts have theirs. Gives the node a new number for a relay
/// whenever it is set up, so that nothing that was told of an earlier setting up counts. Part of the messenger, on its
/// thread; whatever changes the store here is committed here, unless it says "in a transaction".
class RelayAccounts {
public:
    /// A session of now, of which requests may be made.
    struct Open {
        net::RelayNumber number = 0;
        RelayEpoch epoch = 0;
        std::chrono::seconds life{0};
        bool isGuest = false;  ///< not with an account of the profile's
        bool hasDirectory = false;
    };
    struct Outcome {
        std::function<void(const RelayKey&)> opened;
        /// The session is over; also told of one that was wanted and came to nothing, or is wanted no longer. Whoever has
        /// something to do there wants it again.
        std::function<void(const RelayKey&)> closed;
        /// Of the profile's relays only.
        std::function<void(const RelayView&)> changed;
        std::function<void(const RelayKey&)> removed;
        /// Contacts can be told of a relay that they were not told of: heads are owed to them.
        std::function<void()> given;
        /// A device with which there is no session came to a relay that is watched, or went.
        std::function<void(const DeviceId&, bool isOnline)> presence;
        std::function<void(const Error&)> failed;
    };

    /// `clock` must outlive it.
    RelayAccounts(Context& context, const Contacts& contacts, const Clock& clock, Outcome outcome);
    ~RelayAccounts();

    // For what is left and fetched at relays --------------------------------------------------------------------------
    /// The session of now; nothing while there is none.
    [[nodiscard]] std::optional<Open> open(const RelayKey& relay) const;
    /// Nothing for a number of an earlier setting up.
    [[nodiscard]] std::optional<RelayKey> keyOf(net::RelayNumber number) const;
    /// There is something to do at this relay. One of a contact's is visited, within limits::kGuestRelays at once and
    /// limits::kGuestIdle after this was said last: `opened` follows, or `closed`; who wished first goes first. Nothing for
    /// one of the profile's, which comes by itself, unless it does not let this device in; for one whose operator has revoked
    /// this device; and for one that no contact named.
    void want(const RelayKey& relay);
    /// It is one of the profile's, or named by a contact: an answer that it owes may still come.
    [[nodiscard]] bool isUsed(const RelayKey& relay);
    /// That relay says that a device which is watched is there.
    [[nodiscard]] bool isOnlineAt(const RelayKey& relay, const DeviceId& device) const;
    /// By the clock that visits and rests go by.
    [[nodiscard]] MonoTime now() const { return m_clock.mono(); }
    /// This device's prekeys at a relay of the profile's; null for others.
    [[nodiscard]] envelope::PrekeyRing* ring(const RelayKey& relay);
    /// What the contact link says of this device's relays, for nobody, or a person is given; none for who is neither accepted
    /// nor the own person.
    [[nodiscard]] std::vector<identity::RelayGrant> grantsFor(const std::optional<PersonId>& contact) {
        return m_grants.givenTo(contact);
    }
    /// What an envelope for that person says of them; and, in a transaction, the number of whatever is said of this device
    /// now.
    [[nodiscard]] wire::ToldRelays toldTo(const PersonId& contact) { return m_grants.toldTo(contact); }
    [[nodiscard]] std::uint64_t nextEdition() { return m_grants.nextEdition(); }
    /// In a transaction: what a profile or an envelope says of a device's relays, and nothing later did. True if it is
    /// something new: call sessionsChanged after the commit.
    [[nodiscard]] bool grantsReceived(const DeviceId& device, const wire::ToldRelays& told) {
        return m_grants.received(device, told);
    }
    /// What was to be written down of this relay could not be: it is left, and after a while set up again from the store.
    void setUpAnew(const RelayKey& relay);

    // For the messenger -----------------------------------------------------------------------------------------------
    /// Everything as the store has it, with the node that is attached now.
    void attach(bool isVisible);
    /// The node is gone, or the store.
    void detach();
    /// An invisible person's devices are not told of to those who watch.
    void setVisible(bool isVisible);
    /// In a transaction: who is accepted gets tokens, who is not has none any more.
    void standingSet(const PersonId& person, timeline::Standing standing) {
        m_grants.standingSet(person, standing);
    }
    /// In a transaction: the contact link names other tokens from now on. False if there is no relay. A relay that is not
    /// connected takes the old one until it is.
    bool renewLink() { return m_grants.renewLink(); }
    /// After a commit: standings, or the contact link's tokens, are other ones.
    void contactsChanged();
    /// Sessions, grants of others, or what contact links say of this person, are.
    void sessionsChanged() { arrangeSoon(); }

    // What the node tells of a relay
    void told(const RelayKey& relay, const mailbox::Event& event);
    void down(const RelayKey& relay, const net::RelayDown& down);
    void wrongKey(const RelayKey& relay, const QString& at);
    /// To what was asked about this device's entry in its directory; others are passed over.
    void answered(const RelayKey& relay, const mailbox::Answer& answer);

    // See Messenger
    Expected<RelayView> setListed(const RelayKey& relay, bool isListed);
    Expected<RelayView> add(const QString& url);
    [[nodiscard]] std::vector<RelayView> views();
    [[nodiscard]] Expected<RelayView> find(const QString& which);
    /// It is in use no more, and told to nobody. As long as its mailbox is not emptied and shut it is dialled, up to
    /// limits::kRelayLeavingMost.
    Expected<void> remove(const RelayKey& relay);

private:
    struct Link;
    /// A grant by which a relay did not let this device in, or where another key answered: each has a rest of its own, so that a
    /// new one is tried at once.
    struct Refused {
        DeviceGrant grant;
        Duration wait{};
        MonoTime until{};
    };
    /// A contact's relay rests after each visit that it ended, or that came to nothing.
    struct Rest {
        Backoff backoff;
        MonoTime until{};
        std::size_t next = 0;  ///< of its grants
        std::vector<Refused> refused;
        /// When it may be visited by the grant.
        [[nodiscard]] MonoTime triedFrom(const DeviceGrant& grant) const;
    };

    // Setting up and taking down
    void begin(const RelayRecord& record);
    void beginGuest(const RelayKey& relay, const std::vector<DeviceGrant>& grants);
    void give(Link& link, net::RelaySetup setup);
    void end(const RelayKey& relay);
    void endSession(const RelayKey& relay, Link& link);
    void forget(const RelayKey& relay);
    [[nodiscard]] bool commit(const RelayKey& relay);
    [[nodiscard]] bool isOnlineAtRelay(const DeviceId& device) const;
    [[nodiscard]] Link* linkOf(const RelayKey& relay);
    /// Of one of the profile's, as it stands.
    [[nodiscard]] RelayView viewNow(const RelayRecord& record);
    [[nodiscard]] bool isRevokedAt(const RelayKey& relay);

    // Events
    void entered(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome);
    [[nodiscard]] bool enteredOwn(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome);
    [[nodiscard]] bool enteredLeaving(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome);
    void tokensConfirmed(const RelayKey& relay, Link& link, const Hash128& tokens);
    void comeAgainToLeave(const RelayKey& relay, const Link& link);
    void drained(const RelayKey& relay, Link& link, const mailbox::Drained& told);
    void listingRefused(const RelayKey& relay, Link& link, const wire::relay::Refusal& refusal);
    [[nodiscard]] bool renewIfForeign(const RelayKey& relay, Link& link, const wire::relay::Welcome& welcome);
    void shutOut(const RelayKey& relay, Link& link, wire::relay::Reason reason);
    void guestDown(const RelayKey& relay, Link& link, const net::RelayDown& down);
    void restGuest(const RelayKey& relay, const Link& link, Duration least, bool mayHaveBeenGood);
    void restGrant(const RelayKey& relay, const Link& link, bool isSomebodyElse);
    [[nodiscard]] MonoTime visitedFrom(const RelayKey& relay, const std::vector<DeviceGrant>& grants) const;
    void presenceTold(Link& link, const mailbox::PresenceTold& told);
    void trouble(Link& link, wire::relay::Reason reason);
    void depositChanged(Link& link, const mailbox::DepositChanged& changed);
    void change(Link& link, const std::function<void(RelayView&)>& edit);

    // What is kept up
    void publish(const Link& link);
    void tellTokens();
    void keepListing(const RelayKey& relay, Link& link);
    [[nodiscard]] std::string listedLink(const RelayRecord& record);
    void tellGrants();
    void arrangeSoon() { m_arrangeTimer.start(0); }
    void arrange();
    void arrangeGuests(const std::map<RelayKey, std::vector<DeviceGrant>>& grants);
    [[nodiscard]] std::vector<RelayKey> wishes() const;
    [[nodiscard]] bool owesTooLong(const RelayKey& relay, Link& link);
    void endIdleGuests(const std::map<RelayKey, std::vector<DeviceGrant>>& grants);
    void arrangeWatch(Link& link, const std::vector<DeviceGrant>& grants);
    void renewPrekeys();
    void forgetWhatIsOver();

    Context& m_context;
    const Contacts& m_contacts;
    const Clock& m_clock;
    const Outcome m_outcome;
    RelayGrants m_grants;
    bool m_isVisible = true;
    net::RelayNumber m_lastNumber = 0;
    std::map<RelayKey, std::unique_ptr<Link>> m_links;
    std::map<net::RelayNumber, RelayKey> m_keys;
    std::map<RelayKey, std::uint64_t> m_wanted;  ///< of contacts, not visited yet; which wish it was
    std::uint64_t m_lastWish = 0;
    std::uint64_t m_lastListing = 0;
    std::map<RelayKey, Rest> m_rests;
    std::set<RelayKey> m_broken;  ///< to be set up again from the store
    std::map<RelayKey, Backoff> m_leaving;     ///< before the next look whether a relay that is left is shut
    std::map<RelayKey, MonoTime> m_renewed;  ///< a prekey, since the relay had one that this device cannot open
    QTimer m_arrangeTimer;
    QTimer m_brokenTimer;
    QTimer m_tickTimer;
};

}  // namespace landline::app
