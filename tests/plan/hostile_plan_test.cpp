// Plans with right checksums and wrong contents: what an attacker writes, or a bug. Whatever they hold, reading gives a
// Program that passes verify() or one Error, and takes memory in proportion to the file.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <new>
#include <random>

#include "base/error.h"
#include "damage.h"
#include "plan/codec.h"
#include "plan/plan_file.h"
#include "plan_generated.h"
#include "sample_program.h"

namespace {

size_t allocated_bytes = 0;  // since the last reset, freed memory included

}  // namespace

// Out of line, so that the compiler does not see malloc meet delete.
[[gnu::noinline]] void* operator new(size_t size) {
  allocated_bytes += size;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace rondo::plan {
namespace {

constexpr size_t kMemoryFactor = 32;
constexpr size_t kMemoryFloor = 256 * 1024;

class HostilePlanTest : public ::testing::Test {
 protected:
  /// Reads; true if accepted. Anything but an Error, or too much memory, fails the test.
  bool read(const Bytes& file) {
    allocated_bytes = 0;
    bool accepted = false;
    try {
      const Program program = read_plan(file.data(), file.size());
      EXPECT_LT(allocated_bytes, file.size() * kMemoryFactor + kMemoryFloor);
      accepted = true;
      EXPECT_FALSE(to_string(program).empty());
      EXPECT_NO_THROW(write_plan(program));
    } catch (const Error& error) {
      EXPECT_LT(allocated_bytes, file.size() * kMemoryFactor + kMemoryFloor) << error.what();
      EXPECT_EQ(std::string(error.what()).substr(0, 6), "plan: ");
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    return accepted;
  }

  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }

  /// Values at which checks tend to be wrong by one.
  uint64_t odd_value() {
    static constexpr uint64_t kValues[] = {0,
                                           1,
                                           2,
                                           3,
                                           7,
                                           8,
                                           63,
                                           64,
                                           65,
                                           127,
                                           128,
                                           255,
                                           256,
                                           65535,
                                           65536,
                                           0x7fffffff,
                                           0x80000000,
                                           0xfffffffe,
                                           0xffffffff,
                                           0x100000000,
                                           INT64_MAX,
                                           1ull << 63,
                                           UINT64_MAX - 1,
                                           UINT64_MAX};
    return pick(0, 3) == 0 ? static_cast<uint64_t>(pick(0, 20)) : kValues[pick(0, std::size(kValues) - 1)];
  }

  std::mt19937_64 random_{20240607};
};

TEST_F(HostilePlanTest, MutatedMetadataBytes) {
  const Bytes files[] = {write_plan(sample_program()), write_plan(packed_sample_program(kernels::Isa::kAvx512))};
  const std::vector<Section> plain = read_container(files[0]), packed = read_container(files[1]);
  int accepted = 0;
  for (int round = 0; round < 16000; ++round) {
    const std::vector<Section>& sections = round % 2 == 0 ? plain : packed;
    std::vector<Section> changed = sections;
    const auto which = static_cast<size_t>(pick(0, 2));
    Bytes bytes(sections[which].bytes.begin(), sections[which].bytes.end());
    for (int64_t edits = pick(1, 3); edits > 0; --edits) {
      const size_t width = size_t{1} << pick(0, 3);
      const auto at = static_cast<size_t>(pick(0, static_cast<int64_t>(bytes.size() - width)));
      const uint64_t value = pick(0, 2) == 0 ? random_() : odd_value();
      std::memcpy(bytes.data() + (pick(0, 3) == 0 ? at : at / width * width), &value, width);
    }
    if (pick(0, 9) == 0) bytes.resize(static_cast<size_t>(pick(0, static_cast<int64_t>(bytes.size()))));
    changed[which].bytes = bytes;
    accepted += read(write_container(changed));
  }
  EXPECT_GT(accepted, 100) << "some edits hit bytes that do not matter";
  EXPECT_LT(accepted, 12000);
}

/// Calls visit32/visit64 for every number of the Program's tables.
struct NumberVisitor {
  std::function<void(uint32_t&)> visit32;
  std::function<void(uint64_t&)> visit64;

  void operator()(uint32_t& n) { visit32(n); }
  void operator()(uint64_t& n) { visit64(n); }
  void operator()(int64_t& n) { visit64(reinterpret_cast<uint64_t&>(n)); }
  template <class T>
  void all(std::vector<T>& numbers) {
    for (T& n : numbers) (*this)(n);
  }
  template <class... T>
  void each(T&... numbers) {
    ((*this)(numbers), ...);
  }
};

void visit_tables(Program& p, NumberVisitor& v) {
  for (Symbol& s : p.symbols) v.each(s.input, s.index);
  for (Expr& e : p.exprs) v.each(e.value, e.a, e.b);
  for (ShapeCheck& c : p.checks) v.each(c.a, c.b);
  for (Binding& b : p.bindings) {
    v.all(b.dims);
    v.all(b.dim_exprs);
    v.each(b.buffer);
  }
  for (Profile& profile : p.profiles) {
    for (Profile::Input& i : profile.inputs) {
      for (std::vector<int64_t>* list : {&i.min, &i.opt, &i.max, &i.value_min, &i.value_opt, &i.value_max})
        v.all(*list);
    }
  }
  for (Buffer& b : p.buffers) v.each(b.index, b.bytes, b.offset, b.max_bytes);
  for (Constant& c : p.constants) {
    v.all(c.dims);
    v.each(c.offset, c.bytes);
  }
  for (View& view : p.views) {
    v.each(view.buffer, view.offset, view.first, view.first_slot, view.guard_slot, view.guard_limit);
    v.all(view.strides);
    for (Term& t : view.terms) v.each(t.slot, t.stride);
  }
  for (Packed& m : p.packed) {
    v.each(m.constant, m.offset, m.k_stride, m.col_stride, m.gate_stride, m.k, m.cols, m.gates, m.stored_at);
    if (!m.layout) continue;
    for (int* number : {&m.layout->shape.lanes, &m.layout->shape.units, &m.layout->shape.groups})
      v(reinterpret_cast<uint32_t&>(*number));
  }
}

void visit_steps(Program& p, NumberVisitor& v) {
  for (Stage& s : p.stages) {
    v.all(s.space);
    for (Gemm& g : s.gemms) v.each(g.a, g.packed, g.b, g.k);
    v.each(s.tile_program);
    v.all(s.operands);
    v.all(s.slots);
  }
  for (Kernel& k : p.kernels) {
    v.all(k.space);
    v.all(k.operands);
    for (auto& dims : k.operand_dims) v.all(dims);
    v.all(k.attrs);
    v.all(k.exprs);
    v.all(k.slots);
  }
  for (Loop& l : p.loops) v.each(l.slot, l.trips, l.count_view, l.body);
  for (Break& b : p.breaks) v.each(b.flag);
  for (Conditional& c : p.conditionals) v.each(c.flag, c.then_block, c.else_block);
  for (Parallel& parallel : p.parallels) v.all(parallel.blocks);
  for (Step& s : p.steps) v.each(s.index);
  for (Block& b : p.blocks) v.all(b.steps);
  for (Chain& c : p.chains) v.all(c.steps);
  v.each(p.slot_count, p.arena_bytes);
}

Bytes write_unverified(const Program& program) {
  const Bytes meta = encode_meta(program), tiles = encode_tiles(program), executable = encode_executable(program);
  return write_container({{kSectionMeta, 1, 0, true, 64, meta, 0},
                          {kSectionTiles, 1, 0, true, 64, tiles, 0},
                          {kSectionProgram, 1, 0, true, 64, executable, 0},
                          {kSectionWeights, 1, 0, true, 4096, program.weights, 0}});
}

TEST_F(HostilePlanTest, EveryNumberMutated) {
  for (const Program& original : {packed_sample_program(kernels::Isa::kAvx2), chained_program()}) {
    int count = 0;
    NumberVisitor counter{[&](uint32_t&) { ++count; }, [&](uint64_t&) { ++count; }};
    Program sample = original;
    visit_tables(sample, counter);
    visit_steps(sample, counter);
    ASSERT_GT(count, original.chains.empty() ? 300 : 50);
    int accepted = 0;
    for (int target = 0; target < count; ++target) {
      for (int round = 0; round < 12; ++round) {
        Program program = original;
        const uint64_t value = odd_value();
        int at = 0;
        NumberVisitor mutate{[&](uint32_t& n) {
                               if (at++ == target) n = static_cast<uint32_t>(value);
                             },
                             [&](uint64_t& n) {
                               if (at++ == target) n = value;
                             }};
        visit_tables(program, mutate);
        visit_steps(program, mutate);
        accepted += read(write_unverified(program));
      }
    }
    EXPECT_LT(accepted, count * 8);
  }
}

TEST_F(HostilePlanTest, ListsCutAndGrown) {
  for (int round = 0; round < 2000; ++round) {
    Program p = round % 2 == 0 ? sample_program() : packed_sample_program(kernels::Isa::kScalar);
    const auto resize = [&](auto& list) {
      list.resize(static_cast<size_t>(pick(0, static_cast<int64_t>(list.size()) + 2)));
    };
    for (int64_t edits = pick(1, 2); edits > 0; --edits) {
      const std::function<void()> choices[] = {[&] { resize(p.symbols); },
                                               [&] { resize(p.exprs); },
                                               [&] { resize(p.profiles); },
                                               [&] { resize(p.buffers); },
                                               [&] { resize(p.constants); },
                                               [&] { resize(p.views); },
                                               [&] { resize(p.packed); },
                                               [&] { resize(p.tile_programs); },
                                               [&] { resize(p.stages); },
                                               [&] { resize(p.kernels); },
                                               [&] { resize(p.loops); },
                                               [&] { resize(p.steps); },
                                               [&] { resize(p.blocks); },
                                               [&] { resize(p.weights); },
                                               [&] { resize(p.profiles[0].inputs); },
                                               [&] { resize(p.stages[pick(0, 1)].operands); },
                                               [&] { resize(p.stages[pick(0, 1)].gemms); },
                                               [&] { resize(p.kernels[pick(0, 3)].operands); },
                                               [&] { resize(p.kernels[1].operand_dims); },
                                               [&] { resize(p.views[pick(0, 12)].strides); },
                                               [&] { resize(p.tile_programs[1].insts); },
                                               [&] { resize(p.tile_programs[1].operand_dtypes); }};
      choices[pick(0, std::size(choices) - 1)]();
      if (p.stages.size() < 2 || p.kernels.size() < 4 || p.views.size() < 13 || p.tile_programs.size() < 2 ||
          p.profiles.empty())
        break;
    }
    read(write_unverified(p));
  }
}

Bytes with_executable(const Bytes& executable) {
  const Program sample = sample_program();
  const Bytes meta = encode_meta(sample), tiles = encode_tiles(sample);
  return write_container({{kSectionMeta, 1, 0, true, 64, meta, 0},
                          {kSectionTiles, 1, 0, true, 64, tiles, 0},
                          {kSectionProgram, 1, 0, true, 64, executable, 0}});
}

// FlatBuffers may refer to one table or list from many places: a small file that unfolds to a huge one.
TEST_F(HostilePlanTest, SharedTablesDoNotUnfold) {
  for (const size_t references : {100u, 3000u, 100000u}) {
    flatbuffers::FlatBufferBuilder builder;
    const auto origin = builder.CreateString(std::string(200000, 'x'));
    const auto step = fb::CreateStep(builder, 0, 0, origin);
    const auto steps = builder.CreateVector(std::vector<flatbuffers::Offset<fb::Step>>(references, step));
    fb::ExecutableBuilder executable(builder);
    executable.add_steps(steps);
    builder.Finish(executable.Finish());
    EXPECT_FALSE(read(with_executable({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()})));
  }
  flatbuffers::FlatBufferBuilder builder;
  const auto items = builder.CreateVector(std::vector<uint32_t>(50000));
  const auto list = fb::CreateIndexList(builder, items);
  const auto lists = builder.CreateVector(std::vector<flatbuffers::Offset<fb::IndexList>>(10000, list));
  const auto kernel = fb::CreateKernel(builder, 0, items, items, lists, 0, items, items);
  const auto kernels = builder.CreateVector(std::vector<flatbuffers::Offset<fb::Kernel>>(5000, kernel));
  fb::ExecutableBuilder executable(builder);
  executable.add_kernels(kernels);
  builder.Finish(executable.Finish());
  EXPECT_FALSE(read(with_executable({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()})));
}

TEST_F(HostilePlanTest, UnknownFunctionsAndEnumerations) {
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<fb::FunctionName>> names{
      fb::CreateFunctionName(builder, builder.CreateString("of_a_later_version"))};
  const auto functions = builder.CreateVector(names);
  builder.Finish(fb::CreateTilePrograms(builder, functions, 0));
  Program program;
  try {
    decode_tiles({builder.GetBufferPointer(), builder.GetSize()}, &program);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnsupportedState);
    EXPECT_STREQ(error.what(),
                 "plan: pointwise function 'of_a_later_version' is not known to this Rondo; use a newer one");
  }
}

TEST_F(HostilePlanTest, DamagedContainersWithRightChecksums) {
  const Bytes file = write_plan(sample_program());
  const size_t head = kHeaderBytes + read_at<uint32_t>(file, kCountAt) * kEntryBytes;
  for (int round = 0; round < 4000; ++round) {
    Bytes changed = file;
    for (int64_t edits = pick(1, 3); edits > 0; --edits) {
      const size_t width = size_t{1} << pick(0, 3);
      const uint64_t value = odd_value();
      std::memcpy(changed.data() + pick(8, static_cast<int64_t>(head - width)), &value, width);
    }
    write_at<uint32_t>(changed, kCountAt, read_at<uint32_t>(file, kCountAt));
    seal(changed);
    read(changed);
  }
}

TEST_F(HostilePlanTest, TheFuzzersEntryTakesAnyBytes) {
  const Bytes file = write_plan(sample_program());
  EXPECT_EQ(LLVMFuzzerTestOneInput(nullptr, 0), 0);
  for (int round = 0; round < 500; ++round) {
    Bytes changed(file.begin(), file.begin() + pick(0, static_cast<int64_t>(file.size())));
    for (int64_t edits = pick(0, 3); edits > 0 && changed.size() >= 8; --edits) {
      const uint64_t value = odd_value();
      std::memcpy(changed.data() + pick(0, static_cast<int64_t>(changed.size() - 8)), &value, 8);
    }
    EXPECT_EQ(LLVMFuzzerTestOneInput(changed.data(), changed.size()), 0);
  }
}

}  // namespace
}  // namespace rondo::plan
