#include "app/platform/preferences.h"

#include <QDir>

namespace landline::app {

Preferences::Preferences(const QString& profileFolder, QObject* parent)
    : QObject(parent),
      m_settings(QDir(profileFolder).filePath(QStringLiteral("desktop.ini")), QSettings::IniFormat) {}

QString Preferences::colorScheme() const {
    const QString scheme = text("colorScheme");
    return scheme.isEmpty() ? QStringLiteral("system") : scheme;
}

void Preferences::set(const char* key, const QVariant& value) {
    if (m_settings.value(QLatin1String(key)) == value) return;
    m_settings.setValue(QLatin1String(key), value);
    Q_EMIT changed();
}

}  // namespace landline::app
