/// WeightFile: a file of weights, whatever its format. open_any() is the door.
///
/// Formats, element types and the rule for what is a weight are described in docs/format/weights.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "rondo/importers/weight_map.h"

namespace rondo::importers {

/// What a file was recognised as.
enum class WeightFormat {
  kTensorFlowV2,  ///< tensor bundle: PREFIX.index and PREFIX.data-SSSSS-of-NNNNN
  kTensorFlowV1,  ///< one table of saved tensor slices
  kWtsHex,        ///< .wts v1: `name type size hex ...`
  kWtsRaw,        ///< .wts v2: `name type (d0, d1) bytes`
  kWtsDims,       ///< BERT dictionary: `name type D d1 ... dD bytes`
  kWtsPlainHex,   ///< tensorrtx: `name size hex ...`
  kNpz,           ///< zip archive of npy members
  kNpy,           ///< one array
  kSafetensors    ///< JSON header and raw data
};

/// Name for people: "TensorFlow checkpoint V2", ".wts v2 (raw)".
const char* name_of(WeightFormat format);

/// One tensor of a file, before it is read.
struct WeightEntry {
  std::string name;
  ElementType type = ElementType::kF32;  ///< meaningless if not is_readable
  std::vector<int64_t> dims;
  int64_t bytes = 0;        ///< of the elements, uncompressed
  std::string stored_type;  ///< the format's own word: "DT_FLOAT", "<f4", "BF16", "0"
  bool is_readable = true;  ///< false for strings, and for variables stored in slices
  std::string skipped;      ///< why it is no weight, e.g. "optimizer slot"; empty for a weight
};

/// How to read.
struct ReadOptions {
  /// .wts only: every record says type 0 whatever it holds (NVIDIA's dumpTFWts.py writes such files). The size of an element then
  /// follows from where the next record begins: 4 bytes are read as f32, 8 as f64, 2 as f16, 1 as i8.
  bool legacy_type0 = false;
};

/// An open file of weights.
/// Memory    keeps the file open; holds its directory, not its tensors (text forms of .wts are held whole)
/// Errors    every method may throw ImportError
/// Threads   one thread at a time
class WeightFile {
 public:
  virtual ~WeightFile() = default;

  /// The format it was recognised as.
  virtual WeightFormat format() const = 0;

  /// All tensors in the order of the file, those that are no weights too.
  virtual const std::vector<WeightEntry>& entries() const = 0;

  /// Reads entry i and verifies its checksum where the format has one.
  virtual Tensor read(size_t i) const = 0;

  /// Verifies entry i as read() does, also one that is not readable.
  virtual void verify(size_t i) const = 0;
};

/// Opens a file of weights, recognised by its content.
///
/// For a TensorFlow checkpoint of generation V2 the path is its prefix, its .index file, its folder or the text file `checkpoint` in it.
/// Errors    ImportError if there is no such file, it is of no known format, or its directory is damaged
std::unique_ptr<WeightFile> open_any(const std::string& path, const ReadOptions& options = {});

/// What load_weights takes.
enum class Selection {
  kWeights,    ///< entries with an empty `skipped`; the others are verified, not taken
  kEverything  ///< every readable entry; the others are verified
};

/// Reads the tensors of an open file, in order, and verifies all of it.
/// Errors    ImportError naming the tensor that is damaged or cannot be read
WeightMap load_weights(const WeightFile& file, Selection selection = Selection::kWeights);

/// open_any, then load_weights.
WeightMap load_weights(const std::string& path, const ReadOptions& options = {},
                       Selection selection = Selection::kWeights);

}  // namespace rondo::importers
