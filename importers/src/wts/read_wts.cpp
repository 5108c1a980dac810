// The four forms of `.wts`, told apart by their first record.
//
//   raw        name type (d0, d1) bytes\n
//   hex        name type size hex hex ... \n          the bit pattern of each element
//   plain hex  name size hex hex ...\n                always f32
//   dims       name type D d1 ... dD bytes\n
//
// Raw begins with a parenthesis after the type. The others may look alike for one record (a count may happen to fit
// twice), so each form that the first record allows is tried on the whole file, and the first that fits is the one.
#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "io/byte_cursor.h"
#include "io/file_bytes.h"
#include "wts/wts_types.h"

namespace rondo::importers {

namespace {

struct TypeCode {
  int code;
  ElementType type;
};

constexpr TypeCode kCodes[] = {{0, ElementType::kF32},  {1, ElementType::kF16},  {2, ElementType::kI8},
                               {3, ElementType::kI32},  {4, ElementType::kBool}, {5, ElementType::kU8},
                               {7, ElementType::kBF16}, {8, ElementType::kI64}};

// One record: what it says, and where its elements lie in the file (as bytes, or as hex words).
struct Record {
  WeightEntry entry;
  std::string_view payload;
};

std::optional<uint64_t> number(std::string_view word, int base) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// Takes the next word of a text, without the single space behind it.
std::string_view next_word(std::string_view& text) {
  size_t end = std::min(text.find(' '), text.size());
  std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 4096) return false;
  for (char c : name) {
    if (static_cast<uint8_t>(c) < 0x21 || c == 0x7f) return false;
  }
  return true;
}

// Reads the records of one file in one form.
class Parser {
 public:
  Parser(std::string_view text, WeightFormat form, const std::string& path, bool legacy_type0)
      : text_(text), form_(form), path_(path), legacy_type0_(legacy_type0) {}

  std::vector<Record> parse() {
    where_ = path_;
    uint64_t count = first_line();
    // The shortest record, "a 0 \n", has more than three bytes.
    if (count > text_.size() / 3 + 1) refuse(path_, ": says ", count, " records, it is too short for that");
    std::vector<Record> records;
    for (uint64_t i = 0; i < count; ++i) {
      where_ = path_ + ": record " + std::to_string(i);
      records.push_back(form_ == WeightFormat::kWtsHex || form_ == WeightFormat::kWtsPlainHex ? hex_record()
                                                                                              : raw_record());
    }
    if (text_.find_first_not_of(" \r\n") != std::string_view::npos)
      refuse(path_, ": goes on after its ", count, " records");
    return records;
  }

 private:
  std::string_view line() {
    size_t end = text_.find('\n');
    // Without its end of line the last number may be cut short.
    if (end == std::string_view::npos) refuse(where_, ": ends without an end of line, the file is cut");
    std::string_view found = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
    return found;
  }

  uint64_t first_line() {
    std::string_view found = line();
    while (!found.empty() && found.back() == ' ') found.remove_suffix(1);
    auto count = number(found, 10);
    if (!count) refuse(path_, ": the first line is no number of records");
    return *count;
  }

  ElementType type_of(std::string_view word) const {
    auto code = number(word, 10);
    auto type = code && *code < 1000 ? wts_type(static_cast<int64_t>(*code)) : std::nullopt;
    if (!type)
      refuse(where_, ": ", in_quotes(word),
             " is no type code (0 f32, 1 f16, 2 i8, 3 i32, 4 bool, 5 u8, 7 bf16, 8 i64)");
    return *type;
  }

  void check_name(std::string_view name) {
    if (!is_name(name)) refuse(where_, ": ", in_quotes(name), " is no name");
    where_ += " (" + in_quotes(name) + ")";
  }

  Record hex_record() {
    std::string_view words = line();
    Record record;
    WeightEntry& entry = record.entry;
    std::string_view name = next_word(words);
    check_name(name);
    entry.name = name;
    entry.stored_type = form_ == WeightFormat::kWtsHex ? next_word(words) : "f32";
    if (form_ == WeightFormat::kWtsHex) entry.type = type_of(entry.stored_type);
    auto size = number(next_word(words), 10);
    if (!size || *size > words.size()) refuse(where_, ": has no room for its elements");
    entry.dims = {static_cast<int64_t>(*size)};
    entry.bytes = static_cast<int64_t>(*size) * bytes_of(entry.type);
    record.payload = words;
    uint64_t there = 0;
    while (!words.empty()) there += !next_word(words).empty();
    if (there != *size) refuse(where_, ": says ", *size, " elements and has ", there);
    return record;
  }

  // Name, type and dims in front of raw bytes, taken off `text`; none if they are not there.
  std::optional<WeightEntry> raw_head(std::string_view& text) const {
    WeightEntry entry;
    std::string_view rest = text.substr(0, 8192);
    const size_t shown = rest.size();
    entry.name = next_word(rest);
    if (!is_name(entry.name)) return std::nullopt;
    entry.stored_type = next_word(rest);
    if (!number(entry.stored_type, 10)) return std::nullopt;
    bool is_sound = form_ == WeightFormat::kWtsRaw ? tuple(rest, entry.dims) : counted(rest, entry.dims);
    if (!is_sound) return std::nullopt;
    text.remove_prefix(shown - rest.size());
    return entry;
  }

  static bool tuple(std::string_view& rest, std::vector<int64_t>& dims) {
    size_t end = rest.find(')');
    if (rest.empty() || rest.front() != '(' || end == std::string_view::npos || end + 1 >= rest.size() ||
        rest[end + 1] != ' ')
      return false;
    std::string_view inner = rest.substr(1, end - 1);
    rest.remove_prefix(end + 2);
    while (!inner.empty()) {
      size_t comma = std::min(inner.find(','), inner.size());
      std::string_view word = inner.substr(0, comma);
      while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
      if (word.ends_with('L')) word.remove_suffix(1);  // Python 2 writes long integers so
      auto extent = number(word, 10);
      if (!extent || *extent >> 63) return false;
      dims.push_back(static_cast<int64_t>(*extent));
      inner.remove_prefix(std::min(comma + 1, inner.size()));
    }
    return true;
  }

  static bool counted(std::string_view& rest, std::vector<int64_t>& dims) {
    auto rank = number(next_word(rest), 10);
    if (!rank || *rank > 32) return false;
    for (uint64_t k = 0; k < *rank; ++k) {
      auto extent = number(next_word(rest), 10);
      if (!extent || *extent >> 63) return false;
      dims.push_back(static_cast<int64_t>(*extent));
    }
    return true;
  }

  Record raw_record() {
    auto entry = raw_head(text_);
    if (!entry) refuse(where_, ": has no name, type and dims");
    Record record{std::move(*entry), {}};
    check_name(record.entry.name);
    record.entry.type = type_of(record.entry.stored_type);
    auto count = static_cast<uint64_t>(elements_of(record.entry.dims, where_));
    if (legacy_type0_) record.entry.type = guess_type(count);
    uint64_t bytes = multiply_sizes(count, static_cast<uint64_t>(bytes_of(record.entry.type)), where_);
    if (bytes >= text_.size()) refuse(where_, ": its ", bytes, " bytes reach past the end of the file", hint());
    if (text_[static_cast<size_t>(bytes)] != '\n')
      refuse(where_, ": no end of line after its ", bytes, " bytes", hint());
    record.entry.bytes = static_cast<int64_t>(bytes);
    record.payload = text_.substr(0, static_cast<size_t>(bytes));
    text_.remove_prefix(static_cast<size_t>(bytes) + 1);
    return record;
  }

  const char* hint() const {
    return legacy_type0_
               ? ""
               : "; if dumpTFWts.py wrote it, its types are all 0: read it with the option for that (--legacy-type0)";
  }

  // The type of a record that says 0 whatever it is, from where the next record begins.
  ElementType guess_type(uint64_t count) const {
    for (ElementType type : {ElementType::kF32, ElementType::kF64, ElementType::kF16, ElementType::kI8}) {
      uint64_t bytes = multiply_sizes(count, static_cast<uint64_t>(bytes_of(type)), where_);
      if (bytes >= text_.size() || text_[static_cast<size_t>(bytes)] != '\n') continue;
      std::string_view rest = text_.substr(static_cast<size_t>(bytes) + 1);
      if (rest.empty() || raw_head(rest)) return type;
    }
    refuse(where_, ": no size of element makes the next record begin where one does");
  }

  std::string_view text_;
  WeightFormat form_;
  const std::string& path_;
  bool legacy_type0_;
  std::string where_;
};

// The forms that the first record may be in.
std::vector<WeightFormat> possible_forms(std::string_view text) {
  size_t start = text.find('\n');
  if (start == std::string_view::npos) return {WeightFormat::kWtsRaw};
  std::string_view line = text.substr(start + 1);
  line = line.substr(0, std::min(line.find('\n'), line.size()));
  std::vector<std::string_view> words;
  uint64_t count = 0;
  for (std::string_view rest = line; !rest.empty();) {
    std::string_view word = next_word(rest);
    if (word.empty() || word == "\r") continue;
    ++count;
    if (words.size() < 3) words.push_back(word);
  }
  std::vector<WeightFormat> forms;
  if (words.size() < 2) return {WeightFormat::kWtsRaw};
  if (words.size() > 2 && words[2].front() == '(') return {WeightFormat::kWtsRaw};
  auto second = number(words[1], 10), third = words.size() > 2 ? number(words[2], 10) : std::nullopt;
  if (third && count == 3 + *third) forms.push_back(WeightFormat::kWtsHex);
  if (second && count == 2 + *second) forms.push_back(WeightFormat::kWtsPlainHex);
  forms.push_back(WeightFormat::kWtsDims);
  return forms;
}

class WtsFile : public WeightFile {
 public:
  WtsFile(const std::string& path, const ReadOptions& options) : path_(path) {
    FileBytes file(path);
    text_ = file.read(0, file.size(), "its text");
    std::vector<WeightFormat> forms = possible_forms(text_);
    std::optional<ImportError> first_error;
    for (WeightFormat form : forms) {
      try {
        take(Parser(text_, form, path_, options.legacy_type0).parse());
        form_ = form;
        return;
      } catch (const ImportError& error) {
        if (!first_error) first_error = error;
      }
    }
    throw *first_error;
  }

  WeightFormat format() const override { return form_; }
  const std::vector<WeightEntry>& entries() const override { return entries_; }
  void verify(size_t i) const override { read(i); }

  Tensor read(size_t i) const override {
    const WeightEntry& entry = entries_.at(i);
    Tensor tensor{entry.type, entry.dims, {}};
    if (form_ == WeightFormat::kWtsRaw || form_ == WeightFormat::kWtsDims) {
      tensor.bytes.assign(payloads_[i].begin(), payloads_[i].end());
    } else {
      tensor.bytes = hex_elements(i);
    }
    return tensor;
  }

 private:
  void take(std::vector<Record> records) {
    std::unordered_set<std::string> names;
    entries_.clear();
    payloads_.clear();
    for (Record& record : records) {
      if (!names.insert(record.entry.name).second)
        refuse(path_, ": tensor ", in_quotes(record.entry.name), " is there twice");
      entries_.push_back(std::move(record.entry));
      payloads_.push_back(record.payload);
    }
  }

  std::vector<uint8_t> hex_elements(size_t i) const {
    const WeightEntry& entry = entries_[i];
    const int64_t width = bytes_of(entry.type);
    std::vector<uint8_t> bytes;
    bytes.reserve(static_cast<size_t>(entry.bytes));
    for (std::string_view rest = payloads_[i]; !rest.empty();) {
      std::string_view word = next_word(rest);
      if (word.empty()) continue;
      auto bits = number(word, 16);
      if (!bits || (width < 8 && *bits >> (8 * width))) {
        refuse(path_, ": tensor ", in_quotes(entry.name), ": ", in_quotes(word), " is no ", width,
               "-byte hexadecimal number");
      }
      for (int64_t k = 0; k < width; ++k) bytes.push_back(static_cast<uint8_t>(*bits >> (8 * k)));
    }
    return bytes;
  }

  std::string path_;
  std::string text_;  // of the whole file; the payloads point into it
  WeightFormat form_ = WeightFormat::kWtsRaw;
  std::vector<WeightEntry> entries_;
  std::vector<std::string_view> payloads_;
};

}  // namespace

std::optional<int> wts_code(ElementType type) {
  for (const TypeCode& row : kCodes) {
    if (row.type == type) return row.code;
  }
  return std::nullopt;
}

std::optional<ElementType> wts_type(int64_t code) {
  for (const TypeCode& row : kCodes) {
    if (row.code == code) return row.type;
  }
  return std::nullopt;
}

bool looks_like_wts(const std::string& first_bytes) {
  size_t digits = first_bytes.find_first_not_of("0123456789");
  if (digits == 0) return false;
  return digits == std::string::npos || first_bytes[digits] == '\n' || first_bytes[digits] == '\r' ||
         first_bytes[digits] == ' ';
}

std::unique_ptr<WeightFile> open_wts(const std::string& path, const ReadOptions& options) {
  return std::make_unique<WtsFile>(path, options);
}

}  // namespace rondo::importers
