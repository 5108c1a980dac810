// The add methods of layers that write by index, count or change places.

#include "api/layers/movement.h"
#include "api/network/network.h"

namespace rondo::api {

IScatterLayer* Network::addScatter(ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode) noexcept {
  return guarded<IScatterLayer*>(sink_, "addScatter", nullptr, [&] {
    return add_layer<ScatterLayer>(own(data, "addScatter"), own(indices, "addScatter"), own(updates, "addScatter"),
                                   mode);
  });
}

IOneHotLayer* Network::addOneHot(ITensor& indices, ITensor& values, ITensor& depth, int32_t axis) noexcept {
  return guarded<IOneHotLayer*>(sink_, "addOneHot", nullptr, [&] {
    return add_layer<OneHotLayer>(own(indices, "addOneHot"), own(values, "addOneHot"), own(depth, "addOneHot"), axis);
  });
}

ISqueezeLayer* Network::addSqueeze(ITensor& input, ITensor& axes) noexcept {
  return guarded<ISqueezeLayer*>(sink_, "addSqueeze", nullptr, [&] {
    return add_layer<SqueezeLayer>(own(input, "addSqueeze"), own(axes, "addSqueeze"));
  });
}

IUnsqueezeLayer* Network::addUnsqueeze(ITensor& input, ITensor& axes) noexcept {
  return guarded<IUnsqueezeLayer*>(sink_, "addUnsqueeze", nullptr, [&] {
    return add_layer<UnsqueezeLayer>(own(input, "addUnsqueeze"), own(axes, "addUnsqueeze"));
  });
}

IReverseSequenceLayer* Network::addReverseSequence(ITensor& input, ITensor& sequenceLens) noexcept {
  return guarded<IReverseSequenceLayer*>(sink_, "addReverseSequence", nullptr, [&] {
    return add_layer<ReverseSequenceLayer>(own(input, "addReverseSequence"), own(sequenceLens, "addReverseSequence"));
  });
}

ICumulativeLayer* Network::addCumulative(ITensor& input, ITensor& axis, CumulativeOperation operation, bool exclusive,
                                         bool reverse) noexcept {
  return guarded<ICumulativeLayer*>(sink_, "addCumulative", nullptr, [&] {
    return add_layer<CumulativeLayer>(own(input, "addCumulative"), own(axis, "addCumulative"), operation, exclusive,
                                      reverse);
  });
}

IFillLayer* Network::addFill(Dims const& dimensions, FillOperation op) noexcept {
  return guarded<IFillLayer*>(sink_, "addFill", nullptr,
                              [&] { return add_layer<FillLayer>(dimensions, op, std::optional<DataType>()); });
}

IFillLayer* Network::addFill(Dims const& dimensions, FillOperation op, DataType outputType) noexcept {
  return guarded<IFillLayer*>(sink_, "addFill", nullptr,
                              [&] { return add_layer<FillLayer>(dimensions, op, std::optional(outputType)); });
}

}  // namespace rondo::api
