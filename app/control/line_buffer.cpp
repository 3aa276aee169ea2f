#include "app/control/line_buffer.h"

namespace landline::app::control {

void LineBuffer::append(std::string_view piece) {
    m_bytes.append(piece);
}

void LineBuffer::end() {
    if (!m_bytes.empty() || m_dropping) m_bytes.push_back('\n');
}

std::optional<LineBuffer::Line> LineBuffer::next() {
    for (;;) {
        const std::size_t feed = m_bytes.find('\n', m_searched);
        if (feed == std::string::npos) {
            m_searched = m_bytes.size();
            if (m_bytes.size() > m_most) m_dropping = true;
            if (m_dropping) {
                m_bytes.clear();
                m_searched = 0;
            }
            return std::nullopt;
        }
        Line line{m_bytes.substr(0, feed), m_dropping || feed > m_most};
        m_bytes.erase(0, feed + 1);
        m_searched = 0;
        m_dropping = false;
        if (line.tooLong) {
            line.text.clear();
            return line;
        }
        if (!line.text.empty() && line.text.back() == '\r') line.text.pop_back();
        if (!line.text.empty()) return line;
    }
}

}  // namespace landline::app::control
