#include "ir/text_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/error.h"
#include "ir/quoted.h"

namespace rondo::ir {

void TextReader::refuse_at(size_t line, const std::string& what) {
  fail(Code::kInvalidArgument, "line ", line, ": ", what);
}

size_t TextReader::line() const {
  counted_lines_ += static_cast<size_t>(std::count(text_.begin() + counted_to_, text_.begin() + at_, '\n'));
  counted_to_ = at_;
  return counted_lines_;
}

void TextReader::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

bool TextReader::at_end() {
  skip_space();
  return at_ == text_.size();
}

char TextReader::peek() { return at_end() ? '\0' : text_[at_]; }

bool TextReader::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void TextReader::expect(char c) {
  if (!take(c)) refuse(text("'", c, "' expected"));
}

bool TextReader::take_name(std::string_view name) {
  skip_space();
  const std::string_view rest = text_.substr(at_);
  if (plain_name_length(rest) != name.size() || rest.substr(0, name.size()) != name) return false;
  at_ += name.size();
  return true;
}

std::string_view TextReader::name(const char* what) {
  skip_space();
  const size_t length = plain_name_length(text_.substr(at_));
  if (length == 0) refuse(text(what, " expected"));
  const std::string_view result = text_.substr(at_, length);
  at_ += length;
  return result;
}

std::string_view TextReader::value_name() {
  if (!take('%')) refuse("a value (%name) expected");
  const size_t begin = at_;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  if (at_ == begin) at_ += plain_name_length(text_.substr(at_));
  if (at_ == begin) refuse("a value's name or number expected after '%'");
  return text_.substr(begin, at_ - begin);
}

std::string TextReader::quoted_text(const char* what) {
  if (peek() != '"') refuse(text(what, " in quotes expected"));
  std::string result;
  const size_t length = parse_quoted(text_.substr(at_), &result);
  if (length == 0) refuse(text("malformed quoted text (", what, ")"));
  at_ += length;
  return result;
}

std::string_view TextReader::number_token() const {
  size_t end = at_;
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '+' || c == '-';
  };
  while (end < text_.size() && is_part(text_[end])) ++end;
  return text_.substr(at_, end - at_);
}

int64_t TextReader::integer(const char* what) {
  skip_space();
  int64_t value = 0;
  const std::string_view token = number_token();
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (token.empty() || error != std::errc() || end != token.data() + token.size()) {
    refuse(text(what, ": a 64-bit integer expected"));
  }
  at_ += token.size();
  return value;
}

int64_t TextReader::integer_between(const char* what, int64_t low, int64_t high) {
  const int64_t value = integer(what);
  if (value < low || value > high) refuse(text(what, " is ", value, ", outside [", low, ", ", high, "]"));
  return value;
}

bool TextReader::number(int64_t* integer, double* real) {
  skip_space();
  const std::string_view token = number_token();
  const char* end = token.data() + token.size();
  if (token == "nan") {
    *real = std::numeric_limits<double>::quiet_NaN();
    at_ += token.size();
    return true;
  }
  if (const auto parsed = std::from_chars(token.data(), end, *integer); parsed.ptr == end && parsed.ec == std::errc()) {
    at_ += token.size();
    return false;
  }
  const auto parsed = std::from_chars(token.data(), end, *real);
  const bool is_real = token.find_first_of(".e") != std::string_view::npos || token == "inf" || token == "-inf";
  if (token.empty() || !is_real || parsed.ptr != end || parsed.ec != std::errc()) {
    refuse("a number expected: a 64-bit integer or a real");
  }
  at_ += token.size();
  return true;
}

std::vector<std::string_view> TextReader::bracketed() {
  expect('[');
  std::vector<std::string_view> result;
  size_t begin = at_;
  size_t depth = 0;
  const auto finish = [&] {
    const std::string_view part = text_.substr(begin, at_ - begin);
    const size_t first = part.find_first_not_of(" \t\r\n");
    result.push_back(first == std::string_view::npos ? std::string_view() : part.substr(first));
    begin = at_ + 1;
  };
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      std::string ignored;
      const size_t length = parse_quoted(text_.substr(at_), &ignored);
      if (length == 0) refuse("malformed quoted name");
      at_ += length - 1;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (c == ',' && depth == 0) {
      finish();
    } else if (c == ']') {
      finish();
      ++at_;
      if (result.size() == 1 && result[0].empty()) result.clear();
      return result;
    }
  }
  refuse("']' is missing");
}

Bytes TextReader::hex(bool lines) {
  Bytes result;
  while (true) {
    if (lines) skip_space();
    if (at_ == text_.size() || hex_digit(text_[at_]) < 0) return result;
    if (at_ + 1 == text_.size() || hex_digit(text_[at_ + 1]) < 0) refuse("hex data has an odd number of digits");
    result.push_back(static_cast<uint8_t>(hex_digit(text_[at_]) * 16 + hex_digit(text_[at_ + 1])));
    at_ += 2;
  }
}

}  // namespace rondo::ir
