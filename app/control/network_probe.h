#pragma once

#include "app/control/doctor.h"

#include <QHostAddress>
#include <QObject>
#include <QTcpSocket>
#include <QTimer>
#include <QUdpSocket>

#include <chrono>
#include <functional>

namespace landline::app::control {

/// Tries one TCP connection and tells how it went; nothing is sent.
class TcpProbe final : public QObject {
    Q_OBJECT

public:
    TcpProbe(const QHostAddress& address, quint16 port, std::chrono::milliseconds patience, QObject* parent);

Q_SIGNALS:
    void finished(landline::app::control::Reach reach);

private:
    void finish(Reach reach);

    QTcpSocket m_socket;
    QTimer m_timer;
    bool m_finished = false;
};

/// Sends a random datagram to every interface's broadcast address and listens on the discovery port for its return. To
/// nodes such a datagram is no beacon, and is dropped.
class BroadcastProbe final : public QObject {
    Q_OBJECT

public:
    BroadcastProbe(quint16 port, std::chrono::milliseconds patience, QObject* parent);

    /// False if another program holds the port for itself.
    [[nodiscard]] bool portIsFree() const { return m_bound; }

Q_SIGNALS:
    void finished(const std::vector<landline::app::control::Facts::Loop>& loops);

private:
    struct Sent {
        QString interface;
        QByteArray token;
        bool cameBack = false;
    };
    void sendAll(quint16 port);
    void read();
    void finish();

    QUdpSocket m_listener;
    QTimer m_timer;
    std::vector<Sent> m_sent;
    bool m_bound = false;
    bool m_finished = false;
};

}  // namespace landline::app::control
