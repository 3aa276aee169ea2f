#include "app/platform/tray.h"

#include <QMenu>
#include <QPainter>
#include <QSystemTrayIcon>

namespace landline::app {

namespace {

/// The program's icon with a dot for unread messages.
QIcon withDot(const QIcon& icon) {
    QPixmap pixmap = icon.pixmap(64, 64);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::white, 4));
    painter.setBrush(QColor(0xe5, 0x3e, 0x3e));
    painter.drawEllipse(QRect(38, 4, 22, 22));
    return QIcon(pixmap);
}

}  // namespace

Tray::Tray(QObject* parent) : QObject(parent) {}
Tray::~Tray() = default;

void Tray::start(const QIcon& icon) {
    m_icon = icon;
    if (m_tray || !QSystemTrayIcon::isSystemTrayAvailable()) return;
    m_menu = std::make_unique<QMenu>();
    m_menu->addAction(tr("Open Landline"), this, &Tray::openWanted);
    m_menu->addSeparator();
    m_menu->addAction(tr("Quit"), this, &Tray::quitWanted);
    m_tray = new QSystemTrayIcon(icon, this);
    m_tray->setContextMenu(m_menu.get());
    m_tray->setToolTip(QStringLiteral("Landline"));
    connect(m_tray, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger) Q_EMIT openWanted();
    });
    m_tray->show();
}

bool Tray::isThere() const {
    return m_tray && m_tray->isVisible() && QSystemTrayIcon::isSystemTrayAvailable();
}

void Tray::setUnread(int count) {
    if (!m_tray) return;
    m_tray->setIcon(count > 0 ? withDot(m_icon) : m_icon);
    m_tray->setToolTip(count > 0 ? tr("Landline: %n unread", nullptr, count) : QStringLiteral("Landline"));
}

}  // namespace landline::app
