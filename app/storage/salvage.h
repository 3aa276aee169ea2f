#pragma once

#include "app/storage/relay_records.h"
#include "p2p/identity/certificate.h"
#include "p2p/timeline/timeline_store.h"

#include <QString>

#include <map>
#include <vector>

namespace landline::app {

/// A person as a damaged database still tells of them.
struct SalvagedPerson {
    identity::Certificate certificate;  ///< of one of their devices; its signatures are right
    QString name;
    timeline::Standing standing = timeline::Standing::Stranger;
    bool verified = false;
    QString address;  ///< of that device
    qint64 lastSeen = 0;
};

/// What is known nowhere else than in a database that was set aside, as far as it can be read.
struct Salvage {
    /// By device. Strangers, and people known from certificates only, are left out.
    std::vector<SalvagedPerson> people;
    std::map<QString, QString> settings;  ///< of oneself: name, presence, status
    std::vector<RelayRecord> relays;      ///< in their order
    /// Of those devices where they can be left something: who never shares a LAN is not found otherwise.
    std::map<DeviceId, std::vector<identity::RelayGrant>> grants;
};

/// Changes nothing in the file.
[[nodiscard]] Salvage salvage(const QString& path);

}  // namespace landline::app
