/// IAssertionLayer: a condition that must hold.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// States that every element of a bool tensor is true.
///
/// The layer has no output. The build fails, with the message, where an element is known to be false. Elements that depend on
/// the shapes of inputs are checked when these are set, all others when the network runs; the run then fails and its error text
/// holds the message. An assertion in a loop or branch is checked as often as the loop iterates or the branch is taken, and only
/// if the loop or conditional is run for some output.
/// Shapes    condition bool [at most 64 elements, constant extents]
/// Requires  (C1) bool   (C2) no element known to be false   (C3) constant extents with at most 64 elements
class IAssertionLayer : public ILayer {
 public:
  /// The text of the error.
  /// Errors    kINVALID_ARGUMENT if it is null
  virtual void setMessage(char const* message) noexcept = 0;
  virtual char const* getMessage() const noexcept = 0;
};

}  // namespace rondo
