// reason: one interface whose every method is a contract of its own.
/// IParser: reads an ONNX model and adds its layers to a network.
///
/// The parser knows the network's public interface only. Each node of the model becomes ordinary layers that carry the
/// node's name; graph inputs and outputs keep their names, named dimensions become named dimensions. Programs written for
/// TensorRT include NvOnnxParser.h, which shows all of this as namespace nvonnxparser.
#pragma once

#include <utility>
#include <vector>

#include "rondo/builder.h"
#include "rondo/tuning/refitter.h"

/// Version of the parser's interface, the one that goes with the face of NvInferVersion.h.
#define NV_ONNX_PARSER_MAJOR 8
#define NV_ONNX_PARSER_MINOR 6
#define NV_ONNX_PARSER_PATCH 1
#define NV_ONNX_PARSER_VERSION ((NV_ONNX_PARSER_MAJOR * 10000) + (NV_ONNX_PARSER_MINOR * 100) + NV_ONNX_PARSER_PATCH)

namespace rondo::onnx {

using rondo::EnumMax;

/// Indices of nodes of the main graph, in the order of the file, and whether all of them can be imported.
using SubGraph_t = std::pair<std::vector<size_t>, bool>;

/// Consecutive sub-graphs.
using SubGraphCollection_t = std::vector<SubGraph_t>;

/// Class of an import error.
enum class ErrorCode : int32_t {
  kSUCCESS = 0,
  kINTERNAL_ERROR = 1,              ///< a bug of the parser
  kMEM_ALLOC_FAILED = 2,            ///< memory ran out
  kMODEL_DESERIALIZE_FAILED = 3,    ///< no ONNX file, damaged, or its external data cannot be read
  kINVALID_VALUE = 4,               ///< a tensor or argument breaks its own rules
  kINVALID_GRAPH = 5,               ///< names missing or taken twice, cycles, nesting too deep
  kINVALID_NODE = 6,                ///< a node breaks the rules of its operator
  kUNSUPPORTED_GRAPH = 7,           ///< legal ONNX that the parser does not import
  kUNSUPPORTED_NODE = 8,            ///< an operator, or a version of it, that the parser does not know
  kUNSUPPORTED_NODE_ATTR = 9,       ///< an attribute, or a value of it
  kUNSUPPORTED_NODE_INPUT = 10,     ///< a combination of inputs
  kUNSUPPORTED_NODE_DATATYPE = 11,  ///< an element type
  kUNSUPPORTED_NODE_DYNAMIC = 12,   ///< something known only at run time that must be known here
  kUNSUPPORTED_NODE_SHAPE = 13,     ///< a rank or extent
  kREFIT_FAILED = 14                ///< weights could not be replaced
};

/// The enumerator without its prefix, "INVALID_NODE"; "unknown" for a number that is none. Not in TensorRT.
/// Memory    static   Threads   safe
RONDO_API char const* getErrorCodeName(ErrorCode code) noexcept;

/// Switches of a parser, as bit positions.
enum class OnnxParserFlag : int32_t {
  kNATIVE_INSTANCENORM = 0,                           ///< instance normalization as a layer; always so here
  kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA = 1,  ///< stored, no effect
  kREPORT_CAPABILITY_DLA = 2,                         ///< stored, no effect
  kENABLE_PLUGIN_OVERRIDE = 3,                        ///< a registered plugin named like an operator replaces it
  kADJUST_FOR_DLA = 4                                 ///< stored, no effect
};

/// Mask of OnnxParserFlag bits.
using OnnxParserFlags = uint32_t;

/// One import error.
/// Memory    owned by the parser, valid until clearErrors, the next parse or its destruction
class IParserError {
 public:
  /// The class of the error.
  virtual ErrorCode code() const noexcept = 0;

  /// The text: node, operator, what is wrong, what to do.
  virtual char const* desc() const noexcept = 0;

  /// Where the parser reports it: source file, line and function.
  virtual char const* file() const noexcept = 0;
  virtual int32_t line() const noexcept = 0;
  virtual char const* func() const noexcept = 0;

  /// Index of the node in its graph, -1 if no node is to blame.
  virtual int32_t node() const noexcept = 0;

  /// Name and operator of that node; empty if there is none.
  virtual char const* nodeName() const noexcept = 0;
  virtual char const* nodeOperator() const noexcept = 0;

  /// The model's own functions that were being expanded, outermost first, and their number.
  virtual char const* const* localFunctionStack() const noexcept = 0;
  virtual int32_t localFunctionStackSize() const noexcept = 0;

 protected:
  virtual ~IParserError() = default;
};

/// Imports ONNX models.
///
/// A model is imported whole or not at all as far as the result goes: after false the network may hold some of its layers
/// and is good for nothing but deletion. Operator sets 7 to 28 of the domain `ai.onnx`; an operator that is unknown in any domain is
/// looked up in the builder's plugin registry by its name and the attributes plugin_version ("1") and plugin_namespace (""), and its
/// other attributes become the plugin's fields. What is not found, and an unknown attribute or attribute value of an operator, is an
/// error, never a guess.
/// Memory    owned by the user: `delete`, or destroy(). Owns the weights that the network refers to: it must outlive the
///           build. Models passed as bytes are copied where needed; the bytes may be freed when the call returns.
/// Threads   one thread at a time
class IParser : public INoCopy {
 public:
  ~IParser() noexcept override = default;

  /// Imports a serialized model. modelPath, the file it came from, locates external data: files below its folder.
  /// Errors    false; getError tells which
  virtual bool parse(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                     char const* modelPath = nullptr) noexcept = 0;

  /// Imports a file. verbosity is an ILogger::Severity: messages less serious than it are kept back.
  virtual bool parseFromFile(char const* onnxModelFile, int32_t verbosity) noexcept = 0;

  /// Same as parse without a path (gone in 11).
  RONDO_DEPRECATED virtual bool parseWithWeightDescriptors(void const* serializedOnnxModel,
                                                           size_t serializedOnnxModelSize) noexcept = 0;

  /// Tells whether parse would import the model, and cuts it into sub-graphs. The network stays as it is.
  /// The errors of nodes that cannot be imported are recorded.
  virtual bool supportsModelV2(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                               char const* modelPath = nullptr) noexcept = 0;

  /// What supportsModelV2 found: the number of sub-graphs; whether one can be imported; its nodes, as indices in the main
  /// graph, valid until the next call. An index out of range gives false and null.
  virtual int64_t getNbSubgraphs() noexcept = 0;
  virtual bool isSubgraphSupported(int64_t index) noexcept = 0;
  virtual int64_t* getSubgraphNodes(int64_t index, int64_t& subgraphLength) noexcept = 0;

  /// The same with the sub-graphs in one list (gone in 11).
  RONDO_DEPRECATED bool supportsModel(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                                      SubGraphCollection_t& subGraphCollection, char const* modelPath = nullptr) {
    bool const supported = supportsModelV2(serializedOnnxModel, serializedOnnxModelSize, modelPath);
    subGraphCollection.clear();
    for (int64_t i = 0; i < getNbSubgraphs(); ++i) {
      int64_t length = 0;
      int64_t const* nodes = getSubgraphNodes(i, length);
      subGraphCollection.emplace_back(std::vector<size_t>(nodes, nodes + length), isSubgraphSupported(i));
    }
    return supported;
  }

  /// Tells whether an operator of the domain `ai.onnx` is known in some version, or is the name of a registered plugin of version "1"
  /// and no namespace.
  virtual bool supportsOperator(char const* opName) const noexcept = 0;

  /// The errors since the last parse, oldest first; null out of range.
  virtual int32_t getNbErrors() const noexcept = 0;
  virtual IParserError const* getError(int32_t index) const noexcept = 0;
  virtual void clearErrors() noexcept = 0;

  /// The switches; kNATIVE_INSTANCENORM until set.
  virtual void setFlags(OnnxParserFlags onnxParserFlags) noexcept = 0;
  virtual OnnxParserFlags getFlags() const noexcept = 0;
  virtual void setFlag(OnnxParserFlag onnxParserFlag) noexcept = 0;
  virtual void clearFlag(OnnxParserFlag onnxParserFlag) noexcept = 0;
  virtual bool getFlag(OnnxParserFlag onnxParserFlag) const noexcept = 0;

  /// Returns output i of the node of that name, as it stands after parse; null if there is none in the main graph.
  virtual ITensor const* getLayerOutputTensor(char const* name, int64_t i) noexcept = 0;

  /// Libraries a version-compatible engine would carry: none.
  virtual char const* const* getUsedVCPluginLibraries(int64_t& nbPluginLibs) const noexcept = 0;

  /// Reads a model without importing it; then loadInitializer may supply initializers that have no data in it, then
  /// parseModelProto imports it.
  /// Memory    data of loadInitializer is referenced until the build, not copied
  /// Errors    false if there is no such initializer or size is not that of its type and shape
  virtual bool loadModelProto(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                              char const* modelPath = nullptr) noexcept = 0;
  virtual bool loadInitializer(char const* name, void const* data, size_t size) noexcept = 0;
  virtual bool parseModelProto() noexcept = 0;

  /// Tells the parser which settings the network will be built with; kept, not needed.
  virtual bool setBuilderConfig(IBuilderConfig const* builderConfig) noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

/// Replaces the weights of an engine by those of a model. Engines of this version cannot be refitted (rondo/tuning/refitter.h),
/// so no program holds one; the class is here so that those which mention it compile.
class IParserRefitter : public INoCopy {
 public:
  ~IParserRefitter() noexcept override = default;

  /// Refits from bytes, or from a file.
  virtual bool refitFromBytes(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                              char const* modelPath = nullptr) noexcept = 0;
  virtual bool refitFromFile(char const* onnxModelFile) noexcept = 0;

  /// The errors, as IParser's.
  virtual int32_t getNbErrors() const noexcept = 0;
  virtual IParserError const* getError(int32_t index) const noexcept = 0;
  virtual void clearErrors() noexcept = 0;
};

/// Makes a parser that adds to a network.
/// Memory    the result is the user's; network and logger must outlive it
/// Errors    null if memory ran out
RONDO_API IParser* createParser(INetworkDefinition& network, ILogger& logger) noexcept;

/// Makes a refitter of an engine's weights.
/// Errors    kUNSUPPORTED_STATE in the log, null: see IParserRefitter
RONDO_API IParserRefitter* createParserRefitter(IRefitter& refitter, ILogger& logger) noexcept;

}  // namespace rondo::onnx

template <>
constexpr int32_t rondo::EnumMax<rondo::onnx::ErrorCode>() noexcept {
  return 15;
}

template <>
constexpr int32_t rondo::EnumMax<rondo::onnx::OnnxParserFlag>() noexcept {
  return 5;
}

/// The factories as C symbols; version is NV_ONNX_PARSER_VERSION, null for another major version.
extern "C" RONDO_API void* createNvOnnxParser_INTERNAL(void* network, void* logger, int32_t version) noexcept;
extern "C" RONDO_API void* createNvOnnxParserRefitter_INTERNAL(void* refitter, void* logger, int32_t version) noexcept;

/// Returns NV_ONNX_PARSER_VERSION of the library that is linked.
extern "C" RONDO_API int32_t getNvOnnxParserVersion() noexcept;
