#include "relay/control_lines.h"

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace landline::relay::control {

namespace {

/// Words of a line, taken one by one. What cannot be read makes all of it wrong.
class Words {
public:
    explicit Words(std::string_view line) : m_rest(line) {}

    std::string_view next() {
        while (!m_rest.empty() && m_rest.front() == ' ') m_rest.remove_prefix(1);
        const std::size_t end = std::min(m_rest.find(' '), m_rest.size());
        const std::string_view word = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
        return word;
    }
    template <class Number>
    Number number() {
        const std::string_view word = next();
        Number value{};
        const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (failed != std::errc() || end != word.data() + word.size() || word.empty()) m_isWrong = true;
        return value;
    }
    WallTime time() { return fromUnixMillis(number<std::int64_t>()); }
    template <class Id>
    Id id() {
        const auto bytes = fromHex(next());
        const auto made = bytes ? Id::from(*bytes) : std::nullopt;
        if (!made) m_isWrong = true;
        return made.value_or(Id{});
    }
    /// True for `yes`.
    bool either(std::string_view yes, std::string_view no) {
        const std::string_view word = next();
        if (word != yes && word != no) m_isWrong = true;
        return word == yes;
    }
    [[nodiscard]] bool isRight() { return next().empty() && !m_isWrong; }

private:
    std::string_view m_rest;
    bool m_isWrong = false;
};

class Line {
public:
    explicit Line(std::string_view first = {}) : m_text(first) {}
    Line& operator<<(std::string_view word) {
        if (!m_text.empty()) m_text.append(" ");
        m_text.append(word);
        return *this;
    }
    Line& operator<<(std::uint64_t number) { return *this << std::string_view(std::to_string(number)); }
    Line& operator<<(WallTime time) { return *this << std::string_view(std::to_string(toUnixMillis(time))); }
    template <class Tag, std::size_t N>
    Line& operator<<(const FixedBytes<Tag, N>& id) {
        return *this << std::string_view(toHex(id.view()));
    }
    [[nodiscard]] std::string text() const { return m_text; }

private:
    std::string m_text;
};

}  // namespace

std::string lineOf(const Question& question) {
    if (const auto* const invite = std::get_if<AddInvite>(&question))
        return (Line("invite") << invite->hash << std::uint64_t{invite->uses} << invite->expires
                               << invite->quotaClass)
            .text();
    if (const auto* const list = std::get_if<ListInvites>(&question))
        return (Line("invites") << std::uint64_t{list->most}).text();
    if (const auto* const invite = std::get_if<RemoveInvite>(&question))
        return (Line("uninvite") << invite->hash).text();
    if (const auto* const list = std::get_if<ListAccounts>(&question))
        return (Line("accounts") << list->after << std::uint64_t{list->most}).text();
    if (const auto* const revoke = std::get_if<Revoke>(&question))
        return (Line(revoke->reinstate ? "reinstate" : "revoke") << revoke->device).text();
    if (std::holds_alternative<AskFigures>(question)) return "stats";
    return std::holds_alternative<TakeRestored>(question) ? "restore" : "admin";
}

std::optional<Question> questionIn(std::string_view line) {
    Words words(line);
    const std::string_view verb = words.next();
    std::optional<Question> question;
    if (verb == "invite") {
        AddInvite invite;
        invite.hash = words.id<InviteHash>();
        invite.uses = words.number<std::uint32_t>();
        invite.expires = words.time();
        invite.quotaClass = words.next();
        question = invite;
    } else if (verb == "invites") {
        question = ListInvites{words.number<std::uint32_t>()};
    } else if (verb == "uninvite") {
        question = RemoveInvite{words.id<InviteHash>()};
    } else if (verb == "accounts") {
        ListAccounts list;
        list.after = words.id<DeviceId>();
        list.most = words.number<std::uint32_t>();
        question = list;
    } else if (verb == "revoke" || verb == "reinstate") {
        question = Revoke{words.id<DeviceId>(), verb == "reinstate"};
    } else if (verb == "stats") {
        question = AskFigures{};
    } else if (verb == "restore") {
        question = TakeRestored{};
    } else if (verb == "admin") {
        question = OpenAdmin{};
    }
    return words.isRight() ? question : std::nullopt;
}

std::string lineOf(const Figure& figure) {
    std::array<char, 40> text{};
    const auto [end, failed] = std::to_chars(text.data(), text.data() + text.size(), figure.value);
    return (Line(figure.name) << std::string_view(text.data(), failed == std::errc() ? end : text.data()))
        .text();
}

std::optional<Figure> figureIn(std::string_view line) {
    Words words(line);
    Figure figure{std::string(words.next()), words.number<double>()};
    if (!words.isRight() || figure.name.empty() || !std::isfinite(figure.value)) return std::nullopt;
    return figure;
}

std::string lineOf(const InviteInfo& invite) {
    return (Line(toHex(invite.hash.view())) << std::uint64_t{invite.left} << invite.expires << invite.quotaClass).text();
}

std::optional<InviteInfo> inviteIn(std::string_view line) {
    Words words(line);
    InviteInfo invite;
    invite.hash = words.id<InviteHash>();
    invite.left = words.number<std::uint32_t>();
    invite.expires = words.time();
    invite.quotaClass = words.next();
    return words.isRight() ? std::optional(invite) : std::nullopt;
}

std::string lineOf(const Account& account) {
    const AccountInfo& info = account.info;
    Line line;
    line << info.who.device << info.who.person << info.joined << info.seen
         << (info.revoked ? "revoked" : "in") << (account.isHere ? "here" : "away")
         << std::uint64_t{info.items} << info.bytes << info.quota << info.quotaClass;
    return line.text();
}

std::optional<Account> accountIn(std::string_view line) {
    Words words(line);
    Account account;
    AccountInfo& info = account.info;
    info.who.device = words.id<DeviceId>();
    info.who.person = words.id<PersonId>();
    info.joined = words.time();
    info.seen = words.time();
    info.revoked = words.either("revoked", "in");
    account.isHere = words.either("here", "away");
    info.items = words.number<std::uint32_t>();
    info.bytes = words.number<std::uint64_t>();
    info.quota = words.number<std::uint64_t>();
    info.quotaClass = words.next();
    return words.isRight() ? std::optional(account) : std::nullopt;
}

}  // namespace landline::relay::control
