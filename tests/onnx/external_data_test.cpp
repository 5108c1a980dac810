// External data: what is read, and everything that must not be.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "onnx/budget.h"
#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

namespace fs = std::filesystem;
using onnx::ErrorCode;

/// A model's folder with weights of three floats beside it, and a secret outside.
class ExternalData : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "rondo_onnx_XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::create_directories(root_ / "model" / "data");
    write(root_ / "model" / "data" / "weights.bin", {1, 2, 3, 4});
    write(root_ / "secret.bin", {7, 7, 7, 7});
    write(root_ / "model" / "twice.bin", {1, 2, 3, 4});
    fs::create_hard_link(root_ / "model" / "twice.bin", root_ / "model" / "again.bin");
    fs::create_symlink(root_ / "secret.bin", root_ / "model" / "link.bin");
    fs::create_directory_symlink(root_, root_ / "model" / "up");
    mkfifo((root_ / "model" / "pipe.bin").c_str(), 0600);
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(fs::path const& path, std::vector<float> const& values) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<char const*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(float)));
  }

  static void point(proto::TensorProto& tensor, std::map<std::string, std::string> const& entries) {
    tensor.clear_raw_data();
    tensor.set_data_location(proto::TensorProto::EXTERNAL);
    for (auto const& [key, value] : entries) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
  }

  /// y = x + w, w in a file.
  static Model model(std::map<std::string, std::string> const& entries) {
    Model model;
    model.input("x", DataType::kFLOAT, {3}).constant("w", floats({3}, {0, 0, 0})).output("y");
    model.node("Add", {"x", "w"}, {"y"});
    point(*model.proto().mutable_graph()->mutable_initializer(0), entries);
    return model;
  }

  std::string path() const { return (root_ / "model" / "model.onnx").string(); }

  void expect_refused(std::map<std::string, std::string> const& entries, std::string const& says) {
    const std::string bytes = model(entries).bytes();
    Refusal refusal;
    expect_cheap(measure([&] { refusal = refuse(bytes, path()); }));
    EXPECT_EQ(refusal.code, ErrorCode::kMODEL_DESERIALIZE_FAILED) << refusal.text;
    EXPECT_NE(refusal.text.find(says), std::string::npos) << refusal.text;
    EXPECT_NE(refusal.text.find("initializer 'w'"), std::string::npos) << refusal.text;
  }

  fs::path root_;
};

TEST_F(ExternalData, is_read_from_below_the_folder) {
  Engine engine(model({{"location", "data/weights.bin"}, {"offset", "4"}, {"length", "12"}}).bytes(), path());
  ASSERT_TRUE(engine.built()) << engine.log();
  expect_near(engine.run({{"x", floats({3}, {10, 20, 30})}}).at("y"), floats({3}, {12, 23, 34}));
}

TEST_F(ExternalData, is_checked_against_its_digest) {
  std::map<std::string, std::string> region{{"location", "data/weights.bin"}, {"length", "12"}};
  region["checksum"] = std::string(40, '0');
  expect_refused(region, "SHA-1");
  region["checksum"] = "c26df9440df999ae7d765499acd5ca855709702f";  // sha1sum of the floats 1, 2, 3, 4
  Engine engine(model(region).bytes(), path());
  EXPECT_TRUE(engine.parsed()) << engine.log();
}

TEST_F(ExternalData, of_paths_that_lead_outside_is_refused) {
  expect_refused({{"location", "../secret.bin"}}, "relative path");
  expect_refused({{"location", "data/../../secret.bin"}}, "relative path");
  expect_refused({{"location", "a/../../secret.bin"}}, "relative path");
  expect_refused({{"location", (root_ / "secret.bin").string()}}, "relative path");
  expect_refused({{"location", "./data/weights.bin"}}, "relative path");
  expect_refused({{"location", "data//weights.bin"}}, "relative path");
  expect_refused({{"location", "..\\secret.bin"}}, "relative path");
  expect_refused({{"location", std::string("data/weights.bin\0/x", 19)}}, "relative path");
}

TEST_F(ExternalData, behind_links_is_refused) {
  expect_refused({{"location", "link.bin"}}, "cannot be opened");
  expect_refused({{"location", "up/secret.bin"}}, "cannot be opened");
  expect_refused({{"location", "again.bin"}, {"length", "12"}}, "2 names");
}

TEST_F(ExternalData, of_what_is_no_file_is_refused) {
  expect_refused({{"location", "pipe.bin"}}, "not a regular file");
  expect_refused({{"location", "data"}}, "not a regular file");
  expect_refused({{"location", "absent.bin"}}, "cannot be opened");
  expect_refused({}, "no location");
}

TEST_F(ExternalData, of_wrong_sizes_is_refused) {
  expect_refused({{"location", "data/weights.bin"}, {"offset", "8"}}, "are not there");
  expect_refused({{"location", "data/weights.bin"}, {"offset", "9223372036854775800"}}, "are not there");
  expect_refused({{"location", "data/weights.bin"}, {"offset", "-4"}}, "not a number");
  expect_refused({{"location", "data/weights.bin"}, {"offset", "4x"}}, "not a number");
  expect_refused({{"location", "data/weights.bin"}, {"length", "16"}}, "need 12");
  expect_refused({{"location", "data/weights.bin"}, {"length", "99999999999999999999"}}, "not a number");
}

TEST_F(ExternalData, larger_than_its_file_is_refused_before_memory_is_taken) {
  Model huge = model({{"location", "data/weights.bin"}});
  huge.proto().mutable_graph()->mutable_initializer(0)->set_dims(0, int64_t{1} << 38);
  const std::string bytes = huge.bytes();
  Refusal refusal;
  expect_cheap(measure([&] { refusal = refuse(bytes, path()); }));
  EXPECT_NE(refusal.text.find("are not there"), std::string::npos) << refusal.text;
}

TEST_F(ExternalData, keeps_a_model_below_the_limit_of_the_format) {
  fs::resize_file(root_ / "model" / "data" / "weights.bin", int64_t{5} << 30);  // a hole: no disk behind it
  Engine engine(model({{"location", "data/weights.bin"}, {"offset", std::to_string((int64_t{5} << 30) - 12)}}).bytes(),
                path());
  ASSERT_TRUE(engine.built()) << engine.log();
  expect_near(engine.run({{"x", floats({3}, {10, 20, 30})}}).at("y"), floats({3}, {10, 20, 30}));
}

TEST_F(ExternalData, without_a_folder_is_refused) {
  const Refusal refusal = refuse(model({{"location", "data/weights.bin"}}).bytes());
  EXPECT_NE(refusal.text.find("folder is unknown"), std::string::npos) << refusal.text;
}

TEST_F(ExternalData, of_attributes_and_sparse_tensors_goes_through_the_same_door) {
  Model constant;
  constant.input("x", DataType::kFLOAT, {3}).output("y");
  proto::TensorProto value = tensor("", floats({3}, {0, 0, 0}));
  point(value, {{"location", "../secret.bin"}});
  constant.node("Constant", {}, {"w"}, {attribute("value", value)});
  constant.node("Add", {"x", "w"}, {"y"});
  EXPECT_NE(refuse(constant.bytes(), path()).text.find("relative path"), std::string::npos);

  Model sparse = model({});
  sparse.proto().mutable_graph()->clear_initializer();
  auto& initializer = *sparse.proto().mutable_graph()->add_sparse_initializer();
  *initializer.mutable_values() = value;
  initializer.mutable_values()->set_name("w");
  *initializer.mutable_indices() = tensor("", ints({3}, {0, 1, 2}));
  initializer.add_dims(3);
  EXPECT_NE(refuse(sparse.bytes(), path()).text.find("relative path"), std::string::npos);
}

}  // namespace
}  // namespace rondo::onnx_test
