#pragma once

#include "p2p/timeline/timeline_store.h"

#include <optional>

namespace landline::timeline {

/// The proof that a delete entry gives: its exact bytes and its device's certificate.
[[nodiscard]] wire::ErasureProof proofOf(const wire::SignedEntry& deletion,
                                         const identity::Certificate& author);

/// What the delete in a proof names; nothing if it is none.
[[nodiscard]] std::optional<EntryRef> namedBy(const wire::ErasureProof& proof);

/// True if `proof` permits `target`'s payload to be missing: a delete of the same conversation, signed by a device of
/// `person` (the target's author's), that names the target or, where the target is an edit, what it edits. A delete itself
/// cannot be erased: without its content nobody could tell what it erased. `store` spares the check of a certificate
/// that is known already, and a device that it knows as another person's proves nothing.
[[nodiscard]] bool provesErasure(TimelineStore& store, const wire::ErasureProof& proof,
                                 const wire::EntryHeader& target, const PersonId& person);

/// The same of a proof that was accepted once, whatever was learnt about its device since.
[[nodiscard]] bool isSoundErasure(TimelineStore& store, const wire::ErasureProof& proof,
                                  const wire::EntryHeader& target, const PersonId& person);

/// The proof by which the store already knows `entry` to be erased, by itself or as an edit of what was; nothing if it
/// is not.
[[nodiscard]] std::optional<wire::ErasureProof> knownErasure(TimelineStore& store,
                                                             const wire::EntryHeader& entry,
                                                             const PersonId& person);

}  // namespace landline::timeline
