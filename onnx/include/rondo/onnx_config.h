/// IOnnxConfig: a bag of settings that early ONNX programs carried beside the parser.
#pragma once

#include "rondo/types.h"

namespace rondo::onnx {

/// Settings, stored and returned; the parser reads none of them.
/// Memory    owned by the user: `delete`, or destroy(). Strings are copied; getters return the object's own, never null.
/// Threads   one thread at a time
class IOnnxConfig : public INoCopy {
 public:
  ~IOnnxConfig() noexcept override = default;

  /// Number that says how much is told.
  using Verbosity = int32_t;

  /// Element type of the model; kFLOAT until set.
  virtual void setModelDtype(DataType dataType) noexcept = 0;
  virtual DataType getModelDtype() const noexcept = 0;

  /// The model's file; empty until set.
  virtual void setModelFileName(char const* onnxFilename) noexcept = 0;
  virtual char const* getModelFileName() const noexcept = 0;

  /// How much is told; kWARNING until set.
  virtual void setVerbosityLevel(Verbosity verbosity) noexcept = 0;
  virtual Verbosity getVerbosityLevel() const noexcept = 0;
  virtual void addVerbosity() noexcept = 0;
  virtual void reduceVerbosity() noexcept = 0;

  /// Names of files that hold the model as text, in short and in full; empty until set.
  virtual void setTextFileName(char const* textFileName) noexcept = 0;
  virtual char const* getTextFileName() const noexcept = 0;
  virtual void setFullTextFileName(char const* fullTextFileName) noexcept = 0;
  virtual char const* getFullTextFileName() const noexcept = 0;

  /// Whether layers are listed; false until set.
  virtual void setPrintLayerInfo(bool on) noexcept = 0;
  virtual bool getPrintLayerInfo() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

/// Makes a bag of settings; the result is the user's. Errors null if memory ran out
RONDO_API IOnnxConfig* createONNXConfig() noexcept;

}  // namespace rondo::onnx
