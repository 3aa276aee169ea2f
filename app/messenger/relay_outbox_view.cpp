#include "app/messenger/relay_outbox.h"

// What a person is told of leaving something for another.
namespace landline::app {

/// Those of a person's devices that are left something; where one has got it, it waits for nobody.
std::vector<DeviceId> RelayOutbox::reachedByRelay(const PersonId& person) {
    std::vector<DeviceId> devices;
    if (const auto record = m_context.db->person(person))
        for (const DeviceRecord& device : record->devices)
            if (mayLeave(device.id)) devices.push_back(device.id);
    return devices;
}

PostView RelayOutbox::view(const PersonId& person) {
    const bool isHere = person == m_context.selfPerson() || !m_contacts.sessionsOf(person).empty();
    if (isHere) return {PostState::Ready, {}};
    PostView best;
    for (const DeviceId& device : reachedByRelay(person))
        if (PostView one = m_routes.view(device); one.state > best.state) best = std::move(one);
    return best;
}

void RelayOutbox::tryRoutes(const PersonId& person) {
    for (const DeviceId& device : reachedByRelay(person)) (void)m_routes.find(device);
    m_routes.ask();
}

}  // namespace landline::app
