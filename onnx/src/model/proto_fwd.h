/// Names of the format's messages, for headers that only pass them on. model/proto.h defines them.
#pragma once

namespace rondo::onnx_proto {

class AttributeProto;
class FunctionProto;
class GraphProto;
class ModelProto;
class NodeProto;
class SparseTensorProto;
class TensorProto;
class TypeProto;
class ValueInfoProto;

}  // namespace rondo::onnx_proto

namespace rondo::onnx {

namespace proto = ::rondo::onnx_proto;

}  // namespace rondo::onnx
