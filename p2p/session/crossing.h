#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/ids.h"
#include "p2p/base/limits.h"

namespace landline::session {

/// One of two sessions between the same two devices.
struct Dialled {
    DeviceId dialler;
    MonoTime established;
};
enum class Keep { First, Second };

/// Which of two sessions both ends keep; the other drains and ends with CloseReason::Superseded. Crossing
/// dials, that is sessions of different diallers established within limits::kCrossingDials of each other: the
/// one that the smaller device key dialled, since the ends may have seen them open in different orders.
/// Otherwise the newer: whoever dials again has lost the older one. The argument order does not matter,
/// unless the two are equal: then the second.
[[nodiscard]] inline Keep keepOf(const Dialled& first, const Dialled& second) {
    const bool firstIsNewer = first.established > second.established;
    const Duration apart =
        firstIsNewer ? first.established - second.established : second.established - first.established;
    if (first.dialler != second.dialler && apart <= limits::kCrossingDials)
        return first.dialler < second.dialler ? Keep::First : Keep::Second;
    return firstIsNewer ? Keep::First : Keep::Second;
}

}  // namespace landline::session
