#include "api/network/loop.h"

#include "api/network/network.h"

namespace rondo::api {

namespace {

void require_axis(int32_t axis, const std::string& who) {
  require(axis >= 0 && axis < Dims::MAX_DIMS, who, ": axis ", axis, " is outside 0 .. ", Dims::MAX_DIMS - 1);
}

}  // namespace

IteratorLayer::IteratorLayer(Network& network, LoopNode& loop, Tensor& tensor, int32_t axis, bool reverse)
    : LoopBorderOf(network, LayerType::kITERATOR, loop, tensor, 1), axis_(axis), reverse_(reverse) {
  require_axis(axis, text("iterator over ", tensor.who()));
}

void IteratorLayer::setAxis(int32_t axis) noexcept {
  set("IIteratorLayer::setAxis", [&] {
    require_axis(axis, who());
    axis_ = axis;
  });
}

LoopOutputLayer::LoopOutputLayer(Network& network, LoopNode& loop, Tensor& tensor, LoopOutput kind, int32_t axis)
    : LoopBorderOf(network, LayerType::kLOOP_OUTPUT, loop, tensor, 1), kind_(kind), axis_(axis) {
  require_enum(kind, "ILoop::addLoopOutput: LoopOutput");
  require_axis(axis, text("loop output of ", tensor.who()));
}

void LoopOutputLayer::setAxis(int32_t axis) noexcept {
  set("ILoopOutputLayer::setAxis", [&] {
    require_axis(axis, who());
    axis_ = axis;
  });
}

std::string LoopNode::name() const { return name_.empty() ? text("(Unnamed Loop* ", index_, ")") : name_; }

const TripLimitLayer* LoopNode::limit(TripLimit kind) const {
  for (const TripLimitLayer* limit : limits_) {
    if (limit->getTripLimit() == kind) return limit;
  }
  return nullptr;
}

IRecurrenceLayer* LoopNode::addRecurrence(ITensor& initialValue) noexcept {
  return guarded<IRecurrenceLayer*>(network_.sink(), "ILoop::addRecurrence", nullptr, [&] {
    Tensor& initial = network_.own(initialValue, "ILoop::addRecurrence");
    recurrences_.push_back(network_.add_layer<RecurrenceLayer>(*this, initial));
    return recurrences_.back();
  });
}

ITripLimitLayer* LoopNode::addTripLimit(ITensor& tensor, TripLimit limit) noexcept {
  return guarded<ITripLimitLayer*>(network_.sink(), "ILoop::addTripLimit", nullptr, [&] {
    Tensor& own = network_.own(tensor, "ILoop::addTripLimit");
    require_enum(limit, "ILoop::addTripLimit: TripLimit");
    require(this->limit(limit) == nullptr, "loop '", name(), "' has a trip limit of kind ",
            limit == TripLimit::kCOUNT ? "kCOUNT" : "kWHILE", " already; a loop takes one of each kind at most");
    limits_.push_back(network_.add_layer<TripLimitLayer>(*this, own, limit));
    return limits_.back();
  });
}

IIteratorLayer* LoopNode::addIterator(ITensor& tensor, int32_t axis, bool reverse) noexcept {
  return guarded<IIteratorLayer*>(network_.sink(), "ILoop::addIterator", nullptr, [&] {
    Tensor& own = network_.own(tensor, "ILoop::addIterator");
    iterators_.push_back(network_.add_layer<IteratorLayer>(*this, own, axis, reverse));
    return iterators_.back();
  });
}

ILoopOutputLayer* LoopNode::addLoopOutput(ITensor& tensor, LoopOutput outputKind, int32_t axis) noexcept {
  return guarded<ILoopOutputLayer*>(network_.sink(), "ILoop::addLoopOutput", nullptr, [&] {
    Tensor& own = network_.own(tensor, "ILoop::addLoopOutput");
    outputs_.push_back(network_.add_layer<LoopOutputLayer>(*this, own, outputKind, axis));
    return outputs_.back();
  });
}

void LoopNode::setName(char const* name) noexcept {
  guarded(network_.sink(), "ILoop::setName", [&] {
    require(name != nullptr, "ILoop::setName: the new name is null");
    name_ = name;
  });
}

}  // namespace rondo::api
