#include "app/control/control_client.h"

#include "app/control/control_path.h"

#include <QFileInfo>
#include <QJsonDocument>

namespace landline::app::control {

ControlClient::ControlClient(QObject* parent) : QObject(parent) {
    connect(&m_socket, &QLocalSocket::readyRead, this, &ControlClient::readOn);
    connect(&m_socket, &QLocalSocket::disconnected, this, [this] {
        if (m_socket.isOpen()) readOn();
        Q_EMIT lost();
    });
}

ControlClient::~ControlClient() {
    m_socket.disconnect(this);  // its end says goodbye to nobody
}

bool ControlClient::connectTo(const QString& profileFolder, std::chrono::milliseconds patience) {
    const Expected<QString> path = controlSocketPath(profileFolder);
    if (!path || !QFileInfo::exists(*path)) return false;
    m_socket.connectToServer(*path);
    return m_socket.waitForConnected(static_cast<int>(patience.count()));
}

void ControlClient::send(const QJsonObject& command) {
    m_socket.write(QJsonDocument(command).toJson(QJsonDocument::Compact) + '\n');
}

void ControlClient::readOn() {
    const QByteArray piece = m_socket.readAll();
    m_lines.append({piece.constData(), static_cast<std::size_t>(piece.size())});
    while (const std::optional<LineBuffer::Line> text = m_lines.next()) {
        const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text->text));
        if (!document.isObject()) {
            m_socket.abort();
            return;
        }
        Q_EMIT line(document.object());
    }
}

}  // namespace landline::app::control
