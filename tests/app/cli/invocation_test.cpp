#include "app/cli/invocation.h"

#include "app/cli/human.h"

#include <QDir>
#include <QJsonArray>
#include <QTest>
#include <QTimeZone>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

class InvocationTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void makesCommandObjects_data();
    void makesCommandObjects();
    void refusesWrongUsage_data();
    void refusesWrongUsage();
    void takesGlobalOptionsAnywhere();
    void makesPathsAbsolute();
    void readsTimes_data();
    void readsTimes();
    void helpNamesEveryCommand();
    void humanLinesCannotSteerTheTerminal();
    void relaysAreToldInALine_data();
    void relaysAreToldInALine();
};

void InvocationTest::makesCommandObjects_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QJsonObject>("command");
    QTest::newRow("id") << QStringList{u"id"_s} << QJsonObject{{u"do"_s, u"id"_s}};
    QTest::newRow("send") << QStringList{u"send"_s, u"Bea"_s, u"hello there"_s, u"--timeout"_s, u"2.5"_s}
                          << QJsonObject{{u"do"_s, u"send"_s},
                                         {u"who"_s, u"Bea"_s},
                                         {u"text"_s, u"hello there"_s},
                                         {u"timeout"_s, 2.5}};
    QTest::newRow("dash is a text") << QStringList{u"send"_s, u"Bea"_s, u"-"_s}
                                    << QJsonObject{
                                           {u"do"_s, u"send"_s}, {u"who"_s, u"Bea"_s}, {u"text"_s, u"-"_s}};
    QTest::newRow("after -- all are words")
        << QStringList{u"send"_s, u"Bea"_s, u"--"_s, u"--json"_s}
        << QJsonObject{{u"do"_s, u"send"_s}, {u"who"_s, u"Bea"_s}, {u"text"_s, u"--json"_s}};
    QTest::newRow("search") << QStringList{u"search"_s,     u"two"_s,     u"words"_s,
                                           u"--from=Bea"_s, u"--since"_s, u"5"_s}
                            << QJsonObject{{u"do"_s, u"search"_s},
                                           {u"words"_s, QJsonArray{u"two"_s, u"words"_s}},
                                           {u"from"_s, u"Bea"_s},
                                           {u"since"_s, 5}};
    QTest::newRow("two words") << QStringList{u"contact"_s, u"link"_s}
                               << QJsonObject{{u"do"_s, u"contact-link"_s}};
    QTest::newRow("another link") << QStringList{u"contact"_s, u"link"_s, u"--new"_s}
                                  << QJsonObject{{u"do"_s, u"contact-link"_s}, {u"new"_s, true}};
    QTest::newRow("relay") << QStringList{u"relay"_s, u"add"_s, u"landline://h:1/k"_s}
                           << QJsonObject{{u"do"_s, u"relay-add"_s}, {u"url"_s, u"landline://h:1/k"_s}};
    QTest::newRow("listed") << QStringList{u"relay"_s, u"listed"_s, u"on"_s}
                            << QJsonObject{{u"do"_s, u"relay-listed"_s}, {u"state"_s, u"on"_s}};
    QTest::newRow("people") << QStringList{u"relay"_s, u"people"_s, u"host"_s, u"--timeout"_s, u"3"_s}
                            << QJsonObject{{u"do"_s, u"relay-people"_s}, {u"relay"_s, u"host"_s}, {u"timeout"_s, 3.0}};
    QTest::newRow("relays of a node")
        << QStringList{u"run"_s, u"--relay"_s, u"a"_s, u"--relay=b"_s}
        << QJsonObject{{u"do"_s, u"run"_s}, {u"relay"_s, QJsonArray{u"a"_s, u"b"_s}}};
    QTest::newRow("a command that begins another")
        << QStringList{u"transfers"_s} << QJsonObject{{u"do"_s, u"transfers"_s}};
    QTest::newRow("the longer command")
        << QStringList{u"transfers"_s, u"first"_s, u"0123456789abcdef"_s}
        << QJsonObject{{u"do"_s, u"transfer-first"_s}, {u"transfer"_s, u"0123456789abcdef"_s}};
    QTest::newRow("sizes") << QStringList{u"transfers"_s, u"limit"_s, u"--up"_s,       u"1.5M"_s,
                                          u"--down"_s,    u"0"_s,     u"--at-once=4"_s}
                           << QJsonObject{{u"do"_s, u"transfer-limits"_s},
                                          {u"up"_s, 1572864},
                                          {u"down"_s, 0},
                                          {u"at_once"_s, 4}};
    QTest::newRow("places that may be left out")
        << QStringList{u"always-accept"_s, u"Bea"_s, u"--quota"_s, u"2gb"_s}
        << QJsonObject{{u"do"_s, u"always-accept"_s}, {u"who"_s, u"Bea"_s}, {u"quota"_s, 2e9}};
    QTest::newRow("repeated") << QStringList{u"run"_s,       u"--connect"_s, u"a:1"_s,
                                             u"--connect"_s, u"b:2"_s,       u"--allow-all"_s}
                              << QJsonObject{{u"do"_s, u"run"_s},
                                             {u"connect"_s, QJsonArray{u"a:1"_s, u"b:2"_s}},
                                             {u"allow_all"_s, true}};
    QTest::newRow("flag") << QStringList{u"verify"_s, u"Bea"_s, u"--confirm"_s}
                          << QJsonObject{{u"do"_s, u"verify"_s}, {u"who"_s, u"Bea"_s}, {u"confirm"_s, true}};
    QTest::newRow("optional place left out")
        << QStringList{u"accept"_s, u"0123456789abcdef"_s}
        << QJsonObject{{u"do"_s, u"accept"_s}, {u"transfer"_s, u"0123456789abcdef"_s}};
}

void InvocationTest::makesCommandObjects() {
    QFETCH(const QStringList, arguments);
    QFETCH(const QJsonObject, command);
    const Expected<Invocation> parsed = parseInvocation(arguments);
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().text.c_str());
    QCOMPARE(parsed->command, command);
}

void InvocationTest::refusesWrongUsage_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("mentions");
    QTest::newRow("nothing") << QStringList{} << u"Which command"_s;
    QTest::newRow("unknown command") << QStringList{u"sned"_s} << u"sned"_s;
    QTest::newRow("half a command") << QStringList{u"contact"_s} << u"another word"_s;
    QTest::newRow("missing place") << QStringList{u"send"_s, u"Bea"_s} << u"TEXT"_s;
    for (const QString& size : {u"fast"_s, u"-1"_s, u"1X"_s, u"1.2.3"_s, u"K"_s, u"99999999T"_s})
        QTest::newRow(qPrintable(u"size "_s + size))
            << QStringList{u"transfers"_s, u"limit"_s, u"--up="_s + size} << u"--up"_s;
    QTest::newRow("no such transfer command") << QStringList{u"transfers"_s, u"frist"_s} << u"\"frist\""_s;
    QTest::newRow("too many") << QStringList{u"id"_s, u"me"_s} << u"\"me\""_s;
    QTest::newRow("text like an option")
        << QStringList{u"send"_s, u"Bea"_s, u"-5 degrees"_s} << u"Put -- before"_s;
    QTest::newRow("unknown option") << QStringList{u"id"_s, u"--loud"_s} << u"--loud"_s;
    QTest::newRow("option of another command")
        << QStringList{u"id"_s, u"--timeout"_s, u"1"_s} << u"--timeout"_s;
    QTest::newRow("no value") << QStringList{u"send"_s, u"a"_s, u"b"_s, u"--timeout"_s} << u"needs a value"_s;
    QTest::newRow("no number") << QStringList{u"send"_s, u"a"_s, u"b"_s, u"--timeout"_s, u"soon"_s}
                               << u"soon"_s;
    QTest::newRow("negative") << QStringList{u"peers"_s, u"--wait=-1"_s} << u"-1"_s;
    QTest::newRow("not whole") << QStringList{u"history"_s, u"a"_s, u"--limit"_s, u"1.5"_s} << u"whole"_s;
    QTest::newRow("value for a flag") << QStringList{u"run"_s, u"--allow-all=yes"_s} << u"no value"_s;
    QTest::newRow("no time") << QStringList{u"search"_s, u"a"_s, u"--since"_s, u"yesterday"_s}
                             << u"yesterday"_s;
}

void InvocationTest::refusesWrongUsage() {
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, mentions);
    const Expected<Invocation> parsed = parseInvocation(arguments);
    QVERIFY(!parsed.ok());
    QCOMPARE(parsed.error().code, ErrorCode::InvalidArgument);
    QVERIFY2(QString::fromStdString(parsed.error().text).contains(mentions), parsed.error().text.c_str());
}

void InvocationTest::takesGlobalOptionsAnywhere() {
    const QList<QStringList> orders{{u"--json"_s, u"--profile"_s, u"p"_s, u"id"_s},
                                    {u"id"_s, u"--profile=p"_s, u"--json"_s},
                                    {u"--profile"_s, u"p"_s, u"id"_s, u"--json"_s}};
    for (const QStringList& arguments : orders) {
        const Expected<Invocation> parsed = parseInvocation(arguments);
        QVERIFY(parsed.ok());
        QVERIFY(parsed->json);
        QCOMPARE(parsed->profile, u"p"_s);
    }
}

void InvocationTest::makesPathsAbsolute() {
    const Expected<Invocation> parsed = parseInvocation({u"send-file"_s, u"Bea"_s, u"a.txt"_s, u"/tmp/b"_s});
    QVERIFY(parsed.ok());
    QCOMPARE(parsed->command.value("path"_L1).toArray(),
             (QJsonArray{QDir::current().absoluteFilePath(u"a.txt"_s), u"/tmp/b"_s}));
}

void InvocationTest::readsTimes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("millis");
    QTest::newRow("milliseconds") << u"1700000000123"_s << qint64{1'700'000'000'123};
    QTest::newRow("UTC") << u"2023-11-14T22:13:20Z"_s << qint64{1'700'000'000'000};
    QTest::newRow("zone") << u"2023-11-15T00:13:20.5+02:00"_s << qint64{1'700'000'000'500};
    QTest::newRow("local date") << u"2023-11-14"_s << QDate(2023, 11, 14).startOfDay().toMSecsSinceEpoch();
}

void InvocationTest::readsTimes() {
    QFETCH(const QString, text);
    QFETCH(const qint64, millis);
    const Expected<qint64> time = parseTime(text);
    QVERIFY(time.ok());
    QCOMPARE(*time, millis);
}

void InvocationTest::helpNamesEveryCommand() {
    const QString help = helpText();
    for (const CommandSpec& spec : commandTable()) QVERIFY(help.contains(usageOf(spec)));
    QVERIFY(help.contains(u"send WHO TEXT [--timeout S]"_s));
    QVERIFY(help.contains(u"init --name NAME"_s));
    QVERIFY(help.contains(u"LANDLINE_PASSPHRASE"_s));
    const Expected<Invocation> one = parseInvocation({u"send"_s, u"--help"_s});
    QVERIFY(one.ok() && one->help && one->spec);
    QVERIFY(helpText(*one->spec).contains(usageOf(*one->spec)));
    QVERIFY(!helpText(*one->spec).contains(u"history WHO"_s));
}

void InvocationTest::humanLinesCannotSteerTheTerminal() {
    const QJsonObject message{{u"event"_s, u"message"_s},
                              {u"name"_s, u"Eve\x1b[2J"_s},
                              {u"kind"_s, u"text"_s},
                              {u"text"_s, u"\x1b]0;owned\x07 \u202Eback"_s}};
    const QString line = humanEvent(message);
    for (const QChar character : {QChar(0x1b), QChar(0x07), QChar(0x202E)})
        QVERIFY(!line.contains(character));
    QVERIFY(line.contains(u"owned"_s));
}

void InvocationTest::relaysAreToldInALine_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QStringList>("mentions");
    const QJsonObject relay{{u"relay"_s, u"landline://r.example:47475/KEY"_s},
                            {u"address"_s, u"r.example:47475"_s},
                            {u"state"_s, u"connected"_s},
                            {u"used"_s, 1024},
                            {u"quota"_s, 2048}};
    QJsonObject off = relay;
    for (const QLatin1String key : {"used"_L1, "quota"_L1}) off.remove(key);
    off[u"state"_s] = u"waiting"_s;
    off[u"text"_s] = u"It is \x1b[2Joff."_s;
    QJsonObject gone = relay;
    gone[u"removed"_s] = true;
    QJsonObject event = off;
    event[u"event"_s] = u"relay"_s;
    const QJsonObject held{
        {u"event"_s, u"held"_s}, {u"message"_s, u"a-b-1"_s}, {u"until"_s, qint64{1'700'000'000'000}}};
    QTest::newRow("connected") << humanResult(u"relay-list"_s, relay)
                               << QStringList{u"r.example:47475  connected, 1.0 KiB of 2.0 KiB in use"_s,
                                              u"landline://r.example:47475/KEY"_s};
    QTest::newRow("off") << humanResult(u"relay-add"_s, off) << QStringList{u"waiting"_s, u"off."_s};
    QTest::newRow("removed") << humanResult(u"relay-remove"_s, gone)
                             << QStringList{u"removed: your contacts are told"_s, u"fetched once more"_s};
    QTest::newRow("event") << humanEvent(event) << QStringList{u"relay  r.example:47475  waiting"_s};
    QJsonObject listed = relay;
    listed[u"listed"_s] = true;
    QTest::newRow("listed") << humanResult(u"relay-listed"_s, listed) << QStringList{u"in use, you are listed there  land"_s};
    listed[u"listing_pending"_s] = true;
    QTest::newRow("to be listed") << humanResult(u"relay-listed"_s, listed) << QStringList{u"you are to be listed there  "_s};
    listed[u"listed"_s] = false;
    QTest::newRow("to be listed no more") << humanResult(u"relay-listed"_s, listed) << QStringList{u"listed there no more"_s};
    const QJsonObject person{{u"name"_s, u"Z\x1b[2Joe"_s}, {u"person"_s, u"0123456789"_s}, {u"link"_s, u"landline://contact/x"_s}};
    QTest::newRow("people") << humanResult(u"relay-people"_s, person)
                            << QStringList{u"oe"_s, u"  01234567  "_s, u"landline://contact/x"_s};
    QTest::newRow("more people") << humanResult(u"relay-people"_s, {{u"more"_s, true}}) << QStringList{u"more"_s};
    QTest::newRow("held") << humanEvent(held) << QStringList{u"held  a-b-1  until 2023-11-1"_s};
    QTest::newRow("sent") << humanResult(u"send"_s, {{u"message"_s, u"a-b-1"_s},
                                                     {u"state"_s, u"held"_s},
                                                     {u"held_until"_s, qint64{1'700'000'000'000}}})
                          << QStringList{u"held  a-b-1  at a relay until 2023-11-1"_s};
}

void InvocationTest::relaysAreToldInALine() {
    QFETCH(const QString, line);
    QFETCH(const QStringList, mentions);
    for (const QString& part : mentions) QVERIFY2(line.contains(part), qPrintable(line));
    QVERIFY(!line.contains(QChar(0x1b)));
}

}  // namespace landline::app::cli

QTEST_GUILESS_MAIN(landline::app::cli::InvocationTest)
#include "invocation_test.moc"
