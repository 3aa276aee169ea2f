#pragma once

#include "p2p/net/later_ptr.h"
#include "p2p/net/link.h"

class QSocketNotifier;
class QTcpSocket;

namespace landline::net {

/// A Link over TCP: no proxy, no delay, no keepalive of TCP's own since sessions ping. Qt's socket dials; once connected
/// the system's own calls read and write, since Qt's would copy all bytes to buffers of its own first.
class TcpLink final : public Link {
    Q_OBJECT

public:
    /// Dials at the next turn of the event loop.
    explicit TcpLink(const Candidate& peer);
    /// Takes over an accepted connection, and deletes the object.
    explicit TcpLink(QTcpSocket* accepted);
    ~TcpLink() override;

    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out) override;
    [[nodiscard]] std::size_t write(std::span<const ByteView> parts) override;
    void setReading(bool on) override;
    void abort() override;
    [[nodiscard]] Candidate peer() const override { return m_peer; }
    [[nodiscard]] QHostAddress localAddress() const override { return m_local; }

private:
    void dial();
    void takeOver(QTcpSocket* socket);
    void closeSocket();
    void endSoon(const QString& why);
    void tellEnd();
    [[nodiscard]] QString reasonOfDial() const;
    /// 0: the end of what the other side says.
    [[nodiscard]] QString reasonOf(int error) const;

    Candidate m_peer;
    QHostAddress m_local;
    QTcpSocket* m_dialling = nullptr;  ///< a child
    int m_socket = -1;                 ///< once connected
    QByteArray m_early;                ///< read by Qt's socket before it was taken over
    LaterPtr<QSocketNotifier> m_readable;
    LaterPtr<QSocketNotifier> m_writable;
    bool m_reading = true;
    QString m_why;
    bool m_ending = false;
    bool m_ended = false;
};

}  // namespace landline::net
