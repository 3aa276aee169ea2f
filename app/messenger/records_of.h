#pragma once

#include "app/messenger/context.h"
#include "p2p/timeline/applier.h"

namespace landline::app {

/// The record of an entry that was appended just now, made without reading it back (a reply's quote apart),
/// so that catching up costs no query per message. Nothing for entries that are no messages of their own.
[[nodiscard]] std::optional<MessageRecord> recordOfAppended(Context& context,
                                                            const timeline::CheckedEntry& entry);

/// The message that an edit, delete or reaction is about.
[[nodiscard]] std::optional<EntryRef> amendedBy(const timeline::CheckedEntry& entry);

}  // namespace landline::app
