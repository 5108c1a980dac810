// npy: "\x93NUMPY", version, length of the header, a Python dictionary as text, the elements.
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//
// The dictionary is read as just that: these three keys, a string, a boolean and a tuple of integers. It is never
// evaluated. Source: numpy.lib.format
#include "npz/npy.h"

#include <algorithm>
#include <charconv>

#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

struct TypeWord {
  std::string_view word;  // without byte order
  ElementType type;
};

constexpr TypeWord kTypes[] = {
    {"f2", ElementType::kF16}, {"f4", ElementType::kF32}, {"f8", ElementType::kF64}, {"i1", ElementType::kI8},
    {"i2", ElementType::kI16}, {"i4", ElementType::kI32}, {"i8", ElementType::kI64}, {"u1", ElementType::kU8},
    {"u2", ElementType::kU16}, {"u4", ElementType::kU32}, {"u8", ElementType::kU64}, {"b1", ElementType::kBool},
};

// The dictionary's tokens, one after the other.
class Dictionary {
 public:
  Dictionary(std::string_view text, const std::string& what) : text_(text), what_(what) {}

  bool accept(char c) {
    skip_space();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) refuse(what_, ": its npy header is damaged, '", std::string(1, c), "' expected");
  }

  std::string_view quoted_word() {
    skip_space();
    char mark = text_.empty() ? '\0' : text_.front();
    size_t end = mark == '\'' || mark == '"' ? text_.find(mark, 1) : std::string_view::npos;
    if (end == std::string_view::npos) refuse(what_, ": its npy header is damaged, or its elements are structures");
    std::string_view word = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return word;
  }

  bool boolean() {
    skip_space();
    for (std::string_view word : {"True", "False"}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    refuse(what_, ": its npy header is damaged, True or False expected");
  }

  std::vector<int64_t> tuple() {
    constexpr size_t kMaxRank = 64;
    std::vector<int64_t> values;
    expect('(');
    while (!accept(')')) {
      int64_t value = 0;
      skip_space();
      auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
      if (error != std::errc() || value < 0 || values.size() == kMaxRank) refuse(what_, ": its shape is damaged");
      text_.remove_prefix(static_cast<size_t>(end - text_.data()));
      accept('L');
      values.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  void end() {
    skip_space();
    if (!text_.empty()) refuse(what_, ": its npy header goes on after the dictionary");
  }

 private:
  void skip_space() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n')) text_.remove_prefix(1);
  }

  std::string_view text_;
  const std::string& what_;
};

void set_type(std::string_view descr, NpyHeader& header, const std::string& what) {
  header.stored_type = descr;
  char order = descr.empty() ? '\0' : descr.front();
  if (order == '<' || order == '>' || order == '|' || order == '=') descr.remove_prefix(1);
  header.is_big_endian = order == '>';
  for (const TypeWord& row : kTypes) {
    if (row.word == descr) {
      header.type = row.type;
      return;
    }
  }
  refuse(what, ": elements of type ", in_quotes(header.stored_type),
         " are not supported (f2 f4 f8, i1 to i8, u1 to u8, b1 are)");
}

void read_dictionary(std::string_view text, NpyHeader& header, const std::string& what) {
  Dictionary dictionary(text, what);
  bool has_descr = false, has_order = false, has_shape = false;
  dictionary.expect('{');
  while (!dictionary.accept('}')) {
    std::string_view key = dictionary.quoted_word();
    dictionary.expect(':');
    if (key == "descr" && !has_descr) {
      set_type(dictionary.quoted_word(), header, what);
      has_descr = true;
    } else if (key == "fortran_order" && !has_order) {
      header.is_fortran = dictionary.boolean();
      has_order = true;
    } else if (key == "shape" && !has_shape) {
      header.dims = dictionary.tuple();
      has_shape = true;
    } else {
      refuse(what, ": its npy header has the unknown or repeated key ", in_quotes(key));
    }
    if (!dictionary.accept(',')) {
      dictionary.expect('}');
      break;
    }
  }
  dictionary.end();
  if (!has_descr || !has_order || !has_shape) refuse(what, ": its npy header lacks descr, fortran_order or shape");
}

// Column-major to row-major: walks the result in order and steps through the source by its strides.
std::vector<uint8_t> row_major(std::string_view source, const std::vector<int64_t>& dims, size_t width) {
  std::vector<uint8_t> out(source.size());
  std::vector<size_t> index(dims.size(), 0), stride(dims.size(), width);
  for (size_t axis = 1; axis < dims.size(); ++axis)
    stride[axis] = stride[axis - 1] * static_cast<size_t>(dims[axis - 1]);
  size_t from = 0;
  for (size_t at = 0; at < out.size(); at += width) {
    std::copy_n(source.data() + from, width, out.data() + at);
    for (size_t axis = dims.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < static_cast<size_t>(dims[axis])) break;
      from -= stride[axis] * static_cast<size_t>(dims[axis]);
      index[axis] = 0;
    }
  }
  return out;
}

}  // namespace

NpyHeader read_npy_header(std::string_view bytes, const std::string& what) {
  constexpr std::string_view kMagic("\x93NUMPY", 6);
  ByteCursor cursor(bytes, what);
  if (bytes.size() < kMagic.size() || cursor.take(kMagic.size()) != kMagic) refuse(what, ": is no npy array");
  int version = cursor.u8();
  cursor.u8();
  if (version < 1 || version > 3) refuse(what, ": is an npy array of version ", version, ", 1 to 3 are supported");
  uint32_t length = version == 1 ? cursor.u16() : cursor.u32();
  std::string_view text = cursor.take(length);
  NpyHeader header;
  read_dictionary(text, header, what);
  header.data = cursor.position();
  header.bytes = multiply_sizes(static_cast<uint64_t>(elements_of(header.dims, what)),
                                static_cast<uint64_t>(bytes_of(header.type)), what);
  return header;
}

Tensor read_npy(std::string_view bytes, const std::string& what) {
  NpyHeader header = read_npy_header(bytes, what);
  std::string_view data = bytes.substr(header.data);
  if (data.size() != header.bytes) {
    refuse(what, ": shape ", dims_text(header.dims), " of ", name_of(header.type), " is ", header.bytes, " bytes, ",
           data.size(), " are there");
  }
  Tensor tensor{header.type, header.dims, {}};
  auto width = static_cast<size_t>(bytes_of(header.type));
  if (header.is_fortran && header.dims.size() > 1) {
    tensor.bytes = row_major(data, header.dims, width);
  } else {
    tensor.bytes.assign(data.begin(), data.end());
  }
  if (header.is_big_endian) {
    for (auto at = tensor.bytes.begin(); at != tensor.bytes.end(); at += static_cast<ptrdiff_t>(width)) {
      std::reverse(at, at + static_cast<ptrdiff_t>(width));
    }
  }
  return tensor;
}

}  // namespace rondo::importers
