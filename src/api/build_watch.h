#pragma once

#include <string>
#include <vector>

#include "api/config.h"
#include "api/errors.h"
#include "ir/graph.h"
#include "passes/pass.h"
#include "plan/program.h"

namespace rondo::api {

/// Watches a build for the user: steps of the progress monitor, graph dumps, messages about time.
/// A dump is <folder>/<NN>_<pass>.<before|after>.txt, in the order of the passes.
class BuildWatch {
 public:
  BuildWatch(const ErrorSink& sink, const Config& config);
  BuildWatch(const BuildWatch&) = delete;
  BuildWatch& operator=(const BuildWatch&) = delete;
  ~BuildWatch();

  /// A stage outside of the passes is done. Error(kInvalidState) if the monitor cancels.
  void stage(const char* name);
  void stage(const char* name, const ir::Graph& graph);
  /// Called around every pass.
  void pass(const char* name, bool before, const ir::Graph& graph);
  /// Logs on how many layers kINT8 has an effect.
  void note_int8(size_t layers) const;
  /// Logs in which precision layers compute.
  void precisions(const plan::Program& program) const;
  /// Logs which layers share a step, and the step and kernel of each.
  void layers(const plan::Program& program) const;
  /// Logs the time of each pass.
  void timings(const std::vector<passes::PassTiming>& timings) const;

 private:
  void dump(const char* name, const char* when, const ir::Graph& graph) const;
  void step();

  const ErrorSink& sink_;
  const Settings& settings_;
  int32_t passes_seen_ = 0;
  int32_t steps_ = 0;
};

}  // namespace rondo::api
