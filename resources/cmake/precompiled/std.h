// What nearly every source of the modules without Qt reads. Only headers of the system: a change in the project must
// not build everything anew, and every source still includes what it uses (the dev build has no precompiled headers).
#pragma once

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
