// Every public header compiles alone, in C++14 and C++20, without warnings and without a CUDA header on the path (the
// compat headers: with the shim on it). The compiler is asked at run time, so a new header needs no new test.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const std::string kInclude = std::string(RONDO_SOURCE_DIR) + "/include";

std::vector<std::string> headers(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(kInclude + "/" + folder)) {
    if (entry.path().extension() == ".h") found.push_back(entry.path().string());
  }
  return found;
}

bool compiles(const std::string& header, const std::string& flags) {
  const char* compiler = std::getenv("CXX");
  const std::string command = std::string(compiler ? compiler : "c++") +
                              " -fsyntax-only -x c++ -Wall -Wextra -Werror -I" + kInclude + " " + flags + " -include " +
                              header + " /dev/null";
  return std::system(command.c_str()) == 0;
}

TEST(Headers, PublicOnesCompileAlone) {
  const auto all = headers("rondo");
  ASSERT_GE(all.size(), 20u);
  for (const std::string& header : all) {
    EXPECT_TRUE(compiles(header, "-std=c++14")) << header;
    EXPECT_TRUE(compiles(header, "-std=c++20 -DRONDO_WARN_DEPRECATED -Wno-deprecated-declarations")) << header;
  }
}

TEST(Headers, CompatOnesCompileAlone) {
  const std::string paths =
      "-I" + kInclude + "/compat -I" + kInclude + "/compat/cuda_shim -I" + kInclude + "/../onnx/include ";
  for (const std::string& header : headers("compat")) {
    EXPECT_TRUE(compiles(header, paths + "-std=c++14")) << header;
  }
}

}  // namespace
