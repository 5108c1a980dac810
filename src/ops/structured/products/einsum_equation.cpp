#include "ops/structured/products/einsum_equation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/error.h"

namespace rondo::ops {
namespace {

constexpr char kDots = '.';  // an ellipsis, after reading

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// "a...b" to {a, ., b}.
std::string read_term(std::string_view term, const RefuseEquation& refuse) {
  std::string symbols;
  for (size_t i = 0; i < term.size(); ++i) {
    if (is_letter(term[i])) {
      symbols += term[i];
    } else if (term.substr(i, 3) == "...") {
      if (symbols.find(kDots) != std::string::npos) refuse(1, text("term '", term, "' has two ellipses"));
      symbols += kDots;
      i += 2;
    } else {
      refuse(1, text("character '", term.substr(i, 1), "' in '", term,
                     "' is none of letter, comma, ellipsis '...', one arrow '->' and space"));
    }
  }
  return symbols;
}

std::vector<std::string> read_terms(std::string_view list, const RefuseEquation& refuse) {
  std::vector<std::string> terms;
  size_t from = 0;
  while (true) {
    const size_t comma = list.find(',', from);
    terms.push_back(read_term(list.substr(from, comma - from), refuse));
    if (comma == std::string_view::npos) return terms;
    from = comma + 1;
  }
}

struct Reader {
  const RefuseEquation& refuse;
  EinsumLabels result;
  std::array<int, 256> label_of;
  std::array<int, 256> uses{};
  std::vector<int> ellipsis;  // labels from the right
  int longest = 0;            // dimensions that an ellipsis stands for

  explicit Reader(const RefuseEquation& refuse) : refuse(refuse) { label_of.fill(-1); }

  int label(char letter) {
    int& found = label_of[static_cast<unsigned char>(letter)];
    if (found < 0) {
      found = result.count++;
      result.names.push_back(text("'", letter, "'"));
    }
    return found;
  }

  void add_term(const std::string& symbols, int rank, size_t operand) {
    const bool dots = symbols.find(kDots) != std::string::npos;
    const int letters = static_cast<int>(symbols.size()) - dots;
    if (dots ? letters > rank : letters != rank) {
      refuse(3, text("term ", operand, " has ", letters, " letters", dots ? " and an ellipsis" : "", " for ", rank,
                     " dimensions"));
    }
    std::vector<int> labels;
    for (char symbol : symbols) {
      if (symbol != kDots) {
        ++uses[static_cast<unsigned char>(symbol)];
        labels.push_back(label(symbol));
      } else {
        for (int from_right = rank - letters; from_right-- > 0;) labels.push_back(-1 - from_right);
      }
    }
    longest = std::max(longest, dots ? rank - letters : 0);
    result.terms.push_back(std::move(labels));
  }

  // Ellipsis dimension i from the right stands as -1-i until all letters have labels.
  void number_ellipses() {
    for (int i = 0; i < longest; ++i) {
      ellipsis.push_back(result.count++);
      result.names.push_back(text("number ", i, " from the right of an ellipsis"));
    }
    for (std::vector<int>& term : result.terms) {
      for (int& entry : term) entry = entry < 0 ? ellipsis[static_cast<size_t>(-1 - entry)] : entry;
    }
  }

  // Dimensions of ellipses, then the letters used once, in alphabetical order.
  void implicit_output() {
    result.output.assign(ellipsis.rbegin(), ellipsis.rend());
    for (size_t c = 0; c < uses.size(); ++c) {
      if (uses[c] == 1) result.output.push_back(label_of[c]);
    }
  }

  void explicit_output(const std::string& symbols) {
    for (size_t i = 0; i < symbols.size(); ++i) {
      if (symbols[i] == kDots) {
        result.output.insert(result.output.end(), ellipsis.rbegin(), ellipsis.rend());
        continue;
      }
      const std::string name = text("output letter '", symbols[i], "'");
      if (uses[static_cast<unsigned char>(symbols[i])] == 0) refuse(5, name + " stands in no term");
      if (symbols.find(symbols[i], i + 1) != std::string::npos) refuse(5, name + " stands there twice");
      result.output.push_back(label(symbols[i]));
    }
  }
};

struct Terms {
  std::vector<std::string> inputs;
  std::optional<std::string> output;
};

Terms read_equation(std::string_view equation, size_t operands, const RefuseEquation& refuse) {
  std::string compact;
  for (char c : equation) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) compact += c;
  }
  const std::string_view all = compact;
  const size_t arrow = all.find("->");
  Terms terms{read_terms(all.substr(0, arrow), refuse), {}};
  if (arrow != std::string::npos) terms.output = read_term(all.substr(arrow + 2), refuse);
  if (terms.inputs.size() != operands) {
    refuse(2, text("'", equation, "' has ", terms.inputs.size(), " terms for ", operands, " inputs"));
  }
  return terms;
}

EinsumLabels labelled(const Terms& terms, std::span<const int> ranks, const RefuseEquation& refuse) {
  Reader reader(refuse);
  for (size_t i = 0; i < ranks.size(); ++i) reader.add_term(terms.inputs[i], ranks[i], i);
  reader.number_ellipses();
  if (terms.output) {
    reader.explicit_output(*terms.output);
  } else {
    reader.implicit_output();
  }
  return std::move(reader.result);
}

}  // namespace

EinsumLabels parse_equation(std::string_view equation, std::span<const int> ranks, const RefuseEquation& refuse) {
  const Terms terms = read_equation(equation, ranks.size(), refuse);
  return labelled(terms, ranks, refuse);
}

void check_equation(std::string_view equation, size_t operands, const RefuseEquation& refuse) {
  const Terms terms = read_equation(equation, operands, refuse);
  std::vector<int> ranks;  // as if no ellipsis stood for anything
  for (const std::string& term : terms.inputs) {
    ranks.push_back(static_cast<int>(std::count_if(term.begin(), term.end(), is_letter)));
  }
  labelled(terms, ranks, refuse);
}

}  // namespace rondo::ops
