#include "app/messenger/relay_prekeys.h"

#include "app/storage/prekey_table.h"

namespace landline::app {

RelayPrekeys::RelayPrekeys(Database& db, const RelayKey& relay, const DeviceId& device)
    : m_db(db), m_relay(relay), m_ring(device) {
    OwnPrekeys own = db.prekeys().own(relay);
    m_confirmedIn = own.confirmedIn;
    for (envelope::HeldPrekey& held : own.held) m_ring.restore(std::move(held));
}

std::optional<net::RelayPrekey> RelayPrekeys::newest() const {
    const envelope::HeldPrekey* const newest = m_ring.newest();
    if (!newest) return std::nullopt;
    return net::RelayPrekey{newest->prekey.id(), newest->prekey.encoded(), m_confirmedIn};
}

bool RelayPrekeys::rotate(const identity::DeviceKeys& device, Random& random, WallTime now) {
    if (!m_ring.rotate(device, random, now)) return false;
    m_confirmedIn = 0;
    m_db.prekeys().putOwn(m_relay, m_ring.all(), m_confirmedIn);
    return true;
}

void RelayPrekeys::renew(const identity::DeviceKeys& device, Random& random, WallTime now) {
    m_ring.renew(device, random, now);
    m_confirmedIn = 0;
    m_db.prekeys().putOwn(m_relay, m_ring.all(), m_confirmedIn);
}

bool RelayPrekeys::confirmed(const mailbox::PrekeyConfirmed& told, WallTime now) {
    bool changed = m_ring.confirmed(told.id, told.epoch, told.messages, told.heads, told.life, now);
    const envelope::HeldPrekey* const newest = m_ring.newest();
    if (newest && newest->prekey.id() == told.id && m_confirmedIn != told.epoch) {
        m_confirmedIn = told.epoch;
        changed = true;
    }
    if (changed) m_db.prekeys().putOwn(m_relay, m_ring.all(), m_confirmedIn);
    return changed;
}

bool RelayPrekeys::drained(const mailbox::Drained& told, WallTime now) {
    m_drained = told;
    return erase(now);
}

bool RelayPrekeys::erase(WallTime now) {
    if (!m_drained) return false;
    const auto due = m_ring.takeDue(m_drained->epoch, m_drained->messages, m_drained->heads, now);
    m_db.prekeys().eraseOwn(m_relay, due);
    return !due.empty();
}

}  // namespace landline::app
