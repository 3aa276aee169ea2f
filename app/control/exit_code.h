#pragma once

#include "p2p/base/error.h"

namespace landline::app::control {

/// How a command ended: the program's exit code, and `code` in its answer.
enum class ExitCode {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotDelivered = 3,  ///< in time; the message stays queued or held
    NotFound = 4,      ///< no such person, group or message
};

[[nodiscard]] ExitCode exitCodeOf(ErrorCode code);

}  // namespace landline::app::control
