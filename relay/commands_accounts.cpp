// `landline-relay stats`, `accounts`, `revoke`, `invites`, `uninvite` and `admin`
#include "p2p/identity/relay_url.h"
#include "relay/commands.h"
#include "relay/control_socket.h"
#include "relay/desk.h"
#include "relay/relay_metrics.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iomanip>
#include <iostream>

namespace landline::relay {

namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kShort = 16;
constexpr std::size_t kLeastPrefix = 8;

void printJson(const QJsonObject& object) {
    std::cout << QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString() << '\n';
}

std::string roughSize(std::uint64_t bytes) {
    constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value,
                  kUnits[unit]);
    return text.data();
}

std::string dateOf(WallTime time) {
    if (toUnixMillis(time) == 0) return "not known";
    const std::time_t seconds = toUnixMillis(time) / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    return std::string(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:00", &utc));
}

QJsonObject jsonOf(const control::Account& account) {
    const AccountInfo& info = account.info;
    const auto text = [](const std::string& one) { return QString::fromStdString(one); };
    return {{QStringLiteral("device"), text(toHex(info.who.device.view()))},
            {QStringLiteral("person"), text(toHex(info.who.person.view()))},
            {QStringLiteral("class"), text(info.quotaClass)},
            {QStringLiteral("joined"), static_cast<qint64>(toUnixMillis(info.joined))},
            {QStringLiteral("seen"), static_cast<qint64>(toUnixMillis(info.seen))},
            {QStringLiteral("online"), account.isHere},
            {QStringLiteral("revoked"), info.revoked},
            {QStringLiteral("items"), static_cast<qint64>(info.items)},
            {QStringLiteral("bytes"), static_cast<qint64>(info.bytes)},
            {QStringLiteral("quota"), static_cast<qint64>(info.quota)}};
}

void printHeading() {
    std::cout << std::left << std::setw(18) << "DEVICE" << std::setw(18) << "PERSON" << std::setw(18)
              << "LAST SEEN (UTC)" << std::setw(24) << "USED OF QUOTA" << std::setw(10) << "MESSAGES"
              << "CLASS\n";
}

void printRow(const control::Account& account) {
    const AccountInfo& info = account.info;
    const std::string seen = info.revoked ? "revoked" : account.isHere ? "here now" : dateOf(info.seen);
    std::cout << std::left << std::setw(18) << toHex(info.who.device.view()).substr(0, kShort)
              << std::setw(18) << toHex(info.who.person.view()).substr(0, kShort) << std::setw(18) << seen
              << std::setw(24) << roughSize(info.bytes) + " of " + roughSize(info.quota) << std::setw(10)
              << info.items << (info.quotaClass.empty() ? "-" : info.quotaClass) << '\n';
}

/// The smallest device that begins with the digits, less one: for a list that begins after it. Zero: from the first.
DeviceId justBefore(const std::string& digits) {
    std::string whole = digits;
    whole.resize(2 * DeviceId::kSize, '0');
    Bytes bytes = fromHex(whole).value_or(Bytes(DeviceId::kSize));
    for (std::size_t at = bytes.size(); at-- > 0;)
        if (bytes[at]-- != 0) return DeviceId::from(bytes).value();
    return {};
}

/// In small letters; nothing if they are not the first 8 to 64 digits of a name.
std::optional<std::string> prefixIn(const std::string& digits) {
    std::string lower = digits;
    for (char& c : lower)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if (lower.size() < kLeastPrefix || lower.size() > 2 * DeviceId::kSize ||
        lower.find_first_not_of("0123456789abcdef") != std::string::npos)
        return std::nullopt;
    return lower;
}

/// Fails with InvalidArgument, NotFound or Ambiguous.
Expected<DeviceId> deviceFrom(Desk& desk, const std::string& digits) {
    const auto prefix = prefixIn(digits);
    if (!prefix)
        return Unexpected(
            ErrorCode::InvalidArgument,
            "\"" + digits +
                "\" is no device: give the first 8 to 64 digits that \"landline-relay accounts\" shows.");
    const std::string& lower = *prefix;
    const auto found = desk.accounts({justBefore(lower), 2});
    if (!found) return Unexpected(found.error());
    std::vector<DeviceId> matching;
    for (const control::Account& one : *found)
        if (toHex(one.info.who.device.view()).starts_with(lower)) matching.push_back(one.info.who.device);
    if (matching.size() == 1) return matching.front();
    if (matching.empty())
        return Unexpected(ErrorCode::NotFound, "No mailbox here belongs to a device that begins with " +
                                                   lower +
                                                   ". \"landline-relay accounts\" lists those there are.");
    return Unexpected(ErrorCode::Ambiguous, "Several devices begin with " + lower + ". Give more of it.");
}

/// Who was shut out can be let in by an invite: nobody is to find that out afterwards.
void warnOfInvites(Desk& desk) {
    const auto all = desk.invites({kPage});
    if (!all || all->empty()) return;
    std::cout << "An invite that still lets somebody in lets this one in, too: \"landline-relay invites\" lists "
              << (all->size() == 1 ? "one" : std::to_string(all->size())) << ", and \"uninvite\" ends one.\n";
}

/// Of its URL, or of the first digits of its name. Fails with InvalidArgument, NotFound or Ambiguous.
Expected<InviteHash> inviteFrom(Desk& desk, const std::string& text) {
    if (const auto url = identity::parseRelayUrl(text); url && url->invite) return hashOf(*url->invite);
    const auto prefix = prefixIn(text);
    if (!prefix)
        return Unexpected(ErrorCode::InvalidArgument,
                          "\"" + text + "\" is no invite: give its whole URL, or the first 8 to 64 digits that "
                                        "\"landline-relay invites\" shows.");
    const auto all = desk.invites({kPage});
    if (!all) return Unexpected(all.error());
    std::vector<InviteHash> matching;
    for (const InviteInfo& one : *all)
        if (toHex(one.hash.view()).starts_with(*prefix)) matching.push_back(one.hash);
    if (matching.size() == 1) return matching.front();
    if (matching.empty()) return Unexpected(noInvite());
    return Unexpected(ErrorCode::Ambiguous, "Several invites begin with " + *prefix + ". Give more of it.");
}

}  // namespace

int runStats(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto desk = Desk::open(settings->config);
    if (!desk) return fail(desk.error());
    const auto figures = (*desk)->figures();
    if (!figures) return fail(figures.error());
    if (invocation.json) {
        QJsonObject all{{QStringLiteral("serving"), (*desk)->isServing()}};
        for (const control::Figure& one : *figures) all[QString::fromStdString(one.name)] = one.value;
        printJson(all);
        return std::cout.flush() ? 0 : 1;
    }
    std::cout << ((*desk)->isServing() ? "The relay serves."
                                       : "The relay does not serve: what it counts is 0.")
              << '\n';
    for (const control::Figure& one : *figures)
        std::cout << std::right << std::setw(16) << static_cast<std::uint64_t>(std::llround(one.value))
                  << "  " << std::left << std::setw(21) << one.name << meaningOf(one.name) << '\n';
    return std::cout.flush() ? 0 : 1;
}

int runAccounts(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto desk = Desk::open(settings->config);
    if (!desk) return fail(desk.error());
    if (!invocation.json) printHeading();
    for (DeviceId after; true;) {
        const auto page = (*desk)->accounts({after, kPage});
        if (!page) return fail(page.error());
        for (const control::Account& one : *page) {
            if (invocation.json)
                printJson(jsonOf(one));
            else
                printRow(one);
        }
        if (page->size() < kPage) return std::cout.flush() ? 0 : 1;
        after = page->back().info.who.device;
    }
}

int runAdmin(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto url = askRelay(settings->config.folder, control::OpenAdmin{});
    if (!url && url.error().code == ErrorCode::Unreachable)
        return fail({ErrorCode::Unreachable, "The admin page is shown by the relay while it serves: start it first."});
    if (!url) return fail(url.error());
    for (const std::string& line : *url) std::cout << line << std::endl;
    return 0;
}

int runRevoke(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto desk = Desk::open(settings->config);
    if (!desk) return fail(desk.error());
    const auto device = deviceFrom(**desk, invocation.argument);
    if (!device) return fail(device.error());
    if (const auto done = (*desk)->revoke({*device, invocation.undo}); !done) return fail(done.error());
    std::cout << toHex(device->view())
              << (invocation.undo ? " may come again.\n" : " is shut out; what waited for it is gone.\n");
    if (!invocation.undo) warnOfInvites(**desk);
    return std::cout.flush() ? 0 : 1;
}

int runInvites(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto desk = Desk::open(settings->config);
    if (!desk) return fail(desk.error());
    const auto all = (*desk)->invites({kPage});
    if (!all) return fail(all.error());
    if (all->size() == kPage)
        std::cerr << "These are " << kPage << " invites; there may be more. \"uninvite\" takes any by its whole URL." << std::endl;
    if (!invocation.json)
        std::cout << std::left << std::setw(18) << "INVITE" << std::setw(10) << "USES LEFT" << "  " << std::setw(18)
                  << "ENDS (UTC)" << "CLASS\n";
    for (const InviteInfo& one : *all) {
        if (invocation.json)
            printJson({{QStringLiteral("invite"), QString::fromStdString(toHex(one.hash.view()))},
                       {QStringLiteral("uses"), static_cast<qint64>(one.left)},
                       {QStringLiteral("expires"), static_cast<qint64>(toUnixMillis(one.expires))},
                       {QStringLiteral("class"), QString::fromStdString(one.quotaClass)}});
        else
            std::cout << std::left << std::setw(18) << toHex(one.hash.view()).substr(0, kShort) << std::right << std::setw(9)
                      << one.left << "   " << std::left << std::setw(18) << dateOf(one.expires)
                      << (one.quotaClass.empty() ? "-" : one.quotaClass) << '\n';
    }
    return std::cout.flush() ? 0 : 1;
}

int runUninvite(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto desk = Desk::open(settings->config);
    if (!desk) return fail(desk.error());
    const auto invite = inviteFrom(**desk, invocation.argument);
    if (!invite) return fail(invite.error());
    if (const auto done = (*desk)->removeInvite({*invite}); !done) return fail(done.error());
    std::cout << "This invite lets nobody in any more. Who has come by it stays.\n";
    return std::cout.flush() ? 0 : 1;
}

}  // namespace landline::relay
