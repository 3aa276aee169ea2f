#pragma once

#include "p2p/base/expected.h"
#include "relay/admin/exposition.h"

#include <QHostAddress>
#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace landline::relay {

/// Serves an operator's tools on this machine over HTTP: GET /metrics, /healthz (the program runs its loop: 200) and /readyz
/// (clients are served: 200, else 503 with the reason). On loopback alone, to requests that name loopback as their host,
/// so that no page in a browser can read it by a name of its own; without anything that names a person or device.
/// Connections are few and short, and one that sends more than a request's head is ended. On the thread of its owner.
class MetricsServer final : public QObject {
    Q_OBJECT

public:
    struct Sources {
        std::function<std::vector<Metric>()> metrics;
        /// Why clients are not served; nothing if they are.
        std::function<std::optional<std::string>()> trouble;
    };
    static constexpr int kConnections = 16;
    static constexpr qint64 kRequestBytes = 16 * 1024;
    static constexpr int kConnectionMillis = 10'000;

    explicit MetricsServer(Sources sources, QObject* parent = nullptr);
    ~MetricsServer() override;

    /// Port 0: any that is free. Fails with InvalidArgument for an address that is not loopback, or with Unreachable if the
    /// port is taken.
    [[nodiscard]] Expected<quint16> listen(const QHostAddress& address, quint16 port);

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::relay
