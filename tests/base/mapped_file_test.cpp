#include "base/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace rondo {
namespace {

class MappedFileTest : public ::testing::Test {
 protected:
  std::string path_of(const char* name) const { return (folder_ / name).string(); }
  std::string written(const char* name, const std::string& text) const {
    std::ofstream(path_of(name), std::ios::binary) << text;
    return path_of(name);
  }
  static std::string refusal(const std::string& path) {
    try {
      MappedFile::open(path);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  static std::string text_of(const MappedFile& file) { return {file.bytes().begin(), file.bytes().end()}; }

  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("rondo_mapped_file_" + std::to_string(::getpid()) + "_" +
                                                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(MappedFileTest, ShowsTheFile) { EXPECT_EQ(text_of(*MappedFile::open(written("a", "weights"))), "weights"); }

TEST_F(MappedFileTest, KeepsItsContentsWhenTheFileIsReplaced) {
  const std::string path = written("a", "old");
  const auto file = MappedFile::open(path);
  std::filesystem::rename(written("b", "newer"), path);
  EXPECT_EQ(text_of(*file), "old");
  EXPECT_EQ(text_of(*MappedFile::open(path)), "newer");
  std::filesystem::remove(path);
  EXPECT_EQ(text_of(*file), "old");
}

TEST_F(MappedFileTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(refusal(path_of("none")), "file '" + path_of("none") + "' cannot be opened: No such file or directory");
  EXPECT_EQ(refusal(folder_.string()), "'" + folder_.string() + "' is no regular file");
  EXPECT_EQ(refusal(written("empty", "")), "file '" + path_of("empty") + "' is empty");
  ASSERT_EQ(::mkfifo(path_of("pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(path_of("pipe")), "'" + path_of("pipe") + "' is no regular file") << "and does not wait for it";
}

}  // namespace
}  // namespace rondo
