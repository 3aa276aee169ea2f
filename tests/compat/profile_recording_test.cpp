/// A profile as version 1 left it on the disk: what this program cannot open or shows otherwise is lost to people who have
/// such a one.
///
/// LANDLINE_RECORD=FOLDER writes a new recording instead: for a new version, never to make a failing one pass.

#include "app/messenger/runtime.h"
#include "app/storage/key_file.h"
#include "app/storage/migrations.h"
#include "p2p/timeline/applier.h"
#include "tests/app/storage/store_fixture.h"

#include <QDir>
#include <QFile>
#include <QTest>

namespace landline::app::test {

namespace {

constexpr qint64 kNoon = 1700000000000;
const QString kPassphrase = QStringLiteral("correct horse battery staple");

QByteArray contentsOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

Bytes bytesOf(const QByteArray& array) {
    return Bytes(array.begin(), array.end());
}

QByteArray arrayOf(ByteView bytes) {
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()));
}

/// Who occurs in the recording: the same in every run.
struct Cast {
    SeededRandom random{2023};
    identity::SigningKey annas = identity::SigningKey::generate(random);
    identity::SigningKey borises = identity::SigningKey::generate(random);
    identity::SigningKey claras = identity::SigningKey::generate(random);
    identity::DeviceKeys annasKeys = identity::DeviceKeys::generate(random);
    identity::Certificate certificate =
        identity::Certificate::issue(annas, annasKeys, fromUnixMillis(kNoon - 1000));
    Author boris{borises, random};
    Author clara{claras, random};
    PersonId annasId = identity::personIdOf(annas);
    PersonId borisesId = identity::personIdOf(borises);
    PersonId clarasId = identity::personIdOf(claras);
    ConversationId direct = identity::directConversation(annasId, borisesId);
    ConversationId notes = identity::directConversation(annasId, annasId);
};

// Recording ------------------------------------------------------------------------------------------------------

class Recorder {
public:
    explicit Recorder(const QString& folder) : m_folder(folder) {
        auto opened = Database::open(folder, m_cast.annasId);
        if (!opened) qFatal("%s", opened.error().text.c_str());
        m_store = std::move(opened->database);
    }
    void record();

private:
    timeline::CheckedEntry own(const ConversationId& conversation, const wire::Content& content) {
        timeline::TimelineTip tip;
        if (const auto head = m_store->head(conversation, m_cast.annasKeys.id()))
            tip = {head->number, head->hash};
        const auto entry = timeline::makeEntry(conversation, m_cast.annasKeys, m_cast.certificate, tip,
                                               timeline::hybridFrom(next()), content, m_cast.random);
        check(timeline::Applier(*m_store, m_cast.annasKeys.id()).applyOwn(entry, m_now), 1);
        return entry;
    }
    timeline::CheckedEntry others(Author& author, const wire::Content& content, std::size_t applied = 1) {
        const PersonId person = author.certificate().person();
        const auto entry =
            author.write(identity::directConversation(m_cast.annasId, person), toUnixMillis(next()), content);
        apply(entry, applied);
        return entry;
    }
    void apply(const timeline::CheckedEntry& entry, std::size_t applied) {
        timeline::Applier applier(*m_store, m_cast.annasKeys.id());
        check(
            applier.apply(
                {entry.header.conversation, entry.header.author, entry.header.number, {entry.bytes}}, m_now),
            applied);
    }
    static void check(const timeline::ApplyResult& result, std::size_t applied) {
        if (result.firstError || result.appended.size() != applied) qFatal("not recorded as meant");
    }
    WallTime next() { return m_now += std::chrono::seconds(1); }
    void talk();
    void stranger();
    void outOfOrder();
    void keys(const QString& name, const SealKey* seal);

    QString m_folder;
    Cast m_cast;
    std::unique_ptr<Database> m_store;
    WallTime m_now = fromUnixMillis(kNoon);
};

void Recorder::talk() {
    Author& boris = m_cast.boris;
    const auto hello = others(boris, wire::Text{"Hello Anna, 你好世界", {}});
    const auto reply = own(m_cast.direct, wire::Text{"Hi Boris!", hello.ref()});
    const auto typo = own(m_cast.direct, wire::Text{"frist", {}});
    own(m_cast.direct, wire::Edit{typo.ref(), "first"});
    const auto secret = others(boris, wire::Text{"the password is swordfish", {}});
    others(boris, wire::Delete{secret.ref()});
    others(boris, wire::Reaction{reply.ref(), "👍", false});
    others(boris, wire::Reaction{reply.ref(), "❤", false});
    others(boris, wire::Reaction{reply.ref(), "❤", true});
    const auto plan = wire::FileOffer{m_cast.random.make<wire::TransferId>(), "plan.pdf", 123456,
                                      "application/pdf", kNoon - 5000};
    const auto offer = own(m_cast.direct, plan);
    m_store->putTransfer({plan.transfer, StoreFixture::refOf(offer), m_cast.borisesId, false,
                          QStringLiteral("plan.pdf"), 123456, 123456, TransferState::Done,
                          QStringLiteral("/srv/anna/plan.pdf"), QString(), kNoon + 1});
    const auto photo = wire::FileOffer{m_cast.random.make<wire::TransferId>(), "photo.jpg", 654321,
                                       "image/jpeg", kNoon - 6000};
    const auto theirs = others(boris, photo);
    m_store->putTransfer({photo.transfer, StoreFixture::refOf(theirs), m_cast.borisesId, true,
                          QStringLiteral("photo.jpg"), 654321, 1000, TransferState::Paused,
                          QStringLiteral("/srv/anna/received"), QStringLiteral("interrupted"), kNoon + 2});
    others(boris, wire::UnknownContent{99});
    const wire::AuthorHead head{offer.header.author, 0, {}, offer.header.number, truncated(offer.hash), 3};
    m_store->putPeerHeads(m_cast.direct, boris.id(), std::span(&head, 1));
    m_store->setRead(m_cast.direct, boris.id(), 6);
    own(m_cast.direct, wire::Text{"nobody has this yet", {}});
}

void Recorder::stranger() {
    m_store->meet(m_cast.clara.certificate(), QStringLiteral("Clara"));
    others(m_cast.clara, wire::Text{"May I write to you?", {}});
    own(m_cast.notes, wire::Text{"remember the milk", {}});
}

/// The last entry is held back until the one before it arrives, which is left beside the profile.
void Recorder::outOfOrder() {
    const auto missing =
        m_cast.boris.write(m_cast.direct, toUnixMillis(next()), wire::Text{"the missing one", {}});
    others(m_cast.boris, wire::Text{"the early one", {}}, 0);
    QByteArray text = "# The entry that is missing: header, signature, payload.\n";
    for (const ByteView part :
         {ByteView(missing.bytes.header), missing.bytes.signature.view(), ByteView(missing.bytes.payload)})
        text += QByteArray::fromStdString(toHex(part)) + '\n';
    if (!writeFile(m_folder + QStringLiteral("/missing.txt"), text)) qFatal("not written");
}

void Recorder::keys(const QString& name, const SealKey* seal) {
    KeyFileContent content;
    content.personSeed = m_cast.annas.seed();
    content.deviceSeed = m_cast.annasKeys.signing.seed();
    content.noiseSecret = m_cast.annasKeys.noise.secret.clone();
    content.certificate = m_cast.certificate.encoded();
    content.place.inode = 42;
    content.place.birth = kNoon;
    content.bound = true;
    content.name = "Anna";
    const Bytes bytes = key_file::encode(content, seal, m_cast.random);
    if (!writeFile(m_folder + u'/' + name, arrayOf(bytes))) qFatal("not written");
}

void Recorder::record() {
    const DeviceId device = m_cast.annasKeys.id();
    m_store->setSetting(kStoreSetting, QString::fromStdString(toHex(device.view())));
    m_store->setSetting(kNameSetting, QStringLiteral("Anna"));
    m_store->setSetting(QStringLiteral("status"), QStringLiteral("at home"));
    m_store->meet(m_cast.certificate, QStringLiteral("Anna"));
    m_store->meet(m_cast.boris.certificate(), QStringLiteral("Boris"));
    m_store->setStanding(m_cast.borisesId, timeline::Standing::Accepted);
    m_store->setVerified(m_cast.borisesId, true);
    m_store->setDeviceAddress(m_cast.boris.id(), QStringLiteral("192.0.2.7:4711"), kNoon);
    talk();
    stranger();
    outOfOrder();
    if (!m_store->commit()) qFatal("not committed");
    while (m_store->tidy()) {
    }
    m_store.reset();
    keys(QStringLiteral("landline.keys"), nullptr);
    const auto seal = key_file::makeSeal(kPassphrase.toStdString(), m_cast.random);
    if (!seal) qFatal("not sealed");
    keys(QStringLiteral("sealed.keys"), &*seal);
}

// Reading --------------------------------------------------------------------------------------------------------

/// One line per message: what a person sees of it.
QString shown(const MessageRecord& message) {
    QString line = message.authorName + u": " + message.text;
    if (message.kind == MessageKind::Unsupported) line += QStringLiteral("(unsupported)");
    if (message.file)
        line += QStringLiteral(" %1 of %2 bytes").arg(message.file->done).arg(message.file->size) +
                (message.file->incoming ? QStringLiteral(" in") : QStringLiteral(" out"));
    if (message.edited) line += QStringLiteral(" edited");
    if (message.deleted) line += QStringLiteral(" deleted");
    if (message.replyTo) line += QStringLiteral(" re: ") + message.replyText;
    for (const ReactionRecord& reaction : message.reactions)
        line += u' ' + reaction.emoji + u'\u00d7' + QString::number(reaction.persons.size());
    static const char* const kStates[] = {"queued", "held", "delivered", "read", "failed", "received"};
    return line + u' ' + QString::fromLatin1(kStates[static_cast<int>(message.state)]);
}

QStringList shown(const std::vector<MessageRecord>& messages) {
    QStringList lines;
    for (const MessageRecord& message : messages) lines.append(shown(message));
    return lines;
}

QStringList recordedTalk() {
    return {
        QString::fromUtf8("Boris: Hello Anna, 你好世界 received"),
        QString::fromUtf8("Anna: Hi Boris! re: Hello Anna, 你好世界 👍×1 read"),
        QStringLiteral("Anna: first edited read"),
        QStringLiteral("Boris:  deleted received"),
        QStringLiteral("Anna: plan.pdf 123456 of 123456 bytes out delivered"),
        QStringLiteral("Boris: photo.jpg 1000 of 654321 bytes in received"),
        QStringLiteral("Boris: (unsupported) received"),
        QStringLiteral("Anna: nobody has this yet queued"),
    };
}

}  // namespace

class ProfileRecordingTest : public QObject {
    Q_OBJECT

    Cast cast;
    std::unique_ptr<QTemporaryDir> folder;
    std::unique_ptr<Database> store;

    [[nodiscard]] QString recording(const char* name) const {
        return QStringLiteral(LANDLINE_COMPAT_DIR "/profiles/v1/") + QString::fromLatin1(name);
    }
    /// A copy of the recording: what is opened is written to.
    void copyRecording() {
        folder = std::make_unique<QTemporaryDir>();
        for (const char* const name : {"landline.db", "landline.keys"})
            QVERIFY(writeFile(folder->filePath(QString::fromLatin1(name)), contentsOf(recording(name))));
    }
    void openStore() {
        store.reset();
        auto opened = Database::open(folder->path(), cast.annasId);
        QVERIFY2(opened, opened ? "" : opened.error().text.c_str());
        QCOMPARE(opened->damagedCopy, QString());
        store = std::move(opened->database);
    }
    [[nodiscard]] std::vector<MessageRecord> history(const ConversationId& conversation) {
        HistoryQuery query;
        query.conversation = conversation;
        return store->history(query);
    }

private Q_SLOTS:
    void initTestCase() {
        initCrypto();
        const QString target = qEnvironmentVariable("LANDLINE_RECORD");
        if (!target.isEmpty() && QDir().mkpath(target)) Recorder(target).record();
    }
    void init() {
        copyRecording();
        openStore();
    }
    void cleanup() { store.reset(); }

    void isAVersionOneDatabase() {
        const QByteArray bytes = contentsOf(recording("landline.db"));
        QVERIFY(bytes.startsWith("SQLite format 3"));
        // user_version (https://www.sqlite.org/fileformat.html, section 1.3)
        QCOMPARE(bytes.mid(60, 4), QByteArray("\0\0\0\1", 4));
        store.reset();
        QCOMPARE(loadBe64(bytesOf(QByteArray(4, '\0') +
                                  contentsOf(folder->filePath(QStringLiteral("landline.db"))).mid(60, 4))
                              .data()),
                 static_cast<std::uint64_t>(currentSchemaVersion()));
    }

    void itsKeyFileOpens_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("passphrase");
        QTest::newRow("open") << QStringLiteral("landline.keys") << QString();
        QTest::newRow("sealed") << QStringLiteral("sealed.keys") << kPassphrase;
    }
    void itsKeyFileOpens() {
        QFETCH(QString, name);
        QFETCH(QString, passphrase);
        const Bytes bytes = bytesOf(contentsOf(recording(name.toLatin1().constData())));
        const auto opened = key_file::decode(bytes, passphrase.toStdString());
        QVERIFY2(opened, opened ? "" : opened.error().text.c_str());
        QVERIFY(opened->content.personSeed.equals(cast.annas.seed().view()));
        QVERIFY(opened->content.deviceSeed.equals(cast.annasKeys.signing.seed().view()));
        QVERIFY(opened->content.noiseSecret.equals(cast.annasKeys.noise.secret.view()));
        QCOMPARE(opened->content.certificate, cast.certificate.encoded());
        QVERIFY(opened->content.bound);
        QCOMPARE(opened->content.name, std::string("Anna"));
        if (opened->seal) QVERIFY(!key_file::decode(bytes, "wrong"));
    }

    void itsConversationsShowWhatWasSaid() {
        QCOMPARE(shown(history(cast.direct)), recordedTalk());
        QCOMPARE(shown(history(identity::directConversation(cast.annasId, cast.clarasId))),
                 QStringList{QStringLiteral("Clara: May I write to you? received")});
        QCOMPARE(shown(history(cast.notes)),
                 QStringList{QStringLiteral("Anna: remember the milk delivered")});
        QCOMPARE(store->conversation(cast.direct)->unread, 2);
    }

    void itsPeopleAreAsTheyWere() {
        const auto boris = store->person(cast.borisesId);
        QVERIFY(boris && boris->verified && boris->standing == timeline::Standing::Accepted);
        QCOMPARE(boris->name, QStringLiteral("Boris"));
        QCOMPARE(boris->devices.at(0).address, QStringLiteral("192.0.2.7:4711"));
        QCOMPARE(boris->devices.at(0).lastSeen, kNoon);
        const auto clara = store->person(cast.clarasId);
        QVERIFY(clara && !clara->verified && clara->standing == timeline::Standing::Stranger);
        QCOMPARE(store->strangerUse(cast.clarasId).entries, std::size_t{1});
        QCOMPARE(store->setting(QStringLiteral("status")), QStringLiteral("at home"));
        const auto transfers = store->transfers();
        QCOMPARE(transfers.size(), std::size_t{2});
        QCOMPARE(transfers[0].error, QStringLiteral("interrupted"));
        QVERIFY(transfers[0].state == TransferState::Paused && transfers[1].state == TransferState::Done);
    }

    void isSearched_data() {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char* words, QStringList expected) {
            QTest::newRow(words) << QString::fromUtf8(words) << expected;
        };
        row("hello", {QString::fromUtf8("Hello Anna, 你好世界")});
        row("世界", {QString::fromUtf8("Hello Anna, 你好世界")});
        row("first", {QStringLiteral("first")});
        row("frist", {});
        row("swordfish", {});
        row("plan", {QStringLiteral("plan.pdf")});
        row("may i", {QStringLiteral("May I write to you?")});
    }
    void isSearched() {
        QFETCH(QString, words);
        QFETCH(QStringList, expected);
        SearchQuery query;
        query.words = words;
        QStringList found;
        for (const MessageRecord& message : store->search(query)) found.append(message.text);
        QCOMPARE(found, expected);
    }

    void itsEntriesAreIntact() {
        const auto own = store->read(cast.direct, cast.annasKeys.id(), 1, 100, 1000000);
        QCOMPARE(own.size(), std::size_t{5});
        const auto boris = store->read(cast.direct, cast.boris.id(), 1, 100, 1000000);
        QCOMPARE(boris.size(), std::size_t{8});
        QVERIFY(boris[1].payload.empty() && boris[1].erasure);
        QVERIFY(!store->isDamaged() && store->commit());
    }

    void whatItWaitedForArrives() {
        const QList<QByteArray> lines = contentsOf(recording("missing.txt")).split('\n');
        QCOMPARE(lines.size(), 5);
        const auto part = [&](int line) { return fromHex(lines[line].toStdString()).value(); };
        const wire::SignedEntry missing{part(1), Signature::from(part(2)).value(), part(3), {}};
        const auto entry = timeline::checkEntry(missing);
        QVERIFY(entry);
        timeline::Applier applier(*store, cast.annasKeys.id());
        const auto result = applier.apply(
            {cast.direct, entry->header.author, entry->header.number, {missing}}, fromUnixMillis(kNoon));
        QCOMPARE(result.appended.size(), std::size_t{2});
        QVERIFY(store->commit());
        openStore();
        QStringList expected = recordedTalk();
        expected << QStringLiteral("Boris: the missing one received")
                 << QStringLiteral("Boris: the early one received");
        QCOMPARE(shown(history(cast.direct)), expected);
    }

    /// The recording is a copy, so it goes on as another device of the same person.
    void theProgramOpensItAndGoesOn() {
        store.reset();
        RuntimeOptions options;
        options.profile = folder->path();
        const auto runtime = Runtime::open(options);
        QVERIFY2(runtime, runtime ? "" : runtime.error().text.c_str());
        QVERIFY((*runtime)->notice().contains(QStringLiteral("new device")));
        QStringList lines;
        (*runtime)->port().call(
            this,
            [conversation = cast.direct](Messenger& m) {
                const auto sent = m.sendText(conversation, QStringLiteral("written later"));
                HistoryQuery query;
                query.conversation = conversation;
                return std::pair(sent.ok(), m.history(query));
            },
            [&](const std::pair<bool, std::vector<MessageRecord>>& result) {
                if (result.first) lines = shown(result.second);
            });
        const QStringList expected = recordedTalk() << QStringLiteral("Anna: written later queued");
        QTRY_COMPARE(lines, expected);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::ProfileRecordingTest)
#include "profile_recording_test.moc"
