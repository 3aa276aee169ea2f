#include "app/messenger/relay_directory.h"

#include "p2p/base/limits.h"
#include "p2p/identity/contact_link.h"

#include <utility>

namespace landline::app {

namespace {

/// Questions of each part of the messenger have numbers of their own.
constexpr std::uint64_t kBrowsing = std::uint64_t{1} << 62;
constexpr const char* kLost =
    "The connection to the relay ended before it had told its directory. Try again in a moment.";

/// What others are told of such refusals promises another try, which nobody makes here.
std::string refusalText(wire::relay::Reason reason) {
    using wire::relay::Reason;
    // Without a reason: the node says that it could not ask.
    if (reason == Reason::Unknown) return kLost;
    if (reason == Reason::TooFast) return "The relay was asked for too much in a short time. Wait a minute, then try again.";
    if (reason == Reason::Busy) return "The relay has too much to do at the moment. Wait a minute, then try again.";
    if (reason == Reason::Storage)
        return "The relay cannot read its directory at the moment. If that lasts, tell its operator.";
    return wire::relay::sentenceOf(reason);
}

}  // namespace

RelayDirectory::RelayDirectory(Context& context, RelayAccounts& accounts, Told told)
    : m_context(context), m_accounts(accounts), m_told(std::move(told)) {}

Expected<void> RelayDirectory::browse(const RelayKey& relay) {
    const auto open = m_accounts.open(relay);
    if (!open || open->isGuest)
        return Unexpected(ErrorCode::Unreachable,
                          "The relay is not connected at the moment. Try again once it is.");
    if (!open->hasDirectory) return Unexpected(ErrorCode::NotPermitted, kNoDirectory);
    const auto [run, isNew] = m_runs.try_emplace(relay);
    if (!isNew) return {};
    run->second.since = m_accounts.now();
    ask(relay, run->second);
    return {};
}

void RelayDirectory::ask(const RelayKey& relay, Run& run) {
    run.question = kBrowsing | ++m_lastQuestion;
    m_context.node.post([number = m_accounts.open(relay)->number, question = run.question, after = run.after](
                            net::Node& node) { node.askRelay(number, question, wire::relay::Browse{after}); });
}

void RelayDirectory::answered(const RelayKey& relay, const mailbox::Answer& answer) {
    const auto found = m_runs.find(relay);
    if (found == m_runs.end() || found->second.question != answer.request) return;
    Run& run = found->second;
    if (const auto* refused = std::get_if<wire::relay::Refused>(&answer.message)) {
        const auto reason = refused->refusal.reason;
        if (reason == wire::relay::Reason::Unsupported)
            return end(relay, Error{ErrorCode::NotPermitted, kNoDirectory});
        return end(relay, Error{ErrorCode::Unreachable, refusalText(reason)});
    }
    const auto* listed = std::get_if<wire::relay::Listed>(&answer.message);
    if (!listed)
        return end(relay, Error{ErrorCode::ProtocolViolation,
                                "The relay answered with something else than its directory. If that happens again, "
                                "tell its operator."});
    for (const std::string& link : listed->links) take(run, link);
    if (listed->next == 0) return end(relay);
    run.found.areMore = true;
    const bool isGrowing = listed->next > std::exchange(run.after, listed->next);
    const bool isLate = m_accounts.now() - run.since >= limits::kRelayAnswer;
    if (++run.pages >= limits::kListedPagesMost || !isGrowing || isLate || !m_accounts.open(relay)) return end(relay);
    run.found.areMore = false;
    ask(relay, run);
}

void RelayDirectory::take(Run& run, const std::string& text) {
    const auto link = identity::parseContactLink(text);
    if (!link || link->name.empty()) return;
    const PersonId person = link->certificate.person();
    if (person == m_context.selfPerson()) return;
    const auto standing = m_context.db->standing(person);
    if (standing == timeline::Standing::Blocked) return;
    ListedPerson one{person, link->certificate.device(), QString::fromStdString(link->name),
                     QString::fromStdString(identity::encodeContactLink(*link)),
                     standing == timeline::Standing::Accepted};
    const auto [place, isNew] = run.places.try_emplace(person, run.found.people.size());
    // Of several devices the one that came last: the others may be gone.
    if (isNew)
        run.found.people.push_back(std::move(one));
    else
        run.found.people[place->second] = std::move(one);
}

void RelayDirectory::closed(const RelayKey& relay) {
    if (m_runs.count(relay) != 0) end(relay, Error{ErrorCode::Unreachable, kLost});
}

void RelayDirectory::forgetAll() {
    while (!m_runs.empty()) {
        const RelayKey relay = m_runs.begin()->first;
        closed(relay);
    }
}

void RelayDirectory::end(const RelayKey& relay, std::optional<Error> error) {
    ListedPeople found = std::move(m_runs.extract(relay).mapped().found);
    if (error) found = {{}, false, std::move(error)};
    m_told(relay, found);
}

}  // namespace landline::app
