#pragma once

#include "p2p/net/node.h"

#include <QMetaObject>

#include <utility>

namespace landline::app {

/// Calls the node from the messenger's thread, queued; does nothing while none is attached.
class NodeLink {
public:
    void attach(net::Node* node) { m_node = node; }
    [[nodiscard]] bool isAttached() const { return m_node != nullptr; }

    /// Runs `call(Node&)` on the net thread.
    template <class Call>
    void post(Call call) const {
        net::Node* const node = m_node;
        if (node) QMetaObject::invokeMethod(node, [node, call = std::move(call)] { call(*node); });
    }

private:
    net::Node* m_node = nullptr;
};

}  // namespace landline::app
