#include "app/messenger/unasked_files.h"

#include "app/messenger/messenger.h"

#include <QDate>
#include <QFileInfo>
#include <QLocale>
#include <QStorageInfo>

#include <algorithm>

namespace landline::app {

namespace {

/// What a crash may forget at most.
constexpr Duration kKeepEvery = std::chrono::seconds(5);

qint64 thisDay() {
    return QDate::currentDate().toJulianDay();
}

QString sizeText(quint64 bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeIecFormat);
}

quint64 leftOf(const AlwaysAccept& rule) {
    return rule.quota - std::min(rule.quota, rule.used);
}

}  // namespace

AlwaysAccept UnaskedFiles::today(AlwaysAccept rule) const {
    const qint64 day = thisDay();
    if (rule.day != day) rule.used = 0;
    rule.day = day;
    const auto fresh = m_fresh.find(rule.person);
    if (fresh != m_fresh.end() && fresh->second.day == day) rule.used += fresh->second.bytes;
    return rule;
}

std::optional<AlwaysAccept> UnaskedFiles::rule(const PersonId& person) const {
    const auto kept = m_context.db->alwaysAccept(person);
    return kept ? std::optional(today(*kept)) : std::nullopt;
}

std::vector<AlwaysAccept> UnaskedFiles::rules() const {
    std::vector<AlwaysAccept> all = m_context.db->alwaysAccepting();
    for (AlwaysAccept& one : all) one = today(one);
    return all;
}

Expected<QString> UnaskedFiles::placeFor(const TransferRecord& offer, quint64 promised) const {
    const auto found = rule(offer.person);
    if (!found) return Unexpected(ErrorCode::NotFound, "Files of this person are not taken unasked.");
    const quint64 left = leftOf(*found);
    if (found->quota != 0 && (left == 0 || offer.size > left - std::min(left, promised)))
        return Unexpected(
            ErrorCode::TooLarge,
            Messenger::tr(
                "Not fetched by itself: of the %1 a day that are taken from this person unasked, %2 "
                "are left. Accept it to fetch it all the same.")
                .arg(sizeText(found->quota), sizeText(left - std::min(left, promised)))
                .toStdString());
    if (!QFileInfo(found->folder).isDir())
        return Unexpected(
            ErrorCode::Disk,
            Messenger::tr("Not fetched by itself: the folder %1 for files of this person is not "
                          "there. Choose another, or accept it into one.")
                .arg(found->folder)
                .toStdString());
    const qint64 room = QStorageInfo(found->folder).bytesAvailable();
    if (room >= 0 && static_cast<quint64>(room) < promised + offer.size)
        return Unexpected(ErrorCode::Full,
                          Messenger::tr("Not fetched by itself: there is not enough free space in %1. Free "
                                        "some space, then accept it.")
                              .arg(found->folder)
                              .toStdString());
    return found->folder;
}

std::optional<QString> UnaskedFiles::whyNot(const TransferRecord& taken) const {
    // A disk that is not plugged in must not be replaced by a folder of its name.
    if (!QFileInfo(taken.path).isDir())
        return Messenger::tr(
                   "Paused: the folder %1 for files of this person is not there. Resume it to fetch it all "
                   "the same.")
            .arg(taken.path);
    return whyOver(taken.person);
}

std::optional<QString> UnaskedFiles::whyOver(const PersonId& person) const {
    const auto found = rule(person);
    if (!found || found->quota == 0 || found->used <= found->quota) return std::nullopt;
    return Messenger::tr(
               "Paused: the %1 a day that are taken from this person unasked have come. Resume it to "
               "fetch it all the same.")
        .arg(sizeText(found->quota));
}

void UnaskedFiles::came(const PersonId& person, quint64 bytes) {
    Fresh& fresh = m_fresh[person];
    const qint64 day = thisDay();
    if (fresh.day != day) fresh = {day, 0};
    fresh.bytes += bytes;
}

bool UnaskedFiles::isDue() const {
    return !m_fresh.empty() && m_context.clock.mono() - m_keptAt >= kKeepEvery;
}

void UnaskedFiles::keep() {
    m_keptAt = m_context.clock.mono();
    for (const auto& [person, fresh] : m_fresh)
        if (const auto now = rule(person)) m_context.db->putAlwaysAccept(*now);
}

}  // namespace landline::app
