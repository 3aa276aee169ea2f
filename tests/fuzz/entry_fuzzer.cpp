// What a carrier may do to the entries of two devices of one person (and to a clone of one of them) before a store that
// keeps the rules gets them: any order, any cut, any change of bytes. Whatever comes, the store holds only what was written,
// in its author's order, and nothing without content that no delete of that person names. Input: commands of one byte and
// their arguments, see `act`; the last command hands the rest to the parser of frames.
#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/applier.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"

#include <set>

using namespace landline;
using namespace landline::fuzz;
using namespace landline::timeline;

namespace {

constexpr std::size_t kMostCommands = 64;
const WallTime kNow = fromUnixMillis(1'700'000'000'000);

/// Everything that was ever written, made once: keys and signatures cost more than all the rest.
struct Written {
    test::SeededRandom random{1};
    identity::SigningKey alice = identity::SigningKey::generate(random);
    identity::SigningKey bob = identity::SigningKey::generate(random);
    identity::DeviceKeys desktop = identity::DeviceKeys::generate(random);
    identity::DeviceKeys phone = identity::DeviceKeys::generate(random);
    identity::DeviceKeys mine = identity::DeviceKeys::generate(random);
    ConversationId conversation =
        identity::directConversation(identity::personIdOf(alice), identity::personIdOf(bob));
    std::vector<std::vector<CheckedEntry>> runs;
    std::set<Hash256> hashes;
    std::set<EntryRef> deleted;

    Written() {
        initCrypto();
        const auto desktopCertificate = identity::Certificate::issue(alice, desktop, kNow);
        const auto phoneCertificate = identity::Certificate::issue(alice, phone, kNow);
        const EntryRef first{desktop.id(), 1};
        const std::vector<wire::Content> says = {
            wire::Text{"one", {}},    wire::Text{"two", first},
            wire::Edit{first, "uno"}, wire::Reaction{first, "+", false},
            wire::UnknownContent{50}, wire::Delete{{desktop.id(), 2}},
            wire::Text{"three", {}},  wire::FileOffer{{}, "a", 1, "", 0}};
        runs.push_back(write(desktop, desktopCertificate, says, {}));
        runs.push_back(write(phone, phoneCertificate, {wire::Delete{first}, wire::Text{"four", {}}}, {}));
        // The desktop's clone continues its third entry.
        runs.push_back(write(desktop, desktopCertificate, {wire::Text{"cloned", {}}, wire::Text{"again", {}}},
                             {3, runs[0][2].hash}));
        deleted = {first, {desktop.id(), 2}, {desktop.id(), 3}};
    }
    std::vector<CheckedEntry> write(const identity::DeviceKeys& device,
                                    const identity::Certificate& certificate,
                                    const std::vector<wire::Content>& contents, TimelineTip tip) {
        std::vector<CheckedEntry> run;
        for (const wire::Content& content : contents) {
            run.push_back(makeEntry(conversation, device, certificate, tip, hybridFrom(kNow) + tip.number,
                                    content, random));
            tip = {run.back().header.number, run.back().hash};
            hashes.insert(run.back().hash);
        }
        return run;
    }
};

const Written& written() {
    static const Written all;
    return all;
}

class Carrier {
public:
    explicit Carrier(FuzzInput& input) : m_input(input) {
        const PersonId alice = identity::personIdOf(written().alice);
        m_store.addConversation(written().conversation, {alice, identity::personIdOf(written().bob)});
        if ((m_input.u8() & 1) != 0) m_store.setStanding(alice, Standing::Stranger);
    }
    void run() {
        for (std::size_t i = 0; i < kMostCommands && !m_input.empty(); ++i) {
            act(m_input.u8() % 8);
            check();
        }
    }

private:
    void act(unsigned command) {
        switch (command) {
            case 0:
            case 1:
                return apply(pick());
            case 2: {
                wire::Entries batch = pick();
                changeByte(batch);
                return apply(batch);
            }
            case 3: {
                wire::Entries batch = pick();
                strip(batch);
                return apply(batch);
            }
            case 4: {
                wire::Entries batch = pick();
                wire::ForkEvidence evidence{batch.conversation, batch.author, batch.entries};
                Applier applier(m_store, written().mine.id());
                (void)applier.applyForkEvidence(evidence);
                return;
            }
            case 5:
                return m_store.crash();
            case 6:
                return require(m_store.commit().ok(), "the store commits");
            case 7:
                return frame(m_input.rest());
        }
    }

    /// A part of what was written, perhaps under another number or author.
    wire::Entries pick() {
        const std::vector<CheckedEntry>& run = written().runs[m_input.u8() % written().runs.size()];
        const std::size_t from = m_input.u8() % run.size();
        const std::size_t count = 1 + m_input.u8() % (run.size() - from);
        wire::Entries batch{written().conversation, run[from].header.author, run[from].header.number, {}};
        for (std::size_t i = from; i < from + count; ++i) batch.entries.push_back(run[i].bytes);
        return batch;
    }
    void changeByte(wire::Entries& batch) {
        wire::SignedEntry& entry = batch.entries[m_input.u8() % batch.entries.size()];
        const std::uint8_t part = m_input.u8();
        const std::uint16_t at = m_input.u16();
        const std::uint8_t bits = m_input.u8();
        if (part % 4 == 0) entry.header[at % entry.header.size()] ^= bits;
        if (part % 4 == 1) entry.signature.data()[at % Signature::kSize] ^= bits;
        if (part % 4 == 2) entry.payload[at % entry.payload.size()] ^= bits;
        if (part % 4 == 3) batch.first += bits;
    }
    /// Takes a payload away, with some other entry as the proof that it may be.
    void strip(wire::Entries& batch) {
        wire::SignedEntry& entry = batch.entries[m_input.u8() % batch.entries.size()];
        entry.payload.clear();
        const wire::Entries other = pick();
        const auto& keys = other.author == written().desktop.id() ? written().desktop : written().phone;
        const auto certificate = identity::Certificate::issue(written().alice, keys, kNow);
        const wire::SignedEntry& proof = other.entries.front();
        entry.erasure =
            wire::ErasureProof{proof.header, proof.signature, proof.payload, certificate.encoded()};
    }
    void frame(ByteView bytes) {
        auto message = wire::decodeMessage(bytes);
        if (!message) return;
        if (auto* const entries = std::get_if<wire::Entries>(&*message)) apply(*entries);
        Applier applier(m_store, written().mine.id());
        if (auto* const evidence = std::get_if<wire::ForkEvidence>(&*message))
            (void)applier.applyForkEvidence(*evidence);
    }
    void apply(const wire::Entries& batch) {
        Applier applier(m_store, written().mine.id());
        const ApplyResult result = applier.apply(batch, kNow);
        require(result.firstError.has_value() == (result.refused != 0), "whatever is refused has a reason");
    }

    void check() {
        const ConversationId& id = written().conversation;
        for (const TimelineHead& head : m_store.heads(id)) {
            Hash256 previous;
            EntryNumber number = 0;
            for (const wire::SignedEntry& bytes : m_store.read(id, head.author, 1, 1000, 1 << 20)) {
                auto entry = checkEntry(bytes);
                require(entry.ok(), "what is stored is well-formed");
                require(written().hashes.count(entry->hash) != 0, "what is stored was written");
                require(entry->header.number == ++number && entry->header.previous == previous,
                        "in its author's order");
                require(entry->content || written().deleted.count(entry->ref()) != 0, "erased by who may");
                previous = entry->hash;
            }
            require(head.number == number && (number == 0 || head.hash == previous),
                    "the head is the last entry");
        }
    }

    FuzzInput& m_input;
    test::MemoryStore m_store;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    Carrier carrier(input);
    carrier.run();
    return 0;
}
