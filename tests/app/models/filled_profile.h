#pragma once

#include "app/messenger/runtime.h"
#include "app/storage/database.h"
#include "app/storage/profile.h"
#include "p2p/timeline/checked_entry.h"
#include "tests/support/seeded_random.h"

#include <QTemporaryDir>

#include <map>
#include <memory>
#include <string>

namespace landline::app::test {

/// A person of a test, with one device that writes its timelines.
class Somebody {
public:
    Somebody(std::string name, Random& random);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] PersonId id() const { return identity::personIdOf(m_person); }
    [[nodiscard]] const identity::Certificate& certificate() const { return m_certificate; }
    [[nodiscard]] const identity::DeviceKeys& keys() const { return m_keys; }

private:
    std::string m_name;
    identity::SigningKey m_person;
    identity::DeviceKeys m_keys;
    identity::Certificate m_certificate;
};

/// A profile in a folder of its own whose history a test writes, entry by entry, as the network would have brought it;
/// then `open` starts a runtime on it, without a network.
class FilledProfile {
public:
    explicit FilledProfile(const QString& name = QStringLiteral("Ada Lovelace"));
    ~FilledProfile();

    [[nodiscard]] QString folder() const { return m_folder.path(); }
    [[nodiscard]] PersonId self() const { return m_self; }
    Somebody& meet(const std::string& name, timeline::Standing standing = timeline::Standing::Accepted);
    /// Strangers who have not written.
    void meetStrangers(std::size_t count);
    /// The contact link of somebody whom nobody here knows.
    [[nodiscard]] QString linkOfNewcomer(const std::string& name);
    [[nodiscard]] ConversationId conversationWith(const Somebody& somebody) const;

    /// Entries in the conversation with `somebody`, by that person or by oneself.
    EntryRef theirs(const Somebody& somebody, qint64 millis, const wire::Content& content);
    EntryRef own(const Somebody& somebody, qint64 millis, const wire::Content& content);
    EntryRef theirs(const Somebody& somebody, qint64 millis, const std::string& text) {
        return theirs(somebody, millis, wire::Text{text, {}});
    }
    EntryRef own(const Somebody& somebody, qint64 millis, const std::string& text) {
        return own(somebody, millis, wire::Text{text, {}});
    }
    /// An offer of theirs that was fetched to `path`, or one's own of the file there.
    EntryRef fetched(const Somebody& somebody, qint64 millis, const QString& path) {
        return file(somebody, millis, path, true);
    }
    EntryRef offered(const Somebody& somebody, qint64 millis, const QString& path) {
        return file(somebody, millis, path, false);
    }
    /// An offer with the record of its transfer, of which all but the ids, the person and the time is as given.
    TransferRecord transfer(const Somebody& somebody, qint64 millis, TransferRecord record);
    /// Transfers that have ended long ago, with nothing in any conversation.
    void addHistory(const Somebody& somebody, int count);
    /// Where the record of a bundle would be.
    [[nodiscard]] QString bundleRecord(const wire::TransferId& id) const;
    /// What one's own entries are held and read up to by that person.
    void acknowledge(const Somebody& somebody, EntryNumber held, EntryNumber read);
    void markRead(const Somebody& somebody);
    /// A relay that has let this device in, and is gone since.
    void useRelay();

    /// Closes the store and opens a runtime; nothing can be written by hand any more.
    Runtime& open();
    [[nodiscard]] Runtime& runtime() { return *m_runtime; }
    void close() { m_runtime.reset(); }

private:
    EntryRef file(const Somebody& somebody, qint64 millis, const QString& path, bool incoming);
    EntryRef write(const ConversationId& conversation, const identity::DeviceKeys& keys,
                   const identity::Certificate& certificate, qint64 millis, const wire::Content& content);

    QTemporaryDir m_folder;
    landline::test::SeededRandom m_random{5};
    std::unique_ptr<Profile> m_profile;
    std::unique_ptr<Database> m_database;
    std::shared_ptr<const net::LocalIdentity> m_identity;
    PersonId m_self;
    std::vector<std::unique_ptr<Somebody>> m_people;
    std::map<std::pair<ConversationId, DeviceId>, timeline::TimelineHead> m_heads;
    std::unique_ptr<Runtime> m_runtime;
};

}  // namespace landline::app::test
