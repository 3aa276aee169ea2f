#include "app/storage/directory.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/identity/direct_conversation.h"

#include <algorithm>

namespace landline::app {

using timeline::Standing;

namespace {

/// The value that `map` holds for `key`'s local id, or null.
template <class Ids, class Key, class Rows>
auto* find(const Ids& ids, const Key& key, Rows& rows) {
    const auto id = ids.find(key);
    return id == ids.end() ? nullptr : &rows.at(id->second);
}

QString cleanName(const QString& name) {
    return QString::fromStdString(sanitizedName(name.toStdString(), limits::kNameBytes));
}

Standing standingFrom(qint64 value) {
    const bool known = value >= 0 && value <= static_cast<qint64>(Standing::Blocked);
    return known ? static_cast<Standing>(value) : Standing::Stranger;
}

}  // namespace

void Directory::load() {
    m_persons.clear();
    m_devices.clear();
    m_conversations.clear();
    m_personIds.clear();
    m_deviceIds.clear();
    m_conversationIds.clear();
    for (auto row = m_sql.read(
             "SELECT id, key, name, met, standing, verified, used_entries, used_bytes, by_relay, kept FROM "
             "person");
         row.next();) {
        Person person{
            row.integer(0),      row.id<PersonId>(1),           row.text(2), {}, standingFrom(row.integer(4)),
            row.integer(5) != 0, {row.number(6), row.number(7)}, row.integer(8) != 0, row.integer(9) != 0};
        if (!row.isNull(3)) person.met = row.integer(3);
        m_personIds[person.key] = person.id;
        m_persons.emplace(person.id, std::move(person));
    }
    for (auto row = m_sql.read("SELECT id, key, person, noise, certificate, address, last_seen FROM device");
         row.next();) {
        Device device{row.integer(0),      row.id<DeviceId>(1), row.integer(2),
                      row.id<NoiseKey>(3), row.bytes(4),        {},
                      row.text(5),         row.integer(6)};
        m_deviceIds[device.key] = device.id;
        m_devices.emplace(device.id, std::move(device));
    }
    for (auto row = m_sql.read("SELECT id, key, person FROM conversation"); row.next();) {
        Conversation conversation{row.integer(0), row.id<ConversationId>(1), row.integer(2), {}};
        m_conversationIds[conversation.key] = conversation.id;
        m_conversations.emplace(conversation.id, std::move(conversation));
    }
    for (auto row = m_sql.read("SELECT conversation, person FROM member"); row.next();)
        if (const auto found = m_conversations.find(row.integer(0)); found != m_conversations.end())
            found->second.members.push_back(row.integer(1));
}

bool Directory::isSound() const {
    for (const auto& [id, device] : m_devices) {
        const Person* const owner = person(device.person);
        if (!owner ||
            !identity::Certificate::states(device.certificateBytes, owner->key, device.key, device.noiseKey))
            return false;
    }
    for (const auto& [id, conversation] : m_conversations) {
        const Person* const other = person(conversation.person);
        if (!other || conversation.key != identity::directConversation(m_self, other->key)) return false;
        for (const qint64 member : conversation.members)
            if (const Person* const known = person(member);
                !known || (known != other && known->key != m_self))
                return false;
    }
    return true;
}

void Directory::ensureSelf() {
    if (person(m_self)) return;
    Person& self = makePerson(m_self);
    self.met = 0;
    self.standing = Standing::Accepted;
    m_sql.write("UPDATE person SET met = 0, standing = ? WHERE id = ?", static_cast<int>(self.standing),
                self.id);
    makeDirect(self);
}

const Directory::Person* Directory::person(const PersonId& key) const {
    return find(m_personIds, key, m_persons);
}

const Directory::Person* Directory::person(qint64 id) const {
    const auto found = m_persons.find(id);
    return found == m_persons.end() ? nullptr : &found->second;
}

const Directory::Device* Directory::device(const DeviceId& key) const {
    return find(m_deviceIds, key, m_devices);
}

const Directory::Conversation* Directory::conversation(const ConversationId& key) const {
    return find(m_conversationIds, key, m_conversations);
}

const Directory::Conversation* Directory::conversation(qint64 id) const {
    const auto found = m_conversations.find(id);
    return found == m_conversations.end() ? nullptr : &found->second;
}

const Directory::Person* Directory::personOf(const DeviceId& key) const {
    const Device* const found = device(key);
    return found ? person(found->person) : nullptr;
}

bool Directory::isOwn(const DeviceId& key) const {
    const Person* const owner = personOf(key);
    return owner && owner->key == m_self;
}

std::optional<identity::Certificate> Directory::certificate(const DeviceId& key) {
    Device* const found = find(m_deviceIds, key, m_devices);
    if (!found) return std::nullopt;
    if (!found->certificate) {
        auto parsed = identity::Certificate::parse(found->certificateBytes);
        if (!parsed || parsed->device() != key) {
            m_sql.failDamaged();
            return std::nullopt;
        }
        found->certificate = std::move(*parsed);
    }
    return found->certificate;
}

PersonRecord Directory::record(const Person& person) const {
    PersonRecord record;
    record.id = person.key;
    record.name = person.name;
    record.self = person.key == m_self;
    record.standing = person.standing;
    record.verified = person.verified;
    for (const auto& [id, device] : m_devices)
        if (device.person == person.id)
            record.devices.push_back({device.key, device.noiseKey, device.address, device.lastSeen});
    return record;
}

Directory::Person& Directory::makePerson(const PersonId& key) {
    if (Person* const known = mutablePerson(key)) return *known;
    m_sql.write(
        "INSERT INTO person(key, name, standing, verified, used_entries, used_bytes) VALUES(?, '', ?, 0, 0, "
        "0)",
        key, static_cast<int>(Standing::Stranger));
    Person person;
    person.id = m_sql.lastInsertId();
    person.key = key;
    m_personIds[key] = person.id;
    return m_persons.insert_or_assign(person.id, std::move(person)).first->second;
}

Directory::Person* Directory::mutablePerson(const PersonId& key) {
    return find(m_personIds, key, m_persons);
}

void Directory::putCertificate(const identity::Certificate& certificate) {
    if (device(certificate.device())) return;
    const qint64 owner = makePerson(certificate.person()).id;
    m_sql.write(
        "INSERT INTO device(key, person, noise, certificate, address, last_seen) VALUES(?, ?, ?, ?, '', 0)",
        certificate.device(), owner, certificate.noiseKey(), certificate.encoded());
    Device device{m_sql.lastInsertId(),  certificate.device(), owner, certificate.noiseKey(),
                  certificate.encoded(), certificate,          {},    0};
    m_deviceIds[device.key] = device.id;
    m_devices.insert_or_assign(device.id, std::move(device));
}

void Directory::makeDirect(const Person& other) {
    const ConversationId key = identity::directConversation(m_self, other.key);
    if (conversation(key)) return;
    m_sql.write("INSERT INTO conversation(key, kind, person) VALUES(?, 0, ?)", key, other.id);
    Conversation made{m_sql.lastInsertId(), key, other.id, {m_personIds.at(m_self)}};
    if (other.key != m_self) made.members.push_back(other.id);
    for (const qint64 member : made.members)
        m_sql.write("INSERT OR IGNORE INTO member(conversation, person) VALUES(?, ?)", made.id, member);
    m_conversationIds[key] = made.id;
    m_conversations.insert_or_assign(made.id, std::move(made));
}

void Directory::meet(const identity::Certificate& certificate, const QString& name, qint64 now) {
    Person& met = makePerson(certificate.person());
    if (met.key != m_self && !device(certificate.device())) limitDevices(met);
    putCertificate(certificate);
    if (!met.met || met.name.isEmpty()) {
        met.met = met.met.value_or(now);
        met.name = cleanName(name);
        m_sql.write("UPDATE person SET met = ?, name = ? WHERE id = ?", *met.met, met.name, met.id);
    }
    makeDirect(met);
}

void Directory::limitDevices(const Person& other) {
    std::size_t count = 0;
    const Device* oldest = nullptr;
    for (const auto& [id, device] : m_devices) {
        if (device.person != other.id) continue;
        ++count;
        auto written = m_sql.read(
            "SELECT 1 FROM timeline WHERE author = ? AND (number > 0 OR ended IS NOT NULL) LIMIT 1",
            device.key);
        if (!written.next() && (!oldest || device.lastSeen < oldest->lastSeen)) oldest = &device;
    }
    if (count < limits::kDevicesPerPerson || !oldest) return;
    forgetRelaysOf(oldest->key);
    m_sql.write("DELETE FROM device WHERE id = ?", oldest->id);
    m_deviceIds.erase(oldest->key);
    m_devices.erase(oldest->id);
}

std::vector<qint64> Directory::surplusStrangers(const PersonId& met) const {
    std::vector<const Person*> strangers;
    for (const auto& [id, person] : m_persons)
        if (person.met && person.standing == Standing::Stranger && !person.verified && person.key != met)
            strangers.push_back(&person);
    if (strangers.size() < limits::kStrangers) return {};
    std::sort(strangers.begin(), strangers.end(), [](auto* a, auto* b) { return *a->met < *b->met; });
    strangers.resize(strangers.size() - limits::kStrangers + limits::kStrangers / 20);
    std::vector<qint64> surplus;
    for (const Person* const stranger : strangers) surplus.push_back(stranger->id);
    return surplus;
}

std::optional<std::vector<qint64>> Directory::roomByRelay(qint64 now) const {
    using std::chrono::milliseconds;
    constexpr qint64 kHour = milliseconds(std::chrono::hours(1)).count();
    constexpr qint64 kKept = milliseconds(limits::kRelayStrangerKept).count();
    // A clock that was once ahead holds nobody's place.
    const auto isYoungerThan = [now](const Person& person, qint64 age) {
        return *person.met <= now && now - *person.met < age;
    };
    std::size_t inHour = 0;
    std::vector<const Person*> all;
    for (const auto& [id, person] : m_persons) {
        if (!person.met || !person.isByRelay || person.standing != Standing::Stranger) continue;
        if (isYoungerThan(person, kHour)) ++inHour;
        if (person.isRelayStranger()) all.push_back(&person);
    }
    if (inHour >= limits::kRelayStrangersPerHour) return std::nullopt;
    std::vector<qint64> surplus;
    if (all.size() < limits::kRelayStrangers) return surplus;
    std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return *a->met < *b->met; });
    all.resize(all.size() - limits::kRelayStrangers + 1);
    for (const Person* const person : all) {
        if (isYoungerThan(*person, kKept)) return std::nullopt;
        surplus.push_back(person->id);
    }
    return surplus;
}

void Directory::setByRelay(const PersonId& key) {
    Person* const found = mutablePerson(key);
    if (!found || found->key == m_self) return;
    found->isByRelay = true;
    m_sql.write("UPDATE person SET by_relay = 1 WHERE id = ?", found->id);
}

bool Directory::keep(const PersonId& key) {
    Person* const found = mutablePerson(key);
    if (!found || !found->isByRelay || found->isKept) return false;
    found->isKept = true;
    m_sql.write("UPDATE person SET kept = 1 WHERE id = ?", found->id);
    return true;
}

void Directory::forgetRelaysOf(const DeviceId& device) {
    m_sql.write("DELETE FROM relay_grant WHERE device = ?", device);
    m_sql.write("DELETE FROM told_edition WHERE device = ?", device);
    m_sql.write("DELETE FROM evidence_owed WHERE device = ?", device);
    m_sql.write("DELETE FROM prekey WHERE device = ?", device);
    m_sql.write("DELETE FROM heads_owed WHERE device = ?", device);
    m_sql.write("DELETE FROM statement WHERE device = ?", device);
    m_sql.write("DELETE FROM peer_lost WHERE device = ?", device);
    // Its deposits themselves run out.
    m_sql.write("DELETE FROM deposit_range WHERE device = ?", device);
}

void Directory::forget(qint64 person) {
    std::vector<qint64> own;
    for (const auto& [id, conversation] : m_conversations)
        if (conversation.person == person) own.push_back(id);
    for (const qint64 id : own) {
        m_sql.write("DELETE FROM timeline WHERE conversation = ?", id);
        m_sql.write("DELETE FROM held WHERE conversation = ?", id);
        m_sql.write("DELETE FROM peer_head WHERE conversation = ?", id);
        m_sql.write("DELETE FROM statement WHERE conversation = ?", id);
        m_sql.write("DELETE FROM deposit_range WHERE conversation = ?", id);
        m_sql.write("DELETE FROM member WHERE conversation = ?", id);
        m_sql.write("DELETE FROM conversation WHERE id = ?", id);
    }
    for (const auto& [id, device] : m_devices)
        if (device.person == person) forgetRelaysOf(device.key);
    if (const Person* const known = this->person(person))
        m_sql.write("DELETE FROM relay_token WHERE person = ?", known->key);
    m_sql.write("DELETE FROM device WHERE person = ?", person);
    m_sql.write("DELETE FROM person WHERE id = ?", person);
}

void Directory::setName(const PersonId& key, const QString& name) {
    const QString clean = cleanName(name);
    Person* const found = mutablePerson(key);
    if (!found || clean.isEmpty() || clean == found->name) return;
    found->name = clean;
    m_sql.write("UPDATE person SET name = ? WHERE id = ?", clean, found->id);
}

void Directory::setStanding(const PersonId& key, Standing standing) {
    Person* const found = mutablePerson(key);
    if (!found || found->key == m_self) return;
    found->standing = standing;
    (void)keep(key);
    m_sql.write("UPDATE person SET standing = ? WHERE id = ?", static_cast<int>(standing), found->id);
}

void Directory::setVerified(const PersonId& key, bool verified) {
    Person* const found = mutablePerson(key);
    if (!found) return;
    found->verified = verified;
    m_sql.write("UPDATE person SET verified = ? WHERE id = ?", verified, found->id);
}

void Directory::addStrangerUse(const PersonId& key, timeline::StrangerUse more) {
    Person& found = makePerson(key);
    found.use.entries += more.entries;
    found.use.bytes += more.bytes;
    m_sql.write("UPDATE person SET used_entries = ?, used_bytes = ? WHERE id = ?", quint64{found.use.entries},
                quint64{found.use.bytes}, found.id);
}

void Directory::setAddress(const DeviceId& key, const QString& address, qint64 lastSeen) {
    Device* const found = find(m_deviceIds, key, m_devices);
    if (!found) return;
    found->address = address;
    found->lastSeen = lastSeen;
    m_sql.write("UPDATE device SET address = ?, last_seen = ? WHERE id = ?", address, lastSeen, found->id);
}

}  // namespace landline::app
