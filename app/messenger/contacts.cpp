#include "app/messenger/contacts.h"

#include "app/messenger/look_alike.h"
#include "p2p/identity/direct_conversation.h"

#include <algorithm>

namespace landline::app {

namespace {

constexpr qsizetype kLeastIdPrefix = 8;

QString hex(ByteView bytes) {
    return QString::fromStdString(toHex(bytes));
}

bool idMatches(const PersonRecord& record, const QString& prefix) {
    if (prefix.size() < kLeastIdPrefix) return false;
    if (hex(record.id.view()).startsWith(prefix)) return true;
    return std::any_of(record.devices.begin(), record.devices.end(),
                       [&](const DeviceRecord& device) { return hex(device.id.view()).startsWith(prefix); });
}

}  // namespace

QString addressText(const net::Candidate& candidate) {
    const bool v6 = candidate.address.protocol() == QAbstractSocket::IPv6Protocol;
    const QString host = candidate.address.toString();
    return (v6 ? u'[' + host + u']' : host) + u':' + QString::number(candidate.port);
}

std::optional<net::Candidate> candidateFrom(const QString& text) {
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon <= 0) return std::nullopt;
    QString host = text.left(colon);
    if (host.startsWith(u'[') && host.endsWith(u']')) host = host.mid(1, host.size() - 2);
    bool isNumber = false;
    const ushort port = text.mid(colon + 1).toUShort(&isNumber);
    const QHostAddress address(host);
    if (!isNumber || port == 0 || address.isNull()) return std::nullopt;
    return net::Candidate{address, port};
}

std::optional<PersonId> Contacts::sighted(const net::Sighting& sighting) {
    m_devices[sighting.device].sighting = sighting;
    return m_context.personOf(sighting.device);
}

std::optional<PersonId> Contacts::gone(const DeviceId& device) {
    const auto live = m_devices.find(device);
    if (live == m_devices.end()) return std::nullopt;
    live->second.sighting.reset();
    if (!live->second.session) m_devices.erase(live);
    return m_context.personOf(device);
}

PersonId Contacts::opened(const net::SessionInfo& session) {
    m_sessions.insert_or_assign(session.number, session);
    LiveDevice& live = m_devices[session.device()];
    live.session = session.number;
    live.profile.presence = wire::Presence::Online;
    return session.person();
}

std::optional<PersonId> Contacts::closed(net::SessionNumber number) {
    const auto session = m_sessions.find(number);
    if (session == m_sessions.end()) return std::nullopt;
    const PersonId person = session->second.person();
    const DeviceId device = session->second.device();
    m_sessions.erase(session);
    const auto live = m_devices.find(device);
    if (live != m_devices.end() && live->second.session == number) {
        live->second.session.reset();
        if (!live->second.sighting) m_devices.erase(live);
    }
    if (sessionsOf(person).empty()) m_typing.erase(person);
    return person;
}

void Contacts::profileReceived(const DeviceId& device, const wire::Profile& profile) {
    m_devices[device].profile = profile;
}

void Contacts::setTyping(const PersonId& person, bool active) {
    if (active)
        m_typing.insert(person);
    else
        m_typing.erase(person);
}

void Contacts::setAtRelay(const DeviceId& device, bool isOnline) {
    if (isOnline)
        m_atRelay.insert(device);
    else
        m_atRelay.erase(device);
}

void Contacts::reset() {
    m_atRelay.clear();
    m_devices.clear();
    m_sessions.clear();
    m_typing.clear();
}

bool Contacts::isHere(const DeviceId& device) const {
    const auto live = m_devices.find(device);
    return live != m_devices.end() && live->second.session;
}

const net::SessionInfo* Contacts::session(net::SessionNumber number) const {
    const auto found = m_sessions.find(number);
    return found == m_sessions.end() ? nullptr : &found->second;
}

std::vector<net::SessionNumber> Contacts::sessionsOf(const PersonId& person) const {
    std::vector<net::SessionNumber> numbers;
    for (const auto& [number, session] : m_sessions)
        if (session.person() == person) numbers.push_back(number);
    return numbers;
}

net::Contact Contacts::contact(const DeviceRecord& device) const {
    net::Contact contact{device.id, device.noiseKey, {}};
    const auto live = m_devices.find(device.id);
    if (live != m_devices.end()) {
        if (live->second.session)
            contact.remembered.push_back(m_sessions.at(*live->second.session).candidate);
        if (live->second.sighting) contact.remembered.push_back(live->second.sighting->candidate);
    }
    if (const auto last = candidateFrom(device.address)) contact.remembered.push_back(*last);
    return contact;
}

std::optional<net::Contact> Contacts::contact(const DeviceId& device) const {
    const auto person = m_context.personOf(device);
    const auto record = person ? m_context.db->person(*person) : std::nullopt;
    if (!record) return std::nullopt;
    for (const DeviceRecord& known : record->devices)
        if (known.id == device) return contact(known);
    return std::nullopt;
}

void Contacts::addRelayState(PersonView& view, const DeviceId& device) const {
    if (m_atRelay.count(device) == 0) return;
    view.online = true;
    if (view.path != Path::None) return;
    view.path = Path::Relay;
    view.presence = wire::Presence::Online;
}

void Contacts::addDeviceState(PersonView& view, const DeviceRecord& device) const {
    const auto live = m_devices.find(device.id);
    if (live == m_devices.end()) {
        if (view.address.isEmpty()) view.address = device.address;
        return;
    }
    if (live->second.session) {
        view.path = Path::Direct;
        view.address = addressText(m_sessions.at(*live->second.session).candidate);
        view.presence = live->second.profile.presence;
        view.statusText = QString::fromStdString(live->second.profile.statusText);
    } else if (view.path != Path::Direct && live->second.sighting) {
        view.address = addressText(live->second.sighting->candidate);
        view.presence = wire::Presence::Online;
    }
    view.online = view.online || live->second.session || live->second.sighting;
}

Contacts::Looks Contacts::looksOf(const std::vector<PersonRecord>& all) {
    Looks looks;
    for (const PersonRecord& person : all)
        if (person.self || person.standing == timeline::Standing::Accepted)
            looks.emplace(lookOf(person.name), person.id);
    return looks;
}

bool Contacts::nameIsTaken(const PersonRecord& record, const Looks& known) {
    if (record.self || record.verified) return false;
    const auto [first, last] = known.equal_range(lookOf(record.name));
    return std::any_of(first, last, [&record](const auto& other) { return other.second != record.id; });
}

std::optional<PersonView> Contacts::view(const PersonId& person) const {
    const std::vector<PersonRecord> all = m_context.db->people();
    for (const PersonRecord& record : all)
        if (record.id == person) return view(record, looksOf(all));
    return std::nullopt;
}

PersonView Contacts::view(const PersonRecord& record, const Looks& known) const {
    PersonView view;
    view.record = record;
    view.conversation = identity::directConversation(m_context.selfPerson(), record.id);
    for (const DeviceRecord& device : record.devices) addDeviceState(view, device);
    for (const DeviceRecord& device : record.devices) addRelayState(view, device.id);
    if (record.self) view.online = true;
    view.typing = m_typing.count(record.id) != 0;
    view.nameClash = nameIsTaken(record, known);
    if (auto conversation = m_context.db->conversation(view.conversation)) {
        view.unread = conversation->unread;
        view.last = std::move(conversation->last);
    }
    return view;
}

std::vector<PersonView> Contacts::views() const {
    const std::vector<PersonRecord> records = m_context.db->people();
    const Looks known = looksOf(records);
    std::vector<PersonView> all;
    all.reserve(records.size());
    for (const PersonRecord& record : records) all.push_back(view(record, known));
    return all;
}

std::vector<PersonView> Contacts::views(const std::set<PersonId>& persons) const {
    const std::vector<PersonRecord> records = m_context.db->people();
    const Looks known = looksOf(records);
    std::vector<PersonView> result;
    for (const PersonRecord& record : records)
        if (persons.count(record.id) != 0) result.push_back(view(record, known));
    return result;
}

std::vector<SightedDevice> Contacts::unknownDevices() const {
    std::vector<SightedDevice> unknown;
    for (const auto& [device, live] : m_devices) {
        if (!live.sighting || m_context.personOf(device)) continue;
        unknown.push_back({device, live.sighting->name, addressText(live.sighting->candidate)});
    }
    return unknown;
}

Expected<PersonView> Contacts::find(const QString& who) const {
    const std::vector<PersonRecord> all = m_context.db->people();
    std::vector<PersonRecord> byId;
    std::vector<PersonRecord> byName;
    std::vector<PersonRecord> byAnyCase;
    const QString lower = who.toLower();
    for (const PersonRecord& record : all) {
        if (idMatches(record, lower)) byId.push_back(record);
        if (record.name == who) byName.push_back(record);
        if (record.name.compare(who, Qt::CaseInsensitive) == 0) byAnyCase.push_back(record);
    }
    // Who writes a name exactly may mean nobody whose name differs from it.
    const std::vector<PersonRecord>& named = byName.empty() ? byAnyCase : byName;
    const std::vector<PersonRecord>& matches = byId.empty() ? named : byId;
    if (matches.size() == 1) return view(matches.front(), looksOf(all));
    if (matches.empty())
        return Unexpected(ErrorCode::NotFound, "Nobody by the name or id “" + who.toStdString() +
                                                   "” is known here. “peers” lists those who are. Start "
                                                   "Landline on the other machine; if they still do not "
                                                   "appear, “doctor” tells why.");
    return Unexpected(ErrorCode::Ambiguous, "Several people are called “" + who.toStdString() +
                                                "”. Use an id from “peers” instead.");
}

}  // namespace landline::app
