#pragma once

#include "app/storage/deposit_table.h"
#include "app/storage/prekey_table.h"
#include "app/storage/relay_table.h"
#include "tests/app/storage/store_fixture.h"

#include <QSqlDatabase>
#include <QSqlQuery>

namespace landline::app::test {

/// A store with the two people of StoreFixture, two relays, and deposits for the other one's device.
struct RelayFixture : StoreFixture {
    static constexpr WallTime kNow = WallTime(std::chrono::milliseconds(1700000000000));
    /// Far beyond the clock of whoever runs the tests.
    static constexpr WallTime kExpires = WallTime(std::chrono::milliseconds(99000000000000));
    static constexpr RelayEpoch kEpoch = 0xfedcba9876543210;

    identity::RelayUrl relay{"relay.example", 7000, random.make<NoiseKey>(), random.make<RelayInvite>()};
    identity::RelayUrl second{"192.0.2.1", 443, random.make<NoiseKey>(), {}};

    /// A message in the direct conversation, committed with what came before.
    EntryNumber write(const std::string& text) { return say(me, 1700000000000, text).header.number; }
    [[nodiscard]] wire::relay::Deposit messageFor(const std::vector<DeviceId>& devices,
                                                  wire::relay::Box box = wire::relay::Box::Messages) {
        wire::relay::Deposit message{kEpoch, box, {}, Bytes(528)};
        random.fill(message.body);
        for (const DeviceId& device : devices) {
            wire::relay::Recipient one{
                {device, random.make<RelayToken>()}, random.make<PrekeyId>(), Bytes(128)};
            random.fill(one.seal);
            message.recipients.push_back(std::move(one));
        }
        return message;
    }
    [[nodiscard]] EntryRange range(EntryNumber first, EntryNumber last) const {
        return {direct, me.id(), first, last};
    }
    /// Writes a deposit of these entries for the other's device down.
    DepositCounter deposit(EntryNumber first, EntryNumber last) {
        const DepositCounter counter = store->deposits().nextCounter(kNow);
        store->deposits().put({relay.key, counter, messageFor({other.id()}), {range(first, last)}});
        return counter;
    }
    DepositCounter depositHeads() {
        const DepositCounter counter = store->deposits().nextCounter(kNow);
        store->deposits().put({relay.key, counter, messageFor({other.id()}, wire::relay::Box::Heads), {}});
        return counter;
    }
    std::vector<SettledDeposit> hold(DepositCounter counter, WallTime until = kExpires) {
        return store->deposits().change(relay.key, {counter, {other.id()}, until, {}});
    }
    std::vector<SettledDeposit> failed(
        DepositCounter counter, std::optional<wire::relay::Reason> reason = wire::relay::Reason::Full) {
        return store->deposits().change(relay.key, {counter, {}, {}, {{other.id(), reason}}});
    }
    /// The other's device says that it holds this much of mine.
    std::vector<SettledDeposit> heads(EntryNumber number) {
        wire::AuthorHead head;
        head.author = me.id();
        head.number = number;
        const auto held = store->read(direct, me.id(), number, 1, 1);
        if (!held.empty()) head.hash = truncated(timeline::entryHash(held.front()));
        store->putPeerHeads(direct, other.id(), std::span(&head, 1));
        return store->deposits().settle(other.id(), direct, me.id());
    }
    [[nodiscard]] std::vector<EntryRange> undelivered(std::size_t most = 100) {
        return store->deposits().undelivered(other.id(), kNow, most, me.id());
    }
    [[nodiscard]] QString path() const { return folder.filePath(QStringLiteral("landline.db")); }
    /// Runs statements on the file, while the store is closed; gives one column of what the last one gives.
    [[nodiscard]] QStringList onFile(const QStringList& statements, int column = 0) {
        store.reset();
        QStringList result;
        {
            auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("behind"));
            database.setDatabaseName(path());
            if (!database.open()) return {QStringLiteral("not opened")};
            for (const QString& statement : statements) {
                QSqlQuery query(database);
                if (!query.exec(statement)) return {QStringLiteral("failed: ") + statement};
                result.clear();
                while (query.next()) result.append(query.value(column).toString());
            }
        }
        QSqlDatabase::removeDatabase(QStringLiteral("behind"));
        return result;
    }
};

}  // namespace landline::app::test
