#include "p2p/base/random.h"
#include "p2p/noise/cipher_state.h"
#include "p2p/noise/symmetric_state.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

namespace landline::noise {
namespace {

constexpr std::uint64_t kLastNonce = ~std::uint64_t{0} - 1;

/// Computed with Python's cryptography package: key 00 01 … 1f, nonces 0 and, after REKEY, 1.
struct KnownAnswer {
    Cipher cipher;
    const char* before;
    const char* afterRekey;
};
const KnownAnswer kKnownAnswers[] = {
    {Cipher::ChaChaPoly, "7add245edf8369a54165dfb171d5d0272eb11d585ea4",
     "591348e4064d281c974bfd64808ee654fcd9682db6"},
    {Cipher::AesGcm, "6cd9d3b1c749c164c79c46303f50fe44fce998367a36",
     "1b7d5856f8cb19f55a26a71d765f3d220a8107a51b"},
};

SymmetricKey countingKey() {
    SymmetricKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key.data()[i] = static_cast<std::uint8_t>(i);
    return key;
}

Bytes sealedOf(std::string_view text) {
    Bytes box = toBytes(viewOf(text));
    box.resize(box.size() + Aead::kTagBytes);
    return box;
}

class CipherStateTest : public ::testing::TestWithParam<KnownAnswer> {
protected:
    void SetUp() override {
        initCrypto();
        if (GetParam().cipher == Cipher::AesGcm && !aesGcmAvailable()) GTEST_SKIP() << "no AES instructions";
    }
    CipherState make() const { return CipherState(GetParam().cipher, countingKey()); }
};

TEST_P(CipherStateTest, givesTheKnownBytesBeforeAndAfterRekey) {
    CipherState sender = make();
    CipherState receiver = make();
    Bytes box = sealedOf("before");
    ASSERT_TRUE(sender.encrypt(viewOf("ad"), box));
    EXPECT_EQ(toHex(box), GetParam().before);
    ASSERT_TRUE(receiver.decrypt(viewOf("ad"), box));

    sender.rekey();
    receiver.rekey();
    box = sealedOf("after");
    ASSERT_TRUE(sender.encrypt(viewOf("ad"), box));
    EXPECT_EQ(toHex(box), GetParam().afterRekey);
    const auto text = receiver.decrypt(viewOf("ad"), box);
    ASSERT_TRUE(text);
    EXPECT_EQ(toString(*text), "after");
}

TEST_P(CipherStateTest, refusesAnyChangedByteAndKeepsItsNonce) {
    CipherState sender = make();
    CipherState receiver = make();
    Bytes box = sealedOf("text");
    ASSERT_TRUE(sender.encrypt(viewOf("ad"), box));
    for (std::size_t i = 0; i < box.size(); ++i) {
        Bytes changed = box;
        changed[i] ^= 0x01;
        const auto opened = receiver.decrypt(viewOf("ad"), changed);
        ASSERT_FALSE(opened) << "byte " << i;
        EXPECT_EQ(opened.error().code, ErrorCode::BadSignature);
    }
    Bytes copy = box;
    EXPECT_FALSE(receiver.decrypt(viewOf("AD"), copy));
    EXPECT_EQ(receiver.nonce(), 0U);
    EXPECT_TRUE(receiver.decrypt(viewOf("ad"), box));
    EXPECT_EQ(receiver.nonce(), 1U);
}

TEST_P(CipherStateTest, refusesABoxShorterThanItsTag) {
    CipherState receiver = make();
    for (std::size_t length = 0; length < Aead::kTagBytes; ++length) {
        Bytes box(length);
        const auto opened = receiver.decrypt({}, box);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::Malformed);
    }
}

TEST_P(CipherStateTest, refusesToGoOnWhenNoncesAreUsedUp) {
    CipherState sender = make();
    CipherState receiver = make();
    sender.setNonce(kLastNonce);
    receiver.setNonce(kLastNonce);
    Bytes box = sealedOf("last");
    EXPECT_TRUE(sender.encrypt({}, box));
    EXPECT_TRUE(receiver.decrypt({}, box));
    Bytes next = sealedOf("over");
    const Bytes untouched = next;
    EXPECT_FALSE(sender.encrypt({}, next));
    EXPECT_EQ(next, untouched);
    EXPECT_FALSE(receiver.decrypt({}, next));
}

TEST_P(CipherStateTest, opensOnlyTheNextMessage) {
    CipherState sender = make();
    CipherState receiver = make();
    Bytes first = sealedOf("1");
    Bytes second = sealedOf("2");
    ASSERT_TRUE(sender.encrypt({}, first));
    ASSERT_TRUE(sender.encrypt({}, second));
    Bytes early = second;
    EXPECT_FALSE(receiver.decrypt({}, early));
    Bytes copy = first;
    EXPECT_TRUE(receiver.decrypt({}, first));
    EXPECT_FALSE(receiver.decrypt({}, copy));
    EXPECT_TRUE(receiver.decrypt({}, second));
}

INSTANTIATE_TEST_SUITE_P(BothCiphers, CipherStateTest, ::testing::ValuesIn(kKnownAnswers),
                         [](const auto& one) { return std::string(nameOf(one.param.cipher)); });

/// Test cases 13 and 14 of GCM's specification as submitted to NIST: a key and an IV of zeros, the only kind of IV there
/// that one of our nonces gives.
struct NistCase {
    std::size_t text;
    const char* box;
};
const NistCase kNistCases[] = {
    {0, "530f8afbc74536b9a963b4f1c4cb738b"},
    {16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
};

TEST(AesGcm, givesTheBytesOfTheSpecificationsTestCases) {
    if (!aesGcmAvailable()) GTEST_SKIP() << "no AES instructions";
    const auto aead = makeAead(Cipher::AesGcm);
    aead->setKey(SymmetricKey());
    for (const NistCase& one : kNistCases) {
        Bytes box(one.text + Aead::kTagBytes);
        aead->seal(0, {}, box);
        EXPECT_EQ(toHex(box), one.box);
        EXPECT_TRUE(aead->open(0, {}, box));
        EXPECT_EQ(toHex(ByteView(box).first(one.text)), toHex(Bytes(one.text)));
    }
}

Bytes textOf(std::size_t bytes) {
    Bytes text(bytes);
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
    return text;
}

/// With the other library's functions, of which one wants the nonce's bytes in the one order and one in the other.
Bytes sealedBySodium(Cipher cipher, std::uint8_t nonce, ByteView associated, ByteView text) {
    std::array<std::uint8_t, 12> full{};
    full[cipher == Cipher::AesGcm ? 11 : 4] = nonce;
    const SymmetricKey key = countingKey();
    Bytes box(text.size() + Aead::kTagBytes);
    const auto encrypt =
        cipher == Cipher::AesGcm ? crypto_aead_aes256gcm_encrypt : crypto_aead_chacha20poly1305_ietf_encrypt;
    encrypt(box.data(), nullptr, text.data(), text.size(), associated.data(), associated.size(), nullptr,
            full.data(), key.data());
    return box;
}

const std::size_t kLengths[] = {0, 1, 15, 16, 17, 63, 64, 65, 255, 1000, 4096, 61440, 65519};

class AeadTest : public ::testing::TestWithParam<Cipher> {
protected:
    void SetUp() override {
        initCrypto();
        if (GetParam() == Cipher::AesGcm && !aesGcmAvailable()) GTEST_SKIP() << "no AES instructions";
        m_aead = makeAead(GetParam());
        m_aead->setKey(countingKey());
    }
    std::unique_ptr<Aead> m_aead;
};

TEST_P(AeadTest, isTheSameAsLibsodiumsAtEveryLength) {
    std::uint8_t nonce = 0;
    for (const std::size_t length : kLengths) {
        const Bytes text = textOf(length);
        const Bytes other = sealedBySodium(GetParam(), nonce, viewOf("ad"), text);
        Bytes box = text;
        box.resize(length + Aead::kTagBytes);
        m_aead->seal(nonce, viewOf("ad"), box);
        EXPECT_EQ(box, other) << length;
        EXPECT_TRUE(m_aead->open(nonce, viewOf("ad"), box)) << length;
        box.resize(length);
        EXPECT_EQ(box, text) << length;
        ++nonce;
    }
}

TEST_P(AeadTest, sealsTwoPartsAsOneText) {
    for (const std::size_t length : kLengths) {
        for (const std::size_t cut : {std::size_t(0), std::min<std::size_t>(length, 13), length}) {
            Bytes whole = textOf(length);
            whole.resize(length + Aead::kTagBytes);
            Bytes head = textOf(length);
            Bytes body(head.begin() + static_cast<std::ptrdiff_t>(cut), head.end());
            head.resize(cut);
            Bytes tag(Aead::kTagBytes);
            m_aead->seal(5, {}, whole);
            m_aead->seal(5, {}, {head, body, tag});
            append(head, body);
            append(head, tag);
            EXPECT_EQ(head, whole) << length << " cut at " << cut;
        }
    }
}

TEST_P(AeadTest, refusesAChangeInAnyPartOfALongText) {
    Bytes box = textOf(60'000);
    m_aead->seal(1, {}, box);
    for (const std::size_t at : {std::size_t(0), std::size_t(31'007), box.size() - Aead::kTagBytes - 1,
                                 box.size() - Aead::kTagBytes, box.size() - 1}) {
        Bytes changed = box;
        changed[at] ^= 0x80;
        EXPECT_FALSE(m_aead->open(1, {}, changed)) << at;
    }
    Bytes other = box;
    EXPECT_FALSE(m_aead->open(2, {}, other));
    EXPECT_TRUE(m_aead->open(1, {}, box));
}

INSTANTIATE_TEST_SUITE_P(BothCiphers, AeadTest, ::testing::Values(Cipher::ChaChaPoly, Cipher::AesGcm),
                         [](const auto& one) { return std::string(nameOf(one.param)); });

TEST(Hkdf, givesTheBytesOfRfc5869) {
    // Appendix A.3: no salt (a key of zeros is the same for HMAC), no info; OKM cut to 42 bytes.
    const Bytes material(22, 0x0b);
    const HkdfPair keys = hkdf(SymmetricKey(), material);
    EXPECT_EQ(toHex(keys.first.view()), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    EXPECT_EQ(toHex(keys.second.view()).substr(0, 20), "9d201395faa4b61a96c8");
}

}  // namespace
}  // namespace landline::noise
