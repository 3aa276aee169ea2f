#include "app/control/delivery_watch.h"

namespace landline::app::control {

DeliveryWatch::DeliveryWatch(Messenger* messenger, QObject* parent) : QObject(parent) {
    connect(messenger, &Messenger::delivered, this,
            [this](const MessageRecord& message, const PersonId&) { onChanged(message); });
    connect(messenger, &Messenger::messageChanged, this, &DeliveryWatch::onChanged);
}

void DeliveryWatch::await(const GlobalEntryRef& message, QObject* context, Changed changed) {
    m_waiting[message] = {context, std::move(changed)};
}

void DeliveryWatch::forget(const GlobalEntryRef& message) {
    m_waiting.erase(message);
}

void DeliveryWatch::onChanged(const MessageRecord& message) {
    const auto found = m_waiting.find(message.ref);
    if (found == m_waiting.end()) return;
    if (!found->second.context) {
        m_waiting.erase(found);
        return;
    }
    const Changed changed = found->second.changed;
    changed(message);
}

}  // namespace landline::app::control
