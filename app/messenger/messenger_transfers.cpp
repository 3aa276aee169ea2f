// What a person decides about all transfers together, and about those that are taken unasked.

#include "app/messenger/messenger.h"

#include "app/messenger/messenger_impl.h"
#include "p2p/base/limits.h"

#include <QDir>

namespace landline::app {

namespace {

constexpr QLatin1String kSendingSetting("transfers.sending");
constexpr QLatin1String kReceivingSetting("transfers.receiving");
constexpr QLatin1String kAtOnceSetting("transfers.at-once");

Expected<void> checkLimits(const TransferLimits& wanted) {
    for (const quint64 rate : {wanted.sending, wanted.receiving})
        if (rate != 0 && rate < limits::kLeastFileRate)
            return Unexpected(
                ErrorCode::InvalidArgument,
                "A limit of less than 16 KiB a second would stop transfers. Give more, or 0 for "
                "none.");
    if (wanted.atOnce < 1 || wanted.atOnce > limits::kMostFetchesAtOnce)
        return Unexpected(ErrorCode::InvalidArgument, "From 1 to 100 files can be fetched at the same time.");
    return {};
}

}  // namespace

TransferLimits Messenger::transferLimits() {
    Database& db = *m->context.db;
    TransferLimits found{db.setting(kSendingSetting).toULongLong(),
                         db.setting(kReceivingSetting).toULongLong(), db.setting(kAtOnceSetting).toInt()};
    if (found.atOnce == 0) found.atOnce = TransferLimits{}.atOnce;
    return checkLimits(found) ? found : TransferLimits{};
}

Expected<void> Messenger::setTransferLimits(const TransferLimits& wanted) {
    if (auto possible = checkLimits(wanted); !possible) return possible;
    Database& db = *m->context.db;
    db.setSetting(kSendingSetting, QString::number(wanted.sending));
    db.setSetting(kReceivingSetting, QString::number(wanted.receiving));
    db.setSetting(kAtOnceSetting, QString::number(wanted.atOnce));
    if (auto done = m->context.commit(); !done) return done;
    m->applyTransferLimits();
    Q_EMIT transferLimitsChanged(wanted);
    return {};
}

void Messenger::Impl::applyTransferLimits() {
    const TransferLimits wanted = q.transferLimits();
    context.node.post([wanted](net::Node& node) { node.setFileRates(wanted.sending, wanted.receiving); });
    transfers.setAtOnce(wanted.atOnce);
}

Expected<void> Messenger::moveTransfer(const wire::TransferId& transfer, TransferMove where) {
    return m->transfers.move(transfer, where);
}

Expected<void> Messenger::setAlwaysAccept(const PersonId& person, const QString& folder, quint64 quota) {
    Database& db = *m->context.db;
    const auto record = db.person(person);
    if (!record || record->self || record->standing != timeline::Standing::Accepted)
        return Unexpected(ErrorCode::NotPermitted,
                          "Files are taken unasked only from people whom you have accepted. Accept this "
                          "person first.");
    if (folder.isEmpty() || quota > limits::kOfferBytes)
        return Unexpected(ErrorCode::InvalidArgument, "There is no folder, or the quota is too large.");
    AlwaysAccept rule = m->transfers.unasked().rule(person).value_or(AlwaysAccept{});
    rule.person = person;
    rule.folder = QDir(folder).absolutePath();
    rule.quota = quota;
    if (!QDir().mkpath(rule.folder))
        return Unexpected(ErrorCode::Disk, "The folder cannot be made. Choose another folder.");
    m->transfers.unasked().forgetFresh(person);
    db.putAlwaysAccept(rule);
    if (auto done = m->context.commit(); !done) return done;
    Q_EMIT alwaysAcceptChanged(person);
    m->transfers.takeUnasked(m->transfers.offeredBy(person), {}, true);
    return {};
}

Expected<void> Messenger::endAlwaysAccept(const PersonId& person) {
    if (!m->context.db->alwaysAccept(person)) return {};
    m->context.db->removeAlwaysAccept(person);
    if (auto done = m->context.commit(); !done) return done;
    Q_EMIT alwaysAcceptChanged(person);
    m->transfers.ruleEnded(person);
    return {};
}

std::optional<AlwaysAccept> Messenger::alwaysAccept(const PersonId& person) {
    return m->transfers.unasked().rule(person);
}

std::vector<AlwaysAccept> Messenger::alwaysAccepting() {
    return m->transfers.unasked().rules();
}

}  // namespace landline::app
