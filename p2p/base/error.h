#pragma once

#include <string>
#include <string_view>

namespace landline {

/// What kind of failure it was: for code that decides, and for the `code` field of error events. Each has a stable
/// lower-case name (errorName) that scripts may rely on.
enum class ErrorCode {
    Malformed,           ///< bytes that are no valid message, entry, beacon …
    TooLarge,            ///< over a limit of limits.h
    BadSignature,        ///< a signature or an AEAD tag does not verify
    WrongKey,            ///< a key other than the expected one
    VersionMismatch,     ///< another major version of the protocol
    ProtocolViolation,   ///< valid bytes at the wrong moment or against a rule
    Fork,                ///< two different entries of one author with one number
    NotPermitted,        ///< policy: blocked, not a member, a stranger over the limit
    NotFound,            ///< no such person, conversation, message, file
    Ambiguous,           ///< a name or a prefix that fits several
    InvalidArgument,     ///< wrong usage by the person or the script
    Timeout,             ///< not done in time
    Unreachable,         ///< no way to the other device
    Closed,              ///< the connection or the object has ended
    Full,                ///< a queue, quota or the disk is full
    Disk,                ///< reading or writing failed
    Locked,              ///< another program has the profile, or a passphrase is needed
    Internal,            ///< a defect of ours
};

[[nodiscard]] std::string_view errorName(ErrorCode code);

/// A failure with a sentence that tells a person what happened and, where possible, what to do.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string text;
};

}  // namespace landline
