#pragma once

#include <vector>

#include "api/network/layer.h"
#include "rondo/loop.h"

namespace rondo::api {

/// Mark of the four layer kinds at the border of a loop.
class LoopBorder {
 public:
  explicit LoopBorder(LoopNode& loop) : loop_(loop) {}
  virtual ~LoopBorder() = default;
  LoopNode& loop() const { return loop_; }

 private:
  LoopNode& loop_;
};

/// A border layer that shows Interface.
template <class Interface>
class LoopBorderOf : public LayerOf<Interface>, public LoopBorder {
 public:
  LoopBorderOf(Network& network, LayerType type, LoopNode& loop, Tensor& input, size_t outputs)
      : LayerOf<Interface>(network, type, {&input}, outputs), LoopBorder(loop) {}
  ILoop* getLoop() const noexcept override;
};

/// IRecurrenceLayer.
class RecurrenceLayer final : public LoopBorderOf<IRecurrenceLayer> {
 public:
  RecurrenceLayer(Network& network, LoopNode& loop, Tensor& initial)
      : LoopBorderOf(network, LayerType::kRECURRENCE, loop, initial, 1) {}

 protected:
  size_t max_inputs() const override { return 2; }
};

/// ITripLimitLayer.
class TripLimitLayer final : public LoopBorderOf<ITripLimitLayer> {
 public:
  TripLimitLayer(Network& network, LoopNode& loop, Tensor& tensor, TripLimit limit)
      : LoopBorderOf(network, LayerType::kTRIP_LIMIT, loop, tensor, 0), limit_(limit) {}
  TripLimit getTripLimit() const noexcept override { return limit_; }

 private:
  TripLimit limit_;
};

/// IIteratorLayer.
class IteratorLayer final : public LoopBorderOf<IIteratorLayer> {
 public:
  IteratorLayer(Network& network, LoopNode& loop, Tensor& tensor, int32_t axis, bool reverse);
  void setAxis(int32_t axis) noexcept override;
  int32_t getAxis() const noexcept override { return axis_; }
  void setReverse(bool reverse) noexcept override { reverse_ = reverse; }
  bool getReverse() const noexcept override { return reverse_; }

 private:
  int32_t axis_;
  bool reverse_;
};

/// ILoopOutputLayer.
class LoopOutputLayer final : public LoopBorderOf<ILoopOutputLayer> {
 public:
  LoopOutputLayer(Network& network, LoopNode& loop, Tensor& tensor, LoopOutput kind, int32_t axis);
  LoopOutput getLoopOutput() const noexcept override { return kind_; }
  void setAxis(int32_t axis) noexcept override;
  int32_t getAxis() const noexcept override { return axis_; }

  /// True for the kinds that stack values along a new dimension.
  bool collects() const { return kind_ != LoopOutput::kLAST_VALUE; }
  bool is_shape_input(size_t index) const override { return index == 1; }

 protected:
  size_t max_inputs() const override { return collects() ? 2 : 1; }

 private:
  LoopOutput kind_;
  int32_t axis_;
};

/// ILoop: the border layers by kind, in order of addition.
class LoopNode final : public ILoop {
 public:
  LoopNode(Network& network, size_t index) : network_(network), index_(index) {}
  ~LoopNode() noexcept override = default;

  IRecurrenceLayer* addRecurrence(ITensor& initialValue) noexcept override;
  ITripLimitLayer* addTripLimit(ITensor& tensor, TripLimit limit) noexcept override;
  IIteratorLayer* addIterator(ITensor& tensor, int32_t axis, bool reverse) noexcept override;
  ILoopOutputLayer* addLoopOutput(ITensor& tensor, LoopOutput outputKind, int32_t axis) noexcept override;
  void setName(char const* name) noexcept override;
  char const* getName() const noexcept override { return name_.c_str(); }

  const std::vector<RecurrenceLayer*>& recurrences() const { return recurrences_; }
  const std::vector<TripLimitLayer*>& limits() const { return limits_; }
  const std::vector<IteratorLayer*>& iterators() const { return iterators_; }
  const std::vector<LoopOutputLayer*>& outputs() const { return outputs_; }
  /// The limit of a kind, or null.
  const TripLimitLayer* limit(TripLimit kind) const;
  /// The name given, else "(Unnamed Loop* N)".
  std::string name() const;

 private:
  Network& network_;
  size_t index_;
  std::string name_;
  std::vector<RecurrenceLayer*> recurrences_;
  std::vector<TripLimitLayer*> limits_;
  std::vector<IteratorLayer*> iterators_;
  std::vector<LoopOutputLayer*> outputs_;
};

template <class Interface>
ILoop* LoopBorderOf<Interface>::getLoop() const noexcept {
  return &loop();
}

}  // namespace rondo::api
