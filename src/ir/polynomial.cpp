#include "ir/polynomial.h"

#include <algorithm>

#include "base/checked.h"

namespace rondo::ir {
namespace {

using Term = DimPool::Term;

bool atoms_before(const Term& a, const Term& b) {
  if (a.atoms.size() != b.atoms.size()) return a.atoms.size() > b.atoms.size();
  return std::lexicographical_compare(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(),
                                      [](Dim x, Dim y) { return x.id < y.id; });
}

std::optional<Term> multiply_terms(const Term& a, const Term& b) {
  Term result;
  if (!checked_mul(a.coefficient, b.coefficient, &result.coefficient)) return std::nullopt;
  if (a.atoms.size() + b.atoms.size() > kMaxTermAtoms) return std::nullopt;
  std::merge(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), std::back_inserter(result.atoms),
             [](Dim x, Dim y) { return x.id < y.id; });
  return result;
}

/// a / b when b's atoms are among a's and the coefficients divide.
std::optional<Term> divide_terms(const Term& a, const Term& b) {
  if (b.coefficient == -1 && a.coefficient == INT64_MIN) return std::nullopt;
  if (a.coefficient % b.coefficient != 0) return std::nullopt;
  Term result{a.coefficient / b.coefficient, {}};
  size_t j = 0;
  for (Dim atom : a.atoms) {
    if (j < b.atoms.size() && b.atoms[j] == atom) {
      ++j;
    } else {
      result.atoms.push_back(atom);
    }
  }
  if (j != b.atoms.size()) return std::nullopt;
  return result;
}

Polynomial from_term(Term term) {
  Polynomial result;
  if (term.atoms.empty()) {
    result.constant = term.coefficient;
  } else if (term.coefficient != 0) {
    result.terms.push_back(std::move(term));
  }
  return result;
}

std::optional<Polynomial> multiply_by_term(const Polynomial& a, const Term& term) {
  Polynomial result;
  if (term.coefficient == 0) return result;
  for (const Term& t : a.terms) {
    std::optional<Term> p = multiply_terms(t, term);
    if (!p) return std::nullopt;
    result.terms.push_back(std::move(*p));
  }
  if (a.constant == 0) return result;
  const std::optional<Term> last = multiply_terms(Term{a.constant, {}}, term);
  if (!last) return std::nullopt;
  return combine(result, from_term(*last), 1);
}

}  // namespace

int64_t floor_quotient(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t floor_remainder(int64_t a, int64_t b) { return a % b + (a % b < 0 ? b : 0); }

std::optional<Polynomial> combine(const Polynomial& a, const Polynomial& b, int64_t factor) {
  Polynomial result;
  int64_t scaled = 0;
  if (!checked_mul(b.constant, factor, &scaled) || !checked_add(a.constant, scaled, &result.constant))
    return std::nullopt;
  auto i = a.terms.begin();
  auto j = b.terms.begin();
  while (i != a.terms.end() || j != b.terms.end()) {
    if (j == b.terms.end() || (i != a.terms.end() && atoms_before(*i, *j))) {
      result.terms.push_back(*i++);
      continue;
    }
    Term term = *j++;
    if (!checked_mul(term.coefficient, factor, &term.coefficient)) return std::nullopt;
    if (i != a.terms.end() && i->atoms == term.atoms) {
      if (!checked_add(i->coefficient, term.coefficient, &term.coefficient)) return std::nullopt;
      ++i;
    }
    if (term.coefficient != 0) result.terms.push_back(std::move(term));
  }
  if (result.terms.size() > kMaxPolynomialTerms) return std::nullopt;
  return result;
}

std::optional<Polynomial> multiply(const Polynomial& a, const Polynomial& b) {
  std::optional<Polynomial> result = multiply_by_term(b, Term{a.constant, {}});
  for (const Term& term : a.terms) {
    const std::optional<Polynomial> part = multiply_by_term(b, term);
    if (!part || !result) return std::nullopt;
    result = combine(*result, *part, 1);
  }
  return result;
}

std::optional<Polynomial> exact_quotient(const Polynomial& a, const Polynomial& b) {
  const Term lead = b.terms.empty() ? Term{b.constant, {}} : b.terms.front();
  if (lead.coefficient == 0) return std::nullopt;
  Polynomial quotient;
  Polynomial rest = a;
  for (size_t round = 0; round <= kMaxPolynomialTerms; ++round) {
    if (rest.terms.empty() && rest.constant == 0) return quotient;
    const std::optional<Term> q = divide_terms(rest.terms.empty() ? Term{rest.constant, {}} : rest.terms.front(), lead);
    if (!q) return std::nullopt;
    const std::optional<Polynomial> part = multiply_by_term(b, *q);
    if (!part) return std::nullopt;
    const std::optional<Polynomial> next = combine(rest, *part, -1);
    const std::optional<Polynomial> grown = combine(quotient, from_term(*q), 1);
    if (!next || !grown) return std::nullopt;
    rest = *next;
    quotient = *grown;
  }
  return std::nullopt;
}

}  // namespace rondo::ir
