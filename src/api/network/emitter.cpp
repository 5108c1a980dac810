#include "api/network/emitter.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_def.h"

namespace rondo::api {

namespace {

size_t byte_count(DType dtype, const std::vector<int64_t>& dims) {
  return static_cast<size_t>(volume_or_fail(dims, "constant")) * dtype_bytes(dtype);
}

}  // namespace

Emitter::Ref Emitter::cast(Ref ref, DType to, const std::string& name) {
  if (type(ref).dtype == to) return ref;
  ir::Attrs attrs{{"fn", std::string("cast")}, {"to", static_cast<int64_t>(to)}};
  return add(ir::OpKind::k_pointwise, attrs, {ref}, name);
}

Emitter::Ref Emitter::round(Ref ref, const std::string& name) {
  const DType dtype = type(ref).dtype;
  if (dtype != DType::kFloat16 && dtype != DType::kBFloat16) return ref;
  const std::string fn = dtype == DType::kFloat16 ? "round_f16" : "round_bf16";
  return add(ir::OpKind::k_pointwise, {{"fn", fn}}, {ref}, name);
}

Emitter::Ref Emitter::integers(const std::vector<int64_t>& values, const std::string& name) {
  return constant(DType::kInt64, {static_cast<int64_t>(values.size())}, values.data(), name);
}

ir::Dim Emitter::data_symbol(const std::string& name, ir::Range range) {
  const auto number = static_cast<int32_t>(dims().symbol_count());
  const ir::Dim symbol = dims().symbol({text(name, ".data.", number), ir::SymbolSource::kData, -1, number});
  dims().set_range(symbol, range);
  return symbol;
}

ir::Dim Emitter::data_symbol(const std::string& name, ir::Dim upper) {
  const ir::Range limit = dims().range(dims().resolve(upper));
  const int64_t max = std::max<int64_t>(limit.max, 0);
  return data_symbol(name, ir::Range{0, std::clamp<int64_t>(limit.opt, 0, max), max});
}

Emitter::Ref Emitter::with_values(Ref ref, const std::string& who, ir::Range range) {
  if (info(ref).contents) return ref;
  const ir::TensorType type = info(ref).type;
  const auto extents = ops::content_dims(dims(), type);
  if (!extents) {
    fail(Code::kInvalidArgument, who,
         " decides a shape, so it must be an integer or bool tensor of constant extents with ", "at most ",
         ops::kMaxContents, " elements, got ", ops::type_text(dims(), type));
  }
  int64_t count = 1;
  for (const int64_t extent : *extents) count *= extent;
  if (type.dtype == DType::kBool) range = {0, 1, 1};
  ir::Dims values;
  for (int64_t i = 0; i < count; ++i) values.push_back(data_symbol(who, range));
  return add(ir::OpKind::k_read_values, {{"values", values}}, {ref}, who);
}

ir::Dims Emitter::values_of(Ref ref, const std::string& who, ir::Range range) {
  ir::Dims values = *info(with_values(ref, who, range)).contents;
  for (ir::Dim& value : values) value = dims().resolve(value);
  return values;
}

std::vector<Emitter::Ref> GraphEmitter::add_all(ir::OpKind kind, const ir::Attrs& attrs, std::vector<Ref> operands,
                                                const std::string& name) {
  std::vector<ir::ValueId> values;
  std::vector<ir::ValueInfo> infos;
  for (Ref ref : operands) {
    values.push_back({ref});
    infos.push_back(info(ref));
  }
  const auto results = ops::op_def(kind).infer({kind, name, attrs, infos, graph_.dims()});
  const ir::OpId op = graph_.add_op(region_, kind, attrs, values, results.size(), name, before_);
  std::vector<Ref> refs;
  for (size_t i = 0; i < results.size(); ++i) {
    const ir::ValueId value = graph_.op(op).results[i];
    graph_.value(value).info = results[i];
    refs.push_back(value.id);
  }
  return refs;
}

Emitter::Ref GraphEmitter::constant(DType dtype, const std::vector<int64_t>& dims, const void* bytes,
                                    const std::string& name) {
  const auto* first = static_cast<const uint8_t*>(bytes);
  return add_constant(dtype, dims, Bytes(first, first + byte_count(dtype, dims)), name);
}

Emitter::Ref GraphEmitter::weights(DType dtype, const std::vector<int64_t>& dims, const void* bytes,
                                   const std::string& name) {
  // Elements off their alignment are copied: kernels that read a constant in place read whole elements.
  if (reinterpret_cast<uintptr_t>(bytes) % dtype_bytes(dtype) != 0) return constant(dtype, dims, bytes, name);
  const auto* first = static_cast<const uint8_t*>(bytes);
  return add_constant(dtype, dims, ir::ConstantBytes::refer({first, byte_count(dtype, dims)}), name);
}

Emitter::Ref GraphEmitter::add_constant(DType dtype, const std::vector<int64_t>& dims, ir::ConstantBytes bytes,
                                        const std::string& name) {
  const uint32_t data = graph_.add_constant_data(dtype, std::move(bytes));
  ir::Attrs attrs{{"data", static_cast<int64_t>(data)}, {"dims", dims}};
  const ir::OpId op = graph_.add_op(region_, ir::OpKind::k_constant, attrs, {}, 1, name, before_);
  ops::infer_op(graph_, op);
  return graph_.op(op).results[0].id;
}

std::vector<Emitter::Ref> TypeEmitter::add_all(ir::OpKind kind, const ir::Attrs& attrs, std::vector<Ref> operands,
                                               const std::string& name) {
  std::vector<ir::ValueInfo> infos;
  for (Ref ref : operands) infos.push_back(info(ref));
  std::vector<Ref> refs;
  for (ir::ValueInfo& result : ops::op_def(kind).infer({kind, name, attrs, infos, dims()})) {
    refs.push_back(value(std::move(result)));
  }
  return refs;
}

Emitter::Ref TypeEmitter::constant(DType dtype, const std::vector<int64_t>& dims, const void* bytes,
                                   const std::string&) {
  ir::ValueInfo result;
  result.type.dtype = dtype;
  for (int64_t extent : dims) result.type.dims.push_back(dims_->constant(extent));
  if (ops::content_dims(*dims_, result.type)) {
    result.contents.emplace();
    for (double element : ops::from_bytes(dtype, dims, bytes).data) {
      result.contents->push_back(dims_->constant(static_cast<int64_t>(element)));
    }
  }
  return value(std::move(result));
}

Emitter::Ref TypeEmitter::value(ir::ValueInfo info) {
  values_.push_back(std::move(info));
  return static_cast<Ref>(values_.size() - 1);
}

ir::Dim TypeEmitter::unknown_dim() {
  return dims_->symbol({text("unknown.", dims_->symbol_count()), ir::SymbolSource::kInputValue, -1, 0});
}

void TypeEmitter::clear() {
  values_.clear();
  dims_ = std::make_unique<ir::DimPool>();
}

}  // namespace rondo::api
