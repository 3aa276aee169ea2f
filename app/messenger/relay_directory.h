#pragma once

#include "app/messenger/relay_accounts.h"
#include "app/messenger/relay_people.h"

#include <functional>
#include <map>

namespace landline::app {

/// Looks through the directories of this profile's relays, on a person's word only: page by page, of each relay one at a time.
/// A relay may say what it likes: of a directory that does not come to an end in limits::kListedPagesMost pages or
/// limits::kRelayAnswer nothing more is asked, and links that cannot be read are passed over. Part of the messenger, on its
/// thread; keeps nothing.
class RelayDirectory {
public:
    using Told = std::function<void(const RelayKey&, const ListedPeople&)>;

    RelayDirectory(Context& context, RelayAccounts& accounts, Told told);

    /// See Messenger::browseRelay.
    Expected<void> browse(const RelayKey& relay);
    /// Others than those to what was asked here are passed over.
    void answered(const RelayKey& relay, const mailbox::Answer& answer);
    void closed(const RelayKey& relay);
    /// The node is gone.
    void forgetAll();

private:
    struct Run {
        std::uint64_t question = 0;
        std::uint64_t after = 0;
        std::size_t pages = 0;
        MonoTime since{};
        ListedPeople found = {};
        std::map<PersonId, std::size_t> places = {};  ///< in `found`
    };
    void ask(const RelayKey& relay, Run& run);
    void take(Run& run, const std::string& text);
    void end(const RelayKey& relay, std::optional<Error> error = {});

    Context& m_context;
    RelayAccounts& m_accounts;
    const Told m_told;
    std::uint64_t m_lastQuestion = 0;
    std::map<RelayKey, Run> m_runs;
};

}  // namespace landline::app
