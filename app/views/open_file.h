#pragma once

#include <QString>

class QWidget;

namespace landline::app {

/// Opens a file or folder as the system does. Asks first where that may run a program (mayRunWhenOpened).
void openFile(const QString& path, QWidget* parent);

}  // namespace landline::app
