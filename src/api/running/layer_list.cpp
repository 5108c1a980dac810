// Layer information travels in the plan as JSON text that the compiling half wrote. The running half only cuts it: it
// finds the array "Layers" and the top-level values in it, without a parser of the values themselves. Text that is not
// cut cleanly counts as absent.
#include "api/running/layer_list.h"

#include <cstdio>

namespace rondo::api {

namespace {

/// Position behind the JSON value that starts at `at`; npos if it does not end.
size_t end_of_value(const std::string& json, size_t at) {
  int depth = 0;
  for (size_t i = at; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\';
      if (i >= json.size()) return std::string::npos;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return i;
      --depth;
    } else if (c == ',' && depth == 0) {
      return i;
    }
    if (depth == 0 && (c == '"' || c == '}' || c == ']')) return i + 1;
  }
  return std::string::npos;
}

/// The string value behind `"key":` in an object; empty if there is none.
std::string string_member(const std::string& json, const char* key) {
  const std::string quoted = std::string("\"") + key + "\"";
  size_t at = json.find(quoted);
  if (at == std::string::npos) return "";
  at = json.find_first_not_of(" \t\n\r:", at + quoted.size());
  if (at == std::string::npos || json[at] != '"') return "";
  const size_t end = end_of_value(json, at);
  return end == std::string::npos ? "" : json.substr(at + 1, end - at - 2);
}

std::vector<LayerText> cut(const std::string& json) {
  std::vector<LayerText> layers;
  size_t at = json.find("\"Layers\"");
  at = at == std::string::npos ? at : json.find('[', at);
  if (at == std::string::npos) return {};
  for (++at;;) {
    at = json.find_first_not_of(" \t\n\r,", at);
    if (at == std::string::npos) return {};
    if (json[at] == ']') return layers;
    const size_t end = end_of_value(json, at);
    if (end == std::string::npos || end == at) return {};
    std::string value = json.substr(at, end - at);
    std::string name = value.front() == '"' ? value.substr(1, value.size() - 2) : string_member(value, "Name");
    layers.push_back({std::move(name), std::move(value)});
    at = end;
  }
}

void steps_of(const plan::Program& program, uint32_t block, std::vector<LayerText>* layers) {
  for (const uint32_t s : program.blocks[block].steps) {
    const plan::Step& step = program.steps[s];
    if (!step.origin.empty()) layers->push_back({step.origin, json_string(step.origin)});
    if (step.kind == plan::StepKind::kLoop) steps_of(program, program.loops[step.index].body, layers);
    if (step.kind == plan::StepKind::kConditional) {
      const auto& c = program.conditionals[step.index];
      if (c.then_block != plan::kNone) steps_of(program, c.then_block, layers);
      if (c.else_block != plan::kNone) steps_of(program, c.else_block, layers);
    }
    if (step.kind == plan::StepKind::kParallel) {
      for (const uint32_t b : program.parallels[step.index].blocks) steps_of(program, b, layers);
    }
  }
}

}  // namespace

std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::vector<LayerText> layers_of(const plan::Program& program) {
  std::vector<LayerText> layers = cut(program.layer_info);
  if (layers.empty()) steps_of(program, 0, &layers);
  return layers;
}

}  // namespace rondo::api
