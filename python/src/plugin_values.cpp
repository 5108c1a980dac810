// What plugins are described by: fields, descriptions of tensors, expressions.
#include <algorithm>

#include "plugins.h"

namespace rondo::python {
namespace {

size_t element_bits(PluginFieldType type) {
  switch (type) {
    case PluginFieldType::kFLOAT64:
    case PluginFieldType::kINT64:
      return 64;
    case PluginFieldType::kFLOAT32:
    case PluginFieldType::kINT32:
      return 32;
    case PluginFieldType::kFLOAT16:
    case PluginFieldType::kBF16:
    case PluginFieldType::kINT16:
      return 16;
    case PluginFieldType::kDIMS:
      return 8 * sizeof(Dims);
    case PluginFieldType::kINT4:
    case PluginFieldType::kFP4:
      return 4;
    default:
      return 8;
  }
}

/// The numpy dtype of a field's elements; bytes where numpy has none.
const char* numpy_name(PluginFieldType type) {
  switch (type) {
    case PluginFieldType::kFLOAT16:
      return "float16";
    case PluginFieldType::kFLOAT32:
      return "float32";
    case PluginFieldType::kFLOAT64:
      return "float64";
    case PluginFieldType::kINT16:
      return "int16";
    case PluginFieldType::kINT32:
      return "int32";
    case PluginFieldType::kINT64:
      return "int64";
    case PluginFieldType::kBF16:
      return "uint16";
    case PluginFieldType::kINT8:
    case PluginFieldType::kCHAR:
      return "int8";
    default:
      return "uint8";
  }
}

PluginFieldType type_of_array(nb::handle array) {
  const auto name = nb::cast<std::string>(array.attr("dtype").attr("name"));
  constexpr PluginFieldType kKnown[] = {PluginFieldType::kFLOAT16, PluginFieldType::kFLOAT32, PluginFieldType::kFLOAT64,
                                        PluginFieldType::kINT8,    PluginFieldType::kINT16,   PluginFieldType::kINT32,
                                        PluginFieldType::kINT64};
  for (const PluginFieldType type : kKnown) {
    if (name == numpy_name(type)) return type;
  }
  return PluginFieldType::kUNKNOWN;
}

OwnField make_field(const std::string& name, nb::handle data, PluginFieldType type) {
  OwnField field{name, {}, type, 0};
  if (data.is_none()) return field;
  nb::object bytes = nb::borrow(data);
  if (PyObject_CheckBuffer(data.ptr()) == 0 || nb::hasattr(data, "dtype")) {
    bytes = nb::module_::import_("numpy").attr("ascontiguousarray")(data);
    if (type == PluginFieldType::kUNKNOWN) field.type = type_of_array(bytes);
  } else if (type == PluginFieldType::kUNKNOWN && PyBytes_Check(data.ptr())) {
    field.type = PluginFieldType::kUNKNOWN;
  }
  Py_buffer view;
  if (PyObject_GetBuffer(bytes.ptr(), &view, PyBUF_C_CONTIGUOUS) != 0) throw nb::python_error();
  field.bytes.assign(static_cast<const char*>(view.buf), static_cast<const char*>(view.buf) + view.len);
  PyBuffer_Release(&view);
  field.length = static_cast<int32_t>(field.bytes.size() * 8 / element_bits(field.type));
  return field;
}

nb::object field_data(const OwnField& field) {
  nb::object bytes = nb::bytes(field.bytes.data(), field.bytes.size());
  nb::object numpy = nb::module_::import_("numpy");
  return numpy.attr("frombuffer")(bytes, numpy.attr("dtype")(numpy_name(field.type)));
}

void bind_fields(nb::module_& m) {
  nb::class_<OwnField>(m, "PluginField", "A named parameter of a plugin. data is copied.")
      .def(
          "__init__",
          [](OwnField* self, const std::string& name, nb::handle data, PluginFieldType type) {
            new (self) OwnField(make_field(name, data, type));
          },
          "name"_a = "", nb::arg("data").none() = nb::none(), "type"_a = PluginFieldType::kUNKNOWN)
      .def_rw("name", &OwnField::name)
      .def_prop_rw("data", &field_data, [](OwnField& f, nb::handle data) { f = make_field(f.name, data, f.type); })
      .def_rw("type", &OwnField::type)
      .def_ro("size", &OwnField::length);
}

void bind_descriptions(nb::module_& m) {
  using D = PluginTensorDesc;
  nb::class_<D>(m, "PluginTensorDesc", "What an input or output of a plugin is.")
      .def("__init__",
           [](D* self) {
             new (self) D{{0, {}}, DataType::kFLOAT, TensorFormat::kLINEAR, -1};
           })
      .def_rw("dims", &D::dims)
      .def_rw("type", &D::type)
      .def_rw("format", &D::format)
      .def_rw("scale", &D::scale);
  using R = DynamicPluginTensorDesc;
  nb::class_<R>(m, "DynamicPluginTensorDesc", "The same with the range of its extents.")
      .def("__init__", [](R* self) { new (self) R{}; })
      .def_rw("desc", &R::desc)
      .def_rw("min", &R::min)
      .def_rw("max", &R::max)
      .def_rw("opt", &R::opt);
}

size_t axis_of(const DimsExprs& dims, int64_t index) {
  if (index < 0) index += dims.nbDims;
  if (index < 0 || index >= dims.nbDims) throw nb::index_error("the shape has fewer dimensions");
  return static_cast<size_t>(index);
}

void make_dims(DimsExprs* self, nb::handle from) {
  DimsExprs dims{};
  if (nb::isinstance<DimsExprs>(from)) {
    dims = nb::cast<DimsExprs>(from);
  } else {
    const bool length = PyLong_Check(from.ptr());
    const auto rank = length ? nb::cast<int64_t>(from) : static_cast<int64_t>(nb::len(from));
    if (rank < 0 || rank > Dims::MAX_DIMS) throw nb::value_error("a shape has 0 to 8 dimensions");
    dims.nbDims = static_cast<int32_t>(rank);
    for (int32_t i = 0; !length && i < dims.nbDims; ++i) dims.d[i] = nb::cast<const IDimensionExpr*>(from[i]);
  }
  new (self) DimsExprs(dims);
}

void bind_expressions(nb::module_& m) {
  using E = IDimensionExpr;
  nb::class_<E>(m, "IDimensionExpr",
                "An extent, or a number computed from extents; valid during the call that gives it.")
      .def("is_constant", &E::isConstant)
      .def("get_constant_value", &E::getConstantValue)
      .def("is_size_tensor", &E::isSizeTensor);
  using B = IExprBuilder;
  const auto made = nb::rv_policy::reference;
  nb::class_<B>(m, "IExprBuilder", "Makes expressions; valid during the call that gives it.")
      .def("constant", &B::constant, "value"_a, made)
      .def("operation", &B::operation, "op"_a, "first"_a, "second"_a, made)
      .def("declare_size_tensor", &B::declareSizeTensor, "output_index"_a, "opt"_a, "upper"_a, made);
  nb::class_<DimsExprs>(m, "DimsExprs", "A shape of expressions: of another one, a list, or a number of dimensions.")
      .def("__init__", &make_dims, "dims"_a)
      .def("__init__", [](DimsExprs* self) { new (self) DimsExprs{}; })
      .def("__len__", [](const DimsExprs& d) { return d.nbDims; })
      .def(
          "__getitem__", [](const DimsExprs& d, int64_t i) { return d.d[axis_of(d, i)]; }, "index"_a, made)
      .def(
          "__setitem__", [](DimsExprs& d, int64_t i, const E* value) { d.d[axis_of(d, i)] = value; }, "index"_a,
          "value"_a);
}

}  // namespace

FieldList::FieldList(nb::handle fields) {
  if (fields.is_none()) return;
  for (nb::handle field : fields) {
    if (!nb::isinstance<OwnField>(field)) throw nb::type_error("a collection of fields holds PluginField objects");
    own_.push_back(nb::cast<OwnField>(field));
  }
  for (const OwnField& f : own_) {
    views_.emplace_back(f.name.c_str(), f.bytes.empty() ? nullptr : f.bytes.data(), f.type, f.length);
  }
  collection_ = {static_cast<int32_t>(views_.size()), views_.data()};
}

nb::object fields_object(PluginFieldCollection const* fields) {
  nb::list all;
  for (int32_t i = 0; fields != nullptr && i < fields->nbFields; ++i) {
    const PluginField& from = fields->fields[i];
    OwnField field{from.name == nullptr ? "" : from.name, {}, from.type, from.length};
    const size_t bytes = (static_cast<size_t>(std::max(from.length, 0)) * element_bits(from.type) + 7) / 8;
    const auto* data = static_cast<const char*>(from.data);
    if (data != nullptr) field.bytes.assign(data, data + bytes);
    all.append(nb::cast(std::move(field)));
  }
  return nb::module_::import_("rondo._plugins").attr("PluginFieldCollection")(all);
}

void bind_plugin_values(nb::module_& m) {
  bind_fields(m);
  bind_descriptions(m);
  bind_expressions(m);
}

}  // namespace rondo::python
