// The rows of a SqliteLedger.
#include "relay/store/sqlite_ledger_impl.h"

namespace landline::relay {

namespace {

/// One ItemRow: what became of it, account, number, share.
constexpr std::size_t kItemBytes = 1 + 4 + 8 + 4;

Bytes encodeItems(const std::vector<ItemRow>& items) {
    Bytes out;
    out.reserve(items.size() * kItemBytes);
    for (const ItemRow& item : items) {
        out.push_back(static_cast<std::uint8_t>(item.refused.value_or(Reason::Unknown)));
        appendBe32(out, item.account);
        appendBe64(out, item.number);
        appendBe32(out, item.share);
    }
    return out;
}

/// Nothing if no relay wrote that.
std::optional<std::vector<ItemRow>> decodeItems(ByteView bytes) {
    if (bytes.empty() || bytes.size() % kItemBytes != 0) return std::nullopt;
    std::vector<ItemRow> items;
    items.reserve(bytes.size() / kItemBytes);
    for (; !bytes.empty(); bytes = bytes.subspan(kItemBytes)) {
        if (bytes[0] > static_cast<std::uint8_t>(Reason::Unsupported)) return std::nullopt;
        const auto refused = bytes[0] == 0 ? std::nullopt : std::optional(static_cast<Reason>(bytes[0]));
        items.push_back({refused, loadBe32(&bytes[1]), loadBe64(&bytes[5]), loadBe32(&bytes[13])});
    }
    return items;
}

std::optional<DepositRow> depositFrom(const SqliteStatement& row) {
    auto items = decodeItems(row.bytes(6));
    if (!items) return std::nullopt;
    return DepositRow{row.as<DepositId>(0),     row.as<LocalId>(1), row.as<std::uint64_t>(2),
                      row.integer(3) != 0 ? Box::Heads : Box::Messages, row.time(4),        row.as<std::uint32_t>(5),
                      std::move(*items)};
}

template <class Id>
Id idFrom(const SqliteStatement& row, int column) {
    return Id::from(row.bytes(column)).value_or(Id{});
}

}  // namespace

Expected<void> SqliteLedger::readAll(const LedgerReader& reader) {
    const auto each = [this](Statement which, auto take) {
        read(which, [&](const SqliteStatement& row) {
            take(row);
            return !m_error;
        });
    };
    each(kAllMeta, [&](const auto& row) { reader.meta({row.template as<Epoch>(0), row.time(1)}); });
    each(kAllAccounts, [&](const auto& row) {
        reader.account({row.template as<LocalId>(0),
                        {idFrom<DeviceId>(row, 1), idFrom<PersonId>(row, 2)},
                        row.text(3),
                        row.time(4),
                        row.integer(5) != 0,
                        idFrom<Hash128>(row, 6),
                        row.time(7)});
    });
    each(kAllMailboxes, [&](const auto& row) {
        reader.mailbox({row.template as<LocalId>(0), row.template as<MailNumber>(1),
                        row.template as<MailNumber>(2), row.template as<MailNumber>(3)});
    });
    each(kAllSenders, [&](const auto& row) {
        reader.sender({row.template as<LocalId>(0), idFrom<DeviceId>(row, 1),
                       row.template as<std::uint64_t>(2), row.time(3), row.template as<std::uint32_t>(4)});
    });
    each(kAllTokens, [&](const auto& row) {
        reader.token({row.template as<LocalId>(0), row.template as<LocalId>(1), idFrom<TokenHash>(row, 2),
                      row.template as<std::uint64_t>(3)});
    });
    each(kAllInvites, [&](const auto& row) {
        reader.invite(
            {idFrom<InviteHash>(row, 0), row.template as<std::uint32_t>(1), row.time(2), row.text(3)});
    });
    each(kAllPrekeys, [&](const auto& row) { reader.prekey(row.template as<LocalId>(0), toBytes(row.bytes(1))); });
    each(kAllLinks,
         [&](const auto& row) { reader.link({row.template as<std::uint64_t>(0), row.template as<LocalId>(1), {}}); });
    each(kAllHeads, [&](const auto& row) {
        reader.heads(row.template as<LocalId>(0),
                     {row.template as<MailNumber>(2), row.time(3), idFrom<DeviceId>(row, 1),
                      row.template as<std::uint32_t>(4) + std::uint32_t{limits::kSeal}, row.template as<std::uint32_t>(5)});
    });
    each(kAllDeposits, [&](const auto& row) {
        if (const auto deposit = depositFrom(row))
            reader.deposit(*deposit);
        else
            failDamaged();
    });
    return commit();
}

void SqliteLedger::putMeta(const MetaRow& row) {
    m_toNote = row;
    write(kPutMeta, row.epoch, row.keptTime);
}
void SqliteLedger::removeAccount(LocalId id) {
    write(kRemoveAccount, id);
    write(kRemoveMailbox, id);
}

void SqliteLedger::putAccount(const AccountRow& row) {
    write(kPutAccount, row.id, row.who.device, row.who.person, row.quotaClass, row.joined, row.revoked, row.tokens,
          row.seen);
}
void SqliteLedger::putMailbox(const MailboxRow& row) {
    write(kPutMailbox, row.account, row.freed, row.last, row.lastHeads);
}
void SqliteLedger::putSender(const SenderRow& row) {
    write(kPutSender, row.id, row.device, row.forgotten, row.until, row.guestOf);
}
void SqliteLedger::removeSender(LocalId id) {
    write(kRemoveSender, id);
}
void SqliteLedger::putToken(const TokenRow& row) {
    write(kPutToken, row.id, row.owner, row.hash, row.share);
}
void SqliteLedger::removeToken(LocalId id) {
    write(kRemoveToken, id);
}
void SqliteLedger::putInvite(const InviteRow& row) {
    write(kPutInvite, row.hash, row.left, row.expires, row.quotaClass);
}
void SqliteLedger::removeInvite(const InviteHash& hash) {
    write(kRemoveInvite, hash);
}

void SqliteLedger::addDeposit(const DepositRow& row) {
    const Bytes items = encodeItems(row.items);
    write(kAddDeposit, row.id, row.sender, row.counter, row.box == Box::Heads, row.expires, row.size, items);
}

std::optional<DepositRow> SqliteLedger::deposit(DepositId id) {
    std::optional<DepositRow> found;
    read(
        kDeposit,
        [&](const SqliteStatement& row) {
            found = depositFrom(row);
            return true;
        },
        id);
    return found;
}

std::vector<DepositRow> SqliteLedger::deposits(DepositId after, std::size_t most) {
    std::vector<DepositRow> found;
    read(
        kDepositsAfter,
        [&](const SqliteStatement& row) {
            auto deposit = depositFrom(row);
            if (deposit) found.push_back(std::move(*deposit));
            return deposit.has_value();
        },
        after, most);
    return found;
}

void SqliteLedger::removeDeposit(DepositId id) {
    write(kRemoveDeposit, id);
}
void SqliteLedger::addBody(DepositId id, WallTime expires, ByteView sealed, ByteView body) {
    write(kAddBody, id, expires, sealed, body);
}

std::optional<BodyRow> SqliteLedger::body(DepositId id, std::size_t recipient) {
    std::optional<BodyRow> found;
    read(
        kBody,
        [&](const SqliteStatement& row) {
            found = BodyRow{row.time(0), toBytes(row.bytes(1)), toBytes(row.bytes(2))};
            return true;
        },
        recipient * kSealed + 1, kSealed, id);
    return found;
}

std::optional<WallTime> SqliteLedger::bodyExpires(DepositId id) {
    std::optional<WallTime> expires;
    read(
        kBodyExpires,
        [&](const SqliteStatement& row) {
            expires = row.time(0);
            return true;
        },
        id);
    return expires;
}

void SqliteLedger::removeBodies(DepositId first, DepositId last) {
    write(kRemoveBodies, first, last);
}

void SqliteLedger::putHeads(const HeadsRow& row) {
    write(kPutHeads, row.account, row.place.sender, row.place.number, row.place.expires, row.sealed, row.body, row.place.share);
}

std::optional<HeadsRow> SqliteLedger::heads(LocalId account, const DeviceId& sender) {
    std::optional<HeadsRow> found;
    read(
        kHeads,
        [&](const SqliteStatement& row) {
            found = HeadsRow{account, {row.as<MailNumber>(2), row.time(3), sender, 0, row.as<std::uint32_t>(6)},
                             toBytes(row.bytes(4)), toBytes(row.bytes(5))};
            found->place.size = static_cast<std::uint32_t>(found->body.size() + limits::kSeal);
            return true;
        },
        account, sender);
    return found;
}

void SqliteLedger::removeHeads(LocalId account, const DeviceId& sender) {
    write(kRemoveHeads, account, sender);
}

void SqliteLedger::putPrekey(LocalId account, ByteView prekey) {
    write(kPutPrekey, account, prekey);
}

std::optional<Bytes> SqliteLedger::prekey(LocalId account) {
    std::optional<Bytes> found;
    read(
        kPrekey,
        [&](const SqliteStatement& row) {
            found = toBytes(row.bytes(0));
            return true;
        },
        account);
    return found;
}

void SqliteLedger::removePrekey(LocalId account) {
    write(kRemovePrekey, account);
}

void SqliteLedger::putLink(const LinkRow& row) {
    write(kPutLink, row.number, row.account, row.link);
}

std::vector<LinkRow> SqliteLedger::linksAfter(std::uint64_t number, std::size_t most) {
    std::vector<LinkRow> found;
    read(
        kLinksAfter,
        [&](const SqliteStatement& row) {
            found.push_back({row.as<std::uint64_t>(0), row.as<LocalId>(1), row.text(2)});
            return true;
        },
        number, most);
    return found;
}

void SqliteLedger::removeLink(std::uint64_t number) {
    write(kRemoveLink, number);
}

}  // namespace landline::relay
