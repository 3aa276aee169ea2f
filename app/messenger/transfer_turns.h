#pragma once

#include "p2p/base/ids.h"
#include "p2p/wire/messages.h"

#include <vector>

namespace landline::app {

/// A transfer that is under way or has been put in the queue.
struct InLine {
    wire::TransferId id;
    bool running = false;
    bool senderIsHere = false;  ///< and, if it runs, gives something
};

struct Turns {
    std::vector<wire::TransferId> start;
    std::vector<wire::TransferId> putBack;
};

/// So many may run of those whose sender is away: each holds an open file, and dials now and then.
inline constexpr int kRunningAway = 16;

/// Whose turn it is, of `line` in its order: the first `atOnce` whose sender is here run. One whose sender is away takes
/// nobody's place: it stays as it is, unless more than kRunningAway of them run, and if it runs it goes on as soon as the
/// sender is back, which may put back the last of those that run then.
[[nodiscard]] Turns turnsOf(const std::vector<InLine>& line, int atOnce);

}  // namespace landline::app
