#include "api/precision/algorithm_choice.h"

#include <algorithm>
#include <array>

#include "api/running/dims_convert.h"
#include "api/user_call.h"
#include "base/error.h"

namespace rondo::api {
namespace {

constexpr const char* kSelector = "the algorithm selector";
constexpr double kCyclesPerMs = 3e6;  // of the core that estimates are told for

Dims dims_at(const ir::Graph& graph, ir::ValueId value, OptProfileSelector select) {
  std::vector<int64_t> extents;
  for (const ir::Dim dim : graph.type(value).dims) {
    const ir::Range range = graph.dims().range(dim);
    const std::array<int64_t, 3> bounds{range.min, range.opt, range.max};
    extents.push_back(bounds[static_cast<size_t>(select)]);
  }
  return to_dims(extents);
}

std::vector<ir::ValueId> values_of(const ir::Op& op) {
  std::vector<ir::ValueId> values = op.operands;
  values.insert(values.end(), op.results.begin(), op.results.end());
  return values;
}

class IoInfo final : public IAlgorithmIOInfo {
 public:
  IoInfo(DataType type, const Dims& dims)
      : type_(type), strides_(to_strides({dims.d, static_cast<size_t>(dims.nbDims)})) {}
  TensorFormat getTensorFormat() const noexcept override { return TensorFormat::kLINEAR; }
  DataType getDataType() const noexcept override { return type_; }
  Dims getStrides() const noexcept override { return strides_; }

 private:
  DataType type_;
  Dims strides_;
};

class Variant final : public IAlgorithmVariant {
 public:
  Variant(bool conv, DType type) : implementation_(conv ? 2 : 1), tactic_(static_cast<int64_t>(type)) {}
  int64_t getImplementation() const noexcept override { return implementation_; }
  int64_t getTactic() const noexcept override { return tactic_; }

 private:
  int64_t implementation_, tactic_;
};

}  // namespace

/// A product: its layers' names, and the shapes of its operands and results.
class AlgorithmChoice::Context final : public IAlgorithmContext {
 public:
  Context(const ir::Graph& graph, const ir::Op& op)
      : name_(op.name),
        inputs_(static_cast<int32_t>(op.operands.size())),
        outputs_(static_cast<int32_t>(op.results.size())) {
    for (const ir::ValueId value : values_of(op)) {
      shapes_.push_back({dims_at(graph, value, OptProfileSelector::kMIN),
                         dims_at(graph, value, OptProfileSelector::kOPT),
                         dims_at(graph, value, OptProfileSelector::kMAX)});
    }
  }
  ~Context() override = default;
  char const* getName() const noexcept override { return name_.c_str(); }
  Dims getDimensions(int32_t index, OptProfileSelector select) const noexcept override {
    const auto at = static_cast<size_t>(select);
    if (index < 0 || static_cast<size_t>(index) >= shapes_.size() || at >= 3) return kNoDims;
    return shapes_[static_cast<size_t>(index)][at];
  }
  int32_t getNbInputs() const noexcept override { return inputs_; }
  int32_t getNbOutputs() const noexcept override { return outputs_; }

 private:
  std::string name_;
  int32_t inputs_, outputs_;
  std::vector<std::array<Dims, 3>> shapes_;
};

/// One type for its factors.
class AlgorithmChoice::Algorithm final : public IAlgorithm {
 public:
  Algorithm(const ir::Graph& graph, const ir::Op& op, const passes::ProductTactic& tactic)
      : variant_(op.kind == ir::OpKind::k_conv, tactic.type), ms_(static_cast<float>(tactic.cycles / kCyclesPerMs)) {
    const std::vector<ir::ValueId> values = values_of(op);
    for (size_t i = 0; i < values.size(); ++i) {
      const ir::OpId def = graph.value(values[i]).def;
      const bool weights = i == 1 && def.valid() && graph.op(def).kind == ir::OpKind::k_constant;
      const DType type = weights ? tactic.type : graph.type(values[i]).dtype;
      infos_.push_back(
          std::make_unique<IoInfo>(static_cast<DataType>(type), dims_at(graph, values[i], OptProfileSelector::kOPT)));
    }
  }
  ~Algorithm() override = default;
  IAlgorithmIOInfo const* getAlgorithmIOInfoByIndex(int32_t index) const noexcept override {
    return index < 0 || static_cast<size_t>(index) >= infos_.size() ? nullptr
                                                                    : infos_[static_cast<size_t>(index)].get();
  }
  IAlgorithmVariant const& getAlgorithmVariant() const noexcept override { return variant_; }
  float getTimingMSec() const noexcept override { return ms_; }
  std::size_t getWorkspaceSize() const noexcept override { return 0; }

 private:
  Variant variant_;
  float ms_;
  std::vector<std::unique_ptr<IoInfo>> infos_;
};

AlgorithmChoice::AlgorithmChoice(const Config& config, passes::PrecisionChoice& choice)
    : selector_(config.settings().selector),
      must_choose_(config.settings().has(BuilderFlag::kREJECT_EMPTY_ALGORITHMS)) {
  if (selector_ == nullptr) return;
  choice.choose = [this](const ir::Graph& graph, ir::OpId product, std::span<const passes::ProductTactic> tactics,
                         size_t own) { return choose(graph, product, tactics, own); };
}

AlgorithmChoice::~AlgorithmChoice() = default;

size_t AlgorithmChoice::choose(const ir::Graph& graph, ir::OpId product, std::span<const passes::ProductTactic> tactics,
                               size_t own) {
  const ir::Op& op = graph.op(product);
  auto context = std::make_unique<Context>(graph, op);
  std::vector<std::unique_ptr<Algorithm>> choices;
  for (const passes::ProductTactic& tactic : tactics) choices.push_back(std::make_unique<Algorithm>(graph, op, tactic));
  const size_t taken = selected(*context, choices, own);
  contexts_.push_back(std::move(context));
  chosen_.push_back(std::move(choices[taken]));
  return taken;
}

// The fastest of those that the user allows; ours if the user has no preference.
size_t AlgorithmChoice::selected(const Context& context, const std::vector<std::unique_ptr<Algorithm>>& choices,
                                 size_t own) const {
  const auto count = static_cast<int32_t>(choices.size());
  std::vector<const IAlgorithm*> offered;
  for (const auto& choice : choices) offered.push_back(choice.get());
  std::vector<int32_t> selection(choices.size(), -1);
  const int32_t n = call_user(kSelector, "selectAlgorithms", [&] {
    return selector_->selectAlgorithms(context, offered.data(), count, selection.data());
  });
  if (n < 0 || n > count) {
    fail(Code::kInvalidArgument, "IAlgorithmSelector::selectAlgorithms returned ", n, " for layer '", context.getName(),
         "'; return the number of indices written, 0 .. ", count);
  }
  if (n == 0 && must_choose_) {
    fail(Code::kInvalidArgument, "IAlgorithmSelector::selectAlgorithms chose none of the ", count,
         " algorithms of layer '", context.getName(), "'; BuilderFlag::kREJECT_EMPTY_ALGORITHMS makes that an error");
  }
  if (n == 0) return own;
  const std::span<const int32_t> allowed(selection.data(), static_cast<size_t>(n));
  for (const int32_t index : allowed) {
    if (index >= 0 && index < count) continue;
    fail(Code::kInvalidArgument, "IAlgorithmSelector::selectAlgorithms chose index ", index, " for layer '",
         context.getName(), "', which has ", count, " choices");
  }
  if (std::find(allowed.begin(), allowed.end(), static_cast<int32_t>(own)) != allowed.end()) return own;
  return static_cast<size_t>(*std::min_element(allowed.begin(), allowed.end(), [&](int32_t a, int32_t b) {
    return offered[static_cast<size_t>(a)]->getTimingMSec() < offered[static_cast<size_t>(b)]->getTimingMSec();
  }));
}

void AlgorithmChoice::report() {
  if (selector_ == nullptr) return;
  std::vector<const IAlgorithmContext*> contexts;
  std::vector<const IAlgorithm*> chosen;
  for (const auto& context : contexts_) contexts.push_back(context.get());
  for (const auto& algorithm : chosen_) chosen.push_back(algorithm.get());
  call_user(kSelector, "reportAlgorithms", [&] {
    selector_->reportAlgorithms(contexts.data(), chosen.data(), static_cast<int32_t>(contexts.size()));
  });
}

}  // namespace rondo::api
