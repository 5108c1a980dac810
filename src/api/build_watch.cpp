#include "api/build_watch.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "api/precision/precision_report.h"
#include "api/report/engine_report.h"
#include "ir/text.h"

namespace rondo::api {

namespace {

constexpr const char* kPhase = "Building engine";
/// Ops that compute something, those of nested regions among them.
size_t layer_count(const ir::Graph& graph) {
  size_t count = 0;
  for (uint32_t id = 0; id < graph.op_count(); ++id) {
    const ir::Op& op = graph.op(ir::OpId{id});
    count += op.parent.valid() && op.kind != ir::OpKind::k_constant && op.kind != ir::OpKind::k_input;
  }
  return count;
}

constexpr int32_t kStagesBesidePasses = 4;  // calibrate, lower_network, make_program, write_plan

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
  if (before) return;
  sink_.log(ILogger::Severity::kVERBOSE, text("After ", name, ": ", layer_count(graph), " layers").c_str());
  step();
}

void BuildWatch::note_int8(size_t layers) const {
  sink_.log(ILogger::Severity::kINFO,
            text("kINT8: ", layers, " layers run on operands rounded to 8 bits; they compute in fp32").c_str());
}

void BuildWatch::precisions(const plan::Program& program) const {
  for (const std::string& line : precision_report(program)) sink_.log(ILogger::Severity::kVERBOSE, line.c_str());
}

void BuildWatch::layers(const plan::Program& program) const {
  for (const std::string& line : engine_report(program)) sink_.log(ILogger::Severity::kVERBOSE, line.c_str());
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
