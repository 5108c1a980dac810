// parseFromFile: what it refuses, and what a model costs in memory.

#include <filesystem>
#include <fstream>

#include "onnx/budget.h"
#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

namespace fs = std::filesystem;
using onnx::ErrorCode;

class ModelFile : public testing::Test {
 protected:
  ModelFile()
      : builder_(createInferBuilder(log_)),
        network_(builder_->createNetworkV2(0)),
        parser_(onnx::createParser(*network_, log_)) {
    std::string pattern = (fs::temp_directory_path() / "rondo_model_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ModelFile() override { fs::remove_all(folder_); }

  bool parse() { return parser_->parseFromFile((folder_ / "model.onnx").c_str(), 2); }
  void write(std::string const& bytes) {
    std::ofstream(folder_ / "model.onnx", std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  void expect_refused(std::string const& says) {
    expect_cheap(measure([&] { ASSERT_FALSE(parse()); }));
    ASSERT_EQ(parser_->getNbErrors(), 1);
    EXPECT_EQ(parser_->getError(0)->code(), ErrorCode::kMODEL_DESERIALIZE_FAILED);
    EXPECT_NE(std::string(parser_->getError(0)->desc()).find(says), std::string::npos) << parser_->getError(0)->desc();
  }

  Log log_;
  std::unique_ptr<IBuilder> builder_;
  std::unique_ptr<INetworkDefinition> network_;
  std::unique_ptr<onnx::IParser> parser_;
  fs::path folder_;
};

/// y = x transpose(w), as exporters write a linear layer; w has 4 * `width` * `width` bytes.
Model linear_model(int64_t width) {
  Model model;
  model.input("x", DataType::kFLOAT, {1, width}).output("y");
  model.constant("w", noise({width, width}));
  model.node("Transpose", {"w"}, {"turned"});
  model.node("MatMul", {"x", "turned"}, {"y"});
  return model;
}

TEST_F(ModelFile, is_in_memory_once) {
  constexpr int64_t kWidth = 3072;
  write(linear_model(kWidth).bytes());
  const Cost cost = measure([&] { EXPECT_TRUE(parse()) << log_.text(); });
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(cost.growth_bytes, 4 * kWidth * kWidth + (int64_t{4} << 20));
#endif
}

TEST_F(ModelFile, that_is_none_is_refused) {
  expect_refused("cannot be opened");
  fs::create_directory(folder_ / "model.onnx");
  expect_refused("not a regular file");
  fs::remove(folder_ / "model.onnx");
  write("");
  expect_refused("is empty");
  const std::string whole = linear_model(8).bytes();
  write(whole.substr(0, whole.size() - 100));
  expect_refused("larger than what is left");
}

TEST_F(ModelFile, above_the_limit_of_the_format_is_refused_unread) {
  write("");
  fs::resize_file(folder_ / "model.onnx", (int64_t{2} << 30) + 1);
  expect_refused("the format allows 2147483647, so larger models keep their weights in external data");
}

TEST(TransposedConstant, is_used_by_products_and_by_other_layers) {
  Model model;
  model.input("x", DataType::kFLOAT, {1, 3}).constant("w", floats({2, 3}, {1, 2, 3, 4, 5, 6})).output("y");
  model.node("Transpose", {"w"}, {"turned"});  // [3, 2]
  model.node("MatMul", {"x", "turned"}, {"by_matmul"});
  model.node("Gemm", {"x", "turned"}, {"by_gemm"});
  model.node("Transpose", {"turned"}, {"back"});
  model.node("Gemm", {"x", "back"}, {"by_both"}, {attribute("transB", 1)});
  model.node("ReduceSum", {"turned", "first"}, {"columns"}, {attribute("keepdims", 1)});
  model.constant("first", ints({1}, {0}));
  model.node("Sum", {"by_matmul", "by_gemm", "by_both", "columns"}, {"y"});
  // Each product is [1 + 2 + 3, 4 + 5 + 6] times 1, and so are the sums of the columns.
  expect_near(run(model, {{"x", floats({1, 3}, {1, 1, 1})}}), floats({1, 2}, {24, 60}));
}

}  // namespace
}  // namespace rondo::onnx_test
