#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/expected.h"
#include "p2p/base/limits.h"
#include "p2p/base/random.h"
#include "p2p/base/shared_bytes.h"
#include "p2p/identity/certificate.h"
#include "p2p/wire/messages.h"
#include "p2p/wire/preface.h"

#include <memory>
#include <optional>
#include <variant>

namespace landline::session {

enum class Role { Dialler, Responder };

/// What this side brings to every session. Outlives the sessions that refer to it.
struct LocalParty {
    const identity::DeviceKeys* keys = nullptr;
    const identity::Certificate* certificate = nullptr;
    std::string name;
    std::uint64_t instance = 0;
    std::uint16_t listenPort = 0;
    bool hasAes = false;
    /// The highest major version that this program speaks, as its hello says.
    std::uint32_t highestMajor = wire::kMajorVersion;
    /// The minor version, as its hello says.
    std::uint32_t minor = wire::kMinorVersion;
    /// Bytes after which a direction changes its key.
    std::uint64_t rekeyBytes = limits::kRekeyBytes;
    /// Where sessions take memory for what arrives; may be null.
    BytePool* buffers = nullptr;
};

/// Whom a dialler expects to meet. With a Noise key it is checked before the dialler's last handshake message, so that
/// an impostor learns nothing of it; with a device alone (first contact) as soon as the hello comes.
struct ExpectedParty {
    std::optional<DeviceId> device;
    std::optional<NoiseKey> noiseKey;
};

/// The other side, proven: certificate verified, and its Noise key is the handshake's.
struct RemoteParty {
    identity::Certificate certificate;
    wire::Hello hello;
};

// Events, in the order in which they happened.
struct Opened {
    RemoteParty remote;
};
struct Received {
    /// Never Hello, Ping, Pong, Rekey, Close or UnknownFrame: those stay inside. Of purpose Relay always a relay::Frame,
    /// of the others never.
    wire::Message message;
};
/// A FileChunk of a bulk session, with its data where it was received. Received brings those that are encoded in an
/// unusual way.
struct ReceivedChunk {
    std::uint64_t offset = 0;
    SharedSlice data;
};
/// The last event. `error` says why in a sentence; nothing if both sides meant it (Goodbye, Renew, Superseded, Idle).
/// Whoever dialled itself gets Goodbye and no error, before Opened; Clone if it met another program with its key, which
/// the handshake has proven: from anybody else a Close with that reason is told as Unknown.
struct Ended {
    wire::CloseReason reason = wire::CloseReason::Unknown;
    std::optional<Error> error;
    bool byPeer = false;
};
using Event = std::variant<Opened, Received, ReceivedChunk, Ended>;

/// The secure channel as a state machine without socket, clock or thread: feed it what arrived, send what `outgoing`
/// shows, take events. Owned by one link, on one thread.
///
///     Preface ──► Handshake ──► Hello ──► Open ──► Closing ──► Closed
///        └────────────┴───────────┴────────┴─── any error ──────┘
///
/// Preface: both sides exchange eight bytes (wire/preface.h); the dialler's first handshake message follows its own at
///   once. The responder answers, or refuses and closes.
/// Handshake: Noise_XX_25519_ChaChaPoly_SHA256 (AES-GCM for bulk where asked), empty payloads, frames of at most
///   limits::kHandshakeFrame.
/// Hello: each side's first transport frame, under the same bound; the dialler's comes with its last handshake message,
///   the responder's once it has accepted that.
/// Open: frames either way; pings after silence; a rekey marker per limits::kRekeyBytes and limits::kRekeyTime.
/// Closing: our Close is in the buffer; input is ignored. Lasts until all is taken, limits::kDrain at most.
/// Closed: final. Input is ignored and there is no output.
class Session {
public:
    /// A dialler says what the connection is for and in which suite (AesGcm for Bulk only, and only where the processor
    /// has it). Of a responder `purpose` names the kind of listener: Relay accepts Relay alone, any other accepts
    /// Conversation and Bulk; its `suite` and `transfer` are not used, since the dialler's decide.
    /// `self` and `random` must outlive the session.
    Session(Role role, wire::Purpose purpose, wire::Suite suite, const LocalParty& self,
            ExpectedParty expected, std::optional<wire::TransferId> transfer, Random& random, MonoTime now);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Bytes that arrived, in any cut.
    void receive(ByteView bytes, MonoTime now);
    /// The same without a copy: where the next ones may be put, of any content and no more than the state may hold; empty
    /// where no more are read. Then say how many came, be it none.
    [[nodiscard]] std::span<std::uint8_t> room();
    void received(std::size_t bytes, MonoTime now);
    /// Lets timeouts, keepalive, rekey and lifetime act; call at `nextTimeout` or later.
    void advance(MonoTime now);
    /// When `advance` is wanted next; nothing once closed.
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;

    /// Queues a frame. A defect of the caller before Opened; ignored once closing. The buffer takes frames beyond
    /// limits::kSessionOutgoing (kBulkOutgoing), but the owner is expected to wait for `canSend`.
    void send(const wire::Message& message, MonoTime now);
    /// Queues a FileChunk. `data`, not empty, is encrypted where it is and belongs to the session from now on; it is kept
    /// until it is sent.
    void sendChunk(std::uint64_t offset, SharedSlice data, MonoTime now);
    [[nodiscard]] bool canSend() const;
    /// Says why and ends the session; what was queued goes out first.
    void close(wire::CloseReason reason, std::string text, MonoTime now);
    /// The transport failed or ended; no output follows.
    void transportClosed(const std::string& why);

    /// What to write to the socket first, as far as it lies in one place; valid until the next call that is not const.
    /// Empty if there is nothing. `consumeOutgoing` drops what was taken.
    [[nodiscard]] ByteView outgoing() const;
    /// The same in as many parts, one behind the other, as there is room for; gives how many.
    [[nodiscard]] std::size_t outgoingParts(std::span<ByteView> parts) const;
    /// Of all parts together.
    [[nodiscard]] std::size_t outgoingBytes() const;
    void consumeOutgoing(std::size_t bytes);
    [[nodiscard]] std::optional<Event> nextEvent();

    [[nodiscard]] bool isOpen() const;
    /// Closed, or closing with everything sent: the socket may go.
    [[nodiscard]] bool isFinished() const;
    /// True once the other side has proven its device: before, the connection counts as unauthenticated.
    [[nodiscard]] bool isAuthenticated() const;
    /// What the connection is for: a responder knows it once Opened.
    [[nodiscard]] wire::Purpose purpose() const;

private:
    class Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::session
