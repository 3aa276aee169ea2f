#include "p2p/net/file_serving.h"

#include "p2p/base/limits.h"
#include "p2p/net/thread_check.h"
#include "p2p/net/times.h"

#include <algorithm>

namespace landline::net {

using transfer::FileSender;

FileServing::FileServing(FileThread& files, FilePace& pace, std::shared_ptr<BytePool> buffers,
                         const Clock& clock, LinkHandle link, session::RemoteParty remote, QObject* parent)
    : QObject(parent),
      m_files(files),
      m_pace(pace),
      m_clock(clock),
      m_link(std::move(link)),
      m_remote(std::move(remote)),
      m_buffers(std::move(buffers)),
      m_patience(this) {
    m_link->setUser(this);
    m_pace.join(*this);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] { close(wire::CloseReason::Idle, {}); });
    m_patience.start(ceilMillis(limits::kHandshakeTimeout));
}

FileServing::~FileServing() {
    m_pace.leave(*this);
    if (m_source) m_files.drop(*m_transfer, std::move(m_source));
}

void FileServing::mayPass(std::size_t bytes) {
    if (!m_link || m_told) return m_pace.giveBack(bytes);
    m_credit += bytes;
    drain();
}

void FileServing::rateChanged() {
    m_credit = 0;
    drain();
}

void FileServing::serve(std::shared_ptr<transfer::ChunkSource> source) {
    assertThread(*this);
    if (!m_link || !m_transfer || m_source || m_told) return;
    m_source = std::move(source);
    m_files.run(
        *m_transfer, this,
        [file = m_source, buffers = m_buffers] {
            file->setBuffers(buffers);
            return file->size();
        },
        [this](std::uint64_t size) {
            m_size = size;
            serveNext();
        });
}

void FileServing::refuse(wire::FileRefusal reason, const QString& text) {
    assertThread(*this);
    if (!m_link || !m_transfer || m_told) return;
    m_link->send(wire::FileRefused{*m_transfer, reason, text.toStdString()});
    finish(text);
    close(wire::CloseReason::Goodbye, {});
}

void FileServing::close(wire::CloseReason reason, const QString& text) {
    assertThread(*this);
    if (m_link) m_link->close(reason, text);
}

void FileServing::sessionReceived(LinkDriver&, wire::Message message) {
    if (const auto* request = std::get_if<wire::FileRequest>(&message))
        return takeRequest(*request, request->transfer, request->listing);
    if (auto* check = std::get_if<wire::FileCheck>(&message)) {
        const wire::TransferId transfer = check->transfer;
        return takeRequest(std::move(*check), transfer, false);
    }
    if (std::holds_alternative<wire::FileCancel>(message)) {
        if (m_sender) m_sender->cancelled();
        return drain();
    }
    close(wire::CloseReason::Violation, tr("The other side sent a frame that does not belong to a fetch."));
}

void FileServing::takeRequest(Request request, const wire::TransferId& transfer, bool listing) {
    if (m_remote.hello.transfer != transfer || (m_transfer && listing != m_listing))
        return close(wire::CloseReason::Violation,
                     tr("The other side asked for another file than it came for."));
    if (m_requests.size() == limits::kFileRequestsWaiting)
        return close(wire::CloseReason::Violation, tr("The other side asked for too much at once."));
    m_patience.stop();
    m_requests.push_back(std::move(request));
    if (m_transfer) return serveNext();
    m_transfer = transfer;
    m_listing = listing;
    Q_EMIT wanted(transfer, listing);
}

void FileServing::serveNext() {
    if (!m_link || m_told || !m_size || m_sender || m_check || m_requests.empty()) return;
    // Who asks and does not read the answers gets no more of them.
    if (!m_link->canSend()) return;
    Request next = std::move(m_requests.front());
    m_requests.pop_front();
    m_sentAll = false;
    if (auto* const asked = std::get_if<wire::FileCheck>(&next)) {
        m_check = std::make_shared<transfer::CheckAnswer>(std::move(*asked));
        return compare();
    }
    const auto& request = std::get<wire::FileRequest>(next);
    m_sender.emplace(request, *m_size, m_buffers.get());
    drain();
}

/// A piece at a time, so that other transfers have their turn in between.
void FileServing::compare() {
    m_files.run(
        *m_transfer, this, [file = m_source, check = m_check] { return check->compareNext(*file); },
        [this](bool more) {
            if (!m_link || m_told) return;
            if (more) return compare();
            m_link->send(m_check->answer());
            // It lies in the source, if anything of it is the same; if nothing is, it is asked for.
            const wire::FileCheck& check = m_check->check();
            if (check.offset <= *m_size && check.length <= *m_size - check.offset)
                m_sentTo = std::max(m_sentTo, check.offset + check.length);
            m_check.reset();
            m_sentAll = true;
            if (m_gate.pass(m_clock.mono())) tell(false, {});
            serveNext();
        });
}

void FileServing::sessionWritable(LinkDriver&) {
    if (!m_sender) return serveNext();
    drain();
}

void FileServing::drain() {
    if (!m_sender) return;
    handOut();
    if (m_link) m_link->flush();
    if (m_link && m_sender && !m_told && m_pace.isBounded() && m_credit == 0) m_pace.want(*this);
    if (m_link && !m_told && m_gate.pass(m_clock.mono())) tell(false, {});
}

/// As much as the session takes.
void FileServing::handOut() {
    while (m_link && m_sender && !m_told) {
        const bool mayGo = !m_pace.isBounded() || m_credit > 0;
        m_sender->setWritable(mayGo && m_link->canSend());
        m_sender->setFrame(m_pace.isBounded() ? m_credit : limits::kFileFrame);
        auto action = m_sender->nextAction();
        if (!action) break;
        act(std::move(*action));
    }
}

void FileServing::act(FileSender::Action action) {
    if (auto* chunk = std::get_if<FileSender::SendChunk>(&action)) {
        m_sentTo = std::max(m_sentTo, m_sender->sentTo());
        m_credit -= std::min(m_credit, chunk->data.size);
        return m_link->queueChunk(chunk->offset, std::move(chunk->data));
    }
    if (const auto* send = std::get_if<FileSender::Send>(&action)) {
        m_sentTo = std::max(m_sentTo, m_sender->sentTo());
        if (const auto* skip = std::get_if<wire::FileSkip>(&send->message)) m_skipped += skip->length;
        return m_link->send(send->message);
    }
    if (const auto* wantedRead = std::get_if<FileSender::Read>(&action)) return read(*wantedRead);
    const auto done = std::get<FileSender::Done>(action);
    m_sender.reset();
    if (!done.error) {
        // All is handed out, but only the receiver's goodbye says that all is there.
        m_sentAll = true;
        return serveNext();
    }
    finish(QString::fromStdString(done.error->text));
    close(wire::CloseReason::Goodbye, {});
}

void FileServing::read(const FileSender::Read& read) {
    m_files.run(
        *m_transfer, this, [file = m_source, read] { return file->read(read.offset, read.length); },
        [this](Expected<std::vector<transfer::Piece>> pieces) {
            // Gone if the other side has cancelled meanwhile.
            if (!m_sender) return;
            m_sender->chunkRead(std::move(pieces));
            drain();
        });
}

void FileServing::linkEnded(LinkDriver&, const session::Ended& end) {
    m_link.reset();
    m_pace.leave(*this);
    if (m_pace.isBounded()) m_pace.giveBack(std::exchange(m_credit, 0));
    m_patience.stop();
    const bool complete = m_sentAll && end.byPeer && end.reason == wire::CloseReason::Goodbye;
    if (m_transfer)
        finish(complete
                   ? QString()
                   : tr("The connection ended before the whole file was there. It goes on when the other "
                        "side asks again."));
    Q_EMIT ended();
}

void FileServing::finish(const QString& error) {
    if (std::exchange(m_told, true)) return;
    // Of what was there before only what differed was sent.
    if (error.isEmpty()) m_sentTo = *m_size;
    tell(true, error);
}

void FileServing::tell(bool finished, const QString& error) {
    if (!m_listing) Q_EMIT served(*m_transfer, m_sentTo, finished, error, m_skipped);
}

}  // namespace landline::net
