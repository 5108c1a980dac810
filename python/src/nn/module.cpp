// The extension module rondo._nn: weights of other frameworks, and recurrent layers on top of loops. It meets _rondo
// through the virtual functions of the public headers only. What users see is python/rondo/nn.py.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <map>

#include "rondo/importers/cell_weights.h"
#ifdef RONDO_PYTHON_WEIGHT_FILES
#include "rondo/importers/weight_file.h"
#endif
#include "rondo/nn/recurrent.h"

namespace rondo::python {

namespace nb = nanobind;
using namespace nb::literals;
using namespace importers;

namespace {

/// One of a few words. Raises ValueError that lists them.
template <class T>
T word(const std::string& given, const char* what, std::initializer_list<std::pair<const char*, T>> words) {
  std::string all;
  for (const auto& [name, value] : words) {
    if (given == name) return value;
    all += (all.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  throw nb::value_error((std::string(what) + " is " + all + "; not '" + given + "'").c_str());
}

CellKind kind_of(const std::string& name) {
  return word<CellKind>(name, "kind", {{"rnn", CellKind::kRnn}, {"lstm", CellKind::kLstm}, {"gru", CellKind::kGru}});
}

Framework framework_of(const std::string& name) {
  return word<Framework>(name, "framework",
                         {{name_of(Framework::kTensorFlow), Framework::kTensorFlow},
                          {name_of(Framework::kKeras), Framework::kKeras},
                          {name_of(Framework::kPyTorch), Framework::kPyTorch},
                          {name_of(Framework::kOnnx), Framework::kOnnx},
                          {name_of(Framework::kTensorRt), Framework::kTensorRt}});
}

GruReset reset_of(const std::string& name) {
  return word<GruReset>(name, "reset", {{"before", GruReset::kBefore}, {"after", GruReset::kAfter}});
}

nn::Direction direction_of(const std::string& name) {
  return word<nn::Direction>(name, "direction",
                             {{"forward", nn::Direction::kForward},
                              {"reverse", nn::Direction::kReverse},
                              {"bidirectional", nn::Direction::kBidirectional}});
}

using FloatArray = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;

/// A new numpy array of the tensor's own type; bf16, which numpy lacks, as f32.
nb::object array_of(const Tensor& tensor) {
  const Tensor wide = tensor.type == ElementType::kBF16 ? with_float_type(tensor, ElementType::kF32) : tensor;
  static const std::map<ElementType, const char*> kNames = {
      {ElementType::kF32, "<f4"}, {ElementType::kF64, "<f8"}, {ElementType::kF16, "<f2"}, {ElementType::kI8, "i1"},
      {ElementType::kI16, "<i2"}, {ElementType::kI32, "<i4"}, {ElementType::kI64, "<i8"}, {ElementType::kU8, "u1"},
      {ElementType::kU16, "<u2"}, {ElementType::kU32, "<u4"}, {ElementType::kU64, "<u8"}, {ElementType::kBool, "?"}};
  const nb::module_ numpy = nb::module_::import_("numpy");
  const nb::bytes bytes(wide.bytes.data(), wide.bytes.size());
  nb::list dims;
  for (const int64_t dim : wide.dims) dims.append(dim);
  return numpy.attr("frombuffer")(bytes, "dtype"_a = kNames.at(wide.type))
      .attr("reshape")(nb::tuple(dims))
      .attr("copy")();
}

nb::dict dict_of(const WeightMap& weights) {
  nb::dict result;
  for (const WeightMap::Item& item : weights) result[item.first.c_str()] = array_of(item.second);
  return result;
}

WeightMap map_of(const nb::dict& arrays) {
  WeightMap result;
  for (const auto& [name, value] : arrays) {
    const auto array = nb::cast<FloatArray>(value);
    Tensor tensor;
    for (size_t i = 0; i < array.ndim(); ++i) tensor.dims.push_back(static_cast<int64_t>(array.shape(i)));
    tensor.bytes.resize(array.nbytes());
    if (array.nbytes() > 0) std::memcpy(tensor.bytes.data(), array.data(), array.nbytes());
    result.add(nb::cast<std::string>(name), std::move(tensor));
  }
  return result;
}

#ifdef RONDO_PYTHON_WEIGHT_FILES
void bind_files(nb::module_& m) {
  m.def(
      "load_weights",
      [](const std::string& path, bool legacy_type0, bool everything) {
        ReadOptions options;
        options.legacy_type0 = legacy_type0;
        WeightMap weights;
        {
          nb::gil_scoped_release released;
          weights = load_weights(path, options, everything ? Selection::kEverything : Selection::kWeights);
        }
        return dict_of(weights);
      },
      "path"_a, "legacy_type0"_a = false, "everything"_a = false,
      "The tensors of a TensorFlow checkpoint, .wts, npz, npy or safetensors file by name, in the file's order. All "
      "checksums are verified. "
      "Optimizer state is left out unless `everything` is asked for.");
}

#endif

void bind_cells(nb::module_& m) {
  nb::class_<CellWeights>(m, "CellWeights", "The weights of one recurrent layer in one direction.")
      .def_prop_ro("kind",
                   [](const CellWeights& c) {
                     return c.kind == CellKind::kRnn ? "rnn" : c.kind == CellKind::kGru ? "gru" : "lstm";
                   })
      .def_prop_ro("reset", [](const CellWeights& c) { return c.reset == GruReset::kBefore ? "before" : "after"; })
      .def_ro("input", &CellWeights::input)
      .def_ro("hidden", &CellWeights::hidden)
      .def_ro("projection", &CellWeights::projection);
  m.def(
      "read_cell",
      [](const std::string& framework, const std::string& kind, const nb::dict& tensors, const std::string& prefix,
         int layer, int direction, float forget_bias, const std::string& onnx_reset) {
        const CellOptions options{prefix, layer, direction, forget_bias, reset_of(onnx_reset)};
        return read_cell(framework_of(framework), kind_of(kind), map_of(tensors), options);
      },
      "framework"_a, "kind"_a, "tensors"_a, nb::kw_only(), "prefix"_a = "", "layer"_a = 0, "direction"_a = 0,
      "forget_bias"_a = 0.0F, "onnx_reset"_a = "before", "Reads a cell from a framework's tensors (float32 arrays).");
  m.def(
      "write_cell",
      [](const std::string& framework, const CellWeights& cell, const std::string& prefix, int layer, int direction,
         float forget_bias) {
        const CellOptions options{prefix, layer, direction, forget_bias, cell.reset};
        return dict_of(write_cell(framework_of(framework), cell, options));
      },
      "framework"_a, "cell"_a, nb::kw_only(), "prefix"_a = "", "layer"_a = 0, "direction"_a = 0, "forget_bias"_a = 0.0F,
      "The tensors of a cell in a framework's layout.");
}

/// The store as an object that a network keeps alive.
struct StoreOwner {
  nn::WeightStore store;
};

nb::object tensor_object(ITensor* tensor, nb::handle network) {
  if (tensor == nullptr) return nb::none();
  nb::object result = nb::cast(tensor, nb::rv_policy::reference);
  nb::detail::keep_alive(result.ptr(), network.ptr());
  return result;
}

void bind_layers(nb::module_& m) {
  nb::class_<StoreOwner>(m, "_Store");
  m.def(
      "add_recurrent",
      [](nb::handle network, ITensor& x, const std::vector<CellWeights>& cells, ITensor* lengths, ITensor* hidden,
         ITensor* cell, const std::string& direction, bool batch_first, bool input_forget,
         const std::vector<std::string>& activations, std::optional<float> clip, std::optional<float> cell_clip,
         std::optional<float> projection_clip, const std::string& name) {
        nn::RecurrentSettings settings;
        settings.direction = direction_of(direction);
        settings.batch_first = batch_first;
        settings.input_forget = input_forget;
        for (const std::string& formula : activations) settings.activations.push_back(nn::activation(formula));
        settings.clip = clip;
        settings.cell_clip = cell_clip;
        settings.projection_clip = projection_clip;
        settings.name = name;
        auto* owner = new StoreOwner();
        const nb::object kept = nb::cast(owner, nb::rv_policy::take_ownership);
        const auto made = nn::add_recurrent(nb::cast<INetworkDefinition&>(network), owner->store, settings,
                                            {&x, lengths, hidden, cell}, cells);
        nb::detail::keep_alive(network.ptr(), kept.ptr());
        return nb::make_tuple(tensor_object(made.output, network), tensor_object(made.last_hidden, network),
                              tensor_object(made.last_cell, network));
      },
      "network"_a, "x"_a, "cells"_a, nb::kw_only(), "lengths"_a.none() = nb::none(), "hidden"_a.none() = nb::none(),
      "cell"_a.none() = nb::none(), "direction"_a = "forward", "batch_first"_a = false, "input_forget"_a = false,
      "activations"_a = std::vector<std::string>{}, "clip"_a.none() = nb::none(), "cell_clip"_a.none() = nb::none(),
      "projection_clip"_a.none() = nb::none(), "name"_a = "",
      "Writes recurrent layers into a network as loops: (output, last hidden states, last cell states or None).");
}

}  // namespace
}  // namespace rondo::python

NB_MODULE(_nn, m) {
  using namespace rondo::python;
  nb::set_leak_warnings(false);
  nb::module_::import_("rondo._rondo");
  m.doc() = "Recurrent layers and the weights of other frameworks; see rondo.nn.";
  nb::exception<rondo::importers::ImportError>(m, "ImportError_", PyExc_ValueError);
  nb::exception<rondo::nn::NnError>(m, "NnError", PyExc_ValueError);
#ifdef RONDO_PYTHON_WEIGHT_FILES
  bind_files(m);
#endif
  bind_cells(m);
  bind_layers(m);
}
