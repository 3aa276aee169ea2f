#include "p2p/timeline/sync_state.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::timeline {

void PeerTimeline::setOurs(const TimelineHead& ours) {
    const bool ended = ours.end && ours.end != m_ours.end;
    const bool fellBack = ours.number < m_ours.number;
    m_ours = ours;
    m_nothingToRead = false;
    if (ended || fellBack) {
        m_contradicts = false;
        m_evidenceDue.reset();
        m_fellBack = true;
    }
    if (m_agreed > ours.number) {
        m_agreed = ours.number;
        m_agreedHash = ours.number == 0 ? Hash128{} : truncated(ours.hash);
    }
    if (fellBack) {
        // What stood in the queue was dropped, so what was sent is not known any more.
        m_sent = 0;
        m_unacknowledged.clear();
        m_unacknowledgedBytes = 0;
    }
    settle();
}

void PeerTimeline::setTheirs(const wire::AuthorHead& theirs) {
    const bool changed = theirs.number != m_theirs.number || theirs.hash != m_theirs.hash;
    const EntryNumber read = std::max(theirs.read, m_theirs.read);
    m_theirs = theirs;
    m_theirs.read = read;
    m_told = std::max(m_told, theirs.number);
    if (!changed) return;
    m_contradicts = false;
    m_nothingToRead = false;
    settle();
}

void PeerTimeline::inferTheirs(EntryNumber number, const Hash128& hash) {
    if (number <= m_theirs.number) return;
    m_theirs.number = number;
    m_theirs.hash = hash;
    m_contradicts = false;
    settle();
}

void PeerTimeline::setSame(const TimelineHead& head) {
    const wire::AuthorHead told = wireHead(head);
    m_announced = std::max(m_announced, head.number);
    m_announcedRead = std::max(m_announcedRead, head.read);
    m_theirs = told;
    m_told = told.number;
    agree(told.number, told.hash);
}

void PeerTimeline::setSent(EntryNumber number, const Hash128& hash, std::size_t bytes) {
    m_sent = number;
    m_announced = std::max(m_announced, number);
    m_unacknowledged.push_back({number, hash, bytes});
    m_unacknowledgedBytes += bytes;
}

void PeerTimeline::sendAgain() {
    m_sent = 0;
    m_unacknowledged.clear();
    m_unacknowledgedBytes = 0;
    settle();
}

void PeerTimeline::setAnnounced() {
    m_announced = m_ours.number;
    m_announcedRead = m_ours.read;
    m_fellBack = false;
}

void PeerTimeline::showAuthorItsOwn() {
    if (m_theirs.number >= m_ours.number || m_shownToAuthor >= m_ours.number || m_contradicts) return;
    m_shownToAuthor = m_ours.number;
    m_evidenceDue = m_ours.number;
}

std::optional<Hash128> PeerTimeline::ourHashAt(EntryNumber number) const {
    if (number == m_ours.number) return truncated(m_ours.hash);
    if (number == m_ours.baseNumber) return truncated(m_ours.baseHash);
    const auto found =
        std::lower_bound(m_unacknowledged.begin(), m_unacknowledged.end(), number,
                         [](const Sent& sent, EntryNumber wanted) { return sent.number < wanted; });
    if (found != m_unacknowledged.end() && found->number == number) return found->hash;
    return std::nullopt;
}

/// Compares the peer's head with what we know of ours at its number, if anything.
void PeerTimeline::settle() {
    if (m_contradicts || m_theirs.number <= m_agreed || m_theirs.number > m_ours.number) return;
    if (const auto ours = ourHashAt(m_theirs.number)) compareAt(m_theirs.number, *ours);
}

void PeerTimeline::compareAt(EntryNumber number, const Hash128& ourHash) {
    if (number != m_theirs.number || number <= m_agreed || number > m_ours.number) return;
    if (ourHash == m_theirs.hash)
        agree(number, ourHash);
    else
        contradict();
}

void PeerTimeline::agree(EntryNumber number, const Hash128& hash) {
    m_agreed = number;
    m_agreedHash = hash;
    while (!m_unacknowledged.empty() && m_unacknowledged.front().number <= number) {
        m_unacknowledgedBytes -= m_unacknowledged.front().bytes;
        m_unacknowledged.pop_front();
    }
}

void PeerTimeline::contradict() {
    m_contradicts = true;
    m_evidenceDue = m_theirs.number;
}

bool PeerTimeline::needsComparison() const {
    return !m_contradicts && !m_nothingToRead && m_theirs.number > m_agreed &&
           m_theirs.number <= m_ours.number && m_theirs.number > m_ours.baseNumber;
}

bool PeerTimeline::maySend(const DeviceId& peer) const {
    const bool known = m_theirs.number <= m_agreed || m_theirs.number < m_sent;
    return m_ours.author != peer && !m_contradicts && !m_nothingToRead && known &&
           nextToSend() <= m_ours.number && m_theirs.number >= m_ours.baseNumber && window() > 0;
}

std::size_t PeerTimeline::window() const {
    return limits::kSyncWindow - std::min(limits::kSyncWindow, m_unacknowledgedBytes);
}

bool PeerTimeline::announceDue(const DeviceId& peer) const {
    if (m_fellBack || m_ours.read > m_announcedRead) return true;
    return m_ours.number > m_announced && (m_theirs.number > m_announced || m_ours.author == peer);
}

std::optional<wire::AuthorHead> PeerTimeline::takeRecord(const DeviceId& peer) {
    const EntryNumber read = std::min(m_theirs.read, m_agreed);
    // That a device holds what it wrote itself is worth no write of ours, unless it says so anyway.
    const bool isNews = m_ours.author != peer || m_told > m_recorded;
    const bool holdsMore = m_agreed > m_recorded && isNews;
    if (!holdsMore && read <= m_recordedRead) return std::nullopt;
    m_recorded = std::max(m_recorded, m_agreed);
    m_recordedRead = std::max(m_recordedRead, read);
    wire::AuthorHead record;
    record.author = m_ours.author;
    record.number = m_agreed;
    record.hash = m_agreedHash;
    record.read = read;
    return record;
}

bool PeerTimeline::takeEndUnknown() {
    if (!m_ours.end || m_theirs.number <= *m_ours.end || m_endShown == m_ours.end) return false;
    m_endShown = m_ours.end;
    return true;
}

bool PeerTimeline::isQuiet(const DeviceId& peer) const {
    return m_unacknowledged.empty() && m_theirs.number <= m_ours.number && !maySend(peer) &&
           !needsComparison() && !announceDue(peer);
}

}  // namespace landline::timeline
