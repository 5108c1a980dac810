// Programs that resample and detect, from the description of a network to its outputs.

#include "end_to_end/network_case.h"

namespace rondo::test {
namespace {

void add_profile(NetworkCase& net, const char* name, const Dims& min, const Dims& opt, const Dims& max) {
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  profile->setDimensions(name, OptProfileSelector::kMIN, min);
  profile->setDimensions(name, OptProfileSelector::kOPT, opt);
  profile->setDimensions(name, OptProfileSelector::kMAX, max);
  net.config->addOptimizationProfile(profile);
}

TEST(Resampling, AScaledExtentFollowsTheInput) {
  NetworkCase net;
  IResizeLayer* layer = net->addResize(net.input("x", Dims2(1, -1)));
  const float scales[] = {1, 1.5F};
  layer->setScales(scales, 2);
  layer->setResizeMode(InterpolationMode::kLINEAR);
  layer->setCoordinateTransformation(ResizeCoordinateTransformation::kALIGN_CORNERS);
  net.mark(*layer->getOutput(0));
  add_profile(net, "x", Dims2(1, 1), Dims2(1, 4), Dims2(1, 9));
  const std::string plan = net.plan_bytes();
  Loaded loaded(plan, net.logger);
  auto y = loaded.run({floats_of({1, 3}, {0, 3, 6})});
  ASSERT_EQ(y.size(), 1u) << net.logger.text();
  EXPECT_EQ(y[0].floats(), (std::vector<float>{0, 2, 4, 6}));
  y = loaded.run({floats_of({1, 1}, {7})});
  ASSERT_EQ(y.size(), 1u) << net.logger.text();
  EXPECT_EQ(y[0].floats(), std::vector<float>{7});
}

TEST(Resampling, ToTheShapeOfAnotherTensor) {
  NetworkCase net;
  ITensor& other = net.input("other", Dims4(1, 1, 6, 4));
  IResizeLayer* layer = net->addResize(net.input("x", Dims4(1, 1, 3, 2)));
  layer->setInput(1, *net->addShape(other)->getOutput(0));
  net.mark(net.add(*layer->getOutput(0), other));
  const auto y =
      net.run({floats_of({1, 1, 6, 4}, std::vector<float>(24, 1)), floats_of({1, 1, 3, 2}, {0, 1, 2, 3, 4, 5})});
  ASSERT_EQ(y.size(), 1u);
  EXPECT_EQ(y[0].floats(),
            (std::vector<float>{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 5, 5, 6, 6, 5, 5, 6, 6}));
}

/// The same bits for one thread and for several, at a size that is shared.
TEST(Resampling, ThreadsDoNotChangeBits) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims4(2, 3, 40, 50));
  IResizeLayer* up = net->addResize(x);
  up->setOutputDimensions(Dims4(2, 3, 121, 133));
  up->setResizeMode(InterpolationMode::kCUBIC);
  up->setCoordinateTransformation(ResizeCoordinateTransformation::kHALF_PIXEL);
  IGridSampleLayer* warp = net->addGridSample(*up->getOutput(0), net.input("grid", Dims4(2, 64, 64, 2)));
  net.mark(*up->getOutput(0));
  net.mark(*warp->getOutput(0));
  Random random(3);
  const Array image = floats_of({2, 3, 40, 50}, random.floats(12000)),
              grid = floats_of({2, 64, 64, 2}, random.floats(16384));
  const std::string plan = net.plan_bytes();
  Loaded loaded(plan, net.logger);
  const auto one = loaded.run({image, grid}, 1), four = loaded.run({image, grid}, 4);
  ASSERT_EQ(one.size(), 2u) << net.logger.text();
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(one[i].bytes, four[i].bytes);
}

TEST(Detection, BoxesOfTheSelectedIndices) {
  NetworkCase net;
  ITensor &boxes = net.input("boxes", Dims3(1, 4, 4)), &scores = net.input("scores", Dims3(1, 4, 1));
  INMSLayer* layer = net->addNMS(boxes, scores, net.scalar(10));
  layer->setInput(3, net.constant(Dims{0, {}}, 0.5F));
  // How many, and the sum of the numbers of the boxes: both of fixed shape.
  net.mark(*layer->getOutput(1));
  net.mark(*net->addReduce(*layer->getOutput(0), ReduceOperation::kSUM, 1, false)->getOutput(0));
  const auto y = net.run({floats_of({1, 4, 4}, {0, 0, 1, 1, 0, 0, 1, 0.9F, 5, 5, 6, 6, 8, 8, 9, 9}),
                          floats_of({1, 4, 1}, {0.8F, 0.9F, 0.5F, 0})});
  ASSERT_EQ(y.size(), 2u);
  EXPECT_EQ(y[0].as<int32_t>(), std::vector<int32_t>{2});
  EXPECT_EQ(y[1].as<int32_t>(), (std::vector<int32_t>{0, 0, 1 + 2}));
}

/// An output whose extents come with the run, in memory of its own.
struct Rows : IOutputAllocator {
  void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) override {
    memory.resize(size / sizeof(int32_t) + 1);
    return memory.data();
  }
  void notifyShape(char const*, Dims const& dims) override { shape = to_vector(dims); }
  std::vector<int32_t> memory;
  std::vector<int64_t> shape;
};

TEST(Detection, SelectedIndicesAsAnOutput) {
  NetworkCase net;
  ITensor &boxes = net.input("boxes", Dims3(1, 3, 4)), &scores = net.input("scores", Dims3(1, 3, 1));
  ITensor& selected = *net->addNMS(boxes, scores, net.scalar(10))->getOutput(0);
  selected.setName("selected");
  net.mark(selected);
  const std::string plan = net.plan_bytes();
  Loaded loaded(plan, net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  Rows rows;
  ASSERT_TRUE(loaded.context->setOutputAllocator("selected", &rows)) << net.logger.text();
  const float corners[] = {0, 0, 1, 1, 0, 0, 1, 0.9F, 5, 5, 6, 6};
  float values[] = {0.8F, 0.9F, 0.5F};
  ASSERT_TRUE(loaded.context->setInputTensorAddress("boxes", corners));
  ASSERT_TRUE(loaded.context->setInputTensorAddress("scores", values));
  ASSERT_TRUE(loaded.context->enqueueV3(nullptr)) << net.logger.text();
  EXPECT_EQ(rows.shape, (std::vector<int64_t>{2, 3}));
  rows.memory.resize(6);
  EXPECT_EQ(rows.memory, (std::vector<int32_t>{0, 0, 1, 0, 0, 2}));
  values[2] = -1;
  ASSERT_TRUE(loaded.context->enqueueV3(nullptr)) << net.logger.text();
  EXPECT_EQ(rows.shape, (std::vector<int64_t>{1, 3}));
}

TEST(Detection, GatherOfTheElementsThatAreNotZero) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims2(3, 4));
  IShuffleLayer* turned = net->addShuffle(*net->addNonZero(x)->getOutput(0));
  turned->setFirstTranspose(Permutation{{1, 0}});
  ITensor& picked = *net->addGatherV2(x, *turned->getOutput(0), GatherMode::kND)->getOutput(0);
  net.mark(*net->addReduce(picked, ReduceOperation::kPROD, 1, false)->getOutput(0));
  auto y = net.run({floats_of({3, 4}, {0, 2, 0, 0, 0, 0, 3, 0, -1, 0, 0, 5})});
  ASSERT_EQ(y.size(), 1u);
  EXPECT_EQ(y[0].floats(), std::vector<float>{-30});
}

}  // namespace
}  // namespace rondo::test
