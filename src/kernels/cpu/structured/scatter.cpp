// Scatter in one form for both modes: an index tuple places one block of updates in y. Two updates may have one target,
// and the later must win for any number of threads. So threads do not share out the updates but y: each owns a range of
// entries along one axis, copies data there, reads all indices in order and writes what falls into its range. Where the
// axis is not an indexed one, the range selects updates directly and nothing is read twice.
#include "kernels/cpu/structured/scatter.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/structured/strided_copy.h"

namespace rondo::kernels {

namespace {

bool same(const int64_t* a, const int64_t* b, int n) { return n <= 0 || std::equal(a, a + n, b); }

bool element_is_valid(const ScatterShape& s) {
  if (s.axis < 0 || s.axis >= s.data_rank || s.indices_rank != s.data_rank || s.updates_rank != s.data_rank)
    return false;
  for (int i = 0; i < s.data_rank; ++i) {
    if (s.indices[i] != s.updates[i] || (i != s.axis && s.updates[i] > s.data[i])) return false;
  }
  return true;
}

bool nd_is_valid(const ScatterShape& s) {
  if (s.indices_rank < 1) return false;
  const int64_t k = s.indices[s.indices_rank - 1];
  if (k < 1 || k > s.data_rank) return false;
  const int lead = s.indices_rank - 1, block = s.data_rank - static_cast<int>(k);
  return s.updates_rank == lead + block && same(s.updates, s.indices, lead) &&
         same(s.updates + lead, s.data + k, block);
}

int64_t load_index(const std::byte* p, DType dtype) {
  int64_t wide = 0;
  int32_t narrow = 0;
  if (dtype == DType::kInt64) {
    std::memcpy(&wide, p, sizeof wide);
    return wide;
  }
  std::memcpy(&narrow, p, sizeof narrow);
  return narrow;
}

/// What moves with a tuple (updates, indices, y) and what it picks.
struct Plan {
  Odometer<3> lead;
  int components = 1;
  int64_t component_stride = 0;          ///< in indices
  int64_t pick_stride[kMaxStridedRank];  ///< in y, by component
  int64_t pick_first[kMaxStridedRank];   ///< the range of y that the caller owns
  int64_t pick_last[kMaxStridedRank];
  int block_rank = 0;
  const int64_t* block_dims = nullptr;
  const int64_t* block_y = nullptr;
  const int64_t* block_updates = nullptr;
};

/// An element scatter over entries [first, last) of the split axis, where that is not the indexed one: `skipped` is what lies
/// before them in updates, indices and y.
Plan element_plan(const ScatterShape& s, const Strided& indices, const Strided& updates, const Strided& y, int split,
                  int64_t first, int64_t last, int64_t* skipped) {
  Plan plan;
  for (int i = 0; i < s.data_rank; ++i) {
    const int64_t y_stride = i == s.axis ? 0 : y.strides[i];
    int64_t dim = s.updates[i];
    if (i == split && i != s.axis) {
      dim = std::max<int64_t>(0, std::min(dim, last) - first);
      skipped[0] = first * updates.strides[i];
      skipped[1] = first * indices.strides[i];
      skipped[2] = first * y_stride;
    }
    plan.lead.add(dim, updates.strides[i], indices.strides[i], y_stride);
  }
  plan.pick_stride[0] = y.strides[s.axis];
  plan.pick_first[0] = split == s.axis ? first : 0;
  plan.pick_last[0] = split == s.axis ? last : s.data[s.axis];
  return plan;
}

Plan nd_plan(const ScatterShape& s, const Strided& indices, const Strided& updates, const Strided& y, int split,
             int64_t first, int64_t last) {
  Plan plan;
  const int lead = s.indices_rank - 1;
  for (int i = 0; i < lead; ++i) plan.lead.add(s.indices[i], updates.strides[i], indices.strides[i], 0);
  plan.components = static_cast<int>(s.indices[lead]);
  plan.component_stride = indices.strides[lead];
  for (int c = 0; c < plan.components; ++c) {
    plan.pick_stride[c] = y.strides[c];
    plan.pick_first[c] = c == split ? first : 0;
    plan.pick_last[c] = c == split ? last : s.data[c];
  }
  plan.block_rank = s.data_rank - plan.components;
  plan.block_dims = s.data + plan.components;
  plan.block_y = y.strides + plan.components;
  plan.block_updates = updates.strides + lead;
  return plan;
}

bool pick(const Plan& plan, const std::byte* index, DType dtype, int64_t* offset) {
  for (int c = 0; c < plan.components; ++c) {
    const int64_t at = load_index(index + c * plan.component_stride, dtype);
    if (at < plan.pick_first[c] || at >= plan.pick_last[c]) return false;
    *offset += at * plan.pick_stride[c];
  }
  return true;
}

/// Elements of a block that is dense on both sides; 0 if it is not.
int64_t dense_block(const Plan& plan, int64_t bytes) {
  int64_t count = 1;
  for (int i = plan.block_rank - 1; i >= 0; --i) {
    const int64_t stride = count * bytes;
    if (plan.block_dims[i] != 1 && (plan.block_y[i] != stride || plan.block_updates[i] != stride)) return 0;
    count *= plan.block_dims[i];
  }
  return count;
}

void write_updates(Plan& plan, const std::byte* updates, const std::byte* indices, DType index_type, std::byte* y,
                   size_t bytes) {
  const int64_t tuples = plan.lead.volume();
  if (tuples == 0) return;
  const int64_t dense = dense_block(plan, static_cast<int64_t>(bytes));
  const auto element = static_cast<int64_t>(bytes);
  plan.lead.seek(0);
  for (int64_t t = 0; t < tuples; ++t, plan.lead.next()) {
    int64_t target = plan.lead.offset[2];
    if (!pick(plan, indices + plan.lead.offset[1], index_type, &target)) continue;
    const std::byte* from = updates + plan.lead.offset[0];
    if (dense > 0) {
      copy_run(y + target, element, from, element, dense, bytes);
    } else {
      copy_strided(plan.block_rank, plan.block_dims, y + target, plan.block_y, from, plan.block_updates, bytes);
    }
  }
}

bool is_in_place(const ScatterShape& s, const Strided& data, const Strided& y) {
  for (int i = 0; i < s.data_rank; ++i) {
    if (s.data[i] > 1 && data.strides[i] != y.strides[i]) return false;
  }
  return data.data == y.data;
}

}  // namespace

bool scatter_shape_is_valid(const ScatterShape& s) {
  return s.mode == ScatterMode::kElement ? element_is_valid(s) : nd_is_valid(s);
}

int scatter_split_axis(const ScatterShape& s) {
  const int last = s.mode == ScatterMode::kElement ? s.data_rank : static_cast<int>(s.indices[s.indices_rank - 1]);
  for (int i = 0; i < last; ++i) {
    if (s.data[i] > 1) return i;
  }
  return 0;
}

void scatter(const ScatterShape& s, const Strided& data, const Strided& indices, const Strided& updates,
             const Strided& y, int64_t first, int64_t last) {
  if (first >= last) return;
  const int split = scatter_split_axis(s);
  const size_t bytes = dtype_bytes(y.dtype);
  if (!is_in_place(s, data, y)) {
    int64_t dims[kMaxStridedRank];
    std::copy_n(s.data, s.data_rank, dims);
    dims[split] = last - first;
    copy_strided(s.data_rank, dims, y.data + first * y.strides[split], y.strides,
                 data.data + first * data.strides[split], data.strides, bytes);
  }
  int64_t skipped[3] = {};
  Plan plan = s.mode == ScatterMode::kElement ? element_plan(s, indices, updates, y, split, first, last, skipped)
                                              : nd_plan(s, indices, updates, y, split, first, last);
  write_updates(plan, updates.data + skipped[0], indices.data + skipped[1], indices.dtype, y.data + skipped[2], bytes);
}

}  // namespace rondo::kernels
