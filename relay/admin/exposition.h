#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landline::relay {

/// One figure of the relay; each has a name of its own.
struct Metric {
    enum class Kind { Counter, Gauge };

    std::string name;  ///< letters, digits and _; of a counter it ends with _total
    std::string help;
    Kind kind = Kind::Gauge;
    double value = 0;
};

/// The text format that Prometheus and its kin read, version 0.0.4 (prometheus.io, "Exposition formats").
[[nodiscard]] std::string exposition(const std::vector<Metric>& metrics);

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace landline::relay
