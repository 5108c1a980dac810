/// All layer classes outside loops, conditionals and RNNs, one header per family.
#pragma once

#include "rondo/layers/assertion.h"
#include "rondo/layers/attention.h"
#include "rondo/layers/convolution.h"
#include "rondo/layers/detection.h"
#include "rondo/layers/distributed.h"
#include "rondo/layers/einsum.h"
#include "rondo/layers/fill.h"
#include "rondo/layers/math.h"
#include "rondo/layers/movement.h"
#include "rondo/layers/normalization.h"
#include "rondo/layers/pointwise.h"
#include "rondo/layers/pooling.h"
#include "rondo/layers/quantization.h"
#include "rondo/layers/sampling.h"
#include "rondo/layers/scale.h"
#include "rondo/layers/shape.h"
