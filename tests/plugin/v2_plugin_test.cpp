// Plugins of the second generation from network to run: shapes, types, places, failures.

#include "plugin_case.h"

namespace rondo::test {
namespace {

TEST(PluginV2, RunsWithShapesOfTheRun) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale scale(3);
  ITensor& y = net.plugin({&net.input("x", Dims2(-1, 3))}, scale);
  EXPECT_EQ(to_vector(y.getDimensions()), (std::vector<int64_t>{-1, 3}));
  net.mark(y);
  net.profile("x", Dims2(1, 3), Dims2(2, 3), Dims2(4, 3));
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  EXPECT_EQ(loaded.run({floats_of({2, 3}, {1, 2, 3, 4, 5, 6})})[0].floats(), (Values{3, 6, 9, 12, 15, 18}));
  EXPECT_EQ(witness().dims, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(loaded.run({floats_of({1, 3}, {1, 0, -1})})[0].floats(), (Values{3, 0, -3}));
  EXPECT_EQ(witness().initialized, 1);
}

TEST(PluginV2, IsEndedWithItsEngine) {
  {
    PluginCase net;
    const Registered<ScaleCreator> creator("");
    Scale scale(3);
    net.mark(net.plugin({&net.input("x", Dims2(1, 3))}, scale));
    net.run({floats_of({1, 3}, {1, 2, 3})});
  }
  EXPECT_EQ(witness().terminated, 1);
  EXPECT_EQ(witness().alive, 0);
}

TEST(PluginV2, ConvertsToTheTypeThatThePluginWants) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  witness().type = DataType::kHALF;
  Scale scale(2);
  ITensor& y = net.plugin({&net.input("x", Dims2(1, 4))}, scale);
  EXPECT_EQ(y.getType(), DataType::kFLOAT);
  net.mark(y);
  EXPECT_EQ(net.run({floats_of({1, 4}, {1, 0.5F, 0, 3})})[0].floats(), (Values{2, 1, 0, 6}));
}

TEST(PluginV2, ReadsAndWritesPlacesWithGaps) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale scale(2);
  ITensor& x = net.input("x", Dims2(2, 3));
  IShuffleLayer* turned = net->addShuffle(x);
  turned->setFirstTranspose({{1, 0}});
  ITensor& y = net.plugin({turned->getOutput(0)}, scale);
  ITensor* parts[] = {&y, turned->getOutput(0)};
  IConcatenationLayer* both = net->addConcatenation(parts, 2);
  both->setAxis(1);
  net.mark(*both->getOutput(0));
  EXPECT_EQ(net.run({floats_of({2, 3}, {1, 2, 3, 4, 5, 6})})[0].floats(),
            (Values{2, 8, 1, 4, 4, 10, 2, 5, 6, 12, 3, 6}));
}

TEST(PluginV2, RunsInALoop) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale scale(2);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.input("x", Dims2(1, 2)));
  state->setInput(1, net.plugin({state->getOutput(0)}, scale));
  net.mark_last(*loop, *state);
  net.mark(net.collect(*loop, *state->getOutput(0), LoopOutput::kCONCATENATE, net.scalar(3)));
  const auto outputs = net.run({floats_of({1, 2}, {1, -1})}, 3);
  EXPECT_EQ(outputs[0].floats(), (Values{8, -8}));
  EXPECT_EQ(outputs[1].floats(), (Values{1, -1, 2, -2, 4, -4}));
  EXPECT_EQ(witness().enqueued, 3);
}

TEST(PluginV2, IsNotBatchedOverTime) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale scale(2);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ITensor& row = *loop->addIterator(net.input("x", Dims2(3, 2)))->getOutput(0);
  ITensor& scaled = net.plugin({&net.add(row, row)}, scale);
  net.mark(net.collect(*loop, net.add(scaled, row), LoopOutput::kREVERSE, net.scalar(3)));
  const auto outputs = net.run({floats_of({3, 2}, {1, 2, 3, 4, 5, 6})}, 2);
  EXPECT_EQ(outputs[0].floats(), (Values{25, 30, 15, 20, 5, 10}));
  EXPECT_EQ(witness().enqueued, 3);
  EXPECT_EQ(witness().dims, (std::vector<int64_t>{2}));
}

TEST(PluginV2, RunsInTheBranchThatIsTaken) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  Scale twice(2), thrice(3);
  IIfConditional* either = net->addIfConditional();
  either->setCondition(net.input("c", Dims{0, {}}, DataType::kBOOL));
  ITensor& x = *either->addInput(net.input("x", Dims2(1, 2)))->getOutput(0);
  ITensor &a = net.plugin({&x}, twice, "a"), &b = net.plugin({&x}, thrice, "b");
  net.mark(*either->addOutput(a, b)->getOutput(0));
  const Array yes = array_of<uint8_t>(DataType::kBOOL, {}, {1}), no = array_of<uint8_t>(DataType::kBOOL, {}, {0});
  EXPECT_EQ(net.run({yes, floats_of({1, 2}, {1, 2})})[0].floats(), (Values{2, 4}));
  EXPECT_EQ(net.run({no, floats_of({1, 2}, {1, 2})})[0].floats(), (Values{3, 6}));
  EXPECT_EQ(witness().enqueued, 2);
}

TEST(PluginV2, ToldTheBatchApart) {
  PluginCase net;
  const Registered<AddBatchCreator<AddBatchIO>> io("");
  const Registered<AddBatchCreator<AddBatchOld>> old("");
  AddBatchIO first;
  AddBatchOld second;
  ITensor& x = net.input("x", Dims2(-1, 2));
  ITensor& y = net.plugin({&net.plugin({&x}, first, "io")}, second, "old");
  EXPECT_EQ(to_vector(y.getDimensions()), (std::vector<int64_t>{-1, 2}));
  net.mark(y);
  net.profile("x", Dims2(1, 2), Dims2(2, 2), Dims2(4, 2));
  EXPECT_EQ(net.run({floats_of({3, 2}, {0, 1, 2, 3, 4, 5})})[0].floats(), (Values{6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(witness().batch, 3);
}

TEST(PluginV2, FailedEnqueueEndsTheRunNamingTheLayer) {
  for (const bool throws : {false, true}) {
    PluginCase net;
    const Registered<ScaleCreator> creator("");
    Scale scale(2);
    ITensor& y = net.plugin({&net.input("x", Dims2(1, 2))}, scale, "enc.scale");
    net.mark(net.add(y, y));
    Loaded loaded(net.plan_bytes(), net.logger);
    witness().status = throws ? 0 : 5;
    witness().throws = throws;
    EXPECT_TRUE(loaded.run({floats_of({1, 2}, {1, 2})}, 3).empty());
    EXPECT_TRUE(net.logger.has("'enc.scale'")) << net.logger.text();
    EXPECT_TRUE(net.logger.has("'TestScale' version '1'")) << net.logger.text();
    EXPECT_TRUE(net.logger.has(throws ? "no luck" : "enqueue returned 5")) << net.logger.text();
    EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
    witness().status = 0;
    witness().throws = false;
    EXPECT_EQ(loaded.run({floats_of({1, 2}, {1, 2})}, 3)[0].floats(), (Values{4, 8}));
  }
}

}  // namespace
}  // namespace rondo::test
