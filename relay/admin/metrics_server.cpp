#include "relay/admin/metrics_server.h"

#include <QCryptographicHash>
#include <QHttpServer>
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

constexpr const char* kCookie = "landline-relay-admin";

QByteArray policy() {
    const std::string_view style = adminStyle();
    const QByteArray digest = QCryptographicHash::hash(QByteArray(style.data(), qsizetype(style.size())), QCryptographicHash::Sha256);
    return "default-src 'none'; style-src 'sha256-" + digest.toBase64() +
           "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

/// Nothing of the admin page is kept by a browser, shown in a frame, or told to where a link leads.
QHttpServerResponse guarded(QHttpServerResponse response) {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Security-Policy", policy());
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    return response;
}

std::string cookieOf(const QHttpServerRequest& request) {
    const QByteArray begin = QByteArray(kCookie).append('=');
    for (const QByteArray& part : request.value("Cookie").split(';')) {
        const QByteArray one = part.trimmed();
        if (one.startsWith(begin)) return one.mid(begin.size()).toStdString();
    }
    return {};
}

QHttpServerResponse turnedAway() {
    return guarded(plain(Status::Forbidden, "This page needs a URL of its own, good once: \"landline-relay admin\" prints one.\n"));
}

}  // namespace

struct MetricsServer::Impl {
    Impl(Sources given, const Clock& itsClock, Random& random) : sources(std::move(given)), clock(itsClock), door(random) {}

    Sources sources;
    const Clock& clock;
    AdminDoor door;
    std::string at;  ///< HOST:PORT
    QHttpServer http;

    void routeAdmin();
    template <class Answer>
    void route(const QString& path, Answer answer) {
        http.route(path, QHttpServerRequest::Method::Get, [answer](const QHttpServerRequest& request) {
            if (!namesLoopback(request)) return plain(Status::Forbidden, "Ask by the address 127.0.0.1.\n");
            return answer();
        });
    }
};

MetricsServer::MetricsServer(Sources sources, const Clock& clock, Random& random, QObject* parent)
    : QObject(parent), m(std::make_unique<Impl>(std::move(sources), clock, random)) {
    m->routeAdmin();
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

void MetricsServer::Impl::routeAdmin() {
    if (!sources.admin) return;
    using Method = QHttpServerRequest::Method;
    http.route(QStringLiteral("/admin/enter/<arg>"), Method::Get, [this](const QString& ticket, const QHttpServerRequest& request) {
        const auto visit = namesLoopback(request) ? door.enter(ticket.toStdString(), clock.mono()) : std::nullopt;
        if (!visit) return turnedAway();
        QHttpServerResponse answer(Status::SeeOther);
        answer.setHeader("Location", QByteArray::fromStdString(visit->path));
        answer.setHeader("Set-Cookie", QByteArray(kCookie) + '=' + QByteArray::fromStdString(visit->cookie) + "; Path=" +
                                           QByteArray::fromStdString(visit->path) + "; Max-Age=3600; HttpOnly; SameSite=Strict");
        return guarded(std::move(answer));
    });
    http.route(QStringLiteral("/admin/<arg>/"), Method::Get, [this](const QString& name, const QHttpServerRequest& request) {
        if (!namesLoopback(request) || !door.mayLook(name.toStdString(), cookieOf(request), clock.mono())) return turnedAway();
        const std::string page = adminPage(sources.admin());
        return guarded(QHttpServerResponse("text/html; charset=utf-8", QByteArray::fromStdString(page)));
    });
}

Expected<std::string> MetricsServer::adminUrl() {
    if (m->at.empty())
        if (auto listening = listen(QHostAddress(QHostAddress::LocalHost), 0); !listening) return Unexpected(listening.error());
    return "http://" + m->at + "/admin/enter/" + m->door.makeTicket(m->clock.mono());
}

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
    const std::string host = address.toString().toStdString();
    m->at = (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(at);
    m->http.bind(server.release());  // which owns it then
    return at;
}

}  // namespace landline::relay
