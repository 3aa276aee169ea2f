#include "app/storage/key_file.h"

#include <sodium.h>

#include <QCoreApplication>

namespace landline::app::key_file {

namespace {

Unexpected damaged(const char* what) {
    const QString text = QCoreApplication::translate(
        "Storage",
        "The profile's key file landline.keys is damaged (%1). Nothing was changed. Put a "
        "backup of it in its place, or begin a new profile in another folder.");
    return Unexpected(ErrorCode::Malformed, text.arg(QString::fromLatin1(what)).toStdString());
}

Unexpected passphraseError(const char* text) {
    return Unexpected(ErrorCode::Locked, QCoreApplication::translate("Storage", text).toStdString());
}

Unexpected errorOf(Fault fault) {
    switch (fault) {
        case Fault::NoKeyFile:
            return damaged("it does not begin as a key file does");
        case Fault::NewerVersion:
            return Unexpected(
                ErrorCode::VersionMismatch,
                QCoreApplication::translate("Storage",
                                            "The profile's key file landline.keys was written by a newer "
                                            "version of Landline. Install the newer version.")
                    .toStdString());
        case Fault::NoSealMark:
            return damaged("it does not say whether it is sealed");
        case Fault::WrongLength:
            return damaged("it has been cut short or has grown");
        case Fault::WrongChecksum:
            return damaged("its checksum is wrong");
        case Fault::SealOutOfRange:
            return damaged("its seal asks for too much or too little");
        case Fault::NameTooLong:
            return damaged("its name is too long");
        case Fault::WrongKey:
            break;
    }
    return passphraseError(QT_TRANSLATE_NOOP(
        "Storage", "The passphrase is wrong, or the profile's key file landline.keys is damaged."));
}

Expected<void> derive(SealKey& seal, const std::string& passphrase) {
    if (crypto_pwhash(seal.key.data(), seal.key.size(), passphrase.data(), passphrase.size(),
                      seal.salt.data(), seal.operations, static_cast<std::size_t>(seal.memory),
                      crypto_pwhash_ALG_ARGON2ID13) == 0)
        return {};
    return Unexpected(ErrorCode::Full, QCoreApplication::translate(
                                           "Storage",
                                           "There is not enough memory to check the passphrase (%1 MiB are "
                                           "needed). Close other programs and try again.")
                                           .arg(seal.memory >> 20)
                                           .toStdString());
}

}  // namespace

Expected<SealKey> makeSeal(const std::string& passphrase, Random& random) {
    SealKey seal;
    random.fill(seal.salt);
    seal.operations = crypto_pwhash_OPSLIMIT_MODERATE;
    seal.memory = crypto_pwhash_MEMLIMIT_MODERATE;
    if (auto derived = derive(seal, passphrase); !derived) return Unexpected(derived.error());
    return seal;
}

Expected<Opened> decode(ByteView bytes, const std::string& passphrase) {
    auto parsed = parse(bytes);
    if (const auto* fault = std::get_if<Fault>(&parsed)) return errorOf(*fault);
    if (auto* content = std::get_if<KeyFileContent>(&parsed)) return Opened{std::move(*content), {}};
    SealKey seal = std::get<SealKey>(std::move(parsed));
    if (passphrase.empty())
        return passphraseError(QT_TRANSLATE_NOOP("Storage", "This profile is sealed: give its passphrase."));
    if (auto derived = derive(seal, passphrase); !derived) return Unexpected(derived.error());
    auto unsealed = unseal(bytes, seal);
    if (const auto* fault = std::get_if<Fault>(&unsealed)) return errorOf(*fault);
    return Opened{std::get<KeyFileContent>(std::move(unsealed)), std::move(seal)};
}

}  // namespace landline::app::key_file
