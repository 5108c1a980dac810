#pragma once

#include <set>

namespace rondo::api {

class Network;
class Tensor;

/// Which tensors of a network decide shapes: those that feed a shape operand (reshape dimensions, slice bounds, k, the
/// length of a loop output, an output marked for shapes) and all that their values are computed from, up to extents,
/// constants and network inputs. Such inputs live in host memory and have values in profiles. What is computed from large or
/// float tensors is data: it is read while the network runs, and its inputs are ordinary ones.
class ShapeTensors {
 public:
  explicit ShapeTensors(const Network& network);

  bool contains(const Tensor& tensor) const { return shape_.count(&tensor) != 0; }
  /// True if the value is also needed on the device, or is used by nobody.
  bool is_executed(const Tensor& tensor) const { return !contains(tensor) || executed_.count(&tensor) != 0; }

 private:
  std::set<const Tensor*> shape_, executed_;
};

}  // namespace rondo::api
