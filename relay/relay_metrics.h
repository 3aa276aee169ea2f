#pragma once

#include "relay/admin/exposition.h"
#include "relay/clients/hub_types.h"
#include "relay/control_lines.h"

namespace landline::relay {

/// What /metrics tells: counts alone, of nobody in particular.
[[nodiscard]] std::vector<Metric> metricsOf(const HubFigures& hub, const StoreFigures& store);
/// The same for `landline-relay stats`: without what all the names begin with.
[[nodiscard]] std::vector<control::Figure> figuresOf(const HubFigures& hub, const StoreFigures& store);
/// What a name of these means; empty for one that is not known.
[[nodiscard]] std::string meaningOf(const std::string& figure);

}  // namespace landline::relay
