#include "app/control/commands.h"
#include "app/messenger/runtime.h"
#include "p2p/base/limits.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kPatience = 10000;

/// Nothing is there.
const QString kRelay = u"landline://127.0.0.1:9/"_s + QString(43, u'A');

/// Keeps what it is told.
class Listener final : public Caller {
public:
    void write(const QJsonObject& line) override {
        if (line.value("event"_L1) == "done"_L1) answers.push_back(line);
        if (line.value("event"_L1) == "error"_L1) errors.push_back(line);
        if (line.value("event"_L1) == "result"_L1) results.push_back(line);
    }
    std::vector<QJsonObject> answers;
    std::vector<QJsonObject> errors;
    std::vector<QJsonObject> results;
};

/// "MESSAGE" in a command stands for a message that is there.
QJsonObject withMessage(QJsonObject command, const QString& message) {
    for (auto field = command.begin(); field != command.end(); ++field)
        if (field.value().toString() == u"MESSAGE"_s) *field = message;
    return command;
}

}  // namespace

/// Ann alone on a profile, without a network: what her commands answer.
class DispatcherTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void answersCommandsThatAreRight_data();
    void answersCommandsThatAreRight();
    void saysWhatIsWrongWithACommand_data();
    void saysWhatIsWrongWithACommand();
    void refusesLinesThatAreNoCommands_data();
    void refusesLinesThatAreNoCommands();
    void answersEachCommandOnceWithItsTag();
    void givesLinksToWhoeverShowsThem();
    void forgetsTheCommandsOfACallerThatIsGone();

private:
    QJsonObject ask(const QJsonObject& command);

    QTemporaryDir m_folder;
    std::unique_ptr<Runtime> m_runtime;
    std::unique_ptr<Dispatcher> m_dispatcher;
    QString m_message;
};

void DispatcherTest::initTestCase() {
    RuntimeOptions options;
    options.profile = m_folder.filePath(u"profile"_s);
    QVERIFY(Profile::create(options.profile, u"Ann"_s));
    auto runtime = Runtime::open(options);
    QVERIFY(runtime);
    m_runtime = std::move(*runtime);
    m_dispatcher = std::make_unique<Dispatcher>(m_runtime->port(), m_runtime->folder());
    m_message = ask({{u"do"_s, u"send"_s}, {u"to"_s, u"Ann"_s}, {u"text"_s, u"note"_s}})
                    .value("message"_L1)
                    .toString();
    QVERIFY(!m_message.isEmpty());
}

void DispatcherTest::cleanupTestCase() {
    m_dispatcher.reset();
    m_runtime.reset();
}

QJsonObject DispatcherTest::ask(const QJsonObject& command) {
    Listener listener;
    m_dispatcher->handle(command, &listener);
    [&] { QTRY_VERIFY_WITH_TIMEOUT(!listener.answers.empty(), kPatience); }();
    return listener.answers.empty() ? QJsonObject() : listener.answers.front();
}

void DispatcherTest::answersCommandsThatAreRight_data() {
    QTest::addColumn<QJsonObject>("command");
    QTest::addColumn<QString>("field");
    const auto row = [](const char* name, const QJsonObject& command, const QString& field) {
        QTest::newRow(name) << command << field;
    };
    row("id", {{u"do"_s, u"id"_s}}, u"fingerprint"_s);
    row("name", {{u"do"_s, u"name"_s}, {u"name"_s, u"Ann"_s}}, u"person"_s);
    row("presence", {{u"do"_s, u"presence"_s}, {u"state"_s, u"busy"_s}, {u"text"_s, u"hm"_s}}, u"presence"_s);
    row("contact-link", {{u"do"_s, u"contact-link"_s}}, u"link"_s);
    row("peers", {{u"do"_s, u"peers"_s}}, u"count"_s);
    row("requests", {{u"do"_s, u"requests"_s}}, u"count"_s);
    row("send", {{u"do"_s, u"send"_s}, {u"to"_s, u"Ann"_s}, {u"text"_s, u"x"_s}}, u"state"_s);
    row("reply", {{u"do"_s, u"reply"_s}, {u"message"_s, u"MESSAGE"_s}, {u"text"_s, u"x"_s}}, u"message"_s);
    row("history", {{u"do"_s, u"history"_s}, {u"who"_s, u"Ann"_s}, {u"limit"_s, 1}}, u"count"_s);
    row("search", {{u"do"_s, u"search"_s}, {u"words"_s, u"note"_s}, {u"in"_s, u"Ann"_s}}, u"count"_s);
    row("react", {{u"do"_s, u"react"_s}, {u"message"_s, u"MESSAGE"_s}, {u"emoji"_s, u"👍"_s}}, u"emoji"_s);
    row("edit", {{u"do"_s, u"edit"_s}, {u"message"_s, u"MESSAGE"_s}, {u"text"_s, u"note"_s}}, u"edited"_s);
    row("read", {{u"do"_s, u"read"_s}, {u"who"_s, u"Ann"_s}}, u"conversation"_s);
    row("transfers", {{u"do"_s, u"transfers"_s}}, u"count"_s);
    row("relay-list", {{u"do"_s, u"relay-list"_s}}, u"count"_s);
    row("relay-add", {{u"do"_s, u"relay-add"_s}, {u"url"_s, kRelay}}, u"connected"_s);
    row("relay-remove", {{u"do"_s, u"relay-remove"_s}, {u"relay"_s, u"127.0.0.1:9"_s}}, u"removed"_s);
}

void DispatcherTest::answersCommandsThatAreRight() {
    QFETCH(const QJsonObject, command);
    QFETCH(const QString, field);
    const QJsonObject answer = ask(withMessage(command, m_message));
    QVERIFY2(answer.value("code"_L1).toInt(-1) == 0, QJsonDocument(answer).toJson());
    QVERIFY2(answer.contains(field), QJsonDocument(answer).toJson());
    QVERIFY(!answer.contains("error"_L1));
}

void DispatcherTest::saysWhatIsWrongWithACommand_data() {
    QTest::addColumn<QJsonObject>("command");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("mentions");
    constexpr int kFailed = static_cast<int>(ExitCode::Failed);
    constexpr int kUsage = static_cast<int>(ExitCode::Usage);
    constexpr int kNotFound = static_cast<int>(ExitCode::NotFound);
    const auto row = [](const char* name, const QJsonObject& command, int code, const QString& mentions) {
        QTest::newRow(name) << command << code << mentions;
    };
    row("no such command", {{u"do"_s, u"fly"_s}}, kUsage, u"\"fly\""_s);
    row("no command", {{u"to"_s, u"Ann"_s}}, kUsage, u"\"do\""_s);

    row("name without", {{u"do"_s, u"name"_s}}, kUsage, u"\"name\" is missing"_s);
    row("name invisible", {{u"do"_s, u"name"_s}, {u"name"_s, u"\u202E\u0007"_s}}, kUsage, u"visible"_s);
    row("name a number", {{u"do"_s, u"name"_s}, {u"name"_s, 7}}, kUsage, u"must be a text"_s);
    row("presence without", {{u"do"_s, u"presence"_s}}, kUsage, u"\"state\" is missing"_s);
    row("presence unknown", {{u"do"_s, u"presence"_s}, {u"state"_s, u"asleep"_s}}, kUsage, u"busy"_s);
    row("contact-link new", {{u"do"_s, u"contact-link"_s}, {u"new"_s, true}}, kNotFound, u"You use no relay"_s);
    row("contact-link new other", {{u"do"_s, u"contact-link"_s}, {u"new"_s, u"yes"_s}}, kUsage, u"\"new\""_s);
    row("contact-add without", {{u"do"_s, u"contact-add"_s}}, kUsage, u"\"link\" is missing"_s);
    row("contact-add other", {{u"do"_s, u"contact-add"_s}, {u"link"_s, u"x"_s}}, kFailed,
        u"no contact link"_s);
    row("contact-add patience", {{u"do"_s, u"contact-add"_s}, {u"link"_s, u"x"_s}, {u"timeout"_s, -1}},
        kUsage, u"at least 0"_s);

    row("relay-add without", {{u"do"_s, u"relay-add"_s}}, kUsage, u"\"url\" is missing"_s);
    row("relay-add other", {{u"do"_s, u"relay-add"_s}, {u"url"_s, u"x"_s}}, kFailed, u"no relay's URL"_s);
    row("relay-add patience", {{u"do"_s, u"relay-add"_s}, {u"url"_s, kRelay}, {u"timeout"_s, u"long"_s}},
        kUsage, u"must be a number"_s);
    row("relay-list patience", {{u"do"_s, u"relay-list"_s}, {u"wait"_s, -1}}, kUsage, u"at least 0"_s);
    row("relay-remove without", {{u"do"_s, u"relay-remove"_s}}, kUsage, u"\"relay\" is missing"_s);
    row("relay-remove what is not there", {{u"do"_s, u"relay-remove"_s}, {u"relay"_s, u"nowhere"_s}},
        kNotFound, u"nowhere"_s);
    row("open without a window", {{u"do"_s, u"open"_s}, {u"link"_s, u"x"_s}}, kUsage, u"\"open\""_s);

    row("send nothing", {{u"do"_s, u"send"_s}, {u"to"_s, u"Ann"_s}}, kUsage, u"\"text\" is missing"_s);
    row("send blanks", {{u"do"_s, u"send"_s}, {u"to"_s, u"Ann"_s}, {u"text"_s, u" \n"_s}}, kUsage,
        u"no text"_s);
    row("send to nobody", {{u"do"_s, u"send"_s}, {u"text"_s, u"x"_s}}, kUsage, u"\"to\" is missing"_s);
    row("send to a stranger", {{u"do"_s, u"send"_s}, {u"to"_s, u"Zoe"_s}, {u"text"_s, u"x"_s}}, kNotFound,
        u"Zoe"_s);
    row("send with patience in words",
        {{u"do"_s, u"send"_s}, {u"to"_s, u"Ann"_s}, {u"text"_s, u"x"_s}, {u"timeout"_s, u"soon"_s}}, kUsage,
        u"must be a number"_s);
    row("send too much",
        {{u"do"_s, u"send"_s}, {u"to"_s, u"Ann"_s}, {u"text"_s, QString(int(limits::kTextBytes) + 1, u'x')}},
        kFailed, u"as a file"_s);
    row("reply to nothing", {{u"do"_s, u"reply"_s}, {u"text"_s, u"x"_s}}, kUsage,
        u"\"message\" is missing"_s);
    row("reply to what is not there",
        {{u"do"_s, u"reply"_s}, {u"message"_s, u"00000000-0000000000000000-1"_s}, {u"text"_s, u"x"_s}},
        kNotFound, u"message"_s);

    row("peers", {{u"do"_s, u"peers"_s}, {u"wait"_s, u"soon"_s}}, kUsage, u"must be a number"_s);
    row("history of nobody", {{u"do"_s, u"history"_s}}, kUsage, u"is missing"_s);
    row("history of a stranger", {{u"do"_s, u"history"_s}, {u"who"_s, u"Zoe"_s}}, kNotFound, u"Zoe"_s);
    row("history below nothing", {{u"do"_s, u"history"_s}, {u"who"_s, u"Ann"_s}, {u"limit"_s, -1}}, kUsage,
        u"at least 0"_s);
    row("search for nothing", {{u"do"_s, u"search"_s}}, kUsage, u"\"words\" is missing"_s);
    row("search for a number", {{u"do"_s, u"search"_s}, {u"words"_s, QJsonArray{1}}}, kUsage,
        u"list of texts"_s);
    row("search in a stranger's", {{u"do"_s, u"search"_s}, {u"words"_s, u"x"_s}, {u"in"_s, u"Zoe"_s}},
        kNotFound, u"Zoe"_s);
    row("search since a text", {{u"do"_s, u"search"_s}, {u"words"_s, u"x"_s}, {u"since"_s, u"now"_s}}, kUsage,
        u"must be a number"_s);

    row("edit nothing", {{u"do"_s, u"edit"_s}, {u"text"_s, u"x"_s}}, kUsage, u"\"message\" is missing"_s);
    row("edit into nothing", {{u"do"_s, u"edit"_s}, {u"message"_s, u"MESSAGE"_s}}, kUsage,
        u"\"text\" is missing"_s);
    row("edit into blanks", {{u"do"_s, u"edit"_s}, {u"message"_s, u"MESSAGE"_s}, {u"text"_s, u" "_s}}, kUsage,
        u"no text"_s);
    row("edit what is not there", {{u"do"_s, u"edit"_s}, {u"message"_s, u"odd"_s}, {u"text"_s, u"x"_s}},
        kNotFound, u"message"_s);
    row("delete nothing", {{u"do"_s, u"delete"_s}}, kUsage, u"\"message\" is missing"_s);
    row("react with nothing", {{u"do"_s, u"react"_s}, {u"message"_s, u"MESSAGE"_s}}, kUsage,
        u"\"emoji\" is missing"_s);
    row("react with a story",
        {{u"do"_s, u"react"_s}, {u"message"_s, u"MESSAGE"_s}, {u"emoji"_s, QString(65, u'x')}}, kUsage,
        u"one emoji"_s);
    row("react perhaps",
        {{u"do"_s, u"react"_s}, {u"message"_s, u"MESSAGE"_s}, {u"emoji"_s, u"👍"_s}, {u"remove"_s, 1}}, kUsage,
        u"true or false"_s);

    for (const char* const name : {"allow", "ignore", "block", "unblock", "verify", "read", "typing"}) {
        const QString command = QString::fromLatin1(name);
        row(qPrintable(command + u" nobody"_s), {{u"do"_s, command}}, kUsage, u"is missing"_s);
        row(qPrintable(command + u" a stranger"_s), {{u"do"_s, command}, {u"who"_s, u"Zoe"_s}}, kNotFound,
            u"Zoe"_s);
        row(qPrintable(command + u" a number"_s), {{u"do"_s, command}, {u"who"_s, 5}}, kUsage,
            u"must be a text"_s);
    }
    for (const char* const name : {"allow", "ignore", "block", "verify"})
        row(qPrintable(QString::fromLatin1(name) + u" oneself"_s),
            {{u"do"_s, QString::fromLatin1(name)}, {u"who"_s, u"Ann"_s}}, kUsage, u"That is you"_s);
    row("unblock who is not blocked", {{u"do"_s, u"unblock"_s}, {u"who"_s, u"Ann"_s}}, kUsage,
        u"not blocked"_s);
    row("verify perhaps", {{u"do"_s, u"verify"_s}, {u"who"_s, u"Ann"_s}, {u"confirm"_s, u"yes"_s}}, kUsage,
        u"true or false"_s);

    row("send-file nothing", {{u"do"_s, u"send-file"_s}, {u"to"_s, u"Ann"_s}}, kUsage,
        u"\"path\" is missing"_s);
    row("send-file to nobody", {{u"do"_s, u"send-file"_s}, {u"path"_s, u"/none"_s}}, kUsage, u"is missing"_s);
    row("send-file that is none",
        {{u"do"_s, u"send-file"_s}, {u"to"_s, u"Ann"_s}, {u"path"_s, u"/nothing/here"_s}}, kUsage,
        u"/nothing/here"_s);
    for (const char* const name : {"accept", "resume", "cancel", "pause"}) {
        const QString command = QString::fromLatin1(name);
        row(qPrintable(command + u" nothing"_s), {{u"do"_s, command}}, kUsage, u"\"transfer\" is missing"_s);
        row(qPrintable(command + u" what is not there"_s),
            {{u"do"_s, command}, {u"transfer"_s, u"0123456789abcdef"_s}}, kNotFound, u"0123456789abcdef"_s);
    }

    row("doctor a number", {{u"do"_s, u"doctor"_s}, {u"who"_s, 5}}, kUsage, u"must be a text"_s);
    row("doctor a stranger", {{u"do"_s, u"doctor"_s}, {u"who"_s, u"Zoe"_s}}, kNotFound, u"Zoe"_s);
    row("export nowhere", {{u"do"_s, u"export"_s}}, kUsage, u"\"folder\" is missing"_s);
    row("export into what is no folder", {{u"do"_s, u"export"_s}, {u"folder"_s, u"/dev/null/x"_s}}, kFailed,
        u"/dev/null/x"_s);
    row("backup nowhere", {{u"do"_s, u"backup"_s}}, kUsage, u"\"file\" is missing"_s);
    row("backup into what is no folder", {{u"do"_s, u"backup"_s}, {u"file"_s, u"/dev/null/x"_s}}, kFailed,
        u"/dev/null/x"_s);
}

void DispatcherTest::saysWhatIsWrongWithACommand() {
    QFETCH(const QJsonObject, command);
    QFETCH(const int, code);
    QFETCH(const QString, mentions);
    const QJsonObject answer = ask(withMessage(command, m_message));
    QVERIFY2(answer.value("code"_L1).toInt(-1) == code, QJsonDocument(answer).toJson());
    const QString error = answer.value("error"_L1).toString();
    QVERIFY2(error.contains(mentions), qPrintable(error));
    QVERIFY2(error.endsWith(u'.') && !error.contains(u'\n'), qPrintable(error));
    QVERIFY(!answer.value("error_code"_L1).toString().isEmpty());
}

void DispatcherTest::refusesLinesThatAreNoCommands_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a word") << QByteArray("hello");
    QTest::newRow("a list") << QByteArray("[{\"do\":\"id\"}]");
    QTest::newRow("half an object") << QByteArray("{\"do\":\"id\"");
    QTest::newRow("no UTF-8") << QByteArray("{\"do\":\"\xff\xfe\"}");
    QTest::newRow("depth") << QByteArray(100'000, '[');
}

void DispatcherTest::refusesLinesThatAreNoCommands() {
    QFETCH(const QByteArray, line);
    Listener listener;
    QVERIFY(!m_dispatcher->handleLine(line, &listener));
    QCOMPARE(listener.errors.size(), 1U);
    QCOMPARE(listener.errors.front().value("code"_L1).toString(), u"malformed"_s);
    QVERIFY(listener.errors.front().value("text"_L1).toString().endsWith(u'.'));
    QCOMPARE(listener.commands(), 0);
}

void DispatcherTest::answersEachCommandOnceWithItsTag() {
    Listener listener;
    for (int i = 0; i < 100; ++i)
        QVERIFY(m_dispatcher->handleLine("{\"do\":\"id\",\"tag\":" + QByteArray::number(i) + "}", &listener));
    QTRY_COMPARE_WITH_TIMEOUT(listener.answers.size(), 100U, kPatience);
    for (int i = 0; i < 100; ++i) {
        QCOMPARE(listener.answers[std::size_t(i)].value("tag"_L1).toInt(), i);
        QCOMPARE(listener.answers[std::size_t(i)].value("code"_L1).toInt(-1), 0);
    }
    QCOMPARE(listener.commands(), 0);
    QVERIFY(listener.errors.empty());
}

void DispatcherTest::givesLinksToWhoeverShowsThem() {
    QString opened;
    m_dispatcher->setOpener([&opened](const QString& link) { opened = link; });
    const QJsonObject answer = ask({{u"do"_s, u"open"_s}, {u"link"_s, kRelay}});
    m_dispatcher->setOpener({});
    QCOMPARE(answer.value("code"_L1).toInt(-1), 0);
    QCOMPARE(opened, kRelay);
}

void DispatcherTest::forgetsTheCommandsOfACallerThatIsGone() {
    auto listener = std::make_unique<Listener>();
    m_dispatcher->handle({{u"do"_s, u"peers"_s}, {u"wait"_s, 60}}, listener.get());
    m_dispatcher->handle({{u"do"_s, u"id"_s}}, listener.get());
    QCOMPARE(listener->commands(), 2);
    listener.reset();
    QCOMPARE(ask({{u"do"_s, u"id"_s}}).value("code"_L1).toInt(-1), 0);
}

}  // namespace landline::app::control

QTEST_GUILESS_MAIN(landline::app::control::DispatcherTest)
#include "dispatcher_test.moc"
