#include "tests/support/reference_relay.h"

#include "p2p/base/limits.h"

#include <algorithm>
#include <utility>

namespace landline::test {

using namespace wire::relay;

namespace {
constexpr std::size_t kPulledBytes = 3000;  // small, so that a pull has several answers
}

std::uint64_t ReferenceRelay::Mailbox::used() const {
    std::uint64_t bytes = 0;
    for (const Box* box : {&messages, &heads})
        for (const auto& [number, stored] : box->items) bytes += stored->item.bytes();
    return bytes;
}

// --- Operating ---------------------------------------------------------------------------------------------------

RelayInvite ReferenceRelay::makeInvite(int uses) {
    const auto invite = m_random.make<RelayInvite>();
    m_db.invites[invite] = uses;
    m_disk.invites[invite] = uses;
    return invite;
}

void ReferenceRelay::commit(WallTime now) {
    expire(now);
    m_disk = m_db;
    for (auto& [session, frame] : std::exchange(m_answers, {}))
        if (m_clients.count(session) != 0 || std::holds_alternative<Refused>(frame.message))
            send(session, frame);
    hint();
}

void ReferenceRelay::crash() {
    m_db = m_disk;
    m_answers.clear();
    m_clients.clear();
}

void ReferenceRelay::goAway(std::chrono::milliseconds comeBackAfter) {
    for (const auto& [session, client] : m_clients) send(session, {0, GoingAway{comeBackAfter, "an update"}});
}

void ReferenceRelay::expire(WallTime now) {
    for (auto& [device, mailbox] : m_db.mailboxes)
        for (Box* box : {&mailbox.messages, &mailbox.heads})
            while (!box->items.empty() && box->items.begin()->second->expires <= now) {
                box->freed = box->items.begin()->first;
                box->items.erase(box->items.begin());
            }
}

// --- Sessions ----------------------------------------------------------------------------------------------------

void ReferenceRelay::opened(Session session, const DeviceId& device, const PersonId& person) {
    m_clients[session] = Client{device, person, false, {}, {}};
}

void ReferenceRelay::closed(Session session) {
    const auto found = m_clients.find(session);
    if (found == m_clients.end()) return;
    const DeviceId device = found->second.device;
    m_clients.erase(found);
    tellPresence(device);
}

void ReferenceRelay::answer(Session session, std::uint64_t request, Message message) {
    m_answers.emplace_back(session, Frame{request, std::move(message)});
}

void ReferenceRelay::refuse(Session session, std::uint64_t request, Reason reason) {
    const auto after = std::chrono::milliseconds(isPassing(reason) ? 2000 : 0);
    answer(session, request, Refused{{reason, sentenceOf(reason), after}});
}

void ReferenceRelay::receive(Session session, const Frame& frame, WallTime now) {
    const auto found = m_clients.find(session);
    if (found == m_clients.end()) return;
    Client& client = found->second;
    if (const auto* hello = std::get_if<Hello>(&frame.message))
        return handleHello(session, frame.request, *hello);
    if (!client.isIn) return fault("a device asked before it was welcome");
    if (const auto* one = std::get_if<Deposit>(&frame.message))
        return answer(session, frame.request, deposit(client, frame.request, *one, now));
    const bool isForGuests =
        std::holds_alternative<FetchPrekeys>(frame.message) || std::holds_alternative<Watch>(frame.message);
    if (!isForGuests && m_db.mailboxes.count(client.device) == 0) {
        fault("a guest asked for what guests may not");
        return refuse(session, frame.request, Reason::NoAccount);
    }
    if (const auto* pull = std::get_if<Pull>(&frame.message))
        return handlePull(session, frame.request, *pull);
    if (const auto* acknowledge = std::get_if<Acknowledge>(&frame.message))
        return handleAcknowledge(session, frame.request, *acknowledge);
    handleOther(session, frame);
}

/// Lets the device in, or says why not (PROTOCOL.md, "Who may come").
std::optional<Reason> ReferenceRelay::enter(const Client& client, const Hello& hello) {
    if (m_db.mailboxes.count(client.device) != 0) return std::nullopt;
    bool isIn = m_db.accounts.count(client.person) != 0;
    if (hello.invite && !isIn) {
        const auto invite = m_db.invites.find(*hello.invite);
        if (invite == m_db.invites.end()) return Reason::BadInvite;
        if (invite->second == 0) return Reason::InviteUsed;
        --invite->second;
        m_db.accounts.insert(client.person);
        isIn = true;
    }
    if (isIn) {
        m_db.mailboxes[client.device].person = client.person;
        return std::nullopt;
    }
    if (hello.pass && permitted(client, *hello.pass)) return std::nullopt;
    return Reason::NoAccount;
}

void ReferenceRelay::handleHello(Session session, std::uint64_t request, const Hello& hello) {
    Client& client = m_clients.at(session);
    if (client.isIn) return fault("a device said hello twice");
    if (const auto reason = enter(client, hello)) return refuse(session, request, *reason);
    client.isIn = true;
    for (auto other = m_clients.begin(); other != m_clients.end();) {
        const auto one = other++;
        if (one->first == session || one->second.device != client.device) continue;
        const Session older = one->first;
        m_clients.erase(one);
        close(older);
    }
    Welcome welcome;
    welcome.epoch = m_db.epoch;
    welcome.life = kLife;
    welcome.spread = spread;
    if (const auto found = m_db.mailboxes.find(client.device); found != m_db.mailboxes.end()) {
        const Mailbox& mailbox = found->second;
        welcome.hasAccount = true;
        welcome.quota = m_quota;
        welcome.used = mailbox.used();
        welcome.freed = mailbox.messages.freed;
        welcome.highest = mailbox.messages.highest;
        welcome.highestHeads = mailbox.heads.highest;
        welcome.prekey = mailbox.prekeyId;
        welcome.tokens = tokensDigest(mailbox.tokens);
        client.told[0] = {true, welcome.highest};
        client.told[1] = {true, welcome.highestHeads};
    }
    answer(session, request, welcome);
    tellPresence(client.device);
}

ReferenceRelay::Mailbox* ReferenceRelay::permitted(const Client& client, const Addressee& to) {
    const auto found = m_db.mailboxes.find(to.device);
    if (found == m_db.mailboxes.end()) return nullptr;
    Mailbox& mailbox = found->second;
    if (!to.token) return mailbox.person == client.person ? &mailbox : nullptr;
    const bool isGood = std::any_of(mailbox.tokens.begin(), mailbox.tokens.end(),
                                    [&](const Token& token) { return token.token == *to.token; });
    return isGood ? &mailbox : nullptr;
}

// --- Deposits ----------------------------------------------------------------------------------------------------

Deposited ReferenceRelay::deposit(const Client& client, DepositCounter counter, const Deposit& deposit,
                                  WallTime now) {
    Remembered& remembered = m_db.remembered[client.device];
    const auto refused = [](Reason reason) { return Deposited{{}, {}, Refusal{reason, {}, {}}}; };
    if (deposit.epoch != m_db.epoch) return refused(Reason::OtherEpoch);
    if (const auto known = remembered.answers.find(counter); known != remembered.answers.end())
        return known->second;
    if (counter <= remembered.forgotten) return refused(Reason::OldCounter);
    Deposited answer{now + kLife, {}, {}};
    for (std::uint32_t i = 0; i < deposit.recipients.size(); ++i) {
        const Recipient& recipient = deposit.recipients[i];
        if (const auto reason = depositOne(client, deposit, recipient, now))
            answer.failures.push_back({i, *reason});
    }
    if (answer.failures.size() == deposit.recipients.size()) return answer;
    remembered.answers[counter] = answer;
    if (remembered.answers.size() > limits::kDepositsUnanswered) {
        remembered.forgotten = remembered.answers.begin()->first;
        remembered.answers.erase(remembered.answers.begin());
    }
    return answer;
}

std::optional<Reason> ReferenceRelay::depositOne(const Client& client, const Deposit& deposit,
                                                 const Recipient& recipient, WallTime now) {
    Mailbox* const mailbox = permitted(client, recipient.to);
    if (mailbox == nullptr) return Reason::NoMailbox;
    if (!mailbox->prekeyId) return Reason::NoPrekey;
    if (*mailbox->prekeyId != recipient.prekey) return Reason::OldPrekey;
    if (mailbox->used() + recipient.seal.size() + deposit.body.size() > m_quota) return Reason::Full;
    Box& box = boxOf(*mailbox, deposit.box);
    if (deposit.box == wire::relay::Box::Heads)
        std::erase_if(box.items, [&](const auto& one) { return one.second->sender == client.device; });
    const MailboxNumber number = ++box.highest;
    box.items[number] = std::make_shared<Stored>(
        Stored{{number, recipient.prekey, recipient.seal, deposit.body}, client.device, now + kLife});
    return std::nullopt;
}

// --- The mailbox -------------------------------------------------------------------------------------------------

void ReferenceRelay::handlePull(Session session, std::uint64_t request, const Pull& pull) {
    Client& client = m_clients.at(session);
    const Box& box = boxOf(m_db.mailboxes.at(client.device), pull.box);
    client.told[std::size_t(pull.box)] = {true, box.highest};
    Pulled pulled;
    std::size_t bytes = 0;
    std::size_t inFrame = 0;
    for (auto item = box.items.lower_bound(pull.from); item != box.items.end(); ++item) {
        const std::size_t more = item->second->item.bytes();
        if (bytes != 0 && bytes + more > pull.bytes) break;
        if (inFrame != 0 && inFrame + more > kPulledBytes) {
            answer(session, request, std::exchange(pulled, {}));
            inFrame = 0;
        }
        pulled.items.push_back(item->second->item);
        bytes += more;
        inFrame += more;
    }
    pulled.last = true;
    pulled.highest = box.highest;
    answer(session, request, std::move(pulled));
}

void ReferenceRelay::handleAcknowledge(Session session, std::uint64_t request,
                                       const Acknowledge& acknowledge) {
    const DeviceId device = m_clients.at(session).device;
    Mailbox& mailbox = m_db.mailboxes.at(device);
    Box& box = boxOf(mailbox, acknowledge.box);
    if (acknowledge.epoch != m_db.epoch || acknowledge.through > box.highest) {
        fault("a device acknowledged what it never got");
        return refuse(session, request,
                      acknowledge.epoch != m_db.epoch ? Reason::OtherEpoch : Reason::Future);
    }
    box.items.erase(box.items.begin(), box.items.upper_bound(acknowledge.through));
    box.freed = std::max(box.freed, acknowledge.through);
    answer(session, request, Acknowledged{mailbox.used()});
}

void ReferenceRelay::hint() {
    for (auto& [session, client] : m_clients) {
        const auto found = m_disk.mailboxes.find(client.device);
        if (!client.isIn || found == m_disk.mailboxes.end()) continue;
        for (const auto kind : {wire::relay::Box::Messages, wire::relay::Box::Heads}) {
            const Box& box = boxOf(found->second, kind);
            Told& told = client.told[std::size_t(kind)];
            if (!told.mayHint || box.highest <= told.highest) continue;
            told = {false, box.highest};
            send(session, {0, Hint{kind, box.highest}});
        }
    }
}

// --- The rest ----------------------------------------------------------------------------------------------------

void ReferenceRelay::handleOther(Session session, const Frame& frame) {
    Client& client = m_clients.at(session);
    if (const auto* publish = std::get_if<PublishPrekey>(&frame.message)) {
        Mailbox& mailbox = m_db.mailboxes.at(client.device);
        mailbox.prekey = publish->prekey;
        mailbox.prekeyId = PrekeyId::from(ByteView(publish->prekey).subspan(33, PrekeyId::kSize));
        return answer(session, frame.request,
                      PrekeyPublished{mailbox.messages.highest, mailbox.heads.highest});
    }
    if (const auto* tokens = std::get_if<SetTokens>(&frame.message)) {
        m_db.mailboxes.at(client.device).tokens = tokens->tokens;
        return answer(session, frame.request, Done{});
    }
    if (const auto* fetch = std::get_if<FetchPrekeys>(&frame.message)) {
        Prekeys prekeys;
        for (const Addressee& one : fetch->of) {
            const Mailbox* const mailbox = permitted(client, one);
            if (mailbox == nullptr)
                prekeys.prekeys.push_back({{}, Reason::NoMailbox});
            else
                prekeys.prekeys.push_back(
                    {mailbox->prekey, mailbox->prekeyId ? Reason::Unknown : Reason::NoPrekey});
        }
        return answer(session, frame.request, std::move(prekeys));
    }
    if (const auto* watch = std::get_if<Watch>(&frame.message)) {
        client.watched = watch->devices;
        Presence presence;
        for (const Addressee& one : watch->devices)
            presence.devices.push_back(
                {one.device, permitted(client, one) != nullptr && isOnline(one.device)});
        return answer(session, frame.request, std::move(presence));
    }
    refuse(session, frame.request, Reason::Unsupported);
}

bool ReferenceRelay::isOnline(const DeviceId& device) const {
    return std::any_of(m_clients.begin(), m_clients.end(),
                       [&](const auto& one) { return one.second.isIn && one.second.device == device; });
}

void ReferenceRelay::tellPresence(const DeviceId& device) {
    for (const auto& [session, client] : m_clients)
        for (const Addressee& one : client.watched)
            if (one.device == device && permitted(client, one))
                send(session, {0, Presence{{{device, isOnline(device)}}}});
}

std::size_t ReferenceRelay::waiting(const DeviceId& device) const {
    const auto found = m_disk.mailboxes.find(device);
    return found == m_disk.mailboxes.end()
               ? 0
               : found->second.messages.items.size() + found->second.heads.items.size();
}

}  // namespace landline::test
