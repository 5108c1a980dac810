// rondo weights: list what a file of weights holds, dump values, convert between formats.
#include "weights.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>

#include "rondo/importers/write_weights.h"

namespace rondo::cli {

namespace {

using importers::ElementType;
using importers::ReadOptions;
using importers::Selection;
using importers::Tensor;
using importers::WeightEntry;
using importers::WeightFile;
using importers::WeightFormat;
using importers::WeightMap;

struct Options {
  std::string path, output, form, float_type;
  std::vector<std::string> tensors;
  int64_t limit = 8;
  bool everything = false, verify = false, read_type0 = false, write_type0 = false;
};

const std::map<std::string, WeightFormat> kForms = {{"wts", WeightFormat::kWtsRaw},
                                                    {"wts-hex", WeightFormat::kWtsHex},
                                                    {"weights", WeightFormat::kWtsDims},
                                                    {"wts-plain", WeightFormat::kWtsPlainHex},
                                                    {"safetensors", WeightFormat::kSafetensors}};

std::unique_ptr<WeightFile> open(const Options& options) {
  return importers::open_any(options.path, ReadOptions{.legacy_type0 = options.read_type0});
}

// Names come from files: control characters must not reach the terminal.
std::string shown(const std::string& name) {
  std::string out = name;
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

int list(const Options& options) {
  auto file = open(options);
  size_t name_width = 4, dims_width = 4, weights = 0;
  for (const WeightEntry& entry : file->entries()) {
    name_width = std::max(name_width, shown(entry.name).size());
    dims_width = std::max(dims_width, importers::dims_text(entry.dims).size());
  }
  int64_t weight_bytes = 0;
  for (size_t i = 0; i < file->entries().size(); ++i) {
    const WeightEntry& entry = file->entries()[i];
    if (options.verify) file->verify(i);
    if (entry.skipped.empty()) ++weights, weight_bytes += entry.bytes;
    std::string name = shown(entry.name), dims = importers::dims_text(entry.dims);
    std::string type = entry.is_readable ? importers::name_of(entry.type) : entry.stored_type;
    name.resize(std::max(name.size(), name_width), ' ');
    type.resize(std::max<size_t>(type.size(), 9), ' ');
    std::cout << name << "  " << type << ' ';
    if (entry.skipped.empty()) {
      std::cout << dims << '\n';
    } else {
      dims.resize(dims_width, ' ');
      std::cout << dims << "  (" << entry.skipped << ")\n";
    }
  }
  std::cout << importers::name_of(file->format()) << ": " << file->entries().size() << " entries, " << weights
            << " weights, " << weight_bytes << " bytes" << (options.verify ? ", all verified" : "") << '\n';
  return 0;
}

template <class T>
void print_numbers(const Tensor& tensor, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + i * static_cast<int64_t>(sizeof value), sizeof value);
    std::cout << ' ' << +value;
  }
}

void print_elements(const Tensor& tensor, int64_t count) {
  switch (tensor.type) {
    case ElementType::kF64:
      std::cout.precision(17);
      return print_numbers<double>(tensor, count);
    case ElementType::kI8:
      return print_numbers<int8_t>(tensor, count);
    case ElementType::kI16:
      return print_numbers<int16_t>(tensor, count);
    case ElementType::kI32:
      return print_numbers<int32_t>(tensor, count);
    case ElementType::kI64:
      return print_numbers<int64_t>(tensor, count);
    case ElementType::kU8:
    case ElementType::kBool:
      return print_numbers<uint8_t>(tensor, count);
    case ElementType::kU16:
      return print_numbers<uint16_t>(tensor, count);
    case ElementType::kU32:
      return print_numbers<uint32_t>(tensor, count);
    case ElementType::kU64:
      return print_numbers<uint64_t>(tensor, count);
    default:
      std::cout.precision(9);
      return print_numbers<float>(importers::with_float_type(tensor, ElementType::kF32), count);
  }
}

int dump(const Options& options) {
  auto file = open(options);
  std::vector<std::string> missing = options.tensors;
  for (size_t i = 0; i < file->entries().size(); ++i) {
    const WeightEntry& entry = file->entries()[i];
    auto asked = std::find(missing.begin(), missing.end(), entry.name);
    bool is_asked = asked != missing.end();
    if (is_asked) missing.erase(asked);
    if (options.tensors.empty() ? !options.everything && !entry.skipped.empty() : !is_asked) continue;
    if (options.tensors.empty() && !entry.is_readable && !entry.skipped.empty()) continue;
    Tensor tensor = file->read(i);
    const int64_t all = tensor.elements(), count = options.limit == 0 ? all : std::min(options.limit, all);
    std::cout << shown(entry.name) << ' ' << importers::name_of(tensor.type) << ' ' << importers::dims_text(tensor.dims)
              << ':';
    print_elements(tensor, count);
    std::cout << (count < all ? " ...\n" : "\n");
  }
  if (missing.empty()) return 0;
  std::cerr << "rondo: " << options.path << ": there is no tensor '" << shown(missing.front())
            << "'; `rondo weights list` names them\n";
  return 1;
}

WeightFormat output_form(const Options& options) {
  if (!options.form.empty()) return kForms.at(options.form);
  if (options.output.ends_with(".safetensors")) return WeightFormat::kSafetensors;
  if (options.output.ends_with(".weights")) return WeightFormat::kWtsDims;
  return WeightFormat::kWtsRaw;
}

int convert(const Options& options) {
  auto file = open(options);
  WeightMap weights = importers::load_weights(*file, options.everything ? Selection::kEverything : Selection::kWeights);
  if (!options.float_type.empty()) {
    WeightMap narrowed;
    for (const auto& [name, tensor] : weights)
      narrowed.add(name, with_float_type(tensor, importers::element_type_named(options.float_type)));
    weights = std::move(narrowed);
  }
  WeightFormat form = output_form(options);
  std::string bytes = form == WeightFormat::kSafetensors
                          ? importers::safetensors_bytes(weights)
                          : importers::wts_bytes(weights, {.form = form, .legacy_type0 = options.write_type0});
  importers::write_file(options.output, bytes);
  std::cout << options.output << ": " << weights.size() << " tensors, " << bytes.size() << " bytes, "
            << importers::name_of(form) << '\n';
  return 0;
}

// `rondo weights <name> PATH` with what all three have.
CLI::App* add_command(CLI::App& weights, const char* name, const char* about, const std::shared_ptr<Options>& options) {
  CLI::App* command = weights.add_subcommand(name, about);
  command
      ->add_option("path", options->path,
                   "TensorFlow checkpoint (V2: its prefix, .index or folder; V1: its file), .wts, .weights, npz, npy "
                   "or safetensors")
      ->required();
  command->add_flag("--legacy-type0", options->read_type0,
                    "The .wts says type 0 for every tensor, as dumpTFWts.py writes it: find types by sizes");
  return command;
}

}  // namespace

void add_weights(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* weights = app.add_subcommand("weights", "Look into and convert files of weights.");
  weights->require_subcommand(1);
  weights->footer(
      "Examples:\n"
      "  rondo weights list --verify model-70280\n"
      "  rondo weights dump model-70280 --tensor softmax/softmax_b --limit 0\n"
      "  rondo weights convert model-70280 char-rnn.wts");

  CLI::App* lister =
      add_command(*weights, "list", "List all entries: name, type, dims, and why an entry is no weight.", options);
  lister->add_flag("--verify", options->verify, "Also read every entry and verify its checksum");
  lister->callback([options, &action] { action = [options] { return list(*options); }; });

  CLI::App* dumper = add_command(*weights, "dump", "Print values as text.", options);
  dumper->add_option("-t,--tensor", options->tensors, "Only the tensor of this name; may be repeated")
      ->allow_extra_args(false);
  dumper->add_option("-n,--limit", options->limit, "Values per tensor; 0: all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  dumper->add_flag("-a,--all", options->everything, "Optimizer state and counters too");
  dumper->callback([options, &action] { action = [options] { return dump(*options); }; });

  CLI::App* converter =
      add_command(*weights, "convert", "Write the weights in another format; all of the input is verified.", options);
  converter->add_option("output", options->output, "File to write")->required();
  std::vector<std::string> forms;
  for (const auto& [name, form] : kForms) forms.push_back(name);
  converter
      ->add_option("--to", options->form,
                   "wts (v2, raw), wts-hex (v1), wts-plain (hex without types), weights (BERT dictionary) or "
                   "safetensors; by default what the "
                   "output's suffix says, else wts")
      ->check(CLI::IsMember(forms));
  converter->add_option("--float", options->float_type, "Round floating tensors to this type")
      ->check(CLI::IsMember({"f64", "f32", "f16", "bf16"}));
  converter->add_flag("-a,--all", options->everything, "Optimizer state and counters too");
  converter->add_flag("--write-type0", options->write_type0, "Write type 0 for every tensor, as dumpTFWts.py does");
  converter->callback([options, &action] { action = [options] { return convert(*options); }; });
}

}  // namespace rondo::cli
