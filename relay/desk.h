#pragma once

#include "relay/config.h"
#include "relay/control_lines.h"

#include <memory>

namespace landline::relay {

/// A relay as its operator's commands see it: the one that serves the folder, asked through its socket, or else the store in
/// the folder itself, which is then locked for as long as this lives. Blocks; needs a QCoreApplication.
class Desk {
public:
    virtual ~Desk() = default;

    /// Waits a while for another command that has the folder. Fails with Locked, Unreachable, or what the store fails with.
    [[nodiscard]] static Expected<std::unique_ptr<Desk>> open(const RelayConfig& config);

    [[nodiscard]] virtual bool isServing() const = 0;
    [[nodiscard]] virtual Expected<void> addInvite(const AddInvite& invite) = 0;
    /// Those that still let somebody in, the next to end first.
    [[nodiscard]] virtual Expected<std::vector<InviteInfo>> invites(const ListInvites& list) = 0;
    /// Fails with NotFound where there is none.
    [[nodiscard]] virtual Expected<void> removeInvite(const RemoveInvite& invite) = 0;
    /// By the names of /metrics, without what they all begin with.
    [[nodiscard]] virtual Expected<std::vector<control::Figure>> figures() = 0;
    /// One page, by device.
    [[nodiscard]] virtual Expected<std::vector<control::Account>> accounts(const ListAccounts& list) = 0;
    /// Fails with NotFound where the device has no mailbox.
    [[nodiscard]] virtual Expected<void> revoke(const Revoke& request) = 0;
    /// Takes over what FolderWork::layReady has made.
    [[nodiscard]] virtual Expected<std::string> takeRestored() = 0;
};

/// What is told where a device that was named has no mailbox.
[[nodiscard]] Error noMailbox(const DeviceId& device);
/// The same of an invite.
[[nodiscard]] Error noInvite();

}  // namespace landline::relay
