#pragma once

#include "p2p/envelope/prekey.h"
#include "p2p/noise/dh.h"
#include "p2p/wire/envelope_content.h"

#include <span>
#include <vector>

/// What devices leave for each other at relays: one body for all recipients, and a seal of 128 bytes for each that opens it
/// (PROTOCOL.md, "Envelopes").
namespace landline::envelope {

/// Length of the body for a content of so many bytes: its size class and the AEAD's tag. `contentBytes` is at most
/// kMostContent.
[[nodiscard]] std::size_t bodyBytes(std::size_t contentBytes);
/// The longest content that a body can hold.
extern const std::size_t kMostContent;

struct Sealed {
    Bytes body;
    std::vector<Bytes> seals;  ///< in the order of the prekeys
};

/// Seals `content` to `prekeys` in the name of the device with `depositor`. Fails with TooLarge where it does not fit (see
/// Packing), and with WrongKey for a prekey that is no key.
[[nodiscard]] Expected<Sealed> seal(const wire::EnvelopeContent& content, std::span<const NoiseKey> prekeys,
                                    const identity::NoiseKeyPair& depositor, Random& random);

struct Opened {
    NoiseKey depositor;  ///< proven: only the device with this key can have sealed it
    wire::EnvelopeContent content;
};

/// Opens an envelope with the prekey that it names. Costs two operations on the curve and one pass over the body, whatever
/// it holds. Fails with Malformed for a length that no envelope has, with BadSignature where it was altered or sealed to
/// another key, and with Malformed or TooLarge where its depositor filled it wrongly.
[[nodiscard]] Expected<Opened> open(ByteView seal, Bytes body, const noise::KeyPair& prekey);

/// The statement of heads in an envelope, if its device signed it. Fails with Malformed or BadSignature.
[[nodiscard]] Expected<wire::HeadsStatement> verifiedHeads(const wire::SignedHeads& heads);
[[nodiscard]] wire::SignedHeads signHeads(const wire::HeadsStatement& statement,
                                          const identity::SigningKey& device);

}  // namespace landline::envelope
