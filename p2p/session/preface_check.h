#pragma once

#include "p2p/session/refusal.h"
#include "p2p/wire/preface.h"

namespace landline::session {

/// Whether a responder goes on with what a dialler asked for. A relay's listener takes Relay alone, any other
/// takes Conversation and Bulk; AES-GCM is for Bulk, where `hasAes`.
[[nodiscard]] std::optional<Refusal> checkDialled(const wire::Preface& theirs, bool relayListener,
                                                  bool hasAes);
/// Whether a dialler goes on with the answer to what it `asked`.
[[nodiscard]] std::optional<Refusal> checkAnswer(const wire::Preface& theirs, const wire::Preface& asked);
/// What a responder answers before it ends.
[[nodiscard]] inline wire::Preface refusedPreface() {
    return {wire::kMajorVersion, wire::Purpose::Refused, wire::Suite::ChaChaPoly};
}

}  // namespace landline::session
