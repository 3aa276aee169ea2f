#pragma once

#include <QString>

#include <atomic>

namespace landline::app {

/// Reads the whole database of a profile and compares tables with their indexes, and the schema with what the migrations
/// make: damage that no use has met yet would otherwise hide messages in silence, or show them in another order. Some
/// three seconds for a million messages, on a thread of its own; the store goes on meanwhile. Between tables it looks at
/// `cancelled`. False only if the contents contradict themselves: a database that cannot be read at the moment counts as
/// sound.
[[nodiscard]] bool isDatabaseSound(const QString& folder, const std::atomic<bool>& cancelled);

}  // namespace landline::app
