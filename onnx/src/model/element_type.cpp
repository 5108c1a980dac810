#include "model/element_type.h"

#include <iterator>

#include "model/import_error.h"
#include "model/proto.h"

namespace rondo::onnx {
namespace {

using P = proto::TensorProto;
using N = Narrowing;
using F = TypedField;

constexpr ElementType kTypes[] = {
    {P::FLOAT, "float", 32, F::kFloat, DataType::kFLOAT, N::kNone},
    {P::UINT8, "uint8", 8, F::kInt32, DataType::kUINT8, N::kNone},
    {P::INT8, "int8", 8, F::kInt32, DataType::kINT8, N::kNone},
    {P::UINT16, "uint16", 16, F::kInt32, DataType::kINT32, N::kConstants},
    {P::INT16, "int16", 16, F::kInt32, DataType::kINT32, N::kConstants},
    {P::INT32, "int32", 32, F::kInt32, DataType::kINT32, N::kNone},
    {P::INT64, "int64", 64, F::kInt64, DataType::kINT64, N::kNone},
    {P::STRING, "string", 0, F::kNone, DataType::kUINT8, N::kRefused},
    {P::BOOL, "bool", 8, F::kInt32, DataType::kBOOL, N::kNone},
    {P::FLOAT16, "float16", 16, F::kInt32, DataType::kHALF, N::kNone},
    {P::DOUBLE, "double", 64, F::kDouble, DataType::kFLOAT, N::kToFloat},
    {P::UINT32, "uint32", 32, F::kUint64, DataType::kINT64, N::kConstants},
    {P::UINT64, "uint64", 64, F::kUint64, DataType::kINT64, N::kConstants},
    {P::COMPLEX64, "complex64", 64, F::kFloat, DataType::kFLOAT, N::kRefused},
    {P::COMPLEX128, "complex128", 128, F::kDouble, DataType::kFLOAT, N::kRefused},
    {P::BFLOAT16, "bfloat16", 16, F::kInt32, DataType::kBF16, N::kNone},
    {P::FLOAT8E4M3FN, "float8e4m3fn", 8, F::kInt32, DataType::kFP8, N::kRefused},
    {P::FLOAT8E4M3FNUZ, "float8e4m3fnuz", 8, F::kInt32, DataType::kFP8, N::kRefused},
    {P::FLOAT8E5M2, "float8e5m2", 8, F::kInt32, DataType::kFP8, N::kRefused},
    {P::FLOAT8E5M2FNUZ, "float8e5m2fnuz", 8, F::kInt32, DataType::kFP8, N::kRefused},
    {P::UINT4, "uint4", 4, F::kInt32, DataType::kUINT8, N::kConstants},
    {P::INT4, "int4", 4, F::kInt32, DataType::kINT8, N::kConstants},
    {P::FLOAT4E2M1, "float4e2m1", 4, F::kInt32, DataType::kFP4, N::kRefused},
    {P::FLOAT8E8M0, "float8e8m0", 8, F::kInt32, DataType::kE8M0, N::kRefused},
    {P::UINT2, "uint2", 2, F::kInt32, DataType::kUINT8, N::kConstants},
    {P::INT2, "int2", 2, F::kInt32, DataType::kINT8, N::kConstants},
    {P::FLOAT6E2M3, "float6e2m3", 6, F::kInt32, DataType::kFP8, N::kRefused},
    {P::FLOAT6E3M2, "float6e3m2", 6, F::kInt32, DataType::kFP8, N::kRefused},
};

}  // namespace

ElementType const* find_element_type(int32_t onnx) {
  for (ElementType const& row : kTypes) {
    if (row.onnx == onnx) return &row;
  }
  return nullptr;
}

std::string element_type_text(int32_t onnx) {
  ElementType const* row = find_element_type(onnx);
  return row ? text(row->name, " (", onnx, ")") : text("unknown type ", onnx);
}

char const* type_name(DataType type) {
  static constexpr char const* kNames[] = {"float32", "float16",  "int8",  "int32", "bool",   "uint8",
                                           "float8",  "bfloat16", "int64", "int4",  "float4", "float8e8m0"};
  auto const index = static_cast<size_t>(type);
  return index < std::size(kNames) ? kNames[index] : "unknown type";
}

int64_t element_bytes(DataType type) {
  switch (type) {
    case DataType::kINT64:
      return 8;
    case DataType::kFLOAT:
    case DataType::kINT32:
      return 4;
    case DataType::kHALF:
    case DataType::kBF16:
      return 2;
    default:
      return 1;
  }
}

DataType tensor_type(int32_t onnx, std::string const& who, bool* narrowed) {
  ElementType const* row = find_element_type(onnx);
  bool const usable = row && (row->narrowing == N::kNone || row->narrowing == N::kToFloat);
  check(
      usable, ErrorCode::kUNSUPPORTED_NODE_DATATYPE,
      text(
          who, ": element type ", element_type_text(onnx),
          " is not one that a network computes with; use float, float16, bfloat16, int8, uint8, int32, int64 or bool"));
  if (narrowed) *narrowed = row->narrowing == N::kToFloat;
  return row->type;
}

}  // namespace rondo::onnx
