#include "kernels/cpu/structured/zero_tail.h"

#include <algorithm>
#include <cstring>

namespace rondo::kernels {

void zero_tail(std::span<const int64_t> dims, int axis, int64_t begin, const Strided& y) {
  const size_t bytes = dtype_bytes(y.dtype);
  begin = std::max<int64_t>(begin, 0);
  if (begin >= dims[static_cast<size_t>(axis)]) return;
  Odometer<1> walk;
  for (size_t i = 0; i < dims.size(); ++i) {
    walk.add(static_cast<int>(i) == axis ? dims[i] - begin : dims[i], y.strides[i]);
  }
  std::byte* start = y.data + begin * y.strides[axis];
  // The innermost axis goes as one run where it is contiguous.
  const int inner = walk.rank - 1;
  const bool run = walk.strides[0][inner] == static_cast<int64_t>(bytes);
  const size_t run_bytes = run ? static_cast<size_t>(walk.dims[inner]) * bytes : bytes;
  if (run) --walk.rank;
  const int64_t count = run_bytes == 0 ? 0 : walk.volume();
  if (count == 0) return;
  walk.seek(0);
  for (int64_t i = 0; i < count; ++i, walk.next()) std::memset(start + walk.offset[0], 0, run_bytes);
}

}  // namespace rondo::kernels
