#pragma once

#include "app/messenger/context.h"
#include "app/messenger/relay_routes.h"
#include "p2p/wire/envelope_content.h"

#include <span>

namespace landline::app {

/// Seals what is left for devices, and writes it down: entries, or heads. Says in it who this device is and where it can be
/// left something, as long as a device is not believed to know. Writes into the open transaction; part of RelayOutbox, on its
/// thread.
class RelayEnvelopes {
public:
    /// A device and how it is reached; all of one deposit by the same relay.
    struct Reader {
        DeviceId device;
        RelayRoutes::Route route;
    };
    /// Written down; to be sent once that is committed.
    struct Made {
        RelayKey relay;
        net::RelayNumber number = 0;
        DepositCounter counter = 0;
        wire::relay::Deposit message;
        Hash256 introduction = {};  ///< of what is said of this device in it; zero for nothing that lasts
    };

    RelayEnvelopes(Context& context, RelayAccounts& accounts) : m_context(context), m_accounts(accounts) {}

    /// As much of `ranges`, in their order, as one envelope holds, for devices of one person. Nothing if the store does not
    /// give it, or it cannot be sealed.
    [[nodiscard]] std::optional<Made> entries(const PersonId& person, const std::vector<Reader>& readers,
                                              const std::vector<EntryRange>& ranges);
    /// What this device holds and has read of what it shares with the device's person.
    [[nodiscard]] std::optional<Made> heads(const PersonId& person, const Reader& reader);

    /// Nothing as well if the store has nothing of the kind any more.
    [[nodiscard]] std::optional<Made> evidence(const PersonId& person, const Reader& reader,
                                               const OwedEvidence& owed);

    /// The relay holds this deposit for the device, or nobody knows whether it got those that were held.
    void introduced(const DeviceId& device, DepositCounter counter);
    void forgetIntroduction(const DeviceId& device);
    /// After the commit of what was made, and once a deposit is over.
    void sent(const Made& made);
    void over(DepositCounter counter) { m_introductions.erase(counter); }

private:
    /// Without its edition.
    [[nodiscard]] wire::EnvelopeContent introductionTo(const PersonId& person);
    [[nodiscard]] bool know(const std::vector<Reader>& readers, const Hash256& introduction);
    /// Adds as much of the range as there is room for. True if that was all of it.
    [[nodiscard]] bool pack(const EntryRange& range, class Parcel& parcel);
    [[nodiscard]] std::optional<Made> seal(const wire::EnvelopeContent& content, wire::relay::Box box,
                                           std::span<const Reader> readers, std::vector<EntryRange> ranges);

    Context& m_context;
    RelayAccounts& m_accounts;
    std::map<DepositCounter, Hash256> m_introductions;
};

}  // namespace landline::app
