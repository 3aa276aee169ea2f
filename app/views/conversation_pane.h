#pragma once

#include "app/models/app_models.h"
#include "app/views/theme.h"

#include <QHash>
#include <QWidget>

#include <optional>

class QLabel;
class QPushButton;
class QStackedLayout;
class QToolButton;

namespace landline::app {

class Banner;
class Composer;
class ConversationHeader;
class DropOverlay;
class MessageView;

/// The right side: one conversation from its header to the composer, or a hint while none is open.
class ConversationPane final : public QWidget {
    Q_OBJECT

public:
    ConversationPane(Theme* theme, QWidget* parent);

    void attach(AppModels* models);
    void open(const PersonId& person, const std::optional<GlobalEntryRef>& message = {});
    void closeConversation();
    [[nodiscard]] std::optional<PersonId> person() const { return m_person; }
    /// Whether a button leads back to the list (where only one of both fits).
    void setBackButton(bool shown);
    [[nodiscard]] Composer* composer() const { return m_composer; }
    [[nodiscard]] MessageView* view() const { return m_view; }
    [[nodiscard]] DropOverlay* dropOverlay() const { return m_drop; }
    /// Tells the sender that it is read, if it is in sight and the window is active.
    void markReadIfSeen();

Q_SIGNALS:
    void backWanted();
    void closed();
    void verifyWanted(const landline::PersonId& person);
    void searchWanted();
    void transferWanted(const landline::app::TransferRecord& transfer, landline::app::TransferAction action);
    void problem(const QString& sentence);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildBanners();
    void connectView();
    void connectComposer();
    void showPerson();
    void showBanners(const PersonView& person);
    void showHint();
    void send();
    void giveBack(const ConversationId& to, const QString& text);
    void editAgain(const GlobalEntryRef& message, const QString& text);
    void offerAsFile(const QString& text);
    void pickFiles(bool folder);
    void offerFiles(const QStringList& paths);
    void offerPicture(const QImage& picture);
    [[nodiscard]] bool mayWrite() const;
    void keepDraft();
    void setStanding(timeline::Standing standing);
    void deleteMessage(const MessageRecord& message);
    [[nodiscard]] const PersonView* current() const;

    Theme* m_theme;
    AppModels* m_models = nullptr;
    QStackedLayout* m_stack;
    QWidget* m_hintPage;
    QLabel* m_hint;
    QWidget* m_page;
    ConversationHeader* m_header;
    Banner* m_clash;
    Banner* m_request;
    Banner* m_blocked;
    QPushButton* m_unblock = nullptr;
    MessageView* m_view;
    QLabel* m_noMessages;
    DropOverlay* m_drop;
    Composer* m_composer;
    std::optional<PersonId> m_person;
    bool m_justOpened = false;  ///< by a press: then somebody looks, whatever the window manager says
    QHash<QByteArray, QString> m_drafts;
};

}  // namespace landline::app
