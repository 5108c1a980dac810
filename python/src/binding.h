#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "rondo/rondo.h"

namespace rondo::python {

namespace nb = nanobind;
using namespace nb::literals;

// One function per concept; module.cpp calls them in order of dependence. Those of *.gen.cpp are written by
// codegen/generate.py.
void bind_enums(nb::module_& m);
void bind_types(nb::module_& m);
void bind_weights(nb::module_& m);
void bind_logger(nb::module_& m);
void bind_memory(nb::module_& m);
void bind_tensor(nb::module_& m);
void bind_calibrators(nb::module_& m);
void bind_streams(nb::module_& m);
void bind_layer_classes(nb::module_& m);
void bind_irregular_layers(nb::module_& m);
void bind_network(nb::module_& m);
void bind_builder(nb::module_& m);
void bind_profile(nb::module_& m);
void bind_engine(nb::module_& m);
void bind_context(nb::module_& m);
void bind_runtime(nb::module_& m);

/// Dims of a sequence of integers. Raises TypeError or ValueError (more than 8, or none an integer).
Dims dims_of(nb::handle sequence);
/// A DimsHW of Dims with two extents. Raises ValueError otherwise.
DimsHW hw_of(const Dims& dims);
/// (1, 2) as Python writes a tuple.
std::string dims_text(const Dims& dims);
nb::tuple dims_tuple(const Dims& dims);

/// Memory of an address given as int, or by an object that int() takes. Null for 0 and None.
void* address_of(nb::handle address);
/// The handle of a stream, the same way.
inline cudaStream_t stream_of(nb::handle stream) { return static_cast<cudaStream_t>(address_of(stream)); }

/// The layer as its concrete Python class, which follows from its kind; `network` is the Python network that owns it. None for null.
nb::object layer_object(ILayer* layer, nb::handle network);

/// Runs a callback of Python and reports what it raises: the traceback goes to sys.unraisablehook and `otherwise` is returned.
template <class T, class Call>
T guarded_callback(T otherwise, Call call) {
  nb::gil_scoped_acquire gil;
  try {
    return call();
  } catch (nb::python_error& error) {
    error.discard_as_unraisable("a callback of rondo");
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_TypeError, error.what());
    nb::python_error().discard_as_unraisable("a callback of rondo");
  }
  return otherwise;
}
/// The same for interfaces that have no answer for failure: what the callback raises is reported, and told to the C++ side as a
/// std::runtime_error that names the method.
template <class Call>
auto throwing_callback(const char* method, Call call) {
  nb::gil_scoped_acquire gil;
  std::string reason;
  try {
    return call();
  } catch (nb::python_error& error) {
    reason = nb::str(error.value()).c_str();
    error.discard_as_unraisable(method);
  } catch (const std::exception& error) {
    reason = error.what();
  }
  throw std::runtime_error(std::string(method) + ": " + reason);
}
template <class Call>
void guarded_callback(Call call) {
  guarded_callback(0, [&] {
    call();
    return 0;
  });
}

}  // namespace rondo::python
