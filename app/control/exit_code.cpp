#include "app/control/exit_code.h"

namespace landline::app::control {

ExitCode exitCodeOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::NotFound:
        case ErrorCode::Ambiguous:
            return ExitCode::NotFound;
        case ErrorCode::InvalidArgument:
            return ExitCode::Usage;
        case ErrorCode::Timeout:
        case ErrorCode::Unreachable:
            return ExitCode::NotDelivered;
        case ErrorCode::Malformed:
        case ErrorCode::TooLarge:
        case ErrorCode::BadSignature:
        case ErrorCode::WrongKey:
        case ErrorCode::VersionMismatch:
        case ErrorCode::ProtocolViolation:
        case ErrorCode::Fork:
        case ErrorCode::NotPermitted:
        case ErrorCode::Closed:
        case ErrorCode::Full:
        case ErrorCode::Disk:
        case ErrorCode::Locked:
        case ErrorCode::Internal:
            return ExitCode::Failed;
    }
    return ExitCode::Failed;
}

}  // namespace landline::app::control
