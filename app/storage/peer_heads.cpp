#include "app/storage/peer_heads.h"

#include "p2p/base/hash.h"
#include "p2p/base/limits.h"

#include <algorithm>
#include <limits>
#include <map>

namespace landline::app {

std::optional<PeerHeads::Stored> PeerHeads::known(qint64 conversation, const DeviceId& author,
                                                  const DeviceId& device) {
    auto row = m_sql.read(
        "SELECT claimed, hash, number, read FROM peer_head WHERE conversation = ? AND author = ? AND device "
        "= ?",
        conversation, author, device);
    if (!row.next()) return std::nullopt;
    return Stored{row.number(0), row.id<Hash128>(1), row.number(2), row.number(3)};
}

bool PeerHeads::isConfirmed(const TimelineTable::Row& timeline, EntryNumber number, const Hash128& hash) {
    if (number <= timeline.head.baseNumber || number > timeline.head.number) return false;
    if (number == timeline.head.number) return truncated(timeline.head.hash) == hash;
    const auto entry = m_timelines.headerOf(entryId(timeline.id, number));
    return entry && truncated(timeline::entryHash(*entry)) == hash;
}

EntryNumber PeerHeads::believed(const Stored& mark, const std::optional<TimelineTable::Row>& timeline) {
    if (!timeline) return 0;
    // A claim beyond what is confirmed, or beyond where the timeline ended since, says nothing about the mark below it.
    if (mark.claimed > mark.number || mark.claimed > timeline->head.number)
        return std::min(mark.number, timeline->head.number);
    return isConfirmed(*timeline, mark.claimed, mark.hash) ? mark.claimed : 0;
}

bool PeerHeads::hasRoom(qint64 conversation, const DeviceId& device) {
    auto row = m_sql.read("SELECT count(*) FROM peer_head WHERE conversation = ? AND device = ?",
                          conversation, device);
    return row.next() && static_cast<std::size_t>(row.integer(0)) < limits::kHeadsPerMessage;
}

void PeerHeads::put(const Directory::Conversation& conversation, const DeviceId& device,
                    std::span<const wire::AuthorHead> heads) {
    for (const wire::AuthorHead& head : heads) {
        const auto before = known(conversation.id, head.author, device);
        const auto timeline = m_timelines.find(conversation.id, head.author);
        // Authors that nobody here knows are remembered up to a limit only: anybody can invent them.
        if (!before && !timeline && !hasRoom(conversation.id, device)) continue;
        EntryNumber number = before ? believed(*before, timeline) : 0;
        const EntryNumber read = std::max(before ? before->read : 0, head.read);
        // A claim below what is confirmed tells nothing new, and would leave the mark without what confirms it.
        const bool news = !before || head.number > number;
        const EntryNumber claimed = news ? head.number : before->claimed;
        const Hash128 hash = news ? head.hash : before->hash;
        if (timeline && head.number > number && isConfirmed(*timeline, head.number, head.hash))
            number = head.number;
        m_sql.write(
            "INSERT INTO peer_head(conversation, author, device, claimed, hash, number, read) "
            "VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(conversation, author, device) DO UPDATE SET "
            "claimed = excluded.claimed, hash = excluded.hash, number = excluded.number, read = "
            "excluded.read",
            conversation.id, head.author, device, storedNumber(claimed), hash, storedNumber(number),
            storedNumber(read));
    }
}

void PeerHeads::appended(const TimelineTable::Row& before, std::span<const timeline::CheckedEntry> entries) {
    struct Claim {
        DeviceId device;
        EntryNumber number;
    };
    std::vector<Claim> confirmed;
    {
        auto row = m_sql.read(
            "SELECT device, claimed, hash FROM peer_head WHERE conversation = ? AND author = ? AND claimed > "
            "number",
            before.conversation, before.head.author);
        while (row.next()) {
            const EntryNumber claimed = row.number(1);
            if (entries.empty() || claimed < entries.front().header.number) continue;
            const std::size_t at = claimed - entries.front().header.number;
            if (at < entries.size() && truncated(entries[at].hash) == row.id<Hash128>(2))
                confirmed.push_back({row.id<DeviceId>(0), claimed});
        }
    }
    for (const Claim& claim : confirmed)
        m_sql.write("UPDATE peer_head SET number = ? WHERE conversation = ? AND author = ? AND device = ?",
                    storedNumber(claim.number), before.conversation, before.head.author, claim.device);
}

std::map<qint64, PeerHeads::Marks> PeerHeads::marksByPerson(const Directory::Conversation& conversation,
                                                            const DeviceId& author) {
    std::map<qint64, Marks> byPerson;
    for (const qint64 member : conversation.members) {
        const Directory::Person* const person = m_directory.person(member);
        if (person && person->key != m_directory.self()) byPerson[member] = {};
    }
    const auto timeline = m_timelines.find(conversation.id, author);
    auto row = m_sql.read(
        "SELECT device, claimed, hash, number, read FROM peer_head WHERE conversation = ? AND author = ?",
        conversation.id, author);
    while (row.next()) {
        const Directory::Person* const person = m_directory.personOf(row.id<DeviceId>(0));
        const auto marks = person ? byPerson.find(person->id) : byPerson.end();
        if (marks == byPerson.end()) continue;
        const Stored stored{row.number(1), row.id<Hash128>(2), row.number(3), row.number(4)};
        marks->second.delivered = std::max(marks->second.delivered, believed(stored, timeline));
        marks->second.read = std::max(marks->second.read, stored.read);
    }
    // What was read somewhere but is not known to be held is not ticked as read either.
    for (auto& [person, marks] : byPerson) marks.read = std::min(marks.read, marks.delivered);
    return byPerson;
}

PeerHeads::Marks PeerHeads::marksOf(qint64 person, const Directory::Conversation& conversation,
                                    const DeviceId& author) {
    const auto byPerson = marksByPerson(conversation, author);
    const auto found = byPerson.find(person);
    return found == byPerson.end() ? Marks{} : found->second;
}

PeerHeads::Marks PeerHeads::marks(const Directory::Conversation& conversation, const DeviceId& author) {
    const auto byPerson = marksByPerson(conversation, author);
    // Nobody else: notes to self are where they belong at once.
    constexpr EntryNumber kAll = std::numeric_limits<EntryNumber>::max();
    Marks all{kAll, byPerson.empty() ? 0 : kAll};
    for (const auto& [person, marks] : byPerson) {
        all.delivered = std::min(all.delivered, marks.delivered);
        all.read = std::min(all.read, marks.read);
    }
    return all;
}

EntryNumber PeerHeads::heldBy(const TimelineTable::Row& timeline, const DeviceId& device,
                              const DeviceId& self) {
    const auto stored = known(timeline.conversation, timeline.head.author, device);
    if (!stored) return 0;
    if (stored->claimed > timeline.head.number && timeline.head.author != self) return stored->claimed;
    return std::min(stored->number, timeline.head.number);
}

}  // namespace landline::app
