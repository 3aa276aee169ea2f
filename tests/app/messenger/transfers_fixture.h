#pragma once

#include "app/messenger/file_transfers.h"
#include "tests/app/storage/store_fixture.h"

#include <QDir>
#include <QFile>

namespace landline::app::test {

inline constexpr qint64 kNoon = 1'700'000'000'000;

inline void writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write the test's file");
}

/// Transfers over a real store, without a node.
struct TransfersFixture : StoreFixture {
    explicit TransfersFixture(const QString& sqliteOptions = {}) {
        if (!open(sqliteOptions)) qFatal("the store does not open");
        store->setStanding(otherId, timeline::Standing::Accepted);
        if (!store->commit()) qFatal("the store takes nothing");
        context.db = std::move(store);
        auto keys = identity::DeviceKeys::generate(random);
        auto certificate = identity::Certificate::issue(myPerson, keys, fromUnixMillis(kNoon));
        context.identity =
            std::make_shared<net::LocalIdentity>(net::LocalIdentity{std::move(keys), certificate});
    }
    Database& db() { return *context.db; }
    void keep(const timeline::CheckedEntry& entry) {
        store = std::move(context.db);
        append({&entry, 1});
        context.db = std::move(store);
    }
    /// An offer of the other person.
    wire::TransferId offered(const std::string& name) {
        return offered(name, random.make<wire::TransferId>());
    }
    wire::TransferId offered(const std::string& name, const wire::TransferId& id, std::uint64_t size = 1000) {
        const wire::FileOffer offer{id, name, size, "application/octet-stream", 5};
        const auto entry = other.write(direct, kNoon, offer);
        keep(entry);
        transfers.recordIncoming(refOf(entry), otherId, offer);
        if (!db().commit()) qFatal("the offer is not kept");
        return id;
    }
    /// There is a session with the other person's device.
    void otherIsHere() {
        const auto remote =
            std::make_shared<session::RemoteParty>(session::RemoteParty{other.certificate(), wire::Hello{}});
        contacts.opened({1, remote, {}, true});
        transfers.arrange();
    }
    void otherLeaves() {
        contacts.closed(1);
        transfers.arrange();
    }
    [[nodiscard]] TransferRecord record(const wire::TransferId& id) { return db().transfer(id).value(); }
    [[nodiscard]] TransferState state(const wire::TransferId& id) { return record(id).state; }
    /// An own offer of a file that lies in the outbox.
    TransferRecord offeredFromOutbox(const QString& name) {
        QDir().mkpath(outbox);
        const QString path = QDir(outbox).filePath(name);
        writeFile(path, "a long text");
        const auto file = transfers.prepareOffer(path);
        if (!file) qFatal("%s", file.error().text.c_str());
        const auto entry = me.write(direct, kNoon, *file);
        keep(entry);
        transfers.recordOutgoing(refOf(entry), otherId, *file, path);
        if (!db().commit()) qFatal("the offer is not kept");
        return db().transfer(file->transfer).value();
    }

    Context context;
    Contacts contacts{context};
    QString outbox = folder.filePath(QStringLiteral("outbox"));
    std::vector<TransferRecord> told;
    std::vector<Error> failures;
    FileTransfers transfers{context,
                            contacts,
                            outbox,
                            folder.filePath(QStringLiteral("bundles")),
                            {[this](const TransferRecord& record) { told.push_back(record); },
                             [this](const Error& error) { failures.push_back(error); }}};
};

}  // namespace landline::app::test
