#pragma once

#include "app/messenger/context.h"

#include <functional>
#include <map>

namespace landline::app {

/// Notices which own messages a transaction over deposits brings to a relay, or takes from it. Made before the transaction;
/// on the messenger's thread.
class HeldWatch {
public:
    using Told = std::function<void(const MessageRecord&)>;

    explicit HeldWatch(Context& context) : m_context(context) {}
    /// Before the deposit changes.
    void add(DepositCounter deposit);
    /// After the commit: each message whose state is another one, and of those the ones that came to be held.
    void tell(const Told& changed, const Told& held);

private:
    struct Was {
        MessageState state = MessageState::Queued;
        qint64 heldUntil = 0;
    };

    Context& m_context;
    std::map<GlobalEntryRef, Was> m_before;
};

}  // namespace landline::app
