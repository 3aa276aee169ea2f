#pragma once

#include "app/messenger/context.h"
#include "app/messenger/post_view.h"
#include "app/messenger/relay_accounts.h"
#include "app/messenger/relay_silence.h"
#include "p2p/envelope/prekey.h"

#include <map>
#include <set>

namespace landline::app {

/// By which relay something is left for a device: the first of the device's that is connected, takes it, and has a prekey of
/// the device. Knows which of them do not take anything at the moment, and asks for prekeys. Writes into the open
/// transaction; part of RelayOutbox, on its thread.
class RelayRoutes {
public:
    struct Route {
        RelayKey relay;
        RelayAccounts::Open open;
        std::optional<RelayToken> token;  ///< none for devices of the own person
        envelope::Prekey prekey;
    };

    RelayRoutes(Context& context, RelayAccounts& accounts, const RelaySilence& silence)
        : m_context(context), m_accounts(accounts), m_silence(silence) {}

    /// Nothing if there is none just now: where a prekey is missing it is asked for (`ask`), and relays that are not connected
    /// are wanted.
    [[nodiscard]] std::optional<Route> find(const DeviceId& device);
    /// True if the device could be left something, were all relays connected.
    [[nodiscard]] bool any(const DeviceId& device) { return !relaysOf(device).empty(); }
    /// All at which the device can be left something.
    [[nodiscard]] std::vector<RelayKey> keysOf(const DeviceId& device);
    /// True if another relay than this one, of those that are connected, may take something for the device. The others are
    /// wanted.
    [[nodiscard]] bool hasOther(const DeviceId& device, const RelayKey& relay);
    /// How it stands with the device's relays just now, for a person; `find` has more come to be known.
    [[nodiscard]] PostView view(const DeviceId& device);
    /// Asks for the prekeys that `find` missed. Outside of a transaction.
    void ask();
    /// In a transaction. Gives the devices for which more is known now.
    [[nodiscard]] std::vector<DeviceId> answered(const RelayKey& relay, const mailbox::Answer& answer);
    void opened(const RelayKey& relay);
    /// The session is over, or none came about: what was asked is not answered any more.
    void closed(const RelayKey& relay);

    /// In a transaction: a deposit failed for the device, for this reason; nothing: nobody knows whether the relay has it.
    /// `token`: by which it was left.
    void failed(const DeviceId& device, const RelayKey& relay, DepositCounter counter,
                std::optional<wire::relay::Reason> reason, const std::optional<RelayToken>& token);
    /// The time of one that was held ran out. Where that was soon after it was made, by what this device's clock and the relay's
    /// say, the next must not follow as fast as the relay answers.
    void ranOut(const DeviceId& device, const RelayKey& relay, DepositCounter counter);
    /// True if what is to be left had been put off: it may go now.
    [[nodiscard]] bool held(const DeviceId& device, const RelayKey& relay);
    /// There is a reason to try at once what did not go before.
    void hope(const DeviceId& device);
    /// A relay says that the device is there now: what did not go there may go, once in a while. True if something may.
    [[nodiscard]] bool came(const DeviceId& device);
    /// When the next rest is over, and for which devices one was over by `now`.
    [[nodiscard]] std::optional<MonoTime> nextTry(MonoTime now) const;
    [[nodiscard]] std::vector<DeviceId> rested(MonoTime since, MonoTime now) const;
    /// Another store, or another node.
    void forgetAll();

private:
    struct At {
        RelayKey relay;
        std::string address;
        std::optional<RelayToken> token;
    };
    /// A device's mailbox that takes nothing for now.
    struct Rest {
        int failures = 0;  ///< since it was held
        int ranOut = 0;    ///< soon after it was held; no hope ends these
        MonoTime until{};
        std::optional<wire::relay::Reason> reason = {};  ///< of the last failure, where the relay gave one
        DepositCounter last = 0;  ///< what was made up to this one counts once, however much of it fails
        MonoTime cameAt{};        ///< when it was told that the device is there
    };
    /// Devices whose prekeys at a relay are missing, and those for which it was asked.
    struct Question {
        net::RelayNumber number = 0;  ///< of the session
        std::map<DeviceId, std::optional<RelayToken>> missing;
        quint64 asked = 0;  ///< 0: nothing
        std::vector<wire::relay::Addressee> of;
    };

    [[nodiscard]] std::vector<At> relaysOf(const DeviceId& device);
    /// Those that take something for the device now, as far as that is known; silent ones only where there are no others.
    [[nodiscard]] std::vector<At> takingFor(const DeviceId& device);
    [[nodiscard]] bool isSilent(const RelayKey& relay) const;
    [[nodiscard]] bool isResting(const DeviceId& device, const RelayKey& relay) const;
    [[nodiscard]] PostState stateAt(const DeviceId& device, const RelayKey& relay);
    void rest(const DeviceId& device, const RelayKey& relay, std::optional<wire::relay::Reason> reason,
              bool mayTryAtOnce);
    void rest(Rest& rest, int steps);
    [[nodiscard]] bool hasOtherToken(const DeviceId& device, const RelayKey& relay,
                                     std::optional<wire::relay::Reason> reason,
                                     const std::optional<RelayToken>& token);
    [[nodiscard]] bool isNews(Rest& rest, DepositCounter counter);
    [[nodiscard]] bool takePrekey(const RelayKey& relay, const DeviceId& device, const Bytes& bytes);

    Context& m_context;
    RelayAccounts& m_accounts;
    const RelaySilence& m_silence;
    std::map<std::pair<DeviceId, RelayKey>, Rest> m_rests;
    std::map<RelayKey, Question> m_questions;
    std::set<RelayKey> m_open;
    std::set<RelayKey> m_away;  ///< that came to nothing when they were wanted last
    quint64 m_lastQuestion = 0;
};

}  // namespace landline::app
