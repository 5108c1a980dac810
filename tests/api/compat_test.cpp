// Code written against nvinfer1: reopening the namespace, implementing callbacks with and without noexcept, both ways
// of destruction, and the enum integers that hard-coded programs rely on.

#include <NvInfer.h>
#include <NvInferPlugin.h>
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

namespace nvinfer1 {

// A program may add its own names to the namespace.
inline int64_t volume(Dims const& dims) {
  int64_t product = 1;
  for (int32_t i = 0; i < dims.nbDims; ++i) product *= dims.d[i];
  return product;
}

}  // namespace nvinfer1

namespace {

using namespace nvinfer1;

// The style of 8.0 and later.
class QuietLogger : public nvinfer1::ILogger {
 public:
  void log(Severity, nvinfer1::AsciiChar const*) noexcept override {}
};

// The style of 7.x.
class OldLogger : public ILogger {
 public:
  void log(Severity severity, const char*) override { worst = severity < worst ? severity : worst; }
  Severity worst = Severity::kVERBOSE;
};

// An allocator of 8.x overrides free, one of 10 deallocate.
class OldAllocator : public IGpuAllocator {
 public:
  void* allocate(uint64_t, uint64_t, uint32_t) noexcept override { return this; }
  void free(void*) noexcept override { ++freed; }
  int freed = 0;
};

struct Destroy {
  template <class T>
  void operator()(T* object) const {
    object->destroy();
  }
};

template <class Enum>
constexpr bool is(Enum value, int integer) {
  return static_cast<int>(value) == integer;
}

static_assert(is(DataType::kFLOAT, 0) && is(DataType::kHALF, 1) && is(DataType::kINT8, 2) && is(DataType::kINT32, 3));
static_assert(is(DataType::kBOOL, 4) && is(DataType::kUINT8, 5) && is(DataType::kFP8, 6) && is(DataType::kBF16, 7));
static_assert(is(DataType::kINT64, 8) && is(DataType::kINT4, 9) && is(DataType::kFP4, 10) && is(DataType::kE8M0, 11));
static_assert(is(TensorFormat::kLINEAR, 0) && is(TensorFormat::kCHW32, 5) && is(TensorFormat::kHWC, 8));
static_assert(is(TensorFormat::kHWC16, 11) && is(TensorFormat::kDHWC, 12));
static_assert(is(ILogger::Severity::kINTERNAL_ERROR, 0) && is(ILogger::Severity::kVERBOSE, 4));
static_assert(is(ErrorCode::kSUCCESS, 0) && is(ErrorCode::kINVALID_ARGUMENT, 3) &&
              is(ErrorCode::kUNSUPPORTED_STATE, 10));
static_assert(is(TensorIOMode::kNONE, 0) && is(TensorIOMode::kOUTPUT, 2) && is(TensorLocation::kHOST, 1));
static_assert(is(OptProfileSelector::kMIN, 0) && is(OptProfileSelector::kOPT, 1) && is(OptProfileSelector::kMAX, 2));
static_assert(is(ProfilingVerbosity::kNONE, 1) && is(ProfilingVerbosity::kDETAILED, 2));
static_assert(is(ProfilingVerbosity::kVERBOSE, 2) && is(ProfilingVerbosity::kDEFAULT, 0));
static_assert(is(LayerType::kFULLY_CONNECTED, 1) && is(LayerType::kRNN_V2, 20) && is(LayerType::kCAST, 47));
static_assert(is(LayerType::kPLUGIN_V3, 48) && is(LayerType::kDIST_COLLECTIVE, 58) && EnumMax<LayerType>() == 59);
static_assert(is(ActivationType::kRELU, 0) && is(ActivationType::kCLIP, 8) &&
              is(ActivationType::kTHRESHOLDED_RELU, 11));
static_assert(is(ActivationType::kGELU_ERF, 12) && is(ActivationType::kGELU_TANH, 13));
static_assert(is(ElementWiseOperation::kSUM, 0) && is(ElementWiseOperation::kSUB, 4) &&
              is(ElementWiseOperation::kPOW, 6));
static_assert(is(ElementWiseOperation::kFLOOR_DIV, 7) && is(ElementWiseOperation::kLESS, 13));
static_assert(is(UnaryOperation::kEXP, 0) && is(UnaryOperation::kNOT, 20) && is(UnaryOperation::kROUND, 22));
static_assert(is(UnaryOperation::kISINF, 23) && is(UnaryOperation::kISNAN, 24));
static_assert(is(ReduceOperation::kSUM, 0) && is(ReduceOperation::kAVG, 4) && is(ReduceOperation::kNONE, 5));
static_assert(is(ScaleMode::kUNIFORM, 0) && is(ScaleMode::kELEMENTWISE, 2) && is(TopKOperation::kMIN, 1));
static_assert(is(MatrixOperation::kNONE, 0) && is(MatrixOperation::kTRANSPOSE, 1) && is(MatrixOperation::kVECTOR, 2));
static_assert(is(GatherMode::kDEFAULT, 0) && is(GatherMode::kELEMENT, 1) && is(GatherMode::kND, 2));
static_assert(is(SampleMode::kSTRICT_BOUNDS, 0) && is(SampleMode::kREFLECT, 4) && is(SliceMode::kDEFAULT, 0));
static_assert(is(LoopOutput::kLAST_VALUE, 0) && is(LoopOutput::kREVERSE, 2) && is(TripLimit::kWHILE, 1));
static_assert(is(RNNOperation::kLSTM, 2) && is(RNNOperation::kGRU, 3) && is(RNNDirection::kBIDIRECTION, 1));
static_assert(is(RNNInputMode::kSKIP, 1) && is(RNNGateType::kCELL, 5) && is(RNNGateType::kHIDDEN, 6));
static_assert(is(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH, 0));
static_assert(is(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED, 2));
static_assert(is(BuilderFlag::kFP16, 0) && is(BuilderFlag::kREFIT, 5) && is(BuilderFlag::kTF32, 7));
static_assert(is(BuilderFlag::kFP8, 17) && is(BuilderFlag::kBF16, 19) && is(BuilderFlag::kSTRIP_PLAN, 21));
static_assert(is(MemoryPoolType::kWORKSPACE, 0) && is(MemoryPoolType::kTACTIC_SHARED_MEMORY, 5));
static_assert(is(TacticSource::kCUDNN, 2) && is(PreviewFeature::kPROFILE_SHARING_0806, 2));
static_assert(std::is_same<decltype(Dims::d), int64_t[8]>::value && sizeof(Permutation) == 32);
static_assert(std::is_same<nvinfer1::ICudaEngine, rondo::ICudaEngine>::value);

TEST(Compat, ReopenedNamespaceSeesBothSides) {
  EXPECT_EQ(nvinfer1::volume(nvinfer1::Dims3{2, 3, 4}), 24);
  EXPECT_EQ(nvinfer1::volume(Dims{2, {5, 6}}), 30);
  DimsHW window{3, 4};
  EXPECT_EQ(window.h() * window.w(), 12);
}

TEST(Compat, CallbacksOfBothGenerationsWork) {
  QuietLogger quiet;
  OldLogger old;
  nvinfer1::ILogger* logger = &quiet;
  logger->log(ILogger::Severity::kERROR, "x");
  logger = &old;
  logger->log(ILogger::Severity::kWARNING, "x");
  EXPECT_EQ(old.worst, ILogger::Severity::kWARNING);
  OldAllocator allocator;
  IGpuAllocator& base = allocator;
  EXPECT_EQ(base.allocateAsync(1, 1, 0, nullptr), &allocator);
  EXPECT_TRUE(base.deallocateAsync(&allocator, nullptr));
  EXPECT_EQ(allocator.freed, 1);
}

TEST(Compat, ObjectsDieByDeleteAndByDestroy) {
  QuietLogger logger;
  std::unique_ptr<IBuilder> builder(nvinfer1::createInferBuilder(logger));
  ASSERT_NE(builder, nullptr);
  std::unique_ptr<INetworkDefinition, Destroy> network(builder->createNetworkV2(1U << 0));
  ASSERT_NE(network, nullptr);
  builder->createBuilderConfig()->destroy();
  delete createInferRuntime(logger);
  EXPECT_NE(getLogger(), nullptr);
}

TEST(Compat, VersionIsTheFace) {
  EXPECT_EQ(getInferLibVersion(), NV_TENSORRT_VERSION);
  EXPECT_EQ(NV_TENSORRT_VERSION, 8601);
  EXPECT_STREQ(getRondoVersion(), "0.1.0");
  EXPECT_TRUE(initLibNvInferPlugins(nullptr, ""));
}

TEST(Compat, CSymbolsCheckTheVersion) {
  QuietLogger logger;
  delete static_cast<IBuilder*>(createInferBuilder_INTERNAL(&logger, NV_TENSORRT_VERSION));
  EXPECT_EQ(createInferBuilder_INTERNAL(&logger, 100000), nullptr);
}

}  // namespace
