// Symbolic integers in normal form. A value is a polynomial with integer coefficients over atoms; an atom is a symbol
// or a floor/ceil quotient, minimum or maximum that does not simplify. Every operation goes to polynomials, computes
// there and interns the result, so that x*2 + x and 3*x become one node and equality is equality of ids. Quotients by a
// constant are split as floor((d*q + r)/d) = q + floor(r/d) with every coefficient of r in [0, d), and ceil(a/d) is
// floor((a + d - 1)/d): two ways to write one padded extent then meet in one form. Ranges of profiles never take part:
// a normal form holds for all shapes.
#include "ir/dim.h"

#include <algorithm>
#include <numeric>

#include "base/checked.h"
#include "base/error.h"
#include "base/hash.h"
#include "ir/polynomial.h"

namespace rondo::ir {
namespace {

constexpr size_t kMaxFlattened = 64;  // operands of one nested min/max that are ordered among each other

uint64_t hash_node(const DimPool::Node& node) {
  uint64_t h = hash_combine(static_cast<uint64_t>(node.kind), static_cast<uint64_t>(node.value));
  h = hash_combine(h, (uint64_t{node.a.id} << 32) | node.b.id);
  for (const DimPool::Term& term : node.terms) {
    h = hash_combine(h, static_cast<uint64_t>(term.coefficient));
    for (Dim atom : term.atoms) h = hash_combine(h, atom.id);
  }
  return h;
}

const Polynomial& require(const std::optional<Polynomial>& result, const char* operation) {
  if (!result) {
    fail(Code::kInvalidArgument, "dimension arithmetic: a ", operation, " exceeds 64 bits or ", kMaxPolynomialTerms,
         " terms");
  }
  return *result;
}

}  // namespace

DimPool::DimPool() { intern(Node{}); }

Dim DimPool::intern(Node node) {
  const uint64_t hash = hash_node(node);
  const auto [begin, end] = index_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (nodes_[it->second] == node) return Dim{it->second};
  }
  const Dim dim{static_cast<uint32_t>(nodes_.size())};
  nonnegative_.push_back(node_nonnegative(node));
  data_.push_back(node_mentions_data(node));
  nodes_.push_back(std::move(node));
  index_.emplace(hash, dim.id);
  return dim;
}

Polynomial DimPool::polynomial(Dim dim) const {
  const Node& n = nodes_[dim.id];
  if (n.kind == DimKind::kConstant || n.kind == DimKind::kSum) return {n.value, n.terms};
  return {0, {Term{1, {dim}}}};
}

Dim DimPool::normal(const Polynomial& p) {
  if (p.terms.empty()) return constant(p.constant);
  const Term& first = p.terms.front();
  if (p.constant == 0 && p.terms.size() == 1 && first.coefficient == 1 && first.atoms.size() == 1)
    return first.atoms[0];
  return intern(Node{DimKind::kSum, p.constant, p.terms, {}, {}});
}

bool DimPool::nonnegative(const Polynomial& p) const {
  if (p.constant < 0) return false;
  return std::all_of(p.terms.begin(), p.terms.end(), [&](const Term& term) {
    return term.coefficient >= 0 &&
           std::all_of(term.atoms.begin(), term.atoms.end(), [&](Dim atom) { return nonnegative_[atom.id] != 0; });
  });
}

bool DimPool::node_nonnegative(const Node& node) const {
  switch (node.kind) {
    case DimKind::kConstant:
    case DimKind::kSum:
      return nonnegative(Polynomial{node.value, node.terms});
    case DimKind::kSymbol:
      return symbols_[node.value].source == SymbolSource::kInputDim;
    case DimKind::kMax:
      return nonnegative_[node.a.id] || nonnegative_[node.b.id];
    case DimKind::kFloorDiv:
    case DimKind::kCeilDiv:
    case DimKind::kMin:
      return nonnegative_[node.a.id] && nonnegative_[node.b.id];
  }
  return false;
}

bool DimPool::node_mentions_data(const Node& node) const {
  if (node.kind == DimKind::kConstant) return false;
  if (node.kind == DimKind::kSymbol) return symbols_[node.value].source == SymbolSource::kData;
  if (node.kind != DimKind::kSum) return mentions_data(node.a) || mentions_data(node.b);
  return std::any_of(node.terms.begin(), node.terms.end(), [&](const Term& term) {
    return std::any_of(term.atoms.begin(), term.atoms.end(), [&](Dim atom) { return mentions_data(atom); });
  });
}

Dim DimPool::constant(int64_t value) { return intern(Node{DimKind::kConstant, value, {}, {}, {}}); }

Dim DimPool::symbol(const Symbol& symbol) {
  if (symbol.name.empty()) fail(Code::kInvalidArgument, "a symbolic dimension needs a name");
  const auto index = static_cast<uint32_t>(symbols_.size());
  if (!symbol_index_.emplace(symbol.name, index).second) {
    fail(Code::kInvalidArgument, "symbolic dimension '", symbol.name, "' exists already; names are unique");
  }
  symbols_.push_back(symbol);
  ranges_.push_back(Range{0, 1, INT32_MAX});
  symbol_dims_.push_back(intern(Node{DimKind::kSymbol, index, {}, {}, {}}));
  return symbol_dims_.back();
}

Dim DimPool::combine(Dim a, Dim b, int64_t factor) {
  return normal(require(ir::combine(polynomial(a), polynomial(b), factor), "sum"));
}

Dim DimPool::multiply(Dim a, Dim b) { return normal(require(ir::multiply(polynomial(a), polynomial(b)), "product")); }

Dim DimPool::add(Dim a, Dim b) { return combine(resolve(a), resolve(b), 1); }
Dim DimPool::sub(Dim a, Dim b) { return combine(resolve(a), resolve(b), -1); }
Dim DimPool::mul(Dim a, Dim b) { return multiply(resolve(a), resolve(b)); }
Dim DimPool::floor_div(Dim a, Dim b) { return resolve(divide(DimKind::kFloorDiv, resolve(a), resolve(b))); }
Dim DimPool::ceil_div(Dim a, Dim b) { return resolve(divide(DimKind::kCeilDiv, resolve(a), resolve(b))); }
Dim DimPool::min(Dim a, Dim b) { return resolve(extremum(DimKind::kMin, resolve(a), resolve(b))); }
Dim DimPool::max(Dim a, Dim b) { return resolve(extremum(DimKind::kMax, resolve(a), resolve(b))); }

Dim DimPool::product(std::span<const Dim> dims) {
  Dim result = constant(1);
  for (Dim d : dims) result = mul(result, d);
  return result;
}

Dim DimPool::divide(DimKind kind, Dim a, Dim b) {
  if (nodes_[b.id].kind == DimKind::kConstant) {
    int64_t divisor = nodes_[b.id].value;
    if (divisor == 0) fail(Code::kInvalidArgument, "dimension arithmetic: '", to_string(a), "' is divided by 0");
    Polynomial numerator = polynomial(a);
    if (divisor < 0) {
      numerator = require(ir::combine({}, numerator, -1), "quotient");
      divisor = mul_or_fail(divisor, -1, "dimension arithmetic");
    }
    if (kind == DimKind::kCeilDiv) {
      numerator.constant = add_or_fail(numerator.constant, divisor - 1, "dimension arithmetic");
    }
    return floor_div_constant(numerator, divisor);
  }
  if (const std::optional<Polynomial> q = exact_quotient(polynomial(a), polynomial(b))) return normal(*q);
  return intern(Node{kind, 0, {}, a, b});
}

Dim DimPool::floor_div_constant(const Polynomial& a, int64_t divisor) {
  Polynomial whole{floor_quotient(a.constant, divisor), {}};
  Polynomial rest{floor_remainder(a.constant, divisor), {}};
  int64_t common = divisor;
  for (const Term& term : a.terms) {
    const int64_t q = floor_quotient(term.coefficient, divisor);
    const int64_t r = floor_remainder(term.coefficient, divisor);
    if (q != 0) whole.terms.push_back(Term{q, term.atoms});
    if (r != 0) rest.terms.push_back(Term{r, term.atoms});
    common = std::gcd(common, r);
  }
  if (rest.terms.empty()) return normal(whole);
  for (Term& term : rest.terms) term.coefficient /= common;
  rest.constant /= common;
  divisor /= common;
  const Dim inner = normal(rest);
  const Node n = nodes_[inner.id];
  int64_t joined = 0;
  if (n.kind == DimKind::kFloorDiv && nodes_[n.b.id].kind == DimKind::kConstant &&
      checked_mul(nodes_[n.b.id].value, divisor, &joined)) {
    return combine(normal(whole), floor_div_constant(polynomial(n.a), joined), 1);
  }
  const Dim atom = intern(Node{DimKind::kFloorDiv, 0, {}, inner, constant(divisor)});
  return combine(normal(whole), atom, 1);
}

// min(min(a, b), c) and min(a, min(c, b)) meet in one form: operands in id order, folded from the left; an operand that
// another one bounds for every value of the symbols drops out.
Dim DimPool::extremum(DimKind kind, Dim a, Dim b) {
  std::vector<Dim> operands;
  for (Dim d : {a, b}) {
    while (nodes_[d.id].kind == kind && operands.size() < kMaxFlattened) {
      operands.push_back(nodes_[d.id].b);
      d = nodes_[d.id].a;
    }
    operands.push_back(d);
  }
  std::sort(operands.begin(), operands.end(), [](Dim x, Dim y) { return x.id < y.id; });
  operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
  std::vector<Dim> kept;
  for (size_t i = 0; i < operands.size(); ++i) {
    bool bounded = false;
    for (size_t j = 0; j < operands.size() && !bounded; ++j) {
      if (i == j) continue;
      const Dim low = kind == DimKind::kMin ? operands[j] : operands[i];
      const Dim high = kind == DimKind::kMin ? operands[i] : operands[j];
      const std::optional<Polynomial> gap = ir::combine(polynomial(high), polynomial(low), -1);
      bounded = gap && nonnegative(*gap);
    }
    if (!bounded) kept.push_back(operands[i]);
  }
  Dim result = kept.front();
  for (size_t i = 1; i < kept.size(); ++i) result = intern(Node{kind, 0, {}, result, kept[i]});
  return result;
}

bool DimPool::is_constant(Dim dim) const {
  for (auto it = replaced_.find(dim.id); it != replaced_.end(); it = replaced_.find(dim.id)) dim = it->second;
  return nodes_[dim.id].kind == DimKind::kConstant;
}

int64_t DimPool::value(Dim dim) const {
  for (auto it = replaced_.find(dim.id); it != replaced_.end(); it = replaced_.find(dim.id)) dim = it->second;
  RONDO_CHECK(nodes_[dim.id].kind == DimKind::kConstant, "value of ", to_string(dim));
  return nodes_[dim.id].value;
}

int64_t DimPool::value_or_unknown(Dim dim) const { return is_constant(dim) ? value(dim) : -1; }

}  // namespace rondo::ir
