#pragma once

#include "p2p/base/utf8.h"
#include "p2p/wire/entry.h"

#include <QString>

namespace landline::app {

/// A text as it is shown and searched.
[[nodiscard]] inline QString shownText(const std::string& text) {
    return QString::fromStdString(sanitizedText(text));
}

/// What a message shows as its text: a text's words, a file's name, nothing of anything else.
[[nodiscard]] inline QString shownText(const wire::Content& content) {
    if (const auto* text = std::get_if<wire::Text>(&content)) return shownText(text->text);
    if (const auto* offer = std::get_if<wire::FileOffer>(&content)) return shownText(offer->name);
    return {};
}

}  // namespace landline::app
