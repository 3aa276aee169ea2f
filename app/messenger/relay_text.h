#pragma once

#include "app/messenger/relay_view.h"

#include <QString>

namespace landline::app {

/// Why a relay is not connected, or what it refuses, and what a person can do, in the language of the user interface; empty
/// where all is well. From any thread.
[[nodiscard]] QString relayTrouble(const RelayView& relay);

}  // namespace landline::app
