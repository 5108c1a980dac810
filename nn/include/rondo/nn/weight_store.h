/// WeightStore: memory for the constants of networks.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "rondo/types.h"

namespace rondo::nn {

/// Owns numbers that a network's constants point to.
///
/// A network keeps pointers to weights and reads them when it is built; a store keeps what they point to.
/// Memory    must outlive the last build of every network whose constants it holds
/// Threads   one thread at a time
class WeightStore {
 public:
  WeightStore() = default;
  WeightStore(const WeightStore&) = delete;
  WeightStore& operator=(const WeightStore&) = delete;

  /// Takes the values over and returns them as weights of type kFLOAT.
  Weights keep(std::vector<float> values);

  /// Takes the values over and returns them as weights of type kINT32.
  Weights keep(std::vector<int32_t> values);

 private:
  // Deques: what was kept stays where it is.
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<int32_t>> integers_;
};

}  // namespace rondo::nn
