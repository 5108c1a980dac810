#include "schedule/place.h"

#include "base/error.h"

namespace rondo::schedule {
namespace {

/// Applies the same change to a place and to its alternative for the first iteration.
template <class Change>
Place changed(const Place& place, const Change& change) {
  Place result = place;
  change(result);
  if (place.first) result.first = std::make_shared<const Place>(changed(*place.first, change));
  return result;
}

}  // namespace

bool is_one(const ir::DimPool& pool, ir::Dim dim) { return pool.is_constant(dim) && pool.value(dim) == 1; }
bool is_zero(const ir::DimPool& pool, ir::Dim dim) { return pool.is_constant(dim) && pool.value(dim) == 0; }

bool provably_at_most(ir::DimPool& pool, ir::Dim a, ir::Dim b) {
  if (pool.same(a, b)) return true;
  return pool.range(pool.sub(pool.resolve(b), pool.resolve(a))).min >= 0;
}

std::vector<ir::Dim> dense_strides(ir::DimPool& pool, const ir::Dims& dims) {
  std::vector<ir::Dim> strides(dims.size());
  ir::Dim stride = pool.constant(1);
  for (size_t i = dims.size(); i-- > 0;) {
    strides[i] = stride;
    stride = pool.mul(stride, dims[i]);
  }
  return strides;
}

Place dense_place(ir::DimPool& pool, uint32_t buffer, const ir::Dims& dims) {
  Place place;
  place.buffer = buffer;
  place.offset = pool.constant(0);
  place.strides = dense_strides(pool, dims);
  return place;
}

Place transposed(const Place& place, const std::vector<int64_t>& perm) {
  return changed(place, [&](Place& p) {
    const std::vector<ir::Dim> old = p.strides;
    for (size_t i = 0; i < perm.size(); ++i) p.strides[i] = old[static_cast<size_t>(perm[i])];
  });
}

Place untransposed(const Place& place, const std::vector<int64_t>& perm) {
  return changed(place, [&](Place& p) {
    const std::vector<ir::Dim> old = p.strides;
    for (size_t i = 0; i < perm.size(); ++i) p.strides[static_cast<size_t>(perm[i])] = old[i];
  });
}

Place sliced(ir::DimPool& pool, const Place& place, const ir::Dims& start, const std::vector<int64_t>& stride) {
  return changed(place, [&](Place& p) {
    for (size_t i = 0; i < start.size(); ++i) {
      p.offset = pool.add(p.offset, pool.mul(start[i], p.strides[i]));
      p.strides[i] = pool.mul(p.strides[i], pool.constant(stride[i]));
    }
  });
}

Place broadcast(ir::DimPool& pool, const Place& place, const ir::Dims& from) {
  return changed(place, [&](Place& p) {
    for (size_t i = 0; i < from.size(); ++i) {
      if (is_one(pool, from[i])) p.strides[i] = pool.constant(0);
    }
  });
}

std::vector<size_t> wide_axes(const ir::DimPool& pool, const ir::Dims& dims) {
  std::vector<size_t> axes;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!is_one(pool, dims[i])) axes.push_back(i);
  }
  return axes;
}

namespace {

/// A run of axes [old_begin, old_end) that holds the same elements as [new_begin, new_end) of the new dims.
struct Run {
  size_t old_begin, old_end, new_begin, new_end;
};

ir::Dim volume_of(ir::DimPool& pool, const ir::Dims& dims, const std::vector<size_t>& axes, size_t begin, size_t end) {
  ir::Dim volume = pool.constant(1);
  for (size_t i = begin; i < end; ++i) volume = pool.mul(volume, dims[axes[i]]);
  return volume;
}

/// The shortest runs of equal volume, left to right; what cannot be told apart is one last run.
std::vector<Run> equal_runs(ir::DimPool& pool, const ir::Dims& from, const std::vector<size_t>& old_axes,
                            const ir::Dims& to, const std::vector<size_t>& new_axes) {
  std::vector<Run> runs;
  size_t old_at = 0, new_at = 0;
  while (old_at < old_axes.size() || new_at < new_axes.size()) {
    Run run{old_at, old_axes.size(), new_at, new_axes.size()};
    bool found = false;
    for (size_t total = 2; !found && total <= old_axes.size() - old_at + new_axes.size() - new_at; ++total) {
      for (size_t left = 1; !found && left < total; ++left) {
        const size_t old_end = old_at + left, new_end = new_at + (total - left);
        if (old_end > old_axes.size() || new_end > new_axes.size()) continue;
        found =
            pool.same(volume_of(pool, from, old_axes, old_at, old_end), volume_of(pool, to, new_axes, new_at, new_end));
        if (found) run = {old_at, old_end, new_at, new_end};
      }
    }
    runs.push_back(run);
    old_at = run.old_end;
    new_at = run.new_end;
  }
  return runs;
}

bool reshape_strides(ir::DimPool& pool, Place& place, const ir::Dims& from, const ir::Dims& to) {
  const std::vector<size_t> old_axes = wide_axes(pool, from), new_axes = wide_axes(pool, to);
  const std::vector<ir::Dim> old = place.strides;
  place.strides.assign(to.size(), pool.constant(0));
  for (const Run& run : equal_runs(pool, from, old_axes, to, new_axes)) {
    if (run.old_begin == run.old_end || run.new_begin == run.new_end) return false;
    for (size_t i = run.old_begin; i + 1 < run.old_end; ++i) {
      const ir::Dim inner = pool.mul(from[old_axes[i + 1]], old[old_axes[i + 1]]);
      if (!pool.same(old[old_axes[i]], inner)) return false;
    }
    ir::Dim stride = old[old_axes[run.old_end - 1]];
    for (size_t i = run.new_end; i-- > run.new_begin;) {
      place.strides[new_axes[i]] = stride;
      stride = pool.mul(stride, to[new_axes[i]]);
    }
  }
  return true;
}

}  // namespace

std::optional<Place> reshaped(ir::DimPool& pool, const Place& place, const ir::Dims& from, const ir::Dims& to) {
  bool possible = true;
  Place result = changed(place, [&](Place& p) { possible = reshape_strides(pool, p, from, to) && possible; });
  if (!possible) return std::nullopt;
  return result;
}

Place iterated(ir::DimPool& pool, const Place& place, size_t axis, uint32_t slot, const ir::Dim* reverse_count) {
  return changed(place, [&](Place& p) {
    ir::Dim stride = p.strides[axis];
    p.strides.erase(p.strides.begin() + static_cast<ptrdiff_t>(axis));
    if (reverse_count != nullptr) {
      p.offset = pool.add(p.offset, pool.mul(pool.sub(*reverse_count, pool.constant(1)), stride));
      stride = pool.sub(pool.constant(0), stride);
    }
    if (!is_zero(pool, stride)) p.terms.push_back({slot, plan::TermKind::kForward, stride});
  });
}

Place indexed(ir::DimPool& pool, const Place& place, size_t axis, ir::Dim at) {
  return changed(place, [&](Place& p) {
    p.offset = pool.add(p.offset, pool.mul(at, p.strides[axis]));
    p.strides.erase(p.strides.begin() + static_cast<ptrdiff_t>(axis));
  });
}

namespace {

bool settle_term(ir::DimPool& pool, Place& place, const PlaceTerm& term, ir::Dim trips) {
  ir::Dim at = trips;
  if (term.kind != plan::TermKind::kForward) {
    if (!pool.is_constant(trips)) return false;
    at = pool.constant((pool.value(trips) + (term.kind == plan::TermKind::kNextParity ? 1 : 0)) & 1);
  }
  place.offset = pool.add(place.offset, pool.mul(at, term.stride));
  return true;
}

}  // namespace

Place settled(ir::DimPool& pool, const Place& place, uint32_t slot, ir::Dim trips) {
  if (place.first && place.first_slot == slot && pool.is_constant(trips) && pool.value(trips) <= 0) {
    return settled(pool, *place.first, slot, trips);
  }
  Place result = place;
  if (place.first && place.first_slot == slot && pool.range(trips).min >= 1) result.first = nullptr;
  if (result.first) result.first = std::make_shared<const Place>(settled(pool, *result.first, slot, trips));
  // A counter never goes below 0, a count in an expression may: then the terms stay.
  if (pool.range(trips).min < 0) return result;
  result.terms.clear();
  for (const PlaceTerm& term : place.terms) {
    if (term.slot != slot || !settle_term(pool, result, term, trips)) result.terms.push_back(term);
  }
  return result;
}

bool depends_on_slot(const Place& place, uint32_t slot) {
  for (const PlaceTerm& term : place.terms) {
    if (term.slot == slot) return true;
  }
  return place.first && (place.first_slot == slot || depends_on_slot(*place.first, slot));
}

}  // namespace rondo::schedule
