#include "p2p/session/hello_check.h"

#include "p2p/base/utf8.h"

namespace landline::session {

namespace {

using wire::CloseReason;

HelloRefusal refusal(CloseReason reason, ErrorCode code, std::string text) {
    return {reason, Error{code, std::move(text)}};
}

std::optional<HelloRefusal> checkCertificate(const identity::Certificate& certificate,
                                             const HelloContext& context) {
    if (certificate.noiseKey() != context.handshakeKey)
        return refusal(CloseReason::Violation, ErrorCode::WrongKey,
                       "The other side showed the certificate of a device whose key it did not use.");
    if (context.expected.device && certificate.device() != *context.expected.device)
        return refusal(CloseReason::Violation, ErrorCode::WrongKey,
                       "Another device answers at this address than the expected one.");
    return std::nullopt;
}

std::optional<HelloRefusal> checkVersion(const wire::Hello& hello, const HelloContext& context) {
    if (hello.highestMajor < wire::kMajorVersion)
        return refusal(CloseReason::Violation, ErrorCode::Malformed,
                       "The other side says that it cannot speak the protocol version that it uses.");
    // Both speak something newer, yet the preface asked for this one: somebody in between may have lowered
    // it.
    if (std::min(hello.highestMajor, context.self.highestMajor) > wire::kMajorVersion)
        return refusal(CloseReason::Version, ErrorCode::VersionMismatch,
                       "Both sides can speak a newer version of the protocol than was used. Connect again.");
    return std::nullopt;
}

std::optional<HelloRefusal> checkSelf(const identity::Certificate& certificate, const wire::Hello& hello,
                                      const HelloContext& context) {
    if (certificate.device() != context.self.keys->id()) return std::nullopt;
    if (hello.instance == context.self.instance) return HelloRefusal{CloseReason::Goodbye, std::nullopt};
    return HelloRefusal{CloseReason::Clone, closeError(CloseReason::Clone, {}, false)};
}

std::optional<HelloRefusal> checkTransfer(const wire::Hello& hello, const HelloContext& context) {
    if (context.purpose != wire::Purpose::Bulk || context.role == Role::Dialler || hello.transfer)
        return std::nullopt;
    return refusal(CloseReason::Violation, ErrorCode::ProtocolViolation,
                   "The other side opened a file connection without naming a file.");
}

/// A text of the other side as it may stand in a sentence.
std::string quoted(const std::string& text) {
    const std::string shown = sanitizedName(text, 256);
    return shown.empty() ? std::string() : " It says: “" + shown + "”";
}

struct Sentence {
    ErrorCode code;
    const char* byUs;
    const char* byPeer;
};

std::optional<Sentence> sentenceFor(CloseReason reason) {
    switch (reason) {
        case CloseReason::Goodbye:
        case CloseReason::Superseded:
        case CloseReason::Renew:
        case CloseReason::Idle:
            return std::nullopt;
        case CloseReason::Violation:
            return Sentence{ErrorCode::ProtocolViolation, "The other side broke a rule of the protocol.",
                            "The other side ended the connection because of something this side sent."};
        case CloseReason::Version:
            return Sentence{
                ErrorCode::VersionMismatch,
                "Both sides can speak a newer version of the protocol than was used. Connect again.",
                "Both sides can speak a newer version of the protocol than was used. Connect again."};
        case CloseReason::NotWelcome:
            return Sentence{ErrorCode::NotPermitted, "This person is blocked.",
                            "The other side does not accept connections from this device."};
        case CloseReason::Clone:
            return Sentence{
                ErrorCode::WrongKey,
                "Another running program uses this device's key: the profile was copied. Close one of "
                "them; the copy must become a new device.",
                "Another running program uses this device's key: the profile was copied. Close one of "
                "them; the copy must become a new device."};
        case CloseReason::Storage:
            return Sentence{
                ErrorCode::Disk, "This side cannot write to its disk at the moment.",
                "The other side cannot write to its disk at the moment; messages wait until it can."};
        case CloseReason::Unknown:
            break;
    }
    return Sentence{ErrorCode::Closed, "The connection was closed.", "The other side closed the connection."};
}

}  // namespace

wire::Hello makeHello(const LocalParty& self, std::optional<wire::TransferId> transfer) {
    return {self.certificate->encoded(),
            self.highestMajor,
            wire::kMinorVersion,
            self.instance,
            self.listenPort,
            self.hasAes,
            self.name,
            transfer};
}

std::variant<RemoteParty, HelloRefusal> checkHello(wire::Hello hello, const HelloContext& context) {
    auto certificate = identity::Certificate::parse(hello.certificate);
    if (!certificate) return HelloRefusal{CloseReason::Violation, certificate.error()};
    if (auto fault = checkCertificate(*certificate, context)) return *std::move(fault);
    if (auto fault = checkVersion(hello, context)) return *std::move(fault);
    if (auto fault = checkSelf(*certificate, hello, context)) return *std::move(fault);
    if (auto fault = checkTransfer(hello, context)) return *std::move(fault);
    hello.name = sanitizedName(hello.name, limits::kNameBytes);
    if (context.purpose != wire::Purpose::Bulk) hello.transfer.reset();
    return RemoteParty{*std::move(certificate), std::move(hello)};
}

std::optional<Error> closeError(CloseReason reason, const std::string& text, bool byPeer) {
    const auto sentence = sentenceFor(reason);
    if (!sentence) return std::nullopt;
    if (byPeer) return Error{sentence->code, sentence->byPeer + quoted(text)};
    return Error{sentence->code, text.empty() ? std::string(sentence->byUs) : text};
}

}  // namespace landline::session
