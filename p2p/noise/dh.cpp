#include "p2p/noise/dh.h"

namespace landline::noise {

KeyPair KeyPair::generate(Random& random) {
    Secret<32> secret;
    random.fill(secret.span());
    return fromSecret(std::move(secret));
}

KeyPair KeyPair::fromSecret(Secret<32> secret) {
    KeyPair pair{std::move(secret), {}};
    crypto_scalarmult_base(pair.publicKey.data(), pair.secret.data());
    return pair;
}

Expected<Secret<32>> dh(const KeyPair& pair, const NoiseKey& publicKey) {
    Secret<32> shared;
    if (crypto_scalarmult(shared.data(), pair.secret.data(), publicKey.data()) != 0)
        return Unexpected(ErrorCode::WrongKey, "The other side's key is one that gives no secret.");
    return shared;
}

}  // namespace landline::noise
