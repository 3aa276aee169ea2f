// The key file's format. Input: how 1, then
//   0: a whole file
//   1: the body of an open file, whose checksum is right
//   2: where to change the sealed file 2, with what 1, the body of a sealed file
#include "app/storage/key_file_format.h"
#include "p2p/base/hash.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/seeded_random.h"

using namespace landline;
using namespace landline::app;
using namespace landline::fuzz;

namespace {

constexpr std::size_t kStart = 10;
constexpr std::size_t kBody = 459;

bool same(const KeyFileContent& a, const KeyFileContent& b) {
    return a.personSeed.equals(b.personSeed.view()) && a.deviceSeed.equals(b.deviceSeed.view()) &&
           a.noiseSecret.equals(b.noiseSecret.view()) && a.certificate == b.certificate &&
           a.place == b.place && a.bound == b.bound && a.name == b.name;
}

/// What is read can be written and read again, open and sealed.
void checkComesBack(const KeyFileContent& content) {
    test::SeededRandom random(1);
    const auto opened = key_file::parse(key_file::encode(content, nullptr, random));
    const auto* const again = std::get_if<KeyFileContent>(&opened);
    require(again && same(*again, content), "an open file comes back");
    SealKey seal;
    seal.operations = 3;
    seal.memory = 1 << 20;
    seal.key.span()[0] = 7;
    const Bytes file = key_file::encode(content, &seal, random);
    const auto head = key_file::parse(file);
    const auto* const asked = std::get_if<SealKey>(&head);
    require(asked && asked->operations == 3 && asked->memory == 1 << 20, "a sealed file says how");
    const auto unsealed = key_file::unseal(file, seal);
    const auto* const content2 = std::get_if<KeyFileContent>(&unsealed);
    require(content2 && same(*content2, content), "a sealed file comes back");
}

void readWhole(ByteView file) {
    const auto parsed = key_file::parse(file);
    if (const auto* content = std::get_if<KeyFileContent>(&parsed)) checkComesBack(*content);
    if (!std::holds_alternative<SealKey>(parsed)) return;
    SealKey other;
    other.key.span()[0] = 9;
    const auto unsealed = key_file::unseal(file, other);
    const auto* const fault = std::get_if<key_file::Fault>(&unsealed);
    require(fault && *fault == key_file::Fault::WrongKey, "no other key opens a seal");
}

Bytes openFile(ByteView body) {
    Bytes file = toBytes(viewOf(std::string_view("landkeys")));
    file.push_back(1);
    file.push_back(0);
    append(file, body.first(std::min(body.size(), kBody)));
    file.resize(kStart + kBody);
    append(file, sha256(file).view());
    return file;
}

void changeSealed(std::size_t where, std::uint8_t with, ByteView body) {
    const auto parsed = key_file::parse(openFile(body));
    const auto* const content = std::get_if<KeyFileContent>(&parsed);
    if (!content) return;
    test::SeededRandom random(2);
    SealKey seal;
    seal.operations = 3;
    seal.memory = 1 << 20;
    Bytes file = key_file::encode(*content, &seal, random);
    file[where % file.size()] ^= with;
    if (with != 0)
        require(std::holds_alternative<key_file::Fault>(key_file::unseal(file, seal)),
                "a changed file does not open");
    readWhole(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    initCrypto();
    FuzzInput input(data, size);
    const std::uint8_t how = input.u8() % 3;
    if (how == 0) {
        readWhole(input.rest());
    } else if (how == 1) {
        readWhole(openFile(input.rest()));
    } else {
        const std::size_t where = input.u16();
        const std::uint8_t with = input.u8();
        changeSealed(where, with, input.rest());
    }
    return 0;
}
