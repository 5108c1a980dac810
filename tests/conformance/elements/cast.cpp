#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

/// The API's name of a type.
const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return "FLOAT";
    case DType::kFloat16:
      return "HALF";
    case DType::kBFloat16:
      return "BF16";
    case DType::kInt8:
      return "INT8";
    case DType::kUint8:
      return "UINT8";
    case DType::kInt32:
      return "INT32";
    case DType::kInt64:
      return "INT64";
    case DType::kBool:
      return "BOOL";
  }
  return "";
}

Case cast(Random& r, DType dtype) {
  const DType to = r.pick(kAllTypes);
  Case c(ir::OpKind::k_pointwise, {{"fn", std::string("cast")}, {"to", static_cast<int64_t>(to)}});
  c.uses("DataType", name_of(dtype)).uses("DataType", name_of(to));
  const Ints dims = r.shape(0, 8);
  return c.data(r.one_in(3) ? r.specials(dtype, dims) : r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -300, 300));
}

const Registration row("cast", kAllTypes, cast);

}  // namespace
}  // namespace rondo::conformance
