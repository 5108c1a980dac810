// Steps that read sizes from data: through the file, as text, and what the verifier refuses.
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "plan/plan_file.h"

namespace rondo::plan {
namespace {

/// Reads n from input "n" [1]; a dynamic buffer of n bytes.
Program reading() {
  Program p;
  p.name = "reading";
  p.symbols.push_back({Symbol::Source::kData, kNone, 0, "n", 0, 9});
  p.exprs = {{ExprKind::kConstant, 0, kNone, kNone},
             {ExprKind::kConstant, 1, kNone, kNone},
             {ExprKind::kConstant, 8, kNone, kNone},
             {ExprKind::kSymbol, 0, kNone, kNone}};
  p.bindings.push_back({"n", DType::kInt64, true, false, {1}, {1}, {}, 0});
  p.buffers.push_back({Storage::kInput, DType::kInt64, 0, 2, 0, 0});
  p.buffers.push_back({Storage::kDynamic, DType::kBool, 0, 3, 0, 0});
  p.profiles.resize(1);
  p.profiles[0].inputs.push_back({{1}, {1}, {1}, {}, {}, {}});
  p.views.push_back({0, 0, {1}, {}, kNone, 0, kNone, kNone});
  p.reads.push_back({0, {1}, {}, {0}});
  p.reads.push_back({kNone, {}, {2}, {0}});
  p.steps.push_back({StepKind::kRead, 0, "read"});
  p.steps.push_back({StepKind::kRead, 1, "told"});
  p.blocks.push_back({{0, 1}});
  return p;
}

void expect_refused(const std::function<void(Program&)>& damage, const char* part) {
  Program p = reading();
  damage(p);
  try {
    verify(p);
    ADD_FAILURE() << "accepted, lacks: " << part;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(ReadStep, GoesThroughTheFile) {
  const Program p = reading();
  verify(p);
  const Bytes bytes = write_plan(p);
  const Program back = read_plan(bytes.data(), bytes.size());
  EXPECT_EQ(to_string(back), to_string(p));
  EXPECT_EQ(write_plan(back), bytes);
  EXPECT_EQ(back.symbols[0].max, 9);
  EXPECT_EQ(back.reads[1].exprs, (std::vector<ExprId>{2}));
  const std::string text = to_string(p);
  EXPECT_NE(text.find("symbol n = data in [0, 9]"), std::string::npos) << text;
  EXPECT_NE(text.find("read [n] = v0 over [1]  // read"), std::string::npos) << text;
  EXPECT_NE(text.find("read [n] = [8]  // told"), std::string::npos) << text;
}

TEST(ReadStep, MalformedOnesAreRefused) {
  expect_refused([](Program& p) { p.reads[0].symbols = {1}; }, "symbol 1 does not exist");
  expect_refused([](Program& p) { p.reads[0].symbols.clear(); }, "0 elements");
  expect_refused([](Program& p) { p.reads[0].symbols.resize(65); }, "65 elements");
  expect_refused([](Program& p) { p.reads[0].space = {7}; }, "an expr does not exist");
  expect_refused([](Program& p) { p.reads[0].space = {1, 1}; }, "another rank");
  expect_refused([](Program& p) { p.reads[0].view = 3; }, "view does not exist");
  expect_refused([](Program& p) { p.reads[1].exprs = {2, 2}; }, "2 values for 1 symbols");
  expect_refused([](Program& p) { p.steps[0].index = 2; }, "does not exist");
  expect_refused([](Program& p) { p.symbols[0].max = -1; }, "no value is in its range");
  expect_refused([](Program& p) { p.symbols[0] = {Symbol::Source::kInputDim, 0, 0, "n"}; }, "is given by an input");
  expect_refused([](Program& p) { p.buffers[0].dtype = p.bindings[0].dtype = DType::kFloat32; }, "no integers");
  expect_refused(
      [](Program& p) {
        p.reads.clear();
        p.steps.clear();
        p.blocks[0].steps.clear();
      },
      "nothing is read");
}

}  // namespace
}  // namespace rondo::plan
