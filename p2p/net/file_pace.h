#pragma once

#include "p2p/base/clock.h"
#include "p2p/transfer/shared_rate.h"

#include <QTimer>

#include <map>

namespace landline::net {

/// Somebody whose bytes are bounded.
class PacedUser {
public:
    virtual ~PacedUser() = default;
    /// Answers to FilePace::want: so many bytes may go or come.
    virtual void mayPass(std::size_t bytes) = 0;
    /// There is another bound now, or none. Nobody stands in line any more.
    virtual void rateChanged() = 0;
};

/// The bound on the speed of all transfers in one direction: gives each its turn (transfer::SharedRate). Outlives its
/// users, which leave before they go.
class FilePace final : public QObject {
    Q_OBJECT

public:
    FilePace(const Clock& clock, std::size_t leastShare, std::size_t mostShare, QObject* parent);

    /// Bytes per second, 0 for no bound.
    void setRate(std::uint64_t bytesPerSecond);
    [[nodiscard]] bool isBounded() const { return m_rate.isBounded(); }
    [[nodiscard]] std::size_t share() const { return m_rate.share(); }
    void join(PacedUser& user);
    void leave(const PacedUser& user);
    /// Of a user that has joined, while there is a bound: mayPass answers, never from within.
    void want(const PacedUser& user);
    /// A share without waiting for it, which counts all the same.
    [[nodiscard]] std::size_t takeNow();
    void giveBack(std::size_t bytes) { m_rate.giveBack(bytes); }

private:
    using Number = transfer::SharedRate::Taker;
    [[nodiscard]] std::map<Number, PacedUser*>::iterator find(const PacedUser& user);
    void give();
    void rearm();

    const Clock& m_clock;
    transfer::SharedRate m_rate;
    std::map<Number, PacedUser*> m_users;
    Number m_last = 0;
    QTimer m_timer;
};

}  // namespace landline::net
