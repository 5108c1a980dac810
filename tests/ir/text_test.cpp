#include "ir/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/error.h"
#include "ir/verify.h"

namespace rondo::ir {
namespace {

// to_string's form of a loop over a dynamic sequence, as the header shows it.
constexpr char kCanonical[] = R"(symbol x.0 input_dim 0 0 [1, 3, 6]
symbol "len gth" input_dim 1 0 [0, 1, 2147483647]
symbol s.0 input_value 2 0 [-1, 2, 9]
%0 = input {index = 0} "x" : f32[x.0, 4, 7] "x"
%1 = input {index = 1} "mask" : bool["len gth"]
%2 = input {index = 2} : i32[1]
%3 = constant {data = hex:0000803f00000040, dims = [2, 1]} : f32[2, 1]
%4 = constant {data = hex:, dims = [0]} : f16[0]
%5 = reshape(%0) {shape = dims[4*x.0, 7]} "a + b" : f32[4*x.0, 7]
%6 = activation(%5) {alpha = 0.1, beta = -1e-300, type = 3} : f32[4*x.0, 7]
%7 = constant {data = #0, dims = [5, 13]} : f32[5, 13]
%8 = constant {data = #1, dims = []} : i32[]
%9 = slice(%0) {empty = dims[], size = dims[floordiv(x.0 + 1, 2), 1, max("len gth", x.0)], start = dims[0, 0, 0], stride = [2, 1, 1]} : f32[floordiv(x.0 + 1, 2), 1, max("len gth", x.0)]
%10 = shape(%9) {none = [], text = "\"quoted\"\n\xc3\xa9", to = 3} : i32[3]
output "y" %6
output "odd \"name\"" %10
check [x.0, 2*"len gth"] "x's length is twice the mask's"
)";

void expect_round_trip(const std::string& text) {
  const Graph graph = parse_graph(text);
  verify_structure(graph, "parse");
  EXPECT_EQ(to_string(graph), text);
}

TEST(TextTest, RoundTripIsExact) {
  std::string text = kCanonical;
  text += "data #0 f32 {\n";
  for (int line = 0; line < 4; ++line) text += std::string(128, '0' + line) + "\n";
  text += "0000803f\n}\ndata #1 i64 {\nffffffffffffffff\n}\n";
  const size_t scalar = text.find("%8");
  text.replace(scalar, text.find('\n', scalar) - scalar, "%8 = constant {data = #1, dims = []} : i32[]");
  expect_round_trip(text);
}

TEST(TextTest, ChecksActAfterParsing) {
  Graph graph = parse_graph(R"(symbol x.0 input_dim 0 0 [1, 3, 6]
symbol y.0 input_dim 1 0 [1, 3, 6]
%0 = input {index = 0} "x" : f32[x.0]
%1 = input {index = 1} "y" : f32[y.0]
check [y.0, x.0] "same batch"
)");
  DimPool& pool = graph.dims();
  EXPECT_NE(pool.symbol_dim(0), pool.symbol_dim(1));
  EXPECT_TRUE(pool.same(pool.symbol_dim(0), pool.symbol_dim(1)));
  EXPECT_EQ(pool.checks()[0].message, "same batch");
}

TEST(TextTest, HostShapeInputsGetTheirContentsBack) {
  const Graph graph = parse_graph(R"(
symbol s.0 input_value 0 0 [1, 2, 9]
symbol s.1 input_value 0 1 [1, 2, 9]
%0 = input {index = 0} "s" : i32[2]
)");
  const Value& value = graph.value(graph.op(graph.inputs()[0]).results[0]);
  ASSERT_TRUE(value.info.contents);
  EXPECT_EQ(*value.info.contents, (std::vector<Dim>{graph.dims().symbol_dim(0), graph.dims().symbol_dim(1)}));
}

TEST(TextTest, RealsKeepEveryBit) {
  std::mt19937_64 random(7);
  std::vector<double> values{0.0,
                             -0.0,
                             1.0,
                             1e100,
                             5e-324,
                             std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::max()};
  for (int i = 0; i < 1000; ++i) {
    const double v = __builtin_bit_cast(double, static_cast<uint64_t>(random()));
    if (v == v) values.push_back(v);
  }
  Graph graph;
  for (const double v : values) graph.add_op(graph.main(), OpKind::k_activation, Attrs{{"alpha", v}}, {}, 1, "");
  graph.add_op(graph.main(), OpKind::k_activation, Attrs{{"alpha", std::numeric_limits<double>::quiet_NaN()}}, {}, 1,
               "");
  const Graph back = parse_graph(to_string(graph));
  EXPECT_EQ(to_string(back), to_string(graph));
  for (uint32_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(__builtin_bit_cast(uint64_t, back.op(OpId{i}).attrs.real("alpha")),
              __builtin_bit_cast(uint64_t, values[i]));
  }
}

TEST(TextTest, SmallConstantsOfAnotherDtypeGoToBlocks) {
  Graph graph;
  const uint32_t data = graph.add_constant_data(DType::kInt64, Bytes(8));
  const OpId op = graph.add_op(graph.main(), OpKind::k_constant,
                               Attrs{{"data", int64_t{data}}, {"dims", std::vector<int64_t>{}}}, {}, 1, "c");
  EXPECT_NE(to_string(graph).find("data = #0"), std::string::npos);
  graph.value(graph.op(op).results[0]).info.type.dtype = DType::kInt64;
  EXPECT_NE(to_string(graph).find("data = hex:0000000000000000"), std::string::npos);
  EXPECT_NE(to_summary(graph).find("data = <8 bytes>"), std::string::npos);
}

// Eight loops inside each other; every level uses values of every level around it.
std::string nested_loops(int levels) {
  const std::string attrs =
      "{carried = 1, count = 1, iter_axes = [], iter_reverse = [], out_axes = [], out_reverse = [], while = 0}";
  std::string text = "%n = constant {data = hex:02000000, dims = []} : i32[]\n%v0 = input {index = 0} \"x\" : f32[2]\n";
  std::string close;
  std::string indent;
  for (int i = 1; i <= levels; ++i) {
    const std::string level = std::to_string(i), outer = std::to_string(i - 1);
    text += indent + "%r" + level + " = loop(%n, %v" + outer + ") " + attrs + " \"l" + level + "\" : f32[2] {\n";
    text += indent + "  (%t" + level + ": i64[], %h" + level + ": f32[2])\n";
    std::string last = "%h" + level;
    for (int k = 0; k < i; ++k) {
      const std::string made = k + 1 == i ? "%v" + level : "%u" + level + "_" + std::to_string(k);
      text +=
          indent + "  " + made + " = pointwise(" + last + ", %v" + std::to_string(k) + ") {fn = \"add\"} : f32[2]\n";
      last = made;
    }
    close = indent + "  yield " + (i == levels ? "%v" : "%r") + std::to_string(i == levels ? i : i + 1) + "\n" +
            indent + "}\n" + close;
    indent += "  ";
  }
  return text + close + "output \"y\" %r1\n";
}

TEST(TextTest, LoopsNestedEightDeepWithCaptures) {
  const Graph graph = parse_graph(nested_loops(8));
  verify_structure(graph, "parse");
  EXPECT_EQ(graph.region_count(), 9u);
  const std::string printed = to_string(graph);
  expect_round_trip(printed);
  Graph compacted = graph;
  compacted.compact();
  EXPECT_EQ(to_string(compacted), printed);
}

TEST(TextTest, NestingIsBounded) {
  EXPECT_NO_THROW(parse_graph(nested_loops(64)));
  EXPECT_THROW(parse_graph(nested_loops(65)), Error);
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "conditional {";
  EXPECT_THROW(parse_graph(deep), Error);
}

TEST(TextTest, CommentsAndLayoutDoNotMatter) {
  EXPECT_EQ(to_string(parse_graph("// head\n%a=input{index=0}\"x\":f32[ 2 ,3 ] // tail\noutput\"y\"%a")),
            "%0 = input {index = 0} \"x\" : f32[2, 3]\noutput \"y\" %0\n");
}

struct Mistake {
  const char* text;
  const char* message;
};

TEST(TextTest, MistakesAreNamedWithTheirLine) {
  const Mistake mistakes[] = {
      {"%0 = input {index = 0} : f32[2]\n%1 = lstm(%0) : f32[2]", "line 2: 'lstm' is no op"},
      {"%0 = identity(%1) : f32[2]", "line 1: value %1 is not defined here"},
      {"%0 = input {index = 0} : f32[2]\n\n%0 = identity(%0) : f32[2]", "line 3: value %0 is defined twice"},
      {"%0 = input {index = 0} : f33[2]", "line 1: 'f33' is no dtype"},
      {"%0 = input {index = 0} : f32[n]", "line 1: dimension 'n': no such symbol"},
      {"%0 = input {index = 1} : f32[2]", "line 1: the inputs' indices must be 0 to 0"},
      {"%0 = iota {axis = 0, axis = 1} : i32[2]", "line 1: attribute 'axis' stands twice"},
      {"%0 = iota {axis = } : i32[2]", "line 1: a number expected"},
      {"%0 = iota {axis = 99999999999999999999} : i32[2]", "line 1: a number expected"},
      {"%0 = iota {axis = 1", "line 1: '}' expected"},
      {"%0 = iota \"name : i32[2]", "line 1: malformed quoted text"},
      {"%0 = iota", "line 1: ':' expected"},
      {"%0 = iota : i32[2", "line 1: ']' is missing"},
      {"%0 = constant {data = hex:000, dims = [1]} : f32[1]", "line 1: hex data has an odd number of digits"},
      {"%0 = constant {data = hex:0000, dims = [1]} : f32[1]", "line 1: the constant's bytes are no whole number"},
      {"%0 = constant {data = hex:00000000, dims = [2]} : f32[2]",
       "line 1: constant '': dims need 8 bytes, data holds 4"},
      {"\n%0 = constant {data = #7, dims = [2]} : f32[2]", "line 2: there is no data block #7"},
      {"%0 = constant {data = 0, dims = [2]} : f32[2]", "line 1: a constant's data is"},
      {"data #0 f32 {00}", "line 1: the block's bytes are no whole number"},
      {"data #0 u8 {00}\ndata #0 u8 {00}", "line 2: data block #0 stands twice"},
      {"symbol a input_dim 0 0 [3, 1, 5]", "line 1: a range needs"},
      {"symbol a input_dim 0 0 [-1, 1, 5]", "line 1: a dimension's range starts below 0"},
      {"symbol a input_dim 0 0 [1, 1, 5]\nsymbol a input_dim 0 1 [1, 1, 5]", "line 2: symbolic dimension 'a' exists"},
      {"symbol a input_dim 0 -1 [1, 1, 5]", "line 1: a symbol's index is -1"},
      {"symbol a input_dim 0 0 [1, 1, 5]\ncheck [a, a + 1] \"\"", "line 2: the two sides"},
      {"check [1] \"\"", "line 1: a check has two sides"},
      {"conditional {} {", "line 1: 'yield' is missing"},
      {"%0 = input {index = 0} : f32[2]\nidentity(%0) {} { yield }", "line 2: identity '': has regions"},
      {"output \"\" %0", "line 1: value %0 is not defined here"},
      {"nonsense", "line 1: 'nonsense' is no op"},
      {"%", "line 1: a value's name or number"},
      {"=", "line 1: an op expected"},
  };
  for (const Mistake& m : mistakes) {
    try {
      parse_graph(m.text);
      ADD_FAILURE() << "accepted: " << m.text;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, std::string(m.message).size()), m.message) << m.text;
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
    }
  }
}

TEST(TextTest, DamagedTextGivesAGraphOrAnError) {
  const std::string good = to_string(parse_graph(nested_loops(3))) + "symbol q input_dim 0 0 [0, 1, 2]\n";
  std::mt19937 random(3);
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = good;
    const int edits = 1 + static_cast<int>(random() % 3);
    for (int e = 0; e < edits; ++e) {
      const size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, 1, "%{}[]()\",:=#-0123456789xq"[random() % 25]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
          break;
      }
      if (text.empty()) break;
    }
    try {
      const Graph graph = parse_graph(text);
      EXPECT_FALSE(find_structure_problem(graph));
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 2000);
  for (size_t length = 0; length < good.size(); length += 7) {
    try {
      parse_graph(std::string_view(good).substr(0, length));
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace rondo::ir
