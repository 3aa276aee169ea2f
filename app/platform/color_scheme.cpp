#include "app/platform/color_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace landline::app {

namespace {

constexpr uint kPreferDark = 1;

QString appearance() {
    return QStringLiteral("org.freedesktop.appearance");
}
QString colorScheme() {
    return QStringLiteral("color-scheme");
}
QString portal() {
    return QStringLiteral("org.freedesktop.portal.Desktop");
}
QString portalPath() {
    return QStringLiteral("/org/freedesktop/portal/desktop");
}
QString interface() {
    return QStringLiteral("org.freedesktop.portal.Settings");
}

}  // namespace

SystemColorScheme::SystemColorScheme(QObject* parent) : QObject(parent) {}

void SystemColorScheme::start() {
    auto bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(portal(), portalPath(), interface(), QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    auto call = QDBusMessage::createMethodCall(portal(), portalPath(), interface(), QStringLiteral("Read"));
    call << appearance() << colorScheme();
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* finished) {
        const QDBusPendingReply<QDBusVariant> reply = *finished;
        if (!reply.isError()) take(reply.value().variant());
        finished->deleteLater();
    });
}

void SystemColorScheme::settingChanged(const QString& space, const QString& key, const QDBusVariant& value) {
    if (space == appearance() && key == colorScheme()) take(value.variant());
}

/// `Read` wraps its value once more than the signal does.
void SystemColorScheme::take(const QVariant& value) {
    const QVariant inner = value.canConvert<QDBusVariant>() ? value.value<QDBusVariant>().variant() : value;
    bool ok = false;
    const uint scheme = inner.toUInt(&ok);
    if (ok) Q_EMIT darkWanted(scheme == kPreferDark);
}

}  // namespace landline::app
