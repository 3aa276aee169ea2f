#include "app/views/message_selection.h"

#include <QTextBoundaryFinder>

namespace landline::app {

void MessageSelection::begin(const EntryRef& entry, int position) {
    m_entry = entry;
    m_from = m_to = position;
}

void MessageSelection::extend(int position) {
    if (m_entry) m_to = position;
}

void MessageSelection::selectWord(const EntryRef& entry, const QString& text, int position) {
    m_entry = entry;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Word, text);
    finder.setPosition(std::clamp<qsizetype>(position, 0, text.size()));
    if (!finder.isAtBoundary() || position >= text.size()) finder.toPreviousBoundary();
    m_from = static_cast<int>(std::max<qsizetype>(0, finder.position()));
    const auto end = finder.toNextBoundary();
    m_to = static_cast<int>(end < 0 ? text.size() : end);
}

}  // namespace landline::app
