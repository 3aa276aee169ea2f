#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/secret.h"

#include <cassert>
#include <memory>
#include <string_view>

namespace landline::noise {

using SymmetricKey = Secret<32>;

/// The ciphers of the suites that the project speaks (Noise specification, section 12).
enum class Cipher { ChaChaPoly, AesGcm };

/// What is sealed, in up to two parts that need not lie side by side, and room for the tag.
struct OpenBox {
    std::span<std::uint8_t> head;
    std::span<std::uint8_t> body;
    std::span<std::uint8_t> tag;  ///< Aead::kTagBytes
};

/// A keyed AEAD with a 64-bit nonce and a 16-byte tag (section 4.2). It works in place. Owned by one CipherState; its key
/// is wiped with it.
class Aead {
public:
    static constexpr std::size_t kTagBytes = 16;

    virtual ~Aead() = default;
    virtual void setKey(const SymmetricKey& key) = 0;
    /// Turns head and body into ciphertext, as if one followed the other, and writes the tag.
    virtual void seal(std::uint64_t nonce, ByteView associated, const OpenBox& box) = 0;
    /// The reverse, of ciphertext with the tag behind it. False, and `box` is of no use any more, if the tag does not
    /// fit.
    [[nodiscard]] virtual bool open(std::uint64_t nonce, ByteView associated,
                                    std::span<std::uint8_t> box) = 0;

    /// `box` is the text with kTagBytes behind it.
    void seal(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) {
        assert(box.size() >= kTagBytes);
        seal(nonce, associated, {box.first(box.size() - kTagBytes), {}, box.last(kTagBytes)});
    }
};

/// False on a processor without AES instructions: there ChaCha20 is faster, and AES may leak its key by its timing.
[[nodiscard]] bool aesGcmAvailable();
/// As the Noise specification writes it in a protocol's name.
[[nodiscard]] std::string_view nameOf(Cipher cipher);
/// A new AEAD without a key. Asking for AES-GCM where it is not available is a defect.
[[nodiscard]] std::unique_ptr<Aead> makeAead(Cipher cipher);

}  // namespace landline::noise
