#include "parser/parser.h"

#include <algorithm>
#include <new>

#include "import/graph.h"
#include "model/load.h"
#include "model/names.h"
#include "model/proto.h"
#include "ops/op_table.h"
#include "parser/support.h"

namespace rondo::onnx {

void Parser::log(ILogger::Severity severity, std::string const& message) const {
  if (severity > least_severity_) return;
  try {
    logger_.log(severity, printable(message).c_str());
  } catch (...) {  // a logger that throws loses its message
  }
}

void Parser::record(ImportError const& error) {
  errors_.push_back(std::make_unique<ParserError>(error));
  log(error.code == ErrorCode::kINTERNAL_ERROR ? ILogger::Severity::kINTERNAL_ERROR : ILogger::Severity::kERROR,
      errors_.back()->desc());
}

template <typename Work>
bool Parser::guarded(Work&& work) noexcept {
  try {
    try {
      work();
      return true;
    } catch (ImportError const& error) {
      record(error);
    } catch (std::bad_alloc const&) {
      record(ImportError(ErrorCode::kMEM_ALLOC_FAILED, "memory ran out"));
    } catch (std::exception const& error) {
      record(ImportError(ErrorCode::kINTERNAL_ERROR, text("bug of the parser: ", error.what())));
    }
  } catch (...) {  // no memory for the message either
  }
  return false;
}

void Parser::forget() {
  errors_.clear();
  model_.reset();
  source_.reset();
  outputs_by_node_.clear();
}

void Parser::load(std::shared_ptr<proto::ModelProto const> decoded, std::string const& model_path) {
  source_ = std::make_shared<TensorSource>(TensorSource{decoded, ExternalData(model_path), {}});
  model_ = std::move(decoded);
}

void Parser::import() {
  check(model_ != nullptr, ErrorCode::kINVALID_VALUE, "parseModelProto needs a model; call loadModelProto first");
  Context context(
      network_, *model_, kept_, [this](auto severity, auto const& message) { log(severity, "onnx: " + message); },
      getFlag(OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE));
  import_main_graph(context, source_, &outputs_by_node_);
  log(ILogger::Severity::kINFO, text("onnx: imported ", model_->graph().node_size(), " nodes as ",
                                     network_.getNbLayers(), " layers, producer '", model_->producer_name(), "'"));
  // What the network refers to stays in kept_, which holds on to the model where data lies in it.
  source_.reset();
  model_.reset();
}

bool Parser::parse(void const* model, size_t size, char const* model_path) noexcept {
  forget();
  return guarded([&] {
    load(decode_model(model, size), model_path ? model_path : "");
    import();
  });
}

bool Parser::parseFromFile(char const* file, int32_t verbosity) noexcept {
  forget();
  const ILogger::Severity former = least_severity_;
  if (verbosity >= 0) least_severity_ = std::min(former, static_cast<ILogger::Severity>(verbosity));
  const bool ok = guarded([&] {
    check(file != nullptr, ErrorCode::kINVALID_VALUE, "the file name is null");
    load(decode_model_file(file), file);
    import();
  });
  least_severity_ = former;
  return ok;
}

bool Parser::loadModelProto(void const* model, size_t size, char const* model_path) noexcept {
  forget();
  return guarded([&] { load(decode_model(model, size), model_path ? model_path : ""); });
}

bool Parser::loadInitializer(char const* name, void const* data, size_t size) noexcept {
  return guarded([&] {
    check(model_ != nullptr, ErrorCode::kINVALID_VALUE, "loadInitializer needs a model; call loadModelProto first");
    check(name && (data || size == 0), ErrorCode::kINVALID_VALUE, "loadInitializer: name or data is null");
    for (proto::TensorProto const& tensor : model_->graph().initializer()) {
      if (tensor.name() != name) continue;
      const size_t needed = raw_bytes(tensor, text("initializer '", name, "'"));
      check(size == needed, ErrorCode::kINVALID_VALUE,
            text("initializer '", name, "' has ", needed, " bytes, not ", size));
      source_->supplied[name] = {data, size};
      return;
    }
    throw ImportError(ErrorCode::kINVALID_VALUE, text("the model has no initializer '", name, "'"));
  });
}

bool Parser::parseModelProto() noexcept {
  return guarded([&] { import(); });
}

bool Parser::supportsModelV2(void const* model, size_t size, char const* model_path) noexcept {
  errors_.clear();
  subgraphs_.clear();
  bool all = false;
  const bool decoded = guarded([&] {
    const auto message = decode_model(model, size);
    const auto source =
        std::make_shared<TensorSource>(TensorSource{message, ExternalData(model_path ? model_path : ""), {}});
    const Support support = find_support(network_, *message, source, getFlag(OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE),
                                         [&](ImportError const& error) { record(error); });
    all = support.graph;
    for (size_t i = 0; i < support.nodes.size(); ++i) {
      all = all && support.nodes[i];
      if (subgraphs_.empty() || subgraphs_.back().supported != support.nodes[i])
        subgraphs_.push_back({{}, support.nodes[i]});
      subgraphs_.back().nodes.push_back(support.order[i]);
    }
  });
  return decoded && all;
}

bool Parser::isSubgraphSupported(int64_t index) noexcept {
  return index >= 0 && index < getNbSubgraphs() && subgraphs_[static_cast<size_t>(index)].supported;
}

int64_t* Parser::getSubgraphNodes(int64_t index, int64_t& length) noexcept {
  length = 0;
  if (index < 0 || index >= getNbSubgraphs()) return nullptr;
  std::vector<int64_t>& nodes = subgraphs_[static_cast<size_t>(index)].nodes;
  length = static_cast<int64_t>(nodes.size());
  return nodes.data();
}

bool Parser::supportsOperator(char const* name) const noexcept {
  try {
    return name && (knows_op("", name) || network_.getBuilder().getPluginRegistry().getCreator(name, "1", ""));
  } catch (...) {
    return false;
  }
}

IParserError const* Parser::getError(int32_t index) const noexcept {
  return index >= 0 && index < getNbErrors() ? errors_[static_cast<size_t>(index)].get() : nullptr;
}

ITensor const* Parser::getLayerOutputTensor(char const* name, int64_t i) noexcept {
  try {
    const auto found = outputs_by_node_.find(name ? name : "");
    if (found == outputs_by_node_.end() || i < 0 || i >= static_cast<int64_t>(found->second.size())) return nullptr;
    return found->second[static_cast<size_t>(i)].tensor();
  } catch (...) {
    return nullptr;
  }
}

char const* const* Parser::getUsedVCPluginLibraries(int64_t& count) const noexcept {
  count = 0;
  return nullptr;
}

}  // namespace rondo::onnx
