// Plans with one byte that differs.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PlanDamaged) {
  Loaded net;
  ASSERT_NE(net.engine, nullptr) << net.logger.text();
  const auto* first = static_cast<const char*>(net.plan->data());
  std::vector<char> bytes(first, first + net.plan->size());
  for (size_t at = 0; at < bytes.size(); at += 41) {
    net.logger.errors.clear();
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    EXPECT_EQ(net.runtime->deserializeCudaEngine(bytes.data(), bytes.size()), nullptr) << at;
    EXPECT_EQ(net.logger.errors.size(), 1u) << net.logger.text();
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  }
}

}  // namespace rondo::test
