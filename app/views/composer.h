#pragma once

#include "app/messenger/messenger.h"
#include "app/views/theme.h"

#include <QImage>
#include <QPlainTextEdit>
#include <QWidget>

#include <optional>

class QAction;
class QFrame;
class QLabel;
class QToolButton;

namespace landline::app {

/// A text field of several lines that grows with its text. Enter sends, Shift+Enter begins a new line.
class ComposerText final : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit ComposerText(QWidget* parent);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {60, sizeHint().height()}; }

Q_SIGNALS:
    void sendPressed();
    void upInEmpty();
    void escapePressed();
    void filesPasted(const QStringList& paths);
    void picturePasted(const QImage& picture);

protected:
    /// Escape is the composer's before it is the window's shortcut.
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool canInsertFromMimeData(const QMimeData* source) const override;
    void insertFromMimeData(const QMimeData* source) override;
    void resizeEvent(QResizeEvent* event) override;
};

/// Where messages are written: what is replied to or edited, the text, and the buttons beside it.
class Composer final : public QWidget {
    Q_OBJECT

public:
    Composer(Theme* theme, QWidget* parent);

    void reply(const MessageRecord& message);
    void edit(const MessageRecord& message);
    void cancelContext();
    [[nodiscard]] bool hasContext() const { return m_reply || m_edit; }
    [[nodiscard]] const std::optional<MessageRecord>& replyingTo() const { return m_reply; }
    [[nodiscard]] const std::optional<MessageRecord>& editing() const { return m_edit; }
    [[nodiscard]] QString text() const;
    void setText(const QString& text);
    void clear();
    /// Takes back a text that could not be sent, before what has been written since. An edit under way goes first.
    void giveBack(const QString& unsent);
    [[nodiscard]] static QString joined(const QString& text, const QString& since);
    [[nodiscard]] ComposerText* field() const { return m_text; }

Q_SIGNALS:
    void sendWanted();
    void filesWanted();
    void folderWanted();
    void filesPasted(const QStringList& paths);
    void picturePasted(const QImage& picture);
    void editLastWanted();
    void escaped();
    void typed();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeContext();
    QLayout* makeLine();
    void showContext(const QString& icon, const QString& title, const QString& text);
    void dress();
    void onTextChanged();

    Theme* m_theme;
    QFrame* m_context;
    QLabel* m_contextIcon;
    QLabel* m_contextTitle;
    QLabel* m_contextText;
    QToolButton* m_contextClose;
    QToolButton* m_attach;
    QAction* m_sendFiles;
    QAction* m_sendFolder;
    QToolButton* m_emoji;
    QToolButton* m_send;
    ComposerText* m_text;
    QString m_contextIconName;
    std::optional<MessageRecord> m_reply;
    std::optional<MessageRecord> m_edit;
    QString m_beforeEdit;
};

}  // namespace landline::app
