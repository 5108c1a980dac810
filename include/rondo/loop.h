/// Loops: ILoop and its four layer kinds.
///
/// Inside a loop every tensor is a sequence over iterations <X0, X1, ...>; a tensor from outside repeats itself. Layers
/// join a loop by data flow: what depends on an iterator or recurrence of the loop is inside. Values leave a loop only
/// through addLoopOutput. Layers have no side effects, so a loop without outputs is removed. Loops and conditionals nest.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// What a loop output yields. n is the number of iterations that ran.
enum class LoopOutput : int32_t {
  kLAST_VALUE = 0,   ///< the recurrence after the last iteration; its initial value when n is 0
  kCONCATENATE = 1,  ///< X0 .. X(n-1) along a new dimension, zeros behind
  kREVERSE = 2       ///< X(n-1) .. X0 along a new dimension, zeros behind
};

template <>
constexpr int32_t EnumMax<LoopOutput>() noexcept {
  return 3;
}

/// What ends a loop.
enum class TripLimit : int32_t {
  kCOUNT = 0,  ///< a number of iterations: 0-D int32 or int64, from outside the loop
  kWHILE = 1   ///< a 0-D bool from inside the loop, tested before each iteration
};

template <>
constexpr int32_t EnumMax<TripLimit>() noexcept {
  return 2;
}

class ILoop;

/// Base of the layers at the border of a loop.
class ILoopBoundaryLayer : public ILayer {
 public:
  /// Returns the loop that the layer belongs to.
  virtual ILoop* getLoop() const noexcept = 0;
};

/// A value carried from one iteration to the next: <initial, next(0), next(1), ..>. The only legal back edge.
/// Inputs    0 initial value, from outside the loop; 1 next value, from inside, set by setInput(1, next)
/// Requires  (C1) both inputs set   (C2) equal types and shapes
class IRecurrenceLayer : public ILoopBoundaryLayer {};

/// Ends the loop. Has no output.
class ITripLimitLayer : public ILoopBoundaryLayer {
 public:
  /// The kind of limit.
  virtual TripLimit getTripLimit() const noexcept = 0;
};

/// Walks a tensor of outside: iteration i sees slice i along an axis, or slice M-1-i in reverse (M = trip count).
/// Shapes    x [.., n, ..] -> y without that dimension
/// Requires  (C1) axis inside the rank   (C2) no more iterations than n
class IIteratorLayer : public ILoopBoundaryLayer {
 public:
  /// The walked dimension.
  virtual void setAxis(int32_t axis) noexcept = 0;
  virtual int32_t getAxis() const noexcept = 0;

  /// The direction.
  virtual void setReverse(bool reverse) noexcept = 0;
  virtual bool getReverse() const noexcept = 0;
};

/// Hands a value out of the loop.
/// Shapes    kLAST_VALUE x -> same; else x [rank r] -> y of rank r + 1, extent length at axis
/// Inputs    0 the value, from inside; 1 the length, 0-D int32 or int64 from outside (not for kLAST_VALUE)
/// Requires  (C1) kLAST_VALUE: input 0 is the output of a recurrence of this loop   (C2) else: input 1 is set
///           (C3) 0 <= axis <= r   (C4) no more iterations than length
class ILoopOutputLayer : public ILoopBoundaryLayer {
 public:
  /// The kind of output.
  virtual LoopOutput getLoopOutput() const noexcept = 0;

  /// Where the new dimension stands; without effect for kLAST_VALUE.
  virtual void setAxis(int32_t axis) noexcept = 0;
  virtual int32_t getAxis() const noexcept = 0;
};

/// A loop of a network.
/// Memory    owned by the network
/// Requires  (C1) at least one trip limit, at most one of each kind; with both, the loop ends at the first that says so
class ILoop : public INoCopy {
 public:
  /// Adds a carried value.
  virtual IRecurrenceLayer* addRecurrence(ITensor& initialValue) noexcept = 0;

  /// Adds a limit. The build refuses a tensor that is not 0-D of the right type.
  /// Errors    null if the loop has a limit of this kind
  virtual ITripLimitLayer* addTripLimit(ITensor& tensor, TripLimit limit) noexcept = 0;

  /// Adds an iterator over a tensor of outside.
  virtual IIteratorLayer* addIterator(ITensor& tensor, int32_t axis = 0, bool reverse = false) noexcept = 0;

  /// Adds an output.
  virtual ILoopOutputLayer* addLoopOutput(ITensor& tensor, LoopOutput outputKind, int32_t axis = 0) noexcept = 0;

  /// Names the loop; messages use the name.
  virtual void setName(char const* name) noexcept = 0;
  virtual char const* getName() const noexcept = 0;

 protected:
  ~ILoop() noexcept override = default;
};

}  // namespace rondo
