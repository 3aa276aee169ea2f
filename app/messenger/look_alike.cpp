#include "app/messenger/look_alike.h"

#include <QHash>

namespace landline::app {

namespace {

/// After case folding, so that capitals which look alike (В, Н) count as much as small letters.
QHash<char16_t, char16_t> makeTwins() {
    QHash<char16_t, char16_t> twins;
    const auto add = [&twins](QStringView foreign, QStringView latin) {
        for (qsizetype i = 0; i < foreign.size(); ++i) twins.insert(foreign[i].unicode(), latin[i].unicode());
    };
    add(u"\u0430\u0432\u0435\u043A\u043C\u043D\u043E\u0440\u0441\u0442\u0443\u0445",
        u"abekmhopctyx");  // Cyrillic
    add(u"\u0455\u0456\u0458\u0475\u04BB\u04CF\u0501\u051B\u051D", u"sijvhidqw");
    add(u"\u03B1\u03B2\u03B5\u03B6\u03B7\u03B9\u03BA\u03BC\u03BD\u03BF\u03C1\u03C4\u03C5\u03C7",
        u"abezhikmnoptyx");
    add(u"\u0563\u0566\u0570\u0578\u057D\u0581\u0585", u"qqhnugo");  // Armenian
    add(u"\u0251\u0261\u0131\u01C0", u"agii");                       // Latin's own
    add(u"01l|", u"oiii");
    return twins;
}

}  // namespace

QString lookOf(const QString& name) {
    static const QHash<char16_t, char16_t> kTwins = makeTwins();
    QString look;
    for (const QChar c : name.normalized(QString::NormalizationForm_KC).toCaseFolded()) {
        const bool invisible = c.category() == QChar::Other_Format || (c >= u'\uFE00' && c <= u'\uFE0F');
        if (!invisible) look += QChar(kTwins.value(c.unicode(), c.unicode()));
    }
    return look.simplified();
}

}  // namespace landline::app
