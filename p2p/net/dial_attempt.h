#pragma once

#include "p2p/net/later_ptr.h"
#include "p2p/net/link_keeper.h"
#include "p2p/path/race.h"

#include <functional>
#include <vector>

namespace landline::net {

/// Whom to dial, where, and for what.
struct DialPlan {
    wire::Purpose purpose = wire::Purpose::Conversation;
    wire::Suite suite = wire::Suite::ChaChaPoly;
    session::ExpectedParty expected;
    std::optional<wire::TransferId> transfer;
    std::vector<Candidate> candidates;  ///< best first
};

/// Why a dial came to nothing.
struct DialFailure {
    Error error;                      ///< of the lane that came furthest
    std::vector<Candidate> wrongKey;  ///< somebody else answers there
    /// Our own key answers there, and it is not this program.
    bool clone = false;
};

/// One try to reach a device: races its candidates (path/race.h) up to an open session. Calls exactly one of its two
/// callbacks, never from within the constructor, and none after `cancel`.
class DialAttempt final : public QObject, private LinkUser {
    Q_OBJECT

public:
    using Opened = std::function<void(LinkHandle, session::RemoteParty, const Candidate&)>;
    using Failed = std::function<void(const DialFailure&)>;

    DialAttempt(LinkKeeper& links, DialPlan plan, Opened opened, Failed failed, QObject* parent);
    ~DialAttempt() override;

    void cancel();
    /// The other side may have our last handshake message: a cancel could close what it has just opened.
    [[nodiscard]] bool isShaking() const { return m_shaking.has_value(); }

private:
    void linkConnected(LinkDriver& driver) override;
    void sessionOpened(LinkDriver& driver, session::RemoteParty remote) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    void act();
    void act(const path::Race::Action& action);
    void hangUp(std::size_t lane);
    void note(std::size_t lane, const Error& error, bool shaking);
    [[nodiscard]] std::size_t laneOf(const LinkDriver& driver) const;
    [[nodiscard]] MonoTime now() const { return m_links.parts().clock.mono(); }

    LinkKeeper& m_links;
    DialPlan m_plan;
    Opened m_opened;
    Failed m_failed;
    path::Race m_race;
    std::vector<LinkHandle> m_lanes;
    std::optional<session::RemoteParty> m_remote;
    DialFailure m_failure;
    bool m_reached = false;                ///< m_failure.error comes from a handshake
    std::optional<std::size_t> m_shaking;  ///< the lane that shakes hands
    bool m_acting = false;
    QTimer m_timer;
};

}  // namespace landline::net
