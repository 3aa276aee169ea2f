#include "relay/admin/metrics_server.h"

#include <QHttpServer>
#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

#include <utility>

namespace landline::relay {

namespace {

using Status = QHttpServerResponse::StatusCode;

/// Holds back what the HTTP server would keep: it reads whole bodies into memory, of as many connections as there are.
class GuardedServer final : public QTcpServer {
public:
    using QTcpServer::QTcpServer;

protected:
    void incomingConnection(qintptr descriptor) override {
        auto* const socket = new QTcpSocket(this);
        if (!socket->setSocketDescriptor(descriptor) || m_open >= MetricsServer::kConnections) {
            socket->abort();
            socket->deleteLater();
            return;
        }
        ++m_open;
        connect(socket, &QObject::destroyed, this, [this] { --m_open; });
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        // Before the HTTP server's own slot, which takes the bytes.
        connect(socket, &QTcpSocket::readyRead, socket, [socket, taken = qint64(0)]() mutable {
            taken += socket->bytesAvailable();
            if (taken > MetricsServer::kRequestBytes) socket->abort();
        });
        QTimer::singleShot(MetricsServer::kConnectionMillis, socket, [socket] { socket->abort(); });
        addPendingConnection(socket);
    }

private:
    int m_open = 0;
};

bool namesLoopback(const QHttpServerRequest& request) {
    const QByteArray host = request.value("Host");
    const qsizetype port = host.lastIndexOf(':');
    const bool hasPort = port >= 0 && !host.endsWith(']');
    const QByteArray name = (hasPort ? host.first(port) : host).toLower();
    if (name == "localhost") return true;
    const QByteArray bare = name.startsWith('[') && name.endsWith(']') ? name.mid(1, name.size() - 2) : name;
    return QHostAddress(QString::fromLatin1(bare)).isLoopback();
}

QHttpServerResponse plain(Status status, const std::string& text) {
    return QHttpServerResponse("text/plain; charset=utf-8", QByteArray::fromStdString(text), status);
}

}  // namespace

struct MetricsServer::Impl {
    Sources sources;
    QHttpServer http;

    template <class Answer>
    void route(const QString& path, Answer answer) {
        http.route(path, QHttpServerRequest::Method::Get, [answer](const QHttpServerRequest& request) {
            if (!namesLoopback(request)) return plain(Status::Forbidden, "Ask by the address 127.0.0.1.\n");
            return answer();
        });
    }
};

MetricsServer::MetricsServer(Sources sources, QObject* parent)
    : QObject(parent), m(std::make_unique<Impl>()) {
    m->sources = std::move(sources);
    m->route(QStringLiteral("/metrics"), [this] {
        const std::string text = exposition(m->sources.metrics());
        return QHttpServerResponse(QByteArray(kExpositionType.data(), qsizetype(kExpositionType.size())),
                                   QByteArray::fromStdString(text));
    });
    m->route(QStringLiteral("/healthz"), [] { return plain(Status::Ok, "ok\n"); });
    m->route(QStringLiteral("/readyz"), [this] {
        const auto trouble = m->sources.trouble();
        return trouble ? plain(Status::ServiceUnavailable, *trouble + "\n") : plain(Status::Ok, "ready\n");
    });
}

MetricsServer::~MetricsServer() = default;

Expected<quint16> MetricsServer::listen(const QHostAddress& address, quint16 port) {
    if (!address.isLoopback())
        return Unexpected(ErrorCode::InvalidArgument,
                          "Figures are served on this machine only: use the address 127.0.0.1 or ::1.");
    auto server = std::make_unique<GuardedServer>();
    if (!server->listen(address, port))
        return Unexpected(ErrorCode::Unreachable,
                          QStringLiteral("The figures cannot be served at %1, port %2: %3. Choose another port in the "
                                         "setting \"metrics\".")
                              .arg(address.toString())
                              .arg(port)
                              .arg(server->errorString())
                              .toStdString());
    const quint16 at = server->serverPort();
    m->http.bind(server.release());  // which owns it then
    return at;
}

}  // namespace landline::relay
