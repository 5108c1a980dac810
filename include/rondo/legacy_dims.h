/// Dims of a fixed rank with a constructor, as TensorRT programs of every generation spell them.
///
/// They add no members to Dims, so they convert to Dims by slicing without loss.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Two dimensions. d[0] and d[1] are the extents in order.
class Dims2 : public Dims {
 public:
  /// Makes {0, 0}.
  Dims2() : Dims2(0, 0) {}

  /// Makes {d0, d1}.
  Dims2(int64_t d0, int64_t d1) : Dims{2, {d0, d1}} {}
};

/// Height and width of a window, a stride or a padding.
class DimsHW : public Dims2 {
 public:
  /// Makes {0, 0}, or {height, width}.
  DimsHW() : Dims2() {}
  DimsHW(int64_t height, int64_t width) : Dims2(height, width) {}

  /// Element 0.
  int64_t& h() { return d[0]; }
  int64_t h() const { return d[0]; }  ///< read only

  /// Element 1.
  int64_t& w() { return d[1]; }
  int64_t w() const { return d[1]; }
};

/// Three dimensions.
class Dims3 : public Dims {
 public:
  /// Makes {0, 0, 0}.
  Dims3() : Dims3(0, 0, 0) {}

  /// Makes {d0, d1, d2}.
  Dims3(int64_t d0, int64_t d1, int64_t d2) : Dims{3, {d0, d1, d2}} {}
};

/// Four dimensions.
class Dims4 : public Dims {
 public:
  /// Makes {0, 0, 0, 0}.
  Dims4() : Dims4(0, 0, 0, 0) {}

  /// Makes {d0, d1, d2, d3}.
  Dims4(int64_t d0, int64_t d1, int64_t d2, int64_t d3) : Dims{4, {d0, d1, d2, d3}} {}
};

/// Channel, height, width (7.x).
class DimsCHW : public Dims3 {
 public:
  /// Makes {0, 0, 0}, or {channels, height, width}.
  DimsCHW() : Dims3() {}
  DimsCHW(int64_t channels, int64_t height, int64_t width) : Dims3(channels, height, width) {}

  /// Elements 0, 1 and 2.
  int64_t c() const { return d[0]; }
  int64_t h() const { return d[1]; }
  int64_t w() const { return d[2]; }
};

/// Batch, channel, height, width (7.x).
class DimsNCHW : public Dims4 {
 public:
  /// Makes {0, 0, 0, 0}, or {batch, channels, height, width}.
  DimsNCHW() : Dims4() {}
  DimsNCHW(int64_t batch, int64_t channels, int64_t height, int64_t width) : Dims4(batch, channels, height, width) {}

  /// Elements 0 to 3.
  int64_t n() const { return d[0]; }
  int64_t c() const { return d[1]; }
  int64_t h() const { return d[2]; }
  int64_t w() const { return d[3]; }
};

}  // namespace rondo
