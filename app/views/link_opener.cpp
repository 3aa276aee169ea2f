#include "app/views/link_opener.h"

#include "app/models/error_text.h"
#include "app/views/text_dialog.h"
#include "p2p/identity/contact_link.h"
#include "p2p/identity/relay_url.h"

namespace landline::app {

LinkOpener::LinkOpener(AppModels* models, QWidget* window, QObject* parent)
    : QObject(parent), m_models(models), m_window(window) {
    connect(&models->actions, &ConversationActions::contactAdded, this, [this](const PersonId& person) {
        m_added = person;
        tellOnceListed();
    });
    connect(&models->sidebar, &SidebarModel::personChanged, this, &LinkOpener::tellOnceListed);
}

void LinkOpener::open(const QString& link) {
    const QString text = link.trimmed();
    if (text.startsWith(QStringLiteral("landline://contact/"))) {
        const auto contact = identity::parseContactLink(text.toStdString());
        if (!contact) return refuse(contact.error());
        return askAboutPerson(text, QString::fromStdString(contact->name));
    }
    const auto relay = identity::parseRelayUrl(text.toStdString());
    if (!relay) return refuse(relay.error());
    askAboutRelay(text, QString::fromStdString(relay->address()));
}

void LinkOpener::askAboutPerson(const QString& link, const QString& name) {
    const QString who = name.isEmpty() ? tr("this person") : name;
    auto* dialog = new ConfirmDialog(
        tr("Add %1?").arg(who),
        tr("The link says that it is from %1. To be sure, compare safety numbers once you are connected.")
            .arg(who),
        tr("Add"), false, m_window);
    connect(dialog, &QDialog::accepted, this, [this, link] { m_models->actions.addContact(link); });
    dialog->open();
}

void LinkOpener::askAboutRelay(const QString& url, const QString& address) {
    auto* dialog = new ConfirmDialog(tr("Use this relay?"),
                                     tr("%1 would keep messages for you while you are away. It cannot read "
                                        "them, but sees when you are connected and "
                                        "who leaves messages for whom. Add it only if you know who runs it.")
                                         .arg(address),
                                     tr("Add"), false, m_window);
    connect(dialog, &QDialog::accepted, this, [this, url] {
        m_models->relays.add(url);
        Q_EMIT relayAdded();
    });
    dialog->open();
}

void LinkOpener::refuse(const Error& error) {
    (new NoticeDialog(tr("This link cannot be opened"), errorText(error), m_window))->open();
}

/// The list may hear of somebody new after the answer.
void LinkOpener::tellOnceListed() {
    if (m_added && m_models->sidebar.person(*m_added))
        Q_EMIT personAdded(*std::exchange(m_added, std::nullopt));
}

}  // namespace landline::app
