#include "p2p/mailbox/box_reader.h"

#include "p2p/base/limits.h"

namespace landline::mailbox {

using namespace wire::relay;

void BoxReader::enter(RelayEpoch epoch, MailboxNumber freed, MailboxNumber highest) {
    // A position beyond what was ever given is none of this database's, whatever it says of its epoch.
    if (m_position.epoch != epoch || m_position.through > highest) m_position = {epoch, freed};
    m_given = m_position.through;
    m_highest = highest;
    m_freed = freed;
    m_acknowledging.reset();
    m_isPulling = false;
    m_inHand.clear();
    m_inHandBytes = 0;
}

std::optional<Pull> BoxReader::nextPull() {
    if (m_isPulling || m_given >= m_highest || m_inHandBytes > limits::kApplyWindow) return std::nullopt;
    m_isPulling = true;
    m_pulledBytes = 0;
    return Pull{m_box, m_given + 1, limits::kPullBytes};
}

Expected<std::optional<Arrived>> BoxReader::pulled(Pulled answer) {
    if (!m_isPulling || (!answer.items.empty() && answer.items.front().number <= m_given))
        return Unexpected(ErrorCode::ProtocolViolation,
                          "The relay sent envelopes that it was not asked for.");
    if (m_pulledBytes > limits::kPullBytes)
        return Unexpected(ErrorCode::ProtocolViolation, "The relay sent more than it was asked for.");
    Arrived arrived{m_position.epoch, m_box, std::move(answer.items), m_given, 0, m_given};
    std::uint64_t span = 0;
    if (!arrived.items.empty()) {
        arrived.through = arrived.items.back().number;
        span = arrived.through - m_given;
    } else if (answer.last && m_pulledBytes == 0 && answer.highest > m_given) {
        // The whole pull brought nothing: what there was has expired.
        arrived.through = answer.highest;
        span = arrived.through - m_given;
    }
    if (m_box == Box::Messages) arrived.missed = std::min(span - arrived.items.size(), limits::kMissedMost);
    if (answer.last) {
        m_isPulling = false;
        m_highest = std::max(m_highest, answer.highest);
        if (m_pulledBytes == 0 && arrived.items.empty() && answer.highest <= m_given) m_highest = m_given;
    }
    if (arrived.through == m_given) return std::optional<Arrived>();
    m_given = arrived.through;
    m_highest = std::max(m_highest, m_given);
    for (const Item& item : arrived.items) {
        m_inHand.push_back({item.number, item.bytes()});
        m_inHandBytes += item.bytes();
        m_pulledBytes += item.bytes();
    }
    return std::optional(std::move(arrived));
}

void BoxReader::committed(Position position) {
    if (position.epoch != m_position.epoch || position.through <= m_position.through) return;
    m_position = position;
    m_given = std::max(m_given, position.through);
    while (!m_inHand.empty() && m_inHand.front().number <= position.through) {
        m_inHandBytes -= m_inHand.front().bytes;
        m_inHand.pop_front();
    }
}

std::optional<Acknowledge> BoxReader::nextAcknowledge() {
    if (m_acknowledging || m_position.through <= m_freed) return std::nullopt;
    m_acknowledging = m_position.through;
    return Acknowledge{m_position.epoch, m_box, m_position.through};
}

void BoxReader::acknowledged() {
    if (m_acknowledging) m_freed = std::max(m_freed, *m_acknowledging);
    m_acknowledging.reset();
}

}  // namespace landline::mailbox
