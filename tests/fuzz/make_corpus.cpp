// fuzz-corpus DIR: writes valid inputs of this folder's targets below DIR, as a start for the fuzzers. Run it again where a
// format changes: cmake --build --preset dev --target fuzz-corpus && build/dev/bin/fuzz-corpus tests/fuzz/corpus
#include "app/storage/key_file_format.h"
#include "p2p/base/limits.h"
#include "p2p/discovery/beacon.h"
#include "p2p/envelope/sealing.h"
#include "p2p/identity/contact_link.h"
#include "p2p/transfer/journal.h"
#include "p2p/wire/envelope_content.h"
#include "p2p/wire/frame_buffer.h"
#include "p2p/wire/listing.h"
#include "tests/support/session_pair.h"

#include <filesystem>
#include <fstream>
#include <iostream>

using namespace landline;

namespace {

std::filesystem::path g_root;

void write(const std::string& target, const std::string& name, const Bytes& bytes) {
    const auto folder = g_root / target;
    std::filesystem::create_directories(folder);
    std::ofstream file(folder / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Bytes prefixed(std::initializer_list<std::uint8_t> head, ByteView rest) {
    Bytes bytes(head);
    append(bytes, rest);
    return bytes;
}

/// `stream` in pieces of (length, bytes[, pause]).
Bytes inPieces(Bytes head, ByteView stream, std::size_t length, bool withPause) {
    while (!stream.empty()) {
        const ByteView piece = stream.first(std::min(length, stream.size()));
        stream = stream.subspan(piece.size());
        head.push_back(static_cast<std::uint8_t>(piece.size()));
        append(head, piece);
        if (withPause) head.push_back(1);
    }
    return head;
}

void writeBeacons() {
    const test::TestParty party(1);
    discovery::Beacon beacon;
    beacon.port = 4000;
    beacon.instance = 5;
    beacon.counter = 1'700'000'000'000;
    beacon.person = discovery::hintOf(party.certificate.person());
    for (const char* name : {"", "Ada", "Zoë 张伟"}) {
        beacon.name = name;
        const Bytes datagram = discovery::encodeBeacon(beacon, party.keys.signing);
        write("beacon", "name-of-" + std::to_string(beacon.name.size()), prefixed({0}, datagram));
    }
    beacon.name = std::string(limits::kNameBytes, 'x');
    beacon.type = discovery::BeaconType::Goodbye;
    write("beacon", "longest-goodbye", prefixed({0}, discovery::encodeBeacon(beacon, party.keys.signing)));
    // Steps as beacon_fuzzer.cpp reads them: a beacon is step, source, type, period, instance, counter, device, name.
    write("beacon", "steps-hello-answered",
          prefixed({1, 3, 0, 2, 0}, Bytes{134, 1, 0, 20, 1, 1, 9, 1, 'A', 0, 0, 40, 0, 0, 40}));
    write("beacon", "steps-goodbye-and-replay",
          prefixed({1, 3}, Bytes{6, 1, 1, 20, 1, 5, 9, 0, 6, 1, 3, 20, 1, 6, 9, 0, 6, 1, 1, 20, 1, 5, 9, 0}));
    write("beacon", "steps-clone-and-expiry",
          prefixed({1, 129, 9}, Bytes{6, 1, 1, 20, 1, 5, 9, 0, 6, 2, 1, 20, 2,   9,   9, 0,
                                      6, 1, 1, 20, 1, 6, 9, 0, 5, 9, 1, 0,  255, 255, 2, 130}));
    Bytes crowd{1, 3, 0, 2, 0};
    for (std::uint8_t i = 0; i < 40; ++i) append(crowd, Bytes{134, i, 0, 20, 1, 1, i, 0});
    append(crowd, Bytes{0, 0, 200, 4, 0, 2, 0, 2});
    write("beacon", "steps-crowd", crowd);
}

void writeFrames() {
    Bytes stream;
    for (const std::size_t length : {1, 16, 300, 1024}) {
        wire::appendFrameHeader(stream, length);
        append(stream, Bytes(length, static_cast<std::uint8_t>(length)));
    }
    write("frame", "four-frames", inPieces({4, 0}, stream, 200, false));
    write("frame", "byte-by-byte", inPieces({4, 0}, ByteView(stream).first(330), 1, false));
    write("frame", "over-limit", inPieces({1, 0}, stream, 50, false));
    write("frame", "empty-frame", inPieces({4, 0}, Bytes{0, 1, 7, 0, 0}, 5, false));
}

std::vector<std::pair<std::string, wire::Message>> messages(const test::TestParty& party) {
    const auto conversation = ConversationId::from(Bytes(32, 1)).value();
    const auto transfer = wire::TransferId::from(Bytes(16, 2)).value();
    const wire::AuthorHead head{party.device(), 1, {}, 5, Hash128::from(Bytes(16, 3)).value(), 4};
    wire::SignedEntry entry{Bytes(100, 4), Signature::from(Bytes(64, 5)).value(), Bytes(40, 6), {}};
    wire::SignedEntry erased = entry;
    erased.payload.clear();
    erased.erasure =
        wire::ErasureProof{Bytes(90, 7), entry.signature, Bytes(30, 8), party.certificate.encoded()};
    return {
        {"hello", wire::Hello{party.certificate.encoded(), 1, 0, 77, 4000, true, "Ada", transfer}},
        {"ping", wire::Ping{1}},
        {"pong", wire::Pong{2}},
        {"rekey", wire::Rekey{}},
        {"close", wire::Close{wire::CloseReason::Violation, std::string(511, 'x') + "éé"}},
        {"heads-digest", wire::HeadsDigest{{{conversation, Hash128::from(Bytes(16, 9)).value()}}}},
        {"heads", wire::Heads{conversation, {head, head}, true}},
        {"entries", wire::Entries{conversation, party.device(), 3, {entry, erased}}},
        {"fork", wire::ForkEvidence{conversation, party.device(), {entry}}},
        {"typing", wire::Typing{conversation, true}},
        {"profile", wire::Profile{"Ada", wire::Presence::Busy, "in a meeting"}},
        {"profile-relays",
         wire::Profile{"Ada",
                       wire::Presence::Away,
                       "",
                       {{{"landline://relay.example:4747/x", RelayToken::from(Bytes(16, 14)).value()}}, false},
                       1'700'000'000'000}},
        {"profile-no-relays", wire::Profile{"Ada", wire::Presence::Away, "", {{}, true}, 1'700'000'000'001}},
        {"dial-back", wire::DialBack{Hash128::from(Bytes(16, 10)).value()}},
        {"dial-back-for-file", wire::DialBack{Hash128::from(Bytes(16, 10)).value(), transfer}},
        {"file-request", wire::FileRequest{transfer, 10, 20}},
        {"file-chunk", wire::FileChunk{10, Bytes(50, 11)}},
        {"file-refused", wire::FileRefused{transfer, wire::FileRefusal::Changed, "changed"}},
        {"file-cancel", wire::FileCancel{transfer}},
        {"file-request-listing", wire::FileRequest{transfer, 0, 100, true}},
        {"file-skip", wire::FileSkip{10, 1'000'000, wire::ItemFailure::Vanished}},
        {"file-check", wire::FileCheck{transfer,
                                       0,
                                       limits::kFileChunk + 1,
                                       {ChunkDigest::from(Bytes(32, 12)).value(),
                                        ChunkDigest::from(Bytes(32, 13)).value()}}},
        {"file-checked", wire::FileChecked{0, {3}}},
    };
}

/// A relay's conversation with a device, one of each kind.
std::vector<std::pair<std::string, wire::relay::Message>> relayMessages(const test::TestParty& party) {
    using namespace wire::relay;
    const Addressee to{party.device(), RelayToken::from(Bytes(16, 14)).value()};
    const auto prekey = PrekeyId::from(Bytes(8, 15)).value();
    const Bytes seal(limits::kSeal, 16);
    const Refusal refusal{Reason::Busy, "later", std::chrono::milliseconds(1500)};
    Welcome welcome;
    welcome.hasAccount = true;
    welcome.epoch = 77;
    welcome.freed = 3;
    welcome.highest = 9;
    welcome.prekey = prekey;
    welcome.tokens = Hash128::from(Bytes(16, 17)).value();
    return {
        {"hello", Hello{RelayInvite::from(Bytes(16, 18)).value(), to, true}},
        {"welcome", welcome},
        {"refused", Refused{refusal}},
        {"going-away", GoingAway{std::chrono::seconds(3), "update"}},
        {"done", Done{}},
        {"deposit", Deposit{77, Box::Messages, {{to, prekey, seal}, {{party.device(), {}}, prekey, seal}}, Bytes(40, 19)}},
        {"deposit-heads", Deposit{77, Box::Heads, {{to, prekey, seal}}, Bytes(40, 19)}},
        {"deposited", Deposited{fromUnixMillis(1'700'000'000'000), {{0, Reason::Full}, {2, Reason::OldPrekey}}, {}}},
        {"not-deposited", Deposited{{}, {}, refusal}},
        {"hint", Hint{Box::Heads, 9}},
        {"pull", Pull{Box::Messages, 4, 65536}},
        {"pulled", Pulled{{{4, prekey, seal, Bytes(40, 20)}, {5, prekey, seal, Bytes(40, 20)}}, true, 9}},
        {"acknowledge", Acknowledge{77, Box::Messages, 5}},
        {"acknowledged", Acknowledged{400}},
        {"publish", PublishPrekey{Bytes(145, 21)}},
        {"published", PrekeyPublished{9, 2}},
        {"fetch", FetchPrekeys{{to, to}}},
        {"prekeys", Prekeys{{{Bytes(145, 21), Reason::Unknown}, {{}, Reason::NoPrekey}}}},
        {"tokens", SetTokens{{{*to.token, 1000}, {*to.token, 0}}}},
        {"watch", Watch{{to}}},
        {"presence", Presence{{{party.device(), true}}}},
        {"list", List{"landline://contact/x"}},
        {"browse", Browse{16}},
        {"listed", Listed{{"a", "b"}, 32}},
    };
}

void writeEnvelopes(const test::TestParty& party) {
    const auto conversation = ConversationId::from(Bytes(32, 1)).value();
    const wire::AuthorHead head{party.device(), 0, {}, 5, Hash128::from(Bytes(16, 3)).value(), 4};
    const wire::HeadsStatement statement{party.device(), 12, {{conversation, {head}, true}}, 2};
    const Bytes stated = wire::encodeHeadsStatement(statement);
    const wire::SignedEntry entry{Bytes(100, 4), Signature::from(Bytes(64, 5)).value(), Bytes(40, 6), {}};
    const wire::EnvelopeContent content{
        party.certificate.encoded(),
        "Ada",
        {{{"landline://relay.example:4747/x", RelayToken::from(Bytes(16, 14)).value()}}, false},
        {{conversation, party.device(), 3, {entry, entry}}},
        {{stated, party.keys.signing.sign(identity::context::kHeads, stated)}},
        1'700'000'000'000,
        {{conversation, party.device(), {entry}}}};
    const Bytes encoded = wire::encodeEnvelopeContent(content);
    write("wire", "envelope", prefixed({5}, encoded));
    wire::EnvelopeContent none;
    none.told.areNone = true;
    none.edition = 1'700'000'000'001;
    write("wire", "envelope-no-relays", prefixed({5}, wire::encodeEnvelopeContent(none)));
    write("wire", "heads-statement", prefixed({6}, stated));
    // As envelope_fuzzer.cpp reads them.
    test::SeededRandom random(1);
    const NoiseKey to[] = {party.noiseKey()};
    const auto sealed = envelope::seal(content, to, party.keys.noise, random).value();
    Bytes whole = prefixed({0}, sealed.seals[0]);
    append(whole, sealed.body);
    write("envelope", "whole-to-another", whole);
    Bytes length{1};
    appendBe32(length, static_cast<std::uint32_t>(encoded.size()));
    append(length, encoded);
    write("envelope", "content", length);
    write("envelope", "content-too-long", {1, 0xFF, 0xFF, 0xFF, 0xFF});
    write("envelope", "unchanged", {2});
    write("envelope", "changed-seal", {2, 0, 3, 1});
    write("envelope", "changed-body", {2, 1, 3, 1});
    write("envelope", "changed-back", {2, 1, 3, 1, 1, 3, 1});
    write("envelope", "prekey",
          prefixed({3}, envelope::Prekey::issue(party.keys, party.noiseKey(), fromUnixMillis(1)).encoded()));
}

void writeWire() {
    const test::TestParty party(1);
    for (const auto& [name, message] : relayMessages(party))
        write("wire", "relay-" + name, prefixed({0}, wire::encodeMessage(wire::relay::Frame{7, message})));
    writeEnvelopes(party);
    for (const auto& [name, message] : messages(party))
        write("wire", "message-" + name, prefixed({0}, wire::encodeMessage(message)));

    wire::EntryHeader header;
    header.author = party.device();
    header.number = 1;
    header.clock = 1'700'000'000'000ULL << 16;
    header.kind = 2;
    header.certificate = party.certificate.encoded();
    write("wire", "header-first", prefixed({1}, wire::encodeEntryHeader(header)));
    header.number = 2;
    header.previous = Hash256::from(Bytes(32, 3)).value();
    header.certificate.clear();
    write("wire", "header-second", prefixed({1}, wire::encodeEntryHeader(header)));

    const EntryRef ref{party.device(), 7};
    const wire::Content contents[] = {
        wire::Text{"hello", ref},
        wire::Edit{ref, "changed"},
        wire::Delete{ref},
        wire::Reaction{ref, "👍", false},
        wire::FileOffer{wire::TransferId::from(Bytes(16, 2)).value(), "plan.txt", 12345, "text/plain",
                        1'700'000'000'000},
        wire::FileOffer{wire::TransferId::from(Bytes(16, 2)).value(), "photos", 12345, "", 1'700'000'000'000,
                        wire::ListingRef{3, 100, ChunkDigest::from(Bytes(32, 5)).value()}},
    };
    for (const wire::Content& content : contents) {
        const auto kind = static_cast<std::uint8_t>(wire::kindOf(content));
        write("wire", "payload-" + std::to_string(kind),
              prefixed({2, kind}, wire::encodePayload(content, Hash128())));
    }
    const wire::ErasureProof proof{Bytes(90, 7), {}, Bytes(30, 8), party.certificate.encoded()};
    write("wire", "proof", prefixed({3}, wire::encodeErasureProof(proof)));
    write("wire", "preface", prefixed({4}, wire::Preface{}.encode()));
}

void writeListings() {
    const wire::ListingItem folder{"photos", 0, 1'700'000'000'000, false, true};
    const wire::ListingItem file{"photos/a.jpg", 12345, 1'700'000'000'000, false, false};
    const wire::ListingItem empty{"photos/\u7a7a", 0, -1, true, false};
    const wire::ListingItem large{"disk", limits::kOfferBytes, 0, false, false};
    write("listing", "folder", wire::encodeListing({{folder, file, empty}}));
    write("listing", "one-file", wire::encodeListing({{large}}));
    write("listing", "too-large", wire::encodeListing({{large, folder, file}}));
    write("listing", "no-folder", wire::encodeListing({{file}}));
    write("listing", "twice", wire::encodeListing({{folder, folder}}));
}

void writeJournals() {
    transfer::Journal journal = transfer::parseJournal({}, {});
    Bytes bytes = transfer::noteFailed(journal, 3, wire::ItemFailure::Vanished);
    append(bytes, transfer::noteFailed(journal, 4, wire::ItemFailure::Changed));
    append(bytes, transfer::noteRecovered(journal, 3));
    append(bytes, transfer::noteComplete(journal, 3));
    append(bytes, transfer::noteIncomplete(journal, 3));
    write("journal", "whole", bytes);
    write("journal", "torn", toBytes(ByteView(bytes).first(100)));
    bytes[50] ^= 1;
    write("journal", "damaged", bytes);
}

/// What each side of an honest pair says up to Open.
void writeHandshakes() {
    test::TestParty ada(1);
    test::TestParty bo(2);
    Bytes said[2];
    test::SessionPair pair(ada, bo);
    pair.wire = [&said](session::Role from, Bytes& bytes) {
        append(said[from == session::Role::Dialler], bytes);
    };
    pair.exchange();
    write("handshake", "dialler", inPieces({0}, said[1], 60, true));
    write("handshake", "responder", inPieces({2}, said[0], 60, true));
    write("handshake", "other-version",
          inPieces({0}, wire::Preface{2, wire::Purpose::Conversation, {}}.encode(), 8, true));
    write("handshake", "refused",
          inPieces({2}, wire::Preface{1, wire::Purpose::Refused, {}}.encode(), 8, true));
    write("handshake", "http", inPieces({0}, viewOf("GET / HTTP/1.1\r\n\r\n"), 18, true));
    write("handshake", "honest-xx", {1});
    write("handshake", "honest-x", {3});
    write("handshake", "honest-xx-aes", {5});
    write("handshake", "honest-x-aes", {7});
    write("handshake", "changed-first", {1, 0, 0, 5, 1});
    write("handshake", "changed-second", {1, 1, 0, 40, 0x80});
    write("handshake", "changed-third", {1, 2, 0, 0, 1});
    write("handshake", "undone-change", {1, 1, 0, 3, 9, 1, 0, 3, 9});
}

void writePairs() {
    constexpr std::uint8_t kDialler = 0x80;
    constexpr std::uint8_t kBulk = 0x40;
    const Bytes chat{0, kDialler | 3, 0, 10, 3, 0, 200, 0, kDialler | 3, 11, 0xb8, 1, 50, 4, 100, 0, 0};
    write("session-pair", "chat", chat);
    Bytes many{0};
    for (std::uint8_t i = 0; i < 40; ++i)
        append(many, Bytes{std::uint8_t(i % 2 == 0 ? kDialler | 3 : 3), i, i});
    append(many, Bytes{kDialler | 2, 0, 99, 2, 1, 0, kDialler | 1, 3, 0});
    write("session-pair", "rekey", many);
    Bytes file{kBulk};
    for (std::uint8_t i = 0; i < 12; ++i)
        append(file, Bytes{std::uint8_t((i % 4 == 0 ? 0 : kBulk) | kDialler | 3), std::uint8_t(i * 20), i,
                           kDialler | 2, std::uint8_t(i * 15), 7});
    append(file, Bytes{kBulk | kDialler | 3, 0, 0, 0});
    write("session-pair", "file", file);
    write("session-pair", "close", {0, kDialler | 3, 5, 5, kDialler | 6, 0});
    write("session-pair", "flip-in-handshake", {7, 0, 20, 1, 0});
    write("session-pair", "flip-when-open", {0, kDialler | 3, 0, 50, 7, 0, 9, 4, 0});
    write("session-pair", "loss", {0, kDialler | 3, 0, 50, 7, 0, 9, 0, 0, 3, 0, 1, 0});
    write("session-pair", "stall", {0, kDialler | 5, 1, kDialler | 3, 1, 1, 4, 0x80, 0, kDialler | 5, 0, 0});
    write("session-pair", "byte-by-byte", Bytes(300, kDialler | 1));
}

void writeContactLinks() {
    identity::ContactLink link{
        test::TestParty(1).certificate, "Zoë 张伟", {"10.1.2.3:47474", "[2001:db8::1]:5"}};
    const auto put = [](const char* name, const std::string& text) {
        write("contact-link", name, toBytes(viewOf(text)));
    };
    const std::string whole = identity::encodeContactLink(link);
    put("whole", whole);
    put("fields-of-others", whole + "&relay=x&flag&=&at=%2");
    put("cut-short", whole.substr(0, 200));
    link.relays = {{{"[2001:db8::2]", 4747, test::TestParty(2).noiseKey(), {}}, RelayToken::from(Bytes(16, 1)).value()},
                   {{"relay.example.org", 1, test::TestParty(3).noiseKey(), {}}, RelayToken::from(Bytes(16, 2)).value()}};
    put("relays", identity::encodeContactLink(link));
    link.name.clear();
    link.addresses.clear();
    link.relays.clear();
    put("bare", identity::encodeContactLink(link));
}

void writeRelayUrls() {
    identity::RelayUrl url{"relay.example.org", 4747, test::TestParty(1).noiseKey(),
                           RelayInvite::from(Bytes(16, 1)).value()};
    const auto put = [](const char* name, const std::string& text) { write("relay-url", name, toBytes(viewOf(text))); };
    put("invite", identity::formatRelayUrl(url));
    put("more-fields", " " + identity::formatRelayUrl(url) + "&x=y&&=\n");
    url.invite.reset();
    put("grant", identity::formatRelayGrant({url, RelayToken::from(Bytes(16, 2)).value()}));
    url.host = "[2001:db8::1]";
    put("ipv6", identity::formatRelayUrl(url));
    put("contact", "landline://contact/AAAA");
}

void writeKeyFiles() {
    const test::TestParty party(1);
    test::SeededRandom random(3);
    app::KeyFileContent content;
    random.fill(content.personSeed.span());
    content.deviceSeed = party.keys.signing.seed();
    content.noiseSecret = party.keys.noise.secret.clone();
    content.certificate = party.certificate.encoded();
    content.place.inode = 42;
    content.place.birth = 1'700'000'000'000;
    content.bound = true;
    content.name = "Zoë 张伟";
    const Bytes open = app::key_file::encode(content, nullptr, random);
    app::SealKey seal;
    seal.operations = 3;
    seal.memory = std::uint64_t{256} << 20;
    const Bytes sealed = app::key_file::encode(content, &seal, random);
    write("key-file", "open", prefixed({0}, open));
    write("key-file", "sealed", prefixed({0}, sealed));
    write("key-file", "cut", prefixed({0}, ByteView(open).first(300)));
    Bytes newer = open;
    newer[8] = 2;
    write("key-file", "newer", prefixed({0}, newer));
    const ByteView body = ByteView(open).subspan(10, 459);
    write("key-file", "body", prefixed({1}, body));
    Bytes longName(body.begin(), body.end());
    longName[378] = 200;
    write("key-file", "name-too-long", prefixed({1}, longName));
    write("key-file", "sealed-changed-head", prefixed({2, 0, 20, 1}, body));
    write("key-file", "sealed-changed-body", prefixed({2, 1, 0, 0x80}, body));
    write("key-file", "sealed-as-it-was", prefixed({2, 0, 0, 0}, body));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: fuzz-corpus DIR\n";
        return 2;
    }
    initCrypto();
    g_root = argv[1];
    writeBeacons();
    writeFrames();
    writeWire();
    writeListings();
    writeJournals();
    writeHandshakes();
    writePairs();
    writeContactLinks();
    writeRelayUrls();
    writeKeyFiles();
    return 0;
}
