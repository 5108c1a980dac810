#pragma once

#include <cstdint>

namespace rondo::runtime {

/// Which team sizes to choose. Results are the same for all; the others put every structure under load in tests.
enum class TeamPolicy : uint8_t {
  kPaying,  ///< what the work pays for
  kAll,     ///< every step on all ranks
  kMixed,   ///< steps take turns at 1, 2, … ranks
};

}  // namespace rondo::runtime
