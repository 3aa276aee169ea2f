#pragma once

#include "p2p/wire/envelope_content.h"

namespace landline::envelope {

/// Fills one envelope with entries, in the order in which they are to be applied, until the next does not fit. An entry of
/// any legal size fits an empty one that holds nothing but certificate, name and relays.
class Packing {
public:
    explicit Packing(wire::EnvelopeContent begun = {});

    /// False, and nothing changes, if it does not fit any more: seal what there is and begin anew.
    [[nodiscard]] bool add(const ConversationId& conversation, const DeviceId& author, EntryNumber number,
                           const wire::SignedEntry& entry);
    [[nodiscard]] std::size_t entries() const { return m_entries; }
    [[nodiscard]] wire::EnvelopeContent take() { return std::move(m_content); }

private:
    wire::EnvelopeContent m_content;
    std::size_t m_bytes = 0;  ///< no less than what the content takes
    std::size_t m_entries = 0;
};

}  // namespace landline::envelope
