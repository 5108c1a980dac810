// The add methods of INetworkDefinition for layers that sample and select.

#include "api/layers/resampling/detection.h"
#include "api/layers/resampling/sampling.h"
#include "api/network/network.h"

namespace rondo::api {

IResizeLayer* Network::addResize(ITensor& input) noexcept {
  return guarded<IResizeLayer*>(sink_, "addResize", nullptr,
                                [&] { return add_layer<ResizeLayer>(own(input, "addResize")); });
}

IGridSampleLayer* Network::addGridSample(ITensor& input, ITensor& grid) noexcept {
  return guarded<IGridSampleLayer*>(sink_, "addGridSample", nullptr, [&] {
    return add_layer<GridSampleLayer>(own(input, "addGridSample"), own(grid, "addGridSample"));
  });
}

INMSLayer* Network::addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass) noexcept {
  return addNMS(boxes, scores, maxOutputBoxesPerClass, DataType::kINT32);
}

INMSLayer* Network::addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass,
                           DataType indicesType) noexcept {
  return guarded<INMSLayer*>(sink_, "addNMS", nullptr, [&] {
    return add_layer<NMSLayer>(own(boxes, "addNMS"), own(scores, "addNMS"), own(maxOutputBoxesPerClass, "addNMS"),
                               indicesType);
  });
}

INonZeroLayer* Network::addNonZero(ITensor& input) noexcept { return addNonZero(input, DataType::kINT32); }

INonZeroLayer* Network::addNonZero(ITensor& input, DataType indicesType) noexcept {
  return guarded<INonZeroLayer*>(sink_, "addNonZero", nullptr,
                                 [&] { return add_layer<NonZeroLayer>(own(input, "addNonZero"), indicesType); });
}

IRaggedSoftMaxLayer* Network::addRaggedSoftMax(ITensor& input, ITensor& bounds) noexcept {
  return guarded<IRaggedSoftMaxLayer*>(sink_, "addRaggedSoftMax", nullptr, [&] {
    return add_layer<RaggedSoftMaxLayer>(own(input, "addRaggedSoftMax"), own(bounds, "addRaggedSoftMax"));
  });
}

IParametricReLULayer* Network::addParametricReLU(ITensor& input, ITensor& slope) noexcept {
  return guarded<IParametricReLULayer*>(sink_, "addParametricReLU", nullptr, [&] {
    return add_layer<ParametricReLULayer>(own(input, "addParametricReLU"), own(slope, "addParametricReLU"));
  });
}

}  // namespace rondo::api
