#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/random.h"
#include "p2p/base/secret.h"
#include "p2p/identity/certificate.h"

#include <optional>
#include <string>
#include <variant>

namespace landline::app {

/// Where a key file was written. Another place of reading means a copy: inode and birth change with a copy and with a
/// restored backup, the machine with a copied disk.
struct KeyFilePlace {
    Hash256 machine;          ///< digest of the machine's id; zero where there is none
    std::uint64_t inode = 0;  ///< 0 where the file system invents them at every mount
    std::uint64_t birth = 0;  ///< unix milliseconds; 0 where the file system does not keep it

    friend bool operator==(const KeyFilePlace&, const KeyFilePlace&) = default;
};

/// What landline.keys holds.
struct KeyFileContent {
    Secret<32> personSeed;
    Secret<32> deviceSeed;
    Secret<32> noiseSecret;
    Bytes certificate;  ///< identity::Certificate::kBytes
    KeyFilePlace place;
    bool bound = false;  ///< the device key belongs to a database already
    std::string name;    ///< as given when the profile was made
};

/// The key that a passphrase gives, with what is needed to derive it again. Kept while the profile is open, so that the
/// file can be written again without asking.
struct SealKey {
    std::array<std::uint8_t, 16> salt{};
    std::uint64_t operations = 0;
    std::uint64_t memory = 0;
    Secret<32> key;
};

/// The format of landline.keys, version 1. Integers are big-endian.
///
///     magic "landkeys" 8 | version 1 | sealed 1
///     open:    body 459 | SHA-256 of all before 32
///     sealed:  salt 16 | Argon2id operations 8 | memory 8 | nonce 24 | XChaCha20-Poly1305(body) 475
///
/// With everything before the ciphertext as associated data. The body: person seed 32 | device seed 32 | noise secret 32 |
/// certificate 233 | machine 32 | inode 8 | birth 8 | bound 1 | name's length 1 | name, filled with zeros 64 | zeros 16.
namespace key_file {

enum class Fault {
    NoKeyFile,     ///< begins otherwise
    NewerVersion,  ///< of a program that is newer than this one
    NoSealMark,    ///< says neither that it is sealed nor that it is not
    WrongLength,
    WrongChecksum,
    SealOutOfRange,  ///< asks for less than Argon2id can do, or for more than this program ever does
    NameTooLong,
    WrongKey,  ///< or changed since it was sealed
};

/// The content of an open file; of a sealed one how its key is derived, with the key still empty.
[[nodiscard]] std::variant<KeyFileContent, SealKey, Fault> parse(ByteView bytes);
/// Opens what `parse` found to be sealed.
[[nodiscard]] std::variant<KeyFileContent, Fault> unseal(ByteView bytes, const SealKey& seal);
/// Sealed if there is a seal; its key is derived already.
[[nodiscard]] Bytes encode(const KeyFileContent& content, const SealKey* seal, Random& random);

}  // namespace key_file

}  // namespace landline::app
