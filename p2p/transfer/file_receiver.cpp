#include "p2p/transfer/file_receiver.h"

#include "p2p/base/limits.h"

#include <algorithm>
#include <utility>

namespace landline::transfer {

namespace {

/// What is compared at once: a few disk reads' worth, so that both sides' digests run side by side, and yet soon done on
/// a slow disk. The first check is smaller: the other side does not wait for it for long.
constexpr std::uint64_t kFirstCheckBytes = limits::kFileChunk;
constexpr std::uint64_t kCheckBytes = 8 * std::uint64_t(limits::kFileChunk);
constexpr std::size_t kChecksAtOnce = 3;
/// So that many small gaps do not cost a round trip each.
constexpr std::size_t kRequestsAtOnce = 4;
static_assert(kCheckBytes <= limits::kFileCheckPieces * std::uint64_t(limits::kFileChunk));
static_assert(std::max(kChecksAtOnce, kRequestsAtOnce) <= limits::kFileRequestsWaiting);
/// What a skip counts for while it waits for the disk: a peer may send many.
constexpr std::size_t kSkipWeight = 4096;

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

Unexpected violation() {
    return Unexpected(ErrorCode::ProtocolViolation,
                      "The other side sent a part of the file that was not next.");
}

}  // namespace

FileReceiver::FileReceiver(const wire::TransferId& transfer, std::uint64_t size, const Held& held,
                           bool listing, std::uint64_t allowed)
    : m_transfer(transfer),
      m_size(size),
      m_listing(listing),
      m_unsound(held.unchecked),
      m_unchecked(held.unchecked.begin(), held.unchecked.end()),
      m_missing(held.missing),
      m_allowed(allowed),
      m_done(size) {
    for (const auto* ranges : {&held.unchecked, &held.missing}) {
        for (const Range& range : *ranges) {
            if (range.at >= range.end || range.end > size || range.size() > m_done) {
                end({{},
                     Error{ErrorCode::Internal,
                           "What is here of the file is not part of it. Fetch it anew."}});
                return;
            }
            m_done -= range.size();
        }
    }
    checkMore();
    fetchIfCompared();
}

// Checking --------------------------------------------------------------------------------------------------------

void FileReceiver::checkMore() {
    if (m_digesting || m_checks.size() == kChecksAtOnce || m_unchecked.empty()) return;
    Range& first = m_unchecked.front();
    const std::uint64_t most = std::exchange(m_asked, true) ? kCheckBytes : kFirstCheckBytes;
    const Range range{first.at, std::min(first.end, first.at + std::min(most, first.size()))};
    first.at = range.end;
    if (first.at == first.end) m_unchecked.pop_front();
    m_digesting = true;
    m_checks.push_back(range);
    m_actions.push_back(Digest{range});
}

void FileReceiver::digested(Expected<std::vector<ChunkDigest>> digests) {
    if (m_over || !m_digesting) return;
    m_digesting = false;
    if (m_interrupted) return;
    if (!digests) return end({{}, digests.error()});
    const Range& range = m_checks.back();
    m_actions.push_back(
        Send{wire::FileCheck{m_transfer, range.at, range.size(), std::move(digests).value()}});
    checkMore();
}

Expected<void> FileReceiver::takeChecked(const wire::FileChecked& checked) {
    const bool isAsked = !m_checks.empty() && !(m_digesting && m_checks.size() == 1);
    if (!isAsked || checked.offset != m_checks.front().at) return violation();
    Range range = m_checks.front();
    const std::uint64_t pieces = (range.size() + limits::kFileChunk - 1) / limits::kFileChunk;
    if (checked.same.size() != (pieces + 7) / 8) return violation();
    m_checks.pop_front();
    for (std::size_t i = 0; range.at < range.end; ++i) {
        const Range piece{range.at, std::min<std::uint64_t>(range.end, range.at + limits::kFileChunk)};
        if ((checked.same[i / 8] >> (i % 8)) & 1) {
            m_done += piece.size();
            m_unsound.remove(piece);
        } else {
            want(piece);
        }
        range.at = piece.end;
    }
    checkMore();
    fetchIfCompared();
    return {};
}

void FileReceiver::want(Range range) {
    if (!m_wanted.empty() && m_wanted.back().end == range.at)
        m_wanted.back().end = range.end;
    else
        m_wanted.push_back(range);
}

// Fetching --------------------------------------------------------------------------------------------------------

void FileReceiver::fetchIfCompared() {
    if (!m_checks.empty() || !m_unchecked.empty()) return;
    m_wanted.insert(m_wanted.end(), m_missing.begin(), m_missing.end());
    requestMore();
    finishIfAllIsThere();
}

void FileReceiver::askPlainly() {
    std::uint64_t first = m_size;
    for (const std::deque<Range>* const ranges : {&m_checks, &m_unchecked, &m_requested})
        if (!ranges->empty()) first = std::min(first, ranges->front().at);
    if (!m_missing.empty()) first = std::min(first, m_missing.front().at);
    if (m_over || first == m_size) return;
    m_actions.clear();
    m_checks.clear();
    m_unchecked.clear();
    m_digesting = false;
    m_requested.clear();
    m_wanted = {{first, m_size}};
    m_done = first;
    m_allowed = kNoBound;
    requestMore();
}

void FileReceiver::requestMore() {
    while (!m_wanted.empty() && m_requested.size() < kRequestsAtOnce && m_allowed != 0) {
        Range& first = m_wanted.front();
        const Range range{first.at, first.at + std::min(first.size(), m_allowed)};
        if (m_allowed != kNoBound) m_allowed -= range.size();
        first.at = range.end;
        if (first.at == first.end) m_wanted.pop_front();
        m_requested.push_back(range);
        m_actions.push_back(Send{wire::FileRequest{m_transfer, range.at, range.size(), m_listing}});
    }
}

void FileReceiver::allow(std::uint64_t bytes) {
    const bool wasBounded = m_allowed != kNoBound;
    m_allowed = bytes == kNoBound || !wasBounded ? bytes : m_allowed + bytes;
    if (!m_over) requestMore();
}

std::uint64_t FileReceiver::takeBack() {
    if (m_allowed == kNoBound) return 0;
    return std::exchange(m_allowed, 0) + bytesAsked();
}

bool FileReceiver::isHeldBack() const {
    return !m_over && m_allowed == 0 && !m_wanted.empty() && m_requested.size() < kRequestsAtOnce;
}

std::uint64_t FileReceiver::bytesAsked() const {
    std::uint64_t bytes = 0;
    for (const Range& range : m_requested) bytes += range.size();
    return bytes;
}

void FileReceiver::received(std::uint64_t bytes) {
    Range& range = m_requested.front();
    range.at += bytes;
    if (range.at != range.end) return;
    flush();
    m_requested.pop_front();
    requestMore();
}

void FileReceiver::finishIfAllIsThere() {
    if (m_done == m_size && m_pending.empty() && !std::exchange(m_finishing, true))
        m_actions.push_back(Finish{});
}

Expected<void> FileReceiver::receive(const wire::Message& message) {
    if (m_over) return {};
    if (const auto* chunk = std::get_if<wire::FileChunk>(&message))
        return receiveChunk(chunk->offset, SharedSlice::of(chunk->data));
    if (const auto* skip = std::get_if<wire::FileSkip>(&message)) return takeSkip(*skip);
    if (const auto* checked = std::get_if<wire::FileChecked>(&message)) return takeChecked(*checked);
    if (const auto* refused = std::get_if<wire::FileRefused>(&message)) {
        end({{}, Error{ErrorCode::NotFound, refusalText(*refused)}});
        return {};
    }
    return Unexpected(ErrorCode::ProtocolViolation, "The other side sent something else than the file.");
}

Expected<void> FileReceiver::receiveChunk(std::uint64_t offset, SharedSlice data) {
    if (m_over) return {};
    const std::size_t bytes = data.size;
    if (m_requested.empty() || offset != m_requested.front().at || bytes == 0 ||
        bytes > m_requested.front().size())
        return violation();
    if (m_gathered.empty()) m_gatheredFrom = offset;
    const std::size_t inMemory = gather(std::move(data));
    m_waiting += inMemory;
    m_gatheredInMemory += inMemory;
    if (m_gatheredBytes >= limits::kFileChunk) flush();
    received(bytes);
    return {};
}

/// Gives what it takes of memory: of what is shared the whole buffer, once for the frames that came in it together.
std::size_t FileReceiver::gather(SharedSlice data) {
    m_gatheredBytes += data.size;
    const bool copied = data.size < limits::kLeastShared;
    std::size_t before = 0;
    if (!copied) {
        if (std::exchange(m_gatheredBuffer, data.owner.get()) == data.owner.get())
            before = data.owner->capacity();
        m_gathered.push_back(std::move(data));
    } else if (m_gatheredIsOurs && !m_gathered.empty()) {
        before = m_gathered.back().owner->capacity();
        append(*m_gathered.back().owner, data.view());
        m_gathered.back().size += data.size;
    } else {
        m_gathered.push_back(SharedSlice::of(toBytes(data.view())));
    }
    m_gatheredIsOurs = copied;
    return m_gathered.back().owner->capacity() - before;
}

Expected<void> FileReceiver::takeSkip(const wire::FileSkip& skip) {
    if (m_requested.empty() || skip.offset != m_requested.front().at || skip.length == 0 ||
        skip.length > m_requested.front().size())
        return violation();
    flush();
    m_pending.push_back({{skip.offset, skip.offset + skip.length}, kSkipWeight});
    m_waiting += kSkipWeight;
    m_actions.push_back(Skip{skip.offset, skip.length, skip.reason});
    received(skip.length);
    return {};
}

void FileReceiver::flush() {
    if (m_gathered.empty()) return;
    const std::size_t size = std::exchange(m_gatheredBytes, 0);
    m_gatheredBuffer = nullptr;
    m_pending.push_back({{m_gatheredFrom, m_gatheredFrom + size}, std::exchange(m_gatheredInMemory, 0)});
    m_actions.push_back(Write{m_gatheredFrom, std::exchange(m_gathered, {})});
}

std::size_t FileReceiver::Write::size() const {
    std::size_t bytes = 0;
    for (const SharedSlice& part : parts) bytes += part.size;
    return bytes;
}

void FileReceiver::written(const Expected<void>& result) {
    if (m_over || m_pending.empty()) return;
    if (!result) {
        m_actions.push_back(Send{wire::FileCancel{m_transfer}});
        return end({{}, result.error()});
    }
    m_done += m_pending.front().range.size();
    m_unsound.remove(m_pending.front().range);
    m_waiting -= m_pending.front().inMemory;
    m_pending.pop_front();
    finishIfAllIsThere();
}

void FileReceiver::finished(Expected<ChunkSink::Result> result) {
    if (m_over) return;
    if (result)
        end({std::move(result).value(), {}});
    else
        end({{}, result.error()});
}

void FileReceiver::cancel() {
    if (m_over) return;
    m_actions.push_back(Send{wire::FileCancel{m_transfer}});
    end({{}, Error{ErrorCode::Closed, "The transfer was cancelled."}});
}

void FileReceiver::writeGathered() {
    if (!m_over) flush();
}

void FileReceiver::interrupted() {
    m_interrupted = true;
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
