#pragma once

#include "p2p/identity/relay_url.h"
#include "p2p/mailbox/events.h"

#include <QString>

namespace landline::net {

/// By which the app and the Node name a relay; the app gives it.
using RelayNumber = quint64;

/// The newest prekey at a relay, and the epoch in which that was confirmed; 0 for none.
struct RelayPrekey {
    PrekeyId id;
    Bytes prekey;
    RelayEpoch confirmedIn = 0;
};

/// A relay to keep a connection to, with what the store has of it (mailbox/mailbox.h says what each part means).
struct RelaySetup {
    struct Pending {
        DepositCounter counter = 0;
        wire::relay::Deposit deposit;
    };
    RelayNumber number = 0;
    identity::RelayUrl url;  ///< its invite counts only if `hello` has it
    wire::relay::Hello hello;
    mailbox::Position messages;
    mailbox::Position heads;
    std::vector<Pending> pending;
    std::vector<mailbox::HeldDeposit> held;
    std::optional<RelayPrekey> prekey;
    std::vector<wire::relay::Token> tokens;
    std::vector<wire::relay::Addressee> watched;
};

/// A dial came to nothing, or a session ended.
struct RelayDown {
    Error error;  ///< in a sentence
    std::optional<std::chrono::milliseconds>
        again;  ///< until the next dial; nothing: a person has to do something
};

}  // namespace landline::net
