/// IRefitter: replaces the weights of an engine.
///
/// Engines of this version cannot be refitted (ICudaEngine::isRefittable is false: weights are folded and packed when the plan is
/// built), so createInferRefitter reports kUNSUPPORTED_STATE and returns null, as TensorRT does for an engine built without kREFIT.
#pragma once

#include "rondo/engine.h"
#include "rondo/layer.h"

namespace rondo {

/// What a set of weights is to its layer.
enum class WeightsRole : int32_t {
  kKERNEL = 0,    ///< kernel of a convolution, deconvolution or fully connected layer
  kBIAS = 1,      ///< bias of one of these
  kSHIFT = 2,     ///< shift of a scale layer
  kSCALE = 3,     ///< scale of a scale layer
  kCONSTANT = 4,  ///< elements of a constant layer
  kANY = 5        ///< whatever has the name
};

template <>
constexpr int32_t EnumMax<WeightsRole>() noexcept {
  return 6;
}

/// Replaces weights by layer and role, or by name.
/// Memory    owned by the user: `delete`; references the engine
/// Threads   one thread at a time, and none that runs the engine meanwhile
class IRefitter : public INoCopy {
 public:
  ~IRefitter() noexcept override = default;

  /// Sets new weights for a role of the named layer; false if there are none to replace or count or type differ.
  virtual bool setWeights(char const* layerName, WeightsRole role, Weights weights) noexcept = 0;

  /// The same by the name that setWeightsName gave.
  virtual bool setNamedWeights(char const* name, Weights weights) noexcept = 0;

  /// Puts all weights set into the engine; false if some that belong together are missing.
  virtual bool refitCudaEngine() noexcept = 0;

  /// Names weights that have to be set too; the first `size` of them. Returns the number of all.
  virtual int32_t getMissing(int32_t size, char const** layerNames, WeightsRole* roles) noexcept = 0;
  virtual int32_t getMissingWeights(int32_t size, char const** weightsNames) noexcept = 0;

  /// The same for all weights that can be set.
  virtual int32_t getAll(int32_t size, char const** layerNames, WeightsRole* roles) noexcept = 0;
  virtual int32_t getAllWeights(int32_t size, char const** weightsNames) noexcept = 0;

  /// Attaches a recorder of errors; null detaches it.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Returns the logger it was made with.
  virtual ILogger* getLogger() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

/// Makes a refitter of an engine.
/// Errors    kUNSUPPORTED_STATE, null, if the engine cannot be refitted
RONDO_API IRefitter* createInferRefitter(ICudaEngine& engine, ILogger& logger) noexcept;

}  // namespace rondo

extern "C" RONDO_API void* createInferRefitter_INTERNAL(void* engine, void* logger, int32_t version) noexcept;
