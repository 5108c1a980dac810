// reason: one table of forms, and what holds for each of them.
// The bundled plugins of the third generation: each computes the bits of the version of the second that it stands for,
// and takes nothing from a plan that it has not written.

#include <functional>
#include <set>

#include "bundled_case.h"
#include "plan/plan_file.h"

namespace rondo::test {
namespace {

/// A version of each generation that are to compute the same.
struct Form {
  char const* title;
  char const* name;
  char const *v2, *v3;
  std::function<std::vector<PluginField>()> fields;
  std::function<std::vector<Array>(int64_t size, Random&)> inputs;
};
void PrintTo(const Form& form, std::ostream* out) { *out << form.title; }
std::string title_of(const testing::TestParamInfo<Form>& info) { return info.param.title; }

constexpr int64_t kSizes[] = {1, 3, 6};  // of the extent that the network leaves open

/// Values that fields refer to.
struct Parameters {
  Random random{11};
  Tables tables{random};
  Values beta = random.floats(8), gamma = random.floats(8), bias = random.floats(8);
  Values scales = random.floats(3), shifts = random.floats(3), alpha = {0.125F}, epsilon = {1e-3F};
  int32_t zero = 0, one = 1, two = 2, eight = 8;
};
Parameters& parameters() {
  static Parameters all;
  return all;
}

std::vector<PluginField> skip_fields(const int32_t& type_id) {
  Parameters& p = parameters();
  return {field("type_id", type_id), field("ld", p.eight), field("beta", p.beta), field("gamma", p.gamma),
          field("bias", p.bias)};
}

std::vector<PluginField> embedding_fields(std::vector<PluginField> more) {
  std::vector<PluginField> all = parameters().tables.fields();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<PluginField> attention_fields(const int32_t& type_id, const int32_t& packed) {
  Parameters& p = parameters();
  return {field("type_id", type_id), field("hidden_size", p.eight), field("num_heads", p.two), field("has_mask", p.one),
          field("var_seqlen", packed)};
}

Array random_floats(std::vector<int64_t> dims, Random& random) {
  const size_t count = volume_of(dims);
  return floats_of(std::move(dims), random.floats(count));
}

Array random_ints(std::vector<int64_t> dims, int32_t end, Random& random) {
  std::vector<int32_t> values(volume_of(dims));
  for (int32_t& value : values) value = static_cast<int32_t>((random.next() + 1) / 2 * static_cast<float>(end));
  return ints(std::move(dims), values);
}

std::vector<Array> two_of(const std::vector<int64_t>& dims, Random& random) {
  return {random_floats(dims, random), random_floats(dims, random)};
}

Array starts(int64_t total) { return ints({3}, {0, static_cast<int32_t>(total / 2), static_cast<int32_t>(total)}); }

std::vector<Array> tokens(const std::vector<int64_t>& dims, Array last, Random& random) {
  return {random_ints(dims, 10, random), random_ints(dims, 2, random), std::move(last)};
}

std::vector<Array> dense_tokens(int64_t size, Random& random) {
  return tokens({size, 2}, random_ints({size, 2}, 2, random), random);
}

std::vector<Array> packed_tokens(int64_t size, Random& random) {
  std::vector<Array> all = tokens({size}, starts(size), random);
  all.push_back(ints({1}, {static_cast<int32_t>(size)}));
  return all;
}

std::vector<Array> packed_heads(int64_t size, Random& random) {
  return {random_floats({size, 24, 1, 1}, random), ints({1}, {0}), starts(size),
          ints({1}, {static_cast<int32_t>(size)})};
}

std::vector<Form> forms() {
  Parameters& p = parameters();
  const auto five = [](int64_t n, Random& r) { return two_of({n, 2, 8, 1, 1}, r); };
  const auto four = [](int64_t n, Random& r) { return two_of({1, 8, n, 1}, r); };
  const char *skip = "CustomSkipLayerNormPluginDynamic", *embedding = "CustomEmbLayerNormPluginDynamic",
             *attention = "CustomQKVToContextPluginDynamic";
  return {
      {"skip_5", skip, "1", "5", [&] { return skip_fields(p.zero); }, five},
      {"skip_5_half", skip, "1", "5", [&] { return skip_fields(p.one); }, five},
      {"skip_6", skip, "2", "6", [&] { return skip_fields(p.zero); }, five},
      {"skip_7", skip, "3", "7", [&] { return skip_fields(p.two); }, four},
      {"skip_8", skip, "4", "8", [&] { return skip_fields(p.two); }, four},
      {"embedding_6", embedding, "1", "6", [&] { return embedding_fields({}); }, dense_tokens},
      {"embedding_6_full_mask", embedding, "1", "6", [&] { return embedding_fields({field("full_mask", p.one)}); },
       dense_tokens},
      {"embedding_4", embedding, "2", "4", [&] { return embedding_fields({field("output_fp16", p.one)}); },
       packed_tokens},
      {"embedding_5", embedding, "3", "5", [&] { return embedding_fields({}); }, packed_tokens},
      {"attention_4", attention, "1", "4", [&] { return attention_fields(p.zero, p.zero); },
       [](int64_t n, Random& r) {
         return std::vector<Array>{random_floats({n, 2, 24, 1, 1}, r), random_ints({2}, static_cast<int32_t>(n), r)};
       }},
      {"attention_5", attention, "2", "5", [&] { return attention_fields(p.one, p.one); }, packed_heads},
      {"attention_6", attention, "3", "6", [&] { return attention_fields(p.zero, p.one); }, packed_heads},
      {"instance_norm_3", "InstanceNormalization_TRT", "2", "3",
       [&] {
         return std::vector<PluginField>{field("epsilon", p.epsilon), field("scales", p.scales),
                                         field("bias", p.shifts), field("relu", p.one), field("alpha", p.alpha)};
       },
       [](int64_t n, Random& r) {
         return std::vector<Array>{random_floats({2, 3, n, 5}, r)};
       }},
  };
}

/// Adds the inputs of a form, with the extent open in which they differ, and its plugin by `add`; all outputs are marked.
template <class Add>
std::string plan_of(PluginCase& net, const Form& form, Add add) {
  Random random(1);
  std::vector<std::vector<Array>> sized;
  for (const int64_t size : kSizes) sized.push_back(form.inputs(size, random));
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  std::vector<ITensor*> inputs;
  for (size_t i = 0; i < sized[0].size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    Dims open = dims_of(sized[0][i].dims);
    for (int32_t d = 0; d < open.nbDims; ++d) {
      if (open.d[d] != sized[2][i].dims[static_cast<size_t>(d)]) open.d[d] = -1;
    }
    inputs.push_back(&net.input(name.c_str(), open, sized[0][i].type));
    for (size_t s = 0; s < 3; ++s) {
      profile->setDimensions(name.c_str(), static_cast<OptProfileSelector>(s), dims_of(sized[s][i].dims));
    }
  }
  net.config->addOptimizationProfile(profile);
  ILayer* layer = add(inputs);
  for (int32_t i = 0; layer != nullptr && i < layer->getNbOutputs(); ++i) net.mark(*layer->getOutput(i));
  return net.plan_bytes();
}

std::string plan_v2(PluginCase& net, const Form& form) {
  const Made made(form.name, form.v2, form.fields());
  return plan_of(net, form, [&](const std::vector<ITensor*>& inputs) -> ILayer* {
    const auto count = static_cast<int32_t>(inputs.size());
    return made.plugin == nullptr ? nullptr : net->addPluginV2(inputs.data(), count, *made.plugin);
  });
}

std::string plan_v3(PluginCase& net, const Form& form) {
  const std::unique_ptr<IPluginV3> made = made_v3(form.name, form.v3, form.fields());
  return plan_of(net, form, [&](const std::vector<ITensor*>& inputs) -> ILayer* {
    return made == nullptr ? nullptr : net.plugin(inputs, {}, *made);
  });
}

class BundledV3 : public testing::TestWithParam<Form> {};
INSTANTIATE_TEST_SUITE_P(Plugins, BundledV3, testing::ValuesIn(forms()), title_of);

TEST_P(BundledV3, ComputesTheBitsOfItsV2Form) {
  PluginCase second, third;
  const std::string before = plan_v2(second, GetParam()), after = plan_v3(third, GetParam());
  ASSERT_FALSE(before.empty()) << second.logger.text();
  ASSERT_FALSE(after.empty()) << third.logger.text();
  const plan::Program program = plan::read_plan(after.data(), after.size());
  ASSERT_EQ(program.plugins.size(), 1u);
  EXPECT_EQ(program.plugins[0].generation, 3);
  EXPECT_EQ(program.plugins[0].version, GetParam().v3);
  Loaded a(before, second.logger), b(after, third.logger);
  Random random(5);
  for (const int64_t size : {6, 1, 3, 6}) {
    const std::vector<Array> inputs = GetParam().inputs(size, random);
    const std::vector<Array> want = a.run(inputs), got = b.run(inputs);
    ASSERT_FALSE(want.empty()) << second.logger.text();
    ASSERT_EQ(got.size(), want.size()) << third.logger.text();
    for (size_t i = 0; i < want.size(); ++i) {
      EXPECT_EQ(got[i].dims, want[i].dims);
      EXPECT_EQ(got[i].bytes, want[i].bytes) << "output " << i << " of size " << size;
    }
  }
}

TEST_P(BundledV3, IsFoundAmongCreatorsOfItsGenerationAlone) {
  const Form& form = GetParam();
  IPluginCreatorV3One* creator = creator_v3(form.name, form.v3);
  ASSERT_NE(creator, nullptr);
  EXPECT_STREQ(creator->getPluginName(), form.name);
  EXPECT_STREQ(creator->getPluginVersion(), form.v3);
  EXPECT_EQ(getPluginRegistry()->getPluginCreator(form.name, form.v3), nullptr);
  IPluginCreator* second = getPluginRegistry()->getPluginCreator(form.name, form.v2);
  ASSERT_NE(second, nullptr);
  ASSERT_EQ(creator->getFieldNames()->nbFields, second->getFieldNames()->nbFields);
  int32_t count = 0;
  IPluginCreator* const* list = getPluginRegistry()->getPluginCreatorList(&count);
  std::set<std::pair<std::string, std::string>> listed;
  for (int32_t i = 0; i < count; ++i) listed.emplace(list[i]->getPluginName(), list[i]->getPluginVersion());
  EXPECT_EQ(listed.count({form.name, form.v2}), 1u);
  EXPECT_EQ(listed.count({form.name, form.v3}), 0u);
}

TEST_P(BundledV3, ClonesAreTheSamePlugin) {
  const Form& form = GetParam();
  const std::unique_ptr<IPluginV3> made = made_v3(form.name, form.v3, form.fields());
  ASSERT_NE(made, nullptr);
  auto& run = capability<IPluginV3OneRuntime>(*made, PluginCapabilityType::kRUNTIME);
  for (IPluginV3* copy : {made->clone(), run.attachToContext(nullptr)}) {
    const std::unique_ptr<IPluginV3> clone(copy);
    ASSERT_NE(clone, nullptr);
    auto& core = capability<IPluginV3OneCore>(*clone, PluginCapabilityType::kCORE);
    EXPECT_STREQ(core.getPluginName(), form.name);
    EXPECT_STREQ(core.getPluginVersion(), form.v3);
    EXPECT_STREQ(core.getPluginNamespace(), "");
    EXPECT_EQ(capability<IPluginV3OneBuild>(*clone, PluginCapabilityType::kBUILD).getNbOutputs(),
              capability<IPluginV3OneBuild>(*made, PluginCapabilityType::kBUILD).getNbOutputs());
    auto& cloned = capability<IPluginV3OneRuntime>(*clone, PluginCapabilityType::kRUNTIME);
    EXPECT_EQ(cloned.getFieldsToSerialize()->nbFields, run.getFieldsToSerialize()->nbFields);
  }
}

/// The fields that a plugin writes for a plan, as a list to be damaged; valid as long as the plugin.
std::vector<PluginField> written(IPluginV3& plugin) {
  auto& run = capability<IPluginV3OneRuntime>(plugin, PluginCapabilityType::kRUNTIME);
  const PluginFieldCollection& all = *run.getFieldsToSerialize();
  return {all.fields, all.fields + all.nbFields};
}

TEST_P(BundledV3, RefusesDamagedFieldsOfAPlan) {
  const Form& form = GetParam();
  const std::unique_ptr<IPluginV3> made = made_v3(form.name, form.v3, form.fields());
  ASSERT_NE(made, nullptr);
  const std::vector<PluginField> good = written(*made);
  ASSERT_FALSE(good.empty());
  const auto taken = [&](const std::vector<PluginField>& fields) {
    return made_v3(form.name, form.v3, fields, TensorRTPhase::kRUNTIME) != nullptr;
  };
  EXPECT_TRUE(taken(good));
  EXPECT_FALSE(taken({}));
  testing::internal::CaptureStderr();
  const double eight_bytes = 0;
  for (size_t i = 0; i < good.size(); ++i) {
    const auto with = [&](auto damage) {
      std::vector<PluginField> bad = good;
      damage(bad, bad[i]);
      return taken(bad);
    };
    EXPECT_FALSE(with([&](auto& all, auto&) { all.erase(all.begin() + static_cast<ptrdiff_t>(i)); })) << good[i].name;
    EXPECT_FALSE(with([&](auto& all, auto& f) { all.push_back(f); })) << good[i].name;
    EXPECT_FALSE(with([](auto&, auto& f) { f.name = "nothing"; })) << good[i].name;
    EXPECT_FALSE(with([](auto&, auto& f) { f.name = nullptr; })) << good[i].name;
    EXPECT_FALSE(with([](auto&, auto& f) { f.type = PluginFieldType::kCHAR; })) << good[i].name;
    EXPECT_FALSE(with([&](auto&, auto& f) { f = {f.name, &eight_bytes, PluginFieldType::kFLOAT64, 1}; }));
    EXPECT_FALSE(with([](auto&, auto& f) { f.length = f.length == 1 ? 0 : f.length - 1; })) << good[i].name;
    EXPECT_FALSE(with([](auto&, auto& f) { f.length = -1; })) << good[i].name;
    EXPECT_FALSE(with([](auto&, auto& f) { f = {f.name, nullptr, f.type, 1}; })) << good[i].name;
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("the parameters in the plan are damaged"), std::string::npos);
}

/// Loads the plan with a bit of the plugin's data turned: it runs, or is refused by a message. Cut data are refused.
void load_damaged(const std::string& bytes, const Form& form) {
  const plan::Program good = plan::read_plan(bytes.data(), bytes.size());
  RecordingLogger logger;
  Random random(5);
  const std::vector<Array> inputs = form.inputs(3, random);
  const auto loaded_with = [&](auto damage) {
    plan::Program bad = good;
    damage(bad.plugins[0].data);
    const auto file = plan::write_plan(bad);
    logger.errors.clear();
    return Loaded(std::string(file.begin(), file.end()), logger);
  };
  for (size_t at = 0; at < good.plugins[0].data.size(); ++at) {
    for (const int bit : {0, 7}) {
      Loaded loaded = loaded_with([&](auto& data) { data[at] = static_cast<uint8_t>(data[at] ^ (1 << bit)); });
      const bool runs = loaded.context != nullptr && !loaded.run(inputs).empty();
      EXPECT_TRUE(runs || !logger.errors.empty()) << at;
    }
    EXPECT_EQ(loaded_with([&](auto& data) { data.resize(at); }).engine, nullptr) << at;
  }
  EXPECT_FALSE(logger.internal_error) << logger.text();
}

TEST_P(BundledV3, DamagedPlansOfBothFormsAreNoCrash) {
  PluginCase second, third;
  testing::internal::CaptureStderr();
  const std::string before = plan_v2(second, GetParam()), after = plan_v3(third, GetParam());
  ASSERT_FALSE(before.empty() || after.empty());
  load_damaged(before, GetParam());
  load_damaged(after, GetParam());
  testing::internal::GetCapturedStderr();
}

TEST(BundledV3Creators, ExistWhereTensorRtHasThem) {
  EXPECT_NE(creator_v3("CustomEmbLayerNormPluginDynamic", "4"), nullptr);
  for (const auto& [name, version] : {std::pair("CustomGeluPluginDynamic", "2"),
                                      {"CustomFCPluginDynamic", "2"},
                                      {"LayerNorm", "2"},
                                      {"InstanceNormalization_TRT", "4"},
                                      {"CustomSkipLayerNormPluginDynamic", "9"},
                                      {"CustomQKVToContextPluginDynamic", "7"},
                                      {"CustomEmbLayerNormPluginDynamic", "7"}}) {
    EXPECT_EQ(getPluginRegistry()->getCreator(name, version), nullptr) << name << version;
  }
}

TEST(BundledV3Creators, GiveTheirNamespaceToTheirPlugins) {
  IPluginCreatorV3One* creator = creator_v3("InstanceNormalization_TRT", "3", "v3 space");
  ASSERT_NE(creator, nullptr);
  EXPECT_STREQ(creator->getPluginNamespace(), "v3 space");
  const std::vector<PluginField> fields{field("scales", parameters().scales), field("bias", parameters().shifts)};
  const PluginFieldCollection all = collection_of(fields);
  const std::unique_ptr<IPluginV3> plugin(creator->createPlugin("n", &all, TensorRTPhase::kBUILD));
  ASSERT_NE(plugin, nullptr);
  EXPECT_STREQ(capability<IPluginV3OneCore>(*plugin, PluginCapabilityType::kCORE).getPluginNamespace(), "v3 space");
}

/// Creates a plugin that must not come to be; returns what is said about it.
std::string refusal(const char* name, const char* version, const std::vector<PluginField>& fields) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(made_v3(name, version, fields), nullptr);
  return testing::internal::GetCapturedStderr();
}

TEST(BundledV3Creators, RefuseFieldsThatDoNotFit) {
  Parameters& p = parameters();
  const char *skip = "CustomSkipLayerNormPluginDynamic", *attention = "CustomQKVToContextPluginDynamic";
  EXPECT_NE(refusal(skip, "5", {field("gamma", p.gamma)})
                .find("CustomSkipLayerNormPluginDynamic version 5 "
                      "'CustomSkipLayerNormPluginDynamic': field 'beta'"),
            std::string::npos);
  EXPECT_NE(refusal(skip, "5", {field("type_id", p.two), field("beta", p.beta)}).find("type_id 2"), std::string::npos);
  EXPECT_NE(refusal(skip, "8", {field("beta", p.beta), field("gamma", p.scales)}).find("ld elements each"),
            std::string::npos);
  EXPECT_NE(refusal(skip, "5", {field("beta", p.eight)}).find("'beta' is not of a float type"), std::string::npos);
  EXPECT_NE(refusal(attention, "4", {field("hidden_size", p.eight)}).find("multiple of num_heads"), std::string::npos);
  EXPECT_NE(refusal("InstanceNormalization_TRT", "3", {field("scales", p.scales)}).find("'bias' is missing"),
            std::string::npos);
  const PluginFieldCollection no_list{3, nullptr};
  EXPECT_EQ(creator_v3(skip, "5")->createPlugin("n", &no_list, TensorRTPhase::kBUILD), nullptr);
  EXPECT_EQ(creator_v3(skip, "5")->createPlugin(nullptr, nullptr, TensorRTPhase::kRUNTIME), nullptr);
}

/// What a run of an attention over qkv of a type, with a mask, returns in each form: what the plan's tensors are is not what
/// the fields say.
std::vector<int32_t> attention_status(const int32_t& type_id, const int32_t& packed, DataType type) {
  const Values qkv(24);
  Values y(8);
  const int32_t mask = 1;
  const PluginTensorDesc in[] = {{dims_of({1, 1, 24, 1, 1}), type, TensorFormat::kLINEAR, -1},
                                 {dims_of({1}), DataType::kINT32, TensorFormat::kLINEAR, -1}};
  const PluginTensorDesc out{dims_of({1, 1, 8, 1, 1}), type, TensorFormat::kLINEAR, -1};
  void const* const inputs[] = {qkv.data(), &mask};
  void* const outputs[] = {y.data()};
  const DynamicPluginTensorDesc ranges[2] = {};
  const std::vector<PluginField> fields = attention_fields(type_id, packed);
  const Made second("CustomQKVToContextPluginDynamic", "1", fields);
  auto& v2 = static_cast<IPluginV2DynamicExt&>(*second.plugin);
  v2.configurePlugin(ranges, 2, ranges, 1);
  const auto third = made_v3("CustomQKVToContextPluginDynamic", "4", fields);
  auto& v3 = capability<IPluginV3OneRuntime>(*third, PluginCapabilityType::kRUNTIME);
  return {v2.enqueue(in, &out, inputs, outputs, nullptr, nullptr), v3.onShapeChange(in, 2, &out, 1),
          v3.enqueue(in, &out, inputs, outputs, nullptr, nullptr)};
}

TEST(BundledV3Creators, MakePluginsThatRefuseTensorsWhichTheirFieldsDoNotFit) {
  Parameters& p = parameters();
  const DataType f32 = DataType::kFLOAT, f16 = DataType::kHALF;
  using Status = std::vector<int32_t>;
  EXPECT_EQ(attention_status(p.zero, p.zero, f32), (Status{0, 0, 0}));
  EXPECT_EQ(attention_status(p.zero, p.one, f32), (Status{1, 1, 1})) << "packed needs a third input";
  EXPECT_EQ(attention_status(p.one, p.zero, f32), (Status{1, 0, 1})) << "of f16";
  EXPECT_EQ(attention_status(p.zero, p.zero, f16), (Status{1, 0, 1})) << "of f32, which is wider";
}

TEST(BundledV3Creators, RefuseLayersWithTooFewInputs) {
  const Made second("CustomSkipLayerNormPluginDynamic", "1", skip_fields(parameters().zero));
  const auto third = made_v3("CustomSkipLayerNormPluginDynamic", "5", skip_fields(parameters().zero));
  for (const auto& [v3, count] : {std::pair(false, 0), {false, 1}, {true, 0}, {true, 1}}) {
    PluginCase net;
    ITensor* inputs[] = {&net.input("x", dims_of({2, 3, 8, 1, 1}))};
    testing::internal::CaptureStderr();
    ILayer* layer = v3 ? static_cast<ILayer*>(net->addPluginV3(inputs, count, nullptr, 0, *third))
                       : net->addPluginV2(inputs, count, *second.plugin);
    if (layer != nullptr) net.mark(*layer->getOutput(0));
    EXPECT_TRUE(layer == nullptr || net.plan_bytes().empty());
    const std::string said = "a layer has " + std::to_string(count) + " inputs; at least 2 are needed";
    EXPECT_NE(testing::internal::GetCapturedStderr().find(said), std::string::npos) << said;
    EXPECT_FALSE(net.logger.errors.empty());
    EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
  }
}

}  // namespace
}  // namespace rondo::test
