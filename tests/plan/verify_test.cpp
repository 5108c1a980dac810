#include <gtest/gtest.h>

#include "mistake.h"
#include "sample_program.h"

namespace rondo::plan {
namespace {

TEST(VerifyPlanTest, AcceptsTheSample) { EXPECT_NO_THROW(verify(sample_program())); }

TEST(VerifyPlanTest, Tables) {
  expect_all_refused(
      sample_program(),
      {
          {"expr 6: refers to an expr that is not before it", [](Program& p) { p.exprs[6].b = 6; }},
          {"expr 5: symbol 2 does not exist", [](Program& p) { p.exprs[5].value = 2; }},
          {"symbol 0: dimension 2 of input 0 does not exist", [](Program& p) { p.symbols[0].index = 2; }},
          {"symbol 0: input 3 does not exist", [](Program& p) { p.symbols[0].input = 3; }},
          {"symbol 1: input 2 has no shape element 64", [](Program& p) { p.symbols[1].index = 64; }},
          {"check 0: its exprs do not exist", [](Program& p) { p.checks[0].b = kNone; }},
          {"binding 1: its name is empty or taken", [](Program& p) { p.bindings[1].name = p.bindings[0].name; }},
          {"binding 2: an input stands behind an output",
           [](Program& p) {
             p.bindings[1].is_input = false;
             p.buffers[1].storage = Storage::kOutput;
           }},
          {"binding 0: its dims need one existing expr each", [](Program& p) { p.bindings[0].dim_exprs[1] = 99; }},
          {"binding 0: its dims need one name each", [](Program& p) { p.bindings[0].dim_names.pop_back(); }},
          {"binding 0: negative dims", [](Program& p) { p.bindings[0].dims[0] = -2; }},
          {"binding 3: rank 9 exceeds 8", [](Program& p) { p.bindings[3].dims.resize(9); }},
          {"binding 3: buffer 0 is not its memory", [](Program& p) { p.bindings[3].buffer = 0; }},
          {"it has no optimization profile", [](Program& p) { p.profiles.clear(); }},
          {"profile 0: 2 entries for 3 inputs", [](Program& p) { p.profiles[0].inputs.pop_back(); }},
          {"profile 0: dims of input 0 need min <= opt <= max for each dimension",
           [](Program& p) { p.profiles[0].inputs[0].min[0] = 5; }},
          {"profile 0: dimension 1 of input 0 is not as declared",
           [](Program& p) { p.profiles[0].inputs[0].max[1] = 4; }},
          {"profile 0: values of input 2 need min <= opt <= max for each element",
           [](Program& p) { p.profiles[0].inputs[2].value_max.clear(); }},
          {"buffer 6: ends behind the arena", [](Program& p) { p.buffers[6].max_bytes = 193; }},
          {"buffer 6: ends behind the arena", [](Program& p) { p.buffers[6].offset = UINT64_MAX - 63; }},
          {"buffer 7: its arena offset is not a multiple of 64", [](Program& p) { p.buffers[7].offset = 130; }},
          {"buffer 5: constant 2 does not exist or has another dtype", [](Program& p) { p.buffers[5].index = 2; }},
          {"buffer 4: its size does not exist", [](Program& p) { p.buffers[4].bytes = kNone; }},
          {"constant 0: dims need 48 bytes, it has 40", [](Program& p) { p.constants[0].dims[0] = 6; }},
          {"constant 0: impossible dims",
           [](Program& p) {
             p.constants[0].dims = {INT64_MAX, INT64_MAX};
           }},
          {"constant 1: ends behind the weights", [](Program& p) { p.weights.pop_back(); }},
          {"constant 1: its offset is not a multiple of 64", [](Program& p) { p.constants[1].offset = 32; }},
          {"view 0: buffer 99 does not exist", [](Program& p) { p.views[0].buffer = 99; }},
          {"view 2: malformed loop term", [](Program& p) { p.views[2].terms[0].slot = 2; }},
          {"view 5: malformed guard", [](Program& p) { p.views[5].guard_limit = kNone; }},
          {"view 4: its first view is not before it, or the slot does not exist",
           [](Program& p) { p.views[4].first = 4; }},
          {"view 4: its first view has another rank or dtype", [](Program& p) { p.views[4].first = 0; }},
          {"packed matrix 0: reaches outside of constant 0", [](Program& p) { p.packed[0].offset = 5; }},
          {"packed matrix 0: reaches outside of constant 0", [](Program& p) { p.packed[0].k_stride = INT64_MIN; }},
          {"packed matrix 0: much larger than its constant",
           [](Program& p) { p.packed[0].k = p.packed[0].cols = INT64_MAX; }},
          {"packed matrix 1: impossible size", [](Program& p) { p.packed[1].gates = 0; }},
          {"65537 loop counters, limit 65536", [](Program& p) { p.slot_count = 65537; }},
      });
}

TEST(VerifyPlanTest, ChainsOfFirstViewsEnd) {
  Program program = sample_program();
  for (int i = 0; i < 8; ++i) {
    View view = program.views.back();
    view.first = static_cast<uint32_t>(program.views.size() - 1);
    program.views.push_back(view);
  }
  EXPECT_NO_THROW(verify(program));
  View view = program.views.back();
  view.first = static_cast<uint32_t>(program.views.size() - 1);
  program.views.push_back(view);
  EXPECT_THROW(verify(program), Error);
}

/// Stage 0 adds up the rows of its operand.
void fold_rows(Program& p, uint8_t axes) {
  tile::TileProgram& tp = p.tile_programs[0];
  tp.insts.resize(3);
  tp.insts[0].kind = tile::InstKind::kLoad;
  tp.insts[1].kind = tile::InstKind::kRowReduce;
  tp.insts[2].kind = tile::InstKind::kStore;
  tp.insts[2].args[0] = 1;
  tp.acc_count = 0;
  tp.row_axes = axes;
}

TEST(VerifyPlanTest, Work) {
  expect_all_refused(
      sample_program(),
      {
          {"stage 0: its space needs at least one axis and existing exprs",
           [](Program& p) { p.stages[0].space.clear(); }},
          {"stage 0: its tile program does not exist", [](Program& p) { p.stages[0].tile_program = 2; }},
          {"stage 0: it does not give its tile program's operands", [](Program& p) { p.stages[0].operands.clear(); }},
          {"stage 0: a view's strides do not match its axes", [](Program& p) { p.stages[0].operands[0] = 2; }},
          {"stage 0: its rows have more axes than its space", [](Program& p) { fold_rows(p, 3); }},
          {"stage 0: rows of products cannot be folded", [](Program& p) { fold_rows(p, 1); }},
          {"tile program 0: tile program: rows of 0 axes, but it folds rows", [](Program& p) { fold_rows(p, 0); }},
          {"stage 1: an operand has another dtype than its buffer", [](Program& p) { p.stages[1].operands[2] = 2; }},
          {"stage 1: a step value has no loop counter", [](Program& p) { p.stages[1].slots.clear(); }},
          {"stage 1: a loop counter does not exist", [](Program& p) { p.stages[1].slots[0] = 2; }},
          {"stage 0: it stores to memory that is read only", [](Program& p) { p.stages[0].operands[0] = 0; }},
          {"stage 1: it stores to memory that is read only", [](Program& p) { p.stages[1].operands[1] = 4; }},
          {"stage 0: a product needs exactly one right side", [](Program& p) { p.stages[0].gemms[0].b = 0; }},
          {"stage 0: a packed matrix does not exist or fit", [](Program& p) { p.stages[0].gemms[0].packed = 2; }},
          {"stage 0: a packed matrix does not exist or fit", [](Program& p) { p.stages[0].gemms[0].gates = 2; }},
          {"stage 0: a product in a type that has none",
           [](Program& p) { p.stages[0].gemms[0].product = DType::kFloat16; }},
          {"stage 1: a packed matrix is multiplied in two types",
           [](Program& p) {
             p.stages[0].gemms[0].product = DType::kBFloat16;
             p.stages[1].gemms[0].packed = p.stages[0].gemms[0].packed;
           }},
          {"stage 0: a product's accumulators do not exist", [](Program& p) { p.stages[0].gemms[0].acc_base = 1; }},
          {"stage 0: a product adds to an accumulator before it is written, or overwrites one",
           [](Program& p) { p.stages[0].gemms[0].accumulate = true; }},
          {"stage 0: an accumulator is never written", [](Program& p) { p.stages[0].gemms.clear(); }},
          {"reduce 0: its axes are outside of the rank", [](Program& p) { p.kernels[0].attrs[1] = 4; }},
          {"reduce 0: unknown operation", [](Program& p) { p.kernels[0].attrs[0] = 5; }},
          {"reduce 0: an attribute, expr or loop counter is missing", [](Program& p) { p.kernels[0].attrs.clear(); }},
          {"reduce 0: it stores to memory that is read only", [](Program& p) { p.kernels[0].operands[1] = 0; }},
          {"topk 1: dims of an operand are missing", [](Program& p) { p.kernels[1].operand_dims.pop_back(); }},
          {"topk 1: wrong number of operands", [](Program& p) { p.kernels[1].operands.pop_back(); }},
          {"zero_tail 2: its axis is outside of the rank", [](Program& p) { p.kernels[2].attrs[0] = 2; }},
          {"reverse_prefix 3: a loop counter does not exist", [](Program& p) { p.kernels[3].slots[0] = 2; }},
      });
}

TEST(VerifyPlanTest, TilePrograms) {
  Program program = sample_program();
  program.tile_programs[1].insts[2].args[0] = 7;
  EXPECT_THROW(verify(program), Error);
}

TEST(VerifyPlanTest, Control) {
  expect_all_refused(
      sample_program(),
      {
          {"it has no entry block", [](Program& p) { p.blocks.clear(); }},
          {"block 6 is not reached", [](Program& p) { p.blocks.emplace_back(); }},
          {"block 4 is used twice", [](Program& p) { p.parallels[0].blocks[1] = 4; }},
          {"block 0 is used twice", [](Program& p) { p.loops[0].body = 0; }},
          {"block 1: step 11 does not exist", [](Program& p) { p.blocks[1].steps[0] = 11; }},
          {"step 0 is used twice", [](Program& p) { p.blocks[1].steps[0] = 0; }},
          {"step 5: its part 4 does not exist", [](Program& p) { p.steps[5].index = 4; }},
          {"step 4: a break outside of a loop",
           [](Program& p) {
             p.blocks[4].steps = {4};
             p.blocks[2].steps.clear();
           }},
          {"step 4: its flag is not bool", [](Program& p) { p.breaks[0].flag = 12; }},
          {"step 6: its scalar does not exist or has axes", [](Program& p) { p.conditionals[0].flag = 0; }},
          {"step 3: loop counter 0 belongs to another loop", [](Program& p) { p.loops[1].slot = 0; }},
          {"step 3: its trip count is neither i32 nor i64", [](Program& p) { p.loops[1].count_view = 7; }},
          {"step 1: the loop never ends", [](Program& p) { p.loops[0].trips = kNone; }},
      });
}

TEST(VerifyPlanTest, ABreakEndsALoopWithoutCount) {
  Program program = sample_program();
  program.loops[1].trips = program.loops[1].count_view = kNone;
  EXPECT_NO_THROW(verify(program));
}

TEST(VerifyPlanTest, BlocksNestAtMost64Deep) {
  for (const uint32_t depth : {64u, 65u}) {
    Program program = sample_program();
    program.steps.resize(depth, {StepKind::kConditional, 0, ""});
    program.blocks.assign(depth + 1, {});
    program.conditionals.clear();
    for (uint32_t i = 0; i < depth; ++i) {
      program.steps[i] = {StepKind::kConditional, i, ""};
      program.blocks[i].steps = {i};
      program.conditionals.push_back({7, kNone, i + 1});
    }
    if (depth == 64) {
      EXPECT_NO_THROW(verify(program));
    } else {
      EXPECT_THROW(verify(program), Error);
    }
    EXPECT_FALSE(to_string(program).empty());
  }
}

TEST(ProgramTextTest, ShowsTheTreeOfSteps) {
  const std::string text = to_string(sample_program());
  for (const char* expected :
       {"program \"sample\": arena 192 bytes, weights 72 bytes, 2 loop counters\n",
        "symbol T = dimension 0 of input 0\n", "e6 = T * 2\n", "input \"x\" f32[T, 3] declared [-1, 3] in b0\n",
        "v4 = b3[0] strides [1] + s0*2, v3 while s0 is 0\n",
        "stage 0 over [T, 2] acc0 = v0 x m0 k 3 tp0[v1]  // enc.x\n", "loop s0 to T {  // enc\n",
        "    break unless v10\n", "kernel 0 reduce[v8, v9] over [T, 2] attrs [0, 1]  // sum\n"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\nin\n" << text;
  }
}

}  // namespace
}  // namespace rondo::plan
