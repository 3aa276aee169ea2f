#pragma once

#include "app/control/simple_commands.h"

namespace landline::app::control {

/// Those of the simple commands that are about transfers; nothing if it is none of them.
///
/// `transfers`: a line for each, as transferJson has it, with `order` (from 1) where it is to be fetched
/// `cancel`, `pause`: `transfer`
/// `transfer-first`, `-up`, `-down`, `-last`: `transfer`, `order`
/// `transfer-limits`: takes and gives `up`, `down` (bytes per second, 0: no limit) and `at_once`
/// `always-accept`: takes `who`, `folder`, `quota` (bytes), `off`; gives `person`, `name`, `always`, and where that is true
/// `folder`, `quota` and `used` (bytes, today); without `who` a line for each rule
[[nodiscard]] SimpleCommand transferCommand(const QString& name);

}  // namespace landline::app::control
