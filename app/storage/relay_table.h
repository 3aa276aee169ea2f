#pragma once

#include "app/storage/relay_records.h"
#include "app/storage/sql.h"
#include "p2p/base/random.h"
#include "p2p/mailbox/events.h"

namespace landline::app {

/// The relays of this profile, the tokens that this device gave to contacts, and how far its mailboxes there are read. Tokens
/// and invites are secrets: what is removed is overwritten (secure_delete). Part of the database: its thread, its
/// transaction, its errors.
class RelayTable {
public:
    explicit RelayTable(Sql& sql) : m_sql(sql) {}

    // Relays ------------------------------------------------------------------------------------------------------------
    /// Those in use, in the order in which they were added.
    [[nodiscard]] std::vector<RelayRecord> all();
    /// Those that are being left.
    [[nodiscard]] std::vector<RelayRecord> leaving();
    /// In use, or being left.
    [[nodiscard]] std::optional<RelayRecord> find(const RelayKey& relay);
    /// A new one, behind the others; of a known one, its URL, and a new attempt to come in where it did not let this device in. One
    /// that is being left is in use again, with the tokens that it had.
    void put(const identity::RelayUrl& url, WallTime now);
    /// It has let this device in: the invite has served its purpose.
    void setEntered(const RelayKey& relay);
    void setShutOut(const RelayKey& relay, wire::relay::Reason reason);
    /// Whether the person is to be found in its directory. None as long as nobody says so.
    void setListing(const RelayKey& relay, ListingWish wish);
    /// In use no more, from now on; its tokens are told to nobody, and it is to list this device no more.
    void leave(const RelayKey& relay, WallTime now);
    /// With this device's tokens, prekeys and positions there: its mailbox is given up. Deposits for others stay.
    void remove(const RelayKey& relay);

    // Own tokens ----------------------------------------------------------------------------------------------------------
    /// The one for `contact`, or nothing: for the contact link. Made if there is none; nothing if there are
    /// limits::kTokensPerDevice already, or the relay is none of this profile's.
    [[nodiscard]] std::optional<RelayToken> tokenFor(const RelayKey& relay,
                                                     const std::optional<PersonId>& contact, Random& random);
    /// The one that the relay is known to have; nothing if it is not known to, or none was made.
    [[nodiscard]] std::optional<RelayToken> confirmedTokenOf(const RelayKey& relay,
                                                             const std::optional<PersonId>& contact);
    /// True if one was made, whether the relay has it yet or not.
    [[nodiscard]] bool hasToken(const RelayKey& relay, const PersonId& contact);
    /// The contact link's, whether the relay has it yet or not; nothing if none was made.
    [[nodiscard]] std::optional<RelayToken> linkTokenOf(const RelayKey& relay);
    /// True if somebody can be told of the relay.
    [[nodiscard]] bool hasConfirmedToken(const RelayKey& relay);
    /// The relay has these, in the order of `tokens`. Gives whose were not confirmed before; nothing: the contact link's.
    [[nodiscard]] std::vector<std::optional<PersonId>> confirm(const RelayKey& relay,
                                                               const std::vector<wire::relay::Token>& tokens);
    /// All, for Mailbox::setTokens.
    [[nodiscard]] std::vector<wire::relay::Token> tokens(const RelayKey& relay);
    /// True if no further one can be made there.
    [[nodiscard]] bool isFull(const RelayKey& relay);
    /// At all relays; the next `tokenFor` makes new ones. True if there was any.
    bool revoke(const std::optional<PersonId>& contact);

    // Positions -----------------------------------------------------------------------------------------------------------
    /// Nothing committed yet: {0, 0}.
    [[nodiscard]] mailbox::Position position(const RelayKey& relay, wire::relay::Box box);
    /// A session has begun with this: a position in the relay's epoch that it never came to (an older database was put back)
    /// starts anew, as in BoxReader::enter. Nothing up to it would be read otherwise.
    void setBack(const RelayKey& relay, const wire::relay::Welcome& welcome);
    /// To be committed together with what came.
    void setPosition(const RelayKey& relay, wire::relay::Box box, mailbox::Position position);

    /// The profile is another device from now on: its mailboxes, tokens and deposits are not this one's, and none of those
    /// that are being left can be emptied any more. Its relays, what others gave, and the counters stay: no counter is used twice, whoever used it.
    void dropDevice();

private:
    [[nodiscard]] std::optional<RelayRecord> readRow(const Rows& row);
    [[nodiscard]] std::vector<RelayRecord> readAll(const char* statement);

    Sql& m_sql;
};

}  // namespace landline::app
