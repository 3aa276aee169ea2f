#include "app/views/file_layout.h"

#include "app/models/bundle_text.h"
#include "app/pictures/thumbnails.h"
#include "app/views/emoji_text.h"

#include <QCoreApplication>
#include <QFontMetrics>
#include <QtMath>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kFileWidth = 280;
constexpr int kIconGap = 12;
constexpr int kLineGap = 3;
constexpr int kButtonGap = 16;
constexpr int kMostNames = 3;
constexpr QSize kLeastPicture{112, 76};  // of its frame: the time has to fit
constexpr int kMostTrouble = 400;        // characters of a sentence that names a path

struct Words {
    Q_DECLARE_TR_FUNCTIONS(FileLayout)
};

/// What stands below a file in a bubble; the menu has the rest.
std::vector<TransferAction> buttonsOf(const TransferRecord& file) {
    using Action = TransferAction;
    switch (file.state) {
        case TransferState::Offered:
            if (file.incoming) return {Action::Accept, Action::AcceptInto, Action::Decline};
            return {Action::Withdraw};
        case TransferState::Queued:
            return {file.incoming ? Action::Cancel : Action::Withdraw};
        case TransferState::Running:
            return {Action::Pause, Action::Cancel};
        case TransferState::Paused:
            return {Action::Resume, Action::Cancel};
        case TransferState::Done:
            if (!file.path.isEmpty()) return {Action::Open, Action::ShowFolder};
            return {};
        case TransferState::Failed:
            if (file.incoming) return {Action::Retry};
            return {};
        case TransferState::Cancelled:
            if (file.incoming) return {Action::Accept};
            return {};
    }
    return {};
}

}  // namespace

QString transferGlyph(const TransferRecord& transfer) {
    const QString whole = transfer.items > 0 ? QStringLiteral("folder") : QStringLiteral("file");
    switch (transfer.state) {
        case TransferState::Offered:
            return transfer.incoming ? QStringLiteral("download") : QStringLiteral("upload");
        case TransferState::Queued:
            return QStringLiteral("close");
        case TransferState::Running:
            return QStringLiteral("pause");
        case TransferState::Paused:
            return QStringLiteral("play");
        case TransferState::Failed:
            return transfer.incoming ? QStringLiteral("retry") : whole;
        case TransferState::Cancelled:
            return transfer.incoming ? QStringLiteral("download") : whole;
        case TransferState::Done:
            return whole;
    }
    return whole;
}

void FileLayout::widen(int width) {
    m_width = std::max(m_width, std::min(width, m_most));
}

void FileLayout::addFile() {
    const QFontMetrics name(m.boldFont);
    const QFontMetrics info(m.smallFont);
    const int width = std::min(m_most, kFileWidth);
    const int left = kFileIconSize + kIconGap;
    const int inner = width - left;
    m.fileGlyph = transferGlyph(m_file);
    m.progress = transferProgress(m_file);
    m.fileName.text = elideMiddle(m_file.name, m.boldFont, inner);
    const bool two = !transferLines(*m_context.transfer).second.isEmpty() || m.progress >= 0;
    const int words = name.height() + (two ? 2 : 1) * (info.height() + kLineGap);
    const int height = std::max(words, kFileIconSize);
    m.fileIcon = QRect(0, m_y + 2 + (height - kFileIconSize) / 2, kFileIconSize, kFileIconSize);
    const int top = m_y + 2 + (height - words) / 2;
    m.fileName.rect = QRect(left, top, inner, name.height());
    m_y = top + name.height();
    addLines(left, inner);
    m_y = std::max(m_y, m.fileIcon.bottom() + 1) + 4;
    widen(width);
    m_lastWidth = m_most;
    addTrouble(width);
    addContents(width);
    addButtons();
}

/// How far it is, and the speed or what it waits for. While it is under way there is room for both, so that nothing jumps.
void FileLayout::addLines(int left, int width) {
    const QFontMetrics info(m.smallFont);
    const TransferLines lines = transferLines(*m_context.transfer);
    m.fileInfo.text = elideText(lines.first, m.smallFont, width);
    m.fileInfo.rect = QRect(left, m_y + kLineGap, width, info.height());
    m_y = m.fileInfo.rect.bottom() + 1;
    if (lines.second.isEmpty() && m.progress < 0) return;
    m.fileMore.text = elideText(lines.second, m.smallFont, width);
    m.fileMore.rect = QRect(left, m_y + kLineGap, width, info.height());
    m_y = m.fileMore.rect.bottom() + 1;
}

void FileLayout::addPicture(bool bare) {
    const auto most = Thumbnails::kBox;
    const int room = std::min(m_most + 2 * kPictureOut, most.width);
    const auto shown = fitInto({m_context.picture.width(), m_context.picture.height()}, {room, most.height});
    m.picture = QRect(0, 0, shown.width, shown.height);
    const QSize frame = m.picture.size().expandedTo(kLeastPicture).boundedTo({room, most.height});
    m.pictureFrame = QRect(QPoint(-kPictureOut, m.reply.isNull() ? kPictureInset : m_y), frame);
    widen(frame.width() - 2 * kPictureOut);
    m_y = m.pictureFrame.bottom() + 1;
    m.progress = transferProgress(m_file);
    m.fileGlyph = transferGlyph(m_file);
    const bool done = m_file.state == TransferState::Done;
    m.metaOnPicture = done && bare;
    if (done) return;
    m_y += 2;
    const int width = std::min(m_most, kFileWidth);
    addLines(0, width);
    m_lastWidth = std::max(textWidth(m.fileInfo.text, m.smallFont), textWidth(m.fileMore.text, m.smallFont));
    // As wide as the words: the bubble is no wider than the picture where that is enough.
    for (QRect* const line : {&m.fileInfo.rect, &m.fileMore.rect})
        line->setWidth(std::min(line->width(), m_lastWidth));
    widen(m_lastWidth);
    addButtons();
}

/// The whole sentence: what to do stands at its end.
void FileLayout::addTrouble(int width) {
    const QString why = transferTrouble(m_file);
    if (why.isEmpty()) return;
    m.failureText = std::make_shared<QTextLayout>(why.left(kMostTrouble), m.smallFont);
    m.failureText->setTextOption(wrapping(why));
    m.failureText->setCacheEnabled(true);
    double height = 0;
    m.failureText->beginLayout();
    for (auto line = m.failureText->createLine(); line.isValid(); line = m.failureText->createLine()) {
        line.setLineWidth(width);
        line.setPosition(QPointF(0, height));
        height += line.height();
    }
    m.failureText->endLayout();
    m.fileFailure = QRect(0, m_y + 2, width, qCeil(height));
    m_y = m.fileFailure.bottom() + 4;
}

/// The first names, and how many more.
void FileLayout::addContents(int width) {
    if (!m_context.contents || !allows(m_file, TransferAction::ShowContents)) return;
    const BundlePreview preview = bundlePreview(*m_context.contents, kMostNames);
    if (preview.names.isEmpty()) return;
    const int height = QFontMetrics(m.smallFont).height();
    const int top = m_y + 3;
    int y = top + 5;
    const auto add = [&](const QString& text) {
        m.fileItems.push_back({QRect(10, y, width - 20, height), text});
        y += height + 2;
    };
    for (const QString& name : preview.names) add(elideMiddle(name, m.smallFont, width - 20));
    if (preview.more > 0) add(Words::tr("and %n more", nullptr, static_cast<int>(preview.more)));
    m.fileContents = QRect(0, top, width, y + 3 - top);
    m_y = m.fileContents.bottom() + 4;
}

void FileLayout::addButtons() {
    const auto actions = buttonsOf(m_file);
    if (actions.empty()) return;
    const QFontMetrics metrics(m.boldFont);
    const int height = metrics.height() + 6;
    int x = 0;
    for (const TransferAction action : actions) {
        MessageLayout::Button button{{}, actionText(action), action, action == actions.front()};
        if (action == TransferAction::Cancel || action == TransferAction::Withdraw) button.primary = false;
        const int width = metrics.horizontalAdvance(button.text) + 4;
        if (x > 0 && x + width > m_most) {
            x = 0;
            m_y += height + 2;
        }
        button.rect = QRect(x, m_y + 3, width, height);
        x += width + kButtonGap;
        widen(x - kButtonGap);
        m.buttons.push_back(std::move(button));
    }
    m_y += 3 + height;
    m_lastWidth = x - kButtonGap;
}

}  // namespace landline::app
