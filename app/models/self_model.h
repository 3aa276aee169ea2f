#pragma once

#include "app/messenger/messenger_port.h"

#include <QObject>

namespace landline::app {

/// Oneself, as the header of the left column shows it. On the GUI thread.
class SelfModel final : public QObject {
    Q_OBJECT

public:
    explicit SelfModel(MessengerPort port, QObject* parent = nullptr);

    void reload();
    [[nodiscard]] const SelfView& self() const { return m_self; }
    void setName(const QString& name);
    /// Offline stands for invisible.
    void setPresence(wire::Presence presence, const QString& statusText);

Q_SIGNALS:
    void changed();
    void failed(const QString& sentence);

private:
    MessengerPort m_port;
    SelfView m_self;
};

}  // namespace landline::app
