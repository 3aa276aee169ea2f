#pragma once

#include "p2p/net/link.h"

class QTcpSocket;

namespace landline::net {

/// A Link over TCP: no proxy, no delay, no keepalive of TCP's own since sessions ping.
class TcpLink final : public Link {
    Q_OBJECT

public:
    /// Dials at the next turn of the event loop.
    explicit TcpLink(const Candidate& peer);
    /// Takes over an accepted connection.
    explicit TcpLink(QTcpSocket* accepted);

    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out) override;
    void write(ByteView bytes) override;
    void flush() override;
    [[nodiscard]] std::size_t bytesToWrite() const override;
    void setReadLimit(std::size_t bytes) override;
    void abort() override;
    [[nodiscard]] Candidate peer() const override { return m_peer; }
    [[nodiscard]] QHostAddress localAddress() const override;

private:
    void adopt(QTcpSocket* socket);
    void dial();
    void onEnded();
    [[nodiscard]] QString reason() const;

    QTcpSocket* m_socket = nullptr;  ///< a child
    Candidate m_peer;
    bool m_wasConnected = false;
    bool m_ended = false;
};

}  // namespace landline::net
