#pragma once

#include "p2p/base/ids.h"

namespace landline::identity {

/// The id of the direct conversation of two persons: SHA-256 of "landline direct v1\n" and both keys in byte order.
/// With itself, a person has the conversation "notes to self", shared by its devices.
[[nodiscard]] ConversationId directConversation(const PersonId& a, const PersonId& b);

}  // namespace landline::identity
