// Types are met by rounding what a layer gives, whether it is stored or stays in a fused step: an op of its own says
// so, and no pass or schedule has to know about types. In between, formulas and sums are f32.
//
// A precision is met by casts around the layer: what stands between them is the layer of a strongly typed network, with
// its weights in the same type, so no layer needs a case of its own. The casts themselves are free: they move into the
// loads and stores of what they stand beside.
#include "api/precision/layer_precision.h"

#include <algorithm>
#include <iterator>

namespace rondo::api {

namespace {

struct TypeFlag {
  DataType type;
  BuilderFlag flag;
  const char* type_name;
  const char* flag_name;
};

constexpr TypeFlag kNarrowTypes[] = {
    {DataType::kHALF, BuilderFlag::kFP16, "kHALF", "kFP16"},
    {DataType::kBF16, BuilderFlag::kBF16, "kBF16", "kBF16"},
    {DataType::kINT8, BuilderFlag::kINT8, "kINT8", "kINT8"},
};

// Their operands have the types that they have for a reason of their own.
constexpr LayerType kTyped[] = {LayerType::kCAST,       LayerType::kIDENTITY, LayerType::kQUANTIZE,
                                LayerType::kDEQUANTIZE, LayerType::kPLUGIN,   LayerType::kPLUGIN_V2,
                                LayerType::kPLUGIN_V3,  LayerType::kCONSTANT};

// Their results are elements of their operands, or were stored by someone else: rounded already.
constexpr LayerType kCopies[] = {
    LayerType::kCONSTANT,      LayerType::kSHUFFLE,     LayerType::kSLICE,      LayerType::kCONCATENATION,
    LayerType::kGATHER,        LayerType::kSELECT,      LayerType::kSCATTER,    LayerType::kREVERSE_SEQUENCE,
    LayerType::kSQUEEZE,       LayerType::kUNSQUEEZE,   LayerType::kPADDING,    LayerType::kTOPK,
    LayerType::kITERATOR,      LayerType::kLOOP_OUTPUT, LayerType::kRECURRENCE, LayerType::kCONDITIONAL_INPUT,
    LayerType::kPLUGIN,        LayerType::kPLUGIN_V2,   LayerType::kPLUGIN_V3,  LayerType::kCONDITIONAL_OUTPUT,
    LayerType::kKVCACHE_UPDATE};

template <size_t N>
bool is_in(const LayerType (&list)[N], const LayerNode& layer) {
  return std::find(std::begin(list), std::end(list), layer.type()) != std::end(list);
}

const TypeFlag* row_of(DataType type) {
  const auto* row = std::find_if(std::begin(kNarrowTypes), std::end(kNarrowTypes),
                                 [&](const TypeFlag& candidate) { return candidate.type == type; });
  return row == std::end(kNarrowTypes) ? nullptr : row;
}

ILayer& face_of(const LayerNode& layer) { return const_cast<LayerNode&>(layer).face(); }

}  // namespace

LayerPrecision::LayerPrecision(const Network& network, const Config& config)
    : network_(network), settings_(config.settings()) {
  if (settings_.has(BuilderFlag::kPREFER_PRECISION_CONSTRAINTS)) mode_ = Mode::kPrefer;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  if (settings_.has(BuilderFlag::kSTRICT_TYPES)) mode_ = Mode::kPrefer;
#pragma GCC diagnostic pop
  if (settings_.has(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS)) mode_ = Mode::kObey;
}

bool LayerPrecision::allows(DataType type) const {
  const TypeFlag* row = row_of(type);
  return row == nullptr || settings_.has(row->flag);
}

void LayerPrecision::unmet(const LayerNode& layer, const std::string& message) const {
  const std::string whole = text(layer.who(), " ", message);
  if (mode_ == Mode::kObey) {
    fail(Code::kInvalidConfig, whole, "; kOBEY_PRECISION_CONSTRAINTS makes that an order");
  }
  network_.sink().log(ILogger::Severity::kWARNING, text(whole, "; it computes in kFLOAT").c_str());
}

void LayerPrecision::check() const {
  if (network_.strongly_typed()) {
    for (const TypeFlag& row : kNarrowTypes) {
      if (!settings_.has(row.flag)) continue;
      fail(Code::kInvalidConfig, "BuilderFlag::", row.flag_name,
           " is for weakly typed networks; the types of a strongly typed network follow from its inputs and casts");
    }
    if (mode_ != Mode::kFree) {
      fail(Code::kInvalidConfig, "precision constraints are for weakly typed networks; clear the flag kOBEY_PRECISION_",
           "CONSTRAINTS or kPREFER_PRECISION_CONSTRAINTS");
    }
    return;
  }
  if (mode_ == Mode::kFree) return;
  for (const auto& layer : network_.layers()) {
    ILayer& face = face_of(*layer);
    std::vector<DataType> asked;
    if (face.precisionIsSet()) asked.push_back(face.getPrecision());
    for (const auto& output : layer->outputs()) {
      // Conversions to integers, and the types of what leaves the network, are met in any case.
      const DataType type = output->requested_type().value_or(DataType::kFLOAT);
      if (type != DataType::kINT8 && !output->isNetworkOutput()) asked.push_back(type);
    }
    for (const DataType type : asked) {
      if (allows(type)) continue;
      const TypeFlag& row = *row_of(type);
      unmet(*layer, text("asks for ", row.type_name, ", which needs BuilderFlag::", row.flag_name));
      break;
    }
  }
}

DataType LayerPrecision::precision_of(const LayerNode& layer) const {
  ILayer& face = face_of(layer);
  if (mode_ == Mode::kFree || network_.strongly_typed() || is_in(kTyped, layer) || !face.precisionIsSet())
    return DataType::kFLOAT;
  const DataType type = face.getPrecision();
  const bool narrow = type == DataType::kHALF || type == DataType::kBF16;
  return narrow && allows(type) ? type : DataType::kFLOAT;
}

std::vector<Emitter::Ref> LayerPrecision::emit_in(DType type, const LayerNode& layer, Emitter& out,
                                                  const std::vector<Emitter::Ref>& in) const {
  std::vector<Emitter::Ref> narrow = in;
  DType wide = type;
  for (Emitter::Ref& ref : narrow) {
    if (ref == Emitter::kNoRef || !is_float(out.type(ref).dtype)) continue;
    if (out.type(ref).dtype != type) wide = DType::kFloat32;
    ref = out.cast(ref, type, layer.name());
  }
  std::vector<Emitter::Ref> results = emit_layer(layer, out, narrow);
  for (Emitter::Ref& ref : results) {
    if (out.type(ref).dtype == type) ref = out.cast(out.round(ref, layer.name()), wide, layer.name());
  }
  return results;
}

void LayerPrecision::round_outputs(const LayerNode& layer, Emitter& out, std::vector<Emitter::Ref>& results) const {
  if (mode_ == Mode::kFree || network_.strongly_typed() || layer.type() == LayerType::kIDENTITY) return;
  for (size_t i = 0; i < results.size() && i < layer.outputs().size(); ++i) {
    const auto& asked = layer.outputs()[i]->requested_type();
    if (!asked || (*asked != DataType::kHALF && *asked != DataType::kBF16) || !allows(*asked)) continue;
    const DType wide = out.type(results[i]).dtype;
    if (!is_float(wide)) continue;
    const Emitter::Ref narrow = out.cast(results[i], to_dtype(*asked, layer.who()), layer.name());
    results[i] = out.cast(out.round(narrow, layer.name()), wide, layer.name());
  }
}

std::vector<Emitter::Ref> LayerPrecision::emit(const LayerNode& layer, Emitter& out,
                                               const std::vector<Emitter::Ref>& in) const {
  const DataType precision = precision_of(layer);
  std::vector<Emitter::Ref> results;
  if (precision != DataType::kFLOAT) {
    try {
      results = emit_in(to_dtype(precision, layer.who()), layer, out, in);
    } catch (const Error& error) {
      emit_layer(layer, out, in);  // a mistake that has nothing to do with the precision is reported as itself
      unmet(layer, text("cannot compute in ", row_of(precision)->type_name, ": ", error.what()));
      results.clear();
    }
  }
  if (results.empty()) results = emit_layer(layer, out, in);
  round_outputs(layer, out, results);
  if (network_.strongly_typed() && !is_in(kCopies, layer)) {
    for (Emitter::Ref& result : results) result = out.round(result, layer.name());
  }
  return results;
}

passes::PrecisionChoice LayerPrecision::choice() const {
  passes::PrecisionChoice choice;
  if (network_.strongly_typed()) return choice;
  choice.f16 = settings_.has(BuilderFlag::kFP16);
  choice.bf16 = settings_.has(BuilderFlag::kBF16);
  for (const auto& layer : network_.layers()) {
    ILayer& face = face_of(*layer);
    if (face.precisionIsSet() && face.getPrecision() == DataType::kFLOAT) choice.full.insert(layer->name());
  }
  return choice;
}

}  // namespace rondo::api
