#include "kernels/cpu/structured/scatter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace rondo::kernels {
namespace {

void dense(const int64_t* dims, int rank, int64_t bytes, int64_t* strides) {
  for (int i = rank - 1; i >= 0; --i) {
    strides[i] = bytes;
    bytes *= dims[i];
  }
}

int64_t volume(const int64_t* dims, int rank) {
  int64_t result = 1;
  for (int i = 0; i < rank; ++i) result *= dims[i];
  return result;
}

std::byte* raw(std::vector<int32_t>& v) { return reinterpret_cast<std::byte*>(v.data()); }

struct ScatterCase {
  ScatterShape shape;
  std::vector<int32_t> data, indices, updates;

  explicit ScatterCase(const ScatterShape& s, std::mt19937& random) : shape(s) {
    const auto fill = [&](std::vector<int32_t>& v, int64_t count, int32_t low, int32_t range) {
      v.resize(static_cast<size_t>(count) + 1);
      for (int32_t& e : v) e = low + static_cast<int32_t>(random() % static_cast<uint32_t>(range));
    };
    fill(data, volume(s.data, s.data_rank), -1000, 900);
    fill(updates, volume(s.updates, s.updates_rank), 1, 1000000);
    fill(indices, volume(s.indices, s.indices_rank), -1, 7);
  }

  std::vector<int32_t> result(int64_t split, bool in_place) {
    int64_t data_strides[kMaxStridedRank], index_strides[kMaxStridedRank], update_strides[kMaxStridedRank];
    dense(shape.data, shape.data_rank, 4, data_strides);
    dense(shape.indices, shape.indices_rank, 4, index_strides);
    dense(shape.updates, shape.updates_rank, 4, update_strides);
    std::vector<int32_t> y = in_place ? data : std::vector<int32_t>(data.size(), 123456789);
    y.back() = data.back();
    const Strided to{raw(y), DType::kInt32, data_strides};
    const Strided from = in_place ? to : Strided{raw(data), DType::kInt32, data_strides};
    const int64_t units = volume(shape.data, shape.data_rank) == 0 ? 0 : shape.data[scatter_split_axis(shape)];
    for (int64_t first = 0; first < units; first += split) {
      scatter(shape, from, {raw(indices), DType::kInt32, index_strides}, {raw(updates), DType::kInt32, update_strides},
              to, first, std::min(first + split, units));
    }
    return y;
  }

  /// Element by element, in row-major order of updates.
  std::vector<int32_t> expected() const {
    std::vector<int32_t> y = data;
    const int64_t count = volume(shape.updates, shape.updates_rank);
    for (int64_t i = 0; i < count; ++i) {
      int64_t at[kMaxStridedRank], rest = i;
      for (int a = shape.updates_rank - 1; a >= 0; --a) {
        at[a] = rest % shape.updates[a];
        rest /= shape.updates[a];
      }
      std::vector<int64_t> place(at, at + shape.updates_rank);
      if (shape.mode == ScatterMode::kElement) {
        place[static_cast<size_t>(shape.axis)] = indices[static_cast<size_t>(i)];
      } else {
        const int lead = shape.indices_rank - 1;
        const int64_t k = shape.indices[lead];
        int64_t tuple = 0;
        for (int a = 0; a < lead; ++a) tuple = tuple * shape.indices[a] + at[a];
        place.erase(place.begin(), place.begin() + lead);
        for (int64_t c = k; c-- > 0;) place.insert(place.begin(), indices[static_cast<size_t>(tuple * k + c)]);
      }
      int64_t target = 0;
      bool inside = true;
      for (size_t a = 0; a < place.size(); ++a) {
        inside = inside && place[a] >= 0 && place[a] < shape.data[a];
        target = target * shape.data[a] + place[a];
      }
      if (inside) y[static_cast<size_t>(target)] = updates[static_cast<size_t>(i)];
    }
    return y;
  }
};

ScatterShape element_shape(std::mt19937& random) {
  ScatterShape s;
  s.data_rank = s.indices_rank = s.updates_rank = 1 + static_cast<int>(random() % 4);
  s.axis = static_cast<int>(random() % static_cast<uint32_t>(s.data_rank));
  for (int i = 0; i < s.data_rank; ++i) {
    s.data[i] = static_cast<int64_t>(random() % 6);
    s.updates[i] = s.indices[i] = i == s.axis ? static_cast<int64_t>(random() % 9)
                                              : static_cast<int64_t>(random() % static_cast<uint32_t>(s.data[i] + 1));
  }
  return s;
}

ScatterShape nd_shape(std::mt19937& random) {
  ScatterShape s;
  s.mode = ScatterMode::kNd;
  s.data_rank = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < s.data_rank; ++i) s.data[i] = static_cast<int64_t>(random() % 6);
  const int k = 1 + static_cast<int>(random() % static_cast<uint32_t>(s.data_rank));
  const int lead = static_cast<int>(random() % 3);
  for (int i = 0; i < lead; ++i) s.indices[i] = s.updates[i] = static_cast<int64_t>(random() % 5);
  s.indices[lead] = k;
  s.indices_rank = lead + 1;
  s.updates_rank = lead + s.data_rank - k;
  for (int i = k; i < s.data_rank; ++i) s.updates[lead + i - k] = s.data[i];
  return s;
}

TEST(Scatter, RandomShapes) {
  std::mt19937 random(11);
  for (int n = 0; n < 2000; ++n) {
    const ScatterShape shape = n % 2 == 0 ? element_shape(random) : nd_shape(random);
    ASSERT_TRUE(scatter_shape_is_valid(shape));
    ScatterCase run(shape, random);
    const std::vector<int32_t> expected = run.expected();
    for (int64_t split : {1, 2, 1000}) {
      ASSERT_EQ(run.result(split, false), expected) << "case " << n << ", " << split << " units a call";
      ASSERT_EQ(run.result(split, true), expected) << "case " << n << " in place";
    }
  }
}

}  // namespace
}  // namespace rondo::kernels
