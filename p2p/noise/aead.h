#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/secret.h"

#include <memory>
#include <string_view>

namespace landline::noise {

using SymmetricKey = Secret<32>;

/// The ciphers of the suites that the project speaks (Noise specification, section 12).
enum class Cipher { ChaChaPoly, AesGcm };

/// A keyed AEAD with a 64-bit nonce and a 16-byte tag (section 4.2). It works in place: `box` is the text
/// with kTagBytes behind it. Owned by one CipherState; its key is wiped with it.
class Aead {
public:
    static constexpr std::size_t kTagBytes = 16;

    virtual ~Aead() = default;
    virtual void setKey(const SymmetricKey& key) = 0;
    /// Turns text and room for the tag into ciphertext and tag. `box` holds kTagBytes at least.
    virtual void seal(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) = 0;
    /// The reverse. False, and `box` is of no use any more, if the tag does not fit.
    [[nodiscard]] virtual bool open(std::uint64_t nonce, ByteView associated,
                                    std::span<std::uint8_t> box) = 0;
};

/// False on a processor without AES instructions: libsodium has no software AES-GCM, and neither have we.
[[nodiscard]] bool aesGcmAvailable();
/// As the Noise specification writes it in a protocol's name.
[[nodiscard]] std::string_view nameOf(Cipher cipher);
/// A new AEAD without a key. Asking for AES-GCM where it is not available is a defect.
[[nodiscard]] std::unique_ptr<Aead> makeAead(Cipher cipher);

}  // namespace landline::noise
