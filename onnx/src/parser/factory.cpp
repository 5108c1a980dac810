#include <new>

#include "parser/parser.h"
#include "rondo/onnx_config.h"

namespace rondo::onnx {
namespace {

class OnnxConfig final : public IOnnxConfig {
 public:
  void setModelDtype(DataType type) noexcept override { type_ = type; }
  DataType getModelDtype() const noexcept override { return type_; }
  void setModelFileName(char const* name) noexcept override { store(model_, name); }
  char const* getModelFileName() const noexcept override { return model_.c_str(); }
  void setVerbosityLevel(Verbosity verbosity) noexcept override { verbosity_ = verbosity; }
  Verbosity getVerbosityLevel() const noexcept override { return verbosity_; }
  void addVerbosity() noexcept override { ++verbosity_; }
  void reduceVerbosity() noexcept override { --verbosity_; }
  void setTextFileName(char const* name) noexcept override { store(text_, name); }
  char const* getTextFileName() const noexcept override { return text_.c_str(); }
  void setFullTextFileName(char const* name) noexcept override { store(full_text_, name); }
  char const* getFullTextFileName() const noexcept override { return full_text_.c_str(); }
  void setPrintLayerInfo(bool on) noexcept override { print_layers_ = on; }
  bool getPrintLayerInfo() const noexcept override { return print_layers_; }

 private:
  static void store(std::string& to, char const* from) noexcept {
    try {
      to = from ? from : "";
    } catch (std::bad_alloc const&) {  // keeps what it had
    }
  }

  DataType type_ = DataType::kFLOAT;
  Verbosity verbosity_ = static_cast<Verbosity>(ILogger::Severity::kWARNING);
  std::string model_;
  std::string text_;
  std::string full_text_;
  bool print_layers_ = false;
};

}  // namespace

IParser* createParser(INetworkDefinition& network, ILogger& logger) noexcept {
  return new (std::nothrow) Parser(network, logger);
}

IParserRefitter* createParserRefitter(IRefitter&, ILogger& logger) noexcept {
  logger.log(ILogger::Severity::kERROR,
             "onnx: engines of this version cannot be refitted; build the engine from the new model instead");
  return nullptr;
}

IOnnxConfig* createONNXConfig() noexcept { return new (std::nothrow) OnnxConfig; }

}  // namespace rondo::onnx

extern "C" void* createNvOnnxParser_INTERNAL(void* network, void* logger, int32_t version) noexcept {
  if (!network || !logger || version / 10000 != NV_ONNX_PARSER_MAJOR) return nullptr;
  return rondo::onnx::createParser(*static_cast<rondo::INetworkDefinition*>(network),
                                   *static_cast<rondo::ILogger*>(logger));
}

extern "C" void* createNvOnnxParserRefitter_INTERNAL(void* refitter, void* logger, int32_t version) noexcept {
  if (!refitter || !logger || version / 10000 != NV_ONNX_PARSER_MAJOR) return nullptr;
  return rondo::onnx::createParserRefitter(*static_cast<rondo::IRefitter*>(refitter),
                                           *static_cast<rondo::ILogger*>(logger));
}

extern "C" int32_t getNvOnnxParserVersion() noexcept { return NV_ONNX_PARSER_VERSION; }
