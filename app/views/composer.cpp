#include "app/views/composer.h"

#include "app/models/message_text.h"
#include "app/views/elided_label.h"
#include "app/views/emoji_grid.h"
#include "app/views/message_layout.h"

#include <QAbstractTextDocumentLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QScrollBar>
#include <QStyle>
#include <QTextBlock>
#include <QtMath>
#include <QToolButton>
#include <QUrl>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kMostLines = 8;

QStringList filesOf(const QMimeData* source) {
    QStringList paths;
    for (const QUrl& url : source->urls())
        if (url.isLocalFile()) paths.append(url.toLocalFile());
    return paths;
}

/// A picture alone: what also has a text (cells of a table, say) is meant as that.
bool isPicture(const QMimeData* source) {
    return source->hasImage() && !source->hasText();
}

}  // namespace

ComposerText::ComposerText(QWidget* parent) : QPlainTextEdit(parent) {
    setObjectName(QStringLiteral("composerText"));
    setAccessibleName(tr("Message"));
    setPlaceholderText(tr("Message"));
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            [this] { updateGeometry(); });
}

QSize ComposerText::sizeHint() const {
    int lines = 0;
    for (auto block = document()->begin(); block.isValid() && lines <= kMostLines; block = block.next())
        lines += std::max(1, block.layout() ? block.layout()->lineCount() : 1);
    const int shown = std::clamp(lines, 1, kMostLines);
    const int margin = qRound(2 * document()->documentMargin());
    const int line = qCeil(QFontMetricsF(font()).lineSpacing());
    return {200, shown * line + margin + 2};
}

void ComposerText::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    updateGeometry();
    const bool full = document()->size().height() > kMostLines;
    setVerticalScrollBarPolicy(full ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
}

bool ComposerText::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QPlainTextEdit::event(event);
}

void ComposerText::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !event->modifiers().testFlag(Qt::ShiftModifier)) {
        Q_EMIT sendPressed();
        return;
    }
    if (enter) {
        insertPlainText(QStringLiteral("\n"));
        ensureCursorVisible();
        return;
    }
    if (event->key() == Qt::Key_Up && document()->isEmpty()) {
        Q_EMIT upInEmpty();
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        Q_EMIT escapePressed();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

bool ComposerText::canInsertFromMimeData(const QMimeData* source) const {
    return source->hasText() || isPicture(source) || !filesOf(source).isEmpty();
}

void ComposerText::insertFromMimeData(const QMimeData* source) {
    const QStringList files = filesOf(source);
    if (!files.isEmpty())
        Q_EMIT filesPasted(files);
    else if (isPicture(source))
        Q_EMIT picturePasted(qvariant_cast<QImage>(source->imageData()));
    else
        QPlainTextEdit::insertFromMimeData(source);
}

Composer::Composer(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setObjectName(QStringLiteral("composer"));
    setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeContext());
    column->addLayout(makeLine());
    connect(m_text, &ComposerText::sendPressed, this, &Composer::sendWanted);
    connect(m_text, &ComposerText::upInEmpty, this, &Composer::editLastWanted);
    connect(m_text, &ComposerText::filesPasted, this, &Composer::filesPasted);
    connect(m_text, &ComposerText::picturePasted, this, &Composer::picturePasted);
    connect(m_text, &ComposerText::escapePressed, this, [this] {
        if (hasContext())
            cancelContext();
        else
            Q_EMIT escaped();
    });
    connect(m_text, &QPlainTextEdit::textChanged, this, &Composer::onTextChanged);
    connect(m_send, &QToolButton::clicked, this, &Composer::sendWanted);
    connect(m_contextClose, &QToolButton::clicked, this, &Composer::cancelContext);
    connect(theme, &Theme::changed, this, &Composer::dress);
    dress();
}

/// In a wide window below the column of messages.
void Composer::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const int side = std::max(0, (width() - kMostColumn) / 2);
    layout()->setContentsMargins(side, 0, side, 0);
}

/// What is replied to or edited, above the text.
QWidget* Composer::makeContext() {
    m_context = new QFrame(this);
    m_context->setObjectName(QStringLiteral("composerContext"));
    m_contextIcon = new PlainLabel(m_context);
    m_contextTitle = new PlainLabel(m_context);
    m_contextText = new ElidedLabel(m_context);
    m_contextText->setObjectName(QStringLiteral("subtitle"));
    m_contextClose = new QToolButton(m_context);
    m_contextClose->setAccessibleName(tr("Cancel"));
    auto* words = new QVBoxLayout;
    words->setSpacing(1);
    words->addWidget(m_contextTitle);
    words->addWidget(m_contextText);
    auto* contextLine = new QHBoxLayout(m_context);
    contextLine->setContentsMargins(14, 8, 6, 0);
    contextLine->setSpacing(12);
    contextLine->addWidget(m_contextIcon);
    contextLine->addLayout(words, 1);
    contextLine->addWidget(m_contextClose);
    m_context->hide();
    return m_context;
}

QLayout* Composer::makeLine() {
    m_attach = new QToolButton(this);
    m_attach->setAccessibleName(tr("Send files or a folder"));
    m_attach->setToolTip(plainTip(m_attach->accessibleName()));
    m_attach->setPopupMode(QToolButton::InstantPopup);
    auto* kinds = new QMenu(m_attach);
    m_sendFiles = kinds->addAction(tr("Files…"), this, &Composer::filesWanted);
    m_sendFolder = kinds->addAction(tr("A folder…"), this, &Composer::folderWanted);
    m_attach->setMenu(kinds);
    m_text = new ComposerText(this);
    m_emoji = new QToolButton(this);
    m_emoji->setAccessibleName(tr("Emoji"));
    m_emoji->setToolTip(tr("Emoji"));
    m_emoji->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_emoji);
    auto* grid = new EmojiGrid(menu);
    connect(grid, &EmojiGrid::chosen, this, [this](const QString& emoji) {
        m_text->insertPlainText(emoji);
        m_text->setFocus();
    });
    menu->addAction(grid);
    m_emoji->setMenu(menu);
    m_send = new QToolButton(this);
    m_send->setAccessibleName(tr("Send"));
    m_send->setToolTip(tr("Send"));
    auto* line = new QHBoxLayout;
    line->setContentsMargins(8, 5, 8, 5);
    line->setSpacing(4);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_attach, m_text, m_emoji, m_send}) {
        if (auto* button = qobject_cast<QToolButton*>(widget)) button->setIconSize(QSize(22, 22));
        line->addWidget(widget, widget == m_text ? 1 : 0,
                        widget == m_text ? Qt::AlignVCenter : Qt::AlignBottom);
    }
    return line;
}

void Composer::dress() {
    const auto& c = m_theme->colors();
    m_text->setFont(Theme::font(1.04));
    m_attach->setIcon(m_theme->icon(QStringLiteral("attach")));
    m_sendFiles->setIcon(m_theme->icon(QStringLiteral("file")));
    m_sendFolder->setIcon(m_theme->icon(QStringLiteral("folder")));
    m_emoji->setIcon(m_theme->icon(QStringLiteral("smile")));
    m_contextClose->setIcon(m_theme->icon(QStringLiteral("close")));
    m_send->setIcon(m_theme->icon(QStringLiteral("send"), text().trimmed().isEmpty() ? c.faint : c.accent));
    QPalette title = m_contextTitle->palette();
    title.setColor(QPalette::WindowText, c.accent);
    m_contextTitle->setPalette(title);
    m_contextTitle->setFont(Theme::font(0.95, QFont::DemiBold));
    if (!m_contextIconName.isEmpty())
        m_contextIcon->setPixmap(Theme::pixmap(m_contextIconName, c.accent, 22, devicePixelRatioF()));
}

void Composer::onTextChanged() {
    dress();
    if (m_text->hasFocus() && !m_text->document()->isEmpty()) Q_EMIT typed();
}

void Composer::showContext(const QString& icon, const QString& title, const QString& text) {
    m_contextIconName = icon;
    m_contextTitle->setText(title);
    m_contextText->setText(text);
    m_context->show();
    dress();
    m_text->setFocus();
}

void Composer::reply(const MessageRecord& message) {
    if (m_edit) cancelContext();
    m_reply = message;
    const QString author = message.own ? tr("yourself") : message.authorName;
    showContext(QStringLiteral("reply"), tr("Reply to %1").arg(author), previewText(message));
}

void Composer::edit(const MessageRecord& message) {
    if (!m_edit) m_beforeEdit = text();
    m_reply.reset();
    m_edit = message;
    setText(message.text);
    showContext(QStringLiteral("edit"), tr("Edit message"), previewText(message));
}

void Composer::cancelContext() {
    const bool wasEdit = m_edit.has_value();
    m_reply.reset();
    m_edit.reset();
    m_context->hide();
    if (wasEdit) setText(std::exchange(m_beforeEdit, {}));
}

QString Composer::text() const {
    return m_text->toPlainText();
}

void Composer::setText(const QString& text) {
    m_text->setPlainText(text);
    m_text->moveCursor(QTextCursor::End);
}

QString Composer::joined(const QString& text, const QString& since) {
    return since.trimmed().isEmpty() ? text : QString(text + u'\n' + since);
}

void Composer::giveBack(const QString& unsent) {
    if (m_edit)
        m_beforeEdit = joined(unsent, m_beforeEdit);
    else
        setText(joined(unsent, text()));
}

void Composer::clear() {
    m_text->clear();
    m_reply.reset();
    m_edit.reset();
    m_beforeEdit.clear();
    m_context->hide();
}

}  // namespace landline::app
