#include "p2p/session/preface_check.h"

namespace landline::session {

namespace {

using wire::CloseReason;
using wire::Purpose;
using wire::Suite;

Refusal otherVersion(int theirs) {
    return {CloseReason::Version,
            Error{ErrorCode::VersionMismatch, "The other side speaks version " + std::to_string(theirs) +
                                                  " of the protocol and this one version " +
                                                  std::to_string(int(wire::kMajorVersion)) +
                                                  ". Update the older program."}};
}

Refusal notAccepted(const char* text) {
    return {CloseReason::NotWelcome, Error{ErrorCode::NotPermitted, text}};
}

}  // namespace

std::optional<Refusal> checkDialled(const wire::Preface& theirs, bool relayListener, bool hasAes) {
    if (theirs.major != wire::kMajorVersion) return otherVersion(theirs.major);
    const bool bulk = theirs.purpose == Purpose::Bulk;
    const bool purposeFits =
        relayListener ? theirs.purpose == Purpose::Relay : bulk || theirs.purpose == Purpose::Conversation;
    const bool suiteFits =
        theirs.suite == Suite::ChaChaPoly || (theirs.suite == Suite::AesGcm && bulk && hasAes);
    if (purposeFits && suiteFits) return std::nullopt;
    return notAccepted("The other side asked for a kind of connection that is not accepted here.");
}

std::optional<Refusal> checkAnswer(const wire::Preface& theirs, const wire::Preface& asked) {
    if (theirs.major != asked.major) return otherVersion(theirs.major);
    if (theirs.purpose == Purpose::Refused)
        return notAccepted("The other side does not accept this kind of connection.");
    if (theirs == asked) return std::nullopt;
    return Refusal{CloseReason::Violation, Error{ErrorCode::ProtocolViolation,
                                                 "The other side answered for another kind of connection."}};
}

}  // namespace landline::session
