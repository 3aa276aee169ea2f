#include "app/messenger/relay_view.h"

#include <QStringList>

namespace landline::app {

namespace {

constexpr qsizetype kLeastKeyPrefix = 8;

}  // namespace

RelayView viewOf(const RelayRecord& record) {
    identity::RelayUrl url = record.url;
    url.invite.reset();
    RelayView view;
    view.key = url.key;
    view.url = QString::fromStdString(identity::formatRelayUrl(url));
    view.address = QString::fromStdString(url.address());
    if (record.listing != ListingWish::None)
        view.listing = record.listing == ListingWish::Listed ? Listing::Asked : Listing::Ending;
    if (record.standing != RelayStanding::ShutOut) return view;
    const auto reason = record.reason.value_or(wire::relay::Reason::Unknown);
    view.state = RelayState::ShutOut;
    view.text = QString::fromStdString(wire::relay::sentenceOf(reason));
    view.code = ErrorCode::NotPermitted;
    view.reason = reason;
    return view;
}

bool isCalled(const RelayView& relay, const QString& which) {
    const QString text = which.trimmed();
    if (const auto url = identity::parseRelayUrl(text.toStdString())) return url->key == relay.key;
    if (relay.address.compare(text, Qt::CaseInsensitive) == 0) return true;
    if (relay.address.section(u':', 0, -2).compare(text, Qt::CaseInsensitive) == 0) return true;
    if (text.size() < kLeastKeyPrefix) return false;
    const QString key = relay.url.section(u'/', -1);
    const QString hex = QString::fromStdString(toHex(relay.key.view()));
    return key.startsWith(text) || hex.startsWith(text.toLower());
}

}  // namespace landline::app
