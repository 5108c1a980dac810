// A strongly typed network rounds each result of a layer to its type, whether it is stored or stays in a fused step:
// random programs of f16, bf16 and f32 against the interpreter, and against themselves with every tensor stored. Their
// layers are such that f32 rounded to a narrow type is the exact result rounded to it: + - * (24 bits are 2 p + 2 for
// p = 11), comparisons, products of small integers.
#include <random>

#include "api/lowering.h"
#include "base/half.h"
#include "network_case.h"
#include "ops/interpreter.h"

namespace rondo::test {
namespace {

constexpr int64_t kRows = 3, kCols = 40;
constexpr DataType kTypes[] = {DataType::kFLOAT, DataType::kHALF, DataType::kBF16};

uint16_t narrow_bits(DataType type, float value) {
  return type == DataType::kHALF ? float_to_half(value) : float_to_bfloat16(value);
}

Array typed(DataType type, std::vector<int64_t> dims, const std::vector<float>& values) {
  if (type == DataType::kFLOAT) return floats_of(std::move(dims), values);
  std::vector<uint16_t> bits;
  for (const float value : values) bits.push_back(narrow_bits(type, value));
  return array_of(type, std::move(dims), bits);
}

class TypedProgram : public NetworkCase {
 public:
  TypedProgram(uint32_t seed, bool stores_all)
      : NetworkCase{Net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED))}, random_(seed) {
    for (const DataType type : kTypes) {
      inputs.push_back(typed(type, {kRows, kCols}, draw(kRows * kCols, 200, 0.37F)));
      pool_.push_back(&input(text_of("x", inputs.size()).c_str(), Dims2(kRows, kCols), type));
    }
    for (int i = 0; i < 14; ++i) pool_.push_back(&step(pool_));
    add_loop();
    for (int i = 0; i < 4; ++i) pool_.push_back(&step(pool_));
    mark(*pool_.back());
    for (size_t i = std::size(kTypes); stores_all && i + 1 < pool_.size(); ++i) {
      if (!pool_[i]->isNetworkOutput()) mark(*pool_[i]);
    }
  }

  std::vector<float> interpreted_result() {
    std::vector<ops::Tensor> tensors;
    for (const Array& array : inputs) {
      const auto dtype = static_cast<DType>(array.type);
      tensors.push_back(ops::from_bytes(dtype, array.dims, reinterpret_cast<const uint8_t*>(array.bytes.data())));
    }
    const ops::Tensor y = ops::interpret(lowered(*this).graph, tensors, {.round_to_dtype = true})[0];
    return {y.data.begin(), y.data.end()};
  }
  Array expected() { return typed(pool_.back()->getType(), {kRows, kCols}, interpreted_result()); }

  std::vector<Array> inputs;

 private:
  using Pool = std::vector<ITensor*>;

  static std::string text_of(const char* what, size_t number) { return what + std::to_string(number); }
  int pick(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  std::vector<float> draw(int64_t count, int range, float unit) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = static_cast<float>(pick(2 * range + 1) - range) * unit;
    return values;
  }
  ITensor& any(const Pool& pool) {
    return *pool[pool.size() - 1 - static_cast<size_t>(pick(std::min<int>(6, static_cast<int>(pool.size()))))];
  }
  /// Another value, converted where it has another type.
  ITensor& like(const Pool& pool, ITensor& a) {
    ITensor& b = any(pool);
    return b.getType() == a.getType() ? b : *network->addCast(b, a.getType())->getOutput(0);
  }
  ITensor& typed_values(DataType type, const std::vector<int64_t>& dims, const std::vector<float>& values) {
    kept_.push_back(typed(type, dims, values));
    const Weights weights{type, kept_.back().bytes.data(), static_cast<int64_t>(values.size())};
    return *network->addConstant(dims_of(dims), weights)->getOutput(0);
  }
  ITensor& clipped(ITensor& x, float bound) {
    IActivationLayer* layer = network->addActivation(x, ActivationType::kCLIP);
    layer->setAlpha(-bound);
    layer->setBeta(bound);
    return *layer->getOutput(0);
  }
  /// Small integers times small integers: sums of 40 are exact in f32, and not in the type.
  ITensor& integer_product(ITensor& x) {
    ITensor& whole = *network->addUnary(clipped(x, 7), UnaryOperation::kFLOOR)->getOutput(0);
    return matmul(whole, typed_values(x.getType(), {kCols, kCols}, draw(kCols * kCols, 5, 1)));
  }
  ITensor& step(const Pool& pool) {
    ITensor& a = any(pool);
    const DataType type = a.getType();
    switch (pick(9)) {
      case 0:
        return clipped(add(a, like(pool, a)), 64);
      case 1:
        return clipped(binary(a, like(pool, a), ElementWiseOperation::kSUB), 64);
      case 2:
        return clipped(product(a, like(pool, a)), 64);
      case 3:
        return clipped(
            product(add(a, typed_values(type, {1, kCols}, draw(kCols, 9, 0.31F))), typed_values(type, {1, 1}, {0.7F})),
            64);
      case 4:
        return *network->addCast(a, kTypes[pick(3)])->getOutput(0);
      case 5: {
        ITensor& b = like(pool, a);
        return *network
                    ->addSelect(binary(a, b, ElementWiseOperation::kGREATER),
                                product(a, typed_values(type, {1, 1}, {0.3F})), b)
                    ->getOutput(0);
      }
      case 6:
        return clipped(add(integer_product(a), integer_product(like(pool, a))), 64);
      case 7:
        return binary(a, *network->addReduce(a, ReduceOperation::kMAX, 1U << 1, true)->getOutput(0),
                      ElementWiseOperation::kSUB);
      default:
        return *network->addUnary(a, pick(2) != 0 ? UnaryOperation::kNEG : UnaryOperation::kABS)->getOutput(0);
    }
  }
  void add_loop() {
    ITensor& initial = any(pool_);
    ILoop* loop = network->addLoop();
    loop->addTripLimit(scalar(3), TripLimit::kCOUNT);
    IRecurrenceLayer* state = loop->addRecurrence(initial);
    Pool body{pool_.end() - 3, pool_.end()};
    body.push_back(state->getOutput(0));
    for (int i = 0; i < 4; ++i) body.push_back(&step(body));
    ITensor& next = clipped(add(*state->getOutput(0), like(body, *state->getOutput(0))), 64);
    state->setInput(1, next);
    pool_.push_back(loop->addLoopOutput(*state->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  }

  std::mt19937 random_;
  Pool pool_;
  std::vector<Array> kept_;
};

TEST(StrongTypes, RandomProgramsRoundEachLayersResult) {
  for (uint32_t seed = 0; seed < 120; ++seed) {
    TypedProgram program(seed, false);
    const Array expected = program.expected();
    const std::vector<Array> got = program.run(program.inputs);
    ASSERT_EQ(got.size(), 1u);
    ASSERT_EQ(got[0].type, expected.type);
    ASSERT_EQ(got[0].bytes, expected.bytes) << "seed " << seed;
  }
}

TEST(StrongTypes, FusedStepsGiveTheBitsOfStoredTensors) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    TypedProgram fused(seed, false), stored(seed, true);
    ASSERT_EQ(fused.run(fused.inputs)[0].bytes, stored.run(stored.inputs)[0].bytes) << "seed " << seed;
  }
}

// A formula inside of a layer is f32: x / (1 + |x|) is rounded once.
TEST(StrongTypes, FormulasAreRoundedOnceAtTheEnd) {
  NetworkCase net{Net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED))};
  net.mark(net.activation(net.input("x", Dims2(1, 64), DataType::kBF16), ActivationType::kSOFTSIGN));
  std::vector<float> x(64);
  for (size_t i = 0; i < x.size(); ++i) x[i] = bfloat16_to_float(float_to_bfloat16(0.37F * static_cast<float>(i) - 9));
  const std::vector<uint16_t> y = net.run({typed(DataType::kBF16, {1, 64}, x)})[0].as<uint16_t>();
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(y[i], float_to_bfloat16(x[i] / (1 + std::abs(x[i])))) << x[i];
  }
}

// setOutputType under OBEY is met inside of a fused step as well.
TEST(StrongTypes, OrderedOutputTypesRoundInFusedSteps) {
  NetworkCase net;
  net.config->setFlag(BuilderFlag::kBF16);
  net.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
  ITensor& x = net.input("x", Dims2(1, 50));
  IElementWiseLayer* sum = net.network->addElementWise(x, net.values({1, 1}, {0.001F}), ElementWiseOperation::kSUM);
  sum->setOutputType(0, DataType::kBF16);
  net.mark(net.product(*sum->getOutput(0), net.values({1, 1}, {3})));
  std::vector<float> values(50);
  for (size_t i = 0; i < values.size(); ++i) values[i] = 0.119F * static_cast<float>(i);
  const std::vector<float> y = net.run({floats_of({1, 50}, values)})[0].floats();
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(y[i], 3 * bfloat16_to_float(float_to_bfloat16(values[i] + 0.001F))) << values[i];
  }
}

}  // namespace
}  // namespace rondo::test
