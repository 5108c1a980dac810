// Weights and numpy arrays. The engine refers to the elements until the network is gone, so each network has a list of
// the Python objects that own them; the list goes when Python's network object does. Layers know their network by the
// table here.
#include "weights.h"

#include <nanobind/ndarray.h>

#include <unordered_map>

namespace rondo::python {
namespace {

using Array = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

/// The Python network of each layer, loop and conditional, by address. A network's entries go when it does.
std::unordered_map<const void*, PyObject*>& networks() {
  static auto* table = new std::unordered_map<const void*, PyObject*>();
  return *table;
}

struct NumpyType {
  DataType type;
  nb::dlpack::dtype dtype;
};
const NumpyType kNumpyTypes[] = {
    {DataType::kFLOAT, {static_cast<uint8_t>(nb::dlpack::dtype_code::Float), 32, 1}},
    {DataType::kHALF, {static_cast<uint8_t>(nb::dlpack::dtype_code::Float), 16, 1}},
    {DataType::kINT64, {static_cast<uint8_t>(nb::dlpack::dtype_code::Int), 64, 1}},
    {DataType::kINT32, {static_cast<uint8_t>(nb::dlpack::dtype_code::Int), 32, 1}},
    {DataType::kINT8, {static_cast<uint8_t>(nb::dlpack::dtype_code::Int), 8, 1}},
    {DataType::kUINT8, {static_cast<uint8_t>(nb::dlpack::dtype_code::UInt), 8, 1}},
    {DataType::kBOOL, {static_cast<uint8_t>(nb::dlpack::dtype_code::Bool), 8, 1}},
    {DataType::kBF16, {static_cast<uint8_t>(nb::dlpack::dtype_code::Bfloat), 16, 1}},
};

DataType data_type(nb::dlpack::dtype dtype) {
  for (const NumpyType& row : kNumpyTypes) {
    if (row.dtype == dtype) return row.type;
  }
  throw nb::value_error(
      "weights are float32, float16, int64, int32, int8, uint8 or bool arrays; convert with astype()");
}

PyWeights from_array(nb::handle array) {
  nb::object source = nb::borrow(array);
  Array view;
  if (!nb::try_cast<Array>(source, view, false)) {
    nb::ndarray<nb::ro> any;
    if (nb::try_cast<nb::ndarray<nb::ro>>(source, any, false)) {
      throw nb::value_error("weights must be C-contiguous arrays in host memory; use numpy.ascontiguousarray()");
    }
    throw nb::type_error("weights are a rondo.Weights, an array, or None");
  }
  PyWeights result;
  result.value = {data_type(view.dtype()), view.size() == 0 ? nullptr : view.data(), static_cast<int64_t>(view.size())};
  result.owner = std::move(source);
  return result;
}

int64_t bits_of(DataType type) {
  switch (type) {
    case DataType::kFLOAT:
    case DataType::kINT32:
      return 32;
    case DataType::kHALF:
    case DataType::kBF16:
      return 16;
    case DataType::kINT64:
      return 64;
    case DataType::kINT4:
    case DataType::kFP4:
      return 4;
    default:
      return 8;
  }
}

nb::object flat_array(const Weights& weights, nb::handle owner) {
  for (const NumpyType& row : kNumpyTypes) {
    if (row.type != weights.type || row.type == DataType::kBF16) continue;
    const size_t shape[] = {static_cast<size_t>(weights.count)};
    return nb::cast(nb::ndarray<nb::numpy, nb::ro>(weights.values, 1, shape, owner, nullptr, row.dtype));
  }
  return nb::none();
}

}  // namespace

Weights take_weights(nb::handle weights, nb::handle network) {
  if (weights.is_none()) return {DataType::kFLOAT, nullptr, 0};
  PyWeights taken = nb::isinstance<PyWeights>(weights) ? nb::cast<PyWeights&>(weights) : from_array(weights);
  if (taken.owner.is_valid() && !taken.owner.is_none() && network.is_valid()) {
    nb::detail::keep_alive(network.ptr(), taken.owner.ptr());
  }
  return taken.value;
}

nb::object weights_object(const Weights& weights, nb::handle network) {
  nb::object array = flat_array(weights, network);
  if (!array.is_none()) return array;
  return nb::cast(PyWeights{weights, nb::borrow(network)});
}

nb::object network_of(const void* member) {
  const auto it = networks().find(member);
  if (it == networks().end()) throw std::runtime_error("the layer's network is not known");
  return nb::borrow(it->second);
}

void announce_member(const void* member, nb::handle network) { networks()[member] = network.ptr(); }

void forget_network(PyObject* network) {
  std::erase_if(networks(), [&](const auto& entry) { return entry.second == network; });
}

void bind_weights(nb::module_& m) {
  nb::class_<PyWeights>(m, "Weights", "Elements of a constant. The array it was made from is kept alive.")
      .def(
          "__init__",
          [](PyWeights* self, DataType type) {
            new (self) PyWeights{{type, nullptr, 0}, nb::object()};
          },
          "type"_a = DataType::kFLOAT)
      .def(
          "__init__",
          [](PyWeights* self, DataType type, nb::int_ ptr, int64_t count) {
            new (self) PyWeights{{type, address_of(ptr), count}, nb::object()};
          },
          "type"_a, "ptr"_a, "count"_a)
      .def(
          "__init__", [](PyWeights* self, nb::object a) { new (self) PyWeights(from_array(a)); }, "a"_a)
      .def_prop_ro("dtype", [](const PyWeights& w) { return w.value.type; })
      .def_prop_ro("size", [](const PyWeights& w) { return w.value.count; })
      .def_prop_ro("nbytes", [](const PyWeights& w) { return (w.value.count * bits_of(w.value.type) + 7) / 8; })
      .def(
          "numpy",
          [](nb::handle self) {
            const auto& w = nb::cast<const PyWeights&>(self);
            nb::object array = flat_array(w.value, self);
            return array.is_none() ? nb::borrow(self) : array;
          },
          "The elements as a flat array that shares memory; the object itself for types that numpy lacks.")
      .def("__len__", [](const PyWeights& w) { return w.value.count; });
}

}  // namespace rondo::python
