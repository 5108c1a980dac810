#include "api/settings_check.h"

#include <unistd.h>

#include "api/precision/layer_precision.h"
#include "ir/text.h"
#include "plan/local_buffers.h"

namespace rondo::api {

namespace {

struct FlagNote {
  BuilderFlag flag;
  const char* note;
};

// Flags that a build accepts without meeting them.
constexpr FlagNote kUnmet[] = {
    {BuilderFlag::kFP8, "kFP8: this version computes in fp32"},
    {BuilderFlag::kINT4, "kINT4: this version computes in fp32"},
    {BuilderFlag::kFP4, "kFP4: this version computes in fp32"},
    {BuilderFlag::kREFIT, "kREFIT: the weights of engines of this version cannot be replaced"},
    {BuilderFlag::kREFIT_IDENTICAL, "kREFIT_IDENTICAL: the weights of engines of this version cannot be replaced"},
    {BuilderFlag::kREFIT_INDIVIDUAL, "kREFIT_INDIVIDUAL: the weights of engines of this version cannot be replaced"},
    {BuilderFlag::kWEIGHT_STREAMING, "kWEIGHT_STREAMING: weights stay in memory"},
    {BuilderFlag::kSTRICT_NANS, "kSTRICT_NANS: max, min and comparisons treat NaN the same with and without it"},
    {BuilderFlag::kDEBUG, "kDEBUG: layers are fused; there is nothing to stop after each of them"},
    {BuilderFlag::kMONITOR_MEMORY, "kMONITOR_MEMORY: this version reports no memory use while it builds"},
};

int64_t cache_bytes(int name, int64_t otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? bytes : otherwise;
}

passes::TargetInfo this_machine(int32_t threads) {
  passes::TargetInfo target = target_info(kernels::detect_isa());
  target.threads = threads;
  target.l2_bytes = cache_bytes(_SC_LEVEL2_CACHE_SIZE, target.l2_bytes);
  target.l3_bytes = cache_bytes(_SC_LEVEL3_CACHE_SIZE, target.l3_bytes);
  return target;
}

}  // namespace

passes::TargetInfo target_info(kernels::Isa isa) {
  passes::TargetInfo target;
  const kernels::IsaFacts& facts = kernels::isa_facts(isa);
  target.vector_lanes = facts.lanes;
  target.multiplies_per_cycle = facts.multiplies_per_cycle;
  target.vector_ops_per_cycle = facts.vector_ops_per_cycle;
  target.bf16_product_gain = facts.bf16_product_gain;
  target.widening_f16_ops = facts.widening_f16_ops;
  target.widening_bf16_ops = facts.widening_bf16_ops;
  return target;
}

void check_settings(const Network& network, const Config& config) {
  const Settings& settings = config.settings();
  if (settings.capability != EngineCapability::kSTANDARD) {
    fail(Code::kUnsupportedState, "engine capability ", static_cast<int>(settings.capability),
         " cannot be built; use EngineCapability::kSTANDARD");
  }
  if (settings.has(BuilderFlag::kSTRIP_PLAN)) {
    fail(Code::kUnsupportedState, "kSTRIP_PLAN: plans of this version carry their weights; clear the flag");
  }
  if (!settings.has(BuilderFlag::kGPU_FALLBACK)) {
    bool dla = settings.default_device == DeviceType::kDLA;
    for (const auto& [layer, device] : settings.devices) dla = dla || device == DeviceType::kDLA;
    if (dla) fail(Code::kInvalidConfig, "there is no DLA to run layers on; use DeviceType::kGPU or set kGPU_FALLBACK");
  }
  const bool chooses = settings.optimization_level > 0 && settings.disabled_passes.count("lower_precision") == 0;
  if (settings.selector != nullptr && !chooses) {
    network.sink().log(ILogger::Severity::kWARNING,
                       "the algorithm selector is not called: pass lower_precision, which asks it, is disabled");
  }
  LayerPrecision(network, config).check();
  for (const FlagNote& row : kUnmet) {
    if (settings.has(row.flag)) network.sink().log(ILogger::Severity::kWARNING, row.note);
  }
}

void check_workspace(const plan::Program& program, const Config& config) {
  const uint64_t limit = config.settings().pools[static_cast<size_t>(MemoryPoolType::kWORKSPACE)];
  const uint64_t bytes = plan::temporary_bytes(program);
  if (bytes <= limit) return;
  fail(Code::kInvalidConfig, "network '", program.name, "' needs ", bytes,
       " bytes of temporary memory at the largest shapes of its profiles, the kWORKSPACE pool allows ", limit,
       "; raise it with setMemoryPoolLimit or lower the profiles' kMAX");
}

passes::PassOptions pass_options(const Config& config, int32_t threads, BuildWatch& watch) {
  const Settings& settings = config.settings();
  passes::PassOptions options;
  options.target = this_machine(settings.max_threads > 0 ? settings.max_threads : threads);
  options.disabled = settings.disabled_passes;
  if (settings.optimization_level == 0) {
    for (const passes::Pass& pass : passes::pipeline()) options.disabled.insert(pass.name);
  }
#if defined(NDEBUG) && !defined(RONDO_VERIFY_PASSES)
  options.verify = !settings.dump_path.empty();
#endif
  options.observer = [&watch](const char* pass, bool before, const ir::Graph& graph) {
    watch.pass(pass, before, graph);
  };
  return options;
}

std::string graph_text(const ir::Graph& graph, const Config& config) {
  return config.settings().verbosity == ProfilingVerbosity::kNONE ? std::string() : ir::to_summary(graph);
}

}  // namespace rondo::api
