#pragma once

#include "app/models/app_models.h"

#include <QObject>

#include <optional>

class QWidget;

namespace landline::app {

/// Opens what a `landline:` link names, a person or a relay, once the person at the screen has been asked: links come from
/// web pages and mails. On the GUI thread.
class LinkOpener final : public QObject {
    Q_OBJECT

public:
    /// `window` is the parent of its questions.
    LinkOpener(AppModels* models, QWidget* window, QObject* parent = nullptr);

    void open(const QString& link);

Q_SIGNALS:
    /// The person was added and is in the list.
    void personAdded(const landline::PersonId& person);
    /// A relay is being added; RelayList tells how that went.
    void relayAdded();

private:
    void askAboutPerson(const QString& link, const QString& name);
    void askAboutRelay(const QString& url, const QString& address);
    void refuse(const Error& error);
    void tellOnceListed();

    AppModels* m_models;
    QWidget* m_window;
    std::optional<PersonId> m_added;
};

}  // namespace landline::app
