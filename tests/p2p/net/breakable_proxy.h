#pragma once

#include <QObject>
#include <QTcpServer>

#include <vector>

class QTcpSocket;

namespace landline::test {

/// Stands between two nodes and cuts or freezes their connections when told to.
class BreakableProxy final : public QObject {
    Q_OBJECT

public:
    explicit BreakableProxy(quint16 target);

    [[nodiscard]] quint16 port() const { return m_server.serverPort(); }
    /// Cuts all connections that stand.
    void breakAll();
    /// Cuts a connection once so many bytes went from the target to the dialler; 0: never. Counts anew for each.
    void breakAfter(qint64 bytes) { m_breakAfter = bytes; }
    /// Carries no more, in silence, on connections that stand and have brought so many bytes from the target.
    void freezeAfter(qint64 bytes) { m_freezeAfter = bytes; }
    [[nodiscard]] int frozen() const { return m_frozen; }
    [[nodiscard]] int connections() const { return m_connections; }
    /// Everything that came from the target.
    [[nodiscard]] qint64 bytesBack() const { return m_bytesBack; }

private:
    struct Pair {
        QTcpSocket* dialler;
        QTcpSocket* target;
        qint64 back = 0;
        bool frozen = false;
    };

    void accept();
    void cut(QTcpSocket* either);
    void forward(QTcpSocket* from, QTcpSocket* to);
    [[nodiscard]] Pair* pairOf(const QTcpSocket* either);

    quint16 m_target;
    QTcpServer m_server;
    std::vector<Pair> m_pairs;
    qint64 m_breakAfter = 0;
    qint64 m_freezeAfter = 0;
    int m_frozen = 0;
    qint64 m_bytesBack = 0;
    int m_connections = 0;
};

}  // namespace landline::test
