#pragma once

#include "app/models/app_models.h"
#include "app/models/transfer_text.h"
#include "app/views/theme.h"

#include <QWidget>

namespace landline::app {

/// Does what a person chose to be done with a transfer, in the conversation or in the transfers pane; asks for a folder or
/// whether it is meant where needed. Owned by the widget over which its dialogs stand.
class TransferCommands final : public QObject {
    Q_OBJECT

public:
    TransferCommands(Theme* theme, QWidget* window);

    void attach(AppModels* models) { m_models = models; }
    void run(const TransferRecord& transfer, TransferAction action);

Q_SIGNALS:
    void problem(const QString& sentence);

private:
    void acceptInto(const TransferRecord& transfer);
    void confirmCancel(const TransferRecord& transfer);
    void open(const QString& path);

    Theme* m_theme;
    QWidget* m_window;
    AppModels* m_models = nullptr;
};

}  // namespace landline::app
