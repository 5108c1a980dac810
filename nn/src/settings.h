#pragma once

#include "cells.h"

namespace rondo::nn {

/// Number of directions.
inline int64_t directions_of(Direction direction) { return direction == Direction::kBidirectional ? 2 : 1; }

/// The settings of each direction, checked (constraints C3, C4 and C5 of add_recurrent).
std::vector<CellRules> rules_of(const RecurrentSettings& settings);

/// Checks tensors against the settings (C1 and C2).
void check_tensors(const RecurrentSettings& settings, const RecurrentInputs& inputs,
                   const std::vector<CellTensors>& cells);

/// "lstm 'enc'"
std::string title_of(const RecurrentSettings& settings);

}  // namespace rondo::nn
