#include <algorithm>
#include <charconv>

#include "io/byte_cursor.h"
#include "rondo/importers/write_weights.h"
#include "wts/wts_types.h"

namespace rondo::importers {

namespace {

std::string wts_name(const std::string& name) {
  std::string out = name;
  std::replace(out.begin(), out.end(), '/', '_');
  bool is_sound = !out.empty() && std::none_of(out.begin(), out.end(),
                                               [](char c) { return static_cast<uint8_t>(c) < 0x21 || c == 0x7f; });
  if (!is_sound) refuse("tensor ", in_quotes(name), ": a name in .wts has neither spaces nor control characters");
  return out;
}

std::string tuple_text(const std::vector<int64_t>& dims) {
  std::string out = "(";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? ", " : "") + std::to_string(dims[i]);
  return out + (dims.size() == 1 ? ",)" : ")");
}

void append_hex(const Tensor& tensor, std::string& out) {
  auto width = static_cast<size_t>(bytes_of(tensor.type));
  for (size_t at = 0; at < tensor.bytes.size(); at += width) {
    uint64_t bits = 0;
    for (size_t k = width; k-- > 0;) bits = bits << 8 | tensor.bytes[at + k];
    char word[24];
    out.append(word, std::to_chars(word, word + sizeof word, bits, 16).ptr);
    out += ' ';
  }
}

std::string type_text(const std::string& name, const Tensor& tensor, const WtsOptions& options) {
  if (options.legacy_type0) return "0";
  auto code = wts_code(tensor.type);
  if (!code)
    refuse("tensor ", in_quotes(name), ": .wts has no code for ", name_of(tensor.type),
           "; convert it to f32, or write safetensors");
  return std::to_string(*code);
}

void append_record(const std::string& name, const Tensor& tensor, const WtsOptions& options, std::string& out) {
  const bool is_plain = options.form == WeightFormat::kWtsPlainHex;
  if (is_plain && tensor.type != ElementType::kF32) {
    refuse("tensor ", in_quotes(name), ": is ", name_of(tensor.type), "; a .wts without types holds f32 only");
  }
  out += name + ' ';
  if (!is_plain) out += type_text(name, tensor, options) + ' ';
  switch (options.form) {
    case WeightFormat::kWtsRaw:
      out += tuple_text(tensor.dims) + ' ';
      break;
    case WeightFormat::kWtsDims:
      out += std::to_string(tensor.dims.size()) + ' ';
      for (int64_t dim : tensor.dims) out += std::to_string(dim) + ' ';
      break;
    default:
      out += std::to_string(tensor.elements()) + ' ';
      append_hex(tensor, out);
      if (is_plain) out.pop_back();
      out += '\n';
      return;
  }
  out.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  out += '\n';
}

}  // namespace

std::string wts_bytes(const WeightMap& weights, const WtsOptions& options) {
  const bool is_hex = options.form == WeightFormat::kWtsHex || options.form == WeightFormat::kWtsPlainHex;
  if (!is_hex && options.form != WeightFormat::kWtsRaw && options.form != WeightFormat::kWtsDims) {
    refuse(name_of(options.form), " is no form of .wts");
  }
  if (is_hex && options.legacy_type0)
    refuse("legacy type 0 is for the raw forms of .wts: in hex the type tells how to read");
  std::vector<std::pair<std::string, const Tensor*>> records;
  for (const auto& [name, tensor] : weights) records.emplace_back(wts_name(name), &tensor);
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out = std::to_string(records.size()) + '\n';
  for (size_t i = 0; i < records.size(); ++i) {
    const auto& [name, tensor] = records[i];
    if (i > 0 && name == records[i - 1].first) refuse("two tensors would both be called ", in_quotes(name), " in .wts");
    append_record(name, *tensor, options, out);
  }
  return out;
}

}  // namespace rondo::importers
