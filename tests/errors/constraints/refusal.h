#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "ops/op_def.h"

namespace rondo::test {

/// Asks one op about operands of constant extents and keeps what it says: for constraints that the public API cannot break
/// because it writes the attributes itself.
struct Refusal {
  struct Operand {
    DType dtype;
    std::vector<int64_t> dims;
  };
  ir::DimPool pool;

  ir::Dims dims(const std::vector<int64_t>& values) {
    ir::Dims result;
    for (const int64_t value : values) result.push_back(pool.constant(value));
    return result;
  }

  /// The message of the Error; "" if the op is content.
  std::string of(ir::OpKind kind, const ir::Attrs& attrs, const std::vector<Operand>& operands) {
    std::vector<ir::ValueInfo> infos;
    for (const Operand& operand : operands) infos.push_back({{operand.dtype, dims(operand.dims)}, {}});
    try {
      ops::op_def(kind).infer({kind, "wrong", attrs, infos, pool});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  void expect(ir::OpKind kind, const ir::Attrs& attrs, const std::vector<Operand>& operands, const char* part) {
    const std::string message = of(kind, attrs, operands);
    EXPECT_NE(message.find("'wrong'"), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << "lacks: " << part << "\n" << message;
  }
};

}  // namespace rondo::test
