#include "relay/control_socket.h"

#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QPointer>

#include <charconv>
#include <sstream>

namespace landline::relay {

namespace {

constexpr qint64 kLine = 1024;
constexpr int kPatience = 30'000;
/// What an address of a local socket may hold.
constexpr std::size_t kPath = 100;

std::string pathIn(const std::string& folder) {
    return folder + "/relay.sock";
}

Unexpected unreachable(const std::string& why) {
    return Unexpected(ErrorCode::Unreachable, "The relay that serves this folder cannot be asked: " + why);
}

template <class Integer>
bool read(const std::string& text, Integer& value) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size();
}

std::string lineOf(const AddInvite& invite) {
    return "invite " + toHex(invite.hash.view()) + " " + std::to_string(invite.uses) + " " +
           std::to_string(toUnixMillis(invite.expires)) + " " + invite.quotaClass + "\n";
}

std::optional<AddInvite> inviteIn(const std::string& line) {
    std::istringstream words(line);
    std::string verb, hash, uses, expires, quotaClass;
    words >> verb >> hash >> uses >> expires >> quotaClass;
    AddInvite invite;
    std::int64_t millis = 0;
    const auto bytes = fromHex(hash);
    const auto id = bytes ? InviteHash::from(*bytes) : std::nullopt;
    if (verb != "invite" || !id || !read(uses, invite.uses) || !read(expires, millis)) return std::nullopt;
    invite.hash = *id;
    invite.expires = fromUnixMillis(millis);
    invite.quotaClass = quotaClass;
    return invite;
}

}  // namespace

ControlSocket::ControlSocket(Invite invite, QObject* parent)
    : QObject(parent), m_invite(std::move(invite)), m_server(new QLocalServer(this)) {
    m_server->setSocketOptions(QLocalServer::UserAccessOption);
    connect(m_server, &QLocalServer::newConnection, this, &ControlSocket::onConnection);
}

Expected<void> ControlSocket::listen(const std::string& folder) {
    const std::string path = pathIn(folder);
    if (path.size() > kPath)
        return Unexpected(ErrorCode::Disk, "The path of the relay's folder is too long for a socket in it: \"invite\" works "
                                           "only while the relay does not serve.");
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
    if (socket->canReadLine()) return onLine(socket, socket->readLine(kLine).toStdString());
    if (socket->bytesAvailable() >= kLine) socket->abort();
}

void ControlSocket::onLine(QLocalSocket* socket, const std::string& line) {
    const auto answer = [guard = QPointer<QLocalSocket>(socket)](const std::optional<std::string>& failure) {
        if (!guard) return;
        const std::string text = failure ? "failed " + *failure + "\n" : std::string("ok\n");
        guard->write(text.data(), static_cast<qint64>(text.size()));
        guard->disconnectFromServer();
    };
    const auto invite = inviteIn(line);
    if (!invite) return answer("The relay that serves is of another version than this program.");
    m_invite(*invite, answer);
}

Expected<void> askForInvite(const std::string& folder, const AddInvite& invite) {
    QLocalSocket socket;
    socket.connectToServer(QString::fromStdString(pathIn(folder)));
    if (!socket.waitForConnected(kPatience)) return unreachable(socket.errorString().toStdString() + ".");
    const std::string line = lineOf(invite);
    socket.write(line.data(), static_cast<qint64>(line.size()));
    while (!socket.canReadLine())
        if (!socket.waitForReadyRead(kPatience)) return unreachable("it does not answer.");
    const std::string answer = socket.readLine(kLine).trimmed().toStdString();
    if (answer == "ok") return {};
    constexpr std::string_view kFailed = "failed ";
    return Unexpected(ErrorCode::Disk, answer.starts_with(kFailed) ? answer.substr(kFailed.size()) : answer);
}

}  // namespace landline::relay
