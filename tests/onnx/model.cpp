#include "onnx/model.h"

#include <cmath>
#include <cstring>

#include "model/host_tensor.h"

namespace rondo::onnx_test {
namespace {

using A = proto::AttributeProto;

A named(std::string const& name, A::AttributeType type) {
  A result;
  result.set_name(name);
  result.set_type(type);
  return result;
}

int32_t onnx_type(DataType type) {
  using P = proto::TensorProto;
  switch (type) {
    case DataType::kHALF:
      return P::FLOAT16;
    case DataType::kBF16:
      return P::BFLOAT16;
    case DataType::kINT8:
      return P::INT8;
    case DataType::kUINT8:
      return P::UINT8;
    case DataType::kINT32:
      return P::INT32;
    case DataType::kINT64:
      return P::INT64;
    case DataType::kBOOL:
      return P::BOOL;
    default:
      return P::FLOAT;
  }
}

onnx::HostTensorPtr to_host(Array const& array) {
  return onnx::host_tensor_of(array.type, array.dims, std::span<double const>(array.values));
}

int64_t count_of(Extents const& dims) {
  int64_t count = 1;
  for (int64_t d : dims) count *= d;
  return count;
}

Dims to_dims(Extents const& extents) {
  Dims dims{static_cast<int32_t>(extents.size()), {}};
  for (size_t i = 0; i < extents.size(); ++i) dims.d[i] = extents[i];
  return dims;
}

/// Gives an output the memory it asks for, and remembers its extents.
class Receiver : public IOutputAllocator {
 public:
  void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) noexcept override {
    memory_.assign(size / sizeof(std::max_align_t) + 1, {});
    return memory_.data();
  }
  void notifyShape(char const*, Dims const& dims) noexcept override { dims_ = dims; }

  Array array(DataType type) const {
    const Extents dims(dims_.d, dims_.d + dims_.nbDims);
    const onnx::HostTensor host(type, dims, memory_.data(), nullptr);
    if (type != DataType::kBOOL) return {type, dims, host.to_reals()};
    const std::vector<int64_t> values = host.to_ints();
    return {type, dims, {values.begin(), values.end()}};
  }

 private:
  std::vector<std::max_align_t> memory_;
  Dims dims_{};
};

}  // namespace

void Log::log(Severity severity, char const* message) noexcept {
  if (severity <= Severity::kWARNING) text_ += std::string(message) + "\n";
}

A attribute(std::string const& name, int64_t value) {
  A result = named(name, A::INT);
  result.set_i(value);
  return result;
}

A attribute(std::string const& name, int value) { return attribute(name, static_cast<int64_t>(value)); }

A attribute(std::string const& name, float value) {
  A result = named(name, A::FLOAT);
  result.set_f(value);
  return result;
}

A attribute(std::string const& name, std::string const& value) {
  A result = named(name, A::STRING);
  result.set_s(value);
  return result;
}

A attribute(std::string const& name, char const* value) { return attribute(name, std::string(value)); }

A attribute(std::string const& name, std::vector<int64_t> const& values) {
  A result = named(name, A::INTS);
  for (int64_t value : values) result.add_ints(value);
  return result;
}

A attribute(std::string const& name, std::vector<float> const& values) {
  A result = named(name, A::FLOATS);
  for (float value : values) result.add_floats(value);
  return result;
}

A attribute(std::string const& name, proto::GraphProto const& graph) {
  A result = named(name, A::GRAPH);
  *result.mutable_g() = graph;
  return result;
}

A attribute(std::string const& name, proto::TensorProto const& tensor) {
  A result = named(name, A::TENSOR);
  *result.mutable_t() = tensor;
  return result;
}

proto::TensorProto tensor(std::string const& name, Array const& array) {
  proto::TensorProto result;
  result.set_name(name);
  result.set_data_type(onnx_type(array.type));
  for (int64_t d : array.dims) result.add_dims(d);
  const onnx::HostTensorPtr host = to_host(array);
  result.set_raw_data(host->data(), host->bytes());
  return result;
}

Array floats(Extents dims, std::vector<double> values) {
  return {DataType::kFLOAT, std::move(dims), std::move(values)};
}

Array ints(Extents dims, std::vector<double> values) { return {DataType::kINT64, std::move(dims), std::move(values)}; }

Array noise(Extents dims, unsigned seed) {
  Array result = floats(std::move(dims), {});
  uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  for (int64_t i = 0; i < count_of(result.dims); ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    result.values.push_back(static_cast<float>(static_cast<double>(state >> 40) / static_cast<double>(1 << 23) - 1));
  }
  return result;
}

Graph& Graph::input(std::string const& name, DataType type, Extents const& dims) {
  proto::ValueInfoProto& info = *graph_.add_input();
  info.set_name(name);
  proto::TypeProto::Tensor& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx_type(type));
  tensor.mutable_shape();
  for (size_t i = 0; i < dims.size(); ++i) {
    auto& dim = *tensor.mutable_shape()->add_dim();
    if (dims[i] >= 0) {
      dim.set_dim_value(dims[i]);
    } else {
      dim.set_dim_param(name + "_" + std::to_string(i));
    }
  }
  return *this;
}

Graph& Graph::output(std::string const& name, DataType type) {
  proto::ValueInfoProto& info = *graph_.add_output();
  info.set_name(name);
  info.mutable_type()->mutable_tensor_type()->set_elem_type(onnx_type(type));
  return *this;
}

Graph& Graph::constant(std::string const& name, Array const& array) {
  *graph_.add_initializer() = tensor(name, array);
  return *this;
}

proto::NodeProto& Graph::node(std::string const& op, std::vector<std::string> const& inputs,
                              std::vector<std::string> const& outputs,
                              std::vector<proto::AttributeProto> const& attributes) {
  proto::NodeProto& node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(outputs.empty() ? op : outputs[0]);
  for (std::string const& name : inputs) node.add_input(name);
  for (std::string const& name : outputs) node.add_output(name);
  for (proto::AttributeProto const& attribute : attributes) *node.add_attribute() = attribute;
  return node;
}

Model::Model(int64_t opset) : Model(std::make_shared<proto::ModelProto>()) {
  model_->set_ir_version(8);
  model_->add_opset_import()->set_version(opset);
}

Model::Model(std::shared_ptr<proto::ModelProto> model) : Graph(*model->mutable_graph()), model_(std::move(model)) {}

Engine::Engine(std::string const& bytes, std::string const& path)
    : builder_(createInferBuilder(log_)),
      network_(builder_->createNetworkV2(0)),
      parser_(onnx::createParser(*network_, log_)) {
  parsed_ = parser_->parse(bytes.data(), bytes.size(), path.empty() ? nullptr : path.c_str());
  if (parsed_) build();
}

bool Engine::build() {
  std::unique_ptr<IBuilderConfig> config(builder_->createBuilderConfig());
  IOptimizationProfile* profile = builder_->createOptimizationProfile();
  bool dynamic = false;
  for (int32_t i = 0; i < network_->getNbInputs(); ++i) {
    const Dims dims = network_->getInput(i)->getDimensions();
    Dims extents[3] = {dims, dims, dims};
    for (int32_t d = 0; d < dims.nbDims; ++d) {
      if (dims.d[d] >= 0) continue;
      dynamic = true;
      extents[0].d[d] = 1;
      extents[1].d[d] = 4;
      extents[2].d[d] = 64;
    }
    for (int32_t s = 0; s < 3; ++s) {
      profile->setDimensions(network_->getInput(i)->getName(), static_cast<OptProfileSelector>(s), extents[s]);
    }
    if (!network_->getInput(i)->isShapeTensor()) continue;
    dynamic = true;
    for (int32_t s = 0; s < 3; ++s) {
      static constexpr int64_t kValues[] = {-16, 2, 16};
      const std::vector<int64_t> values(static_cast<size_t>(dims.nbDims == 0 ? 1 : dims.d[0]), kValues[s]);
      profile->setShapeValuesV2(network_->getInput(i)->getName(), static_cast<OptProfileSelector>(s), values.data(),
                                static_cast<int32_t>(values.size()));
    }
  }
  if (dynamic) config->addOptimizationProfile(profile);
  std::unique_ptr<IHostMemory> plan(builder_->buildSerializedNetwork(*network_, *config));
  if (!plan) return false;
  runtime_.reset(createInferRuntime(log_));
  engine_.reset(runtime_->deserializeCudaEngine(plan->data(), plan->size()));
  return engine_ != nullptr;
}

std::map<std::string, Array> Engine::run(std::map<std::string, Array> const& inputs) {
  std::unique_ptr<IExecutionContext> context(engine_->createExecutionContext());
  std::map<std::string, Array> outputs;
  std::vector<onnx::HostTensorPtr> kept;
  for (auto const& [name, array] : inputs) {
    kept.push_back(to_host(array));
    EXPECT_TRUE(context->setInputShape(name.c_str(), to_dims(array.dims))) << name;
    EXPECT_TRUE(context->setInputTensorAddress(name.c_str(), kept.back()->data())) << name;
  }
  std::map<std::string, Receiver> receivers;
  for (int32_t i = 0; i < network_->getNbOutputs(); ++i) {
    char const* name = network_->getOutput(i)->getName();
    EXPECT_TRUE(context->setOutputAllocator(name, &receivers[name])) << name;
  }
  EXPECT_TRUE(context->enqueueV3(nullptr)) << log_.text();
  for (auto const& [name, receiver] : receivers) {
    outputs[name] = receiver.array(engine_->getTensorDataType(name.c_str()));
  }
  return outputs;
}

Array run(Model const& model, std::map<std::string, Array> const& inputs) {
  Engine engine(model.bytes());
  EXPECT_TRUE(engine.parsed() && engine.built()) << engine.log();
  if (!engine.built()) return {};
  const auto outputs = engine.run(inputs);
  return outputs.empty() ? Array{} : outputs.begin()->second;
}

void expect_near(Array const& found, Array const& expected, double tolerance) {
  ASSERT_EQ(found.dims, expected.dims);
  for (size_t i = 0; i < expected.values.size(); ++i) {
    const double allowed = tolerance * (1 + std::fabs(expected.values[i]));
    ASSERT_NEAR(found.values[i], expected.values[i], allowed) << "element " << i;
  }
}

Refusal refuse(std::string const& bytes, std::string const& path) {
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  if (parser->parse(bytes.data(), bytes.size(), path.empty() ? nullptr : path.c_str())) return {};
  EXPECT_EQ(parser->getNbErrors(), 1);
  onnx::IParserError const& error = *parser->getError(0);
  return {error.code(), error.desc(), error.nodeName(), error.nodeOperator()};
}

}  // namespace rondo::onnx_test
