#include "app/storage/profile.h"

#include "app/storage/backup.h"
#include "app/storage/durable_file.h"
#include "app/storage/key_file.h"
#include "app/storage/profile_lock.h"
#include "p2p/base/hash.h"
#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <QSysInfo>

#include <utility>

namespace landline::app {

namespace {

QString keyPath(const QString& folder) {
    return QDir(folder).absoluteFilePath(QStringLiteral("landline.keys"));
}

QString tr(const char* text) {
    return QCoreApplication::translate("Storage", text);
}

Unexpected failure(ErrorCode code, const QString& text) {
    return Unexpected(code, text.toStdString());
}

/// A digest, so that the key file does not carry the machine's id around.
Hash256 machineDigest() {
    const QByteArray id = QSysInfo::machineUniqueId();
    if (id.isEmpty()) return {};
    const std::string_view text(id.constData(), static_cast<std::size_t>(id.size()));
    return sha256({viewOf("landline machine v1\n"), viewOf(text)});
}

KeyFilePlace placeOf(const FileIdentity& file) {
    return {machineDigest(), file.inode, file.birth};
}

/// Makes the folder for its owner only. An existing folder that holds other things keeps its mode.
Expected<void> makePrivateFolder(const QString& folder) {
    QDir dir(folder);
    const bool isOurs = !dir.exists() || dir.isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    errno = 0;
    if (!dir.mkpath(QStringLiteral("."))) return Unexpected(writeError(folder, errno));
    if (isOurs) QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return {};
}

Expected<Bytes> readKeys(const QString& folder) {
    QFile file(keyPath(folder));
    if (!file.exists())
        return failure(ErrorCode::NotFound,
                       tr(QT_TRANSLATE_NOOP("Storage", "There is no profile in the folder %1."))
                           .arg(QDir::toNativeSeparators(folder)));
    if (!file.open(QIODevice::ReadOnly))
        return failure(ErrorCode::Disk,
                       tr(QT_TRANSLATE_NOOP("Storage", "The key file %1 could not be read (%2)."))
                           .arg(QDir::toNativeSeparators(file.fileName()), file.errorString()));
    // One byte more than any version of the format has.
    QByteArray read = file.read(4096);
    Bytes bytes(read.begin(), read.end());
    sodium_memzero(read.data(), static_cast<std::size_t>(read.size()));
    return bytes;
}

KeyFileContent newDevice(const identity::SigningKey& person, Random& random) {
    const auto keys = identity::DeviceKeys::generate(random);
    const auto now = fromUnixMillis(QDateTime::currentMSecsSinceEpoch());
    KeyFileContent content;
    content.personSeed = person.seed();
    content.deviceSeed = keys.signing.seed();
    content.noiseSecret = keys.noise.secret.clone();
    content.certificate = identity::Certificate::issue(person, keys, now).encoded();
    return content;
}

}  // namespace

struct Profile::Impl {
    QString folder;
    std::unique_ptr<ProfileLock> lock;
    KeyFileContent content;
    std::optional<SealKey> seal;
    PersonId person;
    std::shared_ptr<const net::LocalIdentity> identity;
    QString notice;
    SystemRandom random;

    Expected<void> takeLock();
    /// Writes `content` durably, under the identity of the new file.
    Expected<void> write();
    /// Makes the keys of `content` usable; fails with Malformed if they do not belong together.
    Expected<void> useContent();
    Expected<void> read(const QString& passphrase);
    /// Makes a new device; `bound`: to the database that is open.
    Expected<void> renew(bool bound);
    /// What a database of this device holds.
    [[nodiscard]] QString store() const { return QString::fromStdString(toHex(identity->keys.id().view())); }
};

Expected<void> Profile::Impl::takeLock() {
    auto taken = ProfileLock::acquire(folder);
    if (!taken) return Unexpected(taken.error());
    lock = std::move(*taken);
    return {};
}

Expected<void> Profile::Impl::write() {
    return writeDurably(keyPath(folder), [this](const FileIdentity& file) {
        content.place = placeOf(file);
        return key_file::encode(content, seal ? &*seal : nullptr, random);
    });
}

Expected<void> Profile::Impl::useContent() {
    const auto certificate = identity::Certificate::parse(content.certificate);
    auto signing = identity::SigningKey::fromSeed(content.deviceSeed);
    auto noise = identity::NoiseKeyPair::fromSecret(content.noiseSecret);
    person = identity::personIdOf(identity::SigningKey::fromSeed(content.personSeed));
    identity::DeviceKeys keys{std::move(signing), std::move(noise)};
    if (!certificate || certificate->person() != person || certificate->device() != keys.id() ||
        certificate->noiseKey() != keys.noise.publicKey)
        return failure(
            ErrorCode::Malformed,
            tr(QT_TRANSLATE_NOOP("Storage",
                                 "The profile's key file landline.keys is damaged (its keys do not "
                                 "belong together). Nothing was changed. Put a backup of it in its "
                                 "place, or begin a new profile in another folder.")));
    identity = std::make_shared<net::LocalIdentity>(net::LocalIdentity{std::move(keys), *certificate});
    return {};
}

Expected<void> Profile::Impl::read(const QString& passphrase) {
    auto bytes = readKeys(folder);
    if (!bytes) return Unexpected(bytes.error());
    auto opened = key_file::decode(*bytes, passphrase.toStdString());
    sodium_memzero(bytes->data(), bytes->size());
    if (!opened) return Unexpected(opened.error());
    content = std::move(opened->content);
    seal = std::move(opened->seal);
    return useContent();
}

Expected<void> Profile::Impl::renew(bool bound) {
    KeyFileContent before = std::move(content);
    content = newDevice(identity::SigningKey::fromSeed(before.personSeed), random);
    content.name = before.name;
    content.bound = bound;
    auto written = write();
    if (!written) {
        content = std::move(before);
        return written;
    }
    return useContent();
}

Profile::Profile() : m(std::make_unique<Impl>()) {}
Profile::~Profile() = default;

bool Profile::exists(const QString& folder) {
    return QFileInfo::exists(keyPath(folder));
}

QString Profile::defaultFolder() {
    const QString given = qEnvironmentVariable("LANDLINE_PROFILE");
    if (!given.isEmpty()) return given;
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           QStringLiteral("/landline");
}

Expected<std::unique_ptr<Profile>> Profile::create(const QString& folder, const QString& name) {
    initCrypto();
    const std::string clean = sanitizedName(name.toStdString(), limits::kNameBytes);
    if (clean.empty())
        return failure(ErrorCode::InvalidArgument,
                       tr(QT_TRANSLATE_NOOP("Storage", "A name needs at least one visible character.")));
    if (auto made = makePrivateFolder(folder); !made) return Unexpected(made.error());
    std::unique_ptr<Profile> profile(new Profile);
    Impl& m = *profile->m;
    m.folder = QDir(folder).absolutePath();
    if (auto locked = m.takeLock(); !locked) return Unexpected(locked.error());
    if (exists(folder))
        return failure(ErrorCode::InvalidArgument,
                       tr(QT_TRANSLATE_NOOP("Storage", "The folder %1 holds a profile already."))
                           .arg(QDir::toNativeSeparators(folder)));
    m.content = newDevice(identity::SigningKey::generate(m.random), m.random);
    m.content.name = clean;
    if (auto written = m.write(); !written) return Unexpected(written.error());
    if (auto used = m.useContent(); !used) return Unexpected(used.error());
    return profile;
}

Expected<std::unique_ptr<Profile>> Profile::open(const QString& folder, const QString& passphrase) {
    initCrypto();
    std::unique_ptr<Profile> profile(new Profile);
    Impl& m = *profile->m;
    m.folder = QDir(folder).absolutePath();
    if (!exists(folder)) return Unexpected(readKeys(folder).error());
    if (auto locked = m.takeLock(); !locked) return Unexpected(locked.error());
    backup::sweep(m.folder);
    if (auto read = m.read(passphrase); !read) return Unexpected(read.error());
    if (m.content.place == placeOf(identityOf(keyPath(folder)))) return profile;
    if (auto renewed = m.renew(false); !renewed) return Unexpected(renewed.error());
    m.notice = tr(QT_TRANSLATE_NOOP(
        "Storage",
        "This profile was copied here or restored from a backup. It is a new device of yours "
        "from now on; nobody has to verify you again."));
    return profile;
}

QString Profile::folder() const {
    return m->folder;
}

PersonId Profile::person() const {
    return m->person;
}

QString Profile::name() const {
    return QString::fromStdString(m->content.name);
}

Expected<void> Profile::setName(const QString& name) {
    std::string before =
        std::exchange(m->content.name, sanitizedName(name.toStdString(), limits::kNameBytes));
    if (m->content.name == before) return {};
    auto written = m->write();
    if (!written) m->content.name = std::move(before);
    return written;
}

std::shared_ptr<const net::LocalIdentity> Profile::identity() const {
    return m->identity;
}

QString Profile::notice() const {
    return m->notice;
}

Expected<QString> Profile::renewDevice() {
    if (auto renewed = m->renew(true); !renewed) return Unexpected(renewed.error());
    return m->store();
}

Expected<QString> Profile::claimStore(const QString& store) {
    if (m->content.bound && store == m->store()) return store;
    if (m->content.bound) {
        const QString told = tr(
            QT_TRANSLATE_NOOP("Storage",
                              "The history of this profile is not the one that its device wrote. It is a new "
                              "device of yours from now on; what others hold comes back from them."));
        auto renewed = renewDevice();
        if (renewed) m->notice += m->notice.isEmpty() ? told : u'\n' + told;
        return renewed;
    }
    m->content.bound = true;
    if (auto written = m->write(); !written) {
        m->content.bound = false;
        return Unexpected(written.error());
    }
    return m->store();
}

Expected<void> Profile::setPassphrase(const QString& passphrase) {
    std::optional<SealKey> before = std::move(m->seal);
    m->seal.reset();
    if (!passphrase.isEmpty()) {
        auto made = key_file::makeSeal(passphrase.toStdString(), m->random);
        if (!made) {
            m->seal = std::move(before);
            return Unexpected(made.error());
        }
        m->seal = std::move(*made);
    }
    auto written = m->write();
    if (!written) m->seal = std::move(before);
    return written;
}

}  // namespace landline::app
