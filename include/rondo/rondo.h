/// Rondo: an open inference engine for the TensorRT programming model. This header brings in all of its API.
///
/// In short: createInferBuilder makes an IBuilder; an INetworkDefinition describes layers, loops and conditionals;
/// IBuilder::buildSerializedNetwork turns it into a plan; createInferRuntime makes an IRuntime that loads the plan as an
/// ICudaEngine; an IExecutionContext runs it. A program that only runs plans includes rondo/runtime.h instead and links
/// the running half alone.
#pragma once

#include "rondo/builder.h"
#include "rondo/legacy_dims.h"
#include "rondo/network.h"
#include "rondo/plugin.h"
#include "rondo/runtime.h"
#include "rondo/tuning/refitter.h"
