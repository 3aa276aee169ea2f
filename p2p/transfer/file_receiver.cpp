#include "p2p/transfer/file_receiver.h"

#include "p2p/base/limits.h"

#include <utility>

namespace landline::transfer {

namespace {

std::string refusalText(const wire::FileRefused& refused) {
    switch (refused.reason) {
        case wire::FileRefusal::NotOffered:
            return "The other side no longer offers this file.";
        case wire::FileRefusal::Changed:
            return "The file has changed since it was offered. Ask for it to be sent again.";
        case wire::FileRefusal::Unreadable:
            return "The other side cannot read the file. Ask for it to be sent again.";
        case wire::FileRefusal::NotPermitted:
            return "The other side does not give this file to this device.";
        case wire::FileRefusal::Unknown:
            break;
    }
    return "The other side refused to send the file.";
}

}  // namespace

FileReceiver::FileReceiver(const wire::TransferId& transfer, std::uint64_t size, std::uint64_t held)
    : m_transfer(transfer), m_size(size), m_received(held), m_handedOut(held), m_written(held) {
    if (held > size)
        end({{}, Error{ErrorCode::Malformed, "More of the file is here than was offered. Fetch it anew."}});
    else if (held == size)
        m_actions.push_back(Finish{});
    else
        m_actions.push_back(Send{wire::FileRequest{transfer, held, size - held}});
}

Expected<void> FileReceiver::receive(const wire::Message& message) {
    if (m_over) return {};
    if (const auto* chunk = std::get_if<wire::FileChunk>(&message)) return takeChunk(*chunk);
    if (const auto* refused = std::get_if<wire::FileRefused>(&message)) {
        end({{}, Error{ErrorCode::NotFound, refusalText(*refused)}});
        return {};
    }
    return Unexpected(ErrorCode::ProtocolViolation, "The other side sent something else than the file.");
}

Expected<void> FileReceiver::takeChunk(const wire::FileChunk& chunk) {
    if (chunk.offset != m_received || chunk.data.empty() || chunk.data.size() > m_size - m_received)
        return Unexpected(ErrorCode::ProtocolViolation,
                          "The other side sent a part of the file that was not next.");
    append(m_gathered, chunk.data);
    m_received += chunk.data.size();
    if (m_gathered.size() >= limits::kFileChunk || m_received == m_size) flush();
    return {};
}

void FileReceiver::flush() {
    if (m_gathered.empty()) return;
    m_writing.push_back(m_gathered.size());
    const std::uint64_t offset = m_handedOut;
    m_handedOut += m_gathered.size();
    m_actions.push_back(Write{offset, std::exchange(m_gathered, {})});
}

void FileReceiver::written(const Expected<void>& result) {
    if (m_over || m_writing.empty()) return;
    if (!result) {
        m_actions.push_back(Send{wire::FileCancel{m_transfer}});
        end({{}, result.error()});
        return;
    }
    m_written += m_writing.front();
    m_writing.pop_front();
    if (m_written == m_size) m_actions.push_back(Finish{});
}

void FileReceiver::finished(Expected<std::string> path) {
    if (m_over) return;
    if (path)
        end({*path, {}});
    else
        end({{}, path.error()});
}

void FileReceiver::cancel() {
    if (m_over) return;
    m_actions.push_back(Send{wire::FileCancel{m_transfer}});
    end({{}, Error{ErrorCode::Closed, "The transfer was cancelled."}});
}

void FileReceiver::interrupted() {
    if (!m_over) flush();
}

void FileReceiver::end(Done done) {
    m_over = true;
    m_actions.push_back(std::move(done));
}

std::optional<FileReceiver::Action> FileReceiver::nextAction() {
    if (m_actions.empty()) return std::nullopt;
    Action action = std::move(m_actions.front());
    m_actions.pop_front();
    return action;
}

}  // namespace landline::transfer
