#include "api/build_watch.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "ir/text.h"

namespace rondo::api {

namespace {

constexpr const char* kPhase = "Building engine";
constexpr int32_t kStagesBesidePasses = 3;  // lower_network, make_program, write_plan

}  // namespace

BuildWatch::BuildWatch(const ErrorSink& sink, const Config& config) : sink_(sink), settings_(config.settings()) {
  if (!settings_.dump_path.empty()) {
    std::error_code error;
    std::filesystem::create_directories(settings_.dump_path, error);
    require(!error, "graph dump folder '", settings_.dump_path, "' cannot be made: ", error.message());
  }
  const auto steps = static_cast<int32_t>(passes::pipeline().size()) + kStagesBesidePasses;
  if (settings_.monitor) settings_.monitor->phaseStart(kPhase, nullptr, steps);
}

BuildWatch::~BuildWatch() {
  try {
    if (settings_.monitor) settings_.monitor->phaseFinish(kPhase);
  } catch (...) {
    // A monitor that throws at the end changes nothing.
  }
}

void BuildWatch::step() {
  if (settings_.monitor && !settings_.monitor->stepComplete(kPhase, steps_++)) {
    fail(Code::kInvalidState, "the progress monitor cancelled the build");
  }
}

void BuildWatch::stage(const char* name) {
  sink_.log(ILogger::Severity::kVERBOSE, text("build: ", name, " done").c_str());
  step();
}

void BuildWatch::stage(const char* name, const ir::Graph& graph) {
  dump(name, "after", graph);
  stage(name);
}

void BuildWatch::pass(const char* name, bool before, const ir::Graph& graph) {
  if (before) ++passes_seen_;
  dump(name, before ? "before" : "after", graph);
  if (!before) step();
}

void BuildWatch::timings(const std::vector<passes::PassTiming>& timings) const {
  for (const passes::PassTiming& timing : timings) {
    sink_.log(ILogger::Severity::kVERBOSE,
              text("pass ", timing.name, ": ", timing.time_us, " us", timing.changed ? "" : ", nothing to do").c_str());
  }
}

void BuildWatch::dump(const char* name, const char* when, const ir::Graph& graph) const {
  if (settings_.dump_path.empty()) return;
  char file[128];
  std::snprintf(file, sizeof file, "%02d_%s.%s.txt", passes_seen_, name, when);
  const std::filesystem::path path = std::filesystem::path(settings_.dump_path) / file;
  std::ofstream out(path);
  out << ir::to_string(graph);
  require(out.good(), "graph dump '", path.string(), "' cannot be written");
}

}  // namespace rondo::api
