#pragma once

#include "p2p/base/backoff.h"
#include "p2p/net/address_list.h"
#include "p2p/net/dial_attempt.h"
#include "p2p/net/node.h"

#include <set>
#include <unordered_map>

namespace landline::net {

/// Decides which devices are dialled, when and where. Wanted devices are tried until there is a session, with a
/// growing wait; a device that was merely seen is dialled while fewer than limits::kStandingSessions sessions stand, so
/// that on a small network everybody becomes known at once.
class Dialler final : public QObject {
    Q_OBJECT

public:
    Dialler(LinkKeeper& links, const DeviceId& self, DialAttempt::Opened opened, QObject* parent);
    ~Dialler() override;

    /// Nothing is dialled before: hellos must name the port.
    void start();
    void stop();

    void want(const Contact& contact);
    void unwant(const DeviceId& device);
    /// `fresh`: the device has just started, moved or said hello, so that earlier failures mean nothing.
    void sighted(const DeviceId& device, const Candidate& candidate, bool fresh);
    void gone(const DeviceId& device);
    void setRefused(const std::set<PersonId>& persons);
    /// Whoever wants to stay unseen dials nobody merely because of a beacon: the session would tell.
    void setVisible(bool visible);
    /// A session stands, or has ended.
    void connected(const SessionInfo& session);
    void disconnected(const DeviceId& device, wire::CloseReason reason);
    /// The device asked to be dialled although there is a session.
    void dialBack(const DeviceId& device, const Candidate& candidate);
    /// Earlier failures mean nothing; try everybody again.
    void networkChanged();

    /// Best first.
    [[nodiscard]] std::vector<Candidate> addresses(const DeviceId& device) const;
    [[nodiscard]] std::vector<DeviceId> wanted() const;
    [[nodiscard]] bool isWanted(const DeviceId& device) const;

Q_SIGNALS:
    void dialFailed(const landline::DeviceId& device, const QString& why, landline::ErrorCode code);

private:
    struct Peer {
        DeviceId device;
        std::optional<NoiseKey> noiseKey;
        std::optional<PersonId> person;
        AddressList addresses;
        bool wanted = false;
        bool sighted = false;
        bool connected = false;
        bool isCounted = false;  ///< among m_standing, while connected
        MonoTime connectedAt;
        MonoTime dialledBackAt;
        Backoff backoff;
        LaterPtr<DialAttempt> attempt;
        QTimer timer;  ///< runs while a dial is due later
    };

    Peer& peer(const DeviceId& device);
    [[nodiscard]] bool mayDial(const Peer& peer) const;
    void dialIn(Peer& peer, Duration wait);
    void dial(Peer& peer);
    void onOpened(Peer& peer, LinkHandle link, session::RemoteParty remote, const Candidate& candidate);
    void onFailed(Peer& peer, const DialFailure& failure);
    void endAttempt(Peer& peer);
    void forgetIfUseless(const DeviceId& device);
    [[nodiscard]] Duration yieldFor(const DeviceId& device);
    [[nodiscard]] MonoTime now() const { return m_links.parts().clock.mono(); }

    LinkKeeper& m_links;
    DeviceId m_self;
    DialAttempt::Opened m_opened;
    std::unordered_map<DeviceId, std::unique_ptr<Peer>> m_peers;
    std::set<PersonId> m_refused;
    std::size_t m_standing = 0;  ///< attempts under way, and connected peers that were dialled or are wanted
    bool m_active = false;
    bool m_visible = true;
};

}  // namespace landline::net
