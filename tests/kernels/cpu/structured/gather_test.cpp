#include "kernels/cpu/structured/gather.h"

#include <gtest/gtest.h>

#include <vector>

namespace rondo::kernels {
namespace {

using Dims = std::vector<int64_t>;

std::vector<int64_t> strides_of(const Dims& dims, int64_t bytes) {
  std::vector<int64_t> strides(dims.size());
  for (size_t i = dims.size(); i-- > 0; bytes *= dims[i]) strides[i] = bytes;
  return strides;
}

int64_t flat(const Dims& dims, const Dims& at) {
  int64_t offset = 0;
  for (size_t i = 0; i < dims.size(); ++i) offset = offset * dims[i] + at[i];
  return offset;
}

struct Case {
  GatherMode mode;
  int axis, elementwise_dims;
  Dims data, indices, y;
};

/// The coordinate of data that y[at] reads, by the definition of the mode.
Dims source(const Case& c, const Dims& at, const std::vector<int32_t>& indices) {
  const auto begin = at.begin();
  const auto e = c.elementwise_dims, axis = c.axis;
  if (c.mode == GatherMode::kElement) {
    Dims from = at;
    from[static_cast<size_t>(axis)] = indices[static_cast<size_t>(flat(c.indices, at))];
    return from;
  }
  const auto inner = static_cast<int>(c.indices.size()) - e;
  if (c.mode == GatherMode::kDefault) {
    Dims index(begin, begin + e);
    index.insert(index.end(), begin + axis, begin + axis + inner);
    Dims from(begin, begin + axis);
    from.push_back(indices[static_cast<size_t>(flat(c.indices, index))]);
    from.insert(from.end(), begin + axis + inner, at.end());
    return from;
  }
  const auto lead = static_cast<int>(c.indices.size()) - 1;
  Dims from(begin, begin + e);
  for (int64_t q = 0; q < c.indices.back(); ++q) {
    Dims index(begin, begin + lead);
    index.push_back(q);
    from.push_back(indices[static_cast<size_t>(flat(c.indices, index))]);
  }
  from.insert(from.end(), begin + lead, at.end());
  return from;
}

void check(const Case& c) {
  const auto volume = [](const Dims& d) {
    int64_t v = 1;
    for (const int64_t n : d) v *= n;
    return v;
  };
  std::vector<float> data(static_cast<size_t>(volume(c.data))), y(static_cast<size_t>(volume(c.y)), -1);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i + 1);
  std::vector<int32_t> indices(static_cast<size_t>(volume(c.indices)));
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int32_t>(i * 7 % 5) - 1;  // -1 .. 3
  GatherShape s;
  s.mode = c.mode;
  s.axis = c.axis;
  s.elementwise_dims = c.elementwise_dims;
  s.data_rank = static_cast<int>(c.data.size());
  s.indices_rank = static_cast<int>(c.indices.size());
  s.y_rank = static_cast<int>(c.y.size());
  std::copy(c.data.begin(), c.data.end(), s.data);
  std::copy(c.indices.begin(), c.indices.end(), s.indices);
  std::copy(c.y.begin(), c.y.end(), s.y);
  ASSERT_TRUE(gather_shape_is_valid(s));
  const auto ds = strides_of(c.data, 4), is = strides_of(c.indices, 4), ys = strides_of(c.y, 4);
  const int64_t blocks = gather_blocks(s), half = blocks / 2;
  for (const auto& [first, last] : {std::pair{half, blocks}, std::pair{int64_t{0}, half}}) {
    gather(s, {reinterpret_cast<std::byte*>(data.data()), DType::kFloat32, ds.data()},
           {reinterpret_cast<std::byte*>(indices.data()), DType::kInt32, is.data()},
           {reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, ys.data()}, first, last);
  }
  for (int64_t i = 0; i < volume(c.y); ++i) {
    Dims at(c.y.size());
    int64_t rest = i;
    for (size_t a = c.y.size(); a-- > 0; rest /= c.y[a]) at[a] = rest % c.y[a];
    const Dims from = source(c, at, indices);
    bool inside = true;
    for (size_t a = 0; a < from.size(); ++a) inside = inside && from[a] >= 0 && from[a] < c.data[a];
    EXPECT_EQ(y[static_cast<size_t>(i)], inside ? data[static_cast<size_t>(flat(c.data, from))] : 0.0F)
        << "element " << i;
  }
  ++s.y[0];
  EXPECT_FALSE(gather_shape_is_valid(s));
}

TEST(Gather, Default) {
  check({GatherMode::kDefault, 0, 0, {3, 4}, {5}, {5, 4}});
  check({GatherMode::kDefault, 1, 0, {2, 3, 4}, {2, 3}, {2, 2, 3, 4}});
  check({GatherMode::kDefault, 2, 0, {2, 3, 3}, {6}, {2, 3, 6}});
  check({GatherMode::kDefault, 0, 0, {3, 4}, {}, {4}});
}

TEST(Gather, DefaultWithElementwiseDims) {
  check({GatherMode::kDefault, 1, 1, {2, 3, 4}, {2, 5}, {2, 5, 4}});
  check({GatherMode::kDefault, 2, 1, {2, 3, 4, 2}, {2, 5}, {2, 3, 5, 2}});
}

TEST(Gather, Element) {
  check({GatherMode::kElement, 0, 0, {3, 4}, {2, 4}, {2, 4}});
  check({GatherMode::kElement, 1, 0, {2, 3, 4}, {2, 6, 4}, {2, 6, 4}});
}

TEST(Gather, Nd) {
  check({GatherMode::kNd, 0, 0, {3, 4, 2}, {5, 2}, {5, 2}});
  check({GatherMode::kNd, 0, 0, {3, 4}, {2, 3, 2}, {2, 3}});
  check({GatherMode::kNd, 0, 1, {2, 3, 4}, {2, 5, 1}, {2, 5, 4}});
}

}  // namespace
}  // namespace rondo::kernels
