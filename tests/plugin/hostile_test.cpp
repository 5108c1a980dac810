// Plugins that misbehave, one way each: the build, the load or the run is refused with a message that names the plugin;
// nothing crashes.

#include <functional>

#include "plugin_case.h"

namespace rondo::test {
namespace {

/// What one plugin of a test does wrong; what is not set is done right.
struct Faults {
  int32_t outputs = 1;
  std::function<int32_t()> count_outputs;
  bool clone_null = false, clone_throws = false, clone_null_at_run = false;
  std::function<DimsExprs(DimsExprs const&, IExprBuilder&)> shape;
  DataType type = DataType::kFLOAT;
  bool type_throws = false, format_throws = false, configure_throws = false;
  size_t size = 4, written = 4;
  bool size_throws = false, serialize_throws = false;
  int32_t initialized = 0;
  size_t workspace = 0;
  bool load_throws = false, attach_throws = false;
  char const* name = "Hostile";
};
Faults& faults() {
  static Faults state;
  return state;
}

void throw_if(bool fails, char const* what) {
  if (fails) throw std::runtime_error(what);
}

class Hostile final : public IPluginV2DynamicExt {
 public:
  char const* getPluginType() const override { return faults().name; }
  char const* getPluginVersion() const override { return "1"; }
  int32_t getNbOutputs() const override { return faults().count_outputs ? faults().count_outputs() : faults().outputs; }
  DimsExprs getOutputDimensions(int32_t, DimsExprs const* in, int32_t, IExprBuilder& e) override {
    return faults().shape ? faults().shape(in[0], e) : in[0];
  }
  DataType getOutputDataType(int32_t, DataType const*, int32_t) const override {
    throw_if(faults().type_throws, "bad type");
    return faults().type;
  }
  bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* d, int32_t, int32_t) override {
    throw_if(faults().format_throws, "bad format");
    return pos > 0 || d[pos].type == DataType::kFLOAT;
  }
  void configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*, int32_t) override {
    throw_if(faults().configure_throws, "bad configuration");
  }
  size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) const override {
    return faults().workspace;
  }
  int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                  cudaStream_t) override {
    return 0;
  }
  int32_t initialize() override { return faults().initialized; }
  void terminate() override {}
  void attachToContext(cudnnContext*, cublasContext*, IGpuAllocator*) override {
    throw_if(faults().attach_throws, "bad context");
  }
  size_t getSerializationSize() const override {
    throw_if(faults().size_throws, "bad size");
    return faults().size;
  }
  void serialize(void* to) const override {
    throw_if(faults().serialize_throws, "bad bytes");
    std::memset(to, 1, faults().written);
  }
  void destroy() override { delete this; }
  Hostile* clone() const override {
    throw_if(faults().clone_throws, "bad clone");
    return faults().clone_null ? nullptr : new Hostile(*this);
  }
  void setPluginNamespace(char const*) override {}
  char const* getPluginNamespace() const override { return nullptr; }
};

class HostileCreator final : public IPluginCreator {
 public:
  char const* getPluginName() const override { return "Hostile"; }
  char const* getPluginVersion() const override { return "1"; }
  PluginFieldCollection const* getFieldNames() override { return nullptr; }
  IPluginV2* createPlugin(char const*, PluginFieldCollection const*) override { return new Hostile(); }
  IPluginV2* deserializePlugin(char const*, void const*, size_t) override {
    throw_if(faults().load_throws, "bad plan");
    return new Hostile();
  }
  void setPluginNamespace(char const*) override {}
  char const* getPluginNamespace() const override { return ""; }
};

/// A network of one such plugin.
struct HostileCase : PluginCase {
  HostileCase() { faults() = {}; }
  bool add() {
    ITensor* inputs[] = {&input("x", Dims2(2, 3))};
    Hostile plugin;
    IPluginV2Layer* layer = network->addPluginV2(inputs, 1, plugin);
    if (layer == nullptr) return false;
    layer->setName("enc");
    network->markOutput(*layer->getOutput(0));
    return true;
  }
  void expect_named(std::initializer_list<const char*> parts) const {
    EXPECT_TRUE(logger.has("'Hostile' version '1'")) << logger.text();
    for (const char* part : parts) EXPECT_TRUE(logger.has(part)) << part << " in " << logger.text();
    EXPECT_FALSE(logger.internal_error) << logger.text();
  }
};

struct Fault {
  char const* name;
  std::function<void(Faults&)> set;
  char const* part;
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }
std::string name_of(const testing::TestParamInfo<Fault>& info) { return info.param.name; }

class HostileLayer : public testing::TestWithParam<Fault> {};
TEST_P(HostileLayer, IsNotAdded) {
  HostileCase net;
  GetParam().set(faults());
  EXPECT_FALSE(net.add());
  net.expect_named({GetParam().part});
}
INSTANTIATE_TEST_SUITE_P(
    Plugins, HostileLayer,
    testing::Values(
        Fault{"clone_null", [](Faults& f) { f.clone_null = true; }, "clone() returned null"},
        Fault{"clone_throws", [](Faults& f) { f.clone_throws = true; }, "clone threw: bad clone"},
        Fault{"no_outputs", [](Faults& f) { f.outputs = 0; }, "getNbOutputs gives 0; a layer has 1 to 64 outputs"},
        Fault{"negative_outputs", [](Faults& f) { f.outputs = -3; }, "getNbOutputs gives -3"},
        Fault{"too_many_outputs", [](Faults& f) { f.outputs = INT32_MAX; }, "getNbOutputs gives 2147483647"},
        Fault{"outputs_throw",
              [](Faults& f) { f.count_outputs = []() -> int32_t { throw std::runtime_error("bad count"); }; },
              "getNbOutputs threw: bad count"}),
    name_of);

DimsExprs of_rank(int32_t rank, IDimensionExpr const* dim) {
  DimsExprs shape{};
  shape.nbDims = rank;
  for (int32_t i = 0; i < rank && i < Dims::MAX_DIMS; ++i) shape.d[i] = dim;
  return shape;
}

/// An expression that this call's builder has not made.
DimsExprs foreign(DimsExprs const&, IExprBuilder&) {
  static const uint64_t kNobody[8] = {};
  return of_rank(1, reinterpret_cast<IDimensionExpr const*>(kNobody));
}

class HostileBuild : public testing::TestWithParam<Fault> {};
TEST_P(HostileBuild, IsRefused) {
  HostileCase net;
  GetParam().set(faults());
  ASSERT_TRUE(net.add()) << net.logger.text();
  EXPECT_TRUE(net.plan_bytes().empty());
  net.expect_named({GetParam().part, "'enc'"});
}
INSTANTIATE_TEST_SUITE_P(
    Plugins, HostileBuild,
    testing::Values(
        Fault{"rank_above_8", [](Faults& f) { f.shape = [](auto& in, auto&) { return of_rank(9, in.d[0]); }; },
              "output 0 has rank 9 (plugin C2)"},
        Fault{"rank_negative", [](Faults& f) { f.shape = [](auto& in, auto&) { return of_rank(-2, in.d[0]); }; },
              "output 0 has rank -2"},
        Fault{"extent_null", [](Faults& f) { f.shape = [](auto&, auto&) { return of_rank(2, nullptr); }; },
              "dimension 0 of output 0 is null"},
        Fault{"extent_of_nobody", [](Faults& f) { f.shape = foreign; }, "an expression of an earlier call"},
        Fault{"extent_negative", [](Faults& f) { f.shape = [](auto&, auto& e) { return of_rank(1, e.constant(-5)); }; },
              "-5"},
        Fault{"extents_overflow",
              [](Faults& f) { f.shape = [](auto&, auto& e) { return of_rank(3, e.constant(int64_t{1} << 40)); }; }, ""},
        Fault{"shape_throws",
              [](Faults& f) { f.shape = [](auto&, auto&) -> DimsExprs { throw std::runtime_error("bad shape"); }; },
              "getOutputDimensions threw: bad shape"},
        Fault{"no_such_type", [](Faults& f) { f.type = static_cast<DataType>(77); }, "77"},
        Fault{"type_throws", [](Faults& f) { f.type_throws = true; }, "getOutputDataType threw: bad type"},
        Fault{"format_throws", [](Faults& f) { f.format_throws = true; },
              "supportsFormatCombination threw: bad format"},
        Fault{"configure_throws", [](Faults& f) { f.configure_throws = true; }, "configurePlugin threw"},
        Fault{"size_throws", [](Faults& f) { f.size_throws = true; }, "getSerializationSize threw: bad size"},
        Fault{"size_huge", [](Faults& f) { f.size = SIZE_MAX; }, "getSerializationSize gives"},
        Fault{"writes_more", [](Faults& f) { f.written = 40; }, "serialize wrote more than the 4 bytes"},
        Fault{"serialize_throws", [](Faults& f) { f.serialize_throws = true; }, "serialize threw: bad bytes"}),
    name_of);

class HostileLoad : public testing::TestWithParam<Fault> {};
TEST_P(HostileLoad, IsRefused) {
  HostileCase net;
  const Registered<HostileCreator> creator("");
  ASSERT_TRUE(net.add());
  const std::string plan = net.plan_bytes();
  ASSERT_FALSE(plan.empty()) << net.logger.text();
  GetParam().set(faults());
  Loaded loaded(plan, net.logger);
  EXPECT_TRUE(loaded.context == nullptr || loaded.run({floats_of({2, 3}, Values(6))}).empty());
  net.expect_named({GetParam().part});
  faults() = {};
}
INSTANTIATE_TEST_SUITE_P(
    Plugins, HostileLoad,
    testing::Values(
        Fault{"load_throws", [](Faults& f) { f.load_throws = true; }, "deserializePlugin threw: bad plan"},
        Fault{"initialize_fails", [](Faults& f) { f.initialized = 9; }, "initialize returned 9"},
        Fault{"clone_null", [](Faults& f) { f.clone_null = true; }, "clone() returned null"},
        Fault{"attach_throws", [](Faults& f) { f.attach_throws = true; }, "attachToContext threw: bad context"},
        Fault{"configure_throws", [](Faults& f) { f.configure_throws = true; }, "configurePlugin threw"},
        Fault{"workspace_huge", [](Faults& f) { f.workspace = SIZE_MAX - 8; },
              "getWorkspaceSize gives 18446744073709551607"},
        Fault{"workspace_large", [](Faults& f) { f.workspace = size_t{1} << 60; }, "getWorkspaceSize gives"}),
    name_of);

TEST(HostilePlugin, NumberOfOutputsIsAskedOnce) {
  HostileCase net;
  int32_t asked = 0;
  faults().count_outputs = [&] { return ++asked; };
  ASSERT_TRUE(net.add());
  EXPECT_FALSE(net.plan_bytes().empty()) << net.logger.text();
  EXPECT_EQ(net->getLayer(0)->getNbOutputs(), 1);
}

/// A V3 plugin with one fault.
class HostileV3 final : public BasicV3 {
 public:
  enum Kind { kNoClone, kNoBuild, kShapes, kTypes, kTactics, kManyTactics, kAlias, kAliasType, kFields, kConfigure };
  explicit HostileV3(Kind kind) : kind_(kind) {}
  char const* getPluginName() const noexcept override { return "Hostile"; }
  HostileV3* clone() noexcept override { return kind_ == kNoClone ? nullptr : new HostileV3(kind_); }
  IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
    const bool missing = kind_ == kNoBuild && type == PluginCapabilityType::kBUILD;
    return missing ? nullptr : BasicV3::getCapabilityInterface(type);
  }
  int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                          int32_t) noexcept override {
    return kind_ == kConfigure ? 5 : 0;
  }
  int32_t getOutputDataTypes(DataType* out, int32_t, DataType const* in, int32_t) const noexcept override {
    out[0] = kind_ == kAliasType ? DataType::kINT32 : in[0];
    return kind_ == kTypes ? 3 : 0;
  }
  bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* d, int32_t, int32_t) noexcept override {
    return d[pos].desc.type == (pos == 1 && kind_ == kAliasType ? DataType::kINT32 : DataType::kFLOAT);
  }
  int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                          IExprBuilder&) noexcept override {
    out[0] = in[0];
    return kind_ == kShapes ? 2 : 0;
  }
  int32_t getAliasedInput(int32_t) noexcept override { return kind_ == kAlias ? 7 : kind_ == kAliasType ? 0 : -1; }
  int32_t getNbTactics() noexcept override { return kind_ == kTactics ? 1 : kind_ == kManyTactics ? INT32_MAX : 0; }
  int32_t getValidTactics(int32_t* tactics, int32_t) noexcept override {
    tactics[0] = -4;
    return 0;
  }
  int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                  cudaStream_t) noexcept override {
    return 0;
  }
  PluginFieldCollection const* getFieldsToSerialize() noexcept override { return kind_ == kFields ? &bad_ : &none_; }

 private:
  Kind kind_;
  PluginField field_{"f", nullptr, PluginFieldType::kINT32, 8};
  PluginFieldCollection bad_{1, &field_}, none_{0, nullptr};
};

TEST(HostilePlugin, OfTheThirdGenerationIsNamed) {
  const std::pair<HostileV3::Kind, char const*> kCases[] = {
      {HostileV3::kNoClone, "clone() returned null"},
      {HostileV3::kNoBuild, "has no build capability"},
      {HostileV3::kShapes, "getOutputShapes returned 2"},
      {HostileV3::kTypes, "getOutputDataTypes returned 3"},
      {HostileV3::kTactics, "tactic -4"},
      {HostileV3::kManyTactics, "getNbTactics gives 2147483647"},
      {HostileV3::kAlias, "output 0 is to share the memory of input 7, which does not exist"},
      {HostileV3::kAliasType, "output 0 is to share the memory of input 0"},
      {HostileV3::kFields, "field 'f' has type 5, length 8 and no data"},
      {HostileV3::kConfigure, "configurePlugin returned 5"},
  };
  for (const auto& [kind, part] : kCases) {
    PluginCase net;
    ITensor* inputs[] = {&net.input("x", Dims2(2, 3))};
    HostileV3 plugin(kind);
    IPluginV3Layer* layer = net->addPluginV3(inputs, 1, nullptr, 0, plugin);
    if (layer != nullptr) net->markOutput(*layer->getOutput(0));
    EXPECT_TRUE(layer == nullptr || net.plan_bytes().empty()) << part;
    EXPECT_TRUE(net.logger.has("'Hostile' version '1'")) << net.logger.text();
    EXPECT_TRUE(net.logger.has(part)) << part << " in " << net.logger.text();
    EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
  }
}

}  // namespace
}  // namespace rondo::test
