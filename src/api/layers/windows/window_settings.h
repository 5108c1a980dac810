#pragma once

#include <string>

#include "api/network/layer.h"
#include "rondo/layers/pooling.h"

namespace rondo::api {

/// Requires one entry of at least `least` for each of two or three spatial dimensions; `rules` names the constraints in brackets.
void require_spatial(const Dims& dims, int64_t least, const std::string& what, const char* rules);

/// The parameters of windows as convolution, deconvolution and pooling keep them. Setters throw Error and change nothing where
/// an argument can never be right; `who` starts the message, `op` is the op whose constraints are named.
class WindowSettings {
 public:
  WindowSettings(const Dims& window, const char* where, const char* op);

  void set_window(const Dims& window, const std::string& who);
  void set_stride(const Dims& stride, const std::string& who);
  void set_dilation(const Dims& dilation, const std::string& who);
  void set_padding(const Dims& padding, const std::string& who);
  void set_pre(const Dims& padding, const std::string& who);
  void set_post(const Dims& padding, const std::string& who);
  void set_mode(PaddingMode mode, const std::string& who);

  const Dims& window() const { return window_; }
  const Dims& stride() const { return stride_; }
  const Dims& dilation() const { return dilation_; }
  const Dims& pre() const { return pre_; }
  const Dims& post() const { return post_; }
  PaddingMode mode() const { return mode_; }

  /// kernel, strides, pre, post and mode of the op.
  ir::Attrs attrs() const;

 private:
  std::string rules() const;

  const char* op_;
  Dims window_, stride_, dilation_, pre_, post_;
  PaddingMode mode_ = PaddingMode::kEXPLICIT_ROUND_DOWN;
};

/// The first two entries.
DimsHW two_of(const Dims& dims);

}  // namespace rondo::api
