#pragma once

#include "p2p/wire/messages.h"

namespace landline::wire {

/// Heads that a device states to whoever gets them from elsewhere than a session with it.
struct HeadsStatement {
    DeviceId device;
    std::uint64_t counter = 0;  ///< of each conversation the statement with the highest one counts
    std::vector<Heads> heads;   ///< each complete
    /// Envelopes for this device that it never could read, counted over its life: where it is more than before, what was
    /// deposited earlier and these heads lack is not on its way any more.
    std::uint64_t lost = 0;
    friend bool operator==(const HeadsStatement&, const HeadsStatement&) = default;
};
/// A statement's exact bytes with its device's signature over them, under identity::context::kHeads.
struct SignedHeads {
    Bytes statement;
    Signature signature;
    friend bool operator==(const SignedHeads&, const SignedHeads&) = default;
};

/// What one device leaves at a relay for another.
struct EnvelopeContent {
    Bytes certificate;                ///< the depositing device's, where the recipient may not know it
    std::string name;                 ///< with a certificate: the person's
    ToldRelays told;                  ///< where that device can be left something
    std::vector<Entries> entries;
    std::vector<SignedHeads> heads;
    std::uint64_t edition = 0;        ///< of name and relays, as Profile's; 0: not stated, or nothing of that is said
    std::vector<ForkEvidence> forks = {};  ///< signed headers, as on sessions
    friend bool operator==(const EnvelopeContent&, const EnvelopeContent&) = default;
};

[[nodiscard]] Bytes encodeEnvelopeContent(const EnvelopeContent& content);
/// Fails with Malformed or TooLarge (limits::kEnvelopeContent, kEntriesPerEnvelope, kHeadsPerEnvelope,
/// kForksPerEnvelope).
[[nodiscard]] Expected<EnvelopeContent> parseEnvelopeContent(ByteView bytes);

[[nodiscard]] Bytes encodeHeadsStatement(const HeadsStatement& statement);
[[nodiscard]] Expected<HeadsStatement> parseHeadsStatement(ByteView bytes);

}  // namespace landline::wire
