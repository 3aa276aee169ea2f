#pragma once

#include "app/messenger/node_link.h"
#include "app/storage/database.h"
#include "p2p/base/clock.h"
#include "p2p/base/random.h"
#include "p2p/net/node.h"

#include <functional>
#include <map>
#include <memory>

namespace landline::app {

/// What the parts of the messenger share: the store, who we are, and the way to the node. Owned by the
/// Messenger, used on its thread only.
struct Context {
    std::unique_ptr<Database> db;
    std::shared_ptr<const net::LocalIdentity> identity;
    NodeLink node;
    SystemClock clock;
    SystemRandom random;

    /// Called once when a commit finds the store's file damaged.
    std::function<void()> damaged;

    /// Commits the store's transaction; every part commits through here, so that damage is noticed wherever it shows.
    Expected<void> commit();
    [[nodiscard]] DeviceId selfDevice() const { return identity->certificate.device(); }
    [[nodiscard]] PersonId selfPerson() const { return identity->certificate.person(); }
    [[nodiscard]] qint64 nowMillis() const { return toUnixMillis(clock.wall()); }

    /// The person of a device that has been met; remembers, since a device never changes its person.
    [[nodiscard]] std::optional<PersonId> personOf(const DeviceId& device);
    /// A person's name as stored; remembered until forgetPerson.
    [[nodiscard]] QString nameOf(const PersonId& person) { return brief(person).name; }
    /// With one device each, nobody's amendment can arrive before the message that it amends.
    [[nodiscard]] bool hasOneDevice(const PersonId& person) { return brief(person).devices == 1; }
    [[nodiscard]] std::size_t deviceCountOf(const PersonId& person) { return brief(person).devices; }
    /// Another store: nothing remembered of the former holds.
    void forgetAll();
    /// The store's record of the person changed.
    void forgetPerson(const PersonId& person) { m_persons.erase(person); }
    /// The store knows the person no more.
    void forgetDevicesOf(const PersonId& person);

private:
    struct Brief {
        QString name;
        std::size_t devices = 0;
    };
    const Brief& brief(const PersonId& person);

    std::map<DeviceId, PersonId> m_personOf;
    std::map<PersonId, Brief> m_persons;
    bool m_damageTold = false;
};

}  // namespace landline::app
