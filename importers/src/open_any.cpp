// Which format a file is in, by its content.
//
// A TensorFlow checkpoint of generation V2 is several files and is called by a prefix that is none of them: that case
// comes first. For the rest the first bytes decide, and the last eight for tables. Formats that others write and Rondo
// does not read are told by their first bytes too, so that the message can say what to do.
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "io/byte_cursor.h"
#include "io/file_bytes.h"
#include "npz/npz.h"
#include "rondo/importers/weight_file.h"
#include "safetensors/safetensors.h"
#include "tensorflow/bundle.h"
#include "tensorflow/saved_slices.h"
#include "tensorflow/table.h"
#include "wts/wts_types.h"

namespace rondo::importers {

namespace {

enum class Kind { kNone, kFile, kFolder };

Kind kind_of(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return Kind::kNone;
  return S_ISDIR(about.st_mode) ? Kind::kFolder : Kind::kFile;
}

// The newest prefix that the text file `checkpoint` of a folder names, or none if the text is not such a file.
std::optional<std::string> newest_prefix(const std::string& text, const std::string& folder) {
  constexpr std::string_view kKey = "model_checkpoint_path:";
  if (!text.starts_with(kKey)) return std::nullopt;
  size_t open = text.find('"'), close = open == std::string::npos ? open : text.find('"', open + 1);
  if (close == std::string::npos) return std::nullopt;
  std::string prefix = text.substr(open + 1, close - open - 1);
  return prefix.starts_with('/') ? prefix : folder + '/' + prefix;
}

std::string folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

bool is_table(const FileBytes& file) {
  if (file.size() < kFooterBytes) return false;
  const std::string what = "footer of " + file.path();
  std::string magic = file.read(file.size() - 8, 8, what);
  return ByteCursor(magic, what).u64() == kTableMagic;
}

// Value of the table's key "", empty without one.
std::string first_value(const FileBytes& file) {
  Table table(file);
  std::string found;
  if (table.block_count() == 0) return found;
  bool is_first = true;
  Table::for_each_entry(table.block(0), table.name_of_block(0), [&](std::string_view key, std::string_view value) {
    if (is_first && key.empty()) found = value;
    is_first = false;
  });
  return found;
}

std::unique_ptr<WeightFile> open_table(const FileBytes& file) {
  const std::string& path = file.path();
  std::string value = first_value(file);
  if (!value.empty() && is_saved_slices_meta(value)) return open_saved_slices(path);
  constexpr std::string_view kSuffix = ".index";
  if (!path.ends_with(kSuffix))
    refuse(path, ": is the index of a checkpoint; its name must be PREFIX.index, beside PREFIX.data-...");
  return open_bundle(path.substr(0, path.size() - kSuffix.size()));
}

void refuse_foreign(const std::string& head, const std::string& path) {
  if (head.starts_with("\x89HDF\r\n\x1a\n")) {
    refuse(path, ": is HDF5, as Keras writes it; save the weights with numpy.savez or as safetensors");
  }
  if (head.size() > 1 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5) {
    refuse(path, ": is a Python pickle, which could run code; save it from PyTorch as safetensors or npz");
  }
  if (head.starts_with("\x1f\x8b")) refuse(path, ": is compressed with gzip; unpack it first");
}

bool looks_like_safetensors(const std::string& head, const FileBytes& file) {
  if (head.size() < 10 || head[8] != '{') return false;
  const std::string what = "header of " + file.path();
  return ByteCursor(head, what).u64() <= file.size() - 8;
}

// Opens what a text file `checkpoint` names, which is a checkpoint of either generation and never another such text
// file.
std::unique_ptr<WeightFile> open_named(const std::string& prefix, const std::string& list) {
  FileBytes file(kind_of(prefix + ".index") == Kind::kFile ? prefix + ".index" : prefix);
  if (!is_table(file)) refuse(list, ": names ", in_quotes(prefix), ", which is no checkpoint");
  return open_table(file);
}

std::unique_ptr<WeightFile> open_by_content(const std::string& path, const ReadOptions& options) {
  FileBytes file(path);
  std::string head = file.read(0, std::min<uint64_t>(file.size(), 4096), "its first bytes");
  if (auto prefix = newest_prefix(head, folder_of(path))) return open_named(*prefix, path);
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return open_npz(path);
  if (head.starts_with("\x93NUMPY")) return open_npy(path);
  if (is_table(file)) return open_table(file);
  if (is_shard_name(path)) {
    std::string prefix = path.substr(0, path.rfind(".data-"));
    refuse(path, ": holds the data of a checkpoint, not its index; open ", prefix, " instead");
  }
  refuse_foreign(head, path);
  if (looks_like_safetensors(head, file)) return open_safetensors(path);
  if (looks_like_wts(head)) return open_wts(path, options);
  if (path.ends_with(".index"))
    refuse(path, ": its footer is no table's: it is cut, damaged or no index of a checkpoint");
  refuse(path,
         ": is of no known format (TensorFlow checkpoint, .wts, npz, npy, safetensors), or its first bytes or its "
         "footer are damaged");
}

}  // namespace

std::unique_ptr<WeightFile> open_any(const std::string& path, const ReadOptions& options) {
  Kind kind = kind_of(path);
  if (kind != Kind::kFile && kind_of(path + ".index") == Kind::kFile) {
    FileBytes index(path + ".index");
    if (!is_table(index))
      refuse(index.path(), ": its footer is no table's: it is cut, damaged or no index of a checkpoint");
    return open_table(index);
  }
  if (kind == Kind::kFolder) {
    if (kind_of(path + "/checkpoint") != Kind::kFile)
      refuse(path, ": is a folder without a file 'checkpoint'; name the file or the prefix");
    FileBytes list(path + "/checkpoint");
    auto prefix = newest_prefix(list.read(0, std::min<uint64_t>(list.size(), 1 << 16), "its text"), path);
    if (!prefix) refuse(list.path(), ": names no checkpoint");
    return open_named(*prefix, list.path());
  }
  if (kind == Kind::kNone) refuse(path, ": there is no such file, and no ", path, ".index");
  return open_by_content(path, options);
}

WeightMap load_weights(const WeightFile& file, Selection selection) {
  WeightMap weights;
  const std::vector<WeightEntry>& entries = file.entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    bool is_taken = selection == Selection::kEverything ? entries[i].is_readable : entries[i].skipped.empty();
    if (is_taken) {
      weights.add(entries[i].name, file.read(i));
    } else {
      file.verify(i);
    }
  }
  return weights;
}

WeightMap load_weights(const std::string& path, const ReadOptions& options, Selection selection) {
  return load_weights(*open_any(path, options), selection);
}

const char* name_of(WeightFormat format) {
  switch (format) {
    case WeightFormat::kTensorFlowV2:
      return "TensorFlow checkpoint V2";
    case WeightFormat::kTensorFlowV1:
      return "TensorFlow checkpoint V1";
    case WeightFormat::kWtsHex:
      return ".wts v1 (hex)";
    case WeightFormat::kWtsRaw:
      return ".wts v2 (raw)";
    case WeightFormat::kWtsDims:
      return ".weights (BERT dictionary)";
    case WeightFormat::kWtsPlainHex:
      return ".wts without types (hex)";
    case WeightFormat::kNpz:
      return "npz";
    case WeightFormat::kNpy:
      return "npy";
    case WeightFormat::kSafetensors:
      return "safetensors";
  }
  return "unknown";
}

}  // namespace rondo::importers
