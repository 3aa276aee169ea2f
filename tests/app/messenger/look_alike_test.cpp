#include "app/messenger/look_alike.h"

#include <QTest>

namespace landline::app {

using namespace Qt::Literals::StringLiterals;

class LookAlikeTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesThatLookAlikeAreTheSame_data() {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::newRow("Cyrillic letters") << u"Anna Kopp"_s << u"\u0410nn\u0430 \u041A\u043E\u0440\u0440"_s;
        QTest::newRow("Cyrillic capitals") << u"BEHM"_s << u"\u0412\u0415\u041D\u041C"_s;
        QTest::newRow("Greek letters") << u"Nikos"_s << u"\u039Dik\u03BFs"_s;
        QTest::newRow("case") << u"ANNA"_s << u"anna"_s;
        QTest::newRow("digits") << u"Bill Oslo"_s << u"Bi1I 0sl0"_s;
        QTest::newRow("full width") << u"Anna"_s << u"\uFF21\uFF4E\uFF4E\uFF41"_s;
        QTest::newRow("invisible characters") << u"Anna"_s << u"A\u200Bn\u00ADn\uFEFFa\uFE0F"_s;
        QTest::newRow("composed and not") << u"Zo\u00EB"_s << u"Zoe\u0308"_s;
        QTest::newRow("space") << u"Anna  Berg"_s << u" Anna\u2003Berg"_s;
    }
    void namesThatLookAlikeAreTheSame() {
        QFETCH(const QString, one);
        QFETCH(const QString, other);
        QVERIFY(one != other);
        QCOMPARE(lookOf(one), lookOf(other));
    }

    void otherNamesStayApart_data() {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::newRow("Latin") << u"Anna"_s << u"Anne"_s;
        QTest::newRow("accents") << u"Jose"_s << u"Jos\u00E9"_s;
        QTest::newRow("Chinese") << u"\u5F20\u4F1F"_s << u"\u5F20\u4E3D"_s;
        QTest::newRow("Cyrillic") << u"\u0418\u0432\u0430\u043D"_s << u"\u0418\u0440\u0438\u043D\u0430"_s;
        QTest::newRow("a space") << u"Annabel"_s << u"Anna Bel"_s;
    }
    void otherNamesStayApart() {
        QFETCH(const QString, one);
        QFETCH(const QString, other);
        QVERIFY(lookOf(one) != lookOf(other));
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::LookAlikeTest)
#include "look_alike_test.moc"
