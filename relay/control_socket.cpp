#include "relay/control_socket.h"

#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QPointer>

namespace landline::relay {

namespace {

constexpr qint64 kLine = 1024;
/// A large store takes a while to open when it is restored.
constexpr int kPatience = 120'000;
constexpr std::string_view kData = "+ ";
constexpr std::string_view kFailed = "failed ";
/// What an address of a local socket may hold.
constexpr std::size_t kPath = 100;

std::string pathIn(const std::string& folder) {
    return folder + "/relay.sock";
}

Unexpected unreachable(const std::string& why) {
    return Unexpected(ErrorCode::Unreachable, "The relay that serves this folder cannot be asked: " + why);
}

}  // namespace

ControlSocket::ControlSocket(Handler handler, QObject* parent)
    : QObject(parent), m_handler(std::move(handler)), m_server(new QLocalServer(this)) {
    m_server->setSocketOptions(QLocalServer::UserAccessOption);
    connect(m_server, &QLocalServer::newConnection, this, &ControlSocket::onConnection);
}

Expected<void> ControlSocket::listen(const std::string& folder) {
    const std::string path = pathIn(folder);
    if (path.size() > kPath)
        return Unexpected(ErrorCode::Disk, "The path of the relay's folder is too long for a socket in it: the other commands "
                                           "work only while the relay does not serve.");
    QFile::remove(QString::fromStdString(path));
    if (m_server->listen(QString::fromStdString(path))) return {};
    return Unexpected(ErrorCode::Disk, path + " cannot be made: " + m_server->errorString().toStdString() + ".");
}

void ControlSocket::onConnection() {
    while (QLocalSocket* const socket = m_server->nextPendingConnection()) {
        socket->setReadBufferSize(kLine);
        connect(socket, &QLocalSocket::readyRead, this, [this, socket] { onReadable(socket); });
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
    }
}

void ControlSocket::onReadable(QLocalSocket* socket) {
    if (socket->canReadLine()) return onLine(socket, socket->readLine(kLine).trimmed().toStdString());
    if (socket->bytesAvailable() >= kLine) socket->abort();
}

void ControlSocket::onLine(QLocalSocket* socket, std::string_view line) {
    const auto answer = [guard = QPointer<QLocalSocket>(socket)](const Expected<Lines>& lines) {
        if (!guard) return;
        std::string text;
        if (lines)
            for (const std::string& one : *lines) text.append(kData).append(one).append("\n");
        text.append(lines ? "ok" : std::string(kFailed) + lines.error().text).append("\n");
        guard->write(text.data(), static_cast<qint64>(text.size()));
        guard->disconnectFromServer();
    };
    const auto question = control::questionIn(line);
    if (!question)
        return answer(Unexpected(ErrorCode::VersionMismatch, "The relay that serves is of another version than this program. Restart it."));
    m_handler(*question, answer);
}

bool isAsked(const std::string& folder) {
    QLocalSocket socket;
    socket.connectToServer(QString::fromStdString(pathIn(folder)));
    return socket.waitForConnected(kPatience);
}

Expected<ControlSocket::Lines> askRelay(const std::string& folder, const control::Question& question) {
    QLocalSocket socket;
    socket.connectToServer(QString::fromStdString(pathIn(folder)));
    if (!socket.waitForConnected(kPatience)) return unreachable(socket.errorString().toStdString() + ".");
    const std::string line = control::lineOf(question) + "\n";
    socket.write(line.data(), static_cast<qint64>(line.size()));
    for (ControlSocket::Lines lines; true;) {
        while (!socket.canReadLine())
            if (!socket.waitForReadyRead(kPatience))
                return Unexpected(ErrorCode::Timeout, "The relay that serves this folder does not answer.");
        const std::string answer = socket.readLine().trimmed().toStdString();
        if (answer == "ok") return lines;
        if (answer.starts_with(kFailed)) return Unexpected(ErrorCode::Disk, answer.substr(kFailed.size()));
        if (!answer.starts_with(kData)) return unreachable("its answer makes no sense.");
        lines.push_back(answer.substr(kData.size()));
    }
}

}  // namespace landline::relay
