#pragma once

#include "tests/sim/message_world.h"
#include "tests/sim/sim_relay.h"

namespace landline::sim {

/// One seed with relays: the devices of a MessageWorld, of which sessions come and go, their mailboxes, and months.
class MixedWorld : public MessageWorld {
public:
    MixedWorld(std::uint64_t seed, std::ostream* trace);
    [[nodiscard]] std::vector<std::string> play();

private:
    void makeRelays();
    void makeMailboxes();
    [[nodiscard]] SimTime pause();
    void mishap();
    void mishapOfDevice(SimNode& node);
    void mishapOfLink(SimNode& node);
    void mishapOfRelay(SimRelay& relay);
    void goAway(SimNode& node);
    void meet();
    void calmRelays();
    void run(SimTime length);
    void letArrive();
    [[nodiscard]] bool hasArrived();
    [[nodiscard]] bool hasArrivedAt(SimNode& node, SimNode& author);
    void checkSilence();
    void checkMail();
    [[nodiscard]] std::uint64_t deposits() const;

    std::vector<std::unique_ptr<SimRelay>> m_relays;
    Ending m_ending = Ending::Sessions;
    bool m_hasStrangers = false;
    bool m_isCalm = false;
};

}  // namespace landline::sim
