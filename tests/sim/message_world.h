#pragma once

#include "tests/sim/message_check.h"
#include "tests/sim/sim_link.h"
#include "tests/sim/sim_mail.h"

#include <array>
#include <memory>

namespace landline::sim {

/// Devices and persons, the same for all seeds, so that their keys are made once. Never ends before the program.
class KeyRing {
public:
    static constexpr std::size_t kPersons = 3;
    [[nodiscard]] static KeyRing& instance();
    [[nodiscard]] PersonId person(std::size_t person) const {
        return identity::personIdOf(m_persons[person]);
    }
    [[nodiscard]] const DeviceIdentity& device(std::size_t person, std::size_t number);

private:
    KeyRing();
    test::SeededRandom m_random{0x1a4d11e};
    std::vector<identity::SigningKey> m_persons;
    std::array<std::vector<std::unique_ptr<DeviceIdentity>>, kPersons> m_devices;
};

/// One seed: its nodes, the ways between them, and everything that happens to both.
class MessageWorld {
public:
    MessageWorld(std::uint64_t seed, std::ostream* trace);
    [[nodiscard]] std::vector<std::string> play();

protected:
    struct Backup {
        SimNode* node = nullptr;
        DeviceId device;
        std::unique_ptr<test::MemoryStore> store;
        MailData mail;
    };

    void populate();
    SimNode& addNode(std::size_t person, const DeviceIdentity& identity,
                     std::unique_ptr<test::MemoryStore> store);
    void renew(SimNode& node);
    void planActions();
    void actOnce();
    void calmDown();
    void heal();
    void connectAll();

    // What may happen
    void write(SimNode& node);
    void carry(SimNode& node);
    void breakLink();
    void partition();
    void crash(SimNode& node);
    void setClock(SimNode& node);
    void backUp(SimNode& node);
    void restore(bool isNoticed);
    void clone(SimNode& node);
    void acceptSomebody(SimNode& node);
    void forge(wire::SignedEntry& entry);
    void mangle(wire::Entries& batch);

    [[nodiscard]] ConversationId conversationOf(SimNode& node);
    [[nodiscard]] std::optional<EntryRef> targetIn(SimNode& node, const ConversationId& conversation,
                                                   bool own);
    [[nodiscard]] static EntryNumber nextAt(SimNode& node, const ConversationId& conversation,
                                            const DeviceId& author);
    [[nodiscard]] std::size_t personIndex(const SimNode& node) const;
    template <class List>
    auto& oneOf(List& list) {
        return list[static_cast<std::size_t>(m_random.below(list.size()))];
    }

    KeyRing& m_keys;
    test::SeededRandom m_random;
    Scheduler m_scheduler;
    Ledger m_ledger;
    std::vector<std::string> m_faults;
    SimContext m_context;
    std::array<std::size_t, KeyRing::kPersons> m_usedDevices{};
    std::size_t m_persons = 2;
    std::vector<std::unique_ptr<SimNode>> m_nodes;
    std::vector<std::unique_ptr<SimLink>> m_links;
    std::vector<Backup> m_backups;
    std::uint64_t m_texts = 0;
};

}  // namespace landline::sim
