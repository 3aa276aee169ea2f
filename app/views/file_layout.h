#pragma once

#include "app/views/message_layout.h"

namespace landline::app {

constexpr int kBubblePadX = 12;
constexpr int kFileIconSize = 44;
constexpr int kPictureInset = 4;  ///< between a bubble's edge and its picture
constexpr int kPictureOut = kBubblePadX - kPictureInset;

/// Places the file of a message in its bubble: name, how far it is, what can be done; or its picture. Works down from
/// `top`, in coordinates that begin at the bubble's padding.
class FileLayout {
public:
    /// `most` is the widest content of the bubble. `context` has a transfer.
    FileLayout(MessageLayout& layout, const LayoutContext& context, int top, int most)
        : m(layout), m_context(context), m_file(context.transfer->record), m_y(top), m_most(most) {}

    void addFile();
    /// Fills the bubble; `bare`: with nothing below it, so that the time may stand on it.
    void addPicture(bool bare);

    [[nodiscard]] int bottom() const { return m_y; }
    [[nodiscard]] int width() const { return m_width; }
    /// Of the last line, beside which the time may fit.
    [[nodiscard]] int lastWidth() const { return m_lastWidth; }

private:
    void addLines(int left, int width);
    void addContents(int width);
    void addTrouble(int width);
    void addButtons();
    void widen(int width);

    MessageLayout& m;
    const LayoutContext& m_context;
    const TransferRecord& m_file;
    int m_y;
    int m_most;
    int m_width = 0;
    int m_lastWidth = 0;
};

/// The icon that stands for a transfer, of resources/icons: what a press does, or what it is.
[[nodiscard]] QString transferGlyph(const TransferRecord& transfer);

}  // namespace landline::app
