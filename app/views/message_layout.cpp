#include "app/views/message_layout.h"

#include "app/models/message_text.h"
#include "app/views/emoji_text.h"
#include "app/views/file_layout.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFontMetrics>
#include <QRegularExpression>
#include <QtMath>

#include <algorithm>
#include <iterator>

namespace landline::app {

namespace {

constexpr int kSide = 16;  // between the window's edge and a bubble
constexpr int kGroupGap = 10;
constexpr int kInnerGap = 3;
constexpr int kPadX = kBubblePadX;
constexpr int kLeading = 2;  // between the lines of a text
constexpr int kPadY = 7;
constexpr int kMostBubble = 560;
constexpr int kMetaGap = 10;
constexpr int kPillPad = 7;  // beside the time that stands on no bubble
constexpr int kTickWidth = 20;
constexpr int kPictureCorner = 6;  // between the time and the picture's edges

struct Phrases {
    Q_DECLARE_TR_FUNCTIONS(MessageLayout)
};

bool holdsHan(const QString& text) {
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.script() == QChar::Script_Han; });
}

/// Works down a bubble: each step adds its part below what is there and widens the bubble if need be.
class Builder {
public:
    Builder(const MessageRow& row, const LayoutContext& context)
        : m_row(row), m_message(row.message), m_context(context) {}

    MessageLayout build() {
        setUp();
        addLines();
        m_bubbleTop = m_y;
        m_y = kPadY;
        addReply();
        addFile();
        addText();
        addChips();
        addMeta();
        placeBubble();
        return std::move(m);
    }

private:
    void setUp() {
        m.own = m_message.own;
        m.startsGroup = m_row.startsGroup;
        m.endsGroup = m_row.endsGroup;
        m.bare = m_message.kind == MessageKind::Text && !m_message.deleted && !m_message.replyTo &&
                 isFewEmoji(m_message.text);
        m.textFont = scaled(m.bare ? bareScale() : 1.04);
        m.smallFont = scaled(0.82);
        m.boldFont = scaled(0.96);
        m.boldFont.setWeight(QFont::DemiBold);
        m.chipFont = scaled(0.95);
        m_column = std::min(m_context.width, kMostColumn);
        m_left = (m_context.width - m_column) / 2;
        const int room = m_column - 2 * kSide;
        const int share = m_column < 480 ? room * 88 / 100 : room * 76 / 100;
        m_most = std::clamp(share, 80, kMostBubble) - 2 * kPadX;
    }

    /// One emoji larger than two, two larger than three.
    double bareScale() const {
        const auto count = graphemes(m_message.text);
        return count == 1 ? 3.6 : count == 2 ? 3.0 : 2.5;
    }

    QFont scaled(double factor) const {
        QFont font = m_context.base;
        if (font.pointSizeF() > 0)
            font.setPointSizeF(font.pointSizeF() * factor);
        else
            font.setPixelSize(qRound(font.pixelSize() * factor));
        return font;
    }

    /// Day line and "new messages" line, above the bubble.
    void addLines() {
        m_y = m_row.startsGroup ? kGroupGap : kInnerGap;
        const QFontMetrics metrics(m.smallFont);
        if (m_row.startsDay) {
            const auto day = QDateTime::fromMSecsSinceEpoch(m_message.time).date();
            MessageLayout::Line line;
            line.text = dayTitle(day, m_context.today);
            const int width = metrics.horizontalAdvance(line.text) + 24;
            line.rect = QRect((m_context.width - width) / 2, m_y + 4, width, metrics.height() + 8);
            m_y = line.rect.bottom() + 1 + kGroupGap;
            m.day = line;
        }
        if (m_row.startsUnread) {
            MessageLayout::Line line;
            line.text = Phrases::tr("New messages");
            line.rect = QRect(0, m_y + 2, m_context.width, metrics.height() + 10);
            m_y = line.rect.bottom() + 1 + kGroupGap;
            m.unread = line;
        }
    }

    void addReply() {
        if (!m_message.replyTo || m_message.deleted) return;
        const int authorHeight = QFontMetrics(m.boldFont).height();
        const int textHeight = QFontMetrics(m_context.base).height();
        const QString author =
            m_message.replyAuthor.isEmpty() ? Phrases::tr("A message") : m_message.replyAuthor;
        const QString text = m_message.replyText.isEmpty() ? Phrases::tr("Not here (any more)")
                                                           : m_message.replyText.simplified();
        const int inner = m_most - 20;
        m.replyAuthor.text = elideText(author, m.boldFont, inner);
        m.replyText.text = elideText(text.left(300), m_context.base, inner);
        const int width =
            std::max(textWidth(m.replyAuthor.text, m.boldFont), textWidth(m.replyText.text, m_context.base)) +
            20;
        m.reply = QRect(0, m_y, width, authorHeight + textHeight + 9);
        m.replyAuthor.rect = QRect(11, m_y + 4, width - 15, authorHeight);
        m.replyText.rect = QRect(11, m_y + 5 + authorHeight, width - 15, textHeight);
        widen(width);
        m_y = m.reply.bottom() + 7;
    }

    void addFile() {
        if (m_message.kind != MessageKind::File || m_message.deleted || !m_context.transfer) return;
        FileLayout file(m, m_context, m_y, m_most);
        if (m_context.picture.isEmpty())
            file.addFile();
        else
            file.addPicture(m_message.reactions.empty());
        m_y = file.bottom();
        m_lastWidth = file.lastWidth();
        widen(file.width());
    }

    [[nodiscard]] QString shownText() {
        if (m_message.deleted) return Phrases::tr("This message was deleted");
        if (m_message.kind == MessageKind::Unsupported)
            return Phrases::tr("This message needs a newer version of Landline");
        if (m_message.kind == MessageKind::File) return m_message.file ? QString() : Phrases::tr("File");
        return m_message.text;
    }

    void addText() {
        QString text = shownText();
        if (text.isEmpty()) return;
        m.quiet = m_message.deleted || m_message.kind == MessageKind::Unsupported;
        // Chinese characters have no italics; a slanted one looks broken.
        if (m.quiet) m.textFont.setItalic(!holdsHan(text));
        m.links = m.quiet ? std::vector<MessageLayout::Link>{} : findLinks(text);
        text.replace(u'\n', QChar::LineSeparator);
        m.text = std::make_shared<QTextLayout>(text, m.textFont);
        m.text->setTextOption(wrapping(text));
        m.text->setCacheEnabled(true);
        formatText();
        double height = 0;
        double natural = 0;
        m.text->beginLayout();
        for (auto line = m.text->createLine(); line.isValid(); line = m.text->createLine()) {
            line.setLineWidth(m_most);
            line.setPosition(QPointF(0, height));
            height += line.height() + kLeading;
            natural = std::max(natural, line.naturalTextWidth());
            m_lastWidth = qCeil(line.naturalTextWidth());
        }
        m.text->endLayout();
        m_textWidth = qCeil(natural) + 1;
        widen(m_textWidth);
        m.textAt = QPoint(0, m_y);
        m_y += qCeil(height) - kLeading;
    }

    void formatText() {
        QList<QTextLayout::FormatRange> formats = emojiFormats(m.text->text(), m.textFont);
        for (const auto& link : m.links) {
            QTextLayout::FormatRange range;
            range.start = link.start;
            range.length = link.length;
            range.format.setForeground(m_context.link);
            range.format.setFontUnderline(true);
            formats.append(range);
        }
        m.text->setFormats(formats);
    }

    void addChips() {
        if (m_message.reactions.empty() || m_message.deleted) return;
        const QFontMetrics metrics(m.chipFont);
        int x = 0;
        m_y += 6;
        const int height = metrics.height() + 6;
        for (const auto& reaction : m_message.reactions) {
            MessageLayout::Chip chip;
            chip.emoji = reaction.emoji;
            const auto count = reaction.persons.size();
            chip.text = count > 1 ? QString(reaction.emoji + u' ' + QString::number(count)) : reaction.emoji;
            chip.own = std::find(reaction.persons.begin(), reaction.persons.end(), m_context.self) !=
                       reaction.persons.end();
            const int width = textWidth(chip.text, m.chipFont) + 20;
            if (x > 0 && x + width > m_most) {
                x = 0;
                m_y += height + 4;
            }
            chip.rect = QRect(x, m_y, width, height);
            x += width + 5;
            widen(x - 5);
            m.chips.push_back(chip);
        }
        m_y += height + 1;
        m_lastWidth = x - 5;
    }

    void addMeta() {
        m.metaText = clockTime(m_message.time);
        if (m_message.edited && !m_message.deleted) m.metaText = Phrases::tr("edited %1").arg(m.metaText);
        if (m_message.disputed) m.metaText = Phrases::tr("disputed") + u" · " + m.metaText;
        if (m_message.own && !m_message.deleted) m.tick = m_message.state;
        const QFontMetrics metrics(m.smallFont);
        const int width = metrics.horizontalAdvance(m.metaText) + (m.tick ? kTickWidth : 0);
        const int height = metrics.height();
        if (m.metaOnPicture) {
            widen(width + 2 * (kPillPad + kPictureCorner) - 2 * kPictureOut);
            m.meta = QRect(0, m_y - kPictureCorner - height - 1, width, height);
            m_y += kPictureInset - kPadY;
            return;
        }
        if (m.bare) {
            m_y += 3;
            widen(width + 2 * kPillPad);
        }
        const bool rightToLeft = m.text && m.text->text().isRightToLeft();
        const bool fits = m_lastWidth + kMetaGap + width <= m_most && !rightToLeft && !m.bare;
        if (fits) {
            widen(m_lastWidth + kMetaGap + width);
            m.meta = QRect(0, m_y - height + 2, width, height);
        } else {
            widen(width);
            m.meta = QRect(0, m_y + 1, width, height);
            m_y += height + 1;
        }
    }

    void placeBubble() {
        const int width = m_width + 2 * kPadX;
        const int height = m_y + kPadY;
        const int x = m_left + (m.own ? m_column - kSide - width : kSide);
        m.bubble = QRect(x, m_bubbleTop, width, height);
        m.meta.moveRight(m_width - 1 + (m.tick ? 2 : 0) - (m.bare ? kPillPad : 0));
        if (!m.picture.isNull()) placePicture();
        const QPoint by(x + kPadX, m_bubbleTop);
        if (!m.reply.isNull()) m.reply.setWidth(m_width);
        for (QRect* rect : {&m.reply, &m.replyAuthor.rect, &m.replyText.rect, &m.fileIcon, &m.fileName.rect,
                            &m.fileInfo.rect, &m.fileMore.rect, &m.fileContents, &m.fileFailure,
                            &m.pictureFrame, &m.picture, &m.meta})
            if (!rect->isNull()) rect->translate(by);
        for (auto& item : m.fileItems) item.rect.translate(by);
        for (auto& button : m.buttons) button.rect.translate(by);
        for (auto& chip : m.chips) chip.rect.translate(by);
        m.textAt += by;
        if (m.bare && m.own) alignRight();
        m.size = QSize(m_context.width, m.bubble.bottom() + 1);
    }

    /// Now that the bubble's width is known.
    void placePicture() {
        m.pictureFrame.setWidth(m_width + 2 * kPictureOut);
        m.picture.moveCenter(m.pictureFrame.center());
        if (m.progress >= 0) {
            m.fileIcon.setSize({kFileIconSize, kFileIconSize});
            m.fileIcon.moveCenter(m.pictureFrame.center());
        }
        if (m.metaOnPicture)
            m.meta.moveRight(m.pictureFrame.right() - kPictureCorner - kPillPad + (m.tick ? 2 : 0));
    }

    /// What stands on no bubble ends where bubbles of the same author do: each line of it, up to the time.
    void alignRight() {
        const int end = m.bubble.right() + 1 - kPadX;
        m.textAt.setX(end - m_textWidth);
        auto first = m.chips.begin();
        while (first != m.chips.end()) {
            const auto next = std::find_if(first, m.chips.end(), [first](const MessageLayout::Chip& chip) {
                return chip.rect.top() != first->rect.top();
            });
            const int by = end - 1 - std::prev(next)->rect.right();
            for (; first != next; ++first) first->rect.translate(by, 0);
        }
    }

    void widen(int width) { m_width = std::max(m_width, std::min(width, m_most)); }

    const MessageRow& m_row;
    const MessageRecord& m_message;
    const LayoutContext& m_context;
    MessageLayout m;
    int m_column = 0;     // where messages stand, in the middle of the row
    int m_left = 0;       // of the column
    int m_most = 0;       // widest content
    int m_width = 0;      // content so far
    int m_textWidth = 0;  // of the text's widest line
    int m_y = 0;          // next free line, within the bubble
    int m_lastWidth = 0;  // of the last line, beside which the time may fit
    int m_bubbleTop = 0;
};

}  // namespace

QTextOption wrapping(const QString& text) {
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(text.isRightToLeft() ? Qt::RightToLeft : Qt::LeftToRight);
    option.setAlignment(Qt::AlignLeft | Qt::AlignAbsolute);
    return option;
}

MessageLayout layOut(const MessageRow& row, const LayoutContext& context) {
    return Builder(row, context).build();
}

MessageHit MessageLayout::hit(const QPoint& at) const {
    using Kind = MessageHit::Kind;
    if (!bubble.contains(at)) return {};
    if (reply.contains(at)) return {Kind::Reply, {}, reply};
    for (const auto& chip : chips)
        if (chip.rect.contains(at)) return {Kind::Reaction, chip.emoji, chip.rect};
    for (const auto& button : buttons)
        if (button.rect.adjusted(-5, -3, 5, 3).contains(at))
            return {Kind::File, {}, button.rect, button.action};
    if (fileIcon.contains(at) && !buttons.empty()) return {Kind::File, {}, fileIcon, buttons.front().action};
    if (pictureFrame.contains(at)) return {Kind::File, {}, pictureFrame, TransferAction::Open};
    if (fileContents.contains(at)) return {Kind::File, {}, fileContents, TransferAction::ShowContents};
    if (!hasText()) return {Kind::Bubble, {}, bubble};
    const QPointF inside = at - textAt;
    for (int i = 0; i < text->lineCount(); ++i) {
        const auto line = text->lineAt(i);
        if (!line.naturalTextRect().contains(inside)) continue;
        const int cursor = line.xToCursor(inside.x(), QTextLine::CursorOnCharacter);
        for (const auto& link : links)
            if (cursor >= link.start && cursor < link.start + link.length)
                return {Kind::Link, link.url, bubble};
        return {Kind::Text, {}, bubble};
    }
    return {Kind::Bubble, {}, bubble};
}

int MessageLayout::textPosition(const QPoint& at) const {
    if (!text || text->lineCount() == 0) return 0;
    const QPointF inside = at - textAt;
    if (inside.y() < 0) return 0;
    for (int i = 0; i < text->lineCount(); ++i) {
        const auto line = text->lineAt(i);
        if (inside.y() < line.y() + line.height() + kLeading) return line.xToCursor(inside.x());
    }
    return static_cast<int>(text->text().size());
}

std::vector<MessageLayout::Link> findLinks(const QString& text) {
    static const QRegularExpression pattern(
        QStringLiteral(R"(\b(?:https?://|www\.)[^\s<>"'，。、；：！？（）【】《》]+)"),
        QRegularExpression::CaseInsensitiveOption);
    std::vector<MessageLayout::Link> links;
    auto matches = pattern.globalMatch(text);
    while (matches.hasNext()) {
        QString found = matches.peekNext().captured();
        const auto start = static_cast<int>(matches.next().capturedStart());
        while (!found.isEmpty() && QStringLiteral(".,;:!?)]}").contains(found.back())) found.chop(1);
        if (found.size() < 5) continue;
        const QString url =
            found.startsWith(u"www.", Qt::CaseInsensitive) ? QString(u"http://" + found) : found;
        links.push_back({start, static_cast<int>(found.size()), url});
    }
    return links;
}

}  // namespace landline::app
