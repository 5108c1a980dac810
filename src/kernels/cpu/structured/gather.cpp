// Gather in one form for all modes. y splits into leading axes, over which index tuples are read, and a trailing block
// that is copied whole. Each leading axis knows how far it moves y, data and indices; each component of a tuple picks
// along one axis of data.
#include "kernels/cpu/structured/gather.h"

#include <cstring>

#include "kernels/cpu/structured/strided_copy.h"

namespace rondo::kernels {

namespace {

/// Number of trailing axes of y that are copied as a block.
int block_rank(const GatherShape& s) {
  switch (s.mode) {
    case GatherMode::kDefault:
      return s.data_rank - s.axis - 1;
    case GatherMode::kElement:
      return 0;
    case GatherMode::kNd:
      return s.y_rank - (s.indices_rank - 1);
  }
  return 0;
}

bool same(const int64_t* a, const int64_t* b, int n) {
  return n <= 0 || std::memcmp(a, b, sizeof(int64_t) * static_cast<size_t>(n)) == 0;
}

bool default_is_valid(const GatherShape& s) {
  const int inner = s.indices_rank - s.elementwise_dims;
  if (s.axis < s.elementwise_dims || s.axis >= s.data_rank || inner < 0) return false;
  if (s.y_rank != s.data_rank - 1 + inner) return false;
  return same(s.data, s.indices, s.elementwise_dims) && same(s.y, s.data, s.axis) &&
         same(s.y + s.axis, s.indices + s.elementwise_dims, inner) &&
         same(s.y + s.axis + inner, s.data + s.axis + 1, s.data_rank - s.axis - 1);
}

bool element_is_valid(const GatherShape& s) {
  if (s.axis < 0 || s.axis >= s.data_rank || s.indices_rank != s.data_rank || s.y_rank != s.data_rank) return false;
  for (int i = 0; i < s.data_rank; ++i) {
    if (s.y[i] != s.indices[i] || (i != s.axis && s.indices[i] > s.data[i])) return false;
  }
  return true;
}

bool nd_is_valid(const GatherShape& s) {
  if (s.indices_rank < 1 || s.elementwise_dims > s.indices_rank - 1) return false;
  const int64_t picked = s.indices[s.indices_rank - 1];
  if (picked < 0 || s.elementwise_dims + picked > s.data_rank) return false;
  const int lead = s.indices_rank - 1;
  const int block = s.data_rank - s.elementwise_dims - static_cast<int>(picked);
  return s.y_rank == lead + block && same(s.data, s.indices, s.elementwise_dims) && same(s.y, s.indices, lead) &&
         same(s.y + lead, s.data + s.data_rank - block, block);
}

/// What moves with the leading axes (y, data, indices) and what a tuple picks.
struct Plan {
  Odometer<3> lead;
  Odometer<2> block;  ///< y, data
  int components = 1;
  int64_t component_stride = 0;          ///< in indices
  int64_t pick_stride[kMaxStridedRank];  ///< in data, by component
  int64_t pick_dim[kMaxStridedRank];
};

void add_lead_axes(Plan& plan, const GatherShape& s, const Strided& data, const Strided& indices, const Strided& y) {
  const int lead = s.y_rank - block_rank(s);
  for (int i = 0; i < lead; ++i) {
    int64_t data_stride = 0, index_stride = 0;
    if (s.mode == GatherMode::kDefault) {
      if (i < s.axis) data_stride = data.strides[i];
      if (i < s.elementwise_dims) index_stride = indices.strides[i];
      if (i >= s.axis) index_stride = indices.strides[s.elementwise_dims + i - s.axis];
    } else {
      index_stride = indices.strides[i];
      if (s.mode == GatherMode::kElement ? i != s.axis : i < s.elementwise_dims) data_stride = data.strides[i];
    }
    plan.lead.add(s.y[i], y.strides[i], data_stride, index_stride);
  }
}

Plan make_plan(const GatherShape& s, const Strided& data, const Strided& indices, const Strided& y) {
  Plan plan;
  add_lead_axes(plan, s, data, indices, y);
  const int block = block_rank(s);
  for (int i = 0; i < block; ++i) {
    plan.block.add(s.y[s.y_rank - block + i], y.strides[s.y_rank - block + i], data.strides[s.data_rank - block + i]);
  }
  const bool nd = s.mode == GatherMode::kNd;
  plan.components = nd ? static_cast<int>(s.indices[s.indices_rank - 1]) : 1;
  plan.component_stride = nd ? indices.strides[s.indices_rank - 1] : 0;
  for (int c = 0; c < plan.components; ++c) {
    const int axis = nd ? s.elementwise_dims + c : s.axis;
    plan.pick_stride[c] = data.strides[axis];
    plan.pick_dim[c] = s.data[axis];
  }
  return plan;
}

int64_t load_index(const std::byte* p, DType dtype) {
  int64_t wide = 0;
  int32_t narrow = 0;
  if (dtype == DType::kInt64)
    std::memcpy(&wide, p, sizeof wide);
  else
    std::memcpy(&narrow, p, sizeof narrow);
  return dtype == DType::kInt64 ? wide : narrow;
}

/// Offset in data that the tuple at `index` picks; false if it lies outside.
bool pick(const Plan& plan, const std::byte* index, DType dtype, int64_t* offset) {
  *offset = 0;
  for (int c = 0; c < plan.components; ++c) {
    const int64_t at = load_index(index + c * plan.component_stride, dtype);
    if (at < 0 || at >= plan.pick_dim[c]) return false;
    *offset += at * plan.pick_stride[c];
  }
  return true;
}

/// Blocks of one element each: the element gather, and the others where nothing stands behind the index.
template <class T>
void gather_elements(Plan& plan, const Strided& data, const Strided& indices, const Strided& y, int64_t count) {
  for (int64_t b = 0; b < count; ++b, plan.lead.next()) {
    int64_t picked = 0;
    T value = 0;
    if (pick(plan, indices.data + plan.lead.offset[2], indices.dtype, &picked)) {
      std::memcpy(&value, data.data + plan.lead.offset[1] + picked, sizeof value);
    }
    std::memcpy(y.data + plan.lead.offset[0], &value, sizeof value);
  }
}

}  // namespace

bool gather_shape_is_valid(const GatherShape& s) {
  if (s.elementwise_dims < 0 || s.elementwise_dims > s.data_rank || s.elementwise_dims > s.indices_rank) return false;
  switch (s.mode) {
    case GatherMode::kDefault:
      return default_is_valid(s);
    case GatherMode::kElement:
      return element_is_valid(s);
    case GatherMode::kNd:
      return nd_is_valid(s);
  }
  return false;
}

int64_t gather_blocks(const GatherShape& shape) {
  int64_t blocks = 1;
  for (int i = 0; i < shape.y_rank - block_rank(shape); ++i) blocks *= shape.y[i];
  return blocks;
}

void gather(const GatherShape& shape, const Strided& data, const Strided& indices, const Strided& y, int64_t first,
            int64_t last) {
  static constexpr std::byte kZero[8] = {};
  if (first >= last) return;
  Plan plan = make_plan(shape, data, indices, y);
  const size_t bytes = dtype_bytes(data.dtype);
  const int inner = plan.block.rank - 1;
  const int64_t run = inner >= 0 ? plan.block.dims[inner] : 1;
  const int64_t y_stride = inner >= 0 ? plan.block.strides[0][inner] : static_cast<int64_t>(bytes);
  const int64_t data_stride = inner >= 0 ? plan.block.strides[1][inner] : static_cast<int64_t>(bytes);
  if (inner >= 0) --plan.block.rank;
  const int64_t runs = run == 0 ? 0 : plan.block.volume();
  if (runs == 0) return;
  plan.lead.seek(first);
  if (runs == 1 && run == 1) {
    return with_word(bytes, [&]<class T>() { gather_elements<T>(plan, data, indices, y, last - first); });
  }
  for (int64_t b = first; b < last; ++b, plan.lead.next()) {
    int64_t picked = 0;
    const bool inside = pick(plan, indices.data + plan.lead.offset[2], indices.dtype, &picked);
    plan.block.seek(0);
    for (int64_t r = 0; r < runs; ++r, plan.block.next()) {
      std::byte* to = y.data + plan.lead.offset[0] + plan.block.offset[0];
      if (inside) {
        copy_run(to, y_stride, data.data + plan.lead.offset[1] + picked + plan.block.offset[1], data_stride, run,
                 bytes);
      } else {
        copy_run(to, y_stride, kZero, 0, run, bytes);
      }
    }
  }
}

}  // namespace rondo::kernels
