#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "conformance/harness/case.h"

namespace rondo::conformance {

/// What --seed, --cases, --op, --dtype and --all-placements say.
struct Options {
  uint64_t seed = 1;
  int64_t cases = 26;           ///< per op and type, times the row's weight
  std::string op, dtype;        ///< only these; empty: all
  bool all_placements = false;  ///< of every case, not one nested one in turn
  bool trace = false;           ///< print each case before it runs (for crashes)
};
Options& options();

/// How often what was done, by "placement, target" and, skipped, by reason.
struct Tally {
  int64_t cases = 0, checks = 0;
  std::map<std::string, int64_t> tested, skipped;
};

/// Draws the cases of one row and type and checks them all; each failure is a gtest failure with its reproducer.
Tally check_all(const Registration& row, DType dtype);
/// The n-th case of a row and type.
Case draw(const Registration& row, DType dtype, int64_t n);
/// Cases per type of a row.
int64_t case_count(const Registration& row);
/// How many of them check_all checks at most: the variable RONDO_CONFORMANCE_CASES, for slow builds.
int64_t most_cases();

}  // namespace rondo::conformance
