// Operators against values worked out by hand: the cases where the format's meaning and a layer's differ.

#include <algorithm>
#include <cmath>
#include <limits>

#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

Array bools(Extents dims, std::vector<double> values) { return {DataType::kBOOL, std::move(dims), std::move(values)}; }

struct Case {
  char const* name;
  char const* op;
  std::vector<Array> inputs;
  Array expected;
  std::vector<proto::AttributeProto> attributes{};
  int64_t opset = 18;
  std::vector<size_t> constants{};  ///< inputs given as initializers
};

void PrintTo(Case const& c, std::ostream* out) { *out << c.name; }

/// static: the extents in the file; dynamic: all of the first input's extents come at run time.
Array run_case(Case const& c, bool dynamic) {
  Model model(c.opset);
  std::vector<std::string> names;
  std::map<std::string, Array> inputs;
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    names.push_back("x" + std::to_string(i));
    if (std::find(c.constants.begin(), c.constants.end(), i) != c.constants.end()) {
      model.constant(names[i], c.inputs[i]);
    } else {
      const Extents dims = dynamic && i == 0 ? Extents(c.inputs[i].dims.size(), -1) : c.inputs[i].dims;
      model.input(names[i], c.inputs[i].type, dims);
      inputs[names[i]] = c.inputs[i];
    }
  }
  model.node(c.op, names, {"y"}, c.attributes);
  model.output("y", c.expected.type);
  return run(model, inputs);
}

class Operator : public testing::TestWithParam<Case> {};

TEST_P(Operator, gives_the_values_of_the_format) {
  const Array found = run_case(GetParam(), false);
  EXPECT_EQ(found.type, GetParam().expected.type);
  expect_near(found, GetParam().expected, 1e-5);
}

TEST_P(Operator, gives_them_for_extents_of_the_run) {
  expect_near(run_case(GetParam(), true), GetParam().expected, 1e-5);
}

const std::vector<int64_t> kZero{0};

INSTANTIATE_TEST_SUITE_P(
    Elements, Operator,
    testing::Values(
        Case{"mod_takes_the_sign_of_the_divisor",
             "Mod",
             {ints({4}, {-5, 5, -5, 5}), ints({4}, {3, -3, -3, 3})},
             ints({4}, {1, -1, -2, 2})},
        Case{"fmod_takes_that_of_the_dividend",
             "Mod",
             {floats({2}, {-5.5, 5.5}), floats({2}, {3, -3})},
             floats({2}, {-2.5, 2.5}),
             {attribute("fmod", 1)}},
        Case{"clip_ends_with_the_upper_bound",
             "Clip",
             {floats({2}, {0, 9}), floats({}, {5}), floats({}, {3})},
             floats({2}, {3, 3}),
             {},
             18,
             {1, 2}},
        Case{"integer_powers_are_exact",
             "Pow",
             {ints({3}, {3, -2, 7}), ints({3}, {39, 63, 0})},
             ints({3}, {4052555153018976267.0, -9223372036854775808.0, 1})},
        Case{"no_number_is_not_at_least_itself",
             "GreaterOrEqual",
             {floats({2}, {2, 1}), floats({2}, {2, 2})},
             bools({2}, {1, 0})},
        Case{"equal_of_bools", "Equal", {bools({2}, {1, 0}), bools({2}, {1, 1})}, bools({2}, {1, 0})},
        Case{"infinities_of_one_sign",
             "IsInf",
             {floats({3}, {kInf, -kInf, 1})},
             bools({3}, {0, 1, 0}),
             {attribute("detect_positive", 0)}},
        Case{"log_softmax_does_not_underflow", "LogSoftmax", {floats({1, 2}, {0, 300})}, floats({1, 2}, {-300, 0})},
        Case{"log_sum_exp_does_not_overflow",
             "ReduceLogSumExp",
             {floats({1, 2}, {500, 500})},
             floats({1, 1}, {500 + std::log(2.0)}),
             {attribute("axes", std::vector<int64_t>{1})},
             17}),
    [](auto const& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Shapes, Operator,
    testing::Values(
        Case{"slice_backward",
             "Slice",
             {floats({4}, {0, 1, 2, 3}), ints({1}, {-1}), ints({1}, {-100}), ints({1}, {0}), ints({1}, {-2})},
             floats({2}, {3, 1}),
             {},
             18,
             {1, 2, 3, 4}},
        Case{"slice_beyond_the_end",
             "Slice",
             {floats({4}, {0, 1, 2, 3}), ints({1}, {1}), ints({1}, {4e18}), ints({1}, {0}), ints({1}, {2})},
             floats({2}, {1, 3}),
             {},
             18,
             {1, 2, 3, 4}},
        Case{"slice_with_bounds_of_the_run",
             "Slice",
             {floats({4}, {0, 1, 2, 3}), ints({1}, {-3}), ints({1}, {3})},
             floats({2}, {1, 2})},
        Case{"gather_from_the_end", "Gather", {floats({3}, {5, 6, 7}), ints({2}, {-1, 0})}, floats({2}, {7, 5})},
        Case{"expand_keeps_where_asked_for_one",
             "Expand",
             {floats({2, 1}, {1, 2}), ints({3}, {2, 1, 2})},
             floats({2, 2, 2}, {1, 1, 2, 2, 1, 1, 2, 2}),
             {},
             18,
             {1}},
        Case{"softmax_of_old_folds_the_rest",
             "Softmax",
             {floats({1, 2, 2}, {0, 0, 0, 0})},
             floats({1, 2, 2}, {.25, .25, .25, .25}),
             {attribute("axis", 1)},
             11},
        Case{"reduce_nothing_when_told",
             "ReduceSum",
             {floats({2}, {1, 2}), ints({0}, {})},
             floats({2}, {1, 2}),
             {attribute("noop_with_empty_axes", 1)},
             18,
             {1}},
        Case{"arg_max_of_the_last",
             "ArgMax",
             {floats({1, 3}, {4, 4, 1})},
             ints({1, 1}, {1}),
             {attribute("axis", 1), attribute("select_last_index", 1)}},
        Case{"flatten_at_the_front",
             "Flatten",
             {floats({2, 2}, {1, 2, 3, 4})},
             floats({1, 4}, {1, 2, 3, 4}),
             {attribute("axis", 0)}},
        Case{"tile",
             "Tile",
             {floats({1, 2}, {1, 2}), ints({2}, {2, 2})},
             floats({2, 4}, {1, 2, 1, 2, 1, 2, 1, 2}),
             {},
             18,
             {1}}),
    [](auto const& info) { return std::string(info.param.name); });

TEST(Operators, compare_no_number_as_false) {
  Model model;
  model.input("x", DataType::kFLOAT, {1}).output("y", DataType::kBOOL);
  model.node("LessOrEqual", {"x", "x"}, {"y"});
  EXPECT_EQ(run(model, {{"x", floats({1}, {kNan})}}).values, std::vector<double>{0});
}

TEST(Operators, ranges_of_all_kinds) {
  for (bool constant : {true, false}) {
    Model model;
    std::map<std::string, Array> inputs;
    const auto add = [&](std::string const& name, double value) {
      if (constant || name == "step") {
        model.constant(name, ints({}, {value}));
      } else {
        model.input(name, DataType::kINT64, {});
        inputs[name] = ints({}, {value});
      }
    };
    add("start", 9);
    add("limit", 2);
    add("step", -3);
    model.node("Range", {"start", "limit", "step"}, {"y"});
    model.output("y", DataType::kINT64);
    EXPECT_EQ(run(model, inputs).values, (std::vector<double>{9, 6, 3})) << constant;
  }
}

TEST(Operators, split_into_unequal_parts) {
  for (int64_t rows : {7, -1}) {
    Model model(18);
    model.input("x", DataType::kFLOAT, {rows}).output("a").output("b").output("c");
    model.node("Split", {"x"}, {"a", "b", "c"}, {attribute("num_outputs", 3)});
    Engine engine(model.bytes());
    ASSERT_TRUE(engine.built()) << engine.log();
    auto outputs = engine.run({{"x", floats({7}, {0, 1, 2, 3, 4, 5, 6})}});
    expect_near(outputs.at("b"), floats({3}, {3, 4, 5}));
    expect_near(outputs.at("c"), floats({1}, {6}));
  }
}

/// What is known of a shape serves an operator that needs constants, although the batch is not known.
TEST(Operators, find_constants_in_partly_known_shapes) {
  Model model;
  model.input("x", DataType::kFLOAT, {-1, 3}).output("y", DataType::kFLOAT);
  model.constant("one", ints({1}, {1})).constant("two", ints({1}, {2})).constant("zero", ints({1}, {0}));
  model.node("Shape", {"x"}, {"dims"});
  model.node("Gather", {"dims", "one"}, {"columns"});
  model.node("Sub", {"columns", "two"}, {"axis"});
  model.node("Unsqueeze", {"x", "axis"}, {"y"});
  const Array y = run(model, {{"x", floats({2, 3}, {1, 2, 3, 4, 5, 6})}});
  EXPECT_EQ(y.dims, (Extents{2, 1, 3}));
}

TEST(Operators, keep_layer_normalization_and_its_statistics) {
  Model model;
  model.input("x", DataType::kFLOAT, {-1, 4}).output("mean").output("y");
  model.constant("s", floats({4}, {1, 1, 1, 2}));
  model.node("LayerNormalization", {"x", "s"}, {"y", "mean"}, {attribute("epsilon", 0.0F)});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  auto outputs = engine.run({{"x", floats({1, 4}, {1, 1, 3, 3})}});
  expect_near(outputs.at("y"), floats({1, 4}, {-1, -1, 1, 2}));
  expect_near(outputs.at("mean"), floats({1, 1}, {2}));
}

}  // namespace
}  // namespace rondo::onnx_test
