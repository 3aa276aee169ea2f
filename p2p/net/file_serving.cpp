#include "p2p/net/file_serving.h"

#include "p2p/base/limits.h"
#include "p2p/net/times.h"

namespace landline::net {

using transfer::FileSender;

FileServing::FileServing(FileThread& files, const Clock& clock, LinkHandle link, session::RemoteParty remote,
                         QObject* parent)
    : QObject(parent),
      m_files(files),
      m_clock(clock),
      m_link(std::move(link)),
      m_remote(std::move(remote)),
      m_patience(this) {
    m_link->setUser(this);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] { close(wire::CloseReason::Idle, {}); });
    m_patience.start(ceilMillis(limits::kHandshakeTimeout));
}

void FileServing::serve(std::shared_ptr<transfer::ChunkSource> source) {
    if (!m_link || !m_request || m_source || m_told) return;
    m_source = std::move(source);
    m_files.run(
        this, [file = m_source] { return file->size(); }, [this](std::uint64_t size) { begin(size); });
}

void FileServing::refuse(wire::FileRefusal reason, const QString& text) {
    if (!m_link || !m_request || m_told) return;
    m_link->send(wire::FileRefused{m_request->transfer, reason, text.toStdString()});
    finish(text);
    close(wire::CloseReason::Goodbye, {});
}

void FileServing::close(wire::CloseReason reason, const QString& text) {
    if (m_link) m_link->close(reason, text);
}

void FileServing::sessionReceived(LinkDriver&, wire::Message message) {
    if (const auto* request = std::get_if<wire::FileRequest>(&message); request && !m_request)
        return takeRequest(*request);
    if (std::holds_alternative<wire::FileCancel>(message)) {
        if (m_sender) m_sender->cancelled();
        return drain();
    }
    close(wire::CloseReason::Violation, tr("The other side sent a frame that does not belong to a fetch."));
}

void FileServing::takeRequest(const wire::FileRequest& request) {
    if (m_remote.hello.transfer != request.transfer)
        return close(wire::CloseReason::Violation,
                     tr("The other side asked for another file than it came for."));
    m_patience.stop();
    m_request = request;
    Q_EMIT wanted(request.transfer);
}

void FileServing::begin(std::uint64_t size) {
    if (!m_link || m_told) return;
    m_sender.emplace(*m_request, size);
    drain();
}

void FileServing::sessionWritable(LinkDriver&) {
    drain();
}

void FileServing::drain() {
    if (!m_sender) return;
    while (m_link && !m_told) {
        m_sender->setWritable(m_link->canSend());
        auto action = m_sender->nextAction();
        if (!action) break;
        act(std::move(*action));
    }
    if (m_link && !m_told && m_gate.pass(m_clock.mono()))
        Q_EMIT served(m_request->transfer, bytesSent(), false, {});
}

void FileServing::act(FileSender::Action action) {
    if (const auto* send = std::get_if<FileSender::Send>(&action)) return m_link->send(send->message);
    if (const auto* wantedRead = std::get_if<FileSender::Read>(&action)) return read(*wantedRead);
    const auto& done = std::get<FileSender::Done>(action);
    // All is handed out, but only the receiver's goodbye says that all is there.
    m_sentAll = !done.error;
    if (m_sentAll) return;
    finish(QString::fromStdString(done.error->text));
    close(wire::CloseReason::Goodbye, {});
}

void FileServing::read(const FileSender::Read& read) {
    m_files.run(
        this, [file = m_source, read] { return file->read(read.offset, read.length); },
        [this](Expected<Bytes> chunk) {
            m_sender->chunkRead(std::move(chunk));
            drain();
        });
}

void FileServing::linkEnded(LinkDriver&, const session::Ended& end) {
    m_link.reset();
    m_patience.stop();
    const bool complete = m_sentAll && end.byPeer && end.reason == wire::CloseReason::Goodbye;
    if (m_request)
        finish(complete
                   ? QString()
                   : tr("The connection ended before the whole file was there. It goes on when the other "
                        "side asks again."));
    Q_EMIT ended();
}

void FileServing::finish(const QString& error) {
    if (std::exchange(m_told, true)) return;
    Q_EMIT served(m_request->transfer, bytesSent(), true, error);
}

quint64 FileServing::bytesSent() const {
    return m_sender ? m_request->offset + m_sender->bytesSent() : m_request->offset;
}

}  // namespace landline::net
