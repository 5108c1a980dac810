// Chains and local buffers: through the file, as text, and what the verifier refuses.
#include <gtest/gtest.h>

#include <functional>

#include "mistake.h"
#include "plan/plan_file.h"
#include "sample_program.h"

namespace rondo::plan {
namespace {

constexpr uint32_t kIn = 0, kBetween = 2;  // buffers

void expect_refused(const std::function<void(Program&)>& damage, const std::string& expected) {
  expect_all_refused(chained_program(), {{expected, damage}});
}

TEST(PlanChains, GoThroughTheFile) {
  const Program p = chained_program();
  verify(p);
  const Bytes bytes = write_plan(p);
  const Program back = read_plan(bytes.data(), bytes.size());
  ASSERT_EQ(back.chains.size(), 1u);
  EXPECT_EQ(back.chains[0].steps, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(back.buffers[kBetween].storage, Storage::kLocal);
  EXPECT_EQ(write_plan(back), bytes);
  EXPECT_EQ(to_string(back), to_string(p));
  EXPECT_NE(to_string(p).find("chain[ stage 0,  stage 1]"), std::string::npos) << to_string(p);
}

TEST(PlanChains, AreConsecutiveStages) {
  expect_refused([](Program& p) { p.chains[0].steps = {0}; }, "chain 0: has fewer than two steps");
  expect_refused([](Program& p) { p.chains[0].steps = {}; }, "chain 0: has fewer than two steps");
  expect_refused([](Program& p) { p.chains[0].steps = {0, 9}; }, "chain 0: step 9 does not exist or is no stage");
  expect_refused([](Program& p) { p.chains[0].steps = {0, 2}; }, "chain 0: step 2 does not follow the one before it");
  expect_refused([](Program& p) { p.chains[0].steps = {1, 0}; }, "chain 0: step 0 does not follow the one before it");
  expect_refused([](Program& p) { p.chains[0].steps = {0, 0}; }, "chain 0: step 0 belongs to another chain");
  expect_refused([](Program& p) { p.chains.push_back({{1, 2}}); }, "chain 1: step 1 belongs to another chain");
  expect_refused(
      [](Program& p) {
        p.blocks = {{{2, 0}}, {{1}}};
        p.parallels.push_back({{1}});
        p.steps.push_back({StepKind::kParallel, 0, "apart"});
        p.blocks[0].steps.push_back(3);
      },
      "chain 0: step 1 does not follow the one before it");
}

TEST(PlanChains, LocalBuffersAreTheirsAlone) {
  expect_refused([](Program& p) { p.chains.clear(); }, "step 0: it may not touch a local buffer");
  expect_refused([](Program& p) { p.stages[2].operands[0] = 2; }, "step 2: it may not touch a local buffer");
  // The same stage once more, outside of the chain.
  expect_refused([](Program& p) { p.steps[2].index = 1; }, "step 2: it may not touch a local buffer");
  expect_refused(
      [](Program& p) {
        p.stages.push_back(p.stages[1]);
        p.steps.push_back({StepKind::kStage, 3, "s3"});
        p.blocks[0].steps.push_back(3);
        p.stages[2].operands[0] = 2;
        p.chains.push_back({{2, 3}});
      },
      "buffer 2: local to two chains");
  expect_refused(
      [](Program& p) {
        Kernel reduce;
        reduce.space = {2};
        reduce.operands = {2, 1};
        reduce.attrs = {0, 1};
        p.kernels.push_back(reduce);
        p.steps[2] = {StepKind::kKernel, 0, "reduce"};
      },
      "step 2: it may not touch a local buffer");
  expect_refused(
      [](Program& p) {
        p.views.push_back({kBetween, 0, {}, {}, kNone, 0, kNone, kNone});
        p.buffers[kBetween].dtype = DType::kBool;
        for (Stage& stage : p.stages) stage.operands = {0, 1};
        p.conditionals.push_back({3, kNone, kNone, kNone});
        p.steps[2] = {StepKind::kConditional, 0, "if"};
      },
      "step 2: it may not touch a local buffer");
}

TEST(PlanChains, LocalBuffersStandStill) {
  expect_refused(
      [](Program& p) {
        p.slot_count = 1;
        p.views[2].terms.push_back({0, TermKind::kForward, 1});
      },
      "view 2: a local buffer moves with a loop");
  expect_refused(
      [](Program& p) {
        p.slot_count = 1;
        p.views[2].guard_slot = 0;
        p.views[2].guard_limit = 1;
      },
      "view 2: a local buffer moves with a loop");
  expect_refused([](Program& p) { p.slot_count = 1, p.views[2].first = 1; },
                 "view 2: a local buffer is read instead of another, or another instead of it");
  expect_refused(
      [](Program& p) {
        p.slot_count = 1;
        p.views.push_back({kIn, 0, {1}, {}, 2, 0, kNone, kNone});
        p.stages[1].operands[0] = 3;
      },
      "view 3: a local buffer is read instead of another, or another instead of it");
}

TEST(PlanChains, ARightFactorIsNoLocalBuffer) {
  expect_refused(
      [](Program& p) {
        p.views.push_back({kBetween, 0, {1, 1, 1}, {}, kNone, 0, kNone, kNone});
        tile::TileProgram product;
        product.insts.push_back({tile::InstKind::kAcc, {}, tile::ValueType::kF32, {}, 0, 0});
        product.insts.push_back({tile::InstKind::kStore, {}, tile::ValueType::kF32, {0, 0, 0}, 0, 0});
        product.operand_dtypes = {DType::kFloat32};
        product.acc_count = 1;
        p.tile_programs.push_back(product);
        Gemm gemm;
        gemm.a = 0;
        gemm.b = 3;
        gemm.k = 1;
        p.stages[1] = {{2}, {gemm}, 1, {1}, {}};
      },
      "step 1: it may not touch a local buffer");
}

}  // namespace
}  // namespace rondo::plan
