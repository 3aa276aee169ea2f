#include "p2p/identity/direct_conversation.h"

#include "p2p/base/hash.h"

#include <algorithm>

namespace landline::identity {

ConversationId directConversation(const PersonId& a, const PersonId& b) {
    const auto [low, high] = std::minmax(a, b);
    const Hash256 hash = sha256({viewOf("landline direct v1\n"), low.view(), high.view()});
    return ConversationId::from(hash.view()).value();
}

}  // namespace landline::identity
