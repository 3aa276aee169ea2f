#pragma once

#include "p2p/base/bytes.h"

#include <compare>
#include <cstdint>

namespace landline {

/// A device's Ed25519 public key. It signs the device's timelines and beacons, and is the device's name everywhere.
using DeviceId = FixedBytes<struct DeviceIdTag, 32>;
/// A person's Ed25519 public key. It signs the certificates of the person's devices.
using PersonId = FixedBytes<struct PersonIdTag, 32>;
/// A device's X25519 public key: its Noise static key.
using NoiseKey = FixedBytes<struct NoiseKeyTag, 32>;
/// Names a conversation. Of a direct one it derives from the two persons (identity/direct_conversation.h).
using ConversationId = FixedBytes<struct ConversationIdTag, 32>;
/// An Ed25519 signature.
using Signature = FixedBytes<struct SignatureTag, 64>;
/// A SHA-256 digest.
using Hash256 = FixedBytes<struct Hash256Tag, 32>;
/// A BLAKE2b-256 digest (RFC 7693) of a piece of a file or of a listing.
using ChunkDigest = FixedBytes<struct ChunkDigestTag, 32>;
/// The first 16 bytes of a SHA-256 digest, where they are enough to compare.
using Hash128 = FixedBytes<struct Hash128Tag, 16>;

/// Names a prekey at a relay and in an envelope: the first 8 bytes of its public key.
using PrekeyId = FixedBytes<struct PrekeyIdTag, 8>;
/// Lets whoever has it leave envelopes in one device's mailbox. A secret between that device and those it gave it to.
using RelayToken = FixedBytes<struct RelayTokenTag, 16>;
/// Gives an account at a relay.
using RelayInvite = FixedBytes<struct RelayInviteTag, 16>;

/// Changes when a relay's database is restored: numbers and counters of another epoch mean nothing. 0 is none.
using RelayEpoch = std::uint64_t;
/// Position in a mailbox, from 1; 0 stands for "before the first".
using MailboxNumber = std::uint64_t;
/// Numbers a device's deposits, over all relays; growing, never used twice.
using DepositCounter = std::uint64_t;

/// Position of an entry in its author's timeline: 1, 2, 3 … without gaps. 0 stands for "before the first".
using EntryNumber = std::uint64_t;

/// Names one entry within a conversation.
struct EntryRef {
    DeviceId author;
    EntryNumber number = 0;

    friend auto operator<=>(const EntryRef&, const EntryRef&) = default;
};

/// Names one entry anywhere.
struct GlobalEntryRef {
    ConversationId conversation;
    EntryRef entry;

    friend auto operator<=>(const GlobalEntryRef&, const GlobalEntryRef&) = default;
};

}  // namespace landline
