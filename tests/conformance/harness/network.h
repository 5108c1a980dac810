#pragma once

#include <string>
#include <vector>

#include "conformance/harness/case.h"

namespace rondo::conformance {

/// A case in a placement: a network with the inputs to run it on.
struct Network {
  ops::TestGraph graph;
  std::vector<ops::Tensor> inputs;
};

/// Thrown by place() when a placement turns out not to apply.
struct NotApplicable {
  std::string reason;
};

/// "" or why the case says that the placement does not apply.
std::string skip_reason(const Case& c, Placement placement);

/// Writes the network; `random` chooses axes, directions, trip counts and whether operand 0 is iterated or captured.
/// Requires  skip_reason is empty
/// Errors    NotApplicable; what inference refuses: a mistake of the generator or of the op
Network place(const Case& c, Placement placement, Random random);

}  // namespace rondo::conformance
