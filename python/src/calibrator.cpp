// Calibrators and the algorithm selector. What a calibrator raises is reported and fails the build.
#include "rondo/tuning/calibrator.h"

#include <nanobind/trampoline.h>

#include "binding.h"

namespace rondo::python {
namespace {

/// What the four calibrators share. get_batch gets names and returns addresses, None or an empty list at the end of the data.
template <class Base>
class PyCalibrator : public Base {
 public:
  NB_TRAMPOLINE(Base, 8);
  int32_t getBatchSize() const override {
    return throwing_callback("get_batch_size",
                             [&] { return nb::cast<int32_t>(nb_trampoline.base().attr("get_batch_size")()); });
  }
  bool getBatch(void* bindings[], const char* names[], int32_t count) override {
    return throwing_callback("get_batch", [&] {
      nb::list python_names;
      for (int32_t i = 0; i < count; ++i) python_names.append(nb::str(names[i]));
      nb::object batch = nb_trampoline.base().attr("get_batch")(python_names);
      if (batch.is_none() || nb::len(batch) == 0) return false;
      if (nb::len(batch) != static_cast<size_t>(count)) {
        const std::string text = "get_batch returned " + std::to_string(nb::len(batch)) + " addresses for " +
                                 std::to_string(count) + " inputs";
        throw nb::value_error(text.c_str());
      }
      int32_t i = 0;
      for (nb::handle address : batch) bindings[i++] = address_of(address);
      return true;
    });
  }
  const void* readCalibrationCache(size_t& length) override { return read(&length, "read_calibration_cache"); }
  void writeCalibrationCache(const void* bytes, size_t length) override {
    write(bytes, length, "write_calibration_cache");
  }

 protected:
  const void* read(size_t* length, const char* method) {
    *length = 0;
    return throwing_callback(method, [&]() -> const void* {
      nb::object cache = nb_trampoline.base().attr(method)();
      if (cache.is_none()) return nullptr;
      Py_buffer view;
      if (PyObject_GetBuffer(cache.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
      cache_.assign(static_cast<const char*>(view.buf), static_cast<size_t>(view.len));
      PyBuffer_Release(&view);
      *length = cache_.size();
      return cache_.data();
    });
  }
  void write(const void* bytes, size_t length, const char* method) {
    throwing_callback(method, [&] {
      nb::object view = nb::steal(PyMemoryView_FromMemory(static_cast<char*>(const_cast<void*>(bytes)),
                                                          static_cast<Py_ssize_t>(length), PyBUF_READ));
      nb_trampoline.base().attr(method)(view);
    });
  }

 private:
  std::string cache_;
};

class PyAnyCalibrator final : public PyCalibrator<IInt8Calibrator> {
 public:
  CalibrationAlgoType getAlgorithm() override {
    return throwing_callback(
        "get_algorithm", [&] { return nb::cast<CalibrationAlgoType>(nb_trampoline.base().attr("get_algorithm")()); });
  }
};

class PyLegacyCalibrator final : public PyCalibrator<IInt8LegacyCalibrator> {
 public:
  double getQuantile() const override {
    return throwing_callback("get_quantile",
                             [&] { return nb::cast<double>(nb_trampoline.base().attr("get_quantile")()); });
  }
  double getRegressionCutoff() const override {
    return throwing_callback("get_regression_cutoff",
                             [&] { return nb::cast<double>(nb_trampoline.base().attr("get_regression_cutoff")()); });
  }
  const void* readHistogramCache(size_t& length) override { return read(&length, "read_histogram_cache"); }
  void writeHistogramCache(const void* bytes, size_t length) override { write(bytes, length, "write_histogram_cache"); }
};

nb::object must_override(nb::handle self, const char* method) {
  const std::string text = nb::cast<std::string>(self.type().attr("__name__")) + " does not override " + method;
  PyErr_SetString(PyExc_NotImplementedError, text.c_str());
  throw nb::python_error();
}

template <class Class>
void add_methods(Class& c) {
  c.def("get_batch_size", [](nb::handle self) { return must_override(self, "get_batch_size"); })
      .def(
          "get_batch", [](nb::handle self, nb::handle) { return must_override(self, "get_batch"); }, "names"_a)
      .def("read_calibration_cache", [](nb::handle) { return nb::none(); })
      .def(
          "write_calibration_cache", [](nb::handle, nb::handle) {}, "cache"_a);
}

template <class Base>
void bind_calibrator(nb::module_& m, const char* name) {
  nb::class_<Base, IInt8Calibrator, PyCalibrator<Base>> c(
      m, name, "Base of calibrators: override get_batch_size and get_batch.");
  c.def(nb::init<>()).def("get_algorithm", [](Base& self) { return self.Base::getAlgorithm(); });
}

class PyAlgorithmSelector final : public IAlgorithmSelector {
 public:
  NB_TRAMPOLINE(IAlgorithmSelector, 2);
  int32_t selectAlgorithms(const IAlgorithmContext& context, const IAlgorithm* const* choices, int32_t count,
                           int32_t* selection) override {
    return throwing_callback("select_algorithms", [&] {
      const nb::object chosen = nb_trampoline.base().attr("select_algorithms")(
          nb::cast(&context, nb::rv_policy::reference), borrowed(choices, count));
      if (nb::len(chosen) > static_cast<size_t>(count)) {
        const std::string text = "select_algorithms returned " + std::to_string(nb::len(chosen)) + " indices for " +
                                 std::to_string(count) + " choices";
        throw nb::value_error(text.c_str());
      }
      int32_t written = 0;
      for (nb::handle index : chosen) selection[written++] = nb::cast<int32_t>(index);
      return written;
    });
  }
  void reportAlgorithms(const IAlgorithmContext* const* contexts, const IAlgorithm* const* choices,
                        int32_t count) override {
    throwing_callback("report_algorithms", [&] {
      nb_trampoline.base().attr("report_algorithms")(borrowed(contexts, count), borrowed(choices, count));
    });
  }

 private:
  template <class T>
  static nb::list borrowed(const T* const* items, int32_t count) {
    nb::list list;
    for (int32_t i = 0; i < count; ++i) list.append(nb::cast(items[i], nb::rv_policy::reference));
    return list;
  }
};

}  // namespace

void bind_calibrators(nb::module_& m) {
  nb::class_<IInt8Calibrator, PyAnyCalibrator> base(m, "IInt8Calibrator", "Base of all calibrators.");
  base.def(nb::init<>()).def("get_algorithm", [](nb::handle self) { return must_override(self, "get_algorithm"); });
  add_methods(base);
  bind_calibrator<IInt8EntropyCalibrator>(m, "IInt8EntropyCalibrator");
  bind_calibrator<IInt8EntropyCalibrator2>(m, "IInt8EntropyCalibrator2");
  bind_calibrator<IInt8MinMaxCalibrator>(m, "IInt8MinMaxCalibrator");
  nb::class_<IInt8LegacyCalibrator, IInt8Calibrator, PyLegacyCalibrator>(m, "IInt8LegacyCalibrator",
                                                                         "Base of percentile calibrators.")
      .def(nb::init<>())
      .def("get_algorithm", [](IInt8LegacyCalibrator&) { return CalibrationAlgoType::kLEGACY_CALIBRATION; })
      .def("get_quantile", [](nb::handle self) { return must_override(self, "get_quantile"); })
      .def("get_regression_cutoff", [](nb::handle self) { return must_override(self, "get_regression_cutoff"); })
      .def("read_histogram_cache", [](nb::handle) { return nb::none(); })
      .def(
          "write_histogram_cache", [](nb::handle, nb::handle) {}, "cache"_a);

  nb::class_<IAlgorithmIOInfo>(m, "IAlgorithmIOInfo", "Layout and type of one tensor of an algorithm.")
      .def_prop_ro("dtype", &IAlgorithmIOInfo::getDataType)
      .def_prop_ro("tensor_format", &IAlgorithmIOInfo::getTensorFormat)
      .def_prop_ro("strides", &IAlgorithmIOInfo::getStrides);
  nb::class_<IAlgorithmVariant>(m, "IAlgorithmVariant", "Names an algorithm.")
      .def_prop_ro("implementation", &IAlgorithmVariant::getImplementation)
      .def_prop_ro("tactic", &IAlgorithmVariant::getTactic);
  nb::class_<IAlgorithmContext>(m, "IAlgorithmContext", "A layer for which an algorithm is chosen.")
      .def_prop_ro("name", &IAlgorithmContext::getName)
      .def_prop_ro("num_inputs", &IAlgorithmContext::getNbInputs)
      .def_prop_ro("num_outputs", &IAlgorithmContext::getNbOutputs)
      .def(
          "get_shape",
          [](const IAlgorithmContext& self, int32_t index) {
            nb::list shapes;
            for (const auto select : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
              shapes.append(nb::cast(self.getDimensions(index, select)));
            return shapes;
          },
          "index"_a, "Minimum, optimum and maximum shape of an input or output; inputs come first.");
  nb::class_<IAlgorithm>(m, "IAlgorithm", "One choice for a layer.")
      .def_prop_ro("timing_msec", &IAlgorithm::getTimingMSec)
      .def_prop_ro("workspace_size", &IAlgorithm::getWorkspaceSize)
      .def_prop_ro("algorithm_variant", &IAlgorithm::getAlgorithmVariant, nb::rv_policy::reference_internal)
      .def("get_algorithm_io_info", &IAlgorithm::getAlgorithmIOInfoByIndex, "index"_a,
           nb::rv_policy::reference_internal, "Layout and type of an input or output; inputs come first.");
  nb::class_<IAlgorithmSelector, PyAlgorithmSelector>(
      m, "IAlgorithmSelector",
      "Base of selectors: override both methods. Contexts and algorithms live until the call returns.")
      .def(nb::init<>())
      .def("select_algorithms", [](nb::handle, nb::args) { return nb::list(); })
      .def("report_algorithms", [](nb::handle, nb::args) {});
}

}  // namespace rondo::python
