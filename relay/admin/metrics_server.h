#pragma once

#include "p2p/base/expected.h"
#include "relay/admin/admin_door.h"
#include "relay/admin/admin_page.h"

#include <QHostAddress>
#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace landline::relay {

/// Serves an operator's tools on this machine over HTTP: GET /metrics, /healthz (the program runs its loop: 200) and /readyz
/// (clients are served: 200, else 503 with the reason). On loopback alone, to requests that name loopback as their host,
/// so that no page in a browser can read it by a name of its own; without anything that names a person or device.
/// The admin page is served beside these, read-only, to who came with a ticket of AdminDoor: GET /admin/enter/TICKET answers
/// with a cookie (HttpOnly, SameSite=Strict, for its path alone) and sends on to the page.
/// Connections are few and short, and one that sends more than a request's head is ended. On the thread of its owner.
class MetricsServer final : public QObject {
    Q_OBJECT

public:
    struct Sources {
        std::function<std::vector<Metric>()> metrics;
        /// Why clients are not served; nothing if they are.
        std::function<std::optional<std::string>()> trouble;
        /// What the admin page shows. At once: the HTTP server of Qt 6.4 forgets the request while an answer is waited for.
        std::function<AdminView()> admin{};
    };
    static constexpr int kConnections = 16;
    static constexpr qint64 kRequestBytes = 16 * 1024;
    static constexpr int kConnectionMillis = 10'000;

    /// Clock and random outlive it.
    MetricsServer(Sources sources, const Clock& clock, Random& random, QObject* parent = nullptr);
    ~MetricsServer() override;

    /// Port 0: any that is free. Fails with InvalidArgument for an address that is not loopback, or with Unreachable if the
    /// port is taken.
    [[nodiscard]] Expected<quint16> listen(const QHostAddress& address, quint16 port);
    /// A URL of the admin page that is good once. Listens on 127.0.0.1 where it did nowhere yet. Fails as `listen`.
    [[nodiscard]] Expected<std::string> adminUrl();

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::relay
