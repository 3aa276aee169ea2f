#pragma once

#include "p2p/base/bytes.h"
#include "p2p/net/candidate.h"

#include <QObject>

namespace landline::net {

/// A byte stream to another device that nothing is known of yet. Lives on the net thread, owned by its LinkDriver. After
/// `ended` it gives the bytes that had arrived before, and nothing more.
class Link : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    /// Fills as much of `out` as has arrived; 0 if nothing has.
    [[nodiscard]] virtual std::size_t read(std::span<std::uint8_t> out) = 0;
    /// Takes all of it; what the other side does not take yet waits (bytesToWrite), so ask before writing more.
    virtual void write(ByteView bytes) = 0;
    /// Hands what waits to the system now rather than at the next turn of the event loop.
    virtual void flush() = 0;
    [[nodiscard]] virtual std::size_t bytesToWrite() const = 0;
    /// Bytes that may wait here unread; the other side is slowed down beyond.
    virtual void setReadLimit(std::size_t bytes) = 0;
    virtual void abort() = 0;
    [[nodiscard]] virtual Candidate peer() const = 0;
    [[nodiscard]] virtual QHostAddress localAddress() const = 0;

Q_SIGNALS:
    void connected();
    void readable();
    void written();
    /// Once; `why` is a sentence.
    void ended(const QString& why);
};

}  // namespace landline::net
