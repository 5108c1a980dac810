#pragma once

#include <algorithm>

#include "conformance/harness/case.h"

namespace rondo::conformance {

constexpr const char* kPaddingModes[] = {"EXPLICIT_ROUND_DOWN", "EXPLICIT_ROUND_UP", "SAME_UPPER",
                                         "SAME_LOWER",          "CAFFE_ROUND_DOWN",  "CAFFE_ROUND_UP"};

/// Windows over two or three axes that fit their input, which is [batch, -, extents..]; the channels are up to the op.
struct Windows {
  Ints extents, kernel, strides, dilations, pre, post;
  int64_t mode = 0, batch = 1;

  int64_t elements() const {
    int64_t product = 1;
    for (const int64_t n : extents) product *= n;
    return product;
  }
  int64_t volume() const {
    int64_t product = 1;
    for (const int64_t n : kernel) product *= n;
    return product;
  }
  Ints input(int64_t channels) const {
    Ints dims{batch, channels};
    dims.insert(dims.end(), extents.begin(), extents.end());
    return dims;
  }
};

inline Windows draw_windows(Random& r, bool dilated) {
  Windows w;
  w.mode = r.number(0, 5);
  w.batch = r.one_in(10) ? 0 : r.number(1, 2);
  const int64_t axes = r.one_in(4) ? 3 : 2;
  for (int64_t i = 0; i < axes; ++i) {
    w.kernel.push_back(axes == 3 ? r.number(1, 3) : r.pick<int64_t>({1, 2, 3, 3, 5}));
    w.strides.push_back(r.number(1, 3));
    w.dilations.push_back(dilated && r.one_in(3) ? 2 : 1);
    w.pre.push_back(r.flip() ? 0 : r.number(0, 2));
    w.post.push_back(r.flip() ? w.pre.back() : r.number(0, 2));
    const int64_t span = 1 + w.dilations.back() * (w.kernel.back() - 1);
    const int64_t least = std::max<int64_t>(1, span - std::min(w.pre.back(), w.post.back()) * 2);
    const bool wide = axes == 2 && i + 1 == axes && r.one_in(4);
    w.extents.push_back(least + (wide ? r.extent() : r.number(0, axes == 3 ? 2 : 6)));
  }
  return w;
}

inline void set_windows(Case& c, const Windows& w) {
  c.attrs.set("kernel", w.kernel).set("strides", w.strides).set("pre", w.pre).set("post", w.post).set("mode", w.mode);
  c.uses("PaddingMode", kPaddingModes[w.mode]);
}

}  // namespace rondo::conformance
