#pragma once

#include "p2p/mailbox/mailbox.h"
#include "p2p/net/dial_attempt.h"
#include "p2p/net/relay_setup.h"

#include <map>
#include <set>

namespace landline::net {

/// The connection to one relay, over all its sessions: the place where socket, timer and mailbox::Mailbox meet. Looks the
/// relay's name up, dials, accepts the key of its URL and no other, and passes frames and events on. One that visits, whose
/// hello has a pass, leaves this device's own mailbox there alone, if there is one. Has no part in what other links do. Owned by Relays, on the net thread; may be let go of from within its signals.
class RelayLink final : public QObject, private LinkUser {
    Q_OBJECT

public:
    RelayLink(LinkKeeper& links, const RelaySetup& setup, QObject* parent);
    ~RelayLink() override;

    /// Nothing is dialled before.
    void start();
    /// Says goodbye and nothing more.
    void stop();
    /// `localAddresses`: those that this machine has now. `resumed`: a connection from before is of no use.
    void networkChanged(bool resumed, const std::set<QString>& localAddresses);

    // As in mailbox::Mailbox ------------------------------------------------------------------------------------------
    void setHello(const wire::relay::Hello& hello);
    void setPrekey(const RelayPrekey& prekey);
    void setTokens(const std::vector<wire::relay::Token>& tokens);
    void watch(const std::vector<wire::relay::Addressee>& devices);
    void deposit(DepositCounter counter, const wire::relay::Deposit& deposit);
    void settle(DepositCounter counter, const DeviceId& device);
    void committed(wire::relay::Box box, const mailbox::Position& position);
    /// Answer comes with the number `question`, of the app's choice; Refused at once if it cannot be asked now.
    void ask(quint64 question, const wire::relay::Message& message);

Q_SIGNALS:
    /// All but Disconnect. Drained follows on Entered too; presence comes at most once in limits::kLiveInterval, and of
    /// watched devices only, whatever the relay sends.
    void told(landline::net::RelayNumber relay, const landline::mailbox::Event& event);
    void down(landline::net::RelayNumber relay, const landline::net::RelayDown& down);
    /// Somebody else answers at `at`: before `down`. Dialled again after a change of the network, or limits::kComeBackMost.
    void wrongKey(landline::net::RelayNumber relay, const QString& at);

private:
    void sessionReceived(LinkDriver& driver, wire::Message message) override;
    void sessionWritable(LinkDriver& driver) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    [[nodiscard]] bool isOfNoUse(wire::relay::Frame& frame) const;
    void act();
    void actOnce();
    void rearm();
    void tell(mailbox::Event event);
    void tellPresence();
    void dial();
    void dialAt(const QList<QHostAddress>& addresses);
    void onOpened(LinkHandle link);
    void onFailed(const DialFailure& failure);
    /// The session goes, if there is one, and so does whatever leads to one.
    void hangUp();
    void lost(const Error& error);
    [[nodiscard]] std::optional<MonoTime> dueDial() const;
    [[nodiscard]] bool isOnItsWay() const { return m_lookup || m_attempt; }
    [[nodiscard]] mailbox::Now now() const;

    LinkKeeper& m_links;
    const RelayNumber m_number;
    const identity::RelayUrl m_url;
    mailbox::Mailbox m_mailbox;
    std::optional<int> m_lookup;
    LaterPtr<DialAttempt> m_attempt;
    LinkHandle m_link;  ///< once its session is open
    bool m_isVisit = false;
    MonoTime m_notBefore{};
    std::map<std::uint64_t, quint64> m_questions;  ///< by the mailbox's number
    std::set<DeviceId> m_watched;
    std::map<DeviceId, bool> m_presence;  ///< not told yet
    QTimer m_timer;
    QTimer m_presenceRest;
    bool m_active = false;
    bool m_acting = false;
    bool m_again = false;
};

}  // namespace landline::net
