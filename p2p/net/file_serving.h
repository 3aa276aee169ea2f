#pragma once

#include "p2p/net/file_pace.h"
#include "p2p/net/file_thread.h"
#include "p2p/net/later_ptr.h"
#include "p2p/net/link_keeper.h"
#include "p2p/net/progress_gate.h"
#include "p2p/transfer/chunk_io.h"
#include "p2p/transfer/file_sender.h"

#include <deque>
#include <variant>

namespace landline::net {

/// One bulk session that another device has opened to fetch a file.
///
///     Asking ──FileRequest or FileCheck──► Asked ──serve──► Serving ──Goodbye of the receiver──► Served
///        └────────────────────── refuse, timeout, break ──► ended
class FileServing final : public QObject, private LinkUser, private PacedUser {
    Q_OBJECT

public:
    FileServing(FileThread& files, FilePace& pace, std::shared_ptr<BytePool> buffers, const Clock& clock,
                LinkHandle link, session::RemoteParty remote, QObject* parent);
    ~FileServing() override;

    [[nodiscard]] const session::RemoteParty& remote() const { return m_remote; }
    /// Null once the session has ended.
    [[nodiscard]] LinkDriver* link() const { return m_link.get(); }
    /// True once `serve` has answered.
    [[nodiscard]] bool isGranted() const { return m_source != nullptr; }
    /// True once this file was asked for.
    [[nodiscard]] bool isOf(const wire::TransferId& transfer) const { return m_transfer == transfer; }
    /// Answers to `wanted`.
    void serve(std::shared_ptr<transfer::ChunkSource> source);
    /// Also while the file is being sent: the other side is told and does not come again.
    void refuse(wire::FileRefusal reason, const QString& text);
    void close(wire::CloseReason reason, const QString& text);

Q_SIGNALS:
    /// Once: the content is asked for, or the listing of a bundle.
    void wanted(const landline::wire::TransferId& transfer, bool listing);
    /// Not of a listing. `finished` once, and only if something was asked for; without an error the other side has all
    /// but what was `skipped`.
    void served(const landline::wire::TransferId& transfer, quint64 bytes, bool finished,
                const QString& error, quint64 skipped);
    /// Last.
    void ended();

private:
    void sessionReceived(LinkDriver& driver, wire::Message message) override;
    void sessionWritable(LinkDriver& driver) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    void mayPass(std::size_t bytes) override;
    void rateChanged() override;

    using Request = std::variant<wire::FileRequest, wire::FileCheck>;

    void takeRequest(Request request, const wire::TransferId& transfer, bool listing);
    void serveNext();
    void compare();
    void drain();
    void handOut();
    void act(transfer::FileSender::Action action);
    void read(const transfer::FileSender::Read& read);
    void tell(bool finished, const QString& error);
    void finish(const QString& error);

    FileThread& m_files;
    FilePace& m_pace;
    std::size_t m_credit = 0;  ///< bytes that may be sent under a bound
    const Clock& m_clock;
    LinkHandle m_link;
    session::RemoteParty m_remote;
    std::optional<wire::TransferId> m_transfer;  ///< once asked
    bool m_listing = false;
    std::deque<Request> m_requests;
    std::optional<std::uint64_t> m_size;  ///< of the source
    std::shared_ptr<transfer::ChunkSource> m_source;
    std::shared_ptr<BytePool> m_buffers;             ///< for what is read
    std::optional<transfer::FileSender> m_sender;    ///< of the request under way
    std::shared_ptr<transfer::CheckAnswer> m_check;  ///< of the check under way
    std::uint64_t m_sentTo = 0;                      ///< the furthest that was sent, or found to be the same
    std::uint64_t m_skipped = 0;  ///< bytes in whose place the other side was told that they do not come
    ProgressGate m_gate;
    QTimer m_patience;  ///< for the request to come
    bool m_sentAll = false;
    bool m_told = false;
};

}  // namespace landline::net
