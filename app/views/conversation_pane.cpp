#include "app/views/conversation_pane.h"

#include "app/models/message_text.h"
#include "app/views/always_accept_dialog.h"
#include "app/views/banner.h"
#include "app/views/composer.h"
#include "app/views/conversation_header.h"
#include "app/views/drop_overlay.h"
#include "app/views/message_view.h"
#include "app/views/picture_dialog.h"
#include "app/views/plain_text.h"
#include "app/views/send_files_dialog.h"
#include "app/views/text_dialog.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace landline::app {

namespace {

QByteArray draftKey(const PersonId& person) {
    return QByteArray(reinterpret_cast<const char*>(person.data()), static_cast<qsizetype>(PersonId::size()));
}

QLabel* pill(QWidget* parent) {
    auto* label = new PlainLabel(parent);
    label->setObjectName(QStringLiteral("emptyBubble"));
    label->setAlignment(Qt::AlignCenter);
    label->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Maximum);
    return label;
}

}  // namespace

ConversationPane::ConversationPane(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setObjectName(QStringLiteral("conversation"));
    setAttribute(Qt::WA_StyledBackground);
    setAcceptDrops(true);
    m_hintPage = new QWidget(this);
    m_hint = pill(m_hintPage);
    auto* hintColumn = new QVBoxLayout(m_hintPage);
    hintColumn->addWidget(m_hint, 0, Qt::AlignCenter);

    m_page = new QWidget(this);
    m_header = new ConversationHeader(theme, m_page);
    m_view = new MessageView(theme, m_page);
    m_noMessages = pill(m_page);
    m_noMessages->setText(tr("No messages here yet"));
    m_composer = new Composer(theme, m_page);
    buildBanners();
    auto* viewPage = new QWidget(m_page);
    auto* overlay = new QStackedLayout(viewPage);
    overlay->setStackingMode(QStackedLayout::StackAll);
    auto* emptyPage = new QWidget(viewPage);
    emptyPage->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* emptyColumn = new QVBoxLayout(emptyPage);
    emptyColumn->addWidget(m_noMessages, 0, Qt::AlignCenter);
    overlay->addWidget(emptyPage);
    overlay->addWidget(m_view);
    overlay->setCurrentIndex(0);
    auto* column = new QVBoxLayout(m_page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_header, m_clash, m_request, m_blocked})
        column->addWidget(widget);
    column->addWidget(viewPage, 1);
    column->addWidget(m_composer);

    m_stack = new QStackedLayout(this);
    m_stack->addWidget(m_hintPage);
    m_stack->addWidget(m_page);
    m_drop = new DropOverlay(theme, this);
    connectView();
    connectComposer();
    showHint();
}

void ConversationPane::buildBanners() {
    using timeline::Standing;
    m_clash = new Banner(m_theme, false, m_page);
    auto* verify = m_clash->addButton(tr("Compare safety numbers"), true);
    auto* block = m_clash->addButton(tr("Block"));
    m_request = new Banner(m_theme, false, m_page);
    auto* blockStranger = m_request->addButton(tr("Block"));
    auto* ignore = m_request->addButton(tr("Ignore"));
    auto* accept = m_request->addButton(tr("Accept"), true);
    m_blocked = new Banner(m_theme, false, m_page);
    m_unblock = m_blocked->addButton(tr("Unblock"));
    connect(verify, &QPushButton::clicked, this, [this] {
        if (m_person) Q_EMIT verifyWanted(*m_person);
    });
    for (auto* button : {block, blockStranger})
        connect(button, &QPushButton::clicked, this, [this] { setStanding(Standing::Blocked); });
    connect(ignore, &QPushButton::clicked, this, [this] { setStanding(Standing::Ignored); });
    for (auto* button : {accept, m_unblock})
        connect(button, &QPushButton::clicked, this, [this] { setStanding(Standing::Accepted); });
}

void ConversationPane::connectView() {
    connect(m_header, &ConversationHeader::backWanted, this, &ConversationPane::backWanted);
    connect(m_header, &ConversationHeader::closeWanted, this, &ConversationPane::closeConversation);
    connect(m_header, &ConversationHeader::searchWanted, this, &ConversationPane::searchWanted);
    connect(m_header, &ConversationHeader::filesWanted, this, [this] {
        if (m_person) (new AlwaysAcceptDialog(m_theme, m_models, *m_person, window()))->open();
    });
    connect(m_header, &ConversationHeader::standingWanted, this, &ConversationPane::setStanding);
    connect(m_header, &ConversationHeader::verifyWanted, this, [this] {
        if (m_person) Q_EMIT verifyWanted(*m_person);
    });
    connect(m_view, &MessageView::replyWanted, m_composer, &Composer::reply);
    connect(m_view, &MessageView::editWanted, m_composer, &Composer::edit);
    connect(m_view, &MessageView::deleteWanted, this, &ConversationPane::deleteMessage);
    connect(m_view, &MessageView::reactWanted, this,
            [this](const MessageRecord& message, const QString& emoji, bool removed) {
                m_models->actions.react(message.ref, emoji, removed);
            });
    connect(m_view, &MessageView::transferWanted, this, &ConversationPane::transferWanted);
    connect(m_view, &MessageView::messageWanted, this, [this](const EntryRef& entry) {
        const auto* person = current();
        if (person) open(person->record.id, GlobalEntryRef{person->conversation, entry});
    });
    connect(m_view, &MessageView::newestWanted, this, [this] {
        if (const auto* person = current()) m_models->messages.open(person->conversation, 0);
    });
    connect(m_view, &MessageView::endReached, this, &ConversationPane::markReadIfSeen);
}

void ConversationPane::connectComposer() {
    connect(m_view, &MessageView::textTyped, this, [this](const QString& text) {
        if (!mayWrite()) return;
        m_composer->field()->setFocus();
        m_composer->field()->insertPlainText(text);
    });
    connect(m_view, &MessageView::pasteWanted, this, [this] {
        if (!mayWrite()) return;
        m_composer->field()->setFocus();
        m_composer->field()->paste();
    });
    connect(m_drop, &DropOverlay::filesDropped, this, &ConversationPane::offerFiles);
    connect(m_drop, &DropOverlay::pictureDropped, this, &ConversationPane::offerPicture);
    connect(m_composer, &Composer::picturePasted, this, &ConversationPane::offerPicture);
    connect(m_composer, &Composer::sendWanted, this, &ConversationPane::send);
    connect(m_composer, &Composer::filesWanted, this, [this] { pickFiles(false); });
    connect(m_composer, &Composer::folderWanted, this, [this] { pickFiles(true); });
    connect(m_composer, &Composer::filesPasted, this, &ConversationPane::offerFiles);
    connect(m_composer, &Composer::escaped, this, &ConversationPane::closeConversation);
    connect(m_composer, &Composer::editLastWanted, this, [this] {
        if (const auto last = m_models ? m_models->messages.lastOwnText() : std::nullopt)
            m_composer->edit(*last);
    });
    connect(m_composer, &Composer::typed, this, [this] {
        if (const auto* person = current()) m_models->actions.typed(person->conversation);
    });
}

void ConversationPane::attach(AppModels* models) {
    m_models = models;
    m_view->setPictures(&models->pictures);
    m_view->setTransfers(&models->board, &models->bundles);
    m_view->setMessages(&models->messages);
    const auto showEmpty = [this] {
        m_noMessages->setVisible(m_models->messages.rowCount() == 0 && !m_models->messages.isLoading());
    };
    connect(&models->messages, &QAbstractItemModel::modelReset, this, showEmpty);
    connect(&models->messages, &QAbstractItemModel::rowsInserted, this, showEmpty);
    connect(&models->actions, &ConversationActions::failed, this, &ConversationPane::problem);
    connect(&models->rules, &FileRules::failed, this, &ConversationPane::problem);
    connect(&models->actions, &ConversationActions::notSent, this, &ConversationPane::giveBack);
    connect(&models->actions, &ConversationActions::notEdited, this, &ConversationPane::editAgain);
    connect(&models->self, &SelfModel::changed, this,
            [this] { m_view->setSelf(m_models->self.self().person); });
    connect(&models->sidebar, &SidebarModel::personChanged, this, [this](const PersonId& person) {
        if (m_person != person) return;
        if (current())
            showPerson();
        else
            closeConversation();
    });
    connect(&models->sidebar, &SidebarModel::arranged, this, &ConversationPane::showHint);
    showHint();
}

const PersonView* ConversationPane::current() const {
    return m_models && m_person ? m_models->sidebar.person(*m_person) : nullptr;
}

void ConversationPane::keepDraft() {
    if (!m_person) return;
    m_composer->cancelContext();
    const QString draft = m_composer->text();
    const bool empty = draft.trimmed().isEmpty();
    if (empty)
        m_drafts.remove(draftKey(*m_person));
    else
        m_drafts.insert(draftKey(*m_person), draft);
    if (m_models) m_models->sidebar.setDraft(*m_person, empty ? QString() : draft.left(200).simplified());
}

void ConversationPane::open(const PersonId& person, const std::optional<GlobalEntryRef>& message) {
    if (!m_models) return;
    const bool same = m_person == person;
    if (!same) {
        keepDraft();
        m_person = person;
        m_composer->clear();
        m_composer->setText(m_drafts.value(draftKey(person)));
        m_models->sidebar.setDraft(person, {});
        m_models->messages.close();
        m_noMessages->hide();
    }
    const auto* view = current();
    if (!view) return;
    m_justOpened = true;
    showPerson();
    m_stack->setCurrentWidget(m_page);
    if (message) {
        const int row = same ? m_models->messages.rowOf(message->entry) : -1;
        m_view->highlight(message->entry);
        if (row >= 0)
            m_view->scrollTo(m_models->messages.index(row), QAbstractItemView::PositionAtCenter);
        else
            m_models->messages.openAt(*message);
    } else if (!same) {
        m_models->messages.open(view->conversation, view->unread);
    }
    if (m_composer->isEnabled()) m_composer->field()->setFocus();
}

void ConversationPane::closeConversation() {
    if (!m_person) return;
    keepDraft();
    m_person.reset();
    m_composer->clear();
    if (m_models) m_models->messages.close();
    m_stack->setCurrentWidget(m_hintPage);
    Q_EMIT closed();
}

void ConversationPane::setBackButton(bool shown) {
    m_header->setBackButton(shown);
}

void ConversationPane::showPerson() {
    const auto* person = current();
    if (!person) return;
    m_header->showPerson(*person);
    m_view->setPeer(displayName(*person), person->online, person->path == Path::Relay);
    showBanners(*person);
    m_composer->setVisible(mayWrite());
}

bool ConversationPane::mayWrite() const {
    const auto* person = current();
    return person && person->record.standing != timeline::Standing::Blocked;
}

void ConversationPane::showBanners(const PersonView& person) {
    using timeline::Standing;
    const QString name = displayName(person);
    const auto standing = person.record.standing;
    if (person.nameClash && standing != Standing::Blocked)
        m_clash->showText(
            tr("Somebody called %1 is known to you with another key. This may be another person, or "
               "somebody who pretends. Compare safety numbers before you trust it.")
                .arg(name),
            Banner::Tone::Alarm);
    else
        m_clash->hide();
    if (standing == Standing::Stranger && person.last)
        m_request->showText(
            tr("%1 would like to write to you. Until you accept, only a few messages and no files "
               "get through.")
                .arg(name));
    else
        m_request->hide();
    if (standing == Standing::Blocked) {
        m_blocked->showText(tr("You have blocked %1. Nothing gets through in either direction.").arg(name));
        m_unblock->setText(tr("Unblock"));
    } else if (standing == Standing::Ignored) {
        m_blocked->showText(tr("You ignore %1: what arrives is kept, but you are not told.").arg(name));
        m_unblock->setText(tr("Accept"));
    } else {
        m_blocked->hide();
    }
}

void ConversationPane::showHint() {
    const bool anybody = m_models && m_models->sidebar.rowCount() > 0;
    m_hint->setText(anybody ? tr("Choose somebody to write to") : tr("Waiting for people on this network"));
}

void ConversationPane::markReadIfSeen() {
    const auto* person = current();
    if (!person || person->unread == 0 || !isVisible() || !m_view->isAtEnd()) return;
    if (m_models->messages.isLoading()) return;
    const bool justOpened = std::exchange(m_justOpened, false);
    if (window()->isActiveWindow() || justOpened) m_models->actions.markRead(person->conversation);
}

void ConversationPane::send() {
    const auto* person = current();
    const QString text = m_composer->text().trimmed();
    if (!person || text.isEmpty()) return;
    if (!ConversationActions::fitsMessage(text)) {
        offerAsFile(text);
        return;
    }
    if (const auto& edited = m_composer->editing()) {
        if (edited->text != text) m_models->actions.editText(edited->ref, text);
        m_composer->cancelContext();
        return;
    }
    std::optional<EntryRef> replyTo;
    if (const auto& replied = m_composer->replyingTo()) replyTo = replied->ref.entry;
    m_models->actions.sendText(person->conversation, text, replyTo);
    m_composer->clear();
    m_drafts.remove(draftKey(*m_person));
    if (!m_models->messages.atEnd()) m_models->messages.open(person->conversation, 0);
}

/// What could not be sent stands in the composer again, or in the draft of its conversation, before what has been
/// written since.
void ConversationPane::giveBack(const ConversationId& to, const QString& text) {
    const auto* person = m_models->sidebar.personOf(to);
    if (!person) return;
    if (m_person == person->record.id) {
        m_composer->giveBack(text);
        return;
    }
    QString& draft = m_drafts[draftKey(person->record.id)];
    draft = Composer::joined(text, draft);
    m_models->sidebar.setDraft(person->record.id, draft.left(200).simplified());
}

/// An edit that was not kept goes on where the message is still in sight; elsewhere its words at least are kept.
void ConversationPane::editAgain(const GlobalEntryRef& message, const QString& text) {
    const auto* person = current();
    const bool isOpen = person && person->conversation == message.conversation && !m_composer->editing();
    const int row = isOpen ? m_models->messages.rowOf(message.entry) : -1;
    if (row < 0) {
        giveBack(message.conversation, text);
        return;
    }
    m_composer->edit(m_models->messages.row(row)->message);
    m_composer->setText(text);
}

void ConversationPane::offerAsFile(const QString& text) {
    auto* dialog =
        new ConfirmDialog(tr("This text is too long for a message"),
                          tr("It can be sent as a text file instead."), tr("Send as a file"), false, this);
    connect(dialog, &QDialog::accepted, this, [this, text, to = current()->conversation] {
        m_models->actions.sendTextAsFile(to, text);
        m_composer->clear();
    });
    dialog->open();
}

void ConversationPane::pickFiles(bool folder) {
    auto* dialog = new QFileDialog(this, folder ? tr("Send a folder") : tr("Send files"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &ConversationPane::offerFiles);
    dialog->open();
}

/// Not before they were seen and confirmed.
void ConversationPane::offerFiles(const QStringList& paths) {
    const auto* person = current();
    if (!person || paths.isEmpty()) return;
    auto* dialog = new SendFilesDialog(paths, displayName(*person), this);
    const ConversationId to = person->conversation;
    connect(dialog, &SendFilesDialog::filesWanted, this, [this, to](const QStringList& files) {
        for (const QString& file : files) m_models->actions.sendFile(to, file);
    });
    connect(dialog, &SendFilesDialog::bundleWanted, this,
            [this, to](const PreparedBundle& bundle) { m_models->actions.sendBundle(to, bundle); });
    dialog->open();
}

void ConversationPane::offerPicture(const QImage& picture) {
    const auto* person = current();
    if (!person || picture.isNull()) return;
    auto* dialog = new PictureDialog(picture, displayName(*person), this);
    connect(dialog, &PictureDialog::sendWanted, this,
            [this, to = person->conversation](const QImage& chosen) {
                m_models->actions.sendPicture(to, chosen);
            });
    dialog->open();
}

void ConversationPane::setStanding(timeline::Standing standing) {
    if (!m_person) return;
    const auto* person = m_models->sidebar.person(*m_person);
    // A block is not lifted by acceptance: what held before holds again.
    if (person && person->record.standing == timeline::Standing::Blocked)
        m_models->actions.unblock(*m_person);
    else
        m_models->actions.setStanding(*m_person, standing);
    if (standing == timeline::Standing::Accepted) m_composer->field()->setFocus();
}

void ConversationPane::deleteMessage(const MessageRecord& message) {
    auto* dialog =
        new ConfirmDialog(tr("Delete for everyone?"),
                          tr("The message goes from this device and from those of everybody in the "
                             "conversation, as soon as they are reached."),
                          tr("Delete"), true, this);
    connect(dialog, &QDialog::accepted, this,
            [this, ref = message.ref] { m_models->actions.deleteMessage(ref); });
    dialog->open();
}

/// The overlay that appears gets the drag with its next movement; until then it is still this widget's.
void ConversationPane::dragEnterEvent(QDragEnterEvent* event) {
    const auto* person = current();
    // What is dragged out of here is not meant for here.
    const auto* const from = qobject_cast<const QWidget*>(event->source());
    if (from && isAncestorOf(from)) return;
    if (!person || !mayWrite() || !DropOverlay::takes(*event->mimeData())) return;
    event->acceptProposedAction();
    m_drop->cover(displayName(*person));
}

void ConversationPane::dragLeaveEvent(QDragLeaveEvent*) {
    m_drop->hide();
}

void ConversationPane::dropEvent(QDropEvent* event) {
    m_drop->take(event);
}

}  // namespace landline::app
