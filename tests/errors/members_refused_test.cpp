// Members of the API's enums that this version names and refuses, each with the way out.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, TypesOfInputsThatAreNotStored) {
  const struct {
    DataType type;
    const char* number;
  } kTypes[] = {{DataType::kFP8, "DataType 6"},
                {DataType::kINT4, "DataType 9"},
                {DataType::kFP4, "DataType 10"},
                {DataType::kE8M0, "DataType 11"}};
  for (const auto& refused : kTypes) {
    Net net;
    EXPECT_EQ(net->addInput("x", refused.type, Dims2(3, 4)), nullptr);
    expect_message(net, {"network input 'x'", refused.number, "kFLOAT"});
  }
}

TEST(Errors, ReduceOfNone) {
  Net net;
  EXPECT_EQ(net->addReduce(net.input("x", Dims2(3, 4)), ReduceOperation::kNONE, 1U, false), nullptr);
  expect_message(net, {"addReduce: kNONE is for collectives only"});
}

TEST(Errors, MixtureOfExperts) {
  Net net;
  ITensor& x = net.input("x", Dims2(3, 4));
  EXPECT_EQ(net->addMoE(x, x, x), nullptr);
  expect_message(net, {"addMoE", "a fused mixture of experts is not part of this version"});
}

TEST(Errors, Collectives) {
  for (int32_t operation = 0; operation < EnumMax<CollectiveOperation>(); ++operation) {
    Net net;
    ITensor& x = net.input("x", Dims2(3, 4));
    EXPECT_EQ(
        net->addDistCollective(x, static_cast<CollectiveOperation>(operation), ReduceOperation::kSUM, 0, nullptr, 0),
        nullptr);
    expect_message(net, {"addDistCollective", "a plan runs on one device"});
  }
}

}  // namespace rondo::test
