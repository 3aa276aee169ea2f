#pragma once

#include "p2p/identity/certificate.h"

#include <string>

namespace landline::relay {

/// By which clients know the relay: they are given its Noise key with its URL. The person in its certificate means nothing.
struct RelayKeys {
    identity::DeviceKeys device;
    identity::Certificate certificate;
};

/// The key file, of mode 0600:
///
///     magic "landrlay" 8 | version 1 | device seed 32 | noise secret 32 | certificate 233 | SHA-256 of all before 32
///
/// Makes new keys: after a crash there is the whole file or none. For the holder of the folder's lock (StoreFolder), since two
/// at once would each replace what the other made. Fails with InvalidArgument where the file exists already, and Disk.
[[nodiscard]] Expected<RelayKeys> makeRelayKeys(const std::string& path, Random& random, WallTime now);
/// Fails with NotFound, Malformed, VersionMismatch and Disk, in words for the operator.
[[nodiscard]] Expected<RelayKeys> readRelayKeys(const std::string& path);

}  // namespace landline::relay
