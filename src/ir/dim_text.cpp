// Text of symbolic integers. Terms are ordered by falling degree, then by spelling, not by node id: a pool filled in
// another order prints the same text.
#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "ir/dim.h"
#include "ir/quoted.h"

namespace rondo::ir {
namespace {

constexpr int kMaxDimDepth = 64;

struct FunctionName {
  const char* name;
  DimKind kind;
};
constexpr FunctionName kFunctions[] = {
    {"floordiv", DimKind::kFloorDiv}, {"ceildiv", DimKind::kCeilDiv}, {"min", DimKind::kMin}, {"max", DimKind::kMax}};

const char* function_name(DimKind kind) {
  for (const FunctionName& f : kFunctions) {
    if (f.kind == kind) return f.name;
  }
  return "";
}

std::string symbol_text(const std::string& name) {
  const bool reserved =
      std::any_of(std::begin(kFunctions), std::end(kFunctions), [&](const auto& f) { return name == f.name; });
  return is_plain_name(name) && !reserved ? name : quoted(name);
}

std::string term_text(const DimPool& pool, const DimPool::Term& term) {
  std::vector<std::string> atoms;
  for (Dim atom : term.atoms) atoms.push_back(pool.to_string(atom));
  std::sort(atoms.begin(), atoms.end());
  std::string result;
  for (const std::string& atom : atoms) result += (result.empty() ? "" : "*") + atom;
  return result;
}

struct PrintedTerm {
  size_t degree;
  std::string atoms;
  int64_t coefficient;
};

std::string sum_text(const DimPool& pool, const DimPool::Node& n) {
  std::vector<PrintedTerm> terms;
  for (const DimPool::Term& term : n.terms)
    terms.push_back({term.atoms.size(), term_text(pool, term), term.coefficient});
  std::sort(terms.begin(), terms.end(), [](const PrintedTerm& a, const PrintedTerm& b) {
    return a.degree != b.degree ? a.degree > b.degree : a.atoms < b.atoms;
  });
  if (n.value != 0) terms.push_back({0, "", n.value});
  std::string result;
  for (const PrintedTerm& term : terms) {
    const bool negative = term.coefficient < 0;
    std::string magnitude = std::to_string(term.coefficient).substr(negative ? 1 : 0);
    if (!term.atoms.empty()) magnitude = magnitude == "1" ? term.atoms : magnitude + "*" + term.atoms;
    result += result.empty() ? (negative ? "-" : "") : (negative ? " - " : " + ");
    result += magnitude;
  }
  return result;
}

void collect_operands(const DimPool& pool, DimKind kind, Dim dim, std::vector<std::string>* out) {
  const DimPool::Node& n = pool.node(dim);
  if (n.kind != kind) {
    out->push_back(pool.to_string(dim));
    return;
  }
  collect_operands(pool, kind, n.a, out);
  collect_operands(pool, kind, n.b, out);
}

std::string function_text(const DimPool& pool, Dim dim) {
  const DimPool::Node& n = pool.node(dim);
  std::vector<std::string> operands;
  if (n.kind == DimKind::kMin || n.kind == DimKind::kMax) {
    collect_operands(pool, n.kind, dim, &operands);
    std::sort(operands.begin(), operands.end());
  } else {
    operands = {pool.to_string(n.a), pool.to_string(n.b)};
  }
  std::string result;
  for (const std::string& operand : operands) result += (result.empty() ? "" : ", ") + operand;
  return function_name(n.kind) + ("(" + result + ")");
}

/// Recursive descent over
///   sum := ['-'] product {('+' | '-') product}    product := factor {'*' factor}
///   factor := integer | name | "quoted name" | function '(' sum {',' sum} ')' | '(' sum ')'
class DimParser {
 public:
  DimParser(DimPool& pool, std::string_view text, const std::map<std::string, uint32_t, std::less<>>& symbols)
      : pool_(pool), text_(text), symbols_(symbols) {}

  Dim parse() {
    const Dim result = sum();
    skip_space();
    if (at_ != text_.size()) refuse("unexpected text");
    return result;
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    fail(Code::kInvalidArgument, "dimension '", text_.substr(0, 200), "': ", what, " at character ", at_ + 1);
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c, const char* what) {
    if (!take(c)) refuse(what);
  }

  Dim sum() {
    if (++depth_ > kMaxDimDepth) refuse("nested too deep");
    const bool negative = take('-');
    Dim result = product(negative);
    while (true) {
      if (take('+')) {
        result = pool_.add(result, product(false));
      } else if (take('-')) {
        result = pool_.add(result, product(true));
      } else {
        break;
      }
    }
    --depth_;
    return result;
  }

  Dim product(bool negative) {
    skip_space();
    Dim result;
    if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      result = number(negative);
    } else {
      result = factor();
      if (negative) result = pool_.mul(pool_.constant(-1), result);
    }
    while (take('*')) result = pool_.mul(result, factor());
    return result;
  }

  // The sign is read with the digits, so that the smallest 64-bit number has a text.
  Dim number(bool negative) {
    uint64_t magnitude = 0;
    const char* end = text_.data() + text_.size();
    const auto [next, error] = std::from_chars(text_.data() + at_, end, magnitude);
    const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
    if (error != std::errc() || magnitude > limit) refuse("the number exceeds 64 bits");
    at_ = static_cast<size_t>(next - text_.data());
    return pool_.constant(static_cast<int64_t>(negative ? 0 - magnitude : magnitude));
  }

  Dim factor() {
    skip_space();
    if (at_ == text_.size()) refuse("an operand is missing");
    const char c = text_[at_];
    if (c >= '0' && c <= '9') return number(false);
    if (take('(')) {
      const Dim result = sum();
      expect(')', "')' is missing");
      return result;
    }
    if (c == '"') {
      std::string name;
      const size_t length = parse_quoted(text_.substr(at_), &name);
      if (length == 0) refuse("malformed quoted name");
      at_ += length;
      return symbol(name);
    }
    const size_t length = plain_name_length(text_.substr(at_));
    if (length == 0) refuse("an operand is missing");
    const std::string_view name = text_.substr(at_, length);
    at_ += length;
    for (const FunctionName& f : kFunctions) {
      if (name == f.name) return call(f.kind);
    }
    return symbol(name);
  }

  Dim call(DimKind kind) {
    expect('(', "'(' is missing");
    Dim result = sum();
    expect(',', "',' is missing");
    do {
      const Dim next = sum();
      switch (kind) {
        case DimKind::kFloorDiv:
          result = pool_.floor_div(result, next);
          break;
        case DimKind::kCeilDiv:
          result = pool_.ceil_div(result, next);
          break;
        case DimKind::kMin:
          result = pool_.min(result, next);
          break;
        default:
          result = pool_.max(result, next);
          break;
      }
    } while ((kind == DimKind::kMin || kind == DimKind::kMax) && take(','));
    expect(')', "')' is missing");
    return result;
  }

  Dim symbol(std::string_view name) {
    const auto it = symbols_.find(name);
    if (it == symbols_.end()) refuse("no such symbol");
    return pool_.symbol_dim(it->second);
  }

  DimPool& pool_;
  std::string_view text_;
  const std::map<std::string, uint32_t, std::less<>>& symbols_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string DimPool::to_string(Dim dim) const {
  const Node& n = nodes_[dim.id];
  switch (n.kind) {
    case DimKind::kConstant:
      return std::to_string(n.value);
    case DimKind::kSymbol:
      return symbol_text(symbols_[n.value].name);
    case DimKind::kSum:
      return sum_text(*this, n);
    case DimKind::kFloorDiv:
    case DimKind::kCeilDiv:
    case DimKind::kMin:
    case DimKind::kMax:
      break;
  }
  return function_text(*this, dim);
}

Dim DimPool::parse(std::string_view text) { return DimParser(*this, text, symbol_index_).parse(); }

}  // namespace rondo::ir
