#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case reverse_sequence(Random& r, DType dtype) {
  const Ints dims = r.shape(2, 8);
  const auto rank = static_cast<int64_t>(dims.size());
  const int64_t batch = r.number(0, rank - 1);
  int64_t sequence = r.number(0, rank - 2);
  sequence += sequence >= batch;
  const int64_t longest = dims[static_cast<size_t>(sequence)];
  Case c(ir::OpKind::k_reverse_sequence, {{"batch_axis", batch}, {"sequence_axis", sequence}});
  c.data(r.specials(dtype, dims));
  const Ints lengths{dims[static_cast<size_t>(batch)]};
  return c.data(r.values(r.flip() ? DType::kInt32 : DType::kInt64, lengths, -1, static_cast<double>(longest + 1)));
}

const Registration row("reverse_sequence", kAllTypes, reverse_sequence);

}  // namespace
}  // namespace rondo::conformance
