#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/ids.h"

#include "wire.pb.h"

#include <google/protobuf/stubs/logging.h>

#include <string>

/// Small conversions between Protobuf's fields and our types, for this module's own sources.
namespace landline::wire::detail {

/// Reads an id of exact length; false, and `id` is untouched, for any other.
template <class Id>
[[nodiscard]] bool read(const std::string& field, Id& id) {
    const auto value = Id::from(viewOf(field));
    if (value) id = *value;
    return value.has_value();
}

/// As read, but an empty field leaves `id` as it is.
template <class Id>
[[nodiscard]] bool readOptional(const std::string& field, Id& id) {
    return field.empty() || read(field, id);
}

template <class Id>
void write(const Id& id, std::string* field) {
    *field = toString(id.view());
}

/// An enum's value from the wire, or `otherwise` above the highest that is known.
template <class Enum>
[[nodiscard]] Enum knownOr(std::uint32_t value, Enum highest, Enum otherwise) {
    return value <= std::uint32_t(highest) ? static_cast<Enum>(value) : otherwise;
}

/// Keeps Protobuf from writing a line to standard error for each broken message: a peer could fill the log.
inline void silenceProtobuf() {
    [[maybe_unused]] static google::protobuf::LogHandler* const previous =
        google::protobuf::SetLogHandler(nullptr);
}

template <class Proto>
[[nodiscard]] bool parseProto(ByteView bytes, Proto& out) {
    silenceProtobuf();
    return out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

template <class Proto>
void appendSerialized(Bytes& out, const Proto& message) {
    const std::size_t start = out.size();
    out.resize(start + message.ByteSizeLong());
    message.SerializeWithCachedSizesToArray(out.data() + start);
}

template <class Proto>
[[nodiscard]] Bytes serialize(const Proto& message) {
    Bytes bytes;
    appendSerialized(bytes, message);
    return bytes;
}

}  // namespace landline::wire::detail
