// Conformance of every op: generated cases against the references in double, in every placement and on every target.
//   rondo_conformance_tests [--seed S] [--cases N] [--op NAME] [--dtype T] [--all-placements] [--trace] [gtest options]
//   rondo_conformance_tests --write-tolerances       docs/tolerances.md from tolerances.def
// Case n of a row has seed S + n; a failure prints the line that repeats it alone. The tests that a run consists of are
// one per row and element type, named Conformance.<op>/<type>.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

#include "conformance/harness/check.h"
#include "conformance/tolerances_page.h"

namespace rondo::conformance {
namespace {

Tally& total() {
  static Tally sum;
  return sum;
}

void add(std::map<std::string, int64_t>& sum, const std::map<std::string, int64_t>& counts) {
  for (const auto& [what, count] : counts) sum[what] += count;
}

class Row : public testing::Test {
 public:
  Row(const Registration& row, DType dtype) : row_(row), dtype_(dtype) {}

  void TestBody() override {
    const Tally tally = check_all(row_, dtype_);
    std::cout << "  " << row_.op << " " << dtype_name(dtype_) << ": " << tally.cases << " cases, " << tally.checks
              << " checks";
    for (const auto& [reason, count] : tally.skipped) std::cout << "; skipped " << count << " x " << reason;
    std::cout << std::endl;
    total().cases += tally.cases;
    total().checks += tally.checks;
    add(total().tested, tally.tested);
    add(total().skipped, tally.skipped);
  }

 private:
  const Registration& row_;
  DType dtype_;
};

void register_rows() {
  for (const Registration* row : registrations()) {
    if (!options().op.empty() && options().op != row->op) continue;
    for (DType dtype : row->dtypes) {
      if (!options().dtype.empty() && options().dtype != dtype_name(dtype)) continue;
      const std::string name = row->op + "/" + dtype_name(dtype);
      testing::RegisterTest("Conformance", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [row, dtype]() -> testing::Test* { return new Row(*row, dtype); });
    }
  }
}

void print_total() {
  if (total().cases == 0) return;
  std::cout << "conformance: " << total().cases << " cases, " << total().checks << " checks\n";
  for (const auto& [what, count] : total().tested) std::cout << "  tested  " << what << ": " << count << "\n";
  for (const auto& [what, count] : total().skipped) std::cout << "  skipped " << what << ": " << count << "\n";
}

/// True if the argument is one of ours; `i` moves over its value.
bool parse(int argc, char** argv, int& i) {
  const std::string name = argv[i];
  if (name == "--all-placements") return options().all_placements = true;
  if (name == "--trace") return options().trace = true;
  if (i + 1 >= argc) return false;
  if (name == "--seed") return options().seed = std::strtoull(argv[++i], nullptr, 10), true;
  if (name == "--cases") return options().cases = std::atoll(argv[++i]), true;
  if (name == "--op") return options().op = argv[++i], true;
  if (name == "--dtype") return options().dtype = argv[++i], true;
  return false;
}

int run(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--write-tolerances") == 0) return write_tolerances_page() ? 0 : 1;
    if (parse(argc, argv, i)) continue;
    std::cerr << "unknown option " << argv[i] << "; see tests/conformance/README.md\n";
    return 2;
  }
  if (!options().op.empty()) testing::GTEST_FLAG(filter) = "Conformance.*";
  register_rows();
  const int status = RUN_ALL_TESTS();
  print_total();
  return status;
}

}  // namespace
}  // namespace rondo::conformance

int main(int argc, char** argv) { return rondo::conformance::run(argc, argv); }
