// noise-vectors FILE: runs the Noise test vectors of a file in the community's JSON format, in both roles,
// and compares every byte. Vectors of other suites are skipped. Exit code 0 only if none failed and at least
// one passed; 2 for wrong usage.
#include "p2p/noise/handshake_state.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>

using namespace landline;
using namespace landline::noise;

namespace {

/// Yields the ephemeral key that a vector names.
class FixedRandom final : public Random {
public:
    explicit FixedRandom(Bytes bytes) : m_bytes(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
        std::copy_n(m_bytes.begin(), std::min(m_bytes.size(), out.size()), out.begin());
    }

private:
    Bytes m_bytes;
};

struct Suite {
    const Pattern* pattern;
    Cipher cipher;
};

struct Message {
    Bytes payload;
    Bytes ciphertext;
};

struct Side {
    Bytes prologue;
    Bytes staticKey;
    Bytes ephemeral;
    Bytes remoteStatic;
};

struct Vector {
    Suite suite;
    Side initiator;
    Side responder;
    std::optional<Bytes> handshakeHash;
    std::vector<Message> messages;
};

enum class Outcome { Passed, Failed, Skipped };

std::string textOf(const QJsonValue& value) {
    return value.toString().toStdString();
}

/// The suite of a protocol's name, or nothing if the project does not have it (on this processor).
std::optional<Suite> suiteOf(const std::string& name) {
    for (const Pattern* pattern : {&kPatternXX, &kPatternX}) {
        for (const Cipher cipher : {Cipher::ChaChaPoly, Cipher::AesGcm}) {
            if (name != protocolName(*pattern, cipher)) continue;
            if (cipher == Cipher::AesGcm && !aesGcmAvailable()) return std::nullopt;
            return Suite{pattern, cipher};
        }
    }
    return std::nullopt;
}

/// Bytes of a hexadecimal member; an absent one is empty. Nothing if it is no hexadecimal string.
std::optional<Bytes> hexMember(const QJsonObject& object, const char* name) {
    const QJsonValue value = object[QLatin1String(name)];
    if (value.isUndefined() || value.isNull()) return Bytes();
    if (!value.isString()) return std::nullopt;
    return fromHex(textOf(value));
}

bool readSide(const QJsonObject& object, const std::string& prefix, Side& side) {
    const std::pair<const char*, Bytes*> members[] = {{"prologue", &side.prologue},
                                                      {"static", &side.staticKey},
                                                      {"ephemeral", &side.ephemeral},
                                                      {"remote_static", &side.remoteStatic}};
    for (const auto& [name, target] : members) {
        auto bytes = hexMember(object, (prefix + name).c_str());
        if (!bytes) return false;
        *target = *std::move(bytes);
    }
    return true;
}

std::optional<Vector> readVector(const QJsonObject& object, Suite suite) {
    Vector vector{suite, {}, {}, {}, {}};
    if (!readSide(object, "init_", vector.initiator) || !readSide(object, "resp_", vector.responder))
        return std::nullopt;
    if (object.contains(QLatin1String("handshake_hash"))) {
        vector.handshakeHash = hexMember(object, "handshake_hash");
        if (!vector.handshakeHash) return std::nullopt;
    }
    const QJsonArray messages = object[QLatin1String("messages")].toArray();
    for (const QJsonValue& one : messages) {
        auto payload = hexMember(one.toObject(), "payload");
        auto ciphertext = hexMember(one.toObject(), "ciphertext");
        if (!payload || !ciphertext) return std::nullopt;
        vector.messages.push_back({*std::move(payload), *std::move(ciphertext)});
    }
    if (vector.messages.size() < suite.pattern->messages.size()) return std::nullopt;
    return vector;
}

/// One side of a vector, played against the vector's bytes. Each step says what went wrong, or nothing.
class Player {
public:
    Player(const Vector& vector, Role role)
        : m_vector(vector),
          m_role(role),
          m_side(role == Role::Initiator ? vector.initiator : vector.responder),
          m_random(m_side.ephemeral),
          m_handshake(*vector.suite.pattern, vector.suite.cipher, role, m_side.prologue, staticKey(),
                      NoiseKey::from(m_side.remoteStatic), m_random) {}

    std::string play() {
        const std::size_t handshakes = m_vector.suite.pattern->messages.size();
        for (std::size_t i = 0; i < handshakes; ++i) {
            const Message& message = m_vector.messages[i];
            const std::string wrong = m_handshake.isMyTurn() ? write(message) : read(message);
            if (!wrong.empty()) return at(i, wrong);
        }
        auto transport = std::move(m_handshake).intoTransport();
        if (!transport) return transport.error().text;
        if (m_vector.handshakeHash &&
            toHex(transport->handshakeHash().view()) != toHex(*m_vector.handshakeHash))
            return "the handshake hash differs";
        for (std::size_t i = handshakes; i < m_vector.messages.size(); ++i) {
            const Message& message = m_vector.messages[i];
            const std::string wrong = isMine(i) ? seal(*transport, message) : open(*transport, message);
            if (!wrong.empty()) return at(i, wrong);
        }
        return {};
    }

private:
    KeyPair staticKey() const {
        Secret<32> secret;
        std::copy_n(m_side.staticKey.begin(), std::min<std::size_t>(m_side.staticKey.size(), 32),
                    secret.data());
        return KeyPair::fromSecret(std::move(secret));
    }
    bool isMine(std::size_t index) const {
        const bool initiators = m_vector.suite.pattern->oneWay || index % 2 == 0;
        return initiators == (m_role == Role::Initiator);
    }
    std::string at(std::size_t index, const std::string& wrong) const {
        return std::string(m_role == Role::Initiator ? "initiator" : "responder") + ", message " +
               std::to_string(index + 1) + ": " + wrong;
    }

    std::string write(const Message& message) {
        const auto written = m_handshake.writeMessage(message.payload);
        if (!written) return written.error().text;
        return *written == message.ciphertext ? "" : "the bytes differ";
    }
    std::string read(const Message& message) {
        const auto payload = m_handshake.readMessage(message.ciphertext);
        if (!payload) return payload.error().text;
        return *payload == message.payload ? "" : "the payload differs";
    }
    static std::string seal(TransportState& transport, const Message& message) {
        Bytes box = message.payload;
        box.resize(box.size() + Aead::kTagBytes);
        if (const auto sealed = transport.seal(box); !sealed) return sealed.error().text;
        return box == message.ciphertext ? "" : "the bytes differ";
    }
    static std::string open(TransportState& transport, const Message& message) {
        Bytes box = message.ciphertext;
        const auto text = transport.open(box);
        if (!text) return text.error().text;
        return toBytes(*text) == message.payload ? "" : "the payload differs";
    }

    const Vector& m_vector;
    Role m_role;
    const Side& m_side;
    FixedRandom m_random;
    HandshakeState m_handshake;
};

/// The keys that the pattern needs are there, and of the right length.
bool hasKeys(const Vector& vector) {
    const Pattern& pattern = *vector.suite.pattern;
    const bool statics = vector.initiator.staticKey.size() == 32 && vector.responder.staticKey.size() == 32;
    const bool ephemerals = vector.initiator.ephemeral.size() == 32 &&
                            (pattern.oneWay || vector.responder.ephemeral.size() == 32);
    const bool known = !pattern.responderStaticKnown || vector.initiator.remoteStatic.size() == 32;
    return statics && ephemerals && known;
}

Outcome run(const QJsonObject& object, std::size_t number) {
    std::string name = textOf(object[QLatin1String("protocol_name")]);
    if (name.empty()) name = textOf(object[QLatin1String("name")]);
    const auto suite = suiteOf(name);
    if (!suite) return Outcome::Skipped;
    const auto vector = readVector(object, *suite);
    std::string wrong = "a part of it is missing or is no hexadecimal string";
    if (vector && hasKeys(*vector)) {
        wrong = Player(*vector, Role::Initiator).play();
        if (wrong.empty()) wrong = Player(*vector, Role::Responder).play();
    }
    if (wrong.empty()) return Outcome::Passed;
    std::fprintf(stderr, "vector %zu (%s): %s\n", number, name.c_str(), wrong.c_str());
    return Outcome::Failed;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: noise-vectors FILE\n");
        return 2;
    }
    initCrypto();
    QFile file(QString::fromLocal8Bit(argv[1]));
    if (!file.open(QIODevice::ReadOnly)) {
        std::fprintf(stderr, "noise-vectors: cannot read %s: %s\n", argv[1], qPrintable(file.errorString()));
        return 1;
    }
    QJsonParseError fault;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &fault);
    if (document.isNull()) {
        std::fprintf(stderr, "noise-vectors: %s is no JSON: %s\n", argv[1], qPrintable(fault.errorString()));
        return 1;
    }
    // Some files hold the list itself, most an object around it.
    const QJsonArray vectors =
        document.isArray() ? document.array() : document.object()[QLatin1String("vectors")].toArray();
    std::size_t counts[3] = {};
    for (qsizetype i = 0; i < vectors.size(); ++i)
        ++counts[std::size_t(run(vectors[i].toObject(), std::size_t(i) + 1))];
    const auto count = [&counts](Outcome outcome) { return counts[std::size_t(outcome)]; };
    std::printf("%zu passed, %zu failed, %zu skipped\n", count(Outcome::Passed), count(Outcome::Failed),
                count(Outcome::Skipped));
    return count(Outcome::Failed) == 0 && count(Outcome::Passed) > 0 ? 0 : 1;
}
