#include "relay/relay_metrics.h"

namespace landline::relay {

namespace {
constexpr std::string_view kPrefix = "landline_relay_";
}

std::vector<Metric> metricsOf(const HubFigures& hub, const StoreFigures& store) {
    std::vector<Metric> metrics;
    const auto gauge = [&](const char* name, const char* help, std::uint64_t value) {
        metrics.push_back({std::string(kPrefix).append(name), help, Metric::Kind::Gauge, static_cast<double>(value)});
    };
    const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
        metrics.push_back({std::string(kPrefix).append(name).append("_total"), help, Metric::Kind::Counter,
                           static_cast<double>(value)});
    };
    gauge("clients", "Clients that were let in.", hub.clients);
    gauge("guests", "Of these, without an account.", hub.guests);
    gauge("strangers", "Sessions that were not let in yet.", hub.strangers);
    counter("admitted", "Sessions that were let in.", hub.admitted);
    counter("turned_away", "Sessions that were refused at the door.", hub.refused);
    counter("requests", "Messages from clients.", hub.requests);
    counter("too_fast", "Requests refused because their device or address asked too fast.", hub.tooFast);
    counter("violations", "Sessions ended because the other side broke a rule.", hub.violations);
    counter("stuck", "Sessions ended because the other side took nothing.", hub.stuck);
    counter("hints", "Hints at something new in a mailbox.", hub.hints);
    counter("deposits", "Deposits asked for, repeats included.", store.deposits);
    counter("repeats", "Deposits that had been answered before.", store.repeats);
    counter("stored", "Items stored in mailboxes.", store.stored);
    counter("refused", "Items, and whole deposits, that were not stored.", store.refused);
    counter("pulled", "Items given to their recipients.", store.pulled);
    counter("acknowledged", "Items acknowledged by their recipients.", store.acknowledged);
    counter("expired", "Items whose time was over.", store.expired);
    counter("commits", "Transactions committed.", store.commits);
    counter("failed_commits", "Transactions that the disk did not take.", store.failedCommits);
    gauge("mailboxes", "Devices with a mailbox.", store.accounts);
    gauge("tokens", "Tokens that let others leave something.", store.tokens);
    gauge("invites", "Invites that are remembered.", store.invites);
    gauge("senders", "Devices whose last deposits are remembered.", store.senders);
    gauge("held_items", "Items in mailboxes.", store.heldItems);
    gauge("held_bytes", "Bytes of these, each counted for every recipient.", store.heldBytes);
    gauge("disk_bytes", "Bytes of the store's files.", store.diskBytes);
    return metrics;
}

std::vector<control::Figure> figuresOf(const HubFigures& hub, const StoreFigures& store) {
    std::vector<control::Figure> figures;
    for (const Metric& one : metricsOf(hub, store)) figures.push_back({one.name.substr(kPrefix.size()), one.value});
    return figures;
}

std::string meaningOf(const std::string& figure) {
    for (const Metric& one : metricsOf({}, {}))
        if (one.name == std::string(kPrefix).append(figure)) return one.help;
    return {};
}

}  // namespace landline::relay
