#pragma once

#include <QString>

namespace landline::app {

/// What a name looks like: names that a person could take for one another give the same text. Compatibility forms and case
/// are folded, invisible characters dropped, and letters of the Cyrillic, Greek and Armenian alphabets, and digits, that
/// look like Latin letters are replaced by those. For comparing only, never shown.
[[nodiscard]] QString lookOf(const QString& name);

}  // namespace landline::app
