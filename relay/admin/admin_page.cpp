#include "relay/admin/admin_page.h"

#include <array>
#include <cmath>
#include <ctime>

namespace landline::relay {

namespace {

constexpr std::string_view kStyle =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 "
    "1rem;color:#1d2429;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid "
    "#dde3e8}td.n{text-align:right}"
    "code{font-family:ui-monospace,monospace}p.q{color:#5b6670}"
    "@media(prefers-color-scheme:dark){body{color:#e4e8eb;background:#15191c}th,td{border-color:#31393f}p.q{"
    "color:#98a4ad}}";

std::string htmlText(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out.append("&lt;");
                break;
            case '>':
                out.append("&gt;");
                break;
            case '&':
                out.append("&amp;");
                break;
            case '"':
                out.append("&quot;");
                break;
            case '\'':
                out.append("&#39;");
                break;
            default:
                out.append(1, c);
        }
    }
    return out;
}

std::string timeText(WallTime time) {
    if (toUnixMillis(time) == 0) return "not known";
    const std::time_t seconds = toUnixMillis(time) / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    return std::string(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &utc));
}

template <std::size_t N>
std::string row(const std::array<std::string, N>& cells) {
    std::string text = "<tr>";
    for (const std::string& cell : cells) text.append("<td>").append(cell).append("</td>");
    return text.append("</tr>\n");
}

std::string shortKey(ByteView key) {
    return "<code>" + toHex(key).substr(0, 16) + "</code>";
}

std::string figures(const AdminView& view) {
    std::string text = "<h2>Figures</h2><table>\n";
    for (const Metric& one : view.metrics)
        text.append("<tr><td class=n>")
            .append(std::to_string(std::llround(one.value)))
            .append("</td><td>")
            .append(htmlText(one.help))
            .append("</td></tr>\n");
    return text.append("</table>\n");
}

std::string accounts(const AdminView& view) {
    std::string text =
        "<h2>Accounts</h2><table><tr><th>Device<th>Person<th>Last seen "
        "(UTC)<th>Bytes<th>of<th>Messages<th>Class</tr>\n";
    for (const AdminView::Account& one : view.accounts) {
        const AccountInfo& info = one.info;
        const std::string seen = info.revoked ? "revoked" : one.isHere ? "here now" : timeText(info.seen);
        text.append(row<7>({shortKey(info.who.device.view()), shortKey(info.who.person.view()), seen,
                            std::to_string(info.bytes), std::to_string(info.quota),
                            std::to_string(info.items), htmlText(info.quotaClass)}));
    }
    text.append("</table>\n");
    if (view.accounts.size() >= AdminView::kAccounts)
        text.append(
            "<p class=q>These are the first ones; <code>landline-relay accounts</code> lists all.</p>\n");
    return text;
}

std::string invites(const AdminView& view) {
    std::string text = "<h2>Invites</h2><table><tr><th>Invite<th>Left<th>Ends (UTC)<th>Class</tr>\n";
    for (const InviteInfo& one : view.invites)
        text.append(row<4>({shortKey(one.hash.view()), std::to_string(one.left), timeText(one.expires),
                            htmlText(one.quotaClass)}));
    return text.append("</table>\n");
}

}  // namespace

std::string_view adminStyle() {
    return kStyle;
}

std::string adminPage(const AdminView& view) {
    std::string text =
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=10><title>landline-relay</title><style>";
    text.append(kStyle).append("</style><h1>landline-relay</h1><p class=q>As of ").append(timeText(view.at));
    text.append(" UTC. Nothing can be changed here: see <code>landline-relay --help</code>.</p>\n");
    return text.append(figures(view)).append(accounts(view)).append(invites(view)).append("</html>\n");
}

}  // namespace landline::relay
