#pragma once

#include "app/storage/database.h"
#include "p2p/base/hash.h"
#include "p2p/identity/direct_conversation.h"
#include "tests/support/seeded_random.h"

#include <QTemporaryDir>

#include <memory>

namespace landline::app::test {

using landline::test::SeededRandom;

/// A device that writes its timelines for a test's store. Clocks are the test's own. A copy forks its timeline.
class Author {
public:
    Author(const identity::SigningKey& person, Random& random)
        : m_random(random),
          m_keys(std::make_shared<identity::DeviceKeys>(identity::DeviceKeys::generate(random))),
          m_certificate(identity::Certificate::issue(person, *m_keys, fromUnixMillis(1700000000000))) {}

    /// The same device, claimed by another person.
    Author(const identity::SigningKey& person, const Author& device)
        : m_random(device.m_random),
          m_keys(device.m_keys),
          m_certificate(identity::Certificate::issue(person, *m_keys, fromUnixMillis(1700000000000))) {}

    [[nodiscard]] DeviceId id() const { return m_keys->id(); }
    [[nodiscard]] const identity::Certificate& certificate() const { return m_certificate; }
    [[nodiscard]] const timeline::TimelineTip& tip() const { return m_tip; }
    /// The next entry of this device's timeline in the one conversation that it writes in.
    timeline::CheckedEntry write(const ConversationId& conversation, qint64 millis,
                                 const wire::Content& content) {
        const auto clock = timeline::hybridFrom(fromUnixMillis(millis));
        auto entry =
            timeline::makeEntry(conversation, *m_keys, m_certificate, m_tip, clock, content, m_random);
        m_tip = {entry.header.number, entry.hash};
        return entry;
    }

private:
    Random& m_random;
    std::shared_ptr<const identity::DeviceKeys> m_keys;
    identity::Certificate m_certificate;
    timeline::TimelineTip m_tip;
};

/// A store in a folder of its own, with oneself (a device) and another person, whose direct conversation is known.
struct StoreFixture {
    SeededRandom random{11};
    identity::SigningKey myPerson = identity::SigningKey::generate(random);
    identity::SigningKey otherPerson = identity::SigningKey::generate(random);
    Author me{myPerson, random};
    Author other{otherPerson, random};
    PersonId self = identity::personIdOf(myPerson);
    PersonId otherId = identity::personIdOf(otherPerson);
    ConversationId direct = identity::directConversation(self, otherId);
    QTemporaryDir folder;
    std::unique_ptr<Database> store;
    QString damagedCopy;

    StoreFixture() { (void)open(); }

    /// Closes and opens the store.
    Expected<void> open(const QString& sqliteOptions = {}) {
        store.reset();
        auto opened = Database::open(folder.path(), self, sqliteOptions);
        if (!opened) return Unexpected(opened.error());
        store = std::move(opened->database);
        damagedCopy = opened->damagedCopy;
        store->putCertificate(me.certificate());
        store->meet(other.certificate(), QStringLiteral("Other"));
        return store->commit();
    }
    /// What the applier does once a run has been checked.
    void append(std::span<const timeline::CheckedEntry> entries) {
        const wire::EntryHeader& last = entries.back().header;
        timeline::TimelineHead head =
            store->head(last.conversation, last.author).value_or(timeline::TimelineHead{});
        head.author = last.author;
        head.number = last.number;
        head.hash = entries.back().hash;
        head.clock = last.clock;
        store->append(last.conversation, entries, head);
    }
    void append(const timeline::CheckedEntry& entry) { append(std::span(&entry, 1)); }
    /// Writes and appends a text in the direct conversation.
    timeline::CheckedEntry say(Author& author, qint64 millis, const std::string& text) {
        auto entry = author.write(direct, millis, wire::Text{text, {}});
        append(entry);
        return entry;
    }
    timeline::CheckedEntry put(Author& author, qint64 millis, const wire::Content& content) {
        auto entry = author.write(direct, millis, content);
        append(entry);
        return entry;
    }
    [[nodiscard]] wire::ErasureProof proofOf(const timeline::CheckedEntry& del, const Author& author) const {
        return {del.bytes.header, del.bytes.signature, del.bytes.payload, author.certificate().encoded()};
    }
    [[nodiscard]] static GlobalEntryRef refOf(const timeline::CheckedEntry& entry) {
        return {entry.header.conversation, entry.ref()};
    }
    [[nodiscard]] std::vector<MessageRecord> history(int limit = 1000) {
        HistoryQuery query;
        query.conversation = direct;
        query.limit = limit;
        return store->history(query);
    }
    [[nodiscard]] QStringList texts() {
        QStringList result;
        for (const MessageRecord& message : history()) result.append(message.text);
        return result;
    }
    [[nodiscard]] QStringList found(const SearchQuery& query) {
        QStringList result;
        for (const MessageRecord& message : store->search(query)) result.append(message.text);
        return result;
    }
    [[nodiscard]] QStringList found(const QString& words) {
        SearchQuery query;
        query.words = words;
        return found(query);
    }
};

}  // namespace landline::app::test
