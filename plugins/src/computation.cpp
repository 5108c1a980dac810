#include "computation.h"

namespace rondo::bundled {

bool Computation::accepts(int32_t /*pos*/, DataType type, DataType first, int32_t /*input_count*/) const {
  return type == first && (type_ ? type == *type_ : is_float(type));
}

int32_t Computation::run(Run const& run) const {
  if (!fits(run.input_count, run.output_count)) return 1;
  for (int32_t i = 0; i < run.input_count + run.output_count; ++i) {
    PluginTensorDesc const& desc = i < run.input_count ? run.in[i] : run.out[i - run.input_count];
    if (!accepts(i, desc.type, run.in[0].type, run.input_count)) return 1;
  }
  return compute(run);
}

}  // namespace rondo::bundled
