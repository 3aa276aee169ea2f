#pragma once

#include "p2p/net/link.h"
#include "p2p/session/session.h"

#include <QTimer>

#include <array>

#include <memory>

namespace landline::net {

class LinkDriver;

/// Who uses a driven link; told everything synchronously, on the link's thread. It may retire the link in any of these.
class LinkUser {
public:
    virtual ~LinkUser() = default;
    /// A dialled link is up: time for `begin`.
    virtual void linkConnected(LinkDriver&) {}
    virtual void sessionOpened(LinkDriver&, session::RemoteParty) {}
    virtual void sessionReceived(LinkDriver&, wire::Message) {}
    /// A FileChunk of a bulk session. Who does not care for its memory gets it as a message.
    virtual void chunkReceived(LinkDriver& driver, session::ReceivedChunk chunk) {
        sessionReceived(driver, wire::FileChunk{chunk.offset, toBytes(chunk.data.view())});
    }
    /// The session takes frames again after canSend was false.
    virtual void sessionWritable(LinkDriver&) {}
    /// Bytes may have gone out or have been added to those that wait (bytesWaiting).
    virtual void linkProgressed(LinkDriver&) {}
    /// The last call, with or without a session.
    virtual void linkEnded(LinkDriver&, const session::Ended& ended) = 0;
};

/// The one place where socket, timer and session meet: feeds arriving bytes to the session, writes what it has to say
/// with back-pressure from the socket, runs its timeouts and passes its events on. Children of a LinkKeeper; used
/// through a LinkHandle.
///
///     Quiet ──begin──► Driven ──Ended──► Told ──retire──► Lingering ──► deleted
///        └───────────── retire ──────────────────────────────────────────┘
///
/// Lingering: the last words go out and the link waits for the other side to hang up (a hard close while bytes arrive
/// would reset the connection and could take those words away), for at most limits::kLinger.
class LinkDriver final : public QObject {
    Q_OBJECT

public:
    LinkDriver(std::unique_ptr<Link> link, const Clock& clock, QObject* parent);
    ~LinkDriver() override;

    /// Not owned; nobody is told anything without a user.
    void setUser(LinkUser* user) { m_user = user; }
    void begin(std::unique_ptr<session::Session> session);
    /// Only once open. Wait for sessionWritable where canSend is false.
    void send(const wire::Message& message);
    /// The same; it goes out with what is sent next or with `flush`.
    void queue(const wire::Message& message);
    /// The same, of a FileChunk.
    void queueChunk(std::uint64_t offset, SharedSlice data);
    void flush() { pump(); }
    [[nodiscard]] bool canSend() const;
    /// What was sent and is not with the system yet.
    [[nodiscard]] std::size_t bytesWaiting() const;
    void close(wire::CloseReason reason, const QString& text);
    /// The transport is of no use any more; `why` is a sentence.
    void fail(const QString& why);
    /// While false nothing is read: TCP slows the other side down.
    void setReading(bool on);
    /// Tells nothing and reads nothing until `resume`: while it goes to another thread, where another user waits.
    void hold();
    void resume();
    /// Held, without a parent, and not from within one of its calls.
    void moveTo(QThread* thread);
    /// Says its last words, if the session has any, and deletes itself.
    void retire();
    /// Deletes itself without further words.
    void destroy();

    /// Only once open.
    [[nodiscard]] wire::Purpose purpose() const { return m_session->purpose(); }
    [[nodiscard]] Candidate peer() const { return m_link->peer(); }
    [[nodiscard]] QHostAddress localAddress() const { return m_link->localAddress(); }
    [[nodiscard]] MonoTime madeAt() const { return m_madeAt; }

Q_SIGNALS:
    /// Retired with last words to say.
    void lingers();

private:
    struct Taken {
        std::size_t bytes = 0;
        bool wasAll = false;  ///< that had arrived: to ask for more would be in vain
    };
    void onReadable();
    [[nodiscard]] Taken readSome();
    void onLinkEnded(const QString& why);
    void onTimeout();
    void pump();
    void dispatchEvents();
    void dispatch(session::Event event);
    void writeOutgoing();
    void offerRoom();
    void rearm();
    void tellEnded(const session::Ended& ended);

    std::unique_ptr<Link> m_link;
    std::unique_ptr<session::Session> m_session;
    const Clock& m_clock;
    LinkUser* m_user = nullptr;
    QTimer m_timer;
    MonoTime m_timerAt;  ///< when it goes off
    MonoTime m_madeAt;
    bool m_reading = true;
    bool m_held = false;
    bool m_blocked = false;  ///< the session's buffer was full
    bool m_pumping = false;
    bool m_again = false;
    bool m_told = false;
    bool m_lastWords = false;  ///< the end was ours: the other side is still to hear of it
    bool m_retired = false;
    bool m_linkGone = false;
};

struct RetireLink {
    void operator()(LinkDriver* driver) const { driver->retire(); }
};
/// Letting go of it retires the link.
using LinkHandle = std::unique_ptr<LinkDriver, RetireLink>;

}  // namespace landline::net
