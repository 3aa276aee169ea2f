#pragma once

#include "app/messenger/messenger_port.h"

#include <QImage>
#include <QObject>
#include <QTimer>

#include <optional>

namespace landline::app {

/// What a person does in conversations: each call goes to the messenger, and what fails comes back as a
/// sentence. Nothing changes on the screen by these calls; it does when the store has changed. On the GUI
/// thread.
class ConversationActions final : public QObject {
    Q_OBJECT

public:
    /// `outbox` is the folder for texts and pictures that are sent as files.
    ConversationActions(MessengerPort port, QString outbox, QObject* parent = nullptr);

    /// The longest text that can be a message, in bytes of UTF-8.
    [[nodiscard]] static bool fitsMessage(const QString& text);

    void sendText(const ConversationId& to, const QString& text, const std::optional<EntryRef>& replyTo);
    void editText(const GlobalEntryRef& message, const QString& text);
    void deleteMessage(const GlobalEntryRef& message);
    void react(const GlobalEntryRef& message, const QString& emoji, bool removed);
    void markRead(const ConversationId& conversation);
    void sendFile(const ConversationId& to, const QString& path);
    /// Keeps a picture as a PNG file in the outbox and offers that. Another thread encodes it meanwhile.
    void sendPicture(const ConversationId& to, const QImage& picture);
    /// Keeps `text` as a file in the outbox and offers that.
    void sendTextAsFile(const ConversationId& to, const QString& text);
    /// Files and folders as one offer.
    void sendBundle(const ConversationId& to, const PreparedBundle& bundle);
    /// An empty folder stands for the one of setDownloadFolder.
    void acceptFile(const wire::TransferId& transfer, const QString& folder);
    void cancelTransfer(const wire::TransferId& transfer);
    void pauseTransfer(const wire::TransferId& transfer);
    /// What was paused, or what did not come of one that failed.
    void resumeTransfer(const wire::TransferId& transfer);
    /// In the order of what waits for its turn.
    void moveTransfer(const wire::TransferId& transfer, TransferMove where);
    /// Empty: the system's downloads folder.
    void setDownloadFolder(const QString& folder) { m_downloads = folder; }
    void setStanding(const PersonId& person, timeline::Standing standing);
    void unblock(const PersonId& person);
    void setVerified(const PersonId& person, bool verified);
    /// The person of a contact link, as an accepted one: `contactAdded` follows.
    void addContact(const QString& link);

    /// Call on each keystroke; the other side is told once, and again that it ended after a pause or
    /// `typingEnded`.
    void typed(const ConversationId& conversation);
    void typingEnded();

Q_SIGNALS:
    void failed(const QString& sentence);
    void sent(const landline::app::MessageRecord& message);
    void contactAdded(const landline::PersonId& person);
    /// `text` was not kept as a message or file: it goes back to where it was written.
    void notSent(const landline::ConversationId& to, const QString& text);
    /// The same of the new text of a message.
    void notEdited(const landline::GlobalEntryRef& message, const QString& text);

private:
    template <class Work>
    void run(Work work);
    void sendPictureFile(const ConversationId& to, const QString& path);
    void sendWritten(const ConversationId& to, const QString& path, const QString& text);

    MessengerPort m_port;
    QString m_outbox;
    QString m_downloads;
    std::optional<ConversationId> m_typingIn;
    QTimer m_typingPause;
    QTimer m_typingRepeat;
};

}  // namespace landline::app
