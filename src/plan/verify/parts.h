#pragma once

#include "base/error.h"
#include "plan/program.h"

namespace rondo::plan {

constexpr size_t kMaxBindingRank = 8;
constexpr uint32_t kMaxSlots = 1 << 16;
constexpr int kMaxFirstChain = 8;  ///< views reached one after the other through View::first
constexpr int kMaxBlockDepth = 64;

/// Throws Error(kInvalidArgument) "plan: …" with the joined arguments unless the condition holds.
template <class... Args>
void require(bool condition, const Args&... args) {
  if (!condition) fail(Code::kInvalidArgument, "plan: ", args...);
}

/// The tables that steps refer to: exprs, symbols, bindings, profiles, buffers, constants, views, packed, tile programs.
void verify_tables(const Program& program);
/// Stages and kernels, each against the tables. Requires verify_tables().
void verify_work(const Program& program);
/// Steps, blocks, loops, breaks, conditionals, parallels. Requires verify_tables().
void verify_control(const Program& program);
/// Chains, and that nobody else touches local buffers. Requires the three above.
void verify_chains(const Program& program);

}  // namespace rondo::plan
