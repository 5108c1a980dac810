// Programs whose sizes depend on data. The calling thread walks the blocks like an interpreter of their control flow;
// what stands between two reads is bound and run as a program of its own.
//
//   block:  [count, sum] read n [find (n), gather (n)] loop { [a] read m [b] }     [..]: pieces
//
// A symbol is known from its read to the next iteration of the loop, or the next run, that reads it again; in between
// expressions over it are unknown, so that neither a check nor a piece can see a value of an earlier iteration. The
// counters of loops that are walked here are "open" inside a piece: the steps whose views move with them get the checks
// that counters in memory get (0005), so a bound piece serves all iterations of equal sizes.
#include "runtime/cpu/piecewise.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/checked.h"
#include "base/error.h"
#include "runtime/cpu/team_sizes.h"

namespace rondo::runtime {

using plan::kNone;
using plan::StepKind;
using plan::Storage;

namespace {

using Wide = __int128;
constexpr size_t kMostBytes = size_t{1} << 46;  // beyond any machine in sight

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t load_integer(const std::byte* from, DType dtype) {
  const auto read = [&](auto value) {
    std::memcpy(&value, from, sizeof value);
    return static_cast<int64_t>(value);
  };
  switch (dtype) {
    case DType::kInt64:
      return read(int64_t{});
    case DType::kInt32:
      return read(int32_t{});
    case DType::kInt8:
      return read(int8_t{});
    case DType::kBool:
      return read(uint8_t{}) != 0;
    default:
      return read(uint8_t{});
  }
}

/// Which expressions mention kData symbols.
std::vector<uint8_t> data_exprs(const plan::Program& program) {
  std::vector<uint8_t> of_data(program.exprs.size());
  for (size_t i = 0; i < program.exprs.size(); ++i) {
    const plan::Expr& e = program.exprs[i];
    if (e.kind == plan::ExprKind::kConstant) continue;
    if (e.kind == plan::ExprKind::kSymbol)
      of_data[i] = program.symbols[static_cast<size_t>(e.value)].source == plan::Symbol::Source::kData;
    else
      of_data[i] = of_data[e.a] | of_data[e.b];
  }
  return of_data;
}

bool holds_read(const plan::Program& program, const plan::Step& step) {
  switch (step.kind) {
    case StepKind::kLoop:
      return contains_read(program, program.loops[step.index].body);
    case StepKind::kConditional:
      return contains_read(program, program.conditionals[step.index].then_block) ||
             contains_read(program, program.conditionals[step.index].else_block);
    case StepKind::kParallel: {
      const auto& blocks = program.parallels[step.index].blocks;
      return std::any_of(blocks.begin(), blocks.end(), [&](uint32_t b) { return contains_read(program, b); });
    }
    default:
      return false;
  }
}

/// A conditional whose branch leaves the loop around it is walked where the loop is.
bool leaves(const plan::Program& program, const plan::Step& step) {
  if (step.kind == StepKind::kBreak) return true;
  if (step.kind != StepKind::kConditional) return false;
  const plan::Conditional& c = program.conditionals[step.index];
  return (c.then_block != kNone && breaks_out(program, c.then_block)) ||
         (c.else_block != kNone && breaks_out(program, c.else_block));
}

}  // namespace

PiecewiseExecutor::PiecewiseExecutor(const Options& options)
    : options_(options),
      program_(options.program),
      data_(program_.symbols.size()),
      slots_(program_.slot_count),
      dynamic_(program_.buffers.size()),
      addresses_(program_.buffers.size()),
      placed_(program_.bindings.size()) {
  for (const plan::Step& step : program_.steps) holds_read_.push_back(holds_read(program_, step));
  const std::vector<uint8_t> of_data = data_exprs(program_);
  for (const plan::ShapeCheck& check : program_.checks) data_check_.push_back(of_data[check.a] | of_data[check.b]);
}

void PiecewiseExecutor::bind(std::span<const InputShape> inputs, std::vector<std::vector<int64_t>> input_dims) {
  inputs_.assign(inputs.begin(), inputs.end());
  dims_ = std::move(input_dims);
  std::fill(data_.begin(), data_.end(), DataValue{});
  evaluate_into(program_, inputs_, data_, &evaluation_);
  check_shapes(program_, inputs_, evaluation_);
}

uint32_t PiecewiseExecutor::run(std::span<std::byte* const> buffers, OutputPlacer& placer, ThreadTeam* team,
                                int64_t* step_ns) {
  placer_ = &placer;
  team_ = team;
  step_ns_ = step_ns;
  stopped_at_ = kNone;
  std::fill(data_.begin(), data_.end(), DataValue{});
  std::fill(slots_.begin(), slots_.end(), 0);
  std::fill(placed_.begin(), placed_.end(), 0);
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Storage storage = program_.buffers[i].storage;
    if (storage == Storage::kDynamic || storage == Storage::kOutput || addresses_[i] == buffers[i]) continue;
    addresses_[i] = buffers[i];
    ++generation_;
  }
  update();
  block(0);
  for (uint32_t b = 0; b < program_.bindings.size() && stopped_at_ == kNone; ++b) {
    if (!program_.bindings[b].is_input) place_output(b);
  }
  return stopped_at_;
}

std::vector<int64_t> PiecewiseExecutor::output_dims(uint32_t binding) const {
  return binding_dims(program_, inputs_, evaluation_, binding);
}

size_t PiecewiseExecutor::dynamic_bytes() const {
  size_t bytes = 0;
  for (const DeviceMemory& memory : dynamic_) bytes += memory.size();
  return bytes;
}

PiecewiseExecutor::Flow PiecewiseExecutor::block(uint32_t index) {
  if (index == kNone) return Flow::kNext;
  const auto& steps = program_.blocks[index].steps;
  for (size_t at = 0; at < steps.size();) {
    size_t end = at;
    while (end < steps.size() && !on_host(steps[end])) ++end;
    const Flow flow = end > at ? run_piece(index, at, end) : host_step(steps[at]);
    if (flow != Flow::kNext) return flow;
    at = std::max(end, at + 1);
  }
  return Flow::kNext;
}

bool PiecewiseExecutor::on_host(uint32_t s) const {
  const plan::Step& step = program_.steps[s];
  return step.kind == StepKind::kRead || holds_read_[s] != 0 || leaves(program_, step);
}

PiecewiseExecutor::Flow PiecewiseExecutor::host_step(uint32_t s) {
  const plan::Step& step = program_.steps[s];
  const int64_t begin = step_ns_ == nullptr ? 0 : now_ns();
  Flow flow = Flow::kNext;
  switch (step.kind) {
    case StepKind::kRead:
      read(program_.reads[step.index], s);
      break;
    case StepKind::kLoop:
      flow = loop(program_.loops[step.index]);
      break;
    case StepKind::kBreak:
      flow = element(program_.breaks[step.index].flag, {}) != 0 ? Flow::kNext : Flow::kBreak;
      break;
    case StepKind::kConditional: {
      const plan::Conditional& c = program_.conditionals[step.index];
      const int64_t taken = c.value == kNone ? element(c.flag, {}) : known(c.value);
      flow = block(taken != 0 ? c.then_block : c.else_block);
      break;
    }
    default:
      for (const uint32_t b : program_.parallels[step.index].blocks) {
        flow = block(b);
        if (flow != Flow::kNext) break;
      }
  }
  if (step_ns_ != nullptr) step_ns_[s] += now_ns() - begin;
  return flow;
}

PiecewiseExecutor::Flow PiecewiseExecutor::loop(const plan::Loop& loop) {
  int64_t trips = loop.trips == kNone ? INT64_MAX : std::max<int64_t>(known(loop.trips), 0);
  if (loop.count_view != kNone) trips = std::min(trips, std::max<int64_t>(element(loop.count_view, {}), 0));
  Flow flow = Flow::kNext;
  int64_t i = 0;
  for (; i < trips; ++i) {
    slots_[loop.slot] = i;
    forget(loop.body);
    flow = block(loop.body);
    if (flow != Flow::kNext) break;
  }
  slots_[loop.slot] = i;
  return flow == Flow::kBreak ? Flow::kNext : flow;
}

void PiecewiseExecutor::forget(uint32_t index) {
  if (index == kNone) return;
  for (const uint32_t s : program_.blocks[index].steps) {
    const plan::Step& step = program_.steps[s];
    if (step.kind == StepKind::kRead) {
      for (const uint32_t symbol : program_.reads[step.index].symbols) data_[symbol].known = false;
    } else if (holds_read_[s] == 0) {
      continue;
    } else if (step.kind == StepKind::kLoop) {
      forget(program_.loops[step.index].body);
    } else if (step.kind == StepKind::kConditional) {
      forget(program_.conditionals[step.index].then_block);
      forget(program_.conditionals[step.index].else_block);
    } else {
      for (const uint32_t b : program_.parallels[step.index].blocks) forget(b);
    }
  }
}

/// Evaluates everything anew, and makes the checks of data that can be made.
void PiecewiseExecutor::update() {
  evaluate_into(program_, inputs_, data_, &evaluation_);
  for (size_t i = 0; i < program_.checks.size(); ++i) {
    const plan::ShapeCheck& check = program_.checks[i];
    if (data_check_[i] == 0 || !evaluation_.known[check.a] || !evaluation_.known[check.b]) continue;
    const int64_t a = evaluation_.values[check.a], b = evaluation_.values[check.b];
    if (a != b) fail(Code::kFailedExecution, check.message, " (", a, " against ", b, " for the data of this run)");
  }
}

void PiecewiseExecutor::read(const plan::Read& read, uint32_t step) {
  std::vector<int64_t> space, index;
  int64_t volume = 1;
  for (const plan::ExprId e : read.space) {
    space.push_back(known(e));
    if (space.back() < 0 || !checked_mul(volume, space.back(), &volume)) volume = -1;
  }
  if (read.view != kNone && volume != static_cast<int64_t>(read.symbols.size())) {
    fail(Code::kInvalidArgument, "'", program_.steps[step].origin, "' reads ", read.symbols.size(),
         " values of a tensor of ", volume, " elements");
  }
  index.assign(space.size(), 0);
  for (size_t i = 0; i < read.symbols.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i);
    for (size_t axis = space.size(); axis-- > 0;) {
      index[axis] = rest % space[axis];
      rest /= space[axis];
    }
    const int64_t value = read.view == kNone ? known(read.exprs[i]) : element(read.view, index);
    const plan::Symbol& symbol = program_.symbols[read.symbols[i]];
    if (value < symbol.min || value > symbol.max) {
      fail(Code::kFailedExecution, "'", program_.steps[step].origin, "': element ", i, " is ", value,
           " and decides a shape; it must be in [", symbol.min, ", ", symbol.max, "]");
    }
    data_[read.symbols[i]] = {true, value};
  }
  update();
}

int64_t PiecewiseExecutor::known(plan::ExprId expr) const {
  if (evaluation_.known[expr] == 0) fail(Code::kInvalidArgument, "the plan uses a size before it is read from data");
  return evaluation_.values[expr];
}

int64_t PiecewiseExecutor::bytes_of(uint32_t index) const {
  const plan::Buffer& buffer = program_.buffers[index];
  switch (buffer.storage) {
    case Storage::kConstant:
      return static_cast<int64_t>(program_.constants[buffer.index].bytes);
    case Storage::kArena:
    case Storage::kLocal:
    case Storage::kDynamic: {
      const int64_t bytes = std::max<int64_t>(known(buffer.bytes), 0);  // below 0 in branches not taken
      if (buffer.storage == Storage::kArena && static_cast<uint64_t>(bytes) > buffer.max_bytes)
        fail(Code::kInvalidArgument, "a temporary tensor would have ", bytes, " bytes");
      return bytes;
    }
    default:
      break;
  }
  const plan::Binding& binding = program_.bindings[buffer.index];
  const std::vector<int64_t> dims =
      binding.is_input ? dims_[buffer.index] : binding_dims(program_, inputs_, evaluation_, buffer.index);
  for (const int64_t extent : dims) {
    if (extent >= 0) continue;
    fail(Code::kFailedExecution, "output '", binding.name, "' would have shape ", dims_text(dims),
         " for the data of this run");
  }
  const int64_t volume = volume_or_fail(dims, binding.name.c_str());
  return mul_or_fail(volume, static_cast<int64_t>(dtype_bytes(binding.dtype)), binding.name.c_str());
}

void PiecewiseExecutor::place_output(uint32_t binding) {
  if (placed_[binding] != 0) return;
  const uint32_t buffer = program_.bindings[binding].buffer;
  const std::vector<int64_t> dims = binding_dims(program_, inputs_, evaluation_, binding);
  const int64_t bytes = bytes_of(buffer);
  void* memory = placer_->place(binding, dims, static_cast<size_t>(bytes));
  auto* address = memory == nullptr ? nowhere_ : static_cast<std::byte*>(memory);
  placed_[binding] = 1;
  if (addresses_[buffer] == address) return;
  addresses_[buffer] = address;
  ++generation_;
}

/// Memory for what a piece touches. Dynamic buffers grow by half at least, so that slowly rising sizes do not allocate each time.
void PiecewiseExecutor::ensure(const std::vector<uint32_t>& buffers) {
  for (const uint32_t i : buffers) {
    const plan::Buffer& buffer = program_.buffers[i];
    if (buffer.storage == Storage::kOutput) place_output(buffer.index);
    if (buffer.storage != Storage::kDynamic) continue;
    const auto bytes = static_cast<size_t>(bytes_of(i));
    if (bytes > kMostBytes) {
      fail(Code::kFailedAllocation, "a tensor would take ", bytes, " bytes for the data of this run");
    }
    if (bytes > dynamic_[i].size()) {
      const size_t grown = std::max(bytes, dynamic_[i].size() + dynamic_[i].size() / 2);
      dynamic_[i] = DeviceMemory();
      dynamic_[i] = DeviceMemory(options_.allocator != nullptr ? *options_.allocator : host_allocator(), grown);
    }
    auto* address = dynamic_[i].data() == nullptr ? nowhere_ : static_cast<std::byte*>(dynamic_[i].data());
    if (addresses_[i] == address) continue;
    addresses_[i] = address;
    ++generation_;
  }
}

/// Element of an integer or bool view for the current counters; refused outside of the buffer.
int64_t PiecewiseExecutor::element(plan::ViewId id, std::span<const int64_t> index) {
  while (program_.views[id].first != kNone && slots_[program_.views[id].first_slot] == 0) id = program_.views[id].first;
  const plan::View& view = program_.views[id];
  const plan::Buffer& buffer = program_.buffers[view.buffer];
  ensure({view.buffer});
  const auto size = static_cast<int64_t>(dtype_bytes(buffer.dtype));
  Wide at = known(view.offset);
  for (size_t i = 0; i < index.size(); ++i) at += Wide{index[i]} * known(view.strides[i]);
  for (const plan::Term& term : view.terms) {
    int64_t count = slots_[term.slot];
    if (term.kind == plan::TermKind::kParity) count &= 1;
    if (term.kind == plan::TermKind::kNextParity) count = (count + 1) & 1;
    at += Wide{count} * known(term.stride);
  }
  const int64_t elements = bytes_of(view.buffer) / size;
  if (at < 0 || at >= elements || addresses_[view.buffer] == nullptr) {
    fail(Code::kInvalidArgument, "a value that decides sizes or control flow lies outside of its tensor");
  }
  return load_integer(addresses_[view.buffer] + static_cast<int64_t>(at) * size, buffer.dtype);
}

PiecewiseExecutor::Flow PiecewiseExecutor::run_piece(uint32_t block, size_t begin, size_t end) {
  Piece& piece = pieces_[{block, begin}];
  if (piece.executor == nullptr) {
    piece.range = {block, begin, end};
    piece.uses = uses_of(program_, piece.range);
  }
  ensure(piece.uses.buffers);
  bind_piece(piece);
  if (piece.addresses != generation_) {
    piece.executor->rebase(addresses_);
    piece.addresses = generation_;
  }
  stopped_at_ = piece.executor->run(team_, slots_, step_ns_);
  return stopped_at_ == kNone ? Flow::kNext : Flow::kStop;
}

void PiecewiseExecutor::bind_piece(Piece& piece) {
  const auto& exprs = piece.uses.exprs;
  bool same = piece.executor != nullptr;
  for (size_t i = 0; i < exprs.size(); ++i) same = known(exprs[i]) == (same ? piece.key[i] : known(exprs[i])) && same;
  if (same) return;
  piece.executor.reset();
  piece.key.clear();
  for (const plan::ExprId e : exprs) piece.key.push_back(known(e));
  std::vector<std::vector<int64_t>> dims = dims_;
  dims.resize(program_.bindings.size());
  for (uint32_t b = 0; b < program_.bindings.size(); ++b) {
    if (program_.bindings[b].is_input) continue;
    dims[b] = binding_dims(program_, inputs_, evaluation_, b);
    const bool open = std::any_of(dims[b].begin(), dims[b].end(), [](int64_t extent) { return extent < 0; });
    if (open) dims[b] = {0};  // not known yet, hence not touched
  }
  piece.executor = std::make_unique<Executor>(Executor::Inputs{program_, evaluation_.values, std::move(dims),
                                                               options_.packed, options_.isa, options_.threads,
                                                               options_.policy, piece.range, options_.plugins});
  piece.addresses = 0;
}

}  // namespace rondo::runtime
