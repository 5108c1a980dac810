#pragma once

#include "api/config.h"
#include "api/int8/round_operands.h"
#include "api/network/network.h"

namespace rondo::api {

/// The scales that a build with kINT8 rounds operands with: those of the calibrator, read from its cache or observed in fp32 over its
/// batches, and those of dynamic ranges, which win. Empty, with a warning, where the settings give no scales; empty without kINT8.
/// Errors    Error naming the calibrator's method: it throws, gives no batch, leaves an input without address, or has a batch size below 1
TensorScales int8_scales(const Network& network, const Config& config, int32_t threads);

}  // namespace rondo::api
