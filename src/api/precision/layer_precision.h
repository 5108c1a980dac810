#pragma once

#include <vector>

#include "api/config.h"
#include "api/network/network.h"
#include "passes/pass.h"

namespace rondo::api {

/// What the flags kFP16, kBF16, kOBEY_PRECISION_CONSTRAINTS and kPREFER_PRECISION_CONSTRAINTS, and the layers' setPrecision and
/// setOutputType, say about a build. Networks that are strongly typed have types instead and none of this.
///
/// Strongly typed: each result of a layer that is f16 or bf16 is rounded to its type, stored or not.
/// OBEY or PREFER: a layer of precision p reads its floats rounded to p and computes as the same layer of a strongly typed network
/// would; its results go on in the type they would have had. Neither: products may be computed on narrower factors wherever the
/// target is faster for it, but for layers whose precision is kFLOAT.
/// Memory    refers to the network and the configuration, which outlive it
class LayerPrecision {
 public:
  LayerPrecision(const Network& network, const Config& config);

  /// Errors    kInvalidConfig for precision flags of a strongly typed network, and under OBEY for a layer that asks for a type that
  ///           the builder may not use. Under PREFER such layers are warned about
  void check() const;
  /// Writes a layer in its precision. Under OBEY a layer that has no such form is refused, under PREFER it is warned about.
  std::vector<Emitter::Ref> emit(const LayerNode& layer, Emitter& out, const std::vector<Emitter::Ref>& in) const;
  /// What lower_precision may do with the products of this network.
  passes::PrecisionChoice choice() const;

 private:
  enum class Mode { kFree, kPrefer, kObey };
  bool allows(DataType type) const;
  void unmet(const LayerNode& layer, const std::string& message) const;
  /// The precision to emit the layer in; kFLOAT: as it is.
  DataType precision_of(const LayerNode& layer) const;
  std::vector<Emitter::Ref> emit_in(DType type, const LayerNode& layer, Emitter& out,
                                    const std::vector<Emitter::Ref>& in) const;
  void round_outputs(const LayerNode& layer, Emitter& out, std::vector<Emitter::Ref>& results) const;

  const Network& network_;
  const Settings& settings_;
  Mode mode_ = Mode::kFree;
};

}  // namespace rondo::api
