#include "p2p/net/file_fetch.h"

#include "p2p/base/limits.h"
#include "p2p/net/thread_check.h"
#include "p2p/net/times.h"
#include "p2p/wire/preface.h"

#include <algorithm>

namespace landline::net {

using transfer::FileReceiver;

namespace {

/// In the place of limits::kFileStall once the device has opened a conversation anew: it may have moved, so that the
/// connection is dead.
constexpr Duration kStallReopened = std::chrono::seconds(3);
constexpr Duration kWriteAfter = std::chrono::milliseconds(500);

}  // namespace

FileFetch::FileFetch(LinkKeeper& links, FileThread& files, FilePace& pace, FileWish wish, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_files(files),
      m_pace(pace),
      m_wish(std::move(wish)),
      m_askLater(this),
      m_retry(this),
      m_stall(this) {
    connect(&m_stall, &QTimer::timeout, this, &FileFetch::onStalled);
    m_pace.join(*this);
    m_askLater.setSingleShot(true);
    connect(&m_askLater, &QTimer::timeout, this, &FileFetch::askToDial);
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &FileFetch::prepare);
    m_retry.start(0);
}

FileFetch::~FileFetch() {
    m_pace.leave(*this);
    if (m_attempt) m_attempt->cancel();
    m_files.drop(m_wish.transfer, std::move(m_wish.sink));
}

void FileFetch::hurry() {
    assertThread(*this);
    m_backoff.reset();
    if (m_retry.isActive()) m_retry.start(0);
    // It may be the other side that got through, and only now is there somebody to ask.
    if (m_attempt) m_askLater.start(ceilMillis(limits::kAskToDialAfter));
}

void FileFetch::reopened() {
    assertThread(*this);
    hurry();
    if (!m_link) return;
    m_suspectUntil = m_links.parts().clock.mono() + kStallReopened;
    m_stall.stop();
    awaitMore();
}

void FileFetch::cancel() {
    assertThread(*this);
    if (m_over) return;
    m_routing = false;
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    if (!m_receiver) return done({{}, Error{ErrorCode::Closed, "The transfer was cancelled."}});
    m_receiver->cancel();
    drain();
}

bool FileFetch::pause() {
    assertThread(*this);
    if (m_over || m_finishing) return false;
    m_over = true;
    m_pace.leave(*this);
    m_retry.stop();
    m_askLater.stop();
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    if (m_link) dropLink();
    // The sink notes what it has, behind the last writes.
    run([sink = m_wish.sink] { return sink->held(); }, [](const Expected<transfer::Held>&) {});
    return true;
}

/// What has come is written; the rest is asked for another time.
void FileFetch::dropLink() {
    m_stall.stop();
    m_link->setUser(nullptr);
    m_link->close(wire::CloseReason::Idle, {});
    m_link.reset();
    endReceiver();
}

void FileFetch::endReceiver() {
    giveBack();
    m_isStale = true;
    m_receiver->interrupted();
    drain();
}

void FileFetch::mayPass(std::size_t bytes) {
    if (!m_link || m_over || m_finishing || !m_receiver->isHeldBack()) return m_pace.giveBack(bytes);
    m_receiver->allow(bytes);
    awaitMore();
    drain();
}

void FileFetch::rateChanged() {
    if (m_over || m_finishing) return;
    if (m_attempt && m_pace.isBounded()) {
        // The first request is made already.
        m_attempt->cancel();
        m_attempt.reset();
        m_retry.start(0);
    }
    if (!m_link) return renewReceiver();
    m_receiver->allow(m_pace.isBounded() ? 0 : FileReceiver::kNoBound);
    if (!m_pace.isBounded()) return drain();
    // What was asked for without a bound, or with a much higher one, would go on coming as fast as before.
    if (m_receiver->bytesAsked() <= 16 * m_pace.share()) return drain();
    dropLink();
    m_retry.start(0);
}

/// What waits for a connection was made for another bound.
void FileFetch::renewReceiver() {
    m_routing = false;
    if (!m_receiver || m_preparing || m_attempt) return;
    m_isStale = true;
    m_retry.start(0);
}

/// Of a share, what did not come of it.
void FileFetch::giveBack() {
    if (m_pace.isBounded() && m_receiver && !m_isStale) m_pace.giveBack(m_receiver->takeBack());
}

void FileFetch::prepare() {
    if (m_over || m_preparing || m_routing || m_finishing || m_attempt || m_link) return;
    m_preparing = true;
    // Behind the writes of the connection before.
    run([sink = m_wish.sink] { return sink->held(); },
        [this](Expected<transfer::Held> held) {
            m_preparing = false;
            if (!m_over && !m_finishing) begin(std::move(held));
        });
}

void FileFetch::begin(Expected<transfer::Held> held) {
    if (!held) return done({{}, held.error()});
    if (m_receiver) held->unchecked = m_receiver->unsound().within(held->unchecked);
    m_compares = !held->unchecked.empty();
    // Under a bound the first share is taken when there is a link.
    m_isStale = false;
    m_receiver.emplace(m_wish.transfer, m_wish.size, *held, m_wish.listing,
                       m_pace.isBounded() ? 0 : FileReceiver::kNoBound);
    if (!m_receiver->needsPeer()) return drain();
    m_routing = true;
    Q_EMIT routeWanted();
}

void FileFetch::routeFound(Route route) {
    assertThread(*this);
    if (m_over || !std::exchange(m_routing, false)) return;
    if (route.candidates.empty()) {
        askToDial();
        return retryLater();
    }
    m_askLater.start(route.dialsBack ? std::chrono::milliseconds(0) : ceilMillis(limits::kAskToDialAfter));
    DialPlan plan;
    plan.purpose = wire::Purpose::Bulk;
    plan.suite = route.suite;
    plan.expected = {m_wish.from.device, m_wish.from.noiseKey};
    plan.transfer = m_wish.transfer;
    plan.candidates = std::move(route.candidates);
    m_attempt.reset(new DialAttempt(
        m_links, std::move(plan),
        [this](LinkHandle link, const session::RemoteParty& remote, const Candidate&) {
            m_attempt.reset();
            onOpened(std::move(link), remote.hello.minor >= wire::kMinorWithBundles);
            Q_EMIT reached(false);
        },
        [this](const DialFailure&) {
            m_attempt.reset();
            if (m_askLater.isActive()) askToDial();
            retryLater();
        },
        this));
}

void FileFetch::askToDial() {
    m_askLater.stop();
    if (!m_over && !m_finishing && !m_link) Q_EMIT dialBackWanted();
}

void FileFetch::adopt(LinkHandle link) {
    assertThread(*this);
    // One that comes too late, or while the disk is looked at, has come in vain: it is asked for again.
    if (m_over || m_finishing || m_preparing || m_link || !m_receiver || m_isStale)
        return link->close(wire::CloseReason::Superseded, {});
    m_routing = false;
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    m_retry.stop();
    onOpened(std::move(link), true);
    Q_EMIT reached(true);
}

void FileFetch::onOpened(LinkHandle link, bool knowsChecks) {
    m_askLater.stop();
    m_link = std::move(link);
    m_link->setUser(this);
    m_suspectUntil = {};
    awaitMore();
    // The other side waits for the first request, so that stands in no line.
    m_receiver->allow(m_pace.isBounded() ? m_pace.takeNow() : FileReceiver::kNoBound);
    if (!knowsChecks) m_receiver->askPlainly();
    drain();
}

void FileFetch::awaitMore() {
    const MonoTime now = m_links.parts().clock.mono();
    // What was under way still comes over a connection that is dead.
    const Duration patience = now < m_suspectUntil ? std::min(m_wish.stall, kStallReopened) : m_wish.stall;
    m_stallsAt = now + patience;
    // Left alone while it runs, since this is done for each frame: it looks again.
    if (!m_stall.isActive()) m_stall.start(ceilMillis(patience));
}

void FileFetch::enter(FetchStage stage) {
    if (stage == std::exchange(m_stage, stage) || m_over) return;
    Q_EMIT staged(stage);
}

void FileFetch::onStalled() {
    const Duration left = m_stallsAt - m_links.parts().clock.mono();
    m_stall.start(ceilMillis(left > Duration::zero() ? left : m_wish.stall));
    if (left > Duration::zero() || !m_receiver->awaitsPeer()) return;
    // Where our own disk is slow the other side waits for us.
    if (m_finishing || m_receiver->isDigesting() || m_receiver->isWriting()) return;
    m_link->close(wire::CloseReason::Idle, tr("Nothing came of the file."));
}

void FileFetch::retryLater() {
    if (!m_over && !m_finishing) m_retry.start(ceilMillis(m_backoff.next(m_links.parts().random)));
}

void FileFetch::sessionReceived(LinkDriver&, wire::Message message) {
    if (const auto* chunk = std::get_if<wire::FileChunk>(&message)) m_came += chunk->data.size();
    const Expected<void> taken = m_receiver->receive(message);
    if (taken && std::holds_alternative<wire::FileChecked>(message)) tellProgress();
    onFrame(taken);
}

void FileFetch::chunkReceived(LinkDriver&, session::ReceivedChunk chunk) {
    m_came += chunk.data.size;
    onFrame(m_receiver->receiveChunk(chunk.offset, std::move(chunk.data)));
}

void FileFetch::onFrame(const Expected<void>& taken) {
    awaitMore();
    if (!taken)
        return m_link->close(wire::CloseReason::Violation, QString::fromStdString(taken.error().text));
    // Not as soon as there is a link, which a sender who has paused closes without an answer.
    if (m_compares && m_stage != FetchStage::Fetching) enter(FetchStage::Comparing);
    // However slow it is, what came is seen to come, and is not lost by a crash.
    if (m_links.parts().clock.mono() - m_wroteAt >= kWriteAfter) m_receiver->writeGathered();
    drain();
}

void FileFetch::linkEnded(LinkDriver&, const session::Ended& ended) {
    m_stall.stop();
    m_link.reset();
    if (m_over) return;
    if (ended.reason == wire::CloseReason::NotWelcome)
        return done({{}, Error{ErrorCode::NotPermitted, "The other side does not give files to you."}});
    // A sender who has paused closes as idle, and hardly ever for another reason.
    const bool paused = ended.byPeer && ended.reason == wire::CloseReason::Idle;
    enter(paused ? FetchStage::HeldBack : FetchStage::Waiting);
    endReceiver();
    retryLater();
}

void FileFetch::drain() {
    // A request waits until there is a link to send it on.
    while (m_receiver && !m_routing && !m_attempt) {
        auto action = m_receiver->nextAction();
        if (!action) break;
        act(std::move(*action));
    }
    if (!m_link || !m_receiver) return;
    m_link->setReading(m_receiver->bytesWaiting() <= limits::kFileWindow);
    if (m_pace.isBounded() && m_receiver->isHeldBack()) m_pace.want(*this);
}

void FileFetch::act(FileReceiver::Action action) {
    if (const auto* send = std::get_if<FileReceiver::Send>(&action)) {
        if (m_link) m_link->send(send->message);
    } else if (const auto* digests = std::get_if<FileReceiver::Digest>(&action)) {
        digest(digests->range, {});
    } else if (auto* wanted = std::get_if<FileReceiver::Write>(&action)) {
        write(std::move(*wanted));
    } else if (const auto* skipped = std::get_if<FileReceiver::Skip>(&action)) {
        skip(*skipped);
    } else if (std::holds_alternative<FileReceiver::Finish>(action)) {
        finish();
    } else {
        done(std::get<FileReceiver::Done>(action));
    }
}

/// A piece at a time, so that other transfers have their turn in between.
void FileFetch::digest(transfer::Range left, std::vector<ChunkDigest> before) {
    const transfer::Range piece{left.at, left.at + std::min<std::uint64_t>(left.size(), limits::kFileChunk)};
    run([sink = m_wish.sink, piece] { return transfer::digestsOf(*sink, piece); },
        [this, left, piece, before = std::move(before)](Expected<std::vector<ChunkDigest>> digests) mutable {
            // Nobody waits for them where the connection has ended.
            if (m_over || !m_link) return;
            if (digests) {
                digests->insert(digests->begin(), before.begin(), before.end());
                if (piece.end < left.end) return digest({piece.end, left.end}, std::move(*digests));
            }
            m_receiver->digested(std::move(digests));
            awaitMore();
            drain();
        });
}

void FileFetch::skip(const FileReceiver::Skip& skip) {
    run([sink = m_wish.sink, skip] { return sink->skip(skip.offset, skip.length, skip.reason); },
        [this](const Expected<void>& result) { onWritten(result); });
}

void FileFetch::write(FileReceiver::Write write) {
    m_wroteAt = m_links.parts().clock.mono();
    run(
        [sink = m_wish.sink, write = std::move(write)] {
            std::vector<ByteView> parts;
            for (const SharedSlice& part : write.parts) parts.push_back(part.view());
            return sink->writeParts(write.offset, parts);
        },
        [this](const Expected<void>& result) { onWritten(result); });
}

void FileFetch::onWritten(const Expected<void>& result) {
    if (m_over || !m_receiver) return;
    m_receiver->written(result);
    if (result) m_backoff.reset();
    if (m_link) enter(FetchStage::Fetching);
    tellProgress();
    drain();
}

void FileFetch::tellProgress() {
    if (m_gate.pass(m_links.parts().clock.mono())) Q_EMIT progressed(m_receiver->bytesWritten(), m_came);
}

void FileFetch::finish() {
    m_finishing = true;
    m_retry.stop();
    run([sink = m_wish.sink] { return sink->finish(); },
        [this](Expected<transfer::ChunkSink::Result> result) {
            if (m_over || !m_receiver) return;
            m_receiver->finished(std::move(result));
            drain();
        });
}

void FileFetch::done(const FileReceiver::Done& done) {
    m_over = true;
    giveBack();
    m_pace.leave(*this);
    m_retry.stop();
    m_askLater.stop();
    m_stall.stop();
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    if (m_link) {
        m_link->setUser(nullptr);
        // A goodbye tells the sender that the whole file is there.
        m_link->close(done.error ? wire::CloseReason::Storage : wire::CloseReason::Goodbye, {});
        m_link.reset();
    }
    if (!done.error) Q_EMIT progressed(m_wish.size, m_came);
    Q_EMIT finished({m_wish.listing, done.result, done.error, m_came});
}

}  // namespace landline::net
