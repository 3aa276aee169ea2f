#pragma once

#include <QDBusVariant>
#include <QObject>

namespace landline::app {

/// Whether the system wants dark windows, from the settings portal (org.freedesktop.portal.Settings, namespace
/// org.freedesktop.appearance, key color-scheme). Nothing waits: without a portal there is never an answer.
class SystemColorScheme final : public QObject {
    Q_OBJECT

public:
    explicit SystemColorScheme(QObject* parent = nullptr);
    /// Asks, and listens for changes from then on.
    void start();

Q_SIGNALS:
    void darkWanted(bool dark);

private Q_SLOTS:
    void settingChanged(const QString& space, const QString& key, const QDBusVariant& value);

private:
    void take(const QVariant& value);
};

}  // namespace landline::app
