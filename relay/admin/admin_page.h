#pragma once

#include "relay/admin/exposition.h"
#include "relay/store/mailbox_types.h"

#include <string>
#include <vector>

namespace landline::relay {

/// What the admin page shows; read-only.
struct AdminView {
    struct Account {
        AccountInfo info;
        bool isHere = false;
    };
    static constexpr std::size_t kAccounts = 500;
    static constexpr std::size_t kInvites = 200;

    WallTime at{};
    std::vector<Metric> metrics;
    std::vector<Account> accounts;  ///< up to kAccounts
    std::vector<InviteInfo> invites;
};

/// One HTML document without scripts, forms, and anything from elsewhere.
[[nodiscard]] std::string adminPage(const AdminView& view);
/// The page's own style, which its Content-Security-Policy names by digest.
[[nodiscard]] std::string_view adminStyle();

}  // namespace landline::relay
