#include "p2p/base/hash.h"

#include <sodium.h>

namespace landline {

Hash256 sha256(std::initializer_list<ByteView> parts) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (const ByteView part : parts) crypto_hash_sha256_update(&state, part.data(), part.size());
    Hash256 hash;
    crypto_hash_sha256_final(&state, hash.data());
    return hash;
}

ChunkDigest chunkDigest(ByteView bytes) {
    ChunkDigest digest;
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
    return digest;
}

Hash128 truncated(const Hash256& hash) {
    Hash128 result;
    std::memcpy(result.data(), hash.data(), Hash128::kSize);
    return result;
}

}  // namespace landline
