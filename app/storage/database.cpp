#include "app/storage/database.h"

#include "app/storage/database_impl.h"
#include "app/storage/migrations.h"
#include "app/storage/profile.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>

namespace landline::app {

namespace {

constexpr QLatin1String kSelfSetting("self");
constexpr QLatin1String kOpenedSetting("opened");

// Pages of the write-ahead log before it is copied into the database (16 MiB): long enough for bulk catch-up, short
// enough for quick reads.
constexpr const char* kPragmas[] = {
    "PRAGMA synchronous = FULL",  "PRAGMA secure_delete = ON",        "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384", "PRAGMA wal_autocheckpoint = 4096", "PRAGMA journal_size_limit = 16777216",
};

// Messages that a search may have to take into its index first: some 5 ms.
constexpr std::size_t kMostUnindexed = 256;

// One row of every large table and index: cheap, and meets a damaged root. Small tables are read whole anyway.
constexpr const char* kTouch[] = {
    "SELECT count(*) FROM (SELECT id FROM entry ORDER BY id DESC LIMIT 1)",
    "SELECT count(*) FROM (SELECT text FROM message ORDER BY id DESC LIMIT 1)",
    "SELECT count(*) FROM (SELECT number FROM message INDEXED BY message_order ORDER BY conversation DESC "
    "LIMIT 1)",
    "SELECT count(*) FROM (SELECT text FROM amendment NOT INDEXED LIMIT 1)",
    "SELECT count(*) FROM (SELECT id FROM amendment INDEXED BY amendment_target ORDER BY conversation LIMIT "
    "1)",
    "SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH '\"a\" *' LIMIT 1)",
    "SELECT count(*) FROM (SELECT id FROM transfer LIMIT 1)",
    "SELECT count(*) FROM (SELECT message FROM deposit ORDER BY counter DESC LIMIT 1)",
    "SELECT count(*) FROM (SELECT last FROM deposit_range LIMIT 1)",
};

}  // namespace

Database::Impl::Impl(const QString& path, const PersonId& self)
    : files(path),
      directory(sql, self),
      timelines(sql),
      amendments(sql, directory, timelines),
      search(sql),
      messages(sql, directory, timelines, amendments, search),
      heads(sql, directory, timelines),
      transfers(sql),
      alwaysAccept(sql),
      relays(sql),
      prekeys(sql),
      relayHeads(sql, directory),
      deposits(sql, directory, timelines, heads, relayHeads) {}

Database::Impl::~Impl() {
    if (sql.isDamaged()) files.noteDamaged();
}

Expected<void> Database::Impl::open(const QString& sqliteOptions) {
    files.makePrivate();
    if (auto opened = sql.open(files.path(), sqliteOptions); !opened) return opened;
    const bool isWal =
        sql.pragma(QStringLiteral("PRAGMA journal_mode = WAL")).toString() == QLatin1String("wal");
    if (auto read = sql.commit(); !read) return read;
    if (!isWal)
        return Unexpected(ErrorCode::Disk,
                          QCoreApplication::translate("Storage",
                                                      "The profile folder %1 cannot be written. Check "
                                                      "its permissions and its disk.")
                              .arg(QDir::toNativeSeparators(QFileInfo(files.path()).absolutePath()))
                              .toStdString());
    for (const char* const pragma : kPragmas)
        if (auto done = sql.execute(QString::fromLatin1(pragma)); !done) return done;
    if (auto done = migrate(sql); !done) return done;
    for (const char* const touch : kTouch) (void)sql.pragma(QString::fromLatin1(touch));
    directory.load();
    if (auto done = checkOwner(); !done) return done;
    if (!directory.isSound()) sql.failDamaged();
    if (sql.isDamaged()) return sql.commit();
    directory.ensureSelf();
    // A write that is synced: a full or read-only disk shows now, not at the first message.
    setSetting(kOpenedSetting, QString::number(QDateTime::currentMSecsSinceEpoch()));
    return commit();
}

Expected<void> Database::Impl::checkOwner() {
    const QString self = QString::fromStdString(toHex(directory.self().view()));
    const QString owner = setting(kSelfSetting);
    if (sql.failed()) return sql.commit();
    if (owner.isEmpty()) setSetting(kSelfSetting, self);
    if (owner.isEmpty() || owner == self) return {};
    // Whoever made the database stands in its list of persons.
    const auto key = fromHex(owner.toStdString());
    const auto id = key ? PersonId::from(*key) : std::nullopt;
    if (!id || !directory.person(*id)) {
        sql.failDamaged();
        return sql.commit();
    }
    return Unexpected(
        ErrorCode::Malformed,
        QCoreApplication::translate("Storage",
                                    "The database %1 belongs to another person than the keys beside it. "
                                    "Put files back together that belong together.")
            .arg(QDir::toNativeSeparators(files.path()))
            .toStdString());
}

Expected<void> Database::Impl::takeOver(const Salvage& saved) {
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    for (const SalvagedPerson& person : saved.people) {
        const PersonId key = person.certificate.person();
        if (key == directory.self()) continue;
        directory.meet(person.certificate, person.name, now);
        directory.setStanding(key, person.standing);
        directory.setVerified(key, person.verified);
        directory.setAddress(person.certificate.device(), person.address, person.lastSeen);
    }
    for (const auto& [key, value] : saved.settings) setSetting(key, value);
    for (const RelayRecord& relay : saved.relays) relays.put(relay.url, fromUnixMillis(relay.added));
    for (const auto& [device, grants] : saved.grants) (void)prekeys.putGrants(device, grants);
    return commit();
}

Expected<void> Database::Impl::commit() {
    search.settle();
    if (search.waiting() > kMostUnindexed) messages.indexWaiting();
    auto done = sql.commit();
    if (done) return done;
    search.discard();
    timelines.forgetCached();
    amendments.forgetCached();
    clock.reset();
    if (sql.isDamaged()) {
        files.noteDamaged();
        sql.fail(done.error());
        return done;
    }
    directory.load();
    return done;
}

void Database::Impl::indexWaiting() {
    if (search.waiting() == 0) return;
    const bool isAlone = !sql.isInTransaction();
    messages.indexWaiting();
    if (isAlone) (void)commit();
}

QString Database::Impl::setting(const QString& key) {
    auto row = sql.read("SELECT value FROM setting WHERE key = ?", key);
    return row.next() ? row.text(0) : QString();
}

void Database::Impl::setSetting(const QString& key, const QString& value) {
    sql.write("INSERT OR REPLACE INTO setting(key, value) VALUES(?, ?)", key, value);
}

Database::Database() = default;
Database::~Database() = default;

Expected<Database::OpenResult> Database::open(const QString& folder, const PersonId& self,
                                              const QString& sqliteOptions) {
    const DatabaseFiles files(QDir(folder).absoluteFilePath(QStringLiteral("landline.db")));
    OpenResult result;
    if (files.isNotedDamaged()) {
        auto aside = files.setAside();
        if (!aside) return Unexpected(aside.error());
        result.damagedCopy = *aside;
    }
    for (;;) {
        std::unique_ptr<Database> database(new Database);
        database->m = std::make_unique<Impl>(files.path(), self);
        auto opened = database->m->open(sqliteOptions);
        if (opened && !result.damagedCopy.isEmpty())
            opened = database->m->takeOver(salvage(result.damagedCopy));
        if (opened) {
            result.database = std::move(database);
            return result;
        }
        const bool damaged = database->isDamaged() && result.damagedCopy.isEmpty();
        database.reset();
        if (!damaged) return Unexpected(opened.error());
        auto aside = files.setAside();
        if (!aside) return Unexpected(aside.error());
        result.damagedCopy = *aside;
    }
}

Expected<void> Database::commit() {
    return m->commit();
}

void Database::reportDamage() {
    (void)m->commit();
    m->sql.failDamaged();
}

void Database::onDamage(std::function<void()> told) {
    m->sql.onDamage(std::move(told));
}

bool Database::isDamaged() const {
    return m->sql.isDamaged();
}

QString Database::setting(const QString& key) {
    return m->setting(key);
}

void Database::setSetting(const QString& key, const QString& value) {
    m->setSetting(key, value);
}

void Database::bindTo(const QString& store) {
    if (setting(kStoreSetting) == store) return;
    m->relays.dropDevice();
    setSetting(kStoreSetting, store);
}

RelayTable& Database::relays() {
    return m->relays;
}

PrekeyTable& Database::prekeys() {
    return m->prekeys;
}

DepositTable& Database::deposits() {
    return m->deposits;
}

RelayHeadsTable& Database::relayHeads() {
    return m->relayHeads;
}

void Database::putTransfer(const TransferRecord& transfer) {
    m->transfers.put(transfer);
}

std::optional<TransferRecord> Database::transfer(const wire::TransferId& id) {
    return m->transfers.find(id);
}

std::vector<TransferRecord> Database::transfers() {
    return m->transfers.all();
}

std::vector<TransferRecord> Database::transfersToFetch() {
    return m->transfers.toFetch();
}

std::optional<AlwaysAccept> Database::alwaysAccept(const PersonId& person) {
    return m->alwaysAccept.find(person);
}

std::vector<AlwaysAccept> Database::alwaysAccepting() {
    return m->alwaysAccept.all();
}

void Database::putAlwaysAccept(const AlwaysAccept& rule) {
    m->alwaysAccept.put(rule);
}

void Database::removeAlwaysAccept(const PersonId& person) {
    m->alwaysAccept.remove(person);
}

std::vector<TransferRecord> Database::transfers(const TransferQuery& query) {
    return m->transfers.page(query);
}

void Database::hideTransfer(const wire::TransferId& id) {
    m->transfers.hide(id);
}

void Database::hideFinishedTransfers() {
    m->transfers.hideFinished();
}

bool Database::hasErased() {
    return m->search.isStale();
}

bool Database::tidy() {
    if (!m->commit()) return false;
    const bool more = m->search.optimize();
    if (!m->commit() || more) return more;
    return !m->sql.emptyLog();
}

}  // namespace landline::app
