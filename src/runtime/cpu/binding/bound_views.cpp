#include "runtime/cpu/binding/bound_views.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "plan/aliases.h"
#include "plan/local_buffers.h"

namespace rondo::runtime {

using plan::Storage;

namespace {

/// Wraps instead of overflowing: views that are used are checked by Footprints, the others may hold anything.
int64_t scale(int64_t elements, size_t bytes) { return static_cast<int64_t>(static_cast<uint64_t>(elements) * bytes); }

BoundBuffer bind_buffer(const plan::Program& program, const plan::Buffer& buffer, std::span<const int64_t> exprs,
                        std::span<const std::vector<int64_t>> binding_dims) {
  switch (buffer.storage) {
    case Storage::kInput:
    case Storage::kOutput: {
      const auto& binding = program.bindings[buffer.index];
      const int64_t volume = volume_or_fail(binding_dims[buffer.index], binding.name.c_str());
      const int64_t bytes = mul_or_fail(volume, static_cast<int64_t>(dtype_bytes(binding.dtype)), binding.name.c_str());
      return {bytes, 1 + buffer.index, 0};
    }
    case Storage::kConstant:
      return {static_cast<int64_t>(program.constants[buffer.index].bytes), kNoSpace, 0};
    case Storage::kDynamic: {
      const auto own = static_cast<uint32_t>(&buffer - program.buffers.data());
      const int64_t bytes = std::max<int64_t>(exprs[buffer.bytes], 0);
      return {bytes, static_cast<uint32_t>(1 + program.bindings.size()) + own, 0};
    }
    case Storage::kLocal:
    case Storage::kArena:
      break;
  }
  // Below 0 only in a branch that these shapes do not take; whoever touches it is refused.
  const int64_t bytes = std::max<int64_t>(exprs[buffer.bytes], 0);
  if (static_cast<uint64_t>(bytes) > buffer.max_bytes) {
    fail(Code::kInvalidArgument, "a temporary tensor needs ", bytes, " bytes for the given shapes, the plan reserves ",
         buffer.max_bytes, "; the plan does not fit its profiles, build it again");
  }
  if (buffer.storage == Storage::kLocal) return {bytes, kLocalSpace, 0};
  return {bytes, kArenaSpace, static_cast<int64_t>(buffer.offset)};
}

// Chains of a sequence use the same bytes one after the other. Where blocks run in parallel, each chain has its own.
void place_locals(const plan::Program& program, std::vector<BoundBuffer>* buffers) {
  constexpr int64_t kLine = 64, kMost = int64_t{1} << 46;
  int64_t at = 0;
  for (const plan::Chain& chain : program.chains) {
    if (program.parallels.empty()) at = 0;
    for (const uint32_t b : local_buffers(program, chain)) {
      BoundBuffer& buffer = (*buffers)[b];
      buffer.space_offset = at;
      if (buffer.bytes > kMost - at)
        fail(Code::kInvalidArgument, "temporary tensors would have ", buffer.bytes, " bytes");
      at += (buffer.bytes + kLine - 1) / kLine * kLine;
    }
  }
}

}  // namespace

std::vector<BoundBuffer> bind_buffers(const plan::Program& program, std::span<const int64_t> exprs,
                                      std::span<const std::vector<int64_t>> binding_dims) {
  std::vector<BoundBuffer> out;
  out.reserve(program.buffers.size());
  for (const auto& buffer : program.buffers) out.push_back(bind_buffer(program, buffer, exprs, binding_dims));
  // An output that may lie at an input's address is the same memory to whoever places barriers.
  for (const plan::Alias& alias : plan::aliases(program)) {
    out[program.bindings[alias.output].buffer].space = 1 + alias.input;
  }
  place_locals(program, &out);
  return out;
}

BoundViews::BoundViews(const plan::Program& program, std::span<const int64_t> exprs)
    : program_(program), views_(program.views.size()), offsets_(program.views.size()) {
  for (size_t i = 0; i < views_.size(); ++i) {
    const plan::View& view = program.views[i];
    BoundView& bound = views_[i];
    if (view.strides.size() > kMaxAxes || view.terms.size() > kMaxTerms) {
      fail(Code::kInvalidArgument, "a view of the plan has ", view.strides.size(), " axes and ", view.terms.size(),
           " loop terms; this runtime takes up to ", kMaxAxes, " and ", kMaxTerms);
    }
    bound.dtype = program.buffers[view.buffer].dtype;
    const size_t bytes = dtype_bytes(bound.dtype);
    offsets_[i] = scale(exprs[view.offset], bytes);
    bound.axes = static_cast<uint8_t>(view.strides.size());
    bound.terms = static_cast<uint8_t>(view.terms.size());
    for (size_t a = 0; a < view.strides.size(); ++a) bound.stride_bytes[a] = scale(exprs[view.strides[a]], bytes);
    for (size_t t = 0; t < view.terms.size(); ++t) {
      bound.term[t] = {view.terms[t].slot, view.terms[t].kind, scale(exprs[view.terms[t].stride], bytes)};
    }
    bound.first = view.first == plan::kNone ? nullptr : &views_[view.first];
    bound.first_slot = view.first_slot;
    bound.guard_slot = view.guard_slot;
    bound.guard_limit = view.guard_limit == plan::kNone ? 0 : exprs[view.guard_limit];
  }
}

void BoundViews::rebase(std::span<std::byte* const> buffers, std::span<std::byte* const> locals) {
  for (size_t i = 0; i < views_.size(); ++i) {
    const uint32_t buffer = program_.views[i].buffer;
    const bool is_local = program_.buffers[buffer].storage == Storage::kLocal;
    // As integers: an offset may lie before the buffer where loop terms make up for it.
    const auto address = reinterpret_cast<uintptr_t>(is_local ? locals[buffer] : buffers[buffer]);
    views_[i].base = reinterpret_cast<std::byte*>(address + static_cast<uintptr_t>(offsets_[i]));
  }
}

}  // namespace rondo::runtime
