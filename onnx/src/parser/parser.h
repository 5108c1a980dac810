/// Parser: IParser on top of import/.
#pragma once

#include <memory>
#include <unordered_map>

#include "import/value.h"
#include "model/tensor_data.h"
#include "parser/parser_error.h"

namespace rondo::onnx {

class Parser final : public IParser {
 public:
  Parser(INetworkDefinition& network, ILogger& logger) : network_(network), logger_(logger) {}

  bool parse(void const* model, size_t size, char const* model_path) noexcept override;
  bool parseFromFile(char const* file, int32_t verbosity) noexcept override;
  bool parseWithWeightDescriptors(void const* model, size_t size) noexcept override {
    return parse(model, size, nullptr);
  }

  bool supportsModelV2(void const* model, size_t size, char const* model_path) noexcept override;
  int64_t getNbSubgraphs() noexcept override { return static_cast<int64_t>(subgraphs_.size()); }
  bool isSubgraphSupported(int64_t index) noexcept override;
  int64_t* getSubgraphNodes(int64_t index, int64_t& length) noexcept override;
  bool supportsOperator(char const* name) const noexcept override;

  int32_t getNbErrors() const noexcept override { return static_cast<int32_t>(errors_.size()); }
  IParserError const* getError(int32_t index) const noexcept override;
  void clearErrors() noexcept override { errors_.clear(); }

  void setFlags(OnnxParserFlags flags) noexcept override { flags_ = flags; }
  OnnxParserFlags getFlags() const noexcept override { return flags_; }
  void setFlag(OnnxParserFlag flag) noexcept override { flags_ |= bit(flag); }
  void clearFlag(OnnxParserFlag flag) noexcept override { flags_ &= ~bit(flag); }
  bool getFlag(OnnxParserFlag flag) const noexcept override { return (flags_ & bit(flag)) != 0; }

  ITensor const* getLayerOutputTensor(char const* name, int64_t i) noexcept override;
  char const* const* getUsedVCPluginLibraries(int64_t& count) const noexcept override;

  bool loadModelProto(void const* model, size_t size, char const* model_path) noexcept override;
  bool loadInitializer(char const* name, void const* data, size_t size) noexcept override;
  bool parseModelProto() noexcept override;
  bool setBuilderConfig(IBuilderConfig const* config) noexcept override { return config != nullptr; }

 private:
  struct SubGraph {
    std::vector<int64_t> nodes;
    bool supported = false;
  };

  static uint32_t bit(OnnxParserFlag flag) { return 1U << static_cast<uint32_t>(flag); }

  /// Runs `work`; an error becomes an entry of the list and a message, and false.
  template <typename Work>
  bool guarded(Work&& work) noexcept;
  void record(ImportError const& error);
  void log(ILogger::Severity severity, std::string const& message) const;
  /// Drops the errors and the model of before.
  void forget();
  void load(std::shared_ptr<proto::ModelProto const> decoded, std::string const& model_path);
  void import();

  INetworkDefinition& network_;
  ILogger& logger_;
  ILogger::Severity least_severity_ = ILogger::Severity::kVERBOSE;
  OnnxParserFlags flags_ = 1;
  std::vector<std::unique_ptr<ParserError>> errors_;
  std::shared_ptr<proto::ModelProto const> model_;
  std::shared_ptr<TensorSource> source_;
  std::vector<HostTensorPtr> kept_;  ///< what layers of the network refer to
  std::unordered_map<std::string, Values> outputs_by_node_;
  std::vector<SubGraph> subgraphs_;
};

}  // namespace rondo::onnx
