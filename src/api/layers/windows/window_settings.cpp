#include "api/layers/windows/window_settings.h"

#include "api/layers/operands.h"

namespace rondo::api {

namespace {

Dims filled(const Dims& like, int64_t value) {
  Dims dims = like;
  for (int32_t i = 0; i < dims.nbDims; ++i) dims.d[i] = value;
  return dims;
}

}  // namespace

void require_spatial(const Dims& dims, int64_t least, const std::string& what, const char* rules) {
  require(dims.nbDims == 2 || dims.nbDims == 3, what, " has ", dims.nbDims,
          " entries; one for each of two or three spatial dimensions is needed ", rules);
  for (int32_t i = 0; i < dims.nbDims; ++i) {
    require(dims.d[i] >= least, what, " is ", dims_text(dims), "; every entry must be at least ", least, " ", rules);
  }
}

WindowSettings::WindowSettings(const Dims& window, const char* where, const char* op) : op_(op) {
  set_window(window, where);
  stride_ = dilation_ = filled(window, 1);
  pre_ = post_ = filled(window, 0);
}

std::string WindowSettings::rules() const { return text("(", op_, " C2, ", op_, " C3)"); }

void WindowSettings::set_window(const Dims& window, const std::string& who) {
  require_spatial(window, 1, who + ": the window", text("(", op_, " C1, ", op_, " C3)").c_str());
  window_ = window;
}

void WindowSettings::set_stride(const Dims& stride, const std::string& who) {
  require_spatial(stride, 1, who + ": the stride", rules().c_str());
  stride_ = stride;
}

void WindowSettings::set_dilation(const Dims& dilation, const std::string& who) {
  require_spatial(dilation, 1, who + ": the dilation", rules().c_str());
  dilation_ = dilation;
}

void WindowSettings::set_padding(const Dims& padding, const std::string& who) {
  require_spatial(padding, 0, who + ": the padding", rules().c_str());
  pre_ = post_ = padding;
}

void WindowSettings::set_pre(const Dims& padding, const std::string& who) {
  require_spatial(padding, 0, who + ": the padding in front", rules().c_str());
  pre_ = padding;
}

void WindowSettings::set_post(const Dims& padding, const std::string& who) {
  require_spatial(padding, 0, who + ": the padding behind", rules().c_str());
  post_ = padding;
}

void WindowSettings::set_mode(PaddingMode mode, const std::string& who) {
  const auto value = static_cast<int64_t>(mode);
  require(value >= 0 && value < EnumMax<PaddingMode>(), who, ": ", value, " is no PaddingMode; there are 0 .. ",
          EnumMax<PaddingMode>() - 1, " (", op_, " C4)");
  mode_ = mode;
}

ir::Attrs WindowSettings::attrs() const {
  return {{"kernel", to_vector(window_)},
          {"strides", to_vector(stride_)},
          {"pre", to_vector(pre_)},
          {"post", to_vector(post_)},
          {"mode", static_cast<int64_t>(mode_)}};
}

DimsHW two_of(const Dims& dims) { return DimsHW(dims.d[0], dims.d[1]); }

}  // namespace rondo::api
