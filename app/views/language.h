#pragma once

#include <QString>

class QCoreApplication;

namespace landline::app {

/// Installs the translations for `language` ("zh_CN", "en"; empty: the system's) and makes it the default locale. Call
/// before the first window is made.
void installLanguage(QCoreApplication& application, const QString& language);

}  // namespace landline::app
