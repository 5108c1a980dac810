// Plugins in the bodies of loops and conditionals: states, trip counts of the run, several outputs, nesting.

#include "plugin_case.h"

namespace rondo::test {
namespace {

Array count_of(int32_t n) { return array_of<int32_t>(DataType::kINT32, {}, {n}); }

/// X [n] f32 and k [] i32 -> x + k f32 [n], and whether x > k as bool [n], and the sum of x as i64 [1].
class Parts final : public BasicV3 {
 public:
  char const* getPluginName() const noexcept override { return "TestParts"; }
  Parts* clone() noexcept override { return new Parts(); }
  int32_t getNbOutputs() const noexcept override { return 3; }
  int32_t getOutputDataTypes(DataType* out, int32_t, DataType const*, int32_t) const noexcept override {
    out[0] = DataType::kFLOAT;
    out[1] = DataType::kBOOL;
    out[2] = DataType::kINT64;
    return 0;
  }
  int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                          IExprBuilder& e) noexcept override {
    out[0] = out[1] = in[0];
    out[2].nbDims = 1;
    out[2].d[0] = e.constant(1);
    return 0;
  }
  bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* d, int32_t, int32_t) noexcept override {
    constexpr DataType kTypes[] = {DataType::kFLOAT, DataType::kINT32, DataType::kFLOAT, DataType::kBOOL,
                                   DataType::kINT64};
    return d[pos].desc.type == kTypes[pos];
  }
  int32_t enqueue(PluginTensorDesc const* d, PluginTensorDesc const*, void const* const* inputs, void* const* outputs,
                  void*, cudaStream_t) noexcept override {
    const auto k = static_cast<float>(*static_cast<int32_t const*>(inputs[1]));
    int64_t sum = 0;
    for (int64_t i = 0; i < d[0].dims.d[0]; ++i) {
      const float x = static_cast<float const*>(inputs[0])[i];
      static_cast<float*>(outputs[0])[i] = x + k;
      static_cast<bool*>(outputs[1])[i] = x > k;
      sum += static_cast<int64_t>(x);
    }
    *static_cast<int64_t*>(outputs[2]) = sum;
    return 0;
  }
};

TEST(PluginInBody, RecurrenceWithATripCountOfTheRun) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale scale(2);
  ITensor& trips = net.input("n", NetworkCase::scalar_dims(), DataType::kINT32);
  ITensor& x = net.input("x", Dims2(-1, 2));
  net.profile("x", Dims2(1, 2), Dims2(2, 2), Dims2(4, 2));
  ILoop* loop = net->addLoop();
  loop->addTripLimit(trips, TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(x);
  state->setInput(1, net.add(net.plugin({state->getOutput(0)}, scale), x));
  net.mark_last(*loop, *state);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  for (const int32_t n : {1, 4, 0, 2}) {
    witness().enqueued = 0;
    const auto outputs = loaded.run({count_of(n), floats_of({1, 2}, {1, -1})});
    ASSERT_EQ(outputs.size(), 1u) << net.logger.text();
    const float last = static_cast<float>((1 << (n + 1)) - 1);
    EXPECT_EQ(outputs[0].floats(), (Values{last, -last}));
    EXPECT_EQ(witness().enqueued, n);
  }
}

TEST(PluginInBody, OutputsOfSeveralTypesInALoop) {
  PluginCase net;
  const Registered<CreatorV3<Parts>> creator("tests", "TestParts");
  Parts parts;
  ILoop* loop = net->addLoop();
  ITensor& trips = net.scalar(3);
  loop->addTripLimit(trips, TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.input("x", Dims{1, {2}}));
  ITensor& k = net.input("k", NetworkCase::scalar_dims(), DataType::kINT32);
  IPluginV3Layer* layer = net.plugin({state->getOutput(0), &k}, {}, parts);
  state->setInput(1, *layer->getOutput(0));
  for (const int32_t i : {0, 1, 2}) {
    net.mark(net.collect(*loop, *layer->getOutput(i), LoopOutput::kCONCATENATE, trips));
  }
  const auto outputs = net.run({floats_of({2}, {0, 5}), count_of(2)});
  EXPECT_EQ(outputs[0].floats(), (Values{2, 7, 4, 9, 6, 11}));
  EXPECT_EQ(outputs[1].as<uint8_t>(), (std::vector<uint8_t>{0, 1, 0, 1, 1, 1}));
  EXPECT_EQ(outputs[2].as<int64_t>(), (std::vector<int64_t>{5, 9, 13}));
}

TEST(PluginInBody, ExtentsOfItsOwnInALoop) {
  PluginCase net;
  const Registered<CreatorV3<Above>> creator("tests", "TestAbove");
  Above above(0.5F);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(2), TripLimit::kCOUNT);
  ITensor& row = *loop->addIterator(net.input("x", Dims2(2, 4)))->getOutput(0);
  IPluginV3Layer* layer = net.plugin({&row}, {}, above);
  ITensor& sum = *net->addReduce(*layer->getOutput(0), ReduceOperation::kSUM, 1, true)->getOutput(0);
  net.mark(net.collect(*loop, sum, LoopOutput::kCONCATENATE, net.scalar(2)));
  const auto outputs = net.run({floats_of({2, 4}, {1, 0, 2, -1, 3, 4, 5, 0.25F})});
  EXPECT_EQ(outputs[0].floats(), (Values{3, 12}));
}

TEST(PluginInBody, BranchInALoop) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale twice(2);
  ILoop* loop = net->addLoop();
  ITensor& trips = net.scalar(4);
  loop->addTripLimit(trips, TripLimit::kCOUNT);
  ITensor& take = *loop->addIterator(net.input("c", Dims{1, {4}}, DataType::kBOOL))->getOutput(0);
  IRecurrenceLayer* state = loop->addRecurrence(net.input("x", Dims2(1, 2)));
  IIfConditional* either = net->addIfConditional();
  either->setCondition(take);
  ITensor& x = *either->addInput(*state->getOutput(0))->getOutput(0);
  ITensor& scaled = net.plugin({&x}, twice);
  state->setInput(1, *either->addOutput(scaled, *net->addIdentity(x)->getOutput(0))->getOutput(0));
  net.mark_last(*loop, *state);
  const auto outputs = net.run({array_of<uint8_t>(DataType::kBOOL, {4}, {1, 0, 1, 1}), floats_of({1, 2}, {1, -1})});
  EXPECT_EQ(outputs[0].floats(), (Values{8, -8}));
  EXPECT_EQ(witness().enqueued, 3);
}

TEST(PluginInBody, FailureInsideALoopEndsTheRun) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale scale(2);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.input("x", Dims2(1, 2)));
  state->setInput(1, net.plugin({state->getOutput(0)}, scale, "step"));
  net.mark_last(*loop, *state);
  Loaded loaded(net.plan_bytes(), net.logger);
  witness().status = 7;
  for (const int threads : {1, 3}) {
    net.logger.errors.clear();
    EXPECT_TRUE(loaded.run({floats_of({1, 2}, {1, 2})}, threads).empty());
    EXPECT_TRUE(net.logger.has("'step'") && net.logger.has("enqueue returned 7")) << net.logger.text();
  }
  EXPECT_EQ(witness().enqueued, 2) << "not once more after it has failed";
  witness().status = 0;
  EXPECT_EQ(loaded.run({floats_of({1, 2}, {1, 2})}, 3)[0].floats(), (Values{8, 16}));
}

}  // namespace
}  // namespace rondo::test
