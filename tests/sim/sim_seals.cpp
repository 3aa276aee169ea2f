#include "tests/sim/sim_seals.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

namespace landline::sim {

namespace {

/// Depositor 32 | prekey 32 | digest of the body 32 | zeros.
Bytes standInSeal(const NoiseKey& depositor, const NoiseKey& prekey, ByteView body) {
    Bytes seal;
    append(seal, depositor.view());
    append(seal, prekey.view());
    append(seal, sha256(body).view());
    seal.resize(limits::kSeal);
    return seal;
}

}  // namespace

envelope::Sealed SimSeals::seal(const wire::EnvelopeContent& content, const std::vector<NoiseKey>& prekeys,
                                const identity::NoiseKeyPair& depositor, Random& random) const {
    if (m_isReal) return envelope::seal(content, prekeys, depositor, random).value();
    envelope::Sealed sealed{wire::encodeEnvelopeContent(content), {}};
    for (const NoiseKey& prekey : prekeys)
        sealed.seals.push_back(standInSeal(depositor.publicKey, prekey, sealed.body));
    return sealed;
}

Expected<envelope::Opened> SimSeals::open(ByteView seal, const Bytes& body,
                                          const noise::KeyPair& prekey) const {
    if (m_isReal) return envelope::open(seal, body, prekey);
    const auto depositor = NoiseKey::from(seal.first(NoiseKey::kSize));
    if (!depositor || standInSeal(*depositor, prekey.publicKey, body) != toBytes(seal))
        return Unexpected(ErrorCode::BadSignature, "An envelope does not open.");
    auto content = wire::parseEnvelopeContent(body);
    if (!content) return Unexpected(content.error());
    return envelope::Opened{*depositor, *std::move(content)};
}

}  // namespace landline::sim
