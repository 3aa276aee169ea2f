#include "p2p/wire/relay_messages.h"

#include "p2p/base/hash.h"

#include <algorithm>

namespace landline::wire::relay {

bool isRequest(const Message& message) {
    return std::holds_alternative<Hello>(message) || std::holds_alternative<Deposit>(message) ||
           std::holds_alternative<Pull>(message) || std::holds_alternative<Acknowledge>(message) ||
           std::holds_alternative<PublishPrekey>(message) || std::holds_alternative<FetchPrekeys>(message) ||
           std::holds_alternative<SetTokens>(message) || std::holds_alternative<Watch>(message) ||
           std::holds_alternative<List>(message) || std::holds_alternative<Browse>(message);
}

Hash128 tokensDigest(std::vector<Token> tokens) {
    if (tokens.empty()) return {};
    std::sort(tokens.begin(), tokens.end());
    Bytes all;
    for (const Token& one : tokens) {
        append(all, one.token.view());
        appendBe64(all, one.share);
    }
    return truncated(sha256(all));
}

bool isPassing(Reason reason) {
    return reason == Reason::Busy || reason == Reason::TooFast || reason == Reason::Storage ||
           reason == Reason::Full;
}

std::string sentenceOf(Reason reason) {
    switch (reason) {
        case Reason::NoAccount:
            return "This relay has no account for this device. Ask its operator for an invite, and add the "
                   "relay again with "
                   "the invite's URL.";
        case Reason::BadInvite:
            return "The relay does not know this invite. Copy the whole URL, or ask the operator for another "
                   "one.";
        case Reason::InviteUsed:
            return "This invite has been used as often as it may be. Ask the relay's operator for another "
                   "one.";
        case Reason::InviteExpired:
            return "This invite has expired. Ask the relay's operator for another one.";
        case Reason::Revoked:
            return "The relay's operator has shut this device out. Only a new invite lets it in again.";
        case Reason::NoMailbox:
            return "The relay has no mailbox of the recipient's that this device may use. It gets the "
                   "message once you are "
                   "connected directly, or once the recipient gives you another link.";
        case Reason::Full:
            return "The recipient's mailbox at the relay is full. It takes more once the recipient has "
                   "fetched what is there.";
        case Reason::OldPrekey:
            return "The recipient has changed its key at the relay meanwhile. The message is sealed again.";
        case Reason::NoPrekey:
            return "The recipient has not been at the relay yet, or not for a long time, so nothing can be "
                   "sealed for it.";
        case Reason::OtherEpoch:
            return "The relay was restored from a backup. What was left there is sent again.";
        case Reason::OldCounter:
            return "The relay has seen later messages of this device before this one. It is sent again.";
        case Reason::TooLarge:
            return "This is larger than the relay takes.";
        case Reason::TooMany:
            return "These are more than the relay takes.";
        case Reason::Future:
            return "The relay was told that something was received which it never gave.";
        case Reason::Busy:
            return "The relay has too much to do at the moment. This is tried again by itself.";
        case Reason::TooFast:
            return "The relay limits how much a device may ask for in a time. This is tried again by itself.";
        case Reason::Storage:
            return "The relay's disk takes nothing at the moment. This is tried again by itself; if it "
                   "lasts, tell the relay's "
                   "operator.";
        case Reason::Invalid:
            return "The relay found that this is not this device's own.";
        case Reason::Unsupported:
            return "The relay does not offer this.";
        case Reason::Unknown:
            break;
    }
    return "The relay refused for a reason that this version does not know.";
}

}  // namespace landline::wire::relay
