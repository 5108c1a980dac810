#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "conformance/harness/tolerance.h"
#include "conformance/tolerances_page.h"

// docs/tolerances.md shows the table that the conformance tests hold the ops to.

namespace rondo::conformance {
namespace {

constexpr const char* kPage = RONDO_SOURCE_DIR "/docs/tolerances.md";
constexpr const char* kBegin = "<!-- table: tests/conformance/tolerances.def -->\n";
constexpr const char* kEnd = "<!-- end of table -->\n";

std::string page() {
  std::ifstream file(kPage);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

}  // namespace

std::string tolerances_page() {
  const std::string now = page();
  const size_t begin = now.find(kBegin), end = now.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return "";
  return now.substr(0, begin) + kBegin + "| op | bound | |\n| --- | --- | --- |\n" + tolerances_text() +
         now.substr(end);
}

bool write_tolerances_page() {
  const std::string wanted = tolerances_page();
  if (wanted.empty()) return false;
  std::ofstream file(kPage);
  file << wanted;
  return file.good();
}

TEST(Tolerances, ThePageShowsTheTable) {
  ASSERT_NE(tolerances_page(), "") << kPage << " lacks the marks around its table";
  EXPECT_EQ(page(), tolerances_page()) << "run rondo_conformance_tests --write-tolerances";
}

}  // namespace rondo::conformance
