#pragma once

#include <QIcon>
#include <QObject>

#include <memory>

class QMenu;
class QSystemTrayIcon;

namespace landline::app {

/// The icon in the system's tray, where there is one. The window may hide only while `isThere`.
class Tray final : public QObject {
    Q_OBJECT

public:
    explicit Tray(QObject* parent = nullptr);
    ~Tray() override;

    void start(const QIcon& icon);
    [[nodiscard]] bool isThere() const;
    void setUnread(int count);

Q_SIGNALS:
    void openWanted();
    void quitWanted();

private:
    QIcon m_icon;
    std::unique_ptr<QMenu> m_menu;
    QSystemTrayIcon* m_tray = nullptr;
};

}  // namespace landline::app
