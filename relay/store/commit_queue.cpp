#include "relay/store/commit_queue.h"

#include <algorithm>

namespace landline::relay {

namespace {

using namespace std::chrono_literals;

constexpr Duration kRetryFull = 10s;
constexpr Duration kRetryError = 5s;
constexpr Duration kRetryReplaced = 1s;
/// Between two passes of the sweep, and between two steps of one while nothing else is to be done.
constexpr Duration kSweepEvery = 10min;
constexpr Duration kSweepPause = 5ms;
constexpr std::size_t kSweepRows = 512;
constexpr Duration kKeepTimeEvery = 60s;
/// After a failure, unless there is another: the next time that is kept tries the disk again.
constexpr Duration kFailingFor = kKeepTimeEvery + 30s;
/// A batch ends when its answers are as large.
constexpr std::size_t kAnswerBytes = 8 * 1024 * 1024;

/// What is refused on a full disk. The rest frees, or takes a few bytes that the reserve has.
bool needsSpace(const StoreRequest& request) {
    if (const auto* const revoke = std::get_if<Revoke>(&request)) return revoke->reinstate;
    if (const auto* const list = std::get_if<ListLink>(&request)) return !list->link.empty();
    return std::holds_alternative<Deposit>(request) || std::holds_alternative<PublishPrekey>(request) ||
           std::holds_alternative<SetTokens>(request) || std::holds_alternative<AddInvite>(request);
}

bool onlyReads(const StoreRequest& request) {
    // Who has an account is let in without a row being written, where that may not be.
    return std::holds_alternative<PullRequest>(request) || std::holds_alternative<Admit>(request) ||
           std::holds_alternative<FetchPrekeys>(request) || std::holds_alternative<CheckTokens>(request) ||
           std::holds_alternative<BrowseLinks>(request) || std::holds_alternative<ListAccounts>(request) ||
           std::holds_alternative<ListInvites>(request) || std::holds_alternative<AskFigures>(request);
}

/// What waits for others, so that they share a commit. Reading has nothing of it.
bool needsSync(const StoreRequest& request) {
    return !std::holds_alternative<PullRequest>(request);
}

StoreRefusal refusalOf(const Error& error) {
    const bool isFull = error.code == ErrorCode::Full;
    return {isFull ? StoreRefusal::Reason::DiskFull : StoreRefusal::Reason::DiskError,
            isFull ? kRetryFull : kRetryError, error.text};
}

StoreRefusal fullRefusal() {
    return {StoreRefusal::Reason::DiskFull, kRetryFull,
            "The relay's disk is full. It takes nothing new until there is space."};
}

StoreRefusal replacedRefusal() {
    return {StoreRefusal::Reason::Damaged, kRetryReplaced,
            "The relay's database was damaged and is begun anew. What it held is sent again by its senders."};
}

/// Calls the store's function for each kind of request.
struct Performer {
    MailboxStore& store;
    WallTime now;
    bool mayGrow;
    bool mayWrite;

    StoreAnswer operator()(const Admit& request) { return store.admit(request, mayGrow, now); }
    StoreAnswer operator()(const Deposit& request) { return store.deposit(request, now); }
    StoreAnswer operator()(PullRequest request) {
        request.mayFree = request.mayFree && mayWrite;
        return store.pull(request, now);
    }
    StoreAnswer operator()(const AckRequest& request) { return store.acknowledge(request); }
    StoreAnswer operator()(const PublishPrekey& request) { return store.publishPrekey(request); }
    StoreAnswer operator()(const FetchPrekeys& request) { return store.fetchPrekeys(request); }
    StoreAnswer operator()(const SetTokens& request) { return store.setTokens(request); }
    StoreAnswer operator()(const CheckTokens& request) { return store.checkTokens(request); }
    StoreAnswer operator()(const ListLink& request) { return store.listLink(request); }
    StoreAnswer operator()(const BrowseLinks& request) { return store.browseLinks(request); }
    StoreAnswer operator()(const AddInvite& request) { return store.addInvite(request); }
    StoreAnswer operator()(const RemoveInvite& request) { return store.removeInvite(request); }
    StoreAnswer operator()(const Revoke& request) { return store.revoke(request); }
    StoreAnswer operator()(const ListAccounts& request) { return store.accounts(request); }
    StoreAnswer operator()(const ListInvites& request) { return store.invites(request, now); }
    StoreAnswer operator()(const AskFigures&) { return store.figures(); }
};

}  // namespace

std::size_t sizeOf(const StoreAnswer& answer) {
    std::size_t bytes = 0;
    if (const auto* const pulled = std::get_if<PullAnswer>(&answer))
        for (const wire::relay::Item& item : pulled->items) bytes += item.bytes();
    if (const auto* const change = std::get_if<ChangeAnswer>(&answer); change && change->tokens)
        bytes += change->tokens->now.size() * sizeof(RelayToken);
    if (const auto* const prekeys = std::get_if<PrekeysAnswer>(&answer))
        for (const auto& one : prekeys->told.prekeys) bytes += one.prekey.size();
    if (const auto* const browse = std::get_if<BrowseAnswer>(&answer))
        for (const std::string& link : browse->told.links) bytes += link.size();
    return bytes;
}

Expected<std::unique_ptr<CommitQueue>> CommitQueue::open(StoreOpener opener, Options options, WallTime wall,
                                                         MonoTime mono) {
    std::unique_ptr<CommitQueue> queue(new CommitQueue(std::move(opener), std::move(options)));
    auto opened = queue->m_opener(false);
    if (!opened) return Unexpected(opened.error());
    queue->m_mono = mono;
    queue->m_clock.emplace(opened->store->keptTime(), wall, mono);
    queue->m_now = queue->m_clock->now(wall, mono);
    queue->m_nextSweep = mono + kSweepEvery;
    queue->m_nextKeep = mono;
    queue->adopt(std::move(*opened));
    if (!queue->m_store->takeReserve())
        queue->becomeFull(
            {ErrorCode::Full,
             "The relay's disk is nearly full. Nothing new is taken until some space is freed."});
    return queue;
}

void CommitQueue::adopt(OpenedStore opened) {
    m_store = std::move(opened.store);
    m_epoch = m_store->epoch();
    m_restsUntil = {};
    m_store->setRules(m_options.rules);
    if (opened.isOlder)
        m_notices.push_back({StoreNotice::Kind::Older, "The relay's database is an older one than was used last. What came meanwhile is "
                                                       "sent again by its senders. The command \"restore\" puts a backup back."});
    if (opened.damagedCopy.empty()) return;
    m_notices.push_back({StoreNotice::Kind::SetAside, "The relay's database was damaged. It lies now under " +
                                                          opened.damagedCopy + "; a new one was begun with " +
                                                          std::to_string(opened.salvagedAccounts) +
                                                          " accounts of the old one."});
}

void CommitQueue::setRules(StoreRules rules) {
    m_options.rules = std::move(rules);
    if (m_store) m_store->setRules(m_options.rules);
}

void CommitQueue::push(TaggedRequest request, MonoTime now) {
    if (m_waiting.empty()) m_firstCame = now;
    if (needsSync(request.request)) ++m_toBeSynced;
    m_waiting.push_back(std::move(request));
}

MonoTime CommitQueue::due() const {
    if (m_waiting.size() >= m_options.batch || (!m_waiting.empty() && m_toBeSynced == 0)) return m_firstCame;
    MonoTime next = std::min(m_nextSweep, m_nextKeep);
    if (m_isSweeping) next = std::min(next, m_mono + kSweepPause);
    next = std::max(next, m_restsUntil);
    if (!m_store)
        next = m_nextProbe;
    else if (m_isFull)
        next = std::min(next, m_nextProbe);
    if (!m_waiting.empty()) next = std::min(next, m_firstCame + m_options.batchDelay);
    return next;
}

std::vector<TaggedAnswer> CommitQueue::run(WallTime wall, MonoTime mono) {
    std::vector<TaggedAnswer> answers;
    if (mono < due()) return answers;
    m_mono = mono;
    m_now = m_clock->now(wall, mono);
    if (m_clock->doubts() && !m_isDoubting)
        m_notices.push_back(
            {StoreNotice::Kind::WrongClock,
             "The clock of this machine has jumped. If it stays so the relay follows it after an hour; until "
             "then nothing expires by it."});
    m_isDoubting = m_clock->doubts();
    if (mono >= m_nextProbe && (m_isFull || !m_store)) probe(answers);
    doBatch(answers);
    if (m_store) m_store->tidy();
    return answers;
}

std::vector<TaggedAnswer> CommitQueue::finish(WallTime wall, MonoTime mono) {
    std::vector<TaggedAnswer> answers;
    while (!m_waiting.empty()) {
        m_firstCame = mono - m_options.batchDelay;
        for (TaggedAnswer& answer : run(wall, mono)) answers.push_back(std::move(answer));
    }
    return answers;
}

void CommitQueue::doBatch(std::vector<TaggedAnswer>& answers) {
    std::vector<TaggedRequest> batch;
    std::size_t bytes = 0;
    const std::size_t told = answers.size();
    while (!m_waiting.empty() && batch.size() < m_options.batch && bytes < kAnswerBytes) {
        batch.push_back(std::move(m_waiting.front()));
        m_waiting.pop_front();
        if (needsSync(batch.back().request)) --m_toBeSynced;
        answers.push_back({batch.back().tag, perform(batch.back().request)});
        bytes += sizeOf(answers.back().answer);
    }
    if (!m_store) return;
    if (!isResting()) keepHouse();
    auto committed = m_store->commit();
    if (committed) {
        // What only reads says nothing of the disk.
        if (m_mono >= m_failingUntil) m_isFailing = false;
        return;
    }
    answers.resize(told);
    doAgain(batch, committed.error(), answers);
}

StoreAnswer CommitQueue::perform(const StoreRequest& request) {
    if (!m_store) return replacedRefusal();
    if (isResting() && !onlyReads(request))
        return StoreRefusal{StoreRefusal::Reason::DiskError, m_restsUntil - m_mono, m_failure};
    if (m_isFull && needsSpace(request)) return fullRefusal();
    StoreAnswer answer = std::visit(Performer{*m_store, m_now, !m_isFull && !isResting(), !isResting()}, request);
    if (auto* const figures = std::get_if<StoreFigures>(&answer)) {
        figures->isFull = m_isFull;
        figures->isFailing = m_mono < m_failingUntil;
    }
    return answer;
}

/// The transaction was undone.
void CommitQueue::doAgain(std::span<const TaggedRequest> batch, const Error& error,
                          std::vector<TaggedAnswer>& answers) {
    const std::size_t told = answers.size();
    const auto replaceIt = [&] {
        replaceStore(answers);
        for (const TaggedRequest& request : batch) answers.push_back({request.tag, replacedRefusal()});
    };
    if (m_store->isDamaged()) return replaceIt();
    if (error.code == ErrorCode::Full && !m_isFull)
        becomeFull(error);
    else
        noticeError(error);
    for (const TaggedRequest& request : batch) answers.push_back({request.tag, perform(request.request)});
    const auto committed = m_store->commit();
    if (committed) return;
    answers.resize(told);
    if (m_store->isDamaged()) return replaceIt();
    if (!isResting()) noticeError(committed.error());
    for (const TaggedRequest& request : batch) answers.push_back({request.tag, refusalOf(error)});
}

/// Part of the batch's transaction, so that it costs no commit of its own.
void CommitQueue::keepHouse() {
    if (m_mono >= m_nextKeep) {
        m_nextKeep = m_mono + kKeepTimeEvery;
        m_store->keepTime(m_now);
    }
    if (!m_isSweeping && (m_mono >= m_nextSweep || m_store->wantsSweep())) {
        m_isSweeping = true;
        m_nextSweep = m_mono + kSweepEvery;
    }
    if (m_isSweeping) m_isSweeping = m_store->sweep(m_now, kSweepRows);
}

void CommitQueue::replaceStore(std::vector<TaggedAnswer>& answers) {
    m_store.reset();
    m_isSweeping = false;
    m_nextProbe = m_mono + limits::kFullDiskProbe;
    auto opened = m_opener(true);
    if (!opened) return noticeError(opened.error());
    adopt(std::move(*opened));
    answers.push_back({kToldToAll, replacedRefusal()});
}

void CommitQueue::becomeFull(const Error& error) {
    m_isFull = true;
    m_nextProbe = m_mono + limits::kFullDiskProbe;
    m_store->giveReserve();
    m_notices.push_back({StoreNotice::Kind::DiskFull, error.text});
}

void CommitQueue::probe(std::vector<TaggedAnswer>& answers) {
    m_nextProbe = m_mono + limits::kFullDiskProbe;
    if (!m_store) replaceStore(answers);
    if (!m_isFull || !m_store) return;
    // What was freed within the store may be all the space there is.
    m_store->giveBackSpace();
    if (!m_store->takeReserve()) return;
    m_isFull = false;
    m_notices.push_back({StoreNotice::Kind::DiskFreed, "There is space on the relay's disk again."});
}

void CommitQueue::noticeError(const Error& error) {
    if (!m_isFailing) m_notices.push_back({StoreNotice::Kind::DiskError, error.text});
    m_isFailing = true;
    m_failingUntil = m_mono + kFailingFor;
    m_restsUntil = m_mono + kRetryError;
    m_failure = error.text;
}

}  // namespace landline::relay
