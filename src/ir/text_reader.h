#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bulk_memory.h"

namespace rondo::ir {

/// Reads tokens off graph text: spaces, line ends and // comments separate them. Every refusal is
/// Error(kInvalidArgument) "line N: …".
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  [[noreturn]] void refuse(const std::string& what) const { refuse_at(line(), what); }
  [[noreturn]] static void refuse_at(size_t line, const std::string& what);
  /// Number of the line that holds the next token.
  size_t line() const;

  bool at_end();
  char peek();  ///< first character of the next token, 0 at the end
  bool take(char c);
  void expect(char c);
  /// Takes the next token if it is exactly this name.
  bool take_name(std::string_view name);
  std::string_view name(const char* what);
  /// %name or %number, without the '%'.
  std::string_view value_name();
  std::string quoted_text(const char* what);
  int64_t integer(const char* what);
  int64_t integer_between(const char* what, int64_t low, int64_t high);
  /// Integer or real: true for a real. "1" is an integer, "1.0", "1e3", "nan" and "-inf" are reals.
  bool number(int64_t* integer, double* real);
  /// The comma-separated expressions of "[a, f(b, c)]", unparsed.
  std::vector<std::string_view> bracketed();
  /// Hex digits up to the first other token, spaces and line ends allowed between bytes if `lines`.
  Bytes hex(bool lines);

 private:
  void skip_space();
  std::string_view number_token() const;

  std::string_view text_;
  size_t at_ = 0;
  mutable size_t counted_to_ = 0;
  mutable size_t counted_lines_ = 1;
};

}  // namespace rondo::ir
