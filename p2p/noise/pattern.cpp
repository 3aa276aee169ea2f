#include "p2p/noise/pattern.h"

#include <array>

namespace landline::noise {

namespace {

constexpr std::array kE{Token::E};
constexpr std::array kEEeSEs{Token::E, Token::Ee, Token::S, Token::Es};
constexpr std::array kSSe{Token::S, Token::Se};
constexpr std::array kEEsSSs{Token::E, Token::Es, Token::S, Token::Ss};

using Line = std::span<const Token>;
constexpr std::array kMessagesXX{Line(kE), Line(kEEeSEs), Line(kSSe)};
constexpr std::array kMessagesX{Line(kEEsSSs)};

}  // namespace

constexpr Pattern kPatternXX{"XX", kMessagesXX, false, false};
constexpr Pattern kPatternX{"X", kMessagesX, true, true};

}  // namespace landline::noise
