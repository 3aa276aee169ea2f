#pragma once

#include "app/views/theme.h"

#include <QApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTest>
#include <QTranslator>

namespace landline::app::test {

/// The columns of a test that looks at everything in both languages, light and dark.
inline void addDressings() {
    QTest::addColumn<QString>("language");
    QTest::addColumn<bool>("dark");
    for (const QString& language : {QStringLiteral("en"), QStringLiteral("zh_CN")})
        for (const bool dark : {false, true})
            QTest::newRow(qPrintable(language + (dark ? QStringLiteral("-dark") : QStringLiteral("-light"))))
                << language << dark;
}

/// The program in one language and colour scheme, as long as it lives.
class Dressing {
public:
    Dressing(const QString& language, bool dark) {
        QLocale::setDefault(QLocale(language));
        m_complete = m_own.load(QLocale(language), QStringLiteral("landline"), QStringLiteral("_"),
                                QStringLiteral(":/i18n"));
        // The menus of text fields and the file dialog are Qt's.
        m_complete = m_qt.load(QLocale(language), QStringLiteral("qtbase"), QStringLiteral("_"),
                               QLibraryInfo::path(QLibraryInfo::TranslationsPath)) &&
                     m_complete;
        (void)QCoreApplication::installTranslator(&m_qt);  // false for English, whose file is empty
        m_complete = QCoreApplication::installTranslator(&m_own) && m_complete;
        m_theme.setDark(dark);
        m_theme.apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
    }
    Dressing(const Dressing&) = delete;
    Dressing& operator=(const Dressing&) = delete;
    ~Dressing() {
        QCoreApplication::removeTranslator(&m_own);
        QCoreApplication::removeTranslator(&m_qt);
    }
    [[nodiscard]] bool isComplete() const { return m_complete; }
    [[nodiscard]] Theme& theme() { return m_theme; }

private:
    QTranslator m_own;
    QTranslator m_qt;
    Theme m_theme;
    bool m_complete = false;
};

}  // namespace landline::app::test
