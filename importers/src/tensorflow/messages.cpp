#include "tensorflow/messages.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "io/byte_cursor.h"
#include "tensorflow/wire.h"

namespace rondo::importers {

namespace {

constexpr TensorFlowType kTypes[] = {
    {1, "DT_FLOAT", ElementType::kF32},  {2, "DT_DOUBLE", ElementType::kF64},     {3, "DT_INT32", ElementType::kI32},
    {4, "DT_UINT8", ElementType::kU8},   {5, "DT_INT16", ElementType::kI16},      {6, "DT_INT8", ElementType::kI8},
    {7, "DT_STRING", std::nullopt},      {8, "DT_COMPLEX64", std::nullopt},       {9, "DT_INT64", ElementType::kI64},
    {10, "DT_BOOL", ElementType::kBool}, {11, "DT_QINT8", std::nullopt},          {12, "DT_QUINT8", std::nullopt},
    {13, "DT_QINT32", std::nullopt},     {14, "DT_BFLOAT16", ElementType::kBF16}, {17, "DT_UINT16", ElementType::kU16},
    {18, "DT_COMPLEX128", std::nullopt}, {19, "DT_HALF", ElementType::kF16},      {20, "DT_RESOURCE", std::nullopt},
    {21, "DT_VARIANT", std::nullopt},    {22, "DT_UINT32", ElementType::kU32},    {23, "DT_UINT64", ElementType::kU64},
};

// Last components of the names that TensorFlow 1 optimizers give to their slots.
constexpr std::string_view kSlots[] = {"Adam",     "Momentum", "RMSProp", "Adagrad", "AdagradDA",
                                       "Adadelta", "Ftrl",     "FtrlV2",  "AdaMax",  "Nadam",
                                       "LAMB",     "AdamW",    "adam_m",  "adam_v",  "ExponentialMovingAverage"};

// "Adam_1" -> "Adam".
std::string_view without_number(std::string_view name) {
  size_t digits = name.find_last_not_of("0123456789");
  if (digits != std::string_view::npos && digits + 1 < name.size() && name[digits] == '_')
    return name.substr(0, digits);
  return name;
}

bool has_component(std::string_view name, std::string_view component) {
  for (size_t at = 0; at <= name.size();) {
    size_t end = std::min(name.find('/', at), name.size());
    if (name.substr(at, end - at) == component) return true;
    at = end + 1;
  }
  return false;
}

std::string why_skipped(const WeightEntry& entry, const std::unordered_set<std::string_view>& names) {
  std::string_view name = entry.name;
  if (name == "_CHECKPOINTABLE_OBJECT_GRAPH") return "object graph";
  if (has_component(name, ".OPTIMIZER_SLOT")) return "optimizer slot";
  if (name.starts_with("optimizer/") || has_component(name, "loss_monitor")) return "training state";
  size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) {
    std::string_view last = without_number(name.substr(slash + 1));
    bool is_slot = std::find(std::begin(kSlots), std::end(kSlots), last) != std::end(kSlots);
    if (is_slot && names.contains(name.substr(0, slash))) return "optimizer slot";
  }
  if (entry.dims.empty()) return "scalar";
  return "";
}

}  // namespace

std::string tensorflow_type_name(int64_t code) {
  for (const TensorFlowType& row : kTypes) {
    if (row.code == code) return row.name;
  }
  return "DT_" + std::to_string(code);
}

std::optional<ElementType> tensorflow_element_type(int64_t code) {
  for (const TensorFlowType& row : kTypes) {
    if (row.code == code) return row.type;
  }
  return std::nullopt;
}

std::vector<int64_t> read_shape(std::string_view message, const std::string& what) {
  constexpr size_t kMaxRank = 32;
  std::vector<int64_t> dims;
  WireReader shape(message, what);
  while (auto field = shape.next()) {
    if (field->number == 3 && field->integer(what) != 0) refuse(what, ": its shape is unknown");
    if (field->number != 2) continue;
    if (dims.size() == kMaxRank) refuse(what, ": has more than ", kMaxRank, " dims");
    int64_t extent = 0;
    WireReader dim(field->contents(what), what);
    while (auto part = dim.next()) {
      if (part->number == 1) extent = part->integer(what);
    }
    dims.push_back(extent);
  }
  elements_of(dims, what);
  return dims;
}

bool is_whole_slice(std::string_view message, const std::vector<int64_t>& dims, const std::string& what) {
  WireReader slice(message, what);
  size_t axis = 0;
  while (auto field = slice.next()) {
    if (field->number != 1) continue;
    int64_t start = 0, length = -1;
    WireReader extent(field->contents(what), what);
    while (auto part = extent.next()) {
      if (part->number == 1) start = part->integer(what);
      if (part->number == 2) length = part->integer(what);
    }
    if (axis >= dims.size()) refuse(what, ": its slice has more dims than its shape ", dims_text(dims));
    if (start != 0 || (length != -1 && length != dims[axis])) return false;
    ++axis;
  }
  return true;
}

void check_version(std::string_view message, const std::string& what) {
  WireReader version(message, what);
  while (auto field = version.next()) {
    if (field->number == 2 && field->integer(what) > 1) {
      refuse(what, ": written for readers of version ", field->integer(what), ", this one reads version 1");
    }
  }
}

void mark_bookkeeping(std::vector<WeightEntry>& entries) {
  std::unordered_set<std::string_view> names;
  for (const WeightEntry& entry : entries) names.insert(entry.name);
  for (WeightEntry& entry : entries) {
    if (entry.skipped.empty()) entry.skipped = why_skipped(entry, names);
  }
}

}  // namespace rondo::importers
