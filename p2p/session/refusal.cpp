#include "p2p/session/refusal.h"

#include "p2p/base/utf8.h"

namespace landline::session {

namespace {

using wire::CloseReason;

/// A text of the other side as it may stand in a sentence.
std::string quoted(const std::string& text) {
    const std::string shown = sanitizedName(text, 256);
    return shown.empty() ? std::string() : " It says: “" + shown + "”";
}

struct Sentence {
    ErrorCode code;
    const char* byUs;
    const char* byPeer;
};

std::optional<Sentence> sentenceFor(CloseReason reason) {
    switch (reason) {
        case CloseReason::Goodbye:
        case CloseReason::Superseded:
        case CloseReason::Renew:
        case CloseReason::Idle:
            return std::nullopt;
        case CloseReason::Violation:
            return Sentence{ErrorCode::ProtocolViolation, "The other side broke a rule of the protocol.",
                            "The other side ended the connection because of something this side sent."};
        case CloseReason::Version:
            return Sentence{
                ErrorCode::VersionMismatch,
                "Both sides can speak a newer version of the protocol than was used. Connect again.",
                "Both sides can speak a newer version of the protocol than was used. Connect again."};
        case CloseReason::NotWelcome:
            return Sentence{ErrorCode::NotPermitted, "This person is blocked.",
                            "The other side does not accept connections from this device."};
        case CloseReason::Clone:
            return Sentence{
                ErrorCode::WrongKey,
                "Another running program uses this device's key: the profile was copied. Close one of "
                "them; the copy must become a new device.",
                "Another running program uses this device's key: the profile was copied. Close one of "
                "them; the copy must become a new device."};
        case CloseReason::Storage:
            return Sentence{
                ErrorCode::Disk, "This side cannot write to its disk at the moment.",
                "The other side cannot write to its disk at the moment; messages wait until it can."};
        case CloseReason::Unknown:
            break;
    }
    return Sentence{ErrorCode::Closed, "The connection was closed.", "The other side closed the connection."};
}

}  // namespace

std::optional<Error> closeError(CloseReason reason, const std::string& text, bool byPeer) {
    const auto sentence = sentenceFor(reason);
    if (!sentence) return std::nullopt;
    if (byPeer) return Error{sentence->code, sentence->byPeer + quoted(text)};
    return Error{sentence->code, text.empty() ? std::string(sentence->byUs) : text};
}

}  // namespace landline::session
