#pragma once

#include "relay/admin/exposition.h"
#include "relay/clients/hub_types.h"

namespace landline::relay {

/// What /metrics tells: counts alone, of nobody in particular.
[[nodiscard]] std::vector<Metric> metricsOf(const HubFigures& hub, const StoreFigures& store);

}  // namespace landline::relay
