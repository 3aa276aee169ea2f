#pragma once

#include "p2p/net/dial_attempt.h"
#include "p2p/net/host_probe.h"

#include <map>
#include <unordered_map>

namespace landline::net {

/// Dials what host_probe.h says, whoever answers there, and remembers which device that was, so that a host is left
/// alone while there is a session with its device.
class HostDialler final : public QObject {
    Q_OBJECT

public:
    using IsConnected = std::function<bool(const DeviceId&)>;

    HostDialler(LinkKeeper& links, DialAttempt::Opened opened, IsConnected isConnected, QObject* parent);
    ~HostDialler() override;

    /// Nothing is dialled before.
    void start();
    void stop();
    Expected<void> add(const QString& host);
    void networkChanged();
    void connected(const DeviceId& device);
    void disconnected(const DeviceId& device);

Q_SIGNALS:
    /// This device's own key answers there, from another program.
    void cloneMet();

private:
    struct TargetLess {
        bool operator()(const ProbeTarget& a, const ProbeTarget& b) const {
            return std::tie(a.host, a.port) < std::tie(b.host, b.port);
        }
    };

    void tick();
    void resolve(const ProbeTarget& target);
    void dial(const ProbeTarget& target, const std::vector<QHostAddress>& addresses);
    void onOpened(const ProbeTarget& target, LinkHandle link, session::RemoteParty remote,
                  const Candidate& at);
    void finished(const ProbeTarget& target);

    LinkKeeper& m_links;
    DialAttempt::Opened m_opened;
    IsConnected m_isConnected;
    HostProbe m_probe;
    std::map<ProbeTarget, LaterPtr<DialAttempt>, TargetLess> m_attempts;
    std::unordered_map<DeviceId, ProbeTarget> m_met;
    QTimer m_timer;
    bool m_active = false;
};

}  // namespace landline::net
