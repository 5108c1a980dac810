#include "api/profile.h"

#include <limits>

namespace rondo::api {

namespace {

constexpr const char* kSelectorNames[] = {"kMIN", "kOPT", "kMAX"};
constexpr size_t kMaxValues = 64;

size_t index_of(OptProfileSelector select) {
  require_enum(select, "profile: OptProfileSelector");
  return static_cast<size_t>(select);
}

// min <= opt <= max between the two given, element by element.
void require_order(const std::string& name, size_t low, const int64_t* a, size_t high, const int64_t* b, size_t count,
                   const char* what) {
  for (size_t i = 0; i < count; ++i) {
    require(a[i] <= b[i], "profile of input '", name, "': ", kSelectorNames[low], " ", a[i], " exceeds ",
            kSelectorNames[high], " ", b[i], " in ", what, " ", i, "; set kMIN <= kOPT <= kMAX");
  }
}

void require_ordered_dims(const std::string& name, const Profile::Shape& shape) {
  for (size_t low = 0; low < 3; ++low) {
    for (size_t high = low + 1; high < 3; ++high) {
      if (!shape.dims[low] || !shape.dims[high]) continue;
      const Dims &a = *shape.dims[low], &b = *shape.dims[high];
      require(a.nbDims == b.nbDims, "profile of input '", name, "': ", kSelectorNames[low], " ", dims_text(a), " and ",
              kSelectorNames[high], " ", dims_text(b), " differ in rank");
      require_order(name, low, a.d, high, b.d, static_cast<size_t>(a.nbDims), "dimension");
    }
  }
}

void require_ordered_values(const std::string& name, const Profile::Values& values) {
  for (size_t low = 0; low < 3; ++low) {
    for (size_t high = low + 1; high < 3; ++high) {
      if (!values.set[low] || !values.set[high]) continue;
      const auto &a = values.wide[low], &b = values.wide[high];
      require(a.size() == b.size(), "profile of input '", name, "': ", kSelectorNames[low], " has ", a.size(),
              " shape values and ", kSelectorNames[high], " has ", b.size(), "; give lists of one length");
      require_order(name, low, a.data(), high, b.data(), a.size(), "shape value");
    }
  }
}

}  // namespace

bool Profile::setDimensions(char const* inputName, OptProfileSelector select, Dims const& dims) noexcept {
  return guarded(sink_, "IOptimizationProfile::setDimensions", [&] {
    require_name(inputName, "profile: input name");
    const size_t index = index_of(select);
    require_shape(dims, false, text("profile of input '", inputName, "': ", kSelectorNames[index], " shape"));
    const auto found = shapes_.find(inputName);
    Shape shape = found == shapes_.end() ? Shape{} : found->second;
    shape.dims[index] = dims;
    require_ordered_dims(inputName, shape);
    shapes_[inputName] = shape;
  });
}

Dims Profile::getDimensions(char const* inputName, OptProfileSelector select) const noexcept {
  Dims none{-1, {}};
  return guarded(sink_, "IOptimizationProfile::getDimensions", none, [&] {
    require_name(inputName, "profile: input name");
    const auto found = shapes_.find(inputName);
    return found == shapes_.end() ? none : found->second.dims[index_of(select)].value_or(none);
  });
}

void Profile::set_values(const char* name, OptProfileSelector select, std::vector<int64_t> values) {
  const size_t index = index_of(select);
  const auto found = values_.find(name);
  Values all = found == values_.end() ? Values{} : found->second;
  all.narrow[index].clear();
  for (int64_t value : values) {
    const int64_t high = std::numeric_limits<int32_t>::max(), low = std::numeric_limits<int32_t>::min();
    all.narrow[index].push_back(static_cast<int32_t>(std::min(high, std::max(low, value))));
  }
  all.wide[index] = std::move(values);
  all.set[index] = true;
  require_ordered_values(name, all);
  values_[name] = std::move(all);
}

bool Profile::setShapeValuesV2(char const* inputName, OptProfileSelector select, int64_t const* values,
                               int32_t nbValues) noexcept {
  return guarded(sink_, "IOptimizationProfile::setShapeValuesV2", [&] {
    require_name(inputName, "profile: input name");
    require(nbValues >= 0 && static_cast<size_t>(nbValues) <= kMaxValues, "profile of input '", inputName,
            "': ", nbValues, " shape values, outside 0 .. ", kMaxValues);
    require(values != nullptr || nbValues == 0, "profile of input '", inputName, "': shape values are null");
    set_values(inputName, select, std::vector<int64_t>(values, values + nbValues));
  });
}

bool Profile::setShapeValues(char const* inputName, OptProfileSelector select, int32_t const* values,
                             int32_t nbValues) noexcept {
  if (values == nullptr || nbValues < 0 || nbValues > static_cast<int32_t>(kMaxValues)) {
    return setShapeValuesV2(inputName, select, nullptr, nbValues == 0 ? 0 : -1);
  }
  std::array<int64_t, kMaxValues> wide;
  std::copy(values, values + nbValues, wide.begin());
  return setShapeValuesV2(inputName, select, wide.data(), nbValues);
}

int32_t Profile::getNbShapeValues(char const* inputName) const noexcept {
  return guarded(sink_, "IOptimizationProfile::getNbShapeValues", -1, [&] {
    require_name(inputName, "profile: input name");
    const auto found = values_.find(inputName);
    if (found == values_.end()) return -1;
    for (size_t i = 0; i < 3; ++i) {
      if (found->second.set[i]) return static_cast<int32_t>(found->second.wide[i].size());
    }
    return -1;
  });
}

const Profile::Values* Profile::find_values(const char* name, OptProfileSelector select) const {
  require_name(name, "profile: input name");
  const auto found = values_.find(name);
  return found != values_.end() && found->second.set[index_of(select)] ? &found->second : nullptr;
}

int32_t const* Profile::getShapeValues(char const* inputName, OptProfileSelector select) const noexcept {
  const int32_t* none = nullptr;
  return guarded(sink_, "IOptimizationProfile::getShapeValues", none, [&] {
    const Values* found = find_values(inputName, select);
    return found ? found->narrow[index_of(select)].data() : none;
  });
}

int64_t const* Profile::getShapeValuesV2(char const* inputName, OptProfileSelector select) const noexcept {
  const int64_t* none = nullptr;
  return guarded(sink_, "IOptimizationProfile::getShapeValuesV2", none, [&] {
    const Values* found = find_values(inputName, select);
    return found ? found->wide[index_of(select)].data() : none;
  });
}

bool Profile::setExtraMemoryTarget(float target) noexcept {
  return guarded(sink_, "IOptimizationProfile::setExtraMemoryTarget", [&] {
    require(target >= 0 && target <= 1, "profile: extra memory target ", target, " is outside 0 .. 1");
    extra_memory_ = target;
  });
}

void Profile::require_valid() const {
  for (const auto& [name, shape] : shapes_) {
    for (size_t i = 0; i < 3; ++i) {
      require(shape.dims[i].has_value(), "profile of input '", name, "' lacks ", kSelectorNames[i],
              "; call setDimensions for kMIN, kOPT and kMAX");
    }
    require_ordered_dims(name, shape);
  }
  for (const auto& [name, values] : values_) {
    for (size_t i = 0; i < 3; ++i) {
      require(values.set[i], "profile of input '", name, "' lacks the shape values of ", kSelectorNames[i],
              "; call setShapeValues for kMIN, kOPT and kMAX");
    }
    require_ordered_values(name, values);
  }
}

bool Profile::isValid() const noexcept {
  try {
    require_valid();
    return true;
  } catch (...) {
    return false;
  }
}

void Profile::copy_from(const Profile& other) {
  shapes_ = other.shapes_;
  values_ = other.values_;
  extra_memory_ = other.extra_memory_;
}

}  // namespace rondo::api
