#pragma once

#include "app/messenger/post_view.h"
#include "app/messenger/relay_view.h"

#include <QString>

namespace landline::app {

/// Why a relay is not connected, or what it refuses, and what a person can do, in the language of the user interface; empty
/// where all is well. From any thread.
[[nodiscard]] QString relayTrouble(const RelayView& relay);
/// Why nothing can be left at a relay for somebody, and what a person can do, in that language; empty where it can. From any
/// thread.
[[nodiscard]] QString postTrouble(const PostView& post);

}  // namespace landline::app
