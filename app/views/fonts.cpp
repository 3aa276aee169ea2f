#include "app/views/fonts.h"

#include <QApplication>
#include <QFontInfo>

namespace landline::app {

void chooseFont(QApplication&) {
    const QFont given = QApplication::font();
    if (!QFontInfo(given).family().startsWith(QStringLiteral("DejaVu"))) return;
    for (const QString& family : {QStringLiteral("Inter"), QStringLiteral("Noto Sans"),
                                  QStringLiteral("Cantarell"), QStringLiteral("Noto Sans CJK SC")}) {
        QFont font = given;
        font.setFamily(family);
        if (QFontInfo(font).family() != family) continue;
        font.setPointSizeF(given.pointSizeF() * 1.08);
        QApplication::setFont(font);
        return;
    }
}

}  // namespace landline::app
