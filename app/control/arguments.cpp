#include "app/control/arguments.h"

#include <QJsonArray>

#include <algorithm>
#include <limits>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

Unexpected wrong(QLatin1String key, const QString& what) {
    const QString text = u"\""_s + key + u"\" "_s + what + u"."_s;
    return Unexpected(ErrorCode::InvalidArgument, text.toStdString());
}

}  // namespace

QString Arguments::name() const {
    return m_command.value("do"_L1).toString();
}

Expected<QString> Arguments::text(QLatin1String key) const {
    const Expected<std::optional<QString>> value = optionalText(key);
    if (!value) return Unexpected(value.error());
    if (!value->has_value() || (*value)->isEmpty()) return wrong(key, u"is missing"_s);
    return **value;
}

Expected<std::optional<QString>> Arguments::optionalText(QLatin1String key) const {
    const QJsonValue value = m_command.value(key);
    if (value.isUndefined() || value.isNull()) return std::optional<QString>();
    if (!value.isString()) return wrong(key, u"must be a text"_s);
    return std::optional<QString>(value.toString());
}

Expected<QString> Arguments::who() const {
    return m_command.contains("who"_L1) ? text("who"_L1) : text("to"_L1);
}

Expected<QStringList> Arguments::texts(QLatin1String key) const {
    const QJsonValue value = m_command.value(key);
    if (value.isString() && !value.toString().isEmpty()) return QStringList{value.toString()};
    if (!value.isArray() || value.toArray().isEmpty()) return wrong(key, u"is missing"_s);
    QStringList list;
    for (const QJsonValue& item : value.toArray()) {
        if (!item.isString() || item.toString().isEmpty()) return wrong(key, u"must be a list of texts"_s);
        list.append(item.toString());
    }
    return list;
}

Expected<std::optional<double>> Arguments::number(QLatin1String key, double least) const {
    const QJsonValue value = m_command.value(key);
    if (value.isUndefined() || value.isNull()) return std::optional<double>();
    if (!value.isDouble()) return wrong(key, u"must be a number"_s);
    if (value.toDouble() < least) return wrong(key, u"must be at least "_s + QString::number(least));
    return std::optional<double>(value.toDouble());
}

Expected<std::optional<std::chrono::milliseconds>> Arguments::duration(QLatin1String key) const {
    using Result = std::optional<std::chrono::milliseconds>;
    const Expected<std::optional<double>> seconds = number(key);
    if (!seconds) return Unexpected(seconds.error());
    if (!seconds->has_value()) return Result();
    const double millis = std::min(**seconds * 1000, double{std::numeric_limits<int>::max()});
    return Result(std::chrono::milliseconds(static_cast<qint64>(millis)));
}

Expected<bool> Arguments::flag(QLatin1String key) const {
    const QJsonValue value = m_command.value(key);
    if (value.isUndefined() || value.isNull()) return false;
    if (!value.isBool()) return wrong(key, u"must be true or false"_s);
    return value.toBool();
}

}  // namespace landline::app::control
