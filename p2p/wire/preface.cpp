#include "p2p/wire/preface.h"


#include <algorithm>

namespace landline::wire {

namespace {
constexpr std::array<std::uint8_t, 4> kMagic{'L', 'N', 'D', 'L'};
}

std::array<std::uint8_t, Preface::kBytes> Preface::encode() const {
    return {kMagic[0], kMagic[1], kMagic[2], kMagic[3], major, static_cast<std::uint8_t>(purpose),
            static_cast<std::uint8_t>(suite), 0};
}

Expected<Preface> Preface::parse(ByteView bytes) {
    if (bytes.size() != kBytes || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        return Unexpected(ErrorCode::Malformed, "The other side does not speak Landline's protocol.");
    Preface preface;
    preface.major = bytes[4];
    preface.purpose = static_cast<Purpose>(bytes[5]);
    preface.suite = static_cast<Suite>(bytes[6]);
    return preface;
}

}  // namespace landline::wire
