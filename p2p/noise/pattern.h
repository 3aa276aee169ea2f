#pragma once

#include <span>
#include <string_view>

namespace landline::noise {

/// What a handshake message is made of (Noise specification, section 7.1).
enum class Token { E, S, Ee, Es, Se, Ss };

/// A handshake pattern as a table: its messages in turn, the initiator's first.
struct Pattern {
    std::string_view name;
    std::span<const std::span<const Token>> messages;
    bool responderStaticKnown = false;  ///< the pre-message "<- s"
    bool oneWay = false;                ///< transport messages only from the initiator (section 7.4)
};

/// Both sides send their static keys inside the handshake: sessions.
extern const Pattern kPatternXX;
/// One message to a recipient whose key is known: sealed envelopes.
extern const Pattern kPatternX;

}  // namespace landline::noise
