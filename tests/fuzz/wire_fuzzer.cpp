// Every parser of p2p/wire: never crashes, and what it accepts comes back from its own encoding unchanged. Input: which
// parser 1, then its bytes.
#include "p2p/wire/entry.h"
#include "p2p/wire/envelope_content.h"
#include "p2p/wire/messages.h"
#include "p2p/wire/preface.h"
#include "tests/fuzz/fuzz_input.h"

using namespace landline;
using namespace landline::fuzz;

namespace {

void tryMessage(ByteView bytes) {
    const auto message = wire::decodeMessage(bytes);
    Bytes plaintext = toBytes(bytes);
    if (const auto chunk = wire::findChunk(plaintext))
        require(
            message.ok() && *message == wire::Message(wire::FileChunk{chunk->offset, toBytes(chunk->data)}),
            "a chunk is found as it is decoded");
    if (!message) return;
    const Bytes encoded = wire::encodeMessage(*message);
    const auto again = wire::decodeMessage(encoded);
    require(again.ok(), "an encoded message can be read");
    require(*again == *message, "a message comes back as it was");
    require(wire::encodeMessage(*again) == encoded, "encoding is stable");
}

void tryHeader(ByteView bytes) {
    const auto header = wire::parseEntryHeader(bytes);
    if (!header) return;
    const Bytes encoded = wire::encodeEntryHeader(*header);
    const auto again = wire::parseEntryHeader(encoded);
    require(again.ok() && *again == *header, "a header comes back as it was");
}

void tryPayload(std::uint32_t kind, ByteView bytes) {
    const auto content = wire::parsePayload(kind, bytes);
    if (!content) return;
    require(wire::kindOf(*content) == kind, "a payload is of the kind that its header says");
    if (std::holds_alternative<wire::UnknownContent>(*content)) return;
    const Bytes encoded = wire::encodePayload(*content, Hash128());
    const auto again = wire::parsePayload(kind, encoded);
    require(again.ok() && *again == *content, "a payload comes back as it was");
}

void tryProof(ByteView bytes) {
    const auto proof = wire::parseErasureProof(bytes);
    if (!proof) return;
    const auto again = wire::parseErasureProof(wire::encodeErasureProof(*proof));
    require(again.ok() && *again == *proof, "a proof comes back as it was");
}

void tryPreface(ByteView bytes) {
    const auto preface = wire::Preface::parse(bytes);
    if (!preface) return;
    const auto again = wire::Preface::parse(preface->encode());
    require(again.ok() && *again == *preface, "a preface comes back as it was");
}

void tryEnvelope(ByteView bytes) {
    const auto content = wire::parseEnvelopeContent(bytes);
    if (!content) return;
    const auto again = wire::parseEnvelopeContent(wire::encodeEnvelopeContent(*content));
    require(again.ok() && *again == *content, "an envelope's content comes back as it was");
}

void tryStatement(ByteView bytes) {
    const auto statement = wire::parseHeadsStatement(bytes);
    if (!statement) return;
    const auto again = wire::parseHeadsStatement(wire::encodeHeadsStatement(*statement));
    require(again.ok() && *again == *statement, "a statement of heads comes back as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzInput input(data, size);
    switch (input.u8() % 7) {
        case 0:
            tryMessage(input.rest());
            break;
        case 1:
            tryHeader(input.rest());
            break;
        case 2: {
            const std::uint32_t kind = input.u8();
            tryPayload(kind, input.rest());
            break;
        }
        case 3:
            tryProof(input.rest());
            break;
        case 4:
            tryPreface(input.rest());
            break;
        case 5:
            tryEnvelope(input.rest());
            break;
        case 6:
            tryStatement(input.rest());
            break;
    }
    return 0;
}
