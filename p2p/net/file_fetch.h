#pragma once

#include "p2p/base/backoff.h"
#include "p2p/net/dial_attempt.h"
#include "p2p/net/file_pace.h"
#include "p2p/net/file_thread.h"
#include "p2p/net/node.h"
#include "p2p/net/progress_gate.h"
#include "p2p/transfer/file_receiver.h"

namespace landline::net {

/// Fetches one offered file: dials a bulk session, lets the receiver ask for what is missing, writes on the file threads,
/// and dials again after a break, or where the other side keeps the session but sends nothing, until the file is there,
/// was refused, the disk failed or somebody cancels.
class FileFetch final : public QObject, private LinkUser, private PacedUser {
    Q_OBJECT

public:
    /// Where the device can be dialled now, best first, and in which suite.
    struct Route {
        std::vector<Candidate> candidates;
        wire::Suite suite = wire::Suite::ChaChaPoly;
        bool dialsBack = false;  ///< lately only the other side's connections got through
    };

    FileFetch(LinkKeeper& links, FileThread& files, FilePace& pace, FileWish wish, QObject* parent);
    ~FileFetch() override;

    [[nodiscard]] const FileWish& wish() const { return m_wish; }
    /// Null while there is no connection.
    [[nodiscard]] LinkDriver* link() const { return m_link.get(); }
    /// Answers to routeWanted.
    void routeFound(Route route);
    /// The device has just come within reach: do not wait longer.
    void hurry();
    /// The same, and a connection from before has to show that it is alive.
    void reopened();
    void cancel();
    /// The other side has dialled, as it was asked to.
    void adopt(LinkHandle link);
    /// Stops; to be let go of then. False where all has come and is being finished.
    [[nodiscard]] bool pause();

Q_SIGNALS:
    /// Where can the device be dialled?
    void routeWanted();
    /// The device is to be asked, if there is a session, to dial this one and give the file.
    void dialBackWanted();
    /// There is a connection, dialled by the other side or by this one.
    void reached(bool dialledBack);
    /// `came`: of the bytes those that this fetch has brought, also in vain.
    void progressed(quint64 bytes, quint64 came);
    void staged(landline::net::FetchStage stage);
    /// Last.
    void finished(const landline::net::FileResult& result);

private:
    void sessionReceived(LinkDriver& driver, wire::Message message) override;
    void chunkReceived(LinkDriver& driver, session::ReceivedChunk chunk) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    void mayPass(std::size_t bytes) override;
    void rateChanged() override;

    void prepare();
    void begin(Expected<transfer::Held> held);
    void onOpened(LinkHandle link, bool knowsChecks);
    void askToDial();
    void retryLater();
    void dropLink();
    void endReceiver();
    void renewReceiver();
    void giveBack();
    void awaitMore();
    void onStalled();
    void onFrame(const Expected<void>& taken);
    void enter(FetchStage stage);
    void drain();
    void act(transfer::FileReceiver::Action action);
    void digest(transfer::Range left, std::vector<ChunkDigest> before);
    void write(transfer::FileReceiver::Write write);
    void skip(const transfer::FileReceiver::Skip& skip);
    void onWritten(const Expected<void>& result);
    void tellProgress();
    /// Jobs of this transfer run in order.
    template <class Work, class Done>
    void run(Work work, Done done) {
        m_files.run(m_wish.transfer, this, std::move(work), std::move(done));
    }
    void finish();
    void done(const transfer::FileReceiver::Done& done);

    LinkKeeper& m_links;
    FileThread& m_files;
    FilePace& m_pace;
    FileWish m_wish;
    QTimer m_askLater;  ///< runs while a dial has not got through
    Backoff m_backoff;
    QTimer m_retry;
    QTimer m_stall;  ///< runs while there is a link
    MonoTime m_stallsAt;
    MonoTime m_suspectUntil;  ///< before, silence is taken for the end sooner
    LaterPtr<DialAttempt> m_attempt;
    LinkHandle m_link;
    std::optional<transfer::FileReceiver>
        m_receiver;  ///< of the connection that stands, or of the one before
    ProgressGate m_gate;
    FetchStage m_stage = FetchStage::Waiting;
    bool m_compares = false;  ///< there is something to compare before anything is fetched
    quint64 m_came = 0;
    MonoTime m_wroteAt;
    bool m_isStale = false;  ///< the receiver is not for another connection
    bool m_preparing = false;
    bool m_routing = false;  ///< routeWanted was not answered
    bool m_finishing = false;
    bool m_over = false;
};

}  // namespace landline::net
