#include "app/messenger/relay_envelopes.h"

#include "app/storage/deposit_table.h"
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/envelope/packing.h"
#include "p2p/envelope/sealing.h"
#include "p2p/timeline/applier.h"

#include <algorithm>

namespace landline::app {

using wire::relay::Box;

namespace {

QString introductionKey(const DeviceId& device) {
    return QStringLiteral("introduced.") + QString::fromStdString(toHex(device.view()));
}

QString textOf(const Hash256& digest) {
    return QString::fromStdString(toHex(digest.view()));
}

/// What a statement of heads may take, beside an introduction.
constexpr std::size_t kHeadsBytes = limits::kEnvelopeContent - 4096;
/// What Protobuf makes of one author's head and of one conversation's heads, at most.
constexpr std::size_t kAuthorHeadBytes = 160;
constexpr std::size_t kHeadsOfOneBytes = 48;

wire::Heads headsOf(Database& db, const ConversationId& conversation, timeline::HybridTime& newest) {
    wire::Heads heads{conversation, {}, true};
    for (const timeline::TimelineHead& head : db.heads(conversation)) {
        if (heads.authors.size() == limits::kHeadsPerMessage) break;
        newest = std::max(newest, head.clock);
        if (head.number != 0 || head.read != 0) heads.authors.push_back(timeline::wireHead(head));
    }
    return heads;
}

/// Of all conversations with the person; where that is more than an envelope holds, those in which something happened last.
std::vector<wire::Heads> headsWith(Database& db, const PersonId& person) {
    std::vector<std::pair<timeline::HybridTime, wire::Heads>> all;
    for (const ConversationId& conversation : db.conversationsWith(person)) {
        timeline::HybridTime newest = 0;
        wire::Heads heads = headsOf(db, conversation, newest);
        if (!heads.authors.empty()) all.emplace_back(newest, std::move(heads));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<wire::Heads> result;
    std::size_t bytes = 0;
    for (auto& [newest, heads] : all) {
        bytes += kHeadsOfOneBytes + kAuthorHeadBytes * heads.authors.size();
        if (bytes > kHeadsBytes || result.size() == limits::kConversationsPerDigest) break;
        result.push_back(std::move(heads));
    }
    return result;
}

}  // namespace

/// An envelope that is being filled, and what is in it.
class Parcel {
public:
    explicit Parcel(wire::EnvelopeContent begun) : packing(std::move(begun)) {}

    envelope::Packing packing;
    std::vector<EntryRange> ranges;
};

bool RelayEnvelopes::pack(const EntryRange& range, Parcel& parcel) {
    EntryNumber next = range.first;
    bool hasRoom = true;
    while (hasRoom && next <= range.last) {
        const auto entries =
            m_context.db->read(range.conversation, range.author, next,
                               static_cast<std::size_t>(range.last - next + 1), limits::kEnvelopeContent);
        if (entries.empty()) break;
        for (const wire::SignedEntry& entry : entries) {
            hasRoom = next <= range.last && parcel.packing.add(range.conversation, range.author, next, entry);
            if (!hasRoom) break;
            ++next;
        }
    }
    if (next > range.first)
        parcel.ranges.push_back({range.conversation, range.author, range.first, next - 1});
    return next > range.last;
}

std::optional<RelayEnvelopes::Made> RelayEnvelopes::entries(const PersonId& person,
                                                            const std::vector<Reader>& readers,
                                                            const std::vector<EntryRange>& ranges) {
    wire::EnvelopeContent introduction = introductionTo(person);
    const Hash256 digest = sha256(wire::encodeEnvelopeContent(introduction));
    const bool isKnown = know(readers, digest);
    introduction.edition = isKnown ? 0 : m_accounts.nextEdition();
    Parcel parcel(isKnown ? wire::EnvelopeContent{} : std::move(introduction));
    for (const EntryRange& range : ranges)
        if (!pack(range, parcel)) break;
    if (parcel.ranges.empty()) return std::nullopt;
    auto made = seal(parcel.packing.take(), Box::Messages, readers, std::move(parcel.ranges));
    if (made && !isKnown) made->introduction = digest;
    return made;
}

/// Always with an introduction: they may take the place of earlier ones that nobody has fetched.
std::optional<RelayEnvelopes::Made> RelayEnvelopes::heads(const PersonId& person, const Reader& reader) {
    Database& db = *m_context.db;
    wire::EnvelopeContent content = introductionTo(person);
    content.edition = m_accounts.nextEdition();
    wire::HeadsStatement statement;
    statement.device = m_context.selfDevice();
    statement.counter = db.relayHeads().nextStatement(m_context.clock.wall());
    statement.heads = headsWith(db, person);
    statement.lost = db.relayHeads().lost();
    content.heads.push_back(envelope::signHeads(statement, m_context.identity->keys.signing));
    return seal(content, Box::Heads, std::span(&reader, 1), {});
}

/// With an introduction, as heads: a store that somebody put back may not know this device.
std::optional<RelayEnvelopes::Made> RelayEnvelopes::evidence(const PersonId& person, const Reader& reader,
                                                             const OwedEvidence& owed) {
    wire::EnvelopeContent content = introductionTo(person);
    content.edition = m_accounts.nextEdition();
    content.forks.push_back(
        timeline::evidenceFrom(*m_context.db, owed.conversation, owed.author, owed.first));
    auto& headers = content.forks.back().headers;
    while (!headers.empty() && wire::encodeEnvelopeContent(content).size() > envelope::kMostContent)
        headers.pop_back();
    if (headers.empty()) return std::nullopt;
    return seal(content, Box::Messages, std::span(&reader, 1), {});
}

wire::EnvelopeContent RelayEnvelopes::introductionTo(const PersonId& person) {
    wire::EnvelopeContent content;
    content.certificate = m_context.identity->certificate.encoded();
    content.name = m_context.nameOf(m_context.selfPerson()).toStdString();
    content.told = m_accounts.toldTo(person);
    return content;
}

bool RelayEnvelopes::know(const std::vector<Reader>& readers, const Hash256& introduction) {
    return std::all_of(readers.begin(), readers.end(), [&](const Reader& reader) {
        return m_context.db->setting(introductionKey(reader.device)) == textOf(introduction);
    });
}

std::optional<RelayEnvelopes::Made> RelayEnvelopes::seal(const wire::EnvelopeContent& content, Box box,
                                                         std::span<const Reader> readers,
                                                         std::vector<EntryRange> ranges) {
    std::vector<NoiseKey> prekeys;
    for (const Reader& reader : readers) prekeys.push_back(reader.route.prekey.key());
    auto sealed = envelope::seal(content, prekeys, m_context.identity->keys.noise, m_context.random);
    if (!sealed) return std::nullopt;
    const RelayRoutes::Route& route = readers.front().route;
    Made made{route.relay,
              route.open.number,
              m_context.db->deposits().nextCounter(m_context.clock.wall()),
              {route.open.epoch, box, {}, std::move(sealed->body)}};
    for (std::size_t i = 0; i < readers.size(); ++i)
        made.message.recipients.push_back({{readers[i].device, readers[i].route.token},
                                           readers[i].route.prekey.id(),
                                           std::move(sealed->seals[i])});
    m_context.db->deposits().put({made.relay, made.counter, made.message, std::move(ranges)});
    return made;
}

// Introductions ------------------------------------------------------------------------------------------------------------

void RelayEnvelopes::sent(const Made& made) {
    if (!made.introduction.isZero()) m_introductions.emplace(made.counter, made.introduction);
}

void RelayEnvelopes::introduced(const DeviceId& device, DepositCounter counter) {
    const auto found = m_introductions.find(counter);
    if (found != m_introductions.end())
        m_context.db->setSetting(introductionKey(device), textOf(found->second));
}

void RelayEnvelopes::forgetIntroduction(const DeviceId& device) {
    const QString key = introductionKey(device);
    if (!m_context.db->setting(key).isEmpty()) m_context.db->setSetting(key, {});
}

}  // namespace landline::app
