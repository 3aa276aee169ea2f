#pragma once

#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/applier.h"
#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"

#include <memory>
#include <string>
#include <vector>

namespace landline::timeline {

inline const WallTime kNow = fromUnixMillis(1'700'000'000'000);

/// A device of a person that writes entries without a store of its own. Copying it forks its timeline.
struct Writer {
    std::shared_ptr<const identity::SigningKey> personKey;
    std::shared_ptr<const identity::DeviceKeys> keys;
    identity::Certificate certificate;
    ConversationId conversation;
    TimelineTip tip;
    HybridTime clock = hybridFrom(kNow);

    static Writer make(test::SeededRandom& random) {
        return withKey(std::make_shared<const identity::SigningKey>(identity::SigningKey::generate(random)),
                       random);
    }
    /// Another device of the same person.
    static Writer withKey(const std::shared_ptr<const identity::SigningKey>& person,
                          test::SeededRandom& random) {
        const auto keys =
            std::make_shared<const identity::DeviceKeys>(identity::DeviceKeys::generate(random));
        return {person, keys, identity::Certificate::issue(*person, *keys, kNow), {}, {}};
    }

    [[nodiscard]] DeviceId device() const { return certificate.device(); }
    [[nodiscard]] PersonId person() const { return certificate.person(); }

    CheckedEntry write(const wire::Content& content, test::SeededRandom& random) {
        CheckedEntry entry = makeEntry(conversation, *keys, certificate, tip, ++clock, content, random);
        tip = {entry.header.number, entry.hash};
        return entry;
    }
    CheckedEntry text(const std::string& text, test::SeededRandom& random) {
        return write(wire::Text{text, {}}, random);
    }
    std::vector<CheckedEntry> texts(int count, test::SeededRandom& random) {
        std::vector<CheckedEntry> run;
        for (int i = 0; i < count; ++i) run.push_back(text("text " + std::to_string(tip.number + 1), random));
        return run;
    }
};

/// A batch as it travels: `entries` is a run of one author.
inline wire::Entries batchOf(std::span<const CheckedEntry> entries) {
    wire::Entries batch{
        entries[0].header.conversation, entries[0].header.author, entries[0].header.number, {}};
    for (const CheckedEntry& entry : entries) batch.entries.push_back(entry.bytes);
    return batch;
}
inline wire::Entries batchOf(const CheckedEntry& entry) {
    return batchOf(std::span(&entry, 1));
}

}  // namespace landline::timeline
