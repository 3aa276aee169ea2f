#pragma once

#include "tests/support/reference_relay.h"
#include "tests/p2p/mailbox/sim_device.h"

namespace landline::test {

/// Devices and relays in virtual months, with what goes wrong drawn from a seed: crashes that forget what was not committed,
/// connections that break on one side or both, relays that are busy, full, gone for days, or restored from a backup, devices
/// that are away for longer than anything is kept, and envelopes altered on their way.
class RelayWorld final : public SimWorld {
public:
    explicit RelayWorld(std::uint64_t seed);

    /// Plays everything; what was found wrong.
    [[nodiscard]] const std::vector<std::string>& play();
    [[nodiscard]] std::string summary() const;
    std::uint64_t heldAtRelays() const;

    void dial(std::size_t device, std::size_t relay) override;
    void hangUp(std::size_t device, std::size_t relay) override;
    void send(std::size_t device, std::size_t relay, const wire::relay::Frame& frame) override;
    std::string whyNotHeld(std::size_t relay, RelayEpoch epoch, std::size_t sender, DepositCounter counter,
                           const DeviceId& recipient) override;
    wire::relay::Hello invitation(std::size_t device, std::size_t relay) override;
    std::size_t deviceOf(const DeviceId& id) const override { return m_index.at(id); }
    void fault(const std::string& what) override;

private:
    struct Host {
        std::unique_ptr<ReferenceRelay> relay;
        bool isUp = true;
        bool isCommitPlanned = false;
        std::uint64_t life = 0;
    };
    struct Connection {
        std::size_t device = 0;
        std::size_t relay = 0;
        bool isAtDevice = false;
        bool isAtRelay = false;
        sim::SimTime lastToRelay{0};
        sim::SimTime lastToDevice{0};
    };

    void makeDevices();
    void makeRelays();
    void toDevice(std::size_t relay, ReferenceRelay::Session session, const wire::relay::Frame& frame);
    void closedByRelay(ReferenceRelay::Session session);
    void planCommit(std::size_t relay);
    void stopRelay(std::size_t relay, sim::SimTime downtime);
    void breakLink(std::size_t device, std::size_t relay);
    void mishap();
    void mishapOfDevice(std::uint64_t kind, std::size_t device);
    void mishapOfRelay(std::uint64_t kind, std::size_t relay);
    void heal();
    void check();
    [[nodiscard]] std::uint64_t dice(std::uint64_t sides) { return random.below(sides); }
    [[nodiscard]] sim::SimTime latency() { return sim::SimTime(1000 + dice(50'000)); }
    [[nodiscard]] sim::SimTime pause();

    std::vector<SimDevice::Identity> m_everybody;
    std::map<DeviceId, std::size_t> m_index;
    std::vector<std::unique_ptr<SimDevice>> m_devices;
    std::vector<Host> m_relays;
    std::map<ReferenceRelay::Session, Connection> m_connections;
    std::map<std::pair<std::size_t, std::size_t>, ReferenceRelay::Session>
        m_current;  ///< of device and relay
    ReferenceRelay::Session m_lastSession = 0;
    std::vector<std::string> m_faults;
    std::uint64_t m_altered = 0;
    std::uint64_t m_restores = 0;
    bool m_isHostile = false;
    bool m_isCalm = false;
};

}  // namespace landline::test
