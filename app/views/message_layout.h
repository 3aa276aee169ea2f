#pragma once

#include "app/models/message_list_model.h"
#include "app/models/transfer_text.h"
#include "app/storage/bundle_contents.h"

#include <QFont>
#include <QRect>
#include <QTextLayout>

#include <memory>
#include <optional>
#include <vector>

namespace landline::app {

/// Messages stand in a column of at most this width in the middle of the window, so that eyes need not wander.
constexpr int kMostColumn = 940;

/// What a row is laid out for, apart from the message.
struct LayoutContext {
    int width = 0;
    QDate today;
    PersonId self;
    QFont base;  ///< the application's font
    QColor link;
    QSize picture;  ///< of the message's file, where that is shown as one; empty otherwise
    std::optional<TransferView> transfer;      ///< of the message's file
    const BundleContents* contents = nullptr;  ///< of a bundle, where they are known
};

/// What can be pressed in a row.
struct MessageHit {
    enum class Kind { None, Bubble, Text, Reply, Link, Reaction, File };
    Kind kind = Kind::None;
    QString value;                                 ///< of a link its address, of a reaction its emoji
    QRect rect;                                    ///< for a tooltip or a cursor
    TransferAction action = TransferAction::Open;  ///< of a file
};

/// Where everything of a row stands: computed once, used for the size hint, painting and presses alike. Coordinates
/// start at the row's top left corner.
struct MessageLayout {
    struct Line {
        QRect rect;
        QString text;
    };
    struct Button {
        QRect rect;
        QString text;
        TransferAction action = TransferAction::Open;
        bool primary = false;
    };
    struct Chip {
        QRect rect;
        QString emoji;
        QString text;
        bool own = false;
    };
    struct Link {
        int start = 0;
        int length = 0;
        QString url;
    };

    QSize size;
    std::optional<Line> day;
    std::optional<Line> unread;
    QRect bubble;
    bool own = false;
    bool startsGroup = false;
    bool endsGroup = false;
    bool bare = false;  ///< a few emoji, painted large and without a bubble's fill

    QRect reply;
    Line replyAuthor, replyText;

    QRect fileIcon;
    QString fileGlyph;  ///< of resources/icons, within fileIcon
    Line fileName, fileInfo, fileMore;
    std::vector<Line> fileItems;  ///< the first names of a bundle, or of what is missing of it
    QRect fileContents;           ///< around them: a press shows all
    double progress = -1;         ///< of a file under way, 0 to 1
    QRect pictureFrame;           ///< of a file that is shown as a picture; the picture may be smaller
    QRect picture;
    QRect fileFailure;
    std::shared_ptr<QTextLayout> failureText;  ///< why it failed; null if it did not
    std::vector<Button> buttons;

    QPoint textAt;
    std::shared_ptr<QTextLayout> text;  ///< null where there is none
    bool quiet = false;                 ///< a placeholder rather than what the author wrote
    std::vector<Link> links;

    std::vector<Chip> chips;
    QRect meta;
    QString metaText;
    bool metaOnPicture = false;  ///< time and tick stand on the picture's corner
    std::optional<MessageState> tick;

    QFont textFont, smallFont, boldFont, chipFont;

    [[nodiscard]] MessageHit hit(const QPoint& at) const;
    /// Whether there is a text that can be selected.
    [[nodiscard]] bool hasText() const { return text && !quiet; }
    /// The place between two characters of the text that is nearest to a point.
    [[nodiscard]] int textPosition(const QPoint& at) const;
};

[[nodiscard]] MessageLayout layOut(const MessageRow& row, const LayoutContext& context);

/// How lines of a text break in a bubble.
[[nodiscard]] QTextOption wrapping(const QString& text);

/// Addresses of web pages within a text.
[[nodiscard]] std::vector<MessageLayout::Link> findLinks(const QString& text);
}  // namespace landline::app
