#include "app/storage/amendment_table.h"

#include "app/storage/shown_text.h"
#include "p2p/base/hash.h"

#include <algorithm>

namespace landline::app {

using timeline::HybridTime;
using wire::ContentKind;

namespace {

/// Target numbers are compared for equality only: the same bits serve.
qint64 targetNumber(const EntryRef& target) {
    return static_cast<qint64>(target.number);
}

/// The target, text and state of what amends.
struct Parts {
    EntryRef target;
    QString text;
    bool removed = false;
};

bool isAmendment(const wire::Content& content) {
    return std::holds_alternative<wire::Edit>(content) || std::holds_alternative<wire::Delete>(content) ||
           std::holds_alternative<wire::Reaction>(content);
}

Parts partsOf(const wire::Content& content) {
    if (const auto* edit = std::get_if<wire::Edit>(&content))
        return {edit->target, shownText(edit->text), false};
    if (const auto* del = std::get_if<wire::Delete>(&content)) return {del->target, {}, false};
    const auto& reaction = std::get<wire::Reaction>(content);
    return {reaction.target, QString::fromStdString(reaction.emoji), reaction.removed};
}

struct Written {
    bool sound = false;          ///< false if row and entry contradict each other; see textAsWritten
    std::optional<Parts> parts;  ///< nothing also if an older version took what this one does not allow
};

/// What the author's entry says that the row repeats.
Written amendmentAsWritten(const Amendment& amendment, const EntryRef& target, const Bytes& headerBytes,
                           const Bytes& payload) {
    const auto header = wire::parseEntryHeader(headerBytes);
    if (!header || header->kind != static_cast<std::uint32_t>(amendment.kind) ||
        header->number != numberOf(amendment.entryId) || sha256(payload) != header->payloadHash)
        return {};
    const auto content = wire::parsePayload(header->kind, payload);
    if (!content) return {true, {}};
    if (!isAmendment(*content)) return {};
    Parts parts = partsOf(*content);
    if (parts.target != target) return {};
    return {true, std::move(parts)};
}

}  // namespace

EntryRef AmendmentTable::put(qint64 conversation, qint64 entryId, HybridTime order,
                             const wire::Content& content) {
    const Parts parts = partsOf(content);
    EntryNumber& highest = highestTarget(conversation);
    highest = std::max(highest, parts.target.number);
    m_sql.write(
        "INSERT OR REPLACE INTO amendment(id, conversation, target_author, target_number, order_clock, kind, "
        "text, "
        "removed) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        entryId, conversation, parts.target.author, targetNumber(parts.target), orderedInt(order),
        wire::kindOf(content), parts.text, parts.removed);
    return parts.target;
}

void AmendmentTable::remove(qint64 entryId) {
    m_sql.write("DELETE FROM amendment WHERE id = ?", entryId);
}

std::vector<EntryRef> AmendmentTable::removeBeyond(qint64 timeline, EntryNumber last) {
    const qint64 from = entryId(timeline, last);
    const qint64 to = entryId(timeline, kHighestEntryNumber);
    std::vector<EntryRef> targets;
    {
        auto row = m_sql.read("SELECT target_author, target_number FROM amendment WHERE id > ? AND id <= ?",
                              from, to);
        while (row.next()) targets.push_back({row.id<DeviceId>(0), row.number(1)});
    }
    m_sql.write("DELETE FROM amendment WHERE id > ? AND id <= ?", from, to);
    return targets;
}

bool AmendmentTable::setOrder(qint64 entryId, HybridTime order) {
    return m_sql.write("UPDATE amendment SET order_clock = ? WHERE id = ?", orderedInt(order), entryId) > 0;
}

EntryNumber& AmendmentTable::highestTarget(qint64 conversation) {
    const auto [known, isNew] = m_highestTargets.try_emplace(conversation, 0);
    if (!isNew) return known->second;
    // Numbers beyond 2^63 are negative here; no entry that is held has one.
    auto row = m_sql.read("SELECT max(target_number) FROM amendment WHERE conversation = ?", conversation);
    if (row.next()) known->second = static_cast<EntryNumber>(std::max<qint64>(0, row.integer(0)));
    return known->second;
}

bool AmendmentTable::any(qint64 conversation, const EntryRef& target) {
    if (target.number > highestTarget(conversation)) return false;
    auto row = m_sql.read(
        "SELECT 1 FROM amendment WHERE conversation = ? AND target_number = ? AND target_author = ? LIMIT 1",
        conversation, targetNumber(target), target.author);
    return row.next();
}

std::vector<Amendment> AmendmentTable::of(qint64 conversation, const EntryRef& target) {
    std::vector<Amendment> result;
    if (target.number > highestTarget(conversation)) return result;
    {
        auto row = m_sql.read(
            "SELECT amendment.id, order_clock, kind, header, payload FROM amendment "
            "LEFT JOIN entry ON entry.id = amendment.id "
            "WHERE conversation = ? AND target_number = ? AND target_author = ?",
            conversation, targetNumber(target), target.author);
        while (row.next()) {
            Amendment amendment{row.integer(0),
                                {},
                                fromOrderedInt(row.integer(1)),
                                static_cast<ContentKind>(row.integer(2)),
                                {},
                                false,
                                0};
            auto written = amendmentAsWritten(amendment, target, row.bytes(3), row.bytes(4));
            if (!written.sound) m_sql.failDamaged();
            if (!written.parts) continue;
            amendment.text = std::move(written.parts->text);
            amendment.removed = written.parts->removed;
            result.push_back(std::move(amendment));
        }
    }
    for (Amendment& amendment : result) {
        const TimelineTable::Key* const key = m_timelines.keyOf(timelineOf(amendment.entryId));
        if (!key) continue;
        amendment.entry = {key->author, numberOf(amendment.entryId)};
        if (const Directory::Person* const person = m_directory.personOf(key->author))
            amendment.person = person->id;
    }
    std::sort(result.begin(), result.end(),
              [](const Amendment& a, const Amendment& b) { return a.position() < b.position(); });
    return result;
}

std::optional<EntryRef> AmendmentTable::targetOf(qint64 entryId) {
    auto row = m_sql.read("SELECT target_author, target_number FROM amendment WHERE id = ?", entryId);
    if (!row.next()) return std::nullopt;
    return EntryRef{row.id<DeviceId>(0), row.number(1)};
}

bool AmendmentTable::isBySamePerson(const Amendment& amendment, const DeviceId& author) const {
    const Directory::Person* const person = m_directory.personOf(author);
    return amendment.entry.author == author || (person && person->id == amendment.person);
}

bool AmendmentTable::isDeleted(qint64 conversation, const Amendment& amendment) {
    if (!any(conversation, amendment.entry)) return false;
    const auto amendments = of(conversation, amendment.entry);
    return std::any_of(amendments.begin(), amendments.end(), [&](const Amendment& other) {
        return other.kind == ContentKind::Delete && isBySamePerson(other, amendment.entry.author);
    });
}

Amended AmendmentTable::outcome(qint64 conversation, const EntryRef& target) {
    Amended result;
    std::map<std::pair<QString, qint64>, bool> reactions;
    for (const Amendment& amendment : of(conversation, target)) {
        const bool byAuthor = isBySamePerson(amendment, target.author);
        if (amendment.kind == ContentKind::Delete)
            result.deleted = result.deleted || byAuthor;
        else if (isDeleted(conversation, amendment))
            continue;
        else if (amendment.kind == ContentKind::Reaction)
            reactions[{amendment.text, amendment.person}] = !amendment.removed;
        else if (byAuthor)
            result.text = amendment.text;
    }
    if (result.deleted) return {true, {}, {}};
    for (const auto& [key, active] : reactions)
        if (const Directory::Person* const person = m_directory.person(key.second); person && active)
            result.reactions[key.first].push_back(person->key);
    return result;
}

}  // namespace landline::app
