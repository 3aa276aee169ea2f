#pragma once

#include <QHash>
#include <QObject>
#include <QString>

namespace landline::app {

/// Notifications over org.freedesktop.Notifications. There is one per `tag`: a newer one takes its place. Where no such
/// service runs, nothing happens.
class Notifier final : public QObject {
    Q_OBJECT

public:
    explicit Notifier(QObject* parent = nullptr);

    void show(const QByteArray& tag, const QString& title, const QString& body);
    void withdraw(const QByteArray& tag);

Q_SIGNALS:
    /// The person pressed a notification.
    void pressed(const QByteArray& tag);

private Q_SLOTS:
    void actionInvoked(uint id, const QString& action);
    void notificationClosed(uint id, uint reason);

private:
    void connectOnce();

    QHash<QByteArray, uint> m_shown;
    bool m_connected = false;
};

}  // namespace landline::app
