#include "p2p/wire/relay_codec.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/wire/pb_values.h"

#include <algorithm>
#include <limits>
#include <set>

namespace landline::wire::detail {

namespace {

using namespace relay;
using std::chrono::milliseconds;

/// Longest time that is taken at its word: what a relay says is added to clocks.
constexpr std::uint64_t kMostMillis = std::uint64_t(1) << 40;

constexpr std::uint64_t kLatestDate = std::uint64_t(1) << 50;

/// Of a mailbox: what has a place in the stores of both sides.
bool isNumber(MailboxNumber number) {
    return number <= std::uint64_t(std::numeric_limits<std::int64_t>::max());
}

Unexpected badMessage(const char* what) {
    return Unexpected(ErrorCode::Malformed,
                      std::string("The other side sent a relay message that cannot be read: ") + what + ".");
}

milliseconds millisOf(std::uint64_t value) {
    return milliseconds(static_cast<std::int64_t>(std::min(value, kMostMillis)));
}
std::uint64_t countOf(milliseconds time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
}
Reason reasonOf(std::uint32_t value) {
    return knownOr(value, Reason::Unsupported, Reason::Unknown);
}
Box boxOf(bool heads) {
    return heads ? Box::Heads : Box::Messages;
}

template <class Id>
bool readMaybe(const std::string& field, std::optional<Id>& id) {
    return field.empty() || read(field, id.emplace());
}

void writeAddressee(const Addressee& one, pb::RelayAddressee* out) {
    write(one.device, out->mutable_device());
    if (one.token) write(*one.token, out->mutable_token());
}
bool readAddressee(const pb::RelayAddressee& in, Addressee& one) {
    return read(in.device(), one.device) && readMaybe(in.token(), one.token);
}

void writeRefusal(const Refusal& refusal, pb::RelayRefusal* out) {
    out->set_reason(std::uint32_t(refusal.reason));
    out->set_text(refusal.text);
    out->set_retry_after(countOf(refusal.retryAfter));
}
Refusal readRefusal(const pb::RelayRefusal& in) {
    return {reasonOf(in.reason()), std::string(utf8Prefix(in.text(), limits::kRefusalTextBytes)),
            millisOf(in.retry_after())};
}

struct Writer {
    pb::RelayFrame& out;

    void operator()(const Hello& m) const {
        pb::RelayHello& hello = *out.mutable_hello();
        if (m.invite) write(*m.invite, hello.mutable_invite());
        if (m.pass) writeAddressee(*m.pass, hello.mutable_pass());
        hello.set_invisible(m.invisible);
    }
    void operator()(const Welcome& m) const {
        pb::RelayWelcome& welcome = *out.mutable_welcome();
        welcome.set_has_account(m.hasAccount);
        welcome.set_epoch(m.epoch);
        welcome.set_life(static_cast<std::uint64_t>(m.life.count()));
        welcome.set_quota(m.quota);
        welcome.set_used(m.used);
        welcome.set_freed(m.freed);
        welcome.set_highest(m.highest);
        welcome.set_highest_heads(m.highestHeads);
        if (m.prekey) write(*m.prekey, welcome.mutable_prekey());
        if (!m.tokens.isZero()) write(m.tokens, welcome.mutable_tokens());
        welcome.set_spread(countOf(m.spread));
        welcome.set_has_directory(m.hasDirectory);
    }
    void operator()(const Refused& m) const {
        writeRefusal(m.refusal, out.mutable_refused()->mutable_refusal());
    }
    void operator()(const GoingAway& m) const {
        out.mutable_going_away()->set_come_back_after(countOf(m.comeBackAfter));
        out.mutable_going_away()->set_text(m.text);
    }
    void operator()(const Done&) const { out.mutable_done(); }
    void operator()(const Deposit& m) const {
        pb::RelayDeposit& deposit = *out.mutable_deposit();
        deposit.set_epoch(m.epoch);
        deposit.set_heads(m.box == Box::Heads);
        for (const Recipient& one : m.recipients) {
            pb::RelayDeposit::Recipient& recipient = *deposit.add_recipients();
            writeAddressee(one.to, recipient.mutable_to());
            write(one.prekey, recipient.mutable_prekey());
            recipient.set_seal(one.seal.data(), one.seal.size());
        }
        deposit.set_body(m.body.data(), m.body.size());
    }
    void operator()(const Deposited& m) const {
        pb::RelayDeposited& deposited = *out.mutable_deposited();
        deposited.set_expires(countOf(m.expires.time_since_epoch()));
        for (const Deposited::Failure& one : m.failures) {
            pb::RelayDeposited::Failure& failure = *deposited.add_failures();
            failure.set_recipient(one.recipient);
            failure.set_reason(std::uint32_t(one.reason));
        }
        if (m.refusal) writeRefusal(*m.refusal, deposited.mutable_refusal());
    }
    void operator()(const Hint& m) const {
        out.mutable_hint()->set_heads(m.box == Box::Heads);
        out.mutable_hint()->set_highest(m.highest);
    }
    void operator()(const Pull& m) const {
        out.mutable_pull()->set_heads(m.box == Box::Heads);
        out.mutable_pull()->set_from(m.from);
        out.mutable_pull()->set_bytes(m.bytes);
    }
    void operator()(const Pulled& m) const {
        pb::RelayPulled& pulled = *out.mutable_pulled();
        for (const Item& one : m.items) {
            pb::RelayPulled::Item& item = *pulled.add_items();
            item.set_number(one.number);
            write(one.prekey, item.mutable_prekey());
            item.set_seal(one.seal.data(), one.seal.size());
            item.set_body(one.body.data(), one.body.size());
        }
        pulled.set_last(m.last);
        pulled.set_highest(m.highest);
    }
    void operator()(const Acknowledge& m) const {
        pb::RelayAcknowledge& acknowledge = *out.mutable_acknowledge();
        acknowledge.set_epoch(m.epoch);
        acknowledge.set_heads(m.box == Box::Heads);
        acknowledge.set_through(m.through);
    }
    void operator()(const Acknowledged& m) const { out.mutable_acknowledged()->set_used(m.used); }
    void operator()(const PublishPrekey& m) const {
        out.mutable_publish_prekey()->set_prekey(m.prekey.data(), m.prekey.size());
    }
    void operator()(const PrekeyPublished& m) const {
        out.mutable_prekey_published()->set_highest(m.highest);
        out.mutable_prekey_published()->set_highest_heads(m.highestHeads);
    }
    void operator()(const FetchPrekeys& m) const {
        pb::RelayFetchPrekeys& fetch = *out.mutable_fetch_prekeys();
        for (const Addressee& one : m.of) writeAddressee(one, fetch.add_of());
    }
    void operator()(const Prekeys& m) const {
        pb::RelayPrekeys& prekeys = *out.mutable_prekeys();
        for (const Prekeys::One& one : m.prekeys) {
            pb::RelayPrekeys::One& prekey = *prekeys.add_prekeys();
            prekey.set_prekey(one.prekey.data(), one.prekey.size());
            prekey.set_reason(std::uint32_t(one.reason));
        }
    }
    void operator()(const SetTokens& m) const {
        pb::RelaySetTokens& tokens = *out.mutable_set_tokens();
        for (const Token& one : m.tokens) {
            pb::RelaySetTokens::Token& token = *tokens.add_tokens();
            write(one.token, token.mutable_token());
            token.set_share(one.share);
        }
    }
    void operator()(const Watch& m) const {
        pb::RelayWatch& watch = *out.mutable_watch();
        for (const Addressee& one : m.devices) writeAddressee(one, watch.add_devices());
    }
    void operator()(const Presence& m) const {
        pb::RelayPresence& presence = *out.mutable_presence();
        for (const Presence::One& one : m.devices) {
            pb::RelayPresence::One& device = *presence.add_devices();
            write(one.device, device.mutable_device());
            device.set_online(one.online);
        }
    }
    void operator()(const List& m) const { out.mutable_list()->set_link(m.link); }
    void operator()(const Browse& m) const { out.mutable_browse()->set_after(m.after); }
    void operator()(const Listed& m) const {
        for (const std::string& link : m.links) out.mutable_listed()->add_links(link);
        out.mutable_listed()->set_next(m.next);
    }
    void operator()(const Unknown&) const {}
};

/// Reads a list of addressees within its limit; false if one is broken or there are more.
template <class Repeated>
bool readAddressees(const Repeated& in, std::size_t limit, std::vector<Addressee>& out) {
    if (std::size_t(in.size()) > limit) return false;
    for (const pb::RelayAddressee& one : in)
        if (!readAddressee(one, out.emplace_back())) return false;
    return true;
}

Expected<Message> readHello(const pb::RelayHello& in) {
    Hello hello;
    hello.invisible = in.invisible();
    if (!readMaybe(in.invite(), hello.invite)) return badMessage("an invite has the wrong length");
    if (in.has_pass() && !readAddressee(in.pass(), hello.pass.emplace()))
        return badMessage("a pass is broken");
    return Message(hello);
}

Expected<Message> readWelcome(const pb::RelayWelcome& in) {
    Welcome welcome;
    welcome.hasAccount = in.has_account();
    welcome.epoch = in.epoch();
    welcome.life = std::chrono::seconds(static_cast<std::int64_t>(std::min(in.life(), kMostMillis / 1000)));
    welcome.quota = in.quota();
    welcome.used = in.used();
    welcome.freed = in.freed();
    welcome.highest = in.highest();
    welcome.highestHeads = in.highest_heads();
    welcome.spread = millisOf(in.spread());
    welcome.hasDirectory = in.has_directory();
    if (in.epoch() == 0 || in.freed() > in.highest() || !isNumber(in.highest()) ||
        !isNumber(in.highest_heads()))
        return badMessage("a welcome is inconsistent");
    if (!readMaybe(in.prekey(), welcome.prekey) || !readOptional(in.tokens(), welcome.tokens))
        return badMessage("a welcome has a part of the wrong length");
    return Message(welcome);
}

bool readRecipient(const pb::RelayDeposit::Recipient& in, Recipient& recipient) {
    recipient.seal = toBytes(viewOf(in.seal()));
    return readAddressee(in.to(), recipient.to) && read(in.prekey(), recipient.prekey) &&
           in.seal().size() == limits::kSeal;
}

bool namesADeviceTwice(const std::vector<Recipient>& recipients) {
    std::set<DeviceId> devices;
    return std::any_of(recipients.begin(), recipients.end(),
                       [&](const Recipient& one) { return !devices.insert(one.to.device).second; });
}

Expected<Message> readDeposit(const pb::RelayDeposit& in) {
    const auto count = std::size_t(in.recipients_size());
    if (count == 0 || count > limits::kRecipientsPerDeposit)
        return badMessage("a deposit has no or too many recipients");
    if (in.body().empty() || in.body().size() > limits::kEnvelopeBody)
        return badMessage("a deposit is empty or too large");
    Deposit deposit{in.epoch(), boxOf(in.heads()), {}, toBytes(viewOf(in.body()))};
    deposit.recipients.reserve(count);
    for (const auto& one : in.recipients())
        if (!readRecipient(one, deposit.recipients.emplace_back()))
            return badMessage("a recipient has a part of the wrong length");
    if (count > 1 && namesADeviceTwice(deposit.recipients))
        return badMessage("a deposit names a device twice");
    return Message(std::move(deposit));
}

Expected<Message> readDeposited(const pb::RelayDeposited& in) {
    Deposited deposited;
    deposited.expires = fromUnixMillis(static_cast<std::int64_t>(std::min(in.expires(), kLatestDate)));
    if (std::size_t(in.failures_size()) > limits::kRecipientsPerDeposit)
        return badMessage("an answer to a deposit is too long");
    for (const auto& one : in.failures()) {
        if (!deposited.failures.empty() && one.recipient() <= deposited.failures.back().recipient)
            return badMessage("an answer to a deposit is out of order");
        deposited.failures.push_back({one.recipient(), reasonOf(one.reason())});
    }
    if (in.has_refusal()) deposited.refusal = readRefusal(in.refusal());
    return Message(std::move(deposited));
}

bool readItem(const pb::RelayPulled::Item& in, Item& item) {
    item.number = in.number();
    item.seal = toBytes(viewOf(in.seal()));
    item.body = toBytes(viewOf(in.body()));
    return read(in.prekey(), item.prekey) && in.seal().size() == limits::kSeal && !in.body().empty() &&
           in.body().size() <= limits::kEnvelopeBody;
}

Expected<Message> readPulled(const pb::RelayPulled& in) {
    if (std::size_t(in.items_size()) > limits::kItemsPerPulled)
        return badMessage("it holds too many envelopes");
    Pulled pulled{{}, in.last(), in.highest()};
    pulled.items.reserve(std::size_t(in.items_size()));
    MailboxNumber before = 0;
    for (const auto& one : in.items()) {
        if (one.number() <= before || !isNumber(one.number())) return badMessage("envelopes are out of order");
        before = one.number();
        if (!readItem(one, pulled.items.emplace_back()))
            return badMessage("an envelope has a part of the wrong length");
    }
    if (!isNumber(pulled.highest) || (pulled.last && before > pulled.highest))
        return badMessage("an envelope lies beyond the highest");
    return Message(std::move(pulled));
}

Expected<Message> readFetchPrekeys(const pb::RelayFetchPrekeys& in) {
    FetchPrekeys fetch;
    if (!readAddressees(in.of(), limits::kPrekeysPerFetch, fetch.of))
        return badMessage("a device whose prekey is wanted is broken, or there are too many");
    return Message(std::move(fetch));
}

Expected<Message> readPrekeys(const pb::RelayPrekeys& in) {
    if (std::size_t(in.prekeys_size()) > limits::kPrekeysPerFetch)
        return badMessage("it holds too many prekeys");
    Prekeys prekeys;
    for (const auto& one : in.prekeys())
        prekeys.prekeys.push_back({toBytes(viewOf(one.prekey())), reasonOf(one.reason())});
    return Message(std::move(prekeys));
}

Expected<Message> readSetTokens(const pb::RelaySetTokens& in) {
    if (std::size_t(in.tokens_size()) > limits::kTokensPerDevice)
        return badMessage("it holds too many tokens");
    SetTokens tokens;
    for (const auto& one : in.tokens()) {
        Token& token = tokens.tokens.emplace_back();
        token.share = one.share();
        if (!read(one.token(), token.token)) return badMessage("a token has the wrong length");
    }
    return Message(std::move(tokens));
}

Expected<Message> readWatch(const pb::RelayWatch& in) {
    Watch watch;
    if (!readAddressees(in.devices(), limits::kPresenceWatches, watch.devices))
        return badMessage("a watched device is broken, or there are too many");
    return Message(std::move(watch));
}

Expected<Message> readPresence(const pb::RelayPresence& in) {
    if (std::size_t(in.devices_size()) > limits::kPresenceWatches)
        return badMessage("it tells of too many devices");
    Presence presence;
    for (const auto& one : in.devices()) {
        Presence::One& device = presence.devices.emplace_back();
        device.online = one.online();
        if (!read(one.device(), device.device)) return badMessage("a device has the wrong length");
    }
    return Message(std::move(presence));
}

Expected<Message> readListed(const pb::RelayListed& in) {
    if (std::size_t(in.links_size()) > limits::kLinksPerListed) return badMessage("it holds too many links");
    Listed listed{{}, in.next()};
    for (const std::string& link : in.links()) {
        if (link.size() > limits::kContactLinkBytes) return badMessage("a link is too long");
        listed.links.push_back(link);
    }
    return Message(std::move(listed));
}

Expected<Message> readMessage(const pb::RelayFrame& in) {
    switch (in.kind_case()) {
        case pb::RelayFrame::kHello:
            return readHello(in.hello());
        case pb::RelayFrame::kWelcome:
            return readWelcome(in.welcome());
        case pb::RelayFrame::kRefused:
            return Message(Refused{readRefusal(in.refused().refusal())});
        case pb::RelayFrame::kGoingAway:
            return Message(
                GoingAway{millisOf(in.going_away().come_back_after()),
                          std::string(utf8Prefix(in.going_away().text(), limits::kRefusalTextBytes))});
        case pb::RelayFrame::kDone:
            return Message(Done{});
        case pb::RelayFrame::kDeposit:
            return readDeposit(in.deposit());
        case pb::RelayFrame::kDeposited:
            return readDeposited(in.deposited());
        case pb::RelayFrame::kHint:
            if (!isNumber(in.hint().highest())) return badMessage("a hint tells of no number that there is");
            return Message(Hint{boxOf(in.hint().heads()), in.hint().highest()});
        case pb::RelayFrame::kPull:
            return Message(Pull{boxOf(in.pull().heads()), in.pull().from(), in.pull().bytes()});
        case pb::RelayFrame::kPulled:
            return readPulled(in.pulled());
        case pb::RelayFrame::kAcknowledge:
            return Message(Acknowledge{in.acknowledge().epoch(), boxOf(in.acknowledge().heads()),
                                       in.acknowledge().through()});
        case pb::RelayFrame::kAcknowledged:
            return Message(Acknowledged{in.acknowledged().used()});
        case pb::RelayFrame::kPublishPrekey:
            return Message(PublishPrekey{toBytes(viewOf(in.publish_prekey().prekey()))});
        case pb::RelayFrame::kPrekeyPublished:
            return Message(
                PrekeyPublished{in.prekey_published().highest(), in.prekey_published().highest_heads()});
        case pb::RelayFrame::kFetchPrekeys:
            return readFetchPrekeys(in.fetch_prekeys());
        case pb::RelayFrame::kPrekeys:
            return readPrekeys(in.prekeys());
        case pb::RelayFrame::kSetTokens:
            return readSetTokens(in.set_tokens());
        case pb::RelayFrame::kWatch:
            return readWatch(in.watch());
        case pb::RelayFrame::kPresence:
            return readPresence(in.presence());
        case pb::RelayFrame::kList:
            if (in.list().link().size() > limits::kContactLinkBytes) return badMessage("a link is too long");
            return Message(List{in.list().link()});
        case pb::RelayFrame::kBrowse:
            return Message(Browse{in.browse().after()});
        case pb::RelayFrame::kListed:
            return readListed(in.listed());
        case pb::RelayFrame::KIND_NOT_SET:
            break;
    }
    return Message(Unknown{});
}

}  // namespace

void writeRelayFrame(const Frame& frame, pb::RelayFrame* out) {
    out->set_request(frame.request);
    std::visit(Writer{*out}, frame.message);
}

Expected<Frame> readRelayFrame(const pb::RelayFrame& in) {
    auto message = readMessage(in);
    if (!message) return Unexpected(message.error());
    if (isRequest(*message) && in.request() == 0) return badMessage("a request has no number");
    return Frame{in.request(), *std::move(message)};
}

void writeAccess(const RelayAccess& access, pb::RelayAccess* out) {
    out->set_url(access.url);
    write(access.token, out->mutable_token());
}

bool readAccess(const pb::RelayAccess& in, RelayAccess& access) {
    access.url = in.url();
    return in.url().size() <= limits::kRelayUrlBytes && read(in.token(), access.token);
}

}  // namespace landline::wire::detail
