#include "p2p/noise/aead.h"

#include "p2p/base/random.h"

#include <sodium.h>

#include <cassert>

namespace landline::noise {

namespace {

using Nonce = std::array<std::uint8_t, 12>;

/// The box cut into what is encrypted and its tag.
struct Parts {
    explicit Parts(std::span<std::uint8_t> box)
        : text(box.first(box.size() - Aead::kTagBytes)), tag(box.last(Aead::kTagBytes)) {}
    std::span<std::uint8_t> text;
    std::span<std::uint8_t> tag;
};

class ChaChaPoly final : public Aead {
public:
    void setKey(const SymmetricKey& key) override { m_key = key.clone(); }

    void seal(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) override {
        const Parts parts(box);
        const Nonce full = expand(nonce);
        crypto_aead_chacha20poly1305_ietf_encrypt_detached(
            parts.text.data(), parts.tag.data(), nullptr, parts.text.data(), parts.text.size(),
            associated.data(), associated.size(), nullptr, full.data(), m_key.data());
    }

    bool open(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) override {
        if (box.size() < kTagBytes) return false;
        const Parts parts(box);
        const Nonce full = expand(nonce);
        return crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                   parts.text.data(), nullptr, parts.text.data(), parts.text.size(), parts.tag.data(),
                   associated.data(), associated.size(), full.data(), m_key.data()) == 0;
    }

private:
    /// Four zero bytes and the nonce, little-endian.
    static Nonce expand(std::uint64_t nonce) {
        Nonce full{};
        for (std::size_t i = 0; i < 8; ++i) full[4 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
        return full;
    }

    SymmetricKey m_key;
};

/// Keeps the expanded key schedule: expanding it for every frame would cost more than the frame.
class AesGcm final : public Aead {
public:
    AesGcm() = default;
    AesGcm(const AesGcm&) = delete;
    AesGcm& operator=(const AesGcm&) = delete;
    ~AesGcm() override { sodium_memzero(&m_schedule, sizeof m_schedule); }

    void setKey(const SymmetricKey& key) override { crypto_aead_aes256gcm_beforenm(&m_schedule, key.data()); }

    void seal(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) override {
        const Parts parts(box);
        const Nonce full = expand(nonce);
        crypto_aead_aes256gcm_encrypt_detached_afternm(
            parts.text.data(), parts.tag.data(), nullptr, parts.text.data(), parts.text.size(),
            associated.data(), associated.size(), nullptr, full.data(), &m_schedule);
    }

    bool open(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) override {
        if (box.size() < kTagBytes) return false;
        const Parts parts(box);
        const Nonce full = expand(nonce);
        return crypto_aead_aes256gcm_decrypt_detached_afternm(
                   parts.text.data(), nullptr, parts.text.data(), parts.text.size(), parts.tag.data(),
                   associated.data(), associated.size(), full.data(), &m_schedule) == 0;
    }

private:
    /// Four zero bytes and the nonce, big-endian.
    static Nonce expand(std::uint64_t nonce) {
        Nonce full{};
        storeBe64(full.data() + 4, nonce);
        return full;
    }

    crypto_aead_aes256gcm_state m_schedule{};
};

}  // namespace

bool aesGcmAvailable() {
    initCrypto();
    return crypto_aead_aes256gcm_is_available() == 1;
}

std::string_view nameOf(Cipher cipher) {
    switch (cipher) {
        case Cipher::ChaChaPoly:
            return "ChaChaPoly";
        case Cipher::AesGcm:
            return "AESGCM";
    }
    return {};
}

std::unique_ptr<Aead> makeAead(Cipher cipher) {
    switch (cipher) {
        case Cipher::ChaChaPoly:
            return std::make_unique<ChaChaPoly>();
        case Cipher::AesGcm:
            assert(aesGcmAvailable());
            return std::make_unique<AesGcm>();
    }
    return nullptr;
}

}  // namespace landline::noise
