#pragma once

#include "p2p/net/file_exchange.h"

#include <QThread>

namespace landline::net {

/// All bulk sessions of a node with their links, fetches and servings. Made on the node's thread, then lives on the bulk
/// thread with everything below it. What it makes sessions with is its own. Those that the node has accepted refer to the
/// node's parts, of which they use only what never changes or is safe from any thread; the node outlives this.
class BulkSide final : public QObject {
    Q_OBJECT

public:
    /// `party` is copied; the keys and buffers to which it refers must outlive this.
    explicit BulkSide(const session::LocalParty& party);
    ~BulkSide() override;

    [[nodiscard]] FileExchange& files() { return *m_files; }
    [[nodiscard]] LinkKeeper& links() { return *m_links; }
    /// A session that another device has opened: a held link without a parent, of this thread already.
    void accept(std::unique_ptr<LinkDriver> link, session::RemoteParty remote);
    void setParty(const std::string& name, std::uint16_t listenPort);
    /// Ends everything and says `emptied` once the last link is gone, and again after one that came later.
    void closeAll();

Q_SIGNALS:
    /// Answers to accept.
    void accepted();
    void emptied();

private:
    SystemClock m_clock;
    SystemRandom m_random;
    session::LocalParty m_party;
    LinkKeeper* m_links;
    FileExchange* m_files;
    bool m_closing = false;
};

/// The thread on which files are encrypted, sent and received, so that a message waits for none of that. It and the
/// file threads, which it starts, leave the processor to other threads first. Lives on the
/// node's thread; speaks with its side by queued calls alone.
class BulkThread final : public QObject {
    Q_OBJECT

public:
    BulkThread(const session::LocalParty& party, QObject* parent);
    /// Waits for the thread, and so for the jobs of the file threads that run.
    ~BulkThread() override;

    /// To connect to its signals, and no more.
    [[nodiscard]] const FileExchange& files() const { return m_side->files(); }
    /// `work(FileExchange&)` over there, in the order of the calls.
    template <class Work>
    void post(Work work) {
        QMetaObject::invokeMethod(
            m_side, [side = m_side, work = std::move(work)]() mutable { work(side->files()); },
            Qt::QueuedConnection);
    }
    /// Hands over a session that was opened here.
    void accept(LinkHandle link, session::RemoteParty remote);
    void setParty(const std::string& name, std::uint16_t listenPort);
    /// Answers with emptied, once no session is on its way over there either. None may be handed over after that.
    void closeAll();

Q_SIGNALS:
    void emptied();

private:
    void move(LinkDriver& driver, const std::shared_ptr<session::RemoteParty>& remote);

    QThread m_thread;
    BulkSide* m_side;              ///< on that thread, which deletes it
    std::size_t m_onTheirWay = 0;  ///< sessions handed over and not accepted yet
};

}  // namespace landline::net
