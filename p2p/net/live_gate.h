#pragma once

#include "p2p/base/limits.h"
#include "p2p/net/times.h"
#include "p2p/wire/messages.h"

#include <QTimer>

#include <functional>
#include <optional>
#include <utility>

namespace landline::net {

/// Passes on at most one message in limits::kLiveInterval: the first at once, of those that follow sooner the newest at
/// the end of that time. So what is true at last is told, and a flood costs its listener nothing.
class LiveGate final {
public:
    using Pass = std::function<void(const wire::Message&)>;

    explicit LiveGate(Pass pass) : m_pass(std::move(pass)) {
        m_rest.setSingleShot(true);
        QObject::connect(&m_rest, &QTimer::timeout, &m_rest, [this] {
            if (auto waiting = std::exchange(m_waiting, std::nullopt)) take(*std::move(waiting));
        });
    }

    void take(wire::Message message) {
        if (m_rest.isActive()) {
            m_waiting = std::move(message);
            return;
        }
        m_rest.start(ceilMillis(limits::kLiveInterval));
        m_pass(message);
    }

    /// Nothing more will come: what waits is passed on now.
    void finish() {
        if (const auto waiting = std::exchange(m_waiting, std::nullopt)) m_pass(*waiting);
    }

private:
    Pass m_pass;
    QTimer m_rest;
    std::optional<wire::Message> m_waiting;
};

}  // namespace landline::net
