#pragma once

#include "app/messenger/context.h"
#include "app/messenger/messenger.h"

#include <map>
#include <set>

namespace landline::app {

/// Who is there: joins what the store knows of persons with what the network shows of their devices. On the
/// messenger's thread.
class Contacts {
public:
    explicit Contacts(Context& context) : m_context(context) {}

    // What the network tells; each gives the person concerned, if it is known.
    std::optional<PersonId> sighted(const net::Sighting& sighting);
    std::optional<PersonId> gone(const DeviceId& device);
    PersonId opened(const net::SessionInfo& session);
    std::optional<PersonId> closed(net::SessionNumber session);
    void profileReceived(const DeviceId& device, const wire::Profile& profile);
    void setTyping(const PersonId& person, bool active);
    /// The device is, or is not any more, connected to a relay that tells so.
    void setAtRelay(const DeviceId& device, bool isOnline);
    /// Everything live is forgotten: the node is gone.
    void reset();

    /// True while there is a session with the device.
    [[nodiscard]] bool isHere(const DeviceId& device) const;
    [[nodiscard]] const net::SessionInfo* session(net::SessionNumber number) const;
    [[nodiscard]] std::vector<net::SessionNumber> sessionsOf(const PersonId& person) const;
    /// How to reach a device now.
    [[nodiscard]] net::Contact contact(const DeviceRecord& device) const;
    [[nodiscard]] std::optional<net::Contact> contact(const DeviceId& device) const;

    [[nodiscard]] std::optional<PersonView> view(const PersonId& person) const;
    [[nodiscard]] std::vector<PersonView> views() const;
    /// Of those among them who are known; reads the store once for all.
    [[nodiscard]] std::vector<PersonView> views(const std::set<PersonId>& persons) const;
    [[nodiscard]] std::vector<SightedDevice> unknownDevices() const;
    /// See Messenger::find.
    [[nodiscard]] Expected<PersonView> find(const QString& who) const;

private:
    struct LiveDevice {
        std::optional<net::Sighting> sighting;
        std::optional<net::SessionNumber> session;
        wire::Profile profile;
    };

    /// Those whom one knows (oneself too), by what their names look like.
    using Looks = std::multimap<QString, PersonId>;

    [[nodiscard]] static Looks looksOf(const std::vector<PersonRecord>& all);
    [[nodiscard]] PersonView view(const PersonRecord& record, const Looks& known) const;
    void addDeviceState(PersonView& view, const DeviceRecord& device) const;
    void addRelayState(PersonView& view, const DeviceId& device) const;
    [[nodiscard]] static bool nameIsTaken(const PersonRecord& record, const Looks& known);

    Context& m_context;
    std::map<DeviceId, LiveDevice> m_devices;
    std::map<net::SessionNumber, net::SessionInfo> m_sessions;
    std::set<PersonId> m_typing;
    std::set<DeviceId> m_atRelay;
};

/// "HOST:PORT", with brackets around an IPv6 address.
[[nodiscard]] QString addressText(const net::Candidate& candidate);
/// Nothing if `text` is no such address.
[[nodiscard]] std::optional<net::Candidate> candidateFrom(const QString& text);

}  // namespace landline::app
