#include "p2p/session/hello_check.h"

#include "p2p/base/utf8.h"

namespace landline::session {

namespace {

using wire::CloseReason;

Refusal refusal(CloseReason reason, ErrorCode code, std::string text) {
    return {reason, Error{code, std::move(text)}};
}

std::optional<Refusal> checkCertificate(const identity::Certificate& certificate,
                                        const HelloContext& context) {
    if (certificate.noiseKey() != context.handshakeKey)
        return refusal(CloseReason::Violation, ErrorCode::WrongKey,
                       "The other side showed the certificate of a device whose key it did not use.");
    if (context.expected.device && certificate.device() != *context.expected.device)
        return refusal(CloseReason::Violation, ErrorCode::WrongKey,
                       "Another device answers at this address than the expected one.");
    return std::nullopt;
}

std::optional<Refusal> checkVersion(const wire::Hello& hello, const HelloContext& context) {
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

std::optional<Refusal> checkSelf(const identity::Certificate& certificate, const wire::Hello& hello,
                                 const HelloContext& context) {
    if (certificate.device() != context.self.keys->id()) return std::nullopt;
    if (hello.instance == context.self.instance) return Refusal{CloseReason::Goodbye, std::nullopt};
    return Refusal{CloseReason::Clone, closeError(CloseReason::Clone, {}, false)};
}

std::optional<Refusal> checkTransfer(const wire::Hello& hello, const HelloContext& context) {
    if (context.purpose != wire::Purpose::Bulk || context.role == Role::Dialler || hello.transfer)
        return std::nullopt;
    return refusal(CloseReason::Violation, ErrorCode::ProtocolViolation,
                   "The other side opened a file connection without naming a file.");
}

}  // namespace

wire::Hello makeHello(const LocalParty& self, wire::Purpose purpose, std::optional<wire::TransferId> transfer) {
    wire::Hello hello{self.certificate->encoded(),
                      self.highestMajor,
                      self.minor,
                      self.instance,
                      self.listenPort,
                      self.hasAes,
                      self.name,
                      transfer};
    if (purpose == wire::Purpose::Relay) {
        // What a relay need not know it is not told.
        hello.name.clear();
        hello.listenPort = 0;
    }
    return hello;
}

std::variant<RemoteParty, Refusal> checkHello(wire::Hello hello, const HelloContext& context) {
    auto certificate = identity::Certificate::parse(hello.certificate);
    if (!certificate) return Refusal{CloseReason::Violation, certificate.error()};
    if (auto fault = checkCertificate(*certificate, context)) return *std::move(fault);
    if (auto fault = checkVersion(hello, context)) return *std::move(fault);
    if (auto fault = checkSelf(*certificate, hello, context)) return *std::move(fault);
    if (auto fault = checkTransfer(hello, context)) return *std::move(fault);
    hello.name = sanitizedName(hello.name, limits::kNameBytes);
    if (context.purpose != wire::Purpose::Bulk) hello.transfer.reset();
    return RemoteParty{*std::move(certificate), std::move(hello)};
}

}  // namespace landline::session
