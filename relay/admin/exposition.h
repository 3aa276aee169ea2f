#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landline::relay {

/// One figure of the relay.
struct Metric {
    enum class Kind { Counter, Gauge };

    std::string name;  ///< letters, digits and _; of a counter it ends with _total
    std::string help;
    Kind kind = Kind::Gauge;
    double value = 0;
    /// name="value", already written so, or empty. Metrics of one name follow each other.
    std::string labels;
};

/// The text format that Prometheus and its kin read, version 0.0.4 (prometheus.io, "Exposition formats").
[[nodiscard]] std::string exposition(const std::vector<Metric>& metrics);
/// `name="value"` with the value escaped.
[[nodiscard]] std::string label(std::string_view name, std::string_view value);

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace landline::relay
