// OnnxParser, ParserError, OnnxParserRefitter. Parsing releases the GIL; the logger's callbacks take it again.
#include "parser.h"

#include <memory>

namespace rondo::python {
namespace {

using rondo::onnx::ErrorCode;
using rondo::onnx::IParser;
using rondo::onnx::OnnxParserFlag;

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

using Path = std::optional<std::string>;
const char* c_str(const Path& path) { return path ? path->c_str() : nullptr; }

/// A path given as str, bytes or os.PathLike.
Path path_of(nb::handle path) {
  if (path.is_none()) return {};
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &bytes) == 0) throw nb::python_error();
  nb::object held = nb::steal(bytes);
  return std::string(PyBytes_AS_STRING(bytes), static_cast<size_t>(PyBytes_GET_SIZE(bytes)));
}

/// One of parse, supportsModelV2 and loadModelProto.
template <auto Method>
bool with_model(Parser& p, nb::handle model, nb::handle path) {
  const ModelBytes bytes(model);
  const Path where = path_of(path);
  nb::gil_scoped_release release;
  return ((p.operator->())->*Method)(bytes.data(), bytes.size(), c_str(where));
}

nb::list subgraphs(Parser& p) {
  nb::list result;
  for (int64_t i = 0; i < p->getNbSubgraphs(); ++i) {
    int64_t length = 0;
    const int64_t* nodes = p->getSubgraphNodes(i, length);
    result.append(nb::make_tuple(std::vector<int64_t>(nodes, nodes + length), p->isSubgraphSupported(i)));
  }
  return result;
}

std::vector<int64_t> subgraph_nodes(Parser& p, int64_t index) {
  int64_t length = 0;
  const int64_t* nodes = p->getSubgraphNodes(index, length);
  if (nodes == nullptr) throw nb::index_error("there is no such sub-graph");
  return {nodes, nodes + length};
}

nb::object error_at(Parser& p, int32_t index) {
  const rondo::onnx::IParserError* error = p->getError(index);
  return error == nullptr ? nb::none() : nb::cast(ParserError(*error));
}

nb::typed<nb::object, ITensor> layer_output(Parser& p, const char* name, int64_t i) {
  auto* tensor = const_cast<ITensor*>(p->getLayerOutputTensor(name, i));
  if (tensor == nullptr) return nb::none();
  nb::object result = nb::cast(tensor, nb::rv_policy::reference);
  nb::detail::keep_alive(result.ptr(), p.network().ptr());
  return result;
}

/// data is an address with a size, or a buffer, which the network then keeps alive.
bool load_initializer(Parser& p, const char* name, nb::handle data, std::optional<size_t> size) {
  if (PyLong_Check(data.ptr())) {
    if (!size) throw nb::value_error("an initializer given by its address needs a size");
    return p->loadInitializer(name, PyLong_AsVoidPtr(data.ptr()), *size);
  }
  auto held = std::make_unique<ModelBytes>(data);
  const ModelBytes& bytes = *held;
  nb::detail::keep_alive(p.network().ptr(), held.release(),
                         [](void* view) noexcept { delete static_cast<ModelBytes*>(view); });
  return p->loadInitializer(name, bytes.data(), size.value_or(bytes.size()));
}

void bind_error(nb::module_& m) {
  using E = ParserError;
  nb::class_<E>(m, "ParserError", "What kept a model, or a node of it, from being imported.")
      .def("code", [](const E& e) { return e.code; })
      .def("desc", [](const E& e) { return e.desc; })
      .def("file", [](const E& e) { return e.file; })
      .def("line", [](const E& e) { return e.line; })
      .def("func", [](const E& e) { return e.func; })
      .def("node", [](const E& e) { return e.node; })
      .def("node_name", [](const E& e) { return e.node_name; })
      .def("node_operator", [](const E& e) { return e.node_operator; })
      .def("local_function_stack", [](const E& e) { return e.stack; })
      .def("local_function_stack_size", [](const E& e) { return e.stack.size(); })
      .def("__str__", &E::text)
      .def("__repr__", &E::text);
}

void bind_model_queries(nb::class_<Parser>& c) {
  c.def(
       "supports_model",
       [](Parser& p, nb::handle model, nb::handle path) {
         const bool supported = with_model<&IParser::supportsModelV2>(p, model, path);
         return nb::make_tuple(supported, subgraphs(p));
       },
       "model"_a, "path"_a.none() = nb::none(),
       nb::sig("def supports_model(self, model: collections.abc.Buffer, path: str | os.PathLike[str] | None = None) -> "
               "tuple[bool, list[tuple[list[int], bool]]]"))
      .def("supports_model_v2", &with_model<&IParser::supportsModelV2>, "model"_a, "path"_a.none() = nb::none())
      .def_prop_ro("num_subgraphs", [](Parser& p) { return p->getNbSubgraphs(); })
      .def(
          "is_subgraph_supported", [](Parser& p, int64_t index) { return p->isSubgraphSupported(index); }, "index"_a)
      .def("get_subgraph_nodes", &subgraph_nodes, "index"_a)
      .def(
          "supports_operator", [](Parser& p, const char* name) { return p->supportsOperator(name); }, "op_name"_a);
}

void bind_parse(nb::class_<Parser>& c) {
  c.def("parse", &with_model<&IParser::parse>, "model"_a, "path"_a.none() = nb::none(),
        "Imports a serialized model; path, the file it came from, locates external data.")
      .def(
          "parse_from_file",
          [](Parser& p, nb::handle model) {
            const Path path = path_of(model);
            if (!path) throw nb::type_error("parse_from_file takes the path of a model");
            nb::gil_scoped_release release;
            return p->parseFromFile(path->c_str(), static_cast<int32_t>(ILogger::Severity::kVERBOSE));
          },
          "model"_a)
      .def(
          "parse_with_weight_descriptors",
          [](Parser& p, nb::handle model, nb::handle path) { return with_model<&IParser::parse>(p, model, path); },
          "model"_a, "path"_a.none() = nb::none())
      .def("load_model_proto", &with_model<&IParser::loadModelProto>, "model"_a, "path"_a.none() = nb::none())
      .def("load_initializer", &load_initializer, "name"_a, "data"_a, "size"_a.none() = nb::none())
      .def("parse_model_proto", [](Parser& p) {
        nb::gil_scoped_release release;
        return p->parseModelProto();
      });
}

void bind_flags(nb::class_<Parser>& c) {
  c.def_prop_rw(
       "flags", [](Parser& p) { return p->getFlags(); }, [](Parser& p, uint32_t flags) { p->setFlags(flags); })
      .def(
          "set_flag", [](Parser& p, OnnxParserFlag flag) { p->setFlag(flag); }, "flag"_a)
      .def(
          "clear_flag", [](Parser& p, OnnxParserFlag flag) { p->clearFlag(flag); }, "flag"_a)
      .def(
          "get_flag", [](Parser& p, OnnxParserFlag flag) { return p->getFlag(flag); }, "flag"_a)
      .def(
          "set_builder_config", [](Parser& p, const IBuilderConfig* config) { return p->setBuilderConfig(config); },
          "builder_config"_a.none(), nb::keep_alive<1, 2>());
}

struct Refitter {};

void bind_refitter(nb::module_& m) {
  nb::class_<Refitter>(m, "OnnxParserRefitter",
                       "Replaces an engine's weights by a model's. Engines of this version cannot be refitted, so "
                       "making one raises RuntimeError.")
      .def(
          "__init__",
          [](Refitter*, IRefitter& refitter, ILogger& logger) {
            if (rondo::onnx::createParserRefitter(refitter, logger) == nullptr) {
              throw std::runtime_error("engines of this version cannot be refitted; build one from the new model");
            }
          },
          "refitter"_a, "logger"_a);
}

}  // namespace

ParserError::ParserError(const rondo::onnx::IParserError& error)
    : code(error.code()),
      desc(text_or_empty(error.desc())),
      file(text_or_empty(error.file())),
      func(text_or_empty(error.func())),
      node_name(text_or_empty(error.nodeName())),
      node_operator(text_or_empty(error.nodeOperator())),
      line(error.line()),
      node(error.node()) {
  for (int32_t i = 0; i < error.localFunctionStackSize(); ++i) {
    stack.push_back(text_or_empty(error.localFunctionStack()[i]));
  }
}

std::string ParserError::text() const {
  std::string where = "In node " + std::to_string(node);
  if (!node_name.empty()) where += " with name: " + node_name;
  if (!node_operator.empty()) where += " and operator: " + node_operator;
  return where + " (" + func + "): " + rondo::onnx::getErrorCodeName(code) + ": " + desc;
}

Parser::Parser(nb::handle network, ILogger& logger, nb::handle logger_object)
    : parser_(rondo::onnx::createParser(nb::cast<INetworkDefinition&>(network), logger)), network_(network) {
  if (parser_ == nullptr) throw std::bad_alloc();
  nb::detail::keep_alive(network.ptr(), parser_, [](void* parser) noexcept { delete static_cast<IParser*>(parser); });
  nb::detail::keep_alive(network.ptr(), logger_object.ptr());
}

ModelBytes::ModelBytes(nb::handle model) {
  if (PyObject_GetBuffer(model.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nb::python_error();
}

ModelBytes::~ModelBytes() {
  nb::gil_scoped_acquire gil;
  PyBuffer_Release(&view_);
}

void bind_onnx_enums(nb::module_& m) {
  nb::enum_<ErrorCode> codes(m, "ErrorCode", nb::is_arithmetic());
  for (int32_t i = 0; i < EnumMax<ErrorCode>(); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    codes.value(rondo::onnx::getErrorCodeName(code), code);
  }
  nb::enum_<OnnxParserFlag>(m, "OnnxParserFlag", nb::is_arithmetic())
      .value("NATIVE_INSTANCENORM", OnnxParserFlag::kNATIVE_INSTANCENORM)
      .value("ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA",
             OnnxParserFlag::kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA)
      .value("REPORT_CAPABILITY_DLA", OnnxParserFlag::kREPORT_CAPABILITY_DLA)
      .value("ENABLE_PLUGIN_OVERRIDE", OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE)
      .value("ADJUST_FOR_DLA", OnnxParserFlag::kADJUST_FOR_DLA);
}

void bind_onnx_parser(nb::module_& m) {
  bind_error(m);
  nb::class_<Parser> c(m, "OnnxParser", "Imports ONNX models into a network.");
  c.def(
      "__init__",
      [](Parser* self, nb::typed<nb::handle, INetworkDefinition> network, nb::typed<nb::handle, ILogger> logger) {
        new (self) Parser(network, nb::cast<ILogger&>(logger), logger);
      },
      "network"_a, "logger"_a, nb::keep_alive<1, 2>(), nb::keep_alive<1, 3>());
  bind_parse(c);
  bind_model_queries(c);
  bind_flags(c);
  c.def_prop_ro("num_errors", [](Parser& p) { return p->getNbErrors(); })
      .def("get_error", &error_at, "index"_a, nb::sig("def get_error(self, index: int) -> ParserError"))
      .def("clear_errors", [](Parser& p) { p->clearErrors(); })
      .def("get_layer_output_tensor", &layer_output, "name"_a, "i"_a)
      .def("get_used_vc_plugin_libraries",
           [](Parser& p) {
             int64_t count = 0;
             const char* const* names = p->getUsedVCPluginLibraries(count);
             return std::vector<std::string>(names, names + count);
           })
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});
  bind_refitter(m);
}

}  // namespace rondo::python
