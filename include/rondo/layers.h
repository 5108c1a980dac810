/// All layer classes outside loops, conditionals and RNNs, one header per family.
#pragma once

#include "rondo/layers/math.h"
#include "rondo/layers/pointwise.h"
#include "rondo/layers/scale.h"
#include "rondo/layers/shape.h"
