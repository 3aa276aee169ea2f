#include "app/messenger/context.h"

#include <utility>

namespace landline::app {

Expected<void> Context::commit() {
    auto done = db->commit();
    if (!done && db->isDamaged() && !std::exchange(m_damageTold, true) && damaged) damaged();
    return done;
}

void Context::forgetAll() {
    m_personOf.clear();
    m_persons.clear();
    m_damageTold = false;
}

void Context::forgetDevicesOf(const PersonId& person) {
    forgetPerson(person);
    std::erase_if(m_personOf, [&person](const auto& one) { return one.second == person; });
}

std::optional<PersonId> Context::personOf(const DeviceId& device) {
    if (device == selfDevice()) return selfPerson();
    if (const auto known = m_personOf.find(device); known != m_personOf.end()) return known->second;
    const auto certificate = db->certificate(device);
    if (!certificate) return std::nullopt;
    m_personOf.emplace(device, certificate->person());
    return certificate->person();
}

const Context::Brief& Context::brief(const PersonId& person) {
    if (const auto known = m_persons.find(person); known != m_persons.end()) return known->second;
    const auto record = db->person(person);
    return m_persons.emplace(person, record ? Brief{record->name, record->devices.size()} : Brief{})
        .first->second;
}

}  // namespace landline::app
