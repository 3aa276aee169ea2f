#pragma once

#include "app/views/message_layout.h"

namespace landline::app {

/// A part of one message's text that the mouse has selected, in UTF-16 units of the text as it is laid out.
class MessageSelection {
public:
    /// Nothing is selected yet; the selection grows from `position`.
    void begin(const EntryRef& entry, int position);
    void extend(int position);
    /// The word around `position`.
    void selectWord(const EntryRef& entry, const QString& text, int position);
    void clear() { *this = {}; }

    [[nodiscard]] bool isIn(const EntryRef& entry) const { return m_entry == entry; }
    [[nodiscard]] const std::optional<EntryRef>& entry() const { return m_entry; }
    [[nodiscard]] bool isEmpty() const { return m_from == m_to; }
    [[nodiscard]] int start() const { return std::min(m_from, m_to); }
    [[nodiscard]] int length() const { return std::abs(m_to - m_from); }
    /// The selected part of a message's text.
    [[nodiscard]] QString of(const QString& text) const { return text.mid(start(), length()); }

private:
    std::optional<EntryRef> m_entry;
    int m_from = 0;
    int m_to = 0;
};

}  // namespace landline::app
