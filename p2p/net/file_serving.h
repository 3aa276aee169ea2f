#pragma once

#include "p2p/net/file_thread.h"
#include "p2p/net/later_ptr.h"
#include "p2p/net/link_keeper.h"
#include "p2p/net/progress_gate.h"
#include "p2p/transfer/chunk_io.h"
#include "p2p/transfer/file_sender.h"

namespace landline::net {

/// One bulk session that another device has opened to fetch a file.
///
///     Asking ──FileRequest──► Asked ──serve──► Sending ──Goodbye of the receiver──► Served
///        └────────────────────── refuse, timeout, break ──► ended
class FileServing final : public QObject, private LinkUser {
    Q_OBJECT

public:
    FileServing(FileThread& files, const Clock& clock, LinkHandle link, session::RemoteParty remote,
                QObject* parent);

    [[nodiscard]] const session::RemoteParty& remote() const { return m_remote; }
    /// True once `serve` has answered.
    [[nodiscard]] bool isGranted() const { return m_source != nullptr; }
    /// True once this file was asked for.
    [[nodiscard]] bool isOf(const wire::TransferId& transfer) const {
        return m_request && m_request->transfer == transfer;
    }
    /// Answers to `wanted`.
    void serve(std::shared_ptr<transfer::ChunkSource> source);
    /// Also while the file is being sent: the other side is told and does not come again.
    void refuse(wire::FileRefusal reason, const QString& text);
    void close(wire::CloseReason reason, const QString& text);

Q_SIGNALS:
    void wanted(const landline::wire::TransferId& transfer);
    /// `finished` once, and only if something was asked for; without an error the other side has all.
    void served(const landline::wire::TransferId& transfer, quint64 bytes, bool finished,
                const QString& error);
    /// Last.
    void ended();

private:
    void sessionReceived(LinkDriver& driver, wire::Message message) override;
    void sessionWritable(LinkDriver& driver) override;
    void linkEnded(LinkDriver& driver, const session::Ended& ended) override;

    void takeRequest(const wire::FileRequest& request);
    void begin(std::uint64_t size);
    void drain();
    void act(transfer::FileSender::Action action);
    void read(const transfer::FileSender::Read& read);
    void finish(const QString& error);
    [[nodiscard]] quint64 bytesSent() const;

    FileThread& m_files;
    const Clock& m_clock;
    LinkHandle m_link;
    session::RemoteParty m_remote;
    std::optional<wire::FileRequest> m_request;
    std::shared_ptr<transfer::ChunkSource> m_source;
    std::optional<transfer::FileSender> m_sender;
    ProgressGate m_gate;
    QTimer m_patience;  ///< for the request to come
    bool m_sentAll = false;
    bool m_told = false;
};

}  // namespace landline::net
