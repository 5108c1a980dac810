// One table row per structured kernel: how it is bound and checked, and how a share of it runs. The kernels themselves
// know nothing of programs; they live in kernels/cpu and take pointers, dims and strides.
#include "runtime/cpu/kernel_runner.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/cpu/structured/expr_values.h"
#include "kernels/cpu/structured/reverse_prefix.h"
#include "kernels/cpu/structured/zero_tail.h"
#include "runtime/cpu/binding/operands.h"

namespace rondo::runtime {

using Bound = KernelRunner::Bound;

struct KernelRunner::Row {
  const char* name;
  size_t attrs, slots;  ///< fewest that the plan must give
  void (*bind)(const plan::Kernel& kernel, std::span<const int64_t> exprs, std::span<const Operand> operands,
               Bound* bound);
  void (*run)(const Bound& bound, const int64_t* slots, int64_t first, int64_t last, std::byte* scratch);
};

namespace {

/// Elements per rank below which another rank costs more than it brings: about 10 us of copying against 1 us of waking and meeting.
constexpr int64_t kElementsPerThread = 32768;

void require(bool condition, const char* name, const char* rule) {
  if (!condition) fail(Code::kInvalidArgument, "kernel '", name, "' of the plan: ", rule);
}

kernels::Strided strided(const BoundView& view, const int64_t* slots) {
  return {view.address(slots), view.dtype, view.active(slots).stride_bytes};
}

int axis_attr(const char* name, int64_t axis, int rank) {
  require(axis >= 0 && axis < rank, name, "its axis is outside of the rank");
  return static_cast<int>(axis);
}

void bind_reduce(const plan::Kernel& kernel, std::span<const int64_t>, std::span<const Operand>, Bound* b) {
  require(kernel.attrs[0] >= 0 && kernel.attrs[0] <= static_cast<int64_t>(plan::ReduceOp::kAvg), "reduce",
          "unknown operation");
  require(b->operands[0]->dtype == b->operands[1]->dtype, "reduce", "operands differ in type");
  b->reduction = static_cast<kernels::Reduction>(kernel.attrs[0]);
  b->reduce.rank = b->rank;
  b->reduce.axes = static_cast<uint32_t>(kernel.attrs[1]);
  std::copy_n(b->dims, b->rank, b->reduce.dims);
  b->units = kernels::reduce_results(b->reduce);
}

void run_reduce(const Bound& b, const int64_t* slots, int64_t first, int64_t last, std::byte*) {
  kernels::reduce(b.reduction, b.reduce, strided(*b.operands[0], slots), strided(*b.operands[1], slots), first, last);
}

void bind_topk(const plan::Kernel& kernel, std::span<const int64_t> exprs, std::span<const Operand> operands,
               Bound* b) {
  require(!kernel.exprs.empty(), "topk", "k is missing");
  kernels::TopKShape& s = b->topk;
  s.rank = b->rank;
  std::copy_n(b->dims, b->rank, s.dims);
  s.largest = kernel.attrs[0] != 0;
  s.axis = axis_attr("topk", kernel.attrs[1], b->rank);
  s.k = exprs[kernel.exprs[0]];
  if (s.k < 0 || s.k > s.dims[s.axis]) {
    fail(Code::kInvalidArgument, "top-k asks for ", s.k, " of ", s.dims[s.axis],
         " elements; k must lie between 0 and the extent of its axis");
  }
  std::vector<int64_t> results(s.dims, s.dims + s.rank);
  results[static_cast<size_t>(s.axis)] = s.k;
  require(operands[0].space.size() == results.size() &&
              std::equal(s.dims, s.dims + s.rank, operands[0].space.begin()) && operands[1].space == results &&
              operands[2].space == results,
          "topk", "dims of the operands do not fit");
  const DType indices = b->operands[2]->dtype;
  require(indices == DType::kInt32 || indices == DType::kInt64, "topk", "indices are neither i32 nor i64");
  require(b->operands[0]->dtype == b->operands[1]->dtype, "topk", "values differ from x in type");
  b->units = kernels::topk_rows(s);
}

void run_topk(const Bound& b, const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) {
  kernels::topk(b.topk, strided(*b.operands[0], slots), strided(*b.operands[1], slots), strided(*b.operands[2], slots),
                first, last, scratch);
}

int copy_dims(const std::vector<int64_t>& from, int64_t* to) {
  std::copy(from.begin(), from.end(), to);
  return static_cast<int>(from.size());
}

void bind_gather(const plan::Kernel& kernel, std::span<const int64_t>, std::span<const Operand> operands, Bound* b) {
  kernels::GatherShape& s = b->gather;
  require(kernel.attrs[0] >= 0 && kernel.attrs[0] <= 2, "gather", "unknown mode");
  require(std::max({kernel.attrs[1], kernel.attrs[2], int64_t{0}}) <= kernels::kMaxStridedRank &&
              kernel.attrs[1] >= 0 && kernel.attrs[2] >= 0,
          "gather", "axis or elementwise dims out of range");
  s.mode = static_cast<kernels::GatherMode>(kernel.attrs[0]);
  s.axis = static_cast<int>(kernel.attrs[1]);
  s.elementwise_dims = static_cast<int>(kernel.attrs[2]);
  s.data_rank = copy_dims(operands[0].space, s.data);
  s.indices_rank = copy_dims(operands[1].space, s.indices);
  s.y_rank = copy_dims(operands[2].space, s.y);
  require(kernels::gather_shape_is_valid(s), "gather", "dims of the operands do not fit its mode");
  const DType indices = b->operands[1]->dtype;
  require(indices == DType::kInt32 || indices == DType::kInt64, "gather", "indices are neither i32 nor i64");
  require(b->operands[0]->dtype == b->operands[2]->dtype, "gather", "y differs from data in type");
  b->units = kernels::gather_blocks(s);
}

void run_gather(const Bound& b, const int64_t* slots, int64_t first, int64_t last, std::byte*) {
  kernels::gather(b.gather, strided(*b.operands[0], slots), strided(*b.operands[1], slots),
                  strided(*b.operands[2], slots), first, last);
}

void bind_expr_values(const plan::Kernel& kernel, std::span<const int64_t> exprs, std::span<const Operand>, Bound* b) {
  require(kernel.exprs.size() <= KernelRunner::kMaxValues, "expr_values", "more than 64 elements");
  for (const plan::ExprId e : kernel.exprs) b->values[b->value_count++] = exprs[e];
}

void run_expr_values(const Bound& b, const int64_t* slots, int64_t first, int64_t last, std::byte*) {
  if (first >= last) return;
  kernels::expr_values({b.values, static_cast<size_t>(b.value_count)}, strided(*b.operands[0], slots));
}

void bind_axis_edit(const plan::Kernel& kernel, std::span<const int64_t>, std::span<const Operand>, Bound* b) {
  b->axis = axis_attr("zero_tail or reverse_prefix", kernel.attrs[0], b->rank);
  b->slot = kernel.slots[0];
}

void run_zero_tail(const Bound& b, const int64_t* slots, int64_t first, int64_t last, std::byte*) {
  if (first >= last) return;
  kernels::zero_tail({b.dims, static_cast<size_t>(b.rank)}, b.axis, slots[b.slot], strided(*b.operands[0], slots));
}

void run_reverse_prefix(const Bound& b, const int64_t* slots, int64_t first, int64_t last, std::byte*) {
  if (first >= last) return;
  kernels::reverse_prefix({b.dims, static_cast<size_t>(b.rank)}, b.axis, slots[b.slot], strided(*b.operands[0], slots));
}

/// Indexed by plan::KernelId.
constexpr KernelRunner::Row kRows[] = {
    {"reduce", 2, 0, bind_reduce, run_reduce},          {"topk", 2, 0, bind_topk, run_topk},
    {"gather", 3, 0, bind_gather, run_gather},          {"expr_values", 0, 0, bind_expr_values, run_expr_values},
    {"zero_tail", 1, 1, bind_axis_edit, run_zero_tail}, {"reverse_prefix", 1, 1, bind_axis_edit, run_reverse_prefix},
};

/// Upper bound of the elements moved; saturates.
int64_t element_count(std::span<const Operand> operands) {
  double count = 0;
  for (const Operand& o : operands) {
    double volume = 1;
    for (const int64_t n : o.space) volume *= static_cast<double>(n);
    count = std::max(count, volume);
  }
  return static_cast<int64_t>(std::min(count, 9e18));
}

bool is_empty(const std::vector<int64_t>& space) { return std::find(space.begin(), space.end(), 0) != space.end(); }

}  // namespace

KernelRunner::KernelRunner(const plan::Program& program, const plan::Kernel& kernel, std::span<const int64_t> exprs,
                           const BoundView* views)
    : row_(&kRows[static_cast<size_t>(kernel.id)]) {
  const std::vector<Operand> operands = operands_of(program, kernel, exprs);
  require(kernel.attrs.size() >= row_->attrs && kernel.slots.size() >= row_->slots, row_->name,
          "attributes are missing");
  for (size_t i = 0; i < operands.size(); ++i) {
    require(operands[i].space.size() <= kernels::kMaxStridedRank, row_->name, "rank above 10");
    bound_.operands[i] = views + kernel.operands[i];
  }
  bound_.rank = copy_dims(operands[0].space, bound_.dims);
  bound_.elements = element_count(operands);
  row_->bind(kernel, exprs, operands, &bound_);
  const bool folds = kernel.id == plan::KernelId::kReduce;
  if (!folds && is_empty(operands.back().space)) bound_.units = 0;
  if (kernel.id == plan::KernelId::kTopK) scratch_bytes_ = kernels::topk_scratch_bytes(bound_.topk);
}

int KernelRunner::useful_threads(int available) const {
  const int64_t paying = std::max<int64_t>(1, bound_.elements / kElementsPerThread);
  return static_cast<int>(std::min<int64_t>({available, paying, std::max<int64_t>(bound_.units, 1)}));
}

double KernelRunner::cost_ns() const { return 50.0 + 0.5 * static_cast<double>(bound_.elements); }

void KernelRunner::run(const int64_t* slots, int rank, int size, std::byte* scratch) const noexcept {
  for (const BoundView* view : bound_.operands) {
    if (view != nullptr && !view->stores_now(slots)) return;
  }
  const int64_t share = bound_.units / size, rest = bound_.units % size;
  const int64_t first = share * rank + std::min<int64_t>(rank, rest);
  row_->run(bound_, slots, first, first + share + (rank < rest), scratch);
}

}  // namespace rondo::runtime
