/// The element types of the ONNX format, and what the parser makes of each.
#pragma once

#include <optional>
#include <string>

#include "rondo/types.h"

namespace rondo::onnx {

/// How elements of a type are stored in TensorProto's typed fields.
enum class TypedField { kFloat, kInt32, kInt64, kDouble, kUint64, kNone };

/// What the parser does with a type.
enum class Narrowing {
  kNone,       ///< the network computes with it
  kToFloat,    ///< double: becomes float32, with a warning
  kConstants,  ///< a wider type holds all values: constants are converted, tensors of the type are refused
  kRefused     ///< no constant and no tensor
};

/// One row per element type of the format.
struct ElementType {
  int32_t onnx;      ///< TensorProto::DataType
  char const* name;  ///< as ONNX writes it: "float16"
  int32_t bits;      ///< of one element in raw data; 0 for strings
  TypedField field;  ///< where raw data is absent
  DataType type;     ///< in the network
  Narrowing narrowing;
};

/// The row of a type, or null for a number that the format does not define.
ElementType const* find_element_type(int32_t onnx);

/// "float16 (10)", or "unknown type 77".
std::string element_type_text(int32_t onnx);

/// "float16" for a network type.
char const* type_name(DataType type);

/// Bytes of one element of a network type that takes whole bytes.
int64_t element_bytes(DataType type);

/// The network's type for tensors (inputs, casts, outputs) of an ONNX type. warning is set where precision is lost.
/// Errors    kUNSUPPORTED_NODE_DATATYPE naming `who` for types that tensors cannot have
DataType tensor_type(int32_t onnx, std::string const& who, bool* narrowed = nullptr);

}  // namespace rondo::onnx
