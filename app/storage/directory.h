#pragma once

#include "app/storage/records.h"
#include "app/storage/sql.h"

#include <map>
#include <unordered_map>
#include <vector>

namespace landline::app {

/// Persons, devices and conversations with their local ids: a few thousand rows, mirrored in memory and written
/// through. Pointers it gives are valid until the next call that changes something.
class Directory {
public:
    struct Person {
        qint64 id = 0;
        PersonId key;
        QString name;
        std::optional<qint64> met;  ///< unix milliseconds; nothing: known from certificates only, not listed
        timeline::Standing standing = timeline::Standing::Stranger;
        bool verified = false;
        timeline::StrangerUse use;
        bool isByRelay = false;  ///< first met by what lay in a mailbox
        bool isKept = false;     ///< met directly since, or the person has dealt with it
        /// A stranger of whom a mailbox alone has told, and whom nobody has looked at.
        [[nodiscard]] bool isRelayStranger() const {
            return met && isByRelay && !isKept && !verified && standing == timeline::Standing::Stranger;
        }
    };
    struct Device {
        qint64 id = 0;
        DeviceId key;
        qint64 person = 0;
        NoiseKey noiseKey;
        Bytes certificateBytes;
        std::optional<identity::Certificate> certificate;  ///< parsed when first asked for
        QString address;
        qint64 lastSeen = 0;
    };
    struct Conversation {
        qint64 id = 0;
        ConversationId key;
        qint64 person = 0;  ///< of a direct one: the other member, or oneself
        std::vector<qint64> members;
    };

    Directory(Sql& sql, const PersonId& self) : m_sql(sql), m_self(self) {}
    /// Reads everything; also after a transaction was undone.
    void load();
    /// False if rows contradict each other: keys and certificates, persons and the conversations that follow from their keys.
    [[nodiscard]] bool isSound() const;
    /// Makes oneself and the notes to oneself known.
    void ensureSelf();

    [[nodiscard]] const PersonId& self() const { return m_self; }
    [[nodiscard]] const Person* person(const PersonId& key) const;
    [[nodiscard]] const Person* person(qint64 id) const;
    [[nodiscard]] const Device* device(const DeviceId& key) const;
    [[nodiscard]] const Conversation* conversation(const ConversationId& key) const;
    [[nodiscard]] const Conversation* conversation(qint64 id) const;
    [[nodiscard]] const std::map<qint64, Person>& persons() const { return m_persons; }
    [[nodiscard]] const std::map<qint64, Device>& devices() const { return m_devices; }
    [[nodiscard]] const std::map<qint64, Conversation>& conversations() const { return m_conversations; }
    /// The person that a device belongs to; null if its certificate is not known.
    [[nodiscard]] const Person* personOf(const DeviceId& key) const;
    [[nodiscard]] bool isOwn(const DeviceId& key) const;
    [[nodiscard]] std::optional<identity::Certificate> certificate(const DeviceId& key);
    [[nodiscard]] PersonRecord record(const Person& person) const;

    void putCertificate(const identity::Certificate& certificate);
    void meet(const identity::Certificate& certificate, const QString& name, qint64 now);
    /// Strangers beyond limits::kStrangers, those met longest ago first, never `met` nor one that was verified. A few more
    /// than need to go, so that a flood of new keys costs little each.
    [[nodiscard]] std::vector<qint64> surplusStrangers(const PersonId& met) const;
    /// Who goes, so that one more stranger may come by relay: limits::kRelayStrangers among themselves, those met longest ago
    /// first. Nothing: there is no place, since all of them are too new, or too many came within the hour.
    [[nodiscard]] std::optional<std::vector<qint64>> roomByRelay(qint64 now) const;
    /// A mailbox told of this person first.
    void setByRelay(const PersonId& key);
    /// It is no matter of a mailbox alone any more. True if that is new.
    bool keep(const PersonId& key);
    /// Takes out a person whose messages are gone already (MessageTable::removeAll), with devices and conversations.
    void forget(qint64 person);
    void setName(const PersonId& key, const QString& name);
    void setStanding(const PersonId& key, timeline::Standing standing);
    void setVerified(const PersonId& key, bool verified);
    void addStrangerUse(const PersonId& key, timeline::StrangerUse more);
    void setAddress(const DeviceId& key, const QString& address, qint64 lastSeen);

private:
    Person& makePerson(const PersonId& key);
    Person* mutablePerson(const PersonId& key);
    void makeDirect(const Person& other);
    /// Makes room for one more device of somebody else, in place of the one seen longest ago that never wrote.
    void limitDevices(const Person& other);
    /// What is kept for a device that goes, of its relays.
    void forgetRelaysOf(const DeviceId& device);

    Sql& m_sql;
    PersonId m_self;
    std::map<qint64, Person> m_persons;
    std::map<qint64, Device> m_devices;
    std::map<qint64, Conversation> m_conversations;
    std::unordered_map<PersonId, qint64> m_personIds;
    std::unordered_map<DeviceId, qint64> m_deviceIds;
    std::unordered_map<ConversationId, qint64> m_conversationIds;
};

}  // namespace landline::app
