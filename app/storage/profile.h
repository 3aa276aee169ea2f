#pragma once

#include "p2p/base/expected.h"
#include "p2p/identity/certificate.h"
#include "p2p/net/node.h"

#include <QString>

#include <memory>
#include <optional>

namespace landline::app {

/// The database's setting that says which device's store it is; see Profile::claimStore.
inline constexpr QLatin1String kStoreSetting("store");

/// One profile folder: the key file (mode 0600, optionally sealed by a passphrase), the lock against a second program,
/// and the notice of a copied folder. Owned by the thread that opens it (main); closing releases the lock.
///
///     landline.keys   person key, device keys, certificate, where it was written (key_file.h)
///     landline.db     see Database
///     landline.lock
///
/// A device key belongs to one store: `open` gives a new device of the same person where the folder was copied or
/// restored (the machine, or the key file's inode and time of birth, differ from those noted), and `renewDevice` does so where the
/// database was damaged or a clone shows itself on the network.
class Profile {
public:
    /// True if `folder` holds a key file.
    [[nodiscard]] static bool exists(const QString& folder);
    /// The platform's data folder for the program, or $LANDLINE_PROFILE.
    [[nodiscard]] static QString defaultFolder();
    /// Makes the folder (mode 0700), a person and its first device, and opens it. Fails with InvalidArgument if there is
    /// one already or the name is unusable, Disk, Locked.
    [[nodiscard]] static Expected<std::unique_ptr<Profile>> create(const QString& folder,
                                                                   const QString& name);
    /// Fails with NotFound, Locked (second program, or a passphrase is needed or wrong), Disk (unreadable, read-only),
    /// Malformed, VersionMismatch. A key file that cannot be read is never written over.
    [[nodiscard]] static Expected<std::unique_ptr<Profile>> open(const QString& folder,
                                                                 const QString& passphrase = {});
    ~Profile();

    [[nodiscard]] QString folder() const;
    [[nodiscard]] PersonId person() const;
    /// The name given to `create` or `setName`, for a new database; one that is in use knows it.
    [[nodiscard]] QString name() const;
    Expected<void> setName(const QString& name);
    [[nodiscard]] std::shared_ptr<const net::LocalIdentity> identity() const;
    /// Set if `open` made a new device: what the person should be told.
    [[nodiscard]] QString notice() const;
    /// Binds this device's key to the database that was opened. `store` is what the database's kStoreSetting holds; the
    /// result is to be kept there and committed before anything else. Where that database is not the one the key belongs
    /// to (deleted, set aside as damaged, put back from another device), this makes a new device first and says so in
    /// `notice`: read `identity` afterwards.
    [[nodiscard]] Expected<QString> claimStore(const QString& store);
    /// A new device key and certificate of the same person, bound to the database that is open, written durably before it
    /// returns. The result is to be kept as claimStore's is.
    [[nodiscard]] Expected<QString> renewDevice();
    /// Seals the key file with a passphrase (Argon2id), or opens it for good with an empty one.
    Expected<void> setPassphrase(const QString& passphrase);

private:
    Profile();
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::app
