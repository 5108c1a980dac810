// Shapes, addresses, profiles and memory of a context: what it accepts, what it refuses and with which words.
#include "runtime/context.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/sample_programs.h"

namespace rondo::runtime::testing {
namespace {

/// A context on a sample with all inputs and outputs set.
struct Ready {
  explicit Ready(const Sample& s, ContextOptions options = {})
      : sample(s), context(std::make_shared<const Engine>(s.program), options) {
    for (uint32_t i = 0; i < sample.inputs.size(); ++i) {
      context.set_dims(i, sample.input_dims[i]);
      context.set_address(i, sample.inputs[i].data());
    }
    for (const auto& e : sample.expected) outputs.emplace_back(e.size());
    for (uint32_t i = 0; i < outputs.size(); ++i) context.set_address(first_output() + i, outputs[i].data());
  }
  uint32_t first_output() const { return static_cast<uint32_t>(sample.inputs.size()); }
  std::string error(const std::function<void()>& call, Code code) {
    try {
      call();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << e.what();
      return e.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  Sample sample;
  Context context;
  std::vector<std::vector<std::byte>> outputs;
};

Sample sample_named(const std::string& name) {
  for (Sample& s : all_samples()) {
    if (s.name == name) return s;
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(Context, FollowsShapesAndAddresses) {
  Ready ready(rnn_sample(9, 2, 40));
  ready.context.run();
  const auto long_run = ready.outputs;
  const Sample shorter = rnn_sample(4, 2, 40);
  ready.context.set_dims(0, shorter.input_dims[0]);
  EXPECT_EQ(ready.context.dims(2), (std::vector<int64_t>{4, 2, 40}));
  std::vector<std::byte> y(shorter.expected[0].size());
  ready.context.set_address(2, y.data());
  ready.context.run();
  EXPECT_TRUE(std::equal(y.begin(), y.end(), long_run[0].begin()));
  ready.context.set_dims(0, ready.sample.input_dims[0]);
  ready.context.set_address(2, ready.outputs[0].data());
  std::fill(ready.outputs[0].begin(), ready.outputs[0].end(), std::byte{1});
  ready.context.run();
  EXPECT_EQ(ready.outputs, long_run);
}

TEST(Context, NamesWhatIsMissing) {
  Context context(std::make_shared<const Engine>(rnn_sample(4, 2, 8).program));
  EXPECT_EQ(context.missing(), (std::vector<uint32_t>{0}));
  EXPECT_EQ(context.dims(2), (std::vector<int64_t>{-1, 2, 8}));
  Ready ready(rnn_sample(4, 2, 8));
  EXPECT_NE(ready.error([&] { context.run(); }, Code::kInvalidState).find("input 'x' has no shape"), std::string::npos);
  context.set_dims(0, std::vector<int64_t>{4, 2, 8});
  EXPECT_NE(ready.error([&] { context.run(); }, Code::kInvalidState).find("input 'x' has no address"),
            std::string::npos);
}

TEST(Context, RefusesShapesOutsideOfTheProfile) {
  Ready ready(rnn_sample(4, 2, 8));
  const auto wide = ready.error(
      [&] {
        ready.context.set_dims(0, std::vector<int64_t>{2000, 2, 8});
      },
      Code::kInvalidArgument);
  EXPECT_EQ(wide,
            "input 'x': dimension 0 is 2000, profile 0 allows [0, 1024]; select another profile or rebuild with a "
            "wider range");
  EXPECT_NE(ready.error(
                     [&] {
                       ready.context.set_dims(0, std::vector<int64_t>{4, 3, 8});
                     },
                     Code::kInvalidArgument)
                .find("fixes it to 2"),
            std::string::npos);
  EXPECT_NE(ready.error(
                     [&] {
                       ready.context.set_dims(0, std::vector<int64_t>{4, 2});
                     },
                     Code::kInvalidArgument)
                .find("rank 2"),
            std::string::npos);
  EXPECT_NE(ready.error(
                     [&] {
                       ready.context.set_dims(2, std::vector<int64_t>{4, 2, 8});
                     },
                     Code::kInvalidArgument)
                .find("is an output"),
            std::string::npos);
  EXPECT_NE(ready.error([&] { ready.context.select_profile(1); }, Code::kInvalidArgument).find("the engine has 1"),
            std::string::npos);
  ready.context.run();
}

TEST(Context, RefusesInputsThatDisagree) {
  Ready ready(sample_named("pointwise"));
  ready.context.set_dims(1, std::vector<int64_t>{39, 8});
  EXPECT_NE(ready.error([&] { ready.context.run(); }, Code::kInvalidArgument).find("input 'y': dimension 0 is 39"),
            std::string::npos);
}

TEST(Context, ReportsAFailedShapeCheck) {
  Sample sample = sample_named("pointwise");
  sample.program.checks.push_back(
      {sample.program.bindings[0].dim_exprs[0], sample.program.bindings[0].dim_exprs[1], "rows must equal columns"});
  Ready ready(sample);
  EXPECT_NE(
      ready.error([&] { ready.context.run(); }, Code::kInvalidArgument).find("rows must equal columns (40 against 8"),
      std::string::npos);
}

TEST(Context, TakesUserMemory) {
  ContextOptions options;
  options.owns_memory = false;
  Ready ready(sample_named("in_place_state"), options);
  EXPECT_NE(ready.error([&] { ready.context.run(); }, Code::kInvalidState).find("setDeviceMemory"), std::string::npos);
  alignas(256) static std::byte memory[4096];
  ready.context.set_device_memory(memory, sizeof memory);
  ready.context.run();
  EXPECT_EQ(ready.outputs, ready.sample.expected);
}

/// out[i] = i for i < n, n an element of a host tensor.
Sample counted_by_value() {
  ProgramBuilder b;
  const auto n = b.input("n", {1}, DType::kInt32);
  const auto trips = b.element(n, 0, 0, 16);
  const auto out = b.output("out", {trips});
  const auto slot = b.slot();
  b.begin_loop(slot, trips);
  TileBuilder t;
  t.store(0, DType::kFloat32, t.cast(t.step(0), ValueType::kF32));
  b.stage({b.c(1)}, t.take(), {b.view({out, b.c(0), {b.c(1)}, {{slot, TermKind::kForward, b.c(1)}}})}, {}, {slot});
  b.end();
  return {"counted_by_value", b.program, {{1}}, {}, {}};
}

TEST(Context, ReadsShapeTensorsAtEveryRun) {
  Context context(std::make_shared<const Engine>(counted_by_value().program));
  int32_t n = 3;
  std::vector<float> out(16, -1);
  context.set_address(1, out.data());
  EXPECT_EQ(context.missing(), (std::vector<uint32_t>{0}));
  context.set_address(0, &n);
  EXPECT_TRUE(context.missing().empty());
  context.run();
  EXPECT_EQ(context.dims(1), (std::vector<int64_t>{3}));
  EXPECT_EQ(out[2], 2);
  EXPECT_EQ(out[3], -1);
  n = 5;
  context.run();
  EXPECT_EQ(out[4], 4);
  n = 17;
  EXPECT_THROW(context.run(), Error);
  context.set_values(0, std::vector<int64_t>{6});
  context.run();
  EXPECT_EQ(context.dims(1), (std::vector<int64_t>{6}));
  EXPECT_EQ(out[5], 5);
}

}  // namespace
}  // namespace rondo::runtime::testing
