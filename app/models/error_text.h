#pragma once

#include "p2p/base/error.h"

#include <QString>

namespace landline::app {

/// A failure as a sentence in the language of the user interface. Where the sentence that came with it has no
/// translation, one for its kind is given.
[[nodiscard]] QString errorText(const Error& error);
/// `sentence`, which the program gave in English or in the language of the user interface, in that language; empty if
/// it has no translation.
[[nodiscard]] QString sentenceText(const QString& sentence);
/// The same for what Messenger::problem tells, whose code is errorName's or another.
[[nodiscard]] QString problemText(const QString& code, const QString& text);

}  // namespace landline::app
