#pragma once

#include "p2p/base/bytes.h"
#include "p2p/net/candidate.h"

#include <QObject>

namespace landline::net {

/// A byte stream to another device that nothing is known of yet. It keeps no bytes itself. Owned by its LinkDriver, on
/// whose thread it lives. After `ended` it gives the bytes that had arrived before, and nothing more.
class Link : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    /// Fills as much of `out` as has arrived; 0 if nothing has.
    [[nodiscard]] virtual std::size_t read(std::span<std::uint8_t> out) = 0;
    /// Gives the system these parts, one behind the other, and says how many bytes it took. If not all, `writable` comes
    /// once it takes more.
    [[nodiscard]] virtual std::size_t write(std::span<const ByteView> parts) = 0;
    /// Whether `readable` comes while something has arrived. Where nothing is read the other side is slowed down.
    virtual void setReading(bool on) = 0;
    virtual void abort() = 0;
    [[nodiscard]] virtual Candidate peer() const = 0;
    [[nodiscard]] virtual QHostAddress localAddress() const = 0;

Q_SIGNALS:
    void connected();
    void readable();
    void writable();
    /// Once, never from within a call; `why` is a sentence.
    void ended(const QString& why);
};

}  // namespace landline::net
