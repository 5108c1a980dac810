// Dims and its relatives, Permutation, and the addresses that Python programs pass as integers.
#include <algorithm>

#include "binding.h"

namespace rondo::python {

Dims dims_of(nb::handle sequence) {
  if (nb::isinstance<Dims>(sequence)) return nb::cast<Dims>(sequence);
  Dims dims{0, {}};
  for (nb::handle item : sequence) {
    if (dims.nbDims == Dims::MAX_DIMS) throw nb::value_error("a shape has at most 8 dimensions");
    PyObject* index = PyNumber_Index(item.ptr());
    if (index == nullptr) throw nb::python_error();
    dims.d[dims.nbDims++] = nb::cast<int64_t>(nb::steal(index));
  }
  return dims;
}

DimsHW hw_of(const Dims& dims) {
  if (dims.nbDims != 2) throw nb::value_error("a height and a width are needed, two extents");
  return DimsHW(dims.d[0], dims.d[1]);
}

nb::tuple dims_tuple(const Dims& dims) {
  nb::list items;
  for (int32_t i = 0; i < dims.nbDims; ++i) items.append(dims.d[i]);
  return nb::tuple(items);
}

std::string dims_text(const Dims& dims) {
  return dims.nbDims < 0 ? "(unknown rank)" : nb::cast<std::string>(nb::str(dims_tuple(dims)));
}

void* address_of(nb::handle address) {
  if (address.is_none()) return nullptr;
  nb::object number = nb::steal(PyNumber_Long(address.ptr()));
  if (!number.is_valid()) throw nb::python_error();
  void* result = PyLong_AsVoidPtr(number.ptr());
  if (result == nullptr && PyErr_Occurred() != nullptr) throw nb::python_error();
  return result;
}

namespace {

size_t known_rank(const Dims& dims) {
  if (dims.nbDims < 0) throw nb::value_error("the shape is not known, its rank is -1");
  return static_cast<size_t>(dims.nbDims);
}

nb::object item_of(const Dims& dims, nb::handle key) {
  known_rank(dims);
  nb::tuple items = dims_tuple(dims);
  nb::object result = nb::steal(PyObject_GetItem(items.ptr(), key.ptr()));
  if (!result.is_valid()) throw nb::python_error();
  return result;
}

void set_item(Dims& dims, int64_t index, int64_t value) {
  const auto rank = static_cast<int64_t>(known_rank(dims));
  if (index < 0) index += rank;
  if (index < 0 || index >= rank) throw nb::index_error("the shape has fewer dimensions");
  dims.d[index] = value;
}

bool equals(const Dims& dims, nb::handle other) {
  if (nb::isinstance<Dims>(other)) {
    const auto& b = nb::cast<const Dims&>(other);
    return dims.nbDims == b.nbDims && std::equal(dims.d, dims.d + std::max(dims.nbDims, 0), b.d);
  }
  if (dims.nbDims < 0 || !nb::isinstance<nb::sequence>(other) || nb::isinstance<nb::str>(other)) return false;
  return dims_tuple(dims).equal(nb::steal(PySequence_Tuple(other.ptr())));
}

template <class D, class... Extents>
void bind_fixed(nb::module_& m, const char* name, const char* doc) {
  nb::class_<D, Dims>(m, name, doc)
      .def(nb::init<>())
      .def(nb::init<Extents...>())
      .def("__init__", [](D* self, nb::sequence shape) {
        const Dims dims = dims_of(shape);
        if (dims.nbDims != sizeof...(Extents)) throw nb::value_error("the sequence has another length than the shape");
        new (self) D();
        std::copy_n(dims.d, dims.nbDims, self->d);
      });
  nb::implicitly_convertible<nb::sequence, D>();
}

}  // namespace

void bind_types(nb::module_& m) {
  nb::class_<Dims>(m, "Dims", "A shape: up to 8 extents, -1 where one comes at run time.")
      .def("__init__",
           [](Dims* self) {
             new (self) Dims{0, {}};
           })
      .def(
          "__init__", [](Dims* self, nb::sequence shape) { new (self) Dims(dims_of(shape)); }, "shape"_a)
      .def("__len__", &known_rank)
      .def("__getitem__", &item_of)
      .def("__setitem__", &set_item)
      .def("__iter__",
           [](const Dims& d) {
             known_rank(d);
             return nb::iter(dims_tuple(d));
           })
      .def("__eq__", &equals)
      .def("__ne__", [](const Dims& d, nb::handle other) { return !equals(d, other); })
      .def("__hash__", [](const Dims& d) { return nb::hash(dims_tuple(d)); })
      .def("__str__", &dims_text)
      .def("__repr__", &dims_text)
      .def_prop_ro("nbDims", [](const Dims& d) { return d.nbDims; })
      .def_prop_ro_static("MAX_DIMS", [](nb::handle) { return static_cast<int>(Dims::MAX_DIMS); });
  nb::implicitly_convertible<nb::sequence, Dims>();
  bind_fixed<Dims2, int64_t, int64_t>(m, "Dims2", "Two extents.");
  nb::class_<DimsHW, Dims2>(m, "DimsHW", "Height and width.")
      .def(nb::init<>())
      .def(nb::init<int64_t, int64_t>(), "h"_a, "w"_a)
      .def("__init__", [](DimsHW* self, nb::sequence shape) { new (self) DimsHW(hw_of(dims_of(shape))); })
      .def_prop_rw(
          "h", [](const DimsHW& d) { return d.d[0]; }, [](DimsHW& d, int64_t v) { d.d[0] = v; })
      .def_prop_rw(
          "w", [](const DimsHW& d) { return d.d[1]; }, [](DimsHW& d, int64_t v) { d.d[1] = v; });
  bind_fixed<Dims3, int64_t, int64_t, int64_t>(m, "Dims3", "Three extents.");
  bind_fixed<Dims4, int64_t, int64_t, int64_t, int64_t>(m, "Dims4", "Four extents.");
  nb::class_<Permutation>(m, "Permutation", "Output dimension i is input dimension order[i].")
      .def("__init__",
           [](Permutation* self) {
             new (self) Permutation{{0, 1, 2, 3, 4, 5, 6, 7}};
           })
      .def("__init__",
           [](Permutation* self, nb::sequence order) {
             const Dims dims = dims_of(order);
             new (self) Permutation{};
             for (int32_t i = 0; i < dims.nbDims; ++i) self->order[i] = static_cast<int32_t>(dims.d[i]);
           })
      .def("__len__", [](const Permutation&) { return static_cast<int>(Dims::MAX_DIMS); })
      .def("__getitem__",
           [](const Permutation& p, int64_t i) {
             if (i < 0) i += Dims::MAX_DIMS;
             if (i < 0 || i >= Dims::MAX_DIMS) throw nb::index_error("a permutation has 8 entries");
             return p.order[i];
           })
      .def("__repr__", [](const Permutation& p) {
        return dims_text(
            Dims{8, {p.order[0], p.order[1], p.order[2], p.order[3], p.order[4], p.order[5], p.order[6], p.order[7]}});
      });
  nb::implicitly_convertible<nb::sequence, Permutation>();
}

}  // namespace rondo::python
