// reason: the Program is the waist between the compiling and the running half; its structs are one contract.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bulk_memory.h"
#include "base/dtype.h"
#include "plan/kernel_table.h"
#include "plan/weights.h"
#include "tile/tile_program.h"

namespace rondo::plan {

/// Index into Program::exprs. All sizes, offsets and strides of a Program are expressions over symbols, evaluated once per shape
/// change into an int64 array (expr i only refers to exprs < i). Those over kData symbols are known once a kRead step has run.
using ExprId = uint32_t;

enum class ExprKind : uint8_t {
  kConstant,  ///< value
  kSymbol,    ///< symbols[value]
  kAdd,
  kSub,
  kMul,
  kFloorDiv,
  kCeilDiv,
  kMin,
  kMax,
};
struct Expr {
  ExprKind kind = ExprKind::kConstant;
  int64_t value = 0;
  ExprId a = kNone, b = kNone;
  bool operator==(const Expr&) const = default;
};

/// A run-time value shapes depend on.
struct Symbol {
  enum class Source : uint8_t { kInputDim, kInputValue, kData } source = Source::kInputDim;
  uint32_t input = 0;  ///< binding index; kData: kNone
  uint32_t index = 0;  ///< dimension, or element of a host shape tensor
  std::string name;
  int64_t min = 0, max = INT64_MAX;  ///< kData: the values a run accepts
};

/// a == b must hold for the given shapes; otherwise the enqueue is refused with `message`. Over kData symbols: must hold when
/// they are known; otherwise the run fails with `message`.
struct ShapeCheck {
  ExprId a = kNone, b = kNone;
  std::string message;
};

struct Profile {
  struct Input {
    std::vector<int64_t> min, opt, max;                    ///< dims (static inputs: all equal)
    std::vector<int64_t> value_min, value_opt, value_max;  ///< values of a shape-tensor input
  };
  std::vector<Input> inputs;  ///< by binding index
};

struct Binding {
  std::string name;
  DType dtype = DType::kFloat32;
  bool is_input = false;
  bool is_shape = false;      ///< host tensor whose values shapes depend on, or markOutputForShapes
  std::vector<int64_t> dims;  ///< as declared, -1 dynamic
  std::vector<ExprId> dim_exprs;
  std::vector<std::string> dim_names;  ///< empty or one per dim
  uint32_t buffer = kNone;
  bool is_debug = false;   ///< shown to a debug listener
  bool is_hidden = false;  ///< an output that only a debug listener sees: behind all others, in memory of the context
};

enum class Storage : uint8_t {
  kInput,     ///< memory of binding `index`, read only
  kOutput,    ///< memory of binding `index`
  kConstant,  ///< constants[index], read only
  kArena,     ///< `offset` in the context's arena
  kDynamic,   ///< memory of its own, allocated when kData symbols have told its size
  kLocal,  ///< touched by the stages of one chain alone: a block of rows of it at a time may lie in a thread's scratch
};
struct Buffer {
  Storage storage = Storage::kArena;
  DType dtype = DType::kFloat32;
  uint32_t index = 0;
  ExprId bytes = kNone;    ///< size for the actual shapes
  uint64_t offset = 0;     ///< kArena: 64-byte aligned; for the largest shapes of all profiles
  uint64_t max_bytes = 0;  ///< kArena, kLocal: size at the largest shapes; bytes <= max_bytes always
};

enum class TermKind : uint8_t {
  kForward,     ///< + slot * stride
  kParity,      ///< + (slot & 1) * stride
  kNextParity,  ///< + ((slot + 1) & 1) * stride
};
/// Contribution of a loop's step to an address. Slots are per-thread counters; slot s of a loop counts its iterations 0,1,… and
/// holds the trip count after the loop has ended.
struct Term {
  uint32_t slot = 0;
  TermKind kind = TermKind::kForward;
  ExprId stride = kNone;  ///< elements
};
/// How an operand addresses memory: element (i0, i1, …) of the step's iteration space stands at
/// base(buffer) + offset + sum i_k*strides[k] + sum of terms, in elements of the buffer's dtype.
/// With `first` set, and slot `first_slot` == 0, that other view is used instead (a carried value before its first update).
struct View {
  uint32_t buffer = kNone;
  ExprId offset = kNone;        ///< may be negative when terms make up for it
  std::vector<ExprId> strides;  ///< one per axis of the iteration space; constant 0 broadcasts
  std::vector<Term> terms;
  uint32_t first = kNone;  ///< index into Program::views
  uint32_t first_slot = 0;
  /// Guard of stores: skipped when slot guard_slot >= guard_limit (collected outputs shorter than the trip count). kNone: none.
  uint32_t guard_slot = kNone;
  ExprId guard_limit = kNone;
};
using ViewId = uint32_t;  ///< index into Program::views

/// acc[acc_base + g](row, col) (+)= sum_k A(row, k) * B(k, gate g, col), k ascending. A's view has the stage's axes but the last,
/// plus one last axis for k. B: constant (`packed`) or a view with the stage's batch axes, then k, then gate, then col.
struct Gemm {
  ViewId a = kNone;
  uint32_t packed = kNone;
  ViewId b = kNone;
  ExprId k = kNone;
  uint16_t gates = 1;
  uint16_t acc_base = 0;
  bool accumulate = false;          ///< adds to an accumulator an earlier gemm of the stage has written
  DType product = DType::kFloat32;  ///< kBFloat16: both factors are rounded to it; sums are f32 in any case
};

/// GEMM anchors (none: a pointwise stage) with a tile program as tail over the iteration space `space`:
/// [batch axes…, rows, cols]; at least rank 1 (rank 1 = cols). The last axis is the unit axis of the anchors.
struct Stage {
  std::vector<ExprId> space;
  std::vector<Gemm> gemms;
  uint32_t tile_program = kNone;
  std::vector<ViewId> operands;  ///< parallel to the tile program's operands; strides over `space`
  std::vector<uint32_t> slots;   ///< kStep operand i reads slot slots[i]
};

enum class ReduceOp : uint8_t { kSum, kProd, kMax, kMin, kAvg };

/// A structured op that is not a stage; always exact in what it reads and writes through its views.
struct Kernel {
  KernelId id = KernelId::k_reduce;
  std::vector<ExprId> space;     ///< kernels without own_dims: the axes of every operand; else dims of the last operand
  std::vector<ViewId> operands;  ///< inputs, then results
  std::vector<std::vector<ExprId>> operand_dims;  ///< kernels with own_dims: dims of each operand (its view's axes)
  std::vector<int64_t> attrs;                     ///< a real is stored as the bits of its double
  std::vector<ExprId> exprs;
  std::vector<uint32_t> slots;

  /// How many operands at the end are written; SIZE_MAX if the attributes of a damaged plan do not say it. Requires a valid id.
  size_t results() const {
    const size_t fixed = kernel_info(id).results;
    if (fixed != kResultsInAttrs) return fixed;
    const bool told = attrs.size() > 1 && attrs[1] >= 0 && attrs[1] <= static_cast<int64_t>(operands.size());
    return told ? static_cast<size_t>(attrs[1]) : SIZE_MAX;
  }
};

/// A plugin layer: what a creator needs to make the plugin again. Looked up when the plan is loaded.
struct Plugin {
  std::string type, version, name_space;  ///< of the creator
  uint8_t generation =
      2;  ///< 1: layer's name and what an IPlugin wrote; 2: what an IPluginV2 wrote; 3: an IPluginV3's fields
  int32_t tactic = 0;            ///< generation 3
  uint64_t workspace_bytes = 0;  ///< generation 3: for the largest shapes
  Bytes data;
};

/// A plugin library that the plan brings along; loaded only with the application's permission.
struct Library {
  std::string name;  ///< file name without folder
  Bytes bytes;
};

/// Steps of a block run in order. Which steps need a barrier in between is decided when shapes are bound (runtime/cpu).
enum class StepKind : uint8_t { kStage, kKernel, kLoop, kBreak, kConditional, kParallel, kRead };

struct Loop {
  uint32_t slot = 0;
  ExprId trips = kNone;       ///< kNone if count_view is used or there is only a while condition
  ViewId count_view = kNone;  ///< 0-axis view of an i32|i64 scalar in memory
  uint32_t body = kNone;      ///< block
};
/// Leaves the innermost loop when the bool scalar is false; the step counter stays at the iteration that did not run.
struct Break {
  ViewId flag = kNone;
};
struct Conditional {
  ViewId flag = kNone;
  uint32_t then_block = kNone, else_block = kNone;
  ExprId value =
      kNone;  ///< the flag where shapes tell it: only the branch it takes has to fit the shapes, and is bound
};
/// Independent blocks that may run at the same time on disjoint sub-teams (e.g. the two directions of a recurrent layer).
struct Parallel {
  std::vector<uint32_t> blocks;
};

/// Gives kData symbols their values: element i of the integer or bool view over `space` (row-major) or, without a view, exprs[i].
/// Steps that use the symbols come after it (docs/design/0008).
struct Read {
  ViewId view = kNone;
  std::vector<ExprId> space;
  std::vector<ExprId> exprs;
  std::vector<uint32_t> symbols;  ///< one per element
};

struct Step {
  StepKind kind = StepKind::kStage;
  uint32_t index = 0;  ///< into the table of its kind
  std::string origin;  ///< layer names, joined with " + "
};
struct Block {
  std::vector<uint32_t> steps;
};

/// Consecutive stages of one block that hand whole rows on (docs/design/0019). A remark: run in order they give the result; a
/// runtime that finds it proven and worth while for the bound shapes may take each block of rows through all of them.
struct Chain {
  std::vector<uint32_t> steps;  ///< at least two
};

/// Everything the running half needs to execute a network, neutral of machine. blocks[0] is the entry.
struct Program {
  std::string name;
  std::vector<Symbol> symbols;
  std::vector<Expr> exprs;
  std::vector<ShapeCheck> checks;
  std::vector<Binding> bindings;  ///< inputs, then outputs
  std::vector<Profile> profiles;  ///< at least one
  std::vector<Buffer> buffers;
  std::vector<Constant> constants;
  std::vector<View> views;
  std::vector<Packed> packed;
  std::vector<tile::TileProgram> tile_programs;
  std::vector<Stage> stages;
  std::vector<Kernel> kernels;
  std::vector<Loop> loops;
  std::vector<Break> breaks;
  std::vector<Conditional> conditionals;
  std::vector<Parallel> parallels;
  std::vector<Read> reads;      ///< none: shapes are known before the run
  std::vector<Plugin> plugins;  ///< each belongs to one kernel `plugin`
  std::vector<Library> libraries;
  std::vector<Step> steps;
  std::vector<Block> blocks;
  std::vector<Chain> chains;
  uint32_t slot_count = 0;
  uint64_t arena_bytes = 0;
  /// The weights section is in `weights`, or in memory of `weights_owner` (null: of someone else). Before it is written, each constant
  /// is in `sources`, and `section_bytes` is the size that it will have.
  Bytes weights;
  std::span<const uint8_t> mapped_weights;
  std::shared_ptr<const void> weights_owner;
  std::vector<ConstantSource> sources;
  uint64_t section_bytes = 0;
  std::string graph_text;  ///< optimized graph (ir text), for re-optimization and inspection; may be empty
  std::string layer_info;  ///< JSON for the engine inspector

  /// The weights section, wherever it is; empty before it is written. Offsets count from its first byte.
  std::span<const uint8_t> weight_bytes() const { return mapped_weights.empty() ? std::span(weights) : mapped_weights; }
  uint64_t weight_size() const { return sources.empty() ? weight_bytes().size() : section_bytes; }
  /// Elements of a constant; none for one that only packed matrices hold. Requires a verified Program.
  std::span<const uint8_t> constant_bytes(uint32_t index) const {
    if (!sources.empty()) return sources[index].bytes;
    const Constant& c = constants[index];
    return c.is_stored() ? weight_bytes().subspan(c.offset, c.bytes) : std::span<const uint8_t>();
  }
};

/// Program as readable text (inspector, tests).
std::string to_string(const Program& program);

/// The semantic verifier every loaded plan passes before anything runs: all indices in range, exprs refer backwards, blocks form a
/// tree (each used once, depth <= 64), slots in range, breaks inside loops, reads of integers into kData symbols, views' strides match their step's axes, buffers' arena
/// extents inside arena_bytes, constants inside weights, packed extents inside their constant, TPs verified and their operand
/// dtypes equal to the buffers', stored-to buffers writable, chains of consecutive stages, local buffers out of reach of all others. Extents of views at a concrete shape are checked when shapes are bound
/// (runtime::bind). Throws Error naming what is wrong. Checked arithmetic throughout.
void verify(const Program& program);

}  // namespace rondo::plan
