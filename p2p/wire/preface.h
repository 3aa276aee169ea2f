#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/expected.h"

#include <array>
#include <cstdint>

namespace landline::wire {

/// What a connection is for.
enum class Purpose : std::uint8_t { Refused = 0, Conversation = 1, Bulk = 2, Relay = 3 };
/// The cipher suite of the handshake that follows.
enum class Suite : std::uint8_t { ChaChaPoly = 1, AesGcm = 2 };

inline constexpr std::uint8_t kMajorVersion = 1;
inline constexpr std::uint8_t kMinorVersion = 2;
/// The first one that knows bundles, listings and checks of what is held, and answers more than one request.
inline constexpr std::uint8_t kMinorWithBundles = 1;

/// The eight bytes that open a connection, in both directions; the dialler's are the handshake's prologue.
///
///     magic "LNDL" 4 | major version 1 | purpose 1 | suite 1 | reserved 1 (0)
///
/// The responder answers with its own before its first handshake message. Where it cannot go on it answers with
/// purpose Refused and its own major version, and closes: so each side can name both versions.
struct Preface {
    static constexpr std::size_t kBytes = 8;

    std::uint8_t major = kMajorVersion;
    Purpose purpose = Purpose::Conversation;
    Suite suite = Suite::ChaChaPoly;

    [[nodiscard]] std::array<std::uint8_t, kBytes> encode() const;
    /// Fails with Malformed (no Landline program) only; whether version, purpose and suite suit is the session's to
    /// say. `bytes` holds kBytes.
    [[nodiscard]] static Expected<Preface> parse(ByteView bytes);

    friend bool operator==(const Preface&, const Preface&) = default;
};

}  // namespace landline::wire
