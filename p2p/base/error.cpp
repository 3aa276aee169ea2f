#include "p2p/base/error.h"

namespace landline {

std::string_view errorName(ErrorCode code) {
    switch (code) {
        case ErrorCode::Malformed: return "malformed";
        case ErrorCode::TooLarge: return "too-large";
        case ErrorCode::BadSignature: return "bad-signature";
        case ErrorCode::WrongKey: return "wrong-key";
        case ErrorCode::VersionMismatch: return "version-mismatch";
        case ErrorCode::ProtocolViolation: return "protocol-violation";
        case ErrorCode::Fork: return "fork";
        case ErrorCode::NotPermitted: return "not-permitted";
        case ErrorCode::NotFound: return "not-found";
        case ErrorCode::Ambiguous: return "ambiguous";
        case ErrorCode::InvalidArgument: return "invalid-argument";
        case ErrorCode::Timeout: return "timeout";
        case ErrorCode::Unreachable: return "unreachable";
        case ErrorCode::Closed: return "closed";
        case ErrorCode::Full: return "full";
        case ErrorCode::Disk: return "disk";
        case ErrorCode::Locked: return "locked";
        case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

}  // namespace landline
