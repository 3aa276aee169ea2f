#pragma once

#include "p2p/wire/messages.h"

namespace landline::pb {
class Entries;
class ErasureProof;
class ForkEvidence;
class Heads;
class SignedEntry;
}  // namespace landline::pb

/// Entries, heads and evidence of forks, which travel in frames and in envelopes. For this module's own sources.
namespace landline::wire::detail {

void writeProof(const ErasureProof& proof, pb::ErasureProof* out);
[[nodiscard]] bool readProof(const pb::ErasureProof& in, ErasureProof& proof);
void writeEntry(const SignedEntry& entry, pb::SignedEntry* out);
/// False if a part has the wrong length or is over its limit.
[[nodiscard]] bool readEntry(const pb::SignedEntry& in, SignedEntry& entry);

void writeEntries(const Entries& entries, pb::Entries* out);
[[nodiscard]] Expected<Entries> readEntries(const pb::Entries& in);
void writeHeads(const Heads& heads, pb::Heads* out);
[[nodiscard]] Expected<Heads> readHeads(const pb::Heads& in);
void writeEvidence(const ForkEvidence& evidence, pb::ForkEvidence* out);
[[nodiscard]] Expected<ForkEvidence> readEvidence(const pb::ForkEvidence& in);

}  // namespace landline::wire::detail
