#include "p2p/net/file_fetch.h"

#include "p2p/base/limits.h"
#include "p2p/net/times.h"

namespace landline::net {

using transfer::FileReceiver;

FileFetch::FileFetch(LinkKeeper& links, FileThread& files, Wish wish, FindRoute route, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_files(files),
      m_wish(std::move(wish)),
      m_route(std::move(route)),
      m_retry(this),
      m_stall(this) {
    m_stall.setInterval(ceilMillis(m_wish.stall));
    connect(&m_stall, &QTimer::timeout, this, &FileFetch::onStalled);
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &FileFetch::prepare);
    m_retry.start(0);
}

FileFetch::~FileFetch() {
    if (m_attempt) m_attempt->cancel();
}

void FileFetch::hurry() {
    m_backoff.reset();
    if (m_retry.isActive()) m_retry.start(0);
}

void FileFetch::cancel() {
    if (m_over) return;
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    if (!m_receiver) m_receiver.emplace(m_wish.transfer, m_wish.size, 0);
    m_receiver->cancel();
    drain();
}

void FileFetch::prepare() {
    if (m_over || m_preparing || m_finishing || m_attempt || m_link) return;
    m_preparing = true;
    // On the file thread, behind the writes of the connection before.
    m_files.run(
        this, [sink = m_wish.sink] { return sink->bytesHeld(); },
        [this](std::uint64_t held) {
            m_preparing = false;
            if (!m_over && !m_finishing) dial(held);
        });
}

void FileFetch::dial(std::uint64_t held) {
    m_receiver.emplace(m_wish.transfer, m_wish.size, held);
    if (held >= m_wish.size) return drain();
    Route route = m_route(m_wish.from);
    if (route.candidates.empty()) return retryLater();
    DialPlan plan;
    plan.purpose = wire::Purpose::Bulk;
    plan.suite = route.suite;
    plan.expected = {m_wish.from.device, m_wish.from.noiseKey};
    plan.transfer = m_wish.transfer;
    plan.candidates = std::move(route.candidates);
    m_attempt.reset(new DialAttempt(
        m_links, std::move(plan),
        [this](LinkHandle link, session::RemoteParty, const Candidate&) { onOpened(std::move(link)); },
        [this](const DialFailure&) {
            m_attempt.reset();
            retryLater();
        },
        this));
}

void FileFetch::onOpened(LinkHandle link) {
    m_attempt.reset();
    m_link = std::move(link);
    m_link->setUser(this);
    m_stall.start();
    drain();
}

void FileFetch::onStalled() {
    // Where our own disk is slow the other side waits for us.
    if (m_finishing || m_receiver->bytesWaiting() != 0) return;
    m_link->close(wire::CloseReason::Idle, tr("Nothing came of the file."));
}

void FileFetch::retryLater() {
    if (!m_over && !m_finishing) m_retry.start(ceilMillis(m_backoff.next(m_links.parts().random)));
}

void FileFetch::sessionReceived(LinkDriver&, wire::Message message) {
    m_stall.start();
    const Expected<void> taken = m_receiver->receive(message);
    if (!taken)
        return m_link->close(wire::CloseReason::Violation, QString::fromStdString(taken.error().text));
    drain();
}

void FileFetch::linkEnded(LinkDriver&, const session::Ended& ended) {
    m_stall.stop();
    m_link.reset();
    if (m_over) return;
    if (ended.reason == wire::CloseReason::NotWelcome)
        return done({{}, Error{ErrorCode::NotPermitted, "The other side does not give files to you."}});
    m_receiver->interrupted();
    drain();
    retryLater();
}

void FileFetch::drain() {
    // A request waits until there is a link to send it on.
    while (m_receiver && !m_attempt) {
        auto action = m_receiver->nextAction();
        if (!action) break;
        act(std::move(*action));
    }
    if (m_link && m_receiver) m_link->setReading(m_receiver->bytesWaiting() <= limits::kFileWindow);
}

void FileFetch::act(FileReceiver::Action action) {
    if (const auto* send = std::get_if<FileReceiver::Send>(&action)) {
        if (m_link) m_link->send(send->message);
    } else if (auto* wanted = std::get_if<FileReceiver::Write>(&action)) {
        write(std::move(*wanted));
    } else if (std::holds_alternative<FileReceiver::Finish>(action)) {
        finish();
    } else {
        done(std::get<FileReceiver::Done>(action));
    }
}

void FileFetch::write(FileReceiver::Write write) {
    m_files.run(
        this,
        [sink = m_wish.sink, write = std::move(write)] { return sink->write(write.offset, write.data); },
        [this](const Expected<void>& result) { onWritten(result); });
}

void FileFetch::onWritten(const Expected<void>& result) {
    if (m_over || !m_receiver) return;
    m_receiver->written(result);
    if (result) m_backoff.reset();
    if (m_gate.pass(m_links.parts().clock.mono())) Q_EMIT progressed(m_receiver->bytesWritten());
    drain();
}

void FileFetch::finish() {
    m_finishing = true;
    m_retry.stop();
    m_files.run(
        this, [sink = m_wish.sink] { return sink->finish(); },
        [this](Expected<std::string> path) {
            if (m_over || !m_receiver) return;
            m_receiver->finished(std::move(path));
            drain();
        });
}

void FileFetch::done(const FileReceiver::Done& done) {
    m_over = true;
    m_retry.stop();
    m_stall.stop();
    if (m_attempt) m_attempt->cancel();
    m_attempt.reset();
    if (m_link) {
        m_link->setUser(nullptr);
        // A goodbye tells the sender that the whole file is there.
        m_link->close(done.error ? wire::CloseReason::Storage : wire::CloseReason::Goodbye, {});
        m_link.reset();
    }
    if (!done.error) Q_EMIT progressed(m_wish.size);
    Q_EMIT finished(QString::fromStdString(done.path),
                    done.error ? QString::fromStdString(done.error->text) : QString());
}

}  // namespace landline::net
