#include "app/models/self_model.h"

#include "app/models/error_text.h"

namespace landline::app {

SelfModel::SelfModel(MessengerPort port, QObject* parent) : QObject(parent), m_port(port) {
    connect(m_port.messenger(), &Messenger::ready, this, &SelfModel::reload);
}

void SelfModel::reload() {
    m_port.call(
        this, [](Messenger& messenger) { return messenger.self(); },
        [this](SelfView self) {
            m_self = std::move(self);
            Q_EMIT changed();
        });
}

void SelfModel::setName(const QString& name) {
    m_port.call(
        this, [name](Messenger& messenger) { return messenger.setName(name); },
        [this](const Expected<void>& result) {
            if (!result.ok()) Q_EMIT failed(errorText(result.error()));
            reload();
        });
}

void SelfModel::setPresence(wire::Presence presence, const QString& statusText) {
    m_port.call(
        this, [=](Messenger& messenger) { return messenger.setPresence(presence, statusText); },
        [this](const Expected<void>& result) {
            if (!result.ok()) Q_EMIT failed(errorText(result.error()));
            reload();
        });
}

}  // namespace landline::app
