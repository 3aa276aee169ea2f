#include "app/control/control_server.h"

#include "app/control/control_path.h"
#include "app/control/line_buffer.h"
#include "p2p/base/limits.h"

#include <QFile>
#include <QJsonDocument>
#include <QLocalServer>
#include <QLocalSocket>
#include <QTimer>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kReadAtOnce = 64 * 1024;

/// A client of the local socket. Goes with its socket, and its commands with it.
class Client final : public Caller {
public:
    Client(Dispatcher& dispatcher, QLocalSocket* socket, QObject* parent)
        : Caller(parent), m_dispatcher(dispatcher), m_socket(socket) {
        m_socket->setParent(this);
        m_socket->setReadBufferSize(kReadAtOnce);
        connect(m_socket, &QLocalSocket::readyRead, this, &Client::readOn);
        connect(m_socket, &QLocalSocket::disconnected, this, &QObject::deleteLater);
        connect(m_socket, &QLocalSocket::bytesWritten, this, [this] {
            if (!congested()) Q_EMIT relieved();
        });
        connect(this, &Caller::ended, this, &Client::readOn, Qt::QueuedConnection);
        m_silence.setSingleShot(true);
        connect(&m_silence, &QTimer::timeout, this, &Client::onSilence);
        m_silence.start(ControlServer::kSilence);
        readOn();
    }

    void write(const QJsonObject& line) override {
        if (m_closing) return;
        m_socket->write(QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n');
        m_silence.start();
        if (m_socket->bytesToWrite() > ControlServer::kOutput) m_socket->abort();
    }

    [[nodiscard]] bool congested() const override {
        return m_socket->bytesToWrite() > ControlServer::kCongestion;
    }

private:
    void readOn() {
        if (m_closing) return;
        while (!busy() && !m_closing) {
            if (const std::optional<LineBuffer::Line> line = m_lines.next()) {
                onLine(*line);
                continue;
            }
            const QByteArray piece = m_socket->read(kReadAtOnce);
            if (piece.isEmpty()) return;
            m_lines.append({piece.constData(), static_cast<std::size_t>(piece.size())});
        }
    }

    void onLine(const LineBuffer::Line& line) {
        m_silence.start();
        if (line.tooLong) {
            write(errorEvent(ErrorCode::TooLarge, tr("A line is too long.")));
            return close();
        }
        if (!m_dispatcher.handleLine(QByteArray::fromStdString(line.text), this)) close();
    }

    void onSilence() {
        if (commands() > 0) {
            m_silence.start();
        } else {
            close();
        }
    }

    void close() {
        m_closing = true;
        m_socket->disconnectFromServer();  // after what is written
    }

    Dispatcher& m_dispatcher;
    QLocalSocket* m_socket;
    LineBuffer m_lines{limits::kControlLine};
    QTimer m_silence;
    bool m_closing = false;
};

}  // namespace

ControlServer::ControlServer(MessengerPort port, const QString& folder, QObject* parent)
    : QObject(parent), m_dispatcher(port, folder), m_folder(folder), m_server(new QLocalServer(this)) {
    m_server->setSocketOptions(QLocalServer::UserAccessOption);
    connect(m_server, &QLocalServer::newConnection, this, &ControlServer::onConnection);
}

ControlServer::~ControlServer() {
    // Clients refer to the dispatcher: they go first.
    qDeleteAll(findChildren<Caller*>(Qt::FindDirectChildrenOnly));
}

Expected<void> ControlServer::listen() {
    const Expected<QString> path = controlSocketPath(m_folder);
    if (!path) return Unexpected(path.error());
    m_path = *path;
    QLocalServer::removeServer(m_path);
    if (m_server->listen(m_path)) {
        // Qt lets the owner execute it, too.
        QFile::setPermissions(m_path, QFile::ReadOwner | QFile::WriteOwner);
        return {};
    }
    return Unexpected(ErrorCode::Disk,
                      tr("The socket for commands, %1, could not be opened (%2). Other programs cannot "
                         "reach this one; everything else works.")
                          .arg(m_path, m_server->errorString())
                          .toStdString());
}

void ControlServer::onConnection() {
    while (QLocalSocket* const socket = m_server->nextPendingConnection()) {
        if (m_clients >= kMostClients) {
            socket->write(
                QJsonDocument(errorEvent(ErrorCode::Full, tr("Too many programs give commands at once.")))
                    .toJson(QJsonDocument::Compact) +
                '\n');
            connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
            socket->disconnectFromServer();
            continue;
        }
        auto* const client = new Client(m_dispatcher, socket, this);
        ++m_clients;
        connect(client, &QObject::destroyed, this, [this] { --m_clients; });
    }
}

}  // namespace landline::app::control
