#pragma once

#include <QString>

class QObject;

namespace landline::app {

/// Shows a file or folder, marked in the folder around it, by the desktop's file manager (org.freedesktop.FileManager1); where
/// none answers, opens that folder.
void showInFolder(const QString& path, QObject* context);

}  // namespace landline::app
