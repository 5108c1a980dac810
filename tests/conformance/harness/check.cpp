#include "conformance/harness/check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "base/error.h"
#include "conformance/harness/engine.h"
#include "conformance/harness/network.h"
#include "conformance/harness/tolerance.h"
#include "ir/text.h"

// One case goes through its placements, one placement through its targets: the interpreter of the expanded network, and
// the engine with each instruction set and thread count. What a target gives is compared with the reference of the
// network as it was placed, in double, under the case's row of the tolerance table.

namespace rondo::conformance {
namespace {

constexpr int kMostFailures = 3;  ///< per row and type; the rest of its cases is left out then

uint64_t hash_of(const std::string& words) {
  uint64_t hash = 14695981039346656037ull;
  for (char c : words) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash;
}

Random random_of(const Registration& row, DType dtype, int64_t n) {
  return Random(hash_of(row.op + "/" + dtype_name(dtype)) + options().seed + static_cast<uint64_t>(n));
}

std::vector<Placement> placements_of(int64_t n) {
  std::vector<Placement> list{Placement::kPlain, Placement::kSymbolic, Placement::kLoop, Placement::kBranch};
  constexpr Placement kInTurn[] = {Placement::kSymbolicLoop, Placement::kLoopInLoop, Placement::kLoopInBranch,
                                   Placement::kBranchInLoop};
  for (int64_t i = 0; i < 4; ++i) {
    if (options().all_placements || i == n % 4) list.push_back(kInTurn[i]);
  }
  return list;
}

std::string tensor_text(const ops::Tensor& x) {
  constexpr size_t kShown = 256;
  std::string out = text(dtype_name(x.dtype), "[");
  for (size_t i = 0; i < x.dims.size(); ++i) out += text(i > 0 ? ", " : "", x.dims[i]);
  out += "] {";
  for (size_t i = 0; i < x.data.size() && i < kShown; ++i) {
    char number[40];
    std::snprintf(number, sizeof number, "%s%.9g", i > 0 ? ", " : "", x.data[i]);
    out += number;
  }
  return out + (x.data.size() > kShown ? ", ..}" : "}");
}

/// What the interpreter, which keeps floats in double, would store.
std::vector<ops::Tensor> rounded(std::vector<ops::Tensor> tensors) {
  for (ops::Tensor& x : tensors) {
    for (double& v : x.data) v = ops::round_to(x.dtype, v);
  }
  return tensors;
}

/// Checks one case in all its placements.
class Checker {
 public:
  Checker(const Registration& row, DType dtype, int64_t n, Tally& tally)
      : row_(row), dtype_(dtype), n_(n), tally_(tally), case_(draw(row, dtype, n)) {}

  void check() {
    tolerance_ = tolerance_of(case_, row_.op);
    if (tolerance_ == nullptr) {
      ADD_FAILURE() << "tests/conformance/tolerances.def has no row for " << row_.op;
      return;
    }
    for (Placement placement : placements_of(n_)) check_placement(placement);
  }

 private:
  void check_placement(Placement placement) {
    const std::string name = placement_name(placement);
    std::string reason = skip_reason(case_, placement);
    network_ = {};
    try {
      if (reason.empty()) network_ = place(case_, placement, placement_random());
    } catch (const NotApplicable& no) {
      reason = no.reason;
    } catch (const std::exception& error) {
      return report(name, "building", error.what());
    }
    if (!reason.empty()) {
      ++tally_.skipped[name + ": " + reason];
      return;
    }
    if (options().trace) std::cerr << name << "\n" << ir::to_string(network_.graph.graph) << std::endl;
    try {
      make_expected(placement);
    } catch (const std::exception& error) {
      return report(name, "reference", error.what());
    }
    target(name, "expanded", [&] { return rounded(network_.graph.run_expanded(network_.inputs)); });
    check_engine(name);
  }

  Random placement_random() const { return random_of(row_, dtype_, n_ + 1000003); }

  void check_engine(const std::string& placement) {
    std::optional<plan::Program> program;
    try {
      program = compile(network_.graph.graph);
    } catch (const std::exception& error) {
      return report(placement, "compiling", error.what());
    }
    const int threads = n_ % 4 == 3 ? 3 : 2;
    for (kernels::Isa isa : instruction_sets()) {
      target(placement, kernels::isa_name(isa), [&] { return run(*program, isa, network_.inputs, threads); });
    }
  }

  void make_expected(Placement placement) {
    expected_ = network_.graph.run(network_.inputs);
    magnitudes_.clear();
    if (tolerance_->kind != ToleranceKind::kSum) return;
    Case positive = case_;
    for (Operand& operand : positive.operands) {
      for (double& v : operand.value.data) v = is_float(operand.value.dtype) ? std::fabs(v) : v;
    }
    const Network network = place(positive, placement, placement_random());
    magnitudes_ = network.graph.run(network.inputs);
  }

  template <class Fn>
  void target(const std::string& placement, const std::string& name, Fn fn) {
    std::string problem;
    try {
      const std::vector<ops::Tensor> actual = fn();
      if (actual.size() != expected_.size()) problem = text(actual.size(), " outputs");
      for (size_t i = 0; i < actual.size() && problem.empty(); ++i) {
        problem =
            difference(*tolerance_, case_, {expected_[i], magnitudes_.empty() ? nullptr : &magnitudes_[i]}, actual[i]);
        if (!problem.empty()) problem = text("output ", i, ": ", problem);
      }
    } catch (const std::exception& error) {
      problem = error.what();
    }
    ++tally_.checks;
    ++tally_.tested[placement + ", " + name];
    if (!problem.empty()) report(placement, name, problem);
  }

  void report(const std::string& placement, const std::string& target, const std::string& problem) {
    std::string inputs;
    for (const ops::Tensor& x : network_.inputs) inputs += "\n  input " + tensor_text(x);
    ADD_FAILURE() << row_.op << " " << dtype_name(dtype_) << ", " << placement << ", " << target << ": " << problem
                  << "\n  again: --op " << row_.op << " --dtype " << dtype_name(dtype_) << " --seed "
                  << options().seed + static_cast<uint64_t>(n_) << " --cases 1\n"
                  << ir::to_string(network_.graph.graph) << inputs;
  }

  const Registration& row_;
  DType dtype_;
  int64_t n_;
  Tally& tally_;
  Case case_;
  const Tolerance* tolerance_ = nullptr;
  Network network_;
  std::vector<ops::Tensor> expected_, magnitudes_;
};

}  // namespace

Options& options() {
  static Options all;
  return all;
}

int64_t most_cases() {
  const char* most = std::getenv("RONDO_CONFORMANCE_CASES");
  return most == nullptr ? INT64_MAX : std::max<int64_t>(1, std::atoll(most));
}

Case draw(const Registration& row, DType dtype, int64_t n) {
  Random random = random_of(row, dtype, n);
  return row.generate(random, dtype);
}

int64_t case_count(const Registration& row) {
  if (options().cases == 1) return 1;
  return std::max<int64_t>(1, std::llround(static_cast<double>(options().cases) * row.weight));
}

Tally check_all(const Registration& row, DType dtype) {
  Tally tally;
  const int64_t count = std::min(case_count(row), most_cases());
  int failures = 0;
  for (int64_t n = 0; n < count && failures < kMostFailures; ++n) {
    const auto* result = testing::UnitTest::GetInstance()->current_test_info()->result();
    const int before = result->total_part_count();
    Checker(row, dtype, n, tally).check();
    ++tally.cases;
    failures += result->total_part_count() > before;
  }
  return tally;
}

}  // namespace rondo::conformance
