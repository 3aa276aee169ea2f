#pragma once

#include "app/messenger/relay_accounts.h"

namespace landline::app {

/// A relay that the node was given; for the sources of RelayAccounts only.
struct RelayAccounts::Link {
    net::RelayNumber number = 0;  ///< 0: the node does not have it, or not yet
    bool isGuest = false;
    std::optional<Open> session;
    std::set<DeviceId> watched;
    std::map<DeviceId, bool> online;  ///< of those

    // Of the profile's
    RelayView view;
    std::unique_ptr<RelayPrekeys> prekeys;
    std::vector<wire::relay::Token> tokens;  ///< as the node has them

    // Its directory, in this session
    std::optional<std::string> listedAs;  ///< the link that it was asked to list; empty: none
    std::uint64_t listQuestion = 0;       ///< as long as it has not answered
    MonoTime listedAgain{};               ///< it is not asked before

    // Of one that is being left
    bool isLeaving = false;
    bool isShut = false;  ///< so it said on coming in: then it gave no numbers since beyond these, which are still to be read
    MailboxNumber messages = 0;
    MailboxNumber heads = 0;

    bool isShutOut = false;  ///< it does not let this device in, as it has come

    // Of a contact's
    std::optional<DeviceGrant> grant;  ///< by which it is visited
    MonoTime neededUntil{};
    MonoTime enteredAt{};                ///< with a session
    std::optional<DepositCounter> owed;  ///< the oldest deposit without an answer
    MonoTime owedSince{};                ///< as long as that one is the oldest
};

}  // namespace landline::app
