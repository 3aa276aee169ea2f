#pragma once

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QString>

namespace landline::app {

/// What a person chose for the desktop program, kept in the profile's folder (desktop.ini). On the GUI thread.
class Preferences final : public QObject {
    Q_OBJECT

public:
    explicit Preferences(const QString& profileFolder, QObject* parent = nullptr);

    /// A locale name like "zh_CN"; empty: the system's.
    [[nodiscard]] QString language() const { return text("language"); }
    void setLanguage(const QString& language) { set("language", language); }
    /// "system", "light" or "dark".
    [[nodiscard]] QString colorScheme() const;
    void setColorScheme(const QString& scheme) { set("colorScheme", scheme); }
    /// What the system wanted last, so that the first frame has the right colours.
    [[nodiscard]] bool systemWasDark() const { return flag("systemWasDark", false); }
    void setSystemWasDark(bool dark) { set("systemWasDark", dark); }
    [[nodiscard]] bool notify() const { return flag("notify", true); }
    void setNotify(bool on) { set("notify", on); }
    [[nodiscard]] bool notifyWithText() const { return flag("notifyWithText", true); }
    void setNotifyWithText(bool on) { set("notifyWithText", on); }
    [[nodiscard]] bool keepInTray() const { return flag("keepInTray", true); }
    void setKeepInTray(bool on) { set("keepInTray", on); }
    /// Where accepted files go; empty: the system's downloads folder.
    [[nodiscard]] QString downloadFolder() const { return text("downloadFolder"); }
    void setDownloadFolder(const QString& folder) { set("downloadFolder", folder); }
    [[nodiscard]] QByteArray geometry() const {
        return m_settings.value(QStringLiteral("geometry")).toByteArray();
    }
    void setGeometry(const QByteArray& geometry) { set("geometry", geometry); }
    [[nodiscard]] QByteArray splitter() const {
        return m_settings.value(QStringLiteral("splitter")).toByteArray();
    }
    void setSplitter(const QByteArray& state) { set("splitter", state); }

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] QString text(const char* key) const {
        return m_settings.value(QLatin1String(key)).toString();
    }
    [[nodiscard]] bool flag(const char* key, bool otherwise) const {
        return m_settings.value(QLatin1String(key), otherwise).toBool();
    }
    void set(const char* key, const QVariant& value);

    QSettings m_settings;
};

}  // namespace landline::app
