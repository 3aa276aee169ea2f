#pragma once

#include "p2p/base/expected.h"
#include "p2p/wire/relay_messages.h"

namespace landline::pb {
class RelayAccess;
class RelayFrame;
}  // namespace landline::pb

/// For this module's own sources.
namespace landline::wire::detail {

void writeRelayFrame(const relay::Frame& frame, pb::RelayFrame* out);
/// Fails with Malformed: an id of the wrong length, a part over its limit, a request without a number.
[[nodiscard]] Expected<relay::Frame> readRelayFrame(const pb::RelayFrame& in);

void writeAccess(const RelayAccess& access, pb::RelayAccess* out);
[[nodiscard]] bool readAccess(const pb::RelayAccess& in, RelayAccess& access);

}  // namespace landline::wire::detail
