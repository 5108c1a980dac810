#pragma once

#include <memory>
#include <span>
#include <vector>

#include "api/config.h"
#include "passes/pass.h"

namespace rondo::api {

/// Asks the user's IAlgorithmSelector, if the configuration has one, which tactic computes each product, and tells it the outcome.
/// Memory    refers to the configuration and to the choice it fills, which outlive the passes
class AlgorithmChoice {
 public:
  /// Sets `choose` of the passes' options.
  AlgorithmChoice(const Config& config, passes::PrecisionChoice& choice);
  AlgorithmChoice(const AlgorithmChoice&) = delete;
  AlgorithmChoice& operator=(const AlgorithmChoice&) = delete;
  ~AlgorithmChoice();

  /// Hands contexts and tactics of all products to reportAlgorithms.
  void report();

 private:
  class Context;
  class Algorithm;
  /// Errors    kInvalidArgument for a selection that is none of the choices; what the selector throws
  size_t choose(const ir::Graph& graph, ir::OpId product, std::span<const passes::ProductTactic> tactics, size_t own);
  size_t selected(const Context& context, const std::vector<std::unique_ptr<Algorithm>>& choices, size_t own) const;

  IAlgorithmSelector* selector_;
  bool must_choose_;
  std::vector<std::unique_ptr<Context>> contexts_;
  std::vector<std::unique_ptr<Algorithm>> chosen_;
};

}  // namespace rondo::api
