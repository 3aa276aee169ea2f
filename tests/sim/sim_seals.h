#pragma once

#include "p2p/envelope/sealing.h"
#include "tests/support/seeded_random.h"

namespace landline::sim {

/// Sealing for a simulation: the real one, or one of the same shape that costs nothing. Of that a seal is as long, names the
/// depositor, and opens this body with this prekey only; it keeps nothing secret and proves nothing.
class SimSeals {
public:
    explicit SimSeals(bool isReal) : m_isReal(isReal) {}

    [[nodiscard]] envelope::Sealed seal(const wire::EnvelopeContent& content,
                                        const std::vector<NoiseKey>& prekeys,
                                        const identity::NoiseKeyPair& depositor, Random& random) const;
    [[nodiscard]] Expected<envelope::Opened> open(ByteView seal, const Bytes& body,
                                                  const noise::KeyPair& prekey) const;

private:
    bool m_isReal;
};

}  // namespace landline::sim
