#include "p2p/net/relays.h"

namespace landline::net {

Relays::~Relays() {
    stop();
}

void Relays::start() {
    m_active = true;
    for (RelayLink* const relay : all()) relay->start();
}

void Relays::stop() {
    m_active = false;
    for (RelayLink* const relay : all()) relay->stop();
}

void Relays::add(const RelaySetup& setup) {
    remove(setup.number);
    LaterPtr<RelayLink>& relay = m_relays[setup.number];
    relay.reset(new RelayLink(m_links, setup, this));
    connect(relay.get(), &RelayLink::told, this, &Relays::told);
    connect(relay.get(), &RelayLink::down, this, &Relays::down);
    connect(relay.get(), &RelayLink::wrongKey, this, &Relays::wrongKey);
    if (m_active) relay->start();
}

void Relays::remove(RelayNumber number) {
    if (RelayLink* const relay = find(number)) relay->stop();
    m_relays.erase(number);
}

RelayLink* Relays::find(RelayNumber number) const {
    const auto found = m_relays.find(number);
    return found == m_relays.end() ? nullptr : found->second.get();
}

void Relays::networkChanged(bool resumed, const std::set<QString>& localAddresses) {
    for (RelayLink* const relay : all()) relay->networkChanged(resumed, localAddresses);
}

/// Whoever is told of something may add and remove. One that was removed is inactive, and is deleted at the next turn.
std::vector<RelayLink*> Relays::all() const {
    std::vector<RelayLink*> relays;
    for (const auto& [number, relay] : m_relays) relays.push_back(relay.get());
    return relays;
}

}  // namespace landline::net
