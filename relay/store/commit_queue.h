#pragma once

#include "p2p/base/limits.h"
#include "relay/store/expiry_clock.h"
#include "relay/store/mailbox_store.h"

#include <deque>
#include <span>

namespace landline::relay {

/// The bytes that an answer holds.
[[nodiscard]] std::size_t sizeOf(const StoreAnswer& answer);

/// What happened to the store that an operator should know; text for the log.
struct StoreNotice {
    enum class Kind : std::uint8_t { DiskFull, DiskFreed, DiskError, SetAside, Older, WrongClock };
    Kind kind = Kind::DiskError;
    std::string text;
};

/// Takes what is asked of a store, does many requests in one transaction, and answers after its commit. Owns the store,
/// no thread and no clock: a StoreThread drives it, or a simulation in virtual time.
///
/// On a full disk the reserve is given up, what needs space is refused, and everything else goes on; as soon as the reserve
/// can be taken again, all is as before. After another failure only what reads is done for some seconds: what was undone is
/// read again in whole each time. A store that turns out damaged is opened anew (StoreOpener), under a new epoch.
/// Requests of one batch that failed are answered with a refusal or done again: never with what was not committed. That a new
/// epoch has begun is also told without a request (kToldToAll), since sessions of the old one may be silent just then.
class CommitQueue {
public:
    struct Options {
        std::size_t batch = limits::kStoreBatch;
        Duration batchDelay = limits::kStoreBatchDelay;
        StoreRules rules;
    };

    /// Opens the store; fails with what the opener fails with.
    [[nodiscard]] static Expected<std::unique_ptr<CommitQueue>> open(StoreOpener opener, Options options,
                                                                     WallTime wall, MonoTime mono);

    void push(TaggedRequest request, MonoTime now);
    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }
    /// When `run` has something to do.
    [[nodiscard]] MonoTime due() const;
    /// One batch, if it is time for it, and one step of housekeeping. Blocks for the disk.
    [[nodiscard]] std::vector<TaggedAnswer> run(WallTime wall, MonoTime mono);
    /// Everything that waits, in as many batches as it takes.
    [[nodiscard]] std::vector<TaggedAnswer> finish(WallTime wall, MonoTime mono);

    [[nodiscard]] std::vector<StoreNotice> takeNotices() { return std::exchange(m_notices, {}); }
    [[nodiscard]] Epoch epoch() const { return m_epoch; }
    [[nodiscard]] bool isFull() const { return m_isFull; }
    void setRules(StoreRules rules);
    /// Null while a damaged store could not be replaced yet.
    [[nodiscard]] MailboxStore* store() { return m_store.get(); }

private:
    CommitQueue(StoreOpener opener, Options options)
        : m_opener(std::move(opener)), m_options(std::move(options)) {}
    void adopt(OpenedStore opened);
    void doBatch(std::vector<TaggedAnswer>& answers);
    [[nodiscard]] StoreAnswer perform(const StoreRequest& request);
    void doAgain(std::span<const TaggedRequest> batch, const Error& error,
                 std::vector<TaggedAnswer>& answers);
    void keepHouse();
    void replaceStore(std::vector<TaggedAnswer>& answers);
    void becomeFull(const Error& error);
    void probe(std::vector<TaggedAnswer>& answers);
    void noticeError(const Error& error);
    [[nodiscard]] bool isResting() const { return m_mono < m_restsUntil; }

    StoreOpener m_opener;
    Options m_options;
    std::unique_ptr<MailboxStore> m_store;
    Epoch m_epoch = 0;
    std::optional<ExpiryClock> m_clock;
    std::deque<TaggedRequest> m_waiting;
    std::size_t m_toBeSynced = 0;  ///< of these
    std::vector<StoreNotice> m_notices;
    WallTime m_now{};  ///< the relay's time at the last run
    MonoTime m_mono{};
    MonoTime m_firstCame{};  ///< of what waits
    MonoTime m_nextProbe{};
    MonoTime m_nextSweep{};
    MonoTime m_nextKeep{};
    bool m_isSweeping = false;
    bool m_isFull = false;
    bool m_isFailing = false;  ///< the disk; told once
    MonoTime m_failingUntil{};  ///< as the figures tell it
    MonoTime m_restsUntil{};    ///< nothing is written before
    std::string m_failure;      ///< why
    bool m_isDoubting = false;
};

}  // namespace landline::relay
