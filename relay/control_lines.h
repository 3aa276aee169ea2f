#pragma once

#include "relay/store/mailbox_types.h"

#include <optional>
#include <string>
#include <string_view>

/// What an operator's command asks of the relay that serves, as lines of text without their ends. Read strictly: what is
/// not as below is nothing, and words that are too many are an error, too. Free of Qt.
///
///     invite HASH USES EXPIRES [CLASS]     hash in hexadecimal, times in unix milliseconds
///     invites MOST                         lines of invites: HASH USES EXPIRES [CLASS]
///     uninvite HASH
///     stats                                lines of figures: NAME VALUE
///     accounts AFTER MOST                  lines of accounts; AFTER: a device, zeros for none
///     revoke DEVICE | reinstate DEVICE
///     restore                              takes over what FolderWork::layReady has made
///     admin                                one line: the URL
///
/// A line of an account: DEVICE PERSON JOINED SEEN revoked|in here|away ITEMS BYTES QUOTA [CLASS]
namespace landline::relay::control {

struct TakeRestored {};
struct OpenAdmin {};
using Question = std::variant<AddInvite, ListInvites, RemoveInvite, AskFigures, ListAccounts, Revoke, TakeRestored, OpenAdmin>;

struct Figure {
    std::string name;
    double value = 0;
};
struct Account {
    AccountInfo info;
    bool isHere = false;  ///< it has a session now
};

[[nodiscard]] std::string lineOf(const Question& question);
[[nodiscard]] std::optional<Question> questionIn(std::string_view line);
[[nodiscard]] std::string lineOf(const Figure& figure);
[[nodiscard]] std::optional<Figure> figureIn(std::string_view line);
[[nodiscard]] std::string lineOf(const InviteInfo& invite);
[[nodiscard]] std::optional<InviteInfo> inviteIn(std::string_view line);
[[nodiscard]] std::string lineOf(const Account& account);
[[nodiscard]] std::optional<Account> accountIn(std::string_view line);

}  // namespace landline::relay::control
