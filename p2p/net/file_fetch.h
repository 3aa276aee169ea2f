#pragma once

#include "p2p/net/dial_attempt.h"
#include "p2p/net/file_thread.h"
#include "p2p/net/node.h"
#include "p2p/net/progress_gate.h"
#include "p2p/session/backoff.h"
#include "p2p/transfer/file_receiver.h"

#include <functional>

namespace landline::net {

/// Fetches one offered file: dials a bulk session, lets the receiver ask for what is missing, writes on the file thread,
/// and dials again after a break, or where the other side keeps the session but sends nothing, until the file is there, was refused, the disk failed or somebody cancels.
class FileFetch final : public QObject, private LinkUser {
    Q_OBJECT

public:
    struct Wish {
        Contact from;
        wire::TransferId transfer;
        std::uint64_t size = 0;
        std::shared_ptr<transfer::ChunkSink> sink;
        Duration stall = limits::kFileStall;
    };
    /// Where the device can be dialled now, best first, and in which suite.
    struct Route {
        std::vector<Candidate> candidates;
        wire::Suite suite = wire::Suite::ChaChaPoly;
    };
    using FindRoute = std::function<Route(const Contact&)>;

    FileFetch(LinkKeeper& links, FileThread& files, Wish wish, FindRoute route, QObject* parent);
    ~FileFetch() override;

    [[nodiscard]] const Wish& wish() const { return m_wish; }
    /// The device has just come within reach: do not wait longer.
    void hurry();
    void cancel();

Q_SIGNALS:
    void progressed(quint64 bytes);
    /// Last. Without an error the file is at `path`.
    void finished(const QString& path, const QString& error);

private:
    void sessionReceived(LinkDriver& driver, wire::Message message) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    void prepare();
    void dial(std::uint64_t held);
    void onOpened(LinkHandle link);
    void retryLater();
    void onStalled();
    void drain();
    void act(transfer::FileReceiver::Action action);
    void write(transfer::FileReceiver::Write write);
    void onWritten(const Expected<void>& result);
    void finish();
    void done(const transfer::FileReceiver::Done& done);

    LinkKeeper& m_links;
    FileThread& m_files;
    Wish m_wish;
    FindRoute m_route;
    session::Backoff m_backoff;
    QTimer m_retry;
    QTimer m_stall;  ///< runs while there is a link; begins anew with each frame
    LaterPtr<DialAttempt> m_attempt;
    LinkHandle m_link;
    std::optional<transfer::FileReceiver>
        m_receiver;  ///< of the connection that stands, or of the one before
    ProgressGate m_gate;
    bool m_preparing = false;
    bool m_finishing = false;
    bool m_over = false;
};

}  // namespace landline::net
