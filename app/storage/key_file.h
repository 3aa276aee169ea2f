#pragma once

#include "app/storage/key_file_format.h"
#include "p2p/base/expected.h"

/// The key file with its passphrase and with errors that people can read; its bytes are key_file_format.h's.
namespace landline::app::key_file {

/// Derives a new seal (Argon2id, moderate: 256 MiB and about a second). Fails with Full if there is no memory for it.
[[nodiscard]] Expected<SealKey> makeSeal(const std::string& passphrase, Random& random);

struct Opened {
    KeyFileContent content;
    std::optional<SealKey> seal;
};
/// Fails with Malformed (with what is wrong), VersionMismatch (a newer program's), Locked (a passphrase is needed, or
/// `passphrase` is wrong), Full.
[[nodiscard]] Expected<Opened> decode(ByteView bytes, const std::string& passphrase);

}  // namespace landline::app::key_file
