#include "app/platform/notifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QVariantMap>

namespace landline::app {

namespace {

QString service() {
    return QStringLiteral("org.freedesktop.Notifications");
}
QString path() {
    return QStringLiteral("/org/freedesktop/Notifications");
}

QDBusMessage method(const char* name) {
    return QDBusMessage::createMethodCall(service(), path(), service(), QLatin1String(name));
}

}  // namespace

Notifier::Notifier(QObject* parent) : QObject(parent) {}

void Notifier::connectOnce() {
    if (std::exchange(m_connected, true)) return;
    auto bus = QDBusConnection::sessionBus();
    bus.connect(service(), path(), service(), QStringLiteral("ActionInvoked"), this,
                SLOT(actionInvoked(uint, QString)));
    bus.connect(service(), path(), service(), QStringLiteral("NotificationClosed"), this,
                SLOT(notificationClosed(uint, uint)));
}

void Notifier::show(const QByteArray& tag, const QString& title, const QString& body) {
    auto bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    connectOnce();
    QVariantMap hints;
    hints.insert(QStringLiteral("category"), QStringLiteral("im.received"));
    hints.insert(QStringLiteral("desktop-entry"), QStringLiteral("landline"));
    auto call = method("Notify");
    // The body is markup to most servers: what others wrote must stay text.
    call << QStringLiteral("Landline") << m_shown.value(tag, 0) << QStringLiteral("landline") << title
         << body.toHtmlEscaped() << QStringList{QStringLiteral("default"), QString()} << hints << -1;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this,
            [this, tag](QDBusPendingCallWatcher* finished) {
                const QDBusPendingReply<uint> reply = *finished;
                if (!reply.isError()) m_shown.insert(tag, reply.value());
                finished->deleteLater();
            });
}

void Notifier::withdraw(const QByteArray& tag) {
    const uint id = m_shown.take(tag);
    if (id == 0) return;
    auto call = method("CloseNotification");
    call << id;
    QDBusConnection::sessionBus().asyncCall(call);
}

void Notifier::actionInvoked(uint id, const QString& action) {
    if (action != QStringLiteral("default")) return;
    const QByteArray tag = m_shown.key(id);
    if (!tag.isEmpty()) Q_EMIT pressed(tag);
}

void Notifier::notificationClosed(uint id, uint) {
    const QByteArray tag = m_shown.key(id);
    if (!tag.isEmpty()) m_shown.remove(tag);
}

}  // namespace landline::app
