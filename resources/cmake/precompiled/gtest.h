#pragma once

#include "std.h"

#include <gtest/gtest.h>
