#include "app/messenger/relay_accounts.h"
#include "app/messenger/relay_link_state.h"
#include "app/messenger/relay_people.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"
#include "p2p/identity/contact_link.h"

#include <algorithm>

// This device's entry in the directories of the profile's relays.
namespace landline::app {

namespace {

/// Questions of each part of the messenger have numbers of their own.
constexpr std::uint64_t kListing = std::uint64_t{1} << 63;
/// Before a relay that refused an entry in passing is asked again.
constexpr std::chrono::seconds kAskAgain{10};

}  // namespace

Expected<RelayView> RelayAccounts::setListed(const RelayKey& relay, bool isListed) {
    RelayTable& table = m_context.db->relays();
    const auto record = table.find(relay);
    if (!record || record->leavingSince)
        return Unexpected(ErrorCode::NotFound, "This relay is not in use here.");
    Link* const known = linkOf(relay);
    Link* const link = known && !known->isGuest ? known : nullptr;
    if (isListed && link && link->session && !link->view.hasDirectory)
        return Unexpected(ErrorCode::NotPermitted, kNoDirectory);
    const bool isAsBefore =
        isListed ? record->listing == ListingWish::Listed : record->listing != ListingWish::Listed;
    if (isAsBefore) return viewNow(*record);
    table.setListing(relay, isListed ? ListingWish::Listed : ListingWish::TakeBack);
    if (auto done = m_context.commit(); !done) return Unexpected(done.error());
    const Listing listing = isListed ? Listing::Asked : Listing::Ending;
    if (!link) {
        RelayView view = viewNow(*record);
        view.listing = listing;
        m_outcome.changed(view);
        return view;
    }
    link->listedAgain = {};
    change(*link, [listing](RelayView& view) { view.listing = listing; });
    keepListing(relay, *link);
    return link->view;
}

/// No more than it takes to be left something there: neither this device's addresses nor its other relays. Empty as long as
/// the relay has no token for it.
std::string RelayAccounts::listedLink(const RelayRecord& record) {
    const auto token = m_context.db->relays().confirmedTokenOf(record.url.key, std::nullopt);
    if (!token) return {};
    identity::ContactLink link{
        m_context.identity->certificate, m_context.nameOf(m_context.selfPerson()).toStdString(), {}, {}};
    link.relays.push_back({record.url, *token});
    link.relays.back().relay.invite.reset();
    return identity::encodeContactLink(link);
}

void RelayAccounts::keepListing(const RelayKey& relay, Link& link) {
    if (link.isGuest || !link.session || !link.view.hasDirectory || now() < link.listedAgain) return;
    const auto record = m_context.db->relays().find(relay);
    if (!record || record->listing == ListingWish::None) return;
    const bool isListed = record->listing == ListingWish::Listed;
    const std::string wanted = isListed ? listedLink(*record) : std::string();
    if (isListed && wanted.empty()) return;
    if (link.listedAs == wanted) return;
    link.listedAs = wanted;
    link.listQuestion = kListing | ++m_lastListing;
    m_context.node.post([number = link.number, question = link.listQuestion, wanted](net::Node& node) {
        node.askRelay(number, question, wire::relay::List{wanted});
    });
}

void RelayAccounts::answered(const RelayKey& relay, const mailbox::Answer& answer) {
    Link* const link = linkOf(relay);
    if (!link || link->listQuestion == 0 || answer.request != link->listQuestion) return;
    link->listQuestion = 0;
    if (!std::holds_alternative<wire::relay::Done>(answer.message)) {
        const auto* refused = std::get_if<wire::relay::Refused>(&answer.message);
        return listingRefused(relay, *link, refused ? refused->refusal : wire::relay::Refusal{});
    }
    const bool isListed = !link->listedAs->empty();
    if (!isListed) {
        m_context.db->relays().setListing(relay, ListingWish::None);
        if (!commit(relay)) return;
    }
    change(*link, [isListed](RelayView& view) { view.listing = isListed ? Listing::Listed : Listing::None; });
}

void RelayAccounts::listingRefused(const RelayKey& relay, Link& link, const wire::relay::Refusal& refusal) {
    using wire::relay::Reason;
    if (refusal.reason == Reason::Unsupported)
        return change(link, [](RelayView& view) { view.hasDirectory = false; });
    // Without a reason: too much was asked at once.
    if (refusal.reason == Reason::Unknown || wire::relay::isPassing(refusal.reason)) {
        link.listedAs.reset();
        const Duration wait = std::clamp<Duration>(refusal.retryAfter, kAskAgain, limits::kComeBackMost);
        link.listedAgain = now() + wait;
        QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(wait), &m_tickTimer,
                           [this, relay, number = link.number] {
                               Link* const known = linkOf(relay);
                               if (known && known->number == number && m_context.db) keepListing(relay, *known);
                           });
        return;
    }
    trouble(link, refusal.reason);
}

}  // namespace landline::app
