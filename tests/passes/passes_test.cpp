// Runs tests/passes/<pass>.ir: text in, text out. A file holds cases of the pass it is named after:
//
//   --- what the case shows
//   --- with            (optional) the pass's options, as words: bf16, f16 (allowed factors), pairs (the target
//   multiplies
//   ...                 bf16 by instructions of its own), full=<layer>
//   --- in
//   a graph in the form of ir/text.h
//   --- out
//   the graph after the pass, or the word `unchanged`
//
// Both sides are parsed and printed before they are compared, so value numbers and blanks do not matter. With
// RONDO_WRITE_IR=1 in the environment the `out` sections are written anew instead; read the difference before keeping
// it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "ops/op_def.h"
#include "passes/pass.h"

namespace rondo::passes {
namespace {

struct Case {
  std::string title, in, out, with;
};

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  std::string* section = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line == "--- with") {
      section = &cases.back().with;
    } else if (line == "--- in") {
      section = &cases.back().in;
    } else if (line == "--- out") {
      section = &cases.back().out;
    } else if (line.starts_with("--- ")) {
      cases.push_back({line.substr(4), "", "", ""});
      section = nullptr;
    } else if (section != nullptr) {
      *section += line + "\n";
    }
  }
  return cases;
}

const Pass* find_pass(const std::string& name) {
  for (const Pass& pass : pipeline()) {
    if (pass.name == name) return &pass;
  }
  return nullptr;
}

ir::Graph parsed(const std::string& text) {
  ir::Graph graph = ir::parse_graph(text);
  ops::infer_graph(graph);
  ir::verify_structure(graph, "parsing");
  graph.compact();
  return graph;
}

PassOptions options_of(const std::string& words) {
  PassOptions options;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    if (word == "f16") options.precision.f16 = true;
    if (word == "bf16") options.precision.bf16 = true;
    if (word == "pairs") options.target.bf16_product_gain = 2;
    if (word.starts_with("full=")) options.precision.full.insert(word.substr(5));
  }
  return options;
}

std::string after_pass(const Pass& pass, const std::string& in, const std::string& with) {
  ir::Graph graph = parsed(in);
  const std::string before = ir::to_string(graph);
  const bool changed = pass.run(graph, options_of(with));
  ir::verify_structure(graph, pass.name);
  ops::verify_types(graph, pass.name);
  graph.compact();
  const std::string after = ir::to_string(graph);
  EXPECT_TRUE(changed || before == after) << pass.name << " changed the graph and did not say so";
  return before == after ? "unchanged\n" : after;
}

void rewrite(const std::filesystem::path& path, const Pass& pass, const std::vector<Case>& cases) {
  std::ostringstream text;
  for (const Case& item : cases) {
    text << "--- " << item.title << (item.with.empty() ? "\n" : "\n--- with\n" + item.with) << "--- in\n"
         << item.in << "--- out\n"
         << after_pass(pass, item.in, item.with);
  }
  std::ofstream(path) << text.str();
}

class PassFile : public testing::TestWithParam<std::string> {};

TEST_P(PassFile, TextInTextOut) {
  const std::filesystem::path path = std::filesystem::path(RONDO_TESTS_DIR) / "passes" / (GetParam() + ".ir");
  const Pass* pass = find_pass(GetParam());
  ASSERT_NE(pass, nullptr) << "no pass of this name is in the pipeline";
  const std::vector<Case> cases = read_cases(path);
  ASSERT_FALSE(cases.empty());
  if (std::getenv("RONDO_WRITE_IR") != nullptr) return rewrite(path, *pass, cases);
  for (const Case& item : cases) {
    SCOPED_TRACE(item.title);
    const std::string expected = item.out == "unchanged\n" ? item.out : ir::to_string(parsed(item.out));
    EXPECT_EQ(after_pass(*pass, item.in, item.with), expected);
  }
}

std::vector<std::string> pass_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(RONDO_TESTS_DIR) / "passes")) {
    if (entry.path().extension() == ".ir") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Passes, PassFile, testing::ValuesIn(pass_files()),
                         [](const auto& param) { return param.param; });

TEST(PassFiles, EveryRewritingPassHasOne) {
  const std::vector<std::string> names = pass_files();
  for (const Pass& pass : pipeline()) {
    const bool listed = std::find(names.begin(), names.end(), pass.name) != names.end();
    EXPECT_TRUE(listed || std::string(pass.name) == "infer_shapes") << pass.name << ".ir is missing";
  }
}

}  // namespace
}  // namespace rondo::passes
