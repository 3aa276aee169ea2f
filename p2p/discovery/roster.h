#pragma once

#include "p2p/base/clock.h"
#include "p2p/discovery/beacon.h"
#include "p2p/discovery/endpoint.h"
#include "p2p/discovery/verify_budget.h"

#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace landline::discovery {

/// Who is on the network, as far as beacons tell. Never holds more than limits::kRoster devices: those whose
/// keys are known (contacts, devices met before) are never put out by others; of strangers the one silent
/// longest goes first, and one source address brings at most limits::kStrangersPerAddress of them.
///
/// A device that has said goodbye, or fallen silent for three of its periods, is not present any more. After
/// a goodbye its counter is remembered for those three periods, so that a replay does not bring it back.
class Roster {
public:
    struct Candidate {
        Endpoint endpoint;  ///< a beacon's source address with the TCP port it stated
        MonoTime heard;
    };

    struct Entry {
        DeviceId device;
        PersonHint person;
        std::string name;
        std::uint64_t instance = 0;
        std::vector<Candidate> candidates;  ///< newest source first, at most limits::kCandidatesPerPeer
        bool present = false;               ///< false after its goodbye
        bool known = false;

    private:
        friend class Roster;
        std::uint64_t counter = 0;
        std::uint64_t otherInstance = 0;  ///< another program that used the same key, before or still
        std::uint64_t otherCounter = 0;
        std::uint64_t cloneReported = 0;
        std::uint64_t answeredInstance = 0;
        MonoTime answeredAt{};
        MonoTime helloAt{};
        MonoTime expires{};
        Address home;  ///< first source, to which a stranger is counted
        std::list<DeviceId>::iterator place;
    };

    /// What a verified beacon changed.
    struct Applied {
        const Entry* entry = nullptr;  ///< nothing where there was no room or it was stale
        bool appeared = false;         ///< was not present before
        bool changed = false;          ///< instance, name or newest candidate
        bool newHello = false;         ///< the first of a run of hellos
        bool left = false;             ///< said goodbye
        bool clone = false;            ///< two live programs use this key (told once per instance)
        std::vector<DeviceId> putOut;  ///< made room
    };

    /// The device's key is, or is no longer, that of somebody met before. At most limits::kRoster keys are
    /// kept.
    void setKnown(const DeviceId& device, bool known);
    /// The bucket of a known device; null for a stranger.
    [[nodiscard]] TokenBucket* knownBucket(const DeviceId& device);

    /// False if the beacon would change nothing even if its signature is right: a replay, the goodbye of
    /// somebody who is not here, a stranger for whom there is no room.
    [[nodiscard]] bool isWorthVerifying(const Beacon& beacon, const Address& source) const;
    /// True if the beacon says what this source has said a moment ago, and nobody waits for what follows from it.
    [[nodiscard]] bool isRepetition(const Beacon& beacon, const Address& source, MonoTime now) const;
    /// Takes in a beacon whose signature is right.
    Applied apply(const Beacon& beacon, const Address& source, MonoTime now);
    /// A handshake has proven that this instance is the one that lives: its counters count from now on, even
    /// where they are lower than those heard before (its clock was set back).
    void confirmInstance(const DeviceId& device, std::uint64_t instance);

    /// True if an answer is due to this device's hello: once per instance in limits::kBeaconAnswerOnce. It is
    /// noted as given.
    [[nodiscard]] bool takeAnswer(const DeviceId& device, MonoTime now);

    /// Drops whoever fell silent; returns those that were present.
    std::vector<DeviceId> expire(MonoTime now);
    /// Before then nobody is to be dropped; nothing while the roster is empty.
    [[nodiscard]] std::optional<MonoTime> nextExpiry() const { return m_nextExpiry; }

    [[nodiscard]] const Entry* find(const DeviceId& device) const;
    /// Devices present now.
    [[nodiscard]] std::size_t present() const { return m_present; }
    /// All that is remembered, goodbyes included.
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] std::vector<const Entry*> entries() const;

private:
    using Entries = std::unordered_map<DeviceId, Entry>;

    [[nodiscard]] bool hasRoomFor(const DeviceId& device, const Address& source) const;
    Entry* insert(const Beacon& beacon, const Address& source, Applied& applied);
    void erase(Entries::iterator at);
    void countStranger(const Entry& entry, bool in);
    [[nodiscard]] bool takeCounter(Entry& entry, const Beacon& beacon, Applied& applied);
    static bool noteCandidate(Entry& entry, const Endpoint& endpoint, MonoTime now);
    void noteExpiry(const Entry& entry);
    void setPresent(Entry& entry, bool present);

    Entries m_entries;
    std::unordered_map<DeviceId, TokenBucket> m_known;
    std::list<DeviceId> m_strangers;  ///< silent longest first
    std::list<DeviceId> m_acquainted;
    std::unordered_map<Address, std::size_t> m_strangersAt;
    std::size_t m_present = 0;
    std::optional<MonoTime> m_nextExpiry;
};

}  // namespace landline::discovery
