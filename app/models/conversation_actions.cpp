#include "app/models/conversation_actions.h"

#include "app/models/bundle_preparation.h"
#include "app/models/error_text.h"
#include "p2p/base/limits.h"

#include <QAbstractEventDispatcher>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QPointer>
#include <QThreadPool>

#include <chrono>
#include <type_traits>

namespace landline::app {

using namespace std::chrono_literals;

namespace {

constexpr auto kTypingPause = 5s;
constexpr auto kTypingRepeat = 4s;

constexpr auto kOwnersFile = QFile::ReadOwner | QFile::WriteOwner;
constexpr auto kOwnersFolder = kOwnersFile | QFile::ExeOwner;

/// For its owner only from the first moment on; one that is there already becomes so.
bool makeOwnersFolder(const QString& folder) {
    if (!QDir().mkpath(QFileInfo(folder).absolutePath())) return false;
    if (QDir().mkdir(folder, kOwnersFolder)) return true;
    return QFileInfo(folder).isDir() && QFile::setPermissions(folder, kOwnersFolder);
}

/// The path of a new file in `folder`: `name` has "%1" in the place of the time. Empty if there can be none.
QString newPath(const QString& folder, const QString& name) {
    if (!makeOwnersFolder(folder)) return {};
    const QString stamp = QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd hh.mm.ss.zzz"));
    return QDir(folder).filePath(name.arg(stamp));
}

/// For the owner's eyes only.
bool openNew(QFile& file) {
    return file.open(QIODevice::WriteOnly | QIODevice::NewOnly, kOwnersFile);
}

/// Writes `text` into a new file; empty on failure.
QString writeTextFile(const QString& folder, const QString& text) {
    const QString path = newPath(folder, QStringLiteral("text %1.txt"));
    QFile file(path);
    if (path.isEmpty() || !openNew(file)) return {};
    const QByteArray bytes = text.toUtf8();
    if (file.write(bytes) == bytes.size() && file.flush()) return path;
    file.remove();
    return {};
}

/// Writes `picture` into a new file; empty on failure.
QString writePictureFile(const QString& folder, const QImage& picture) {
    const QString path = newPath(folder, QStringLiteral("picture %1.png"));
    QFile file(path);
    if (path.isEmpty() || !openNew(file)) return {};
    if (picture.save(&file, "PNG") && file.flush()) return path;
    file.remove();
    return {};
}

}  // namespace

ConversationActions::ConversationActions(MessengerPort port, QString outbox, QObject* parent)
    : QObject(parent), m_port(port), m_outbox(std::move(outbox)) {
    m_typingPause.setSingleShot(true);
    m_typingPause.setInterval(kTypingPause);
    m_typingRepeat.setSingleShot(true);
    m_typingRepeat.setInterval(kTypingRepeat);
    connect(&m_typingPause, &QTimer::timeout, this, &ConversationActions::typingEnded);
}

bool ConversationActions::fitsMessage(const QString& text) {
    return static_cast<std::size_t>(text.toUtf8().size()) <= limits::kTextBytes;
}

template <class Work>
void ConversationActions::run(Work work) {
    m_port.call(this, std::move(work), [this](auto result) {
        if (!result.ok()) Q_EMIT failed(errorText(result.error()));
    });
}

void ConversationActions::sendText(const ConversationId& to, const QString& text,
                                   const std::optional<EntryRef>& replyTo) {
    typingEnded();
    m_port.call(
        this, [=](Messenger& messenger) { return messenger.sendText(to, text, replyTo); },
        [this, to, text](Expected<MessageRecord> result) {
            if (result.ok()) {
                Q_EMIT sent(result.value());
                return;
            }
            Q_EMIT notSent(to, text);
            Q_EMIT failed(errorText(result.error()));
        });
}

void ConversationActions::editText(const GlobalEntryRef& message, const QString& text) {
    typingEnded();
    m_port.call(
        this, [=](Messenger& messenger) { return messenger.editText(message, text); },
        [this, message, text](const Expected<MessageRecord>& result) {
            if (result.ok()) return;
            Q_EMIT notEdited(message, text);
            Q_EMIT failed(errorText(result.error()));
        });
}

void ConversationActions::deleteMessage(const GlobalEntryRef& message) {
    run([=](Messenger& messenger) { return messenger.deleteMessage(message); });
}

void ConversationActions::react(const GlobalEntryRef& message, const QString& emoji, bool removed) {
    run([=](Messenger& messenger) { return messenger.react(message, emoji, removed); });
}

void ConversationActions::markRead(const ConversationId& conversation) {
    run([=](Messenger& messenger) { return messenger.markRead(conversation); });
}

void ConversationActions::sendFile(const ConversationId& to, const QString& path) {
    run([=](Messenger& messenger) { return messenger.sendFile(to, path); });
}

void ConversationActions::sendTextAsFile(const ConversationId& to, const QString& text) {
    const QString path = writeTextFile(m_outbox, text);
    if (path.isEmpty()) {
        Q_EMIT notSent(to, text);
        Q_EMIT failed(
            tr("The text could not be written into a file at %1. Check that the disk has space left.")
                .arg(m_outbox));
        return;
    }
    sendWritten(to, path, text);
}

void ConversationActions::sendPicture(const ConversationId& to, const QImage& picture) {
    QObject* const home = QAbstractEventDispatcher::instance();
    QThreadPool::globalInstance()->start([home, to, picture, folder = m_outbox, self = QPointer(this)] {
        const QString path = writePictureFile(folder, picture);
        const auto send = [self, to, path] {
            if (self)
                self->sendPictureFile(to, path);
            else if (!path.isEmpty())
                QFile::remove(path);
        };
        QMetaObject::invokeMethod(home, send, Qt::QueuedConnection);
    });
}

void ConversationActions::sendPictureFile(const ConversationId& to, const QString& path) {
    if (path.isEmpty())
        Q_EMIT failed(
            tr("The picture could not be written into a file at %1. Check that the disk has space left.")
                .arg(m_outbox));
    else
        sendWritten(to, path, {});
}

/// A file that was made for this offer goes if the offer cannot be made, and `text`, if it holds one, goes back.
void ConversationActions::sendWritten(const ConversationId& to, const QString& path, const QString& text) {
    m_port.call(
        this,
        [=](Messenger& messenger) {
            auto offered = messenger.sendFile(to, path);
            if (!offered.ok()) QFile::remove(path);
            return offered;
        },
        [this, to, text](auto offered) {
            if (offered.ok()) return;
            if (!text.isEmpty()) Q_EMIT notSent(to, text);
            Q_EMIT failed(errorText(offered.error()));
        });
}

void ConversationActions::sendBundle(const ConversationId& to, const PreparedBundle& bundle) {
    run([=](Messenger& messenger) { return messenger.sendBundle(to, bundle); });
}

void ConversationActions::acceptFile(const wire::TransferId& transfer, const QString& folder) {
    run([=, target = folder.isEmpty() ? m_downloads : folder](Messenger& messenger) {
        return messenger.acceptFile(transfer, target);
    });
}

void ConversationActions::pauseTransfer(const wire::TransferId& transfer) {
    run([=](Messenger& messenger) { return messenger.pauseTransfer(transfer); });
}

void ConversationActions::resumeTransfer(const wire::TransferId& transfer) {
    run([=](Messenger& messenger) { return messenger.resumeTransfer(transfer); });
}

void ConversationActions::cancelTransfer(const wire::TransferId& transfer) {
    run([=](Messenger& messenger) { return messenger.cancelTransfer(transfer); });
}

void ConversationActions::moveTransfer(const wire::TransferId& transfer, TransferMove where) {
    run([=](Messenger& messenger) { return messenger.moveTransfer(transfer, where); });
}

void ConversationActions::setStanding(const PersonId& person, timeline::Standing standing) {
    run([=](Messenger& messenger) { return messenger.setStanding(person, standing); });
}

void ConversationActions::unblock(const PersonId& person) {
    run([=](Messenger& messenger) { return messenger.unblock(person); });
}

void ConversationActions::setVerified(const PersonId& person, bool verified) {
    run([=](Messenger& messenger) { return messenger.setVerified(person, verified); });
}

void ConversationActions::addContact(const QString& link) {
    m_port.call(
        this, [link](Messenger& messenger) { return messenger.addContact(link); },
        [this](const Expected<PersonView>& person) {
            if (person)
                Q_EMIT contactAdded(person->record.id);
            else
                Q_EMIT failed(errorText(person.error()));
        });
}

void ConversationActions::typed(const ConversationId& conversation) {
    if (m_typingIn && *m_typingIn != conversation) typingEnded();
    m_typingPause.start();
    if (m_typingIn && m_typingRepeat.isActive()) return;
    m_typingIn = conversation;
    m_typingRepeat.start();
    m_port.call(
        this,
        [conversation](Messenger& messenger) {
            messenger.setTyping(conversation, true);
            return true;
        },
        [](bool) {});
}

void ConversationActions::typingEnded() {
    m_typingPause.stop();
    m_typingRepeat.stop();
    if (!m_typingIn) return;
    const auto conversation = *std::exchange(m_typingIn, std::nullopt);
    m_port.call(
        this,
        [conversation](Messenger& messenger) {
            messenger.setTyping(conversation, false);
            return true;
        },
        [](bool) {});
}

}  // namespace landline::app
