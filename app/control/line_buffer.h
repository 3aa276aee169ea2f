#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace landline::app::control {

/// Cuts a stream into lines of at most `most` bytes, whatever the cut of its pieces. A longer line is dropped
/// up to its end and reported once; memory stays below `most` plus one piece.
class LineBuffer {
public:
    struct Line {
        std::string text;      ///< without "\n" or "\r\n"
        bool tooLong = false;  ///< dropped; `text` is empty
    };

    explicit LineBuffer(std::size_t most) : m_most(most) {}

    void append(std::string_view piece);
    /// The next complete line; empty ones are skipped.
    [[nodiscard]] std::optional<Line> next();
    /// What was begun and never ended counts as a line once the stream ends.
    void end();

private:
    std::size_t m_most;
    std::string m_bytes;
    std::size_t m_searched = 0;  ///< no line feed before this place
    bool m_dropping = false;
};

}  // namespace landline::app::control
