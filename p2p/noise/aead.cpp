#include "p2p/noise/aead.h"

#include "p2p/base/random.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>

namespace landline::noise {

namespace {

using Nonce = std::array<std::uint8_t, 12>;

/// What cannot fail but for want of memory. Going on would send what is not encrypted.
void must(int done) {
    if (done == 1) return;
    std::fputs("Landline has to stop: libcrypto refused to encrypt.\n", stderr);
    std::abort();
}

/// Four zero bytes and the nonce, in the byte order of the suite (Noise specification, section 12).
Nonce expand(Cipher cipher, std::uint64_t nonce) {
    Nonce full{};
    if (cipher == Cipher::AesGcm)
        storeBe64(full.data() + 4, nonce);
    else
        for (std::size_t i = 0; i < 8; ++i) full[4 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
    return full;
}

int length(std::span<const std::uint8_t> bytes) {
    return static_cast<int>(bytes.size());
}

/// In a library context of its own: the system's configuration of libcrypto may offer none of these ciphers, or only some,
/// and without them no connection could be made. Kept until the program ends.
const EVP_CIPHER* fetch(Cipher cipher) {
    struct Ciphers {
        OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
        const EVP_CIPHER* const chaCha = EVP_CIPHER_fetch(context, "ChaCha20-Poly1305", nullptr);
        const EVP_CIPHER* const aes = EVP_CIPHER_fetch(context, "AES-256-GCM", nullptr);
    };
    static const Ciphers ciphers;
    const EVP_CIPHER* const found = cipher == Cipher::AesGcm ? ciphers.aes : ciphers.chaCha;
    must(ciphers.context != nullptr && found != nullptr ? 1 : 0);
    return found;
}

/// Of libcrypto, which is twice as fast as libsodium for AES-GCM and takes a text in parts. The context with the expanded
/// key is kept: making it for every frame would cost more than a small frame.
class CryptoAead final : public Aead {
public:
    explicit CryptoAead(Cipher cipher) : m_cipher(cipher), m_context(EVP_CIPHER_CTX_new()) {
        must(m_context != nullptr ? 1 : 0);
    }

    void setKey(const SymmetricKey& key) override {
        must(EVP_CipherInit_ex(m_context.get(), fetch(m_cipher), nullptr, key.data(), nullptr, 1));
    }

    using Aead::seal;
    void seal(std::uint64_t nonce, ByteView associated, const OpenBox& box) override {
        assert(box.tag.size() == kTagBytes);
        start(nonce, associated, 1);
        must(run(box.head));
        must(run(box.body));
        int none = 0;
        must(EVP_CipherFinal_ex(m_context.get(), box.tag.data(), &none));
        must(EVP_CIPHER_CTX_ctrl(m_context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, box.tag.data()));
    }

    bool open(std::uint64_t nonce, ByteView associated, std::span<std::uint8_t> box) override {
        if (box.size() < kTagBytes) return false;
        const std::span<std::uint8_t> tag = box.last(kTagBytes);
        start(nonce, associated, 0);
        must(EVP_CIPHER_CTX_ctrl(m_context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()));
        must(run(box.first(box.size() - kTagBytes)));
        int none = 0;
        std::array<std::uint8_t, kTagBytes> rest{};  // of a stream cipher nothing
        return EVP_CipherFinal_ex(m_context.get(), rest.data(), &none) == 1;
    }

private:
    void start(std::uint64_t nonce, ByteView associated, int sealing) {
        const Nonce full = expand(m_cipher, nonce);
        must(EVP_CipherInit_ex(m_context.get(), nullptr, nullptr, nullptr, full.data(), sealing));
        int done = 0;
        if (!associated.empty())
            must(EVP_CipherUpdate(m_context.get(), nullptr, &done, associated.data(), length(associated)));
    }

    int run(std::span<std::uint8_t> text) {
        int done = 0;
        return text.empty()
                   ? 1
                   : EVP_CipherUpdate(m_context.get(), text.data(), &done, text.data(), length(text));
    }

    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // and wipes
    };
    Cipher m_cipher;
    std::unique_ptr<EVP_CIPHER_CTX, Free> m_context;
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
    assert(cipher == Cipher::ChaChaPoly || aesGcmAvailable());
    return std::make_unique<CryptoAead>(cipher);
}

}  // namespace landline::noise
