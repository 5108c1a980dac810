// Assumed equalities. An equality that determines one atom (x == y, x == 2*y + 1, floordiv(x, 2) == 4) becomes a
// replacement, and resolve() rewrites expressions with it; any other is kept as it stands and consulted when two
// expressions are compared. Replacements form no cycle: a replacement's target is resolved when it is recorded, so it
// holds no atom replaced before, and it never holds its own; an atom that is no symbol is only ever replaced by a
// constant.
#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "ir/dim.h"
#include "ir/polynomial.h"

namespace rondo::ir {
namespace {

/// The only atom of a polynomial made of one term without power, or nothing.
const Dim* single_atom(const DimPool::Term& term) { return term.atoms.size() == 1 ? &term.atoms[0] : nullptr; }

int64_t common_divisor(const Polynomial& p) {
  uint64_t result = 0;
  for (const DimPool::Term& term : p.terms) {
    const uint64_t magnitude = term.coefficient < 0 ? 0 - static_cast<uint64_t>(term.coefficient) : term.coefficient;
    result = std::gcd(result, magnitude);
  }
  return result > INT64_MAX ? 1 : static_cast<int64_t>(result);
}

}  // namespace

Dim DimPool::resolve(Dim dim) {
  if (replaced_.empty()) return dim;
  if (const auto it = resolved_.find(dim.id); it != resolved_.end()) return it->second;
  const Dim result = resolve_node(dim);
  resolved_[dim.id] = result;
  resolved_[result.id] = result;
  return result;
}

Dim DimPool::resolve_node(Dim dim) {
  if (const auto it = replaced_.find(dim.id); it != replaced_.end()) return resolve(it->second);
  const Node n = nodes_[dim.id];
  switch (n.kind) {
    case DimKind::kConstant:
    case DimKind::kSymbol:
      return dim;
    case DimKind::kFloorDiv:
    case DimKind::kCeilDiv: {
      const Dim result = divide(n.kind, resolve(n.a), resolve(n.b));
      const auto it = replaced_.find(result.id);
      return it == replaced_.end() ? result : it->second;
    }
    case DimKind::kMin:
    case DimKind::kMax:
      return extremum(n.kind, resolve(n.a), resolve(n.b));
    case DimKind::kSum:
      break;
  }
  Dim sum = constant(n.value);
  for (const Term& term : n.terms) {
    Dim product = constant(term.coefficient);
    for (Dim atom : term.atoms) product = multiply(product, resolve(atom));
    sum = combine(sum, product, 1);
  }
  return sum;
}

bool DimPool::same(Dim a, Dim b) {
  a = resolve(a);
  b = resolve(b);
  return a == b || implied_by_check(a, b);
}

bool DimPool::implied_by_check(Dim a, Dim b) {
  if (unsolved_.empty()) return false;
  const std::optional<Polynomial> difference = ir::combine(polynomial(a), polynomial(b), -1);
  if (!difference) return false;
  for (const size_t index : unsolved_) {
    const Polynomial x = polynomial(resolve(checks_[index].a));
    const Polynomial y = polynomial(resolve(checks_[index].b));
    if (ir::combine(x, y, -1) == difference || ir::combine(y, x, -1) == difference) return true;
  }
  return false;
}

bool DimPool::assume_equal(Dim a, Dim b, const std::string& message) {
  a = resolve(a);
  b = resolve(b);
  if (a == b || implied_by_check(a, b)) return true;
  const std::optional<Polynomial> difference = ir::combine(polynomial(a), polynomial(b), -1);
  bool solved = false;
  if (difference) {
    const int64_t divisor = common_divisor(*difference);
    if (divisor == 0 || difference->constant % divisor != 0) return false;
    bool impossible = false;
    solved = solve(a, b, *difference, &impossible);
    if (impossible) return false;
  }
  if (!solved) unsolved_.push_back(checks_.size());
  checks_.push_back(Check{a, b, message});
  return true;
}

bool DimPool::contains(Dim dim, Dim atom) const {
  std::vector<Dim> open{dim};
  std::set<uint32_t> seen;
  while (!open.empty()) {
    const Dim d = open.back();
    open.pop_back();
    if (d == atom) return true;
    if (!seen.insert(d.id).second) continue;
    const Node& n = nodes_[d.id];
    for (const Term& term : n.terms) open.insert(open.end(), term.atoms.begin(), term.atoms.end());
    if (n.kind == DimKind::kConstant || n.kind == DimKind::kSymbol || n.kind == DimKind::kSum) continue;
    open.push_back(n.a);
    open.push_back(n.b);
  }
  return false;
}

void DimPool::data_symbols(Dim dim, std::vector<uint32_t>* out) const {
  if (!mentions_data(dim)) return;
  const Node& n = nodes_[dim.id];
  if (n.kind == DimKind::kSymbol) {
    const auto index = static_cast<uint32_t>(n.value);
    const auto at = std::lower_bound(out->begin(), out->end(), index);
    if (at == out->end() || *at != index) out->insert(at, index);
    return;
  }
  for (const Term& term : n.terms) {
    for (Dim atom : term.atoms) data_symbols(atom, out);
  }
  if (n.kind == DimKind::kSum) return;
  data_symbols(n.a, out);
  data_symbols(n.b, out);
}

void DimPool::define(Dim symbol, Dim value) {
  value = resolve(value);
  if (nodes_[symbol.id].kind != DimKind::kSymbol || !mentions_data(symbol)) return;
  if (contains(value, symbol)) return;
  // Nobody reads the symbol any more, so the checks that stand for the run are told without it.
  const std::map<uint32_t, Dim> others = std::exchange(replaced_, {{symbol.id, value}});
  resolved_.clear();
  for (Check& check : checks_) {
    check.a = resolve(check.a);
    check.b = resolve(check.b);
  }
  replaced_ = others;
  replaced_.emplace(symbol.id, value);
  resolved_.clear();
}

// Nothing is told in words of data: what mentions a kData symbol waits for the op that reads it, so a replacement could
// make an expression wait that is needed before. Such equalities stay checks.
bool DimPool::replace(Dim atom, Dim by) {
  const bool is_symbol = nodes_[atom.id].kind == DimKind::kSymbol;
  if (!is_symbol && nodes_[by.id].kind != DimKind::kConstant) return false;
  if (contains(by, atom)) return false;
  if (mentions_data(by)) return false;
  replaced_[atom.id] = by;
  resolved_.clear();
  return true;
}

// Of two symbols the later one goes, so that expressions are told in the words of the first input that brought a size
// in; data go before inputs.
bool DimPool::solve(Dim a, Dim b, const Polynomial& difference, bool* impossible) {
  const auto is_symbol = [&](Dim d) { return nodes_[d.id].kind == DimKind::kSymbol; };
  if (is_symbol(a) && is_symbol(b)) {
    const bool a_later =
        mentions_data(a) != mentions_data(b) ? mentions_data(a) : nodes_[a.id].value > nodes_[b.id].value;
    return replace(a_later ? a : b, a_later ? b : a);
  }
  const auto negative_dim = [&](Dim atom, Dim by) {
    return nonnegative_[atom.id] != 0 && nodes_[by.id].kind == DimKind::kConstant && nodes_[by.id].value < 0;
  };
  for (const auto& [atom, by] : {std::pair{a, b}, std::pair{b, a}}) {
    if (!is_symbol(atom)) continue;
    *impossible = negative_dim(atom, by);
    return !*impossible && replace(atom, by);
  }
  if (difference.terms.size() > 2) return false;
  const int64_t divisor = common_divisor(difference);
  for (auto term = difference.terms.rbegin(); term != difference.terms.rend(); ++term) {
    const Dim* atom = single_atom(*term);
    const int64_t scale = term->coefficient / divisor;
    if (atom == nullptr || (scale != 1 && scale != -1)) continue;
    Polynomial others{difference.constant / divisor, {}};
    for (const Term& other : difference.terms) {
      if (&other != &*term) others.terms.push_back(Term{other.coefficient / divisor, other.atoms});
    }
    const std::optional<Polynomial> by = ir::combine({}, others, -scale);
    if (!by) continue;
    const Dim atom_dim = *atom;
    const Dim target = normal(*by);
    *impossible = negative_dim(atom_dim, target);
    if (*impossible) return false;
    if (replace(atom_dim, target)) return true;
  }
  return false;
}

}  // namespace rondo::ir
