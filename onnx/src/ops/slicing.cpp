// Operators that take parts and put parts together: Slice, Split, Concat, Gather.
//
// A bound of a slice may be negative, beyond the edge, or known at run time only, and so may the extent that it is
// compared with. Where both are numbers the slice is one of numbers; else its start and size are computed by a few
// integer layers of the same formula, which the network turns into symbolic extents. Bounds that stand for an edge (0,
// or the largest integer) stay free of such arithmetic, since they are most of all.

#include <algorithm>
#include <limits>

#include "layers/build.h"
#include "ops/op_table.h"
#include "ops/shape_arithmetic.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using Element = std::optional<int64_t>;

/// What a slice says of one dimension.
struct Range {
  int64_t axis = 0;
  int64_t step = 1;
  Element start;
  Element end;
  int64_t index = 0;  ///< in the node's lists
};

/// What the layer needs for one dimension; nullopt where it is computed at run time.
struct Part {
  Element start;
  Element size;
};

/// A bound at or beyond the end of every tensor.
constexpr int64_t kBeyond = std::numeric_limits<int32_t>::max();

Part resolve(Range const& range, int64_t extent) {
  if (extent < 0) {
    const bool from_edge = range.step > 0 && range.start && *range.start == 0;
    // From the front to a bound: the size is min(end, extent), which is left to the run.
    return {from_edge ? Element(0) : Element(), Element()};
  }
  if (!range.start || !range.end) return {};
  const int64_t low = range.step > 0 ? 0 : -1;
  const int64_t high = range.step > 0 ? extent : extent - 1;
  const auto bound = [&](int64_t value, int64_t least) {
    return std::clamp(value < 0 ? value + extent : value, least, std::max(high, least));
  };
  // A backward slice starts at an element, so its start is clamped to one.
  const int64_t start = bound(*range.start, range.step > 0 ? 0 : (extent > 0 ? 0 : -1));
  const int64_t end = *range.end < -extent ? low : bound(*range.end, low);
  const int64_t span = range.step > 0 ? end - start : start - end;
  const int64_t step = range.step > 0 ? range.step : -range.step;
  return {start, span <= 0 ? 0 : (span - 1) / step + 1};
}

/// Element i of a list as a tensor [1].
ITensor& list_element(Context& context, Value const& list, int64_t i) {
  return slice_axis(context, integers(context, to_tensor(context, list)), 0, i, i + 1);
}

/// A bound against a known or unknown extent, as a tensor [1]: wrapped, then clamped to low .. high.
ITensor& run_time_bound(Context& context, Element known, ITensor* given, ITensor& extent, ITensor& low, ITensor& high) {
  ITensor* wrapped = nullptr;
  if (known) {
    if (*known >= kBeyond) return high;
    wrapped = *known < 0 ? &binary(context, extent, ints(context, {std::max<int64_t>(*known, -kBeyond)}), E::kSUM)
                         : &ints(context, {*known});
  } else {
    ITensor& negative = binary(context, *given, 0, E::kLESS);
    wrapped = &select(context, negative, binary(context, *given, extent, E::kSUM), *given);
  }
  return binary(context, binary(context, *wrapped, low, E::kMAX), high, E::kMIN);
}

struct RunTimePart {
  ITensor* start;
  ITensor* size;
};

RunTimePart run_time_part(Context& context, Node const& node, ITensor& x, Range const& range) {
  ITensor& extent = extent_of(context, x, range.axis);
  ITensor& zero = ints(context, {0});
  const bool forward = range.step > 0;
  ITensor& last = forward ? extent : binary(context, extent, 1, E::kSUB);
  ITensor& low = forward ? zero : ints(context, {-1});
  const auto given = [&](int32_t input, Element known) {
    return known ? nullptr : &list_element(context, node.input(input), range.index);
  };
  ITensor& start = range.start == Element(0) && forward
                       ? zero
                       : run_time_bound(context, range.start, given(1, range.start), extent, zero, last);
  ITensor& end = run_time_bound(context, range.end, given(2, range.end), extent, low, last);
  ITensor& span = forward ? binary(context, end, start, E::kSUB) : binary(context, start, end, E::kSUB);
  const int64_t step = forward ? range.step : -range.step;
  ITensor& steps = step == 1 ? span
                             : binary(context, binary(context, span, static_cast<double>(step - 1), E::kSUM),
                                      static_cast<double>(step), E::kFLOOR_DIV);
  const bool whole = &start == &zero && &end == &extent && range.step == 1;
  return {&start, whole ? &extent : &binary(context, steps, 0, E::kMAX)};
}

Known sliced_known(Value const& x, std::vector<Range> const& ranges) {
  const auto known = known_ints(x);
  if (!known || known->dims.size() != 1 || ranges.size() != 1) return std::nullopt;
  const Part part = resolve(ranges[0], known->dims[0]);
  if (!part.start || !part.size) return std::nullopt;
  KnownInts result{{*part.size}, {}};
  for (int64_t i = 0; i < *part.size; ++i) {
    result.values.push_back(known->values[static_cast<size_t>(*part.start + i * ranges[0].step)]);
  }
  return result;
}

Value slice_by(Context& context, Node const& node, std::vector<Range> const& ranges) {
  Value const& value = node.input(0);
  Known known = sliced_known(value, ranges);
  return known_or(std::move(known), value.type(), [&]() -> ITensor& {
    ITensor& x = to_tensor(context, value);
    const Extents dims = dims_of(x);
    const size_t rank = dims.size();
    Extents start(rank, 0);
    Extents size = dims;
    Extents stride(rank, 1);
    std::vector<RunTimePart> at_run_time(rank, {nullptr, nullptr});
    bool fixed = std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; });
    for (Range const& range : ranges) {
      const auto axis = static_cast<size_t>(range.axis);
      const Part part = resolve(range, dims[axis]);
      stride[axis] = range.step;
      if (part.start && part.size) {
        start[axis] = *part.start;
        size[axis] = *part.size;
      } else {
        at_run_time[axis] = run_time_part(context, node, x, range);
        fixed = false;
      }
    }
    if (fixed) return slice(context, x, start, size, stride);
    Tensors starts;
    Tensors sizes;
    for (size_t d = 0; d < rank; ++d) {
      RunTimePart const& part = at_run_time[d];
      starts.push_back(part.start ? part.start : &ints(context, {start[d]}));
      sizes.push_back(part.size      ? part.size
                      : size[d] >= 0 ? &ints(context, {size[d]})
                                     : &extent_of(context, x, static_cast<int64_t>(d)));
    }
    ISliceLayer& layer = added(context.network().addSlice(x, to_dims(start), to_dims(start), to_dims(stride)), "slice");
    layer.setInput(1, concat(context, starts, 0));
    layer.setInput(2, concat(context, sizes, 0));
    return result(&layer, "slice");
  });
}

void add_range(Node const& node, std::vector<Range>& ranges, Range range, int64_t rank) {
  range.axis = node.axis(range.axis, rank, "axes");
  node.require(range.step != 0 && range.step > -kBeyond && range.step < std::numeric_limits<int64_t>::max() / 2,
               ErrorCode::kINVALID_NODE, text("step ", range.step));
  for (Range const& other : ranges) {
    node.require(other.axis != range.axis, ErrorCode::kINVALID_NODE, text("axis ", range.axis, " is named twice"));
  }
  ranges.push_back(range);
}

Values import_slice_by_attributes(Context& context, Node& node) {
  const std::vector<int64_t> starts = node.attributes.integers("starts");
  const std::vector<int64_t> ends = node.attributes.integers("ends");
  const auto axes = node.attributes.optional_integers("axes");
  node.require(starts.size() == ends.size() && (!axes || axes->size() == starts.size()), ErrorCode::kINVALID_NODE,
               "starts, ends and axes differ in length");
  std::vector<Range> ranges;
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    add_range(node, ranges, {axes ? (*axes)[i] : index, 1, starts[i], ends[i], index}, node.input(0).rank());
  }
  return {slice_by(context, node, ranges)};
}

Values import_slice(Context& context, Node& node) {
  const Extents length = node.input(1).dims();
  node.require(length.size() == 1 && length[0] >= 0 && node.input(2).dims() == length, ErrorCode::kINVALID_NODE,
               text("starts and ends must be lists of one known length: ", node.input_types()));
  const auto count = static_cast<size_t>(length[0]);
  const auto starts = known_ints(node.input(1));
  const auto ends = known_ints(node.input(2));
  const std::vector<int64_t> axes = node.has_input(3) ? node.constant_ints(3, "axes") : std::vector<int64_t>();
  const std::vector<int64_t> steps =
      node.has_input(4) ? node.constant_ints(4, "steps") : std::vector<int64_t>(count, 1);
  node.require((!node.has_input(3) || axes.size() == count) && steps.size() == count, ErrorCode::kINVALID_NODE,
               text("starts, ends, axes and steps differ in length: ", node.input_types()));
  std::vector<Range> ranges;
  for (size_t i = 0; i < count; ++i) {
    const auto index = static_cast<int64_t>(i);
    add_range(node, ranges,
              {axes.empty() ? index : axes[i], steps[i], starts ? starts->values[i] : Element(),
               ends ? ends->values[i] : Element(), index},
              node.input(0).rank());
  }
  return {slice_by(context, node, ranges)};
}

/// Parts of known sizes, one after the other.
Values split_into(Context& context, Node const& node, int64_t axis, std::vector<int64_t> const& sizes) {
  node.require(static_cast<int32_t>(sizes.size()) == node.output_count(), ErrorCode::kINVALID_NODE,
               text(sizes.size(), " sizes for ", node.output_count(), " outputs"));
  const int64_t extent = node.input(0).dims()[static_cast<size_t>(axis)];
  int64_t total = 0;
  for (int64_t size : sizes) {
    node.require(size >= 0 && !__builtin_add_overflow(total, size, &total), ErrorCode::kINVALID_NODE,
                 text("size ", size));
  }
  node.require(extent < 0 || extent == total, ErrorCode::kINVALID_NODE,
               text("the parts ", dims_text(sizes), " do not add up to dimension ", axis, " of ", node.input_types()));
  Values parts;
  int64_t start = 0;
  for (int64_t size : sizes) {
    parts.push_back(slice_by(context, node, {{axis, 1, start, start + size, 0}}));
    start += size;
  }
  return parts;
}

/// n parts of ceil(extent / n) of an extent that comes at run time; the last one is what is left.
Values split_evenly(Context& context, Node const& node, int64_t axis, int64_t n) {
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& extent = extent_of(context, x, axis);
  ITensor& size = binary(context, binary(context, extent, static_cast<double>(n - 1), E::kSUM), static_cast<double>(n),
                         E::kFLOOR_DIV);
  Values parts;
  for (int64_t i = 0; i < n; ++i) {
    ITensor& start = binary(context, size, static_cast<double>(i), E::kPROD);
    ITensor& left = binary(context, extent, start, E::kSUB);
    ISliceLayer& layer =
        added(context.network().addSlice(x, to_dims(Extents{0}), to_dims(Extents{0}), to_dims(Extents{1})), "slice");
    layer.setAxes(to_dims(Extents{axis}));
    layer.setInput(1, start);
    layer.setInput(2, i + 1 < n ? size : left);
    parts.push_back(result(&layer, "slice"));
  }
  return parts;
}

Values import_split(Context& context, Node& node) {
  const int64_t axis = node.axis(node.attributes.integer("axis", 0), node.input(0).rank());
  auto sizes = node.attributes.optional_integers("split");
  const auto outputs = node.attributes.optional_integer("num_outputs");
  if (node.has_input(1)) {
    node.require(!sizes && !outputs, ErrorCode::kINVALID_NODE, "sizes are given twice");
    sizes = node.constant_ints(1, "split");
  }
  if (sizes) return split_into(context, node, axis, *sizes);
  const int64_t n = outputs.value_or(node.output_count());
  node.require(n == node.output_count(), ErrorCode::kINVALID_NODE,
               text("num_outputs is ", n, ", outputs are ", node.output_count()));
  const int64_t extent = node.input(0).dims()[static_cast<size_t>(axis)];
  if (extent < 0) return split_evenly(context, node, axis, n);
  const int64_t size = (extent + n - 1) / n;
  node.require(extent % n == 0 || outputs, ErrorCode::kINVALID_NODE,
               text("dimension ", axis, " of ", node.input_types(), " has no ", n, " equal parts"));
  std::vector<int64_t> parts;
  for (int64_t i = 0; i < n; ++i) parts.push_back(std::clamp<int64_t>(extent - i * size, 0, size));
  return split_into(context, node, axis, parts);
}

Known joined_known(Node const& node) {
  KnownInts result{{0}, {}};
  bool any = false;
  for (Value const& part : node.inputs()) {
    const auto known = known_ints(part);
    const Extents dims = part.dims();
    if (dims.size() != 1 || dims[0] < 0 || dims[0] > 64) return std::nullopt;
    const bool integer =
        part.type() == DataType::kINT64 || part.type() == DataType::kINT32 || part.type() == DataType::kBOOL;
    if (!integer) return std::nullopt;
    any |= known.has_value();
    for (size_t i = 0; i < static_cast<size_t>(dims[0]); ++i) {
      result.values.push_back(known ? known->values[i] : Element());
    }
    result.dims[0] += dims[0];
  }
  return any ? std::optional(result) : std::nullopt;
}

Values import_concat(Context& context, Node& node) {
  const int64_t axis = node.axis(node.attributes.integer("axis"), node.input(0).rank());
  if (node.input_count() == 1) return {node.input(0)};
  return {known_or(joined_known(node), node.input(0).type(), [&]() -> ITensor& {
    Tensors parts;
    for (Value const& part : node.inputs()) parts.push_back(&to_tensor(context, part));
    return concat(context, parts, axis);
  })};
}

Known gathered_known(Node const& node) {
  const auto data = known_ints(node.input(0));
  const auto indices = known_ints(node.input(1));
  if (!data || !indices || data->dims.size() != 1) return std::nullopt;
  const int64_t count = data->dims[0];
  KnownInts result{indices->dims, {}};
  for (Element const& index : indices->values) {
    if (!index) {
      result.values.emplace_back();
      continue;
    }
    node.require(*index >= -count && *index < count, ErrorCode::kINVALID_NODE,
                 text("index ", *index, " is outside of ", count, " elements"));
    result.values.push_back(data->values[static_cast<size_t>(*index < 0 ? *index + count : *index)]);
  }
  return result;
}

/// Indices with the negative ones counted from the end: a constant where both they and the extent are known.
Value wrapped(Context& context, Node const& node, int64_t axis) {
  Value const& indices = node.input(1);
  const int64_t extent = node.input(0).dims()[static_cast<size_t>(axis)];
  if (!indices.is_constant())
    return wrap_indices(context, to_tensor(context, indices), to_tensor(context, node.input(0)), axis);
  std::vector<int64_t> values = node.constant_ints(1, "indices");
  const bool negative = std::any_of(values.begin(), values.end(), [](int64_t i) { return i < 0; });
  if (extent < 0 && negative)
    return wrap_indices(context, to_tensor(context, indices), to_tensor(context, node.input(0)), axis);
  for (int64_t& index : values) {
    node.require(extent < 0 || (index >= -extent && index < extent), ErrorCode::kINVALID_NODE,
                 text("index ", index, " is outside of dimension ", axis, " of ", node.input_types()));
    if (index < 0) index += extent;
  }
  return negative ? Value(host_tensor_of(indices.type(), indices.dims(), std::span<int64_t const>(values))) : indices;
}

Values import_gather(Context& context, Node& node) {
  const int64_t axis = node.axis(node.attributes.integer("axis", 0), node.input(0).rank());
  return {known_or(gathered_known(node), node.input(0).type(), [&]() -> ITensor& {
    return gather(context, to_tensor(context, node.input(0)), to_tensor(context, wrapped(context, node, axis)), axis);
  })};
}

constexpr Count kOne{1, 1};

constexpr OpRow kRows[] = {
    OpRow::from("Concat", 4, {1, kAny}, kOne, import_concat), OpRow::from("Gather", 1, {2, 2}, kOne, import_gather),
    {"Slice", 1, 9, kOne, kOne, import_slice_by_attributes},  OpRow::from("Slice", 10, {3, 5}, kOne, import_slice),
    {"Split", 2, 12, kOne, {1, kAny}, import_split},          OpRow::from("Split", 13, {1, 2}, {1, kAny}, import_split),
};

}  // namespace

OpRows slicing_rows() { return kRows; }

}  // namespace rondo::onnx
