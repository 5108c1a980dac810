// Random loop programs: reference = all passes = each pass off, on the interpreter and on the engine, and = each phase
// of the schedule off on the engine.
//   rondo_fuzz_loops [--programs N] [--seed S] [--print] [--no-reduce]
// Program i has seed S + i. A failure prints its seed, the variant, what differs, and the program shrunk to a minimal
// text graph;
// `--programs 1 --seed <it>` repeats it.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#include "fuzz_loops/engine.h"
#include "fuzz_loops/generator.h"
#include "fuzz_loops/reducer.h"
#include "ir/text.h"
#include "passes/equivalence.h"
#include "schedule/schedule.h"

namespace rondo::fuzz {
namespace {

constexpr double kTolerance = 1e-5;
constexpr int kMaxFailures = 5;

struct Options {
  int64_t programs = 200;
  uint64_t seed = 1;
  bool print = false;
  bool reduce = true;
};

/// One way to run a program: the pipeline without one pass ("" for none), on the interpreter or the engine.
struct Variant {
  std::string disabled;
  bool engine = false;
};

std::vector<Variant> variants() {
  std::vector<Variant> list{{"", false}, {"", true}};
  for (const passes::Pass& pass : passes::pipeline()) {
    if (!pass.required) list.push_back({pass.name, false});
  }
  for (const passes::Pass& pass : passes::pipeline()) {
    if (!pass.required) list.push_back({pass.name, true});
  }
  for (const char* phase : {"place_states", "partition_stages", "fuse_tails", "pack_weights", "chain_stages"})
    list.push_back({phase, true});
  return list;
}

std::string name_of(const Variant& variant) {
  return (variant.disabled.empty() ? std::string("all passes") : "without " + variant.disabled) +
         (variant.engine ? ", engine" : ", interpreter");
}

/// "" or what goes wrong.
std::string problem_of(const Program& program, const std::vector<ops::Tensor>& expected, const Variant& variant) {
  const passes::PassOptions options = passes::without(variant.disabled);
  if (!variant.engine) return passes::check_pipeline(program.graph, program.inputs, expected, options, kTolerance);
  try {
    return passes::difference(expected, run_engine(program.graph, program.inputs, options), kTolerance);
  } catch (const std::exception& error) {
    return error.what();
  }
}

void report(uint64_t seed, const Variant& variant, const std::string& problem, const Program& program, bool reduce_it) {
  std::cout << "program " << seed << ", " << name_of(variant) << ": " << problem << "\n";
  const auto fails = [&](const Program& candidate) {
    return !problem_of(candidate, ops::interpret(candidate.graph, candidate.inputs), variant).empty();
  };
  const Program small = reduce_it ? reduce(program, fails) : program;
  std::cout << "reduced: " << problem_of(small, ops::interpret(small.graph, small.inputs), variant) << "\n"
            << ir::to_string(small.graph) << std::endl;
}

int run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  int failures = 0;
  int64_t refused = 0, ops_seen = 0;
  for (int64_t i = 0; i < options.programs && failures < kMaxFailures; ++i) {
    const uint64_t seed = options.seed + static_cast<uint64_t>(i);
    Program program;
    std::vector<ops::Tensor> expected;
    try {
      program = generate(seed);
      if (options.print) std::cout << ir::to_string(program.graph);
      expected = ops::interpret(program.graph, program.inputs);
    } catch (const Error& error) {
      // The generator wrote something the rules refuse: not a finding, but few of them should be.
      if (options.print) std::cout << "program " << seed << " is refused: " << error.what() << "\n";
      ++refused;
      continue;
    }
    ops_seen += static_cast<int64_t>(program.graph.op_count());
    for (const Variant& variant : variants()) {
      const std::string problem = problem_of(program, expected, variant);
      if (problem.empty()) continue;
      report(seed, variant, problem, program, options.reduce);
      ++failures;
      break;
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << "fuzz_loops: " << options.programs << " programs from seed " << options.seed << ", " << ops_seen
            << " ops, " << refused << " refused, " << failures << " failed, " << seconds << " s" << std::endl;
  const bool too_many_refused = refused * 20 > options.programs && options.programs >= 100;
  return failures == 0 && !too_many_refused ? 0 : 1;
}

}  // namespace
}  // namespace rondo::fuzz

int main(int argc, char** argv) {
  rondo::fuzz::Options options;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--programs") == 0 && has_value) {
      options.programs = std::atoll(argv[++i]);
    } else if (std::strcmp(argv[i], "--seed") == 0 && has_value) {
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (std::strcmp(argv[i], "--print") == 0) {
      options.print = true;
    } else if (std::strcmp(argv[i], "--no-reduce") == 0) {
      options.reduce = false;
    } else {
      std::cout << "usage: rondo_fuzz_loops [--programs N] [--seed S] [--print] [--no-reduce]\n";
      return 2;
    }
  }
  return rondo::fuzz::run(options);
}
