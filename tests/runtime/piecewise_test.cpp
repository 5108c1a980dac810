// Programs that read sizes while they run: every misuse of such a size is an error, never a stray address.
#include "runtime/cpu/piecewise.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/context.h"
#include "runtime/program_builder.h"

namespace rondo::runtime::testing {
namespace {

using plan::ExprKind;
constexpr DType kF32 = DType::kFloat32, kI64 = DType::kInt64;

/// n = value of input "n" [1]; copies the first n floats of x [8] through a dynamic buffer of `bytes` to out [8].
struct Copy {
  explicit Copy(int64_t max = 1000, int64_t buffer_elements = -1) {
    x = b.input("x", {8});
    given = b.input("n", {1}, kI64);
    out = b.output("out", {b.c(8)});
    plan::Program& p = b.program;
    p.symbols.push_back({plan::Symbol::Source::kData, plan::kNone, 0, "n", 0, max});
    n = add_expr({ExprKind::kSymbol, static_cast<int64_t>(p.symbols.size() - 1), plan::kNone, plan::kNone});
    const ExprId elements = buffer_elements < 0 ? n : b.c(buffer_elements);
    p.buffers.push_back({plan::Storage::kDynamic, kF32, 0, b.mul(elements, b.c(4)), 0, 0});
    middle = static_cast<uint32_t>(p.buffers.size() - 1);
  }
  ExprId add_expr(const plan::Expr& e) {
    b.program.exprs.push_back(e);
    return static_cast<ExprId>(b.program.exprs.size() - 1);
  }
  void read(ExprId offset) {
    plan::Program& p = b.program;
    const auto symbol = static_cast<uint32_t>(p.symbols.size() - 1);
    p.reads.push_back({b.view({given, offset, {b.c(1)}}), {b.c(1)}, {}, {symbol}});
    p.steps.push_back({plan::StepKind::kRead, static_cast<uint32_t>(p.reads.size() - 1), "read"});
    p.blocks[0].steps.push_back(static_cast<uint32_t>(p.steps.size() - 1));
  }
  void copy(uint32_t from, uint32_t to, const char* name) {
    TileBuilder t;
    t.store(0, kF32, t.load(1, kF32));
    const ExprId one = b.c(1), zero = b.c(0);
    b.stage({n}, t.take(), {b.view({to, zero, {one}}), b.view({from, zero, {one}})}, {}, {}, name);
  }
  /// "" or the message.
  std::string run(int64_t value, int threads = 1) {
    try {
      if (context == nullptr) {
        ContextOptions options;
        options.threads = threads;
        options.policy = TeamPolicy::kAll;
        context = std::make_unique<Context>(std::make_shared<const Engine>(b.program), options);
      }
      result.assign(8, -1);
      context->set_address(0, source.data());
      context->set_address(1, &value);
      context->set_address(2, result.data());
      context->run();
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  ProgramBuilder b;
  uint32_t x = 0, given = 0, out = 0, middle = 0;
  ExprId n = 0;
  std::vector<float> source{1, 2, 3, 4, 5, 6, 7, 8}, result;
  std::unique_ptr<Context> context;
};

TEST(Piecewise, RunsWhatFitsAndRefusesWhatDoesNot) {
  for (const int threads : {1, 3}) {
    Copy c;
    c.read(c.b.c(0));
    c.copy(c.x, c.middle, "in");
    c.copy(c.middle, c.out, "out");
    EXPECT_EQ(c.run(3, threads), "");
    EXPECT_EQ(c.result, (std::vector<float>{1, 2, 3, -1, -1, -1, -1, -1}));
    EXPECT_EQ(c.run(0), "");
    EXPECT_EQ(c.run(8), "");
    EXPECT_EQ(c.result, c.source);
    EXPECT_NE(c.run(9).find("would touch bytes"), std::string::npos);
    EXPECT_NE(c.run(-1).find("must be in [0, 1000]"), std::string::npos);
    EXPECT_NE(c.run(1001).find("must be in [0, 1000]"), std::string::npos);
    EXPECT_EQ(c.run(2), "") << "a failed run leaves nothing behind";
    EXPECT_EQ(c.result[1], 2);
    EXPECT_EQ(c.result[2], -1);
  }
}

TEST(Piecewise, ASizeUsedBeforeItsReadIsRefused) {
  Copy c;
  c.copy(c.x, c.middle, "in");
  c.read(c.b.c(0));
  EXPECT_NE(c.run(3).find("before it is read"), std::string::npos);
}

TEST(Piecewise, AReadOutsideOfItsTensorIsRefused) {
  for (const int64_t offset : {int64_t{-1}, int64_t{1}, int64_t{1} << 40}) {
    Copy c;
    c.read(c.b.c(offset));
    EXPECT_NE(c.run(3).find("outside of its tensor"), std::string::npos) << offset;
  }
}

TEST(Piecewise, AViewLargerThanItsDynamicBufferIsRefused) {
  Copy c(1000, 2);
  c.read(c.b.c(0));
  c.copy(c.x, c.middle, "in");
  EXPECT_EQ(c.run(2), "");
  EXPECT_NE(c.run(3).find("would touch bytes"), std::string::npos);
}

TEST(Piecewise, ABufferBeyondAllMemoryIsAnError) {
  Copy c(INT64_MAX / 8);
  c.read(c.b.c(0));
  c.copy(c.middle, c.middle, "in");
  EXPECT_NE(c.run(INT64_MAX / 16), "");
  EXPECT_EQ(c.run(1), "");
}

}  // namespace
}  // namespace rondo::runtime::testing
