#pragma once

#include "app/models/transfer_board.h"
#include "app/views/theme.h"

#include <QToolButton>

namespace landline::app {

/// Leads to the transfers; while some run, a ring tells how far they are together, and a badge how many they are.
class TransfersButton final : public QToolButton {
    Q_OBJECT

public:
    TransfersButton(Theme* theme, QWidget* parent);
    void attach(const TransferBoard* board);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void tell();

    Theme* m_theme;
    const TransferBoard* m_board = nullptr;
};

}  // namespace landline::app
