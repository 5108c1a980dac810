// ITensor and ILayer: what all layers have in common.
#include "binding.h"
#include "layer_kinds.h"

namespace rondo::python {
namespace {

nb::object dynamic_range(const ITensor& t) {
  if (!t.dynamicRangeIsSet()) return nb::none();
  return nb::make_tuple(t.getDynamicRangeMin(), t.getDynamicRangeMax());
}

void set_dynamic_range(ITensor& t, nb::handle range) {
  if (range.is_none()) return t.resetDynamicRange();
  if (nb::len(range) != 2) throw nb::value_error("a dynamic range is a pair, (min, max)");
  t.setDynamicRange(nb::cast<float>(range[0]), nb::cast<float>(range[1]));
}

PyObject* get_class(PyObject* self, void*) {
  PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(self));
  Py_INCREF(type);
  return type;
}

/// get_layer() gives a bare ILayer, whose type is the LayerType; programs then assign the class they know the layer to be. All layer classes
/// have one layout, so this is Python's own class assignment behind a check of the layer's kind.
int set_class(PyObject* self, PyObject* cls, void*) {
  if (cls == nullptr || PyType_Check(cls) == 0) {
    PyErr_SetString(PyExc_TypeError, "__class__ must be a layer class");
    return -1;
  }
  const nb::handle own = class_of_kind(nb::inst_ptr<ILayer>(self)->getType());
  if (PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(own.ptr()), reinterpret_cast<PyTypeObject*>(cls)) == 0) {
    PyErr_Format(PyExc_TypeError, "the layer is a %s, not a %s", reinterpret_cast<PyTypeObject*>(own.ptr())->tp_name,
                 reinterpret_cast<PyTypeObject*>(cls)->tp_name);
    return -1;
  }
  nb::object assign = nb::handle(reinterpret_cast<PyObject*>(&PyBaseObject_Type)).attr("__dict__")["__class__"];
  PyObject* done = PyObject_CallMethod(assign.ptr(), "__set__", "OO", self, cls);
  Py_XDECREF(done);
  return done == nullptr ? -1 : 0;
}

PyGetSetDef kLayerGetSet[] = {{"__class__", get_class, set_class, nullptr, nullptr},
                              {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot kLayerSlots[] = {{Py_tp_getset, kLayerGetSet}, {0, nullptr}};

void bind_layer(nb::module_& m) {
  nb::class_<ILayer>(m, "ILayer", nb::type_slots(kLayerSlots), "One operation of a network.")
      .def_prop_ro("type", &ILayer::getType)
      .def_prop_rw("name", &ILayer::getName, &ILayer::setName)
      .def_prop_rw("metadata", &ILayer::getMetadata, &ILayer::setMetadata)
      .def_prop_ro("num_inputs", &ILayer::getNbInputs)
      .def_prop_ro("num_outputs", &ILayer::getNbOutputs)
      .def_prop_rw("precision", &ILayer::getPrecision, &ILayer::setPrecision)
      .def_prop_ro("precision_is_set", &ILayer::precisionIsSet)
      .def("reset_precision", &ILayer::resetPrecision)
      .def("get_input", &ILayer::getInput, "index"_a, nb::rv_policy::reference_internal)
      .def("set_input", &ILayer::setInput, "index"_a, "tensor"_a)
      .def("get_output", &ILayer::getOutput, "index"_a, nb::rv_policy::reference_internal)
      .def("set_output_type", &ILayer::setOutputType, "index"_a, "dtype"_a)
      .def("get_output_type", &ILayer::getOutputType, "index"_a)
      .def("output_type_is_set", &ILayer::outputTypeIsSet, "index"_a)
      .def("reset_output_type", &ILayer::resetOutputType, "index"_a);
}

}  // namespace

void bind_tensor(nb::module_& m) {
  nb::class_<ITensor>(m, "ITensor", "A value that flows between the layers of a network.")
      .def_prop_rw("name", &ITensor::getName, &ITensor::setName)
      .def_prop_rw("shape", &ITensor::getDimensions, &ITensor::setDimensions)
      .def_prop_rw("dtype", &ITensor::getType, &ITensor::setType)
      .def_prop_rw("location", &ITensor::getLocation, &ITensor::setLocation)
      .def_prop_rw("allowed_formats", &ITensor::getAllowedFormats, &ITensor::setAllowedFormats)
      .def_prop_rw("broadcast_across_batch", &ITensor::getBroadcastAcrossBatch, &ITensor::setBroadcastAcrossBatch)
      .def_prop_ro("is_network_input", &ITensor::isNetworkInput)
      .def_prop_ro("is_network_output", &ITensor::isNetworkOutput)
      .def_prop_ro("is_shape_tensor", &ITensor::isShapeTensor)
      .def_prop_ro("is_execution_tensor", &ITensor::isExecutionTensor)
      .def_prop_rw("dynamic_range", &dynamic_range, &set_dynamic_range, nb::arg("range").none())
      .def("set_dynamic_range", &ITensor::setDynamicRange, "min"_a, "max"_a)
      .def("reset_dynamic_range", &ITensor::resetDynamicRange)
      .def("set_dimension_name", &ITensor::setDimensionName, "index"_a, "name"_a)
      .def("get_dimension_name", &ITensor::getDimensionName, "index"_a);
  bind_layer(m);
}

}  // namespace rondo::python
