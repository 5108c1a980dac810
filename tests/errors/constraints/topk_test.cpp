// The k largest of what has no order.

#include "errors/constraints/refusal.h"

namespace rondo::test {

TEST(TopkConstraints, C3_Bool) {
  Refusal refusal;
  const ir::Attrs attrs{{"op", int64_t{0}},
                        {"k", refusal.dims({1})},
                        {"axis", int64_t{0}},
                        {"indices", static_cast<int64_t>(DType::kInt32)}};
  refusal.expect(ir::OpKind::k_topk, attrs, {{DType::kBool, {3}}}, "(topk C3)");
}

}  // namespace rondo::test
