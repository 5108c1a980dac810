#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "ir/dim.h"
#include "ir/polynomial.h"

namespace rondo::ir {
namespace {

int64_t saturate(__int128 value) {
  if (value > INT64_MAX) return INT64_MAX;
  if (value < INT64_MIN) return INT64_MIN;
  return static_cast<int64_t>(value);
}

int64_t saturating_add(int64_t a, int64_t b) { return saturate(__int128{a} + b); }
int64_t saturating_mul(int64_t a, int64_t b) { return saturate(__int128{a} * b); }

/// a / b rounded down or up; a divisor of 0 (no shape the network may run at) gives 0.
int64_t quotient(DimKind kind, int64_t a, int64_t b) {
  if (b == 0) return 0;
  const __int128 n = a;
  const __int128 d = b;
  const __int128 truncated = n / d;
  const bool inexact = n % d != 0;
  const bool negative = (a < 0) != (b < 0);
  if (kind == DimKind::kFloorDiv) return saturate(truncated - (inexact && negative ? 1 : 0));
  return saturate(truncated + (inexact && !negative ? 1 : 0));
}

Range add(const Range& a, const Range& b) {
  return {saturating_add(a.min, b.min), saturating_add(a.opt, b.opt), saturating_add(a.max, b.max)};
}

Range mul(const Range& a, const Range& b) {
  const int64_t corners[] = {saturating_mul(a.min, b.min), saturating_mul(a.min, b.max), saturating_mul(a.max, b.min),
                             saturating_mul(a.max, b.max)};
  const auto [low, high] = std::minmax_element(std::begin(corners), std::end(corners));
  return {*low, saturating_mul(a.opt, b.opt), *high};
}

Range divide(DimKind kind, const Range& a, const Range& b) {
  const int64_t opt = quotient(kind, a.opt, b.opt);
  int64_t low = INT64_MAX;
  int64_t high = INT64_MIN;
  // The quotient is monotone in each operand as long as the divisor keeps its sign; 0 is no divisor.
  const auto consider = [&](int64_t divisor) {
    for (const int64_t n : {a.min, a.max}) {
      low = std::min(low, quotient(kind, n, divisor));
      high = std::max(high, quotient(kind, n, divisor));
    }
  };
  if (b.max >= 1) {
    consider(std::max<int64_t>(b.min, 1));
    consider(b.max);
  }
  if (b.min <= -1) {
    consider(b.min);
    consider(std::min<int64_t>(b.max, -1));
  }
  if (low > high) return {0, 0, 0};
  return {low, std::clamp(opt, low, high), high};
}

/// Walks an expression once per node and joins its parts with interval arithmetic.
class RangeWalk {
 public:
  RangeWalk(const DimPool& pool, const std::vector<Range>& symbols, const std::map<uint32_t, Dim>& replaced)
      : pool_(pool), symbols_(symbols), replaced_(replaced) {}

  Range of(Dim dim) {
    for (auto it = replaced_.find(dim.id); it != replaced_.end(); it = replaced_.find(dim.id)) dim = it->second;
    if (const auto it = seen_.find(dim.id); it != seen_.end()) return it->second;
    const Range result = of_node(pool_.node(dim));
    seen_[dim.id] = result;
    return result;
  }

 private:
  Range of_node(const DimPool::Node& n) {
    switch (n.kind) {
      case DimKind::kConstant:
        return {n.value, n.value, n.value};
      case DimKind::kSymbol:
        return symbols_[n.value];
      case DimKind::kSum:
        return of_sum(n);
      case DimKind::kFloorDiv:
      case DimKind::kCeilDiv:
        return divide(n.kind, of(n.a), of(n.b));
      case DimKind::kMin: {
        const Range a = of(n.a), b = of(n.b);
        return {std::min(a.min, b.min), std::min(a.opt, b.opt), std::min(a.max, b.max)};
      }
      case DimKind::kMax: {
        const Range a = of(n.a), b = of(n.b);
        return {std::max(a.min, b.min), std::max(a.opt, b.opt), std::max(a.max, b.max)};
      }
    }
    return {};
  }

  Range of_sum(const DimPool::Node& n) {
    Range sum{n.value, n.value, n.value};
    for (const DimPool::Term& term : n.terms) {
      Range product{term.coefficient, term.coefficient, term.coefficient};
      for (Dim atom : term.atoms) product = mul(product, of(atom));
      sum = add(sum, product);
    }
    return sum;
  }

  const DimPool& pool_;
  const std::vector<Range>& symbols_;
  const std::map<uint32_t, Dim>& replaced_;
  std::unordered_map<uint32_t, Range> seen_;
};

class Evaluation {
 public:
  Evaluation(const DimPool& pool, std::span<const int64_t> symbols) : pool_(pool), symbols_(symbols) {}

  int64_t of(Dim dim) {
    if (const auto it = seen_.find(dim.id); it != seen_.end()) return it->second;
    const int64_t result = of_node(pool_.node(dim));
    seen_[dim.id] = result;
    return result;
  }

 private:
  int64_t of_node(const DimPool::Node& n) {
    switch (n.kind) {
      case DimKind::kConstant:
        return n.value;
      case DimKind::kSymbol:
        RONDO_CHECK(static_cast<size_t>(n.value) < symbols_.size(), "no value for symbol ", n.value);
        return symbols_[n.value];
      case DimKind::kSum:
        return of_sum(n);
      case DimKind::kMin:
        return std::min(of(n.a), of(n.b));
      case DimKind::kMax:
        return std::max(of(n.a), of(n.b));
      case DimKind::kFloorDiv:
      case DimKind::kCeilDiv:
        break;
    }
    const int64_t a = of(n.a);
    const int64_t b = of(n.b);
    if (b == 0) fail(Code::kInvalidArgument, "dimension '", pool_.to_string(n.b), "' is 0 and divides another");
    if (a == INT64_MIN && b == -1) fail(Code::kInvalidArgument, "dimension arithmetic: a quotient exceeds 64 bits");
    return quotient(n.kind, a, b);
  }

  int64_t of_sum(const DimPool::Node& n) {
    int64_t sum = n.value;
    for (const DimPool::Term& term : n.terms) {
      int64_t product = term.coefficient;
      for (Dim atom : term.atoms) product = mul_or_fail(product, of(atom), "dimension arithmetic");
      sum = add_or_fail(sum, product, "dimension arithmetic");
    }
    return sum;
  }

  const DimPool& pool_;
  std::span<const int64_t> symbols_;
  std::unordered_map<uint32_t, int64_t> seen_;
};

}  // namespace

Range DimPool::range(Dim dim) const { return RangeWalk(*this, ranges_, replaced_).of(dim); }

void DimPool::set_range(Dim symbol, Range range) {
  const Node& n = nodes_[symbol.id];
  RONDO_CHECK(n.kind == DimKind::kSymbol, "range of ", to_string(symbol));
  RONDO_CHECK(range.min <= range.opt && range.opt <= range.max, "range of ", to_string(symbol));
  ranges_[n.value] = range;
}

int64_t DimPool::evaluate(Dim dim, std::span<const int64_t> symbol_values) const {
  return Evaluation(*this, symbol_values).of(dim);
}

}  // namespace rondo::ir
