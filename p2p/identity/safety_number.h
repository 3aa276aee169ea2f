#pragma once

#include "p2p/base/ids.h"

#include <string>

namespace landline::identity {

/// 60 decimal digits that two persons compare, the same on both sides: 12 groups of 5, each the value modulo 100,000
/// of 5 bytes (big-endian) of SHA-256(m || 0) || SHA-256(m || 1), where m is "landline safety number v1\n" and both person
/// keys in byte order. PROTOCOL.md, "Safety number".
[[nodiscard]] std::string safetyNumber(const PersonId& a, const PersonId& b);

/// What the QR code holds: "landline-verify:1:" and the digits.
[[nodiscard]] std::string safetyNumberQr(const PersonId& a, const PersonId& b);

/// A short form of a key for people to tell keys apart: the first 8 bytes in hexadecimal, in groups of four digits.
[[nodiscard]] std::string fingerprint(ByteView key);

}  // namespace landline::identity
