// Optimization profiles: a range per dynamic input.
#include "binding.h"

namespace rondo::python {
namespace {

using P = IOptimizationProfile;
constexpr OptProfileSelector kSelectors[] = {OptProfileSelector::kMIN, OptProfileSelector::kOPT,
                                             OptProfileSelector::kMAX};

void set_shape(P& profile, const char* input, const Dims& min, const Dims& opt, const Dims& max) {
  const Dims* shapes[] = {&min, &opt, &max};
  for (size_t i = 0; i < 3; ++i) {
    if (profile.setDimensions(input, kSelectors[i], *shapes[i])) continue;
    const std::string text = std::string("set_shape('") + input + "'): " + dims_text(min) + ", " + dims_text(opt) +
                             ", " + dims_text(max) +
                             " is no range: equal ranks and min <= opt <= max are needed; see the log";
    throw std::runtime_error(text);
  }
}

nb::list get_shape(const P& profile, const char* input) {
  nb::list result;
  for (const OptProfileSelector selector : kSelectors) {
    const Dims dims = profile.getDimensions(input, selector);
    if (dims.nbDims >= 0) result.append(dims);
  }
  return result;
}

void set_shape_input(P& profile, const char* input, const std::vector<int64_t>& min, const std::vector<int64_t>& opt,
                     const std::vector<int64_t>& max) {
  const std::vector<int64_t>* values[] = {&min, &opt, &max};
  for (size_t i = 0; i < 3; ++i) {
    if (profile.setShapeValuesV2(input, kSelectors[i], values[i]->data(), static_cast<int32_t>(values[i]->size())))
      continue;
    throw std::runtime_error(std::string("set_shape_input('") + input +
                             "'): lists of equal length with min <= opt <= max are needed; see the log");
  }
}

nb::list get_shape_input(const P& profile, const char* input) {
  nb::list result;
  const int32_t count = profile.getNbShapeValues(input);
  for (const OptProfileSelector selector : kSelectors) {
    const int64_t* values = profile.getShapeValuesV2(input, selector);
    if (values == nullptr || count < 0) continue;
    nb::list items;
    for (int32_t i = 0; i < count; ++i) items.append(values[i]);
    result.append(items);
  }
  return result;
}

}  // namespace

void bind_profile(nb::module_& m) {
  nb::class_<P>(m, "IOptimizationProfile", "Ranges of the dynamic dimensions and shape values of a network.")
      .def("set_shape", &set_shape, "input"_a, "min"_a, "opt"_a, "max"_a)
      .def("get_shape", &get_shape, "input"_a)
      .def("set_shape_input", &set_shape_input, "input"_a, "min"_a, "opt"_a, "max"_a)
      .def("get_shape_input", &get_shape_input, "input"_a)
      .def_prop_rw("extra_memory_target", &P::getExtraMemoryTarget,
                   [](P& p, float target) {
                     if (!p.setExtraMemoryTarget(target)) throw nb::value_error("the target lies between 0 and 1");
                   })
      .def("__bool__", &P::isValid);
}

}  // namespace rondo::python
