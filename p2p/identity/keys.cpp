#include "p2p/identity/keys.h"

#include <sodium.h>

namespace landline::identity {

namespace {

Bytes withContext(std::string_view context, ByteView message) {
    Bytes whole;
    whole.reserve(context.size() + message.size());
    append(whole, viewOf(context));
    append(whole, message);
    return whole;
}

}  // namespace

SigningKey SigningKey::generate(Random& random) {
    Secret<32> seed;
    random.fill(seed.span());
    return fromSeed(seed);
}

SigningKey SigningKey::fromSeed(const Secret<32>& seed) {
    SigningKey key;
    crypto_sign_seed_keypair(key.m_public.data(), key.m_secret.data(), seed.data());
    return key;
}

Secret<32> SigningKey::seed() const {
    Secret<32> seed;
    crypto_sign_ed25519_sk_to_seed(seed.data(), m_secret.data());
    return seed;
}

Signature SigningKey::sign(std::string_view context, ByteView message) const {
    const Bytes whole = withContext(context, message);
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, whole.data(), whole.size(), m_secret.data());
    return signature;
}

bool verify(ByteView publicKey, std::string_view context, ByteView message, const Signature& signature) {
    if (publicKey.size() != crypto_sign_PUBLICKEYBYTES) return false;
    const Bytes whole = withContext(context, message);
    return crypto_sign_verify_detached(signature.data(), whole.data(), whole.size(), publicKey.data()) == 0;
}

NoiseKeyPair NoiseKeyPair::generate(Random& random) {
    Secret<32> secret;
    random.fill(secret.span());
    return fromSecret(secret);
}

NoiseKeyPair NoiseKeyPair::fromSecret(const Secret<32>& secret) {
    NoiseKeyPair pair{secret.clone(), {}};
    crypto_scalarmult_base(pair.publicKey.data(), pair.secret.data());
    return pair;
}

DeviceKeys DeviceKeys::generate(Random& random) {
    return {SigningKey::generate(random), NoiseKeyPair::generate(random)};
}

}  // namespace landline::identity
