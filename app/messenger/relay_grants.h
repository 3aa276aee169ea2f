#pragma once

#include "app/messenger/context.h"
#include "app/storage/relay_records.h"
#include "p2p/wire/relay_messages.h"

#include <map>

namespace landline::app {

/// Who may leave something for this device, and where others may be left something. Tokens are made for accepted people,
/// for the own person and for the contact link, and for nobody else; each is told to its person alone. Writes into the
/// open transaction; what is posted to the node is posted after the commit. On the messenger's thread.
class RelayGrants {
public:
    explicit RelayGrants(Context& context) : m_context(context) {}

    // What this device gives ------------------------------------------------------------------------------------------
    /// In a transaction: a token of each at this relay, as long as there is room. Nothing else makes any, but `standingSet`.
    void makeTokens(const RelayKey& relay);
    /// In a transaction: tokens at all relays for who is accepted now, and none for who is not.
    void standingSet(const PersonId& person, timeline::Standing standing);
    /// In a transaction: another token for the contact link at each relay, in the place of the one that whoever has the link
    /// has. False if there is no relay.
    bool renewLink();
    /// At relays that have let this device in; tokens that the relay is known to have, so that nobody is refused who was told.
    /// The contact link's is given as soon as it is written down: the relay has it with the next answer. Makes none. Of more
    /// contacts than there are tokens (limits::kTokensPerDevice) those without one of their own are given the contact link's,
    /// so that they are not lost with another link. None for who is neither accepted nor the own person; nobody: for the
    /// contact link.
    [[nodiscard]] std::vector<identity::RelayGrant> givenTo(const std::optional<PersonId>& contact);
    /// In a transaction: the relay has these tokens, in their order. Heads, which tell of them, are owed to those whose were
    /// not known to be there, also where theirs is the contact link's. True if there are any.
    [[nodiscard]] bool confirmed(const RelayKey& relay, const std::vector<wire::relay::Token>& tokens);
    /// The same as an envelope says it: that there are none any more, unless one is still to come. As before for whom this
    /// device's relays are none of the business of.
    [[nodiscard]] wire::ToldRelays toldTo(const PersonId& contact);
    /// After a commit, and commits itself: each person is told, in profiles, what is different from what was told before.
    [[nodiscard]] Expected<void> tell();
    /// In a transaction: the number of what is said now of this device (wire::Profile::edition), higher than all before.
    [[nodiscard]] std::uint64_t nextEdition();
    /// Another node: it has been told nothing.
    void forgetTold() { m_told.clear(); }

    // What others gave ------------------------------------------------------------------------------------------------
    /// In a transaction: what a device says of its relays, over a session or in an envelope, as of now (PrekeyTable::
    /// takeEdition). True if that changed anything.
    [[nodiscard]] bool received(const DeviceId& device, const wire::ToldRelays& told);
    /// Of devices of accepted people and other own devices, by relay.
    [[nodiscard]] std::map<RelayKey, std::vector<DeviceGrant>> ofContacts();

private:
    [[nodiscard]] bool isContact(const PersonId& person);
    [[nodiscard]] std::optional<RelayToken> tokenGivenTo(const PersonId& contact, const RelayKey& relay);
    [[nodiscard]] bool sharesTheLinks(const PersonId& person, const RelayKey& relay);
    /// Accepted people and the own person.
    [[nodiscard]] std::vector<PersonId> contacts();

    Context& m_context;
    std::map<PersonId, wire::ToldRelays> m_told;
};

/// As it travels in profiles and envelopes.
[[nodiscard]] std::vector<wire::RelayAccess> accessOf(const std::vector<identity::RelayGrant>& grants);
/// Without those that cannot be read.
[[nodiscard]] std::vector<identity::RelayGrant> grantsIn(const std::vector<wire::RelayAccess>& access);

}  // namespace landline::app
