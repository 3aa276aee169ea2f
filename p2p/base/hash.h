#pragma once

#include "p2p/base/ids.h"

#include <initializer_list>

namespace landline {

/// SHA-256 (FIPS 180-4) over the concatenation of `parts`.
[[nodiscard]] Hash256 sha256(std::initializer_list<ByteView> parts);
[[nodiscard]] inline Hash256 sha256(ByteView bytes) { return sha256({bytes}); }

/// BLAKE2b with 32 bytes of digest and no key (RFC 7693): faster than SHA-256 on whole files.
[[nodiscard]] ChunkDigest chunkDigest(ByteView bytes);

/// The first 16 bytes.
[[nodiscard]] Hash128 truncated(const Hash256& hash);

}  // namespace landline
