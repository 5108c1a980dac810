/// IRuntime: loads plans.
#pragma once

#include "rondo/engine.h"
#include "rondo/plugin/registry.h"
#include "rondo/plugin/v1.h"
#include "rondo/tuning/streams.h"
#include "rondo/version.h"

namespace rondo {

/// The entry to the running half.
/// Memory    owned by the user: `delete`, or destroy(). Engines do not depend on it
/// Threads   all methods are safe together, but setters
class IRuntime : public INoCopy {
 public:
  ~IRuntime() noexcept override = default;

  /// Loads a plan.
  /// Memory    weights are copied, blob is free after the call; the engine is the user's
  /// Errors    null: kINVALID_ARGUMENT for null or size 0; kFAILED_INITIALIZATION, with what is wrong and where, for bytes
  ///           that are no plan, are damaged, or come from a newer format
  virtual ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept = 0;

  /// Same; factory makes the layers of the plan that addPlugin and addPluginExt made, null where it has none (gone in 10).
  /// Memory    factory is free after the call; the plugins that it returned must outlive the engine
  /// Errors    null also where such a layer has no factory, or the factory returns null for it
  RONDO_DEPRECATED virtual ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size,
                                                              IPluginFactory* factory) noexcept = 0;

  /// The same for a plan that a reader delivers from its current position on: as many bytes as the plan's header states.
  /// Errors    as above; kFAILED_EXECUTION, null, if the reader fails
  virtual ICudaEngine* deserializeCudaEngine(IStreamReader& streamReader) noexcept = 0;
  virtual ICudaEngine* deserializeCudaEngine(IStreamReaderV2& streamReader) noexcept = 0;

  /// Loads the runtime of another version: there is none to load, null with kUNSUPPORTED_STATE. Plans of all versions of one format run.
  virtual IRuntime* loadRuntime(char const* path) noexcept = 0;

  /// Where and how plugin libraries that a plan brings may lie while they are loaded: in memory, else in files of this folder.
  virtual void setTemporaryDirectory(char const* path) noexcept = 0;
  virtual char const* getTemporaryDirectory() const noexcept = 0;
  virtual void setTempfileControlFlags(TempfileControlFlags flags) noexcept = 0;
  virtual TempfileControlFlags getTempfileControlFlags() const noexcept = 0;

  /// Supplies the memory of engines and contexts loaded later; null, the default, is the library's own.
  virtual void setGpuAllocator(IGpuAllocator* allocator) noexcept = 0;

  /// Attaches a recorder, null to detach. Engines loaded later start with it.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Returns the logger given to createInferRuntime.
  virtual ILogger* getLogger() const noexcept = 0;

  /// Threads of the CPU team of each context: 0, the default, takes all that the process may use.
  /// Errors    kINVALID_ARGUMENT, false, if negative
  virtual bool setMaxThreads(int32_t maxThreads) noexcept = 0;
  virtual int32_t getMaxThreads() const noexcept = 0;

  /// Whether plans may bring machine code that is run on the host: the libraries of setPluginsToSerialize. False by default; allow it
  /// only for plans from a source you trust. Without it a plan is data.
  virtual void setEngineHostCodeAllowed(bool allowed) noexcept = 0;
  virtual bool getEngineHostCodeAllowed() const noexcept = 0;

  /// The runtime's own registry, where the plugins of plans are looked up; that of the process is its parent.
  virtual IPluginRegistry& getPluginRegistry() noexcept = 0;

  /// 0 cores: there is no DLA. The core is stored; -1 by default.
  virtual void setDLACore(int32_t dlaCore) noexcept = 0;
  virtual int32_t getDLACore() const noexcept = 0;
  virtual int32_t getNbDLACores() const noexcept = 0;

  /// Loads a plan from a file, faster than from a blob: weights are not copied, the engine keeps the file mapped. An extension; the
  /// field's programs read the file themselves.
  /// Memory    the file belongs to the engine until the last engine made of it is gone. To replace it, write a new file and rename it to
  ///           the old name: engines keep what they have. Never write into it or truncate it meanwhile; a truncated mapping ends the process
  /// Errors    null: kINVALID_ARGUMENT for null or ""; kFAILED_INITIALIZATION naming a file that cannot be opened, is empty or no
  ///           regular file, and as deserializeCudaEngine
  virtual ICudaEngine* deserializeCudaEngineFromFile(char const* path) noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

/// Makes a runtime.
/// Memory    the result is the user's; the logger must outlive it and its engines
RONDO_API IRuntime* createInferRuntime(ILogger& logger) noexcept;

}  // namespace rondo

/// createInferRuntime as a C symbol: logger is an ILogger*, version NV_TENSORRT_VERSION; null for another major version.
extern "C" RONDO_API void* createInferRuntime_INTERNAL(void* logger, int32_t version) noexcept;
