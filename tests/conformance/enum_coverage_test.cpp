#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "conformance/harness/check.h"
#include "rondo/rondo.h"

// Every member of every enum of operators is used by generated cases, or refused with a message that a test expects.
// The table below is checked against the enums themselves (each enumerator exists, their number is EnumMax), the uses
// are counted in the very cases that the Conformance tests run.

namespace rondo::conformance {
namespace {

struct Member {
  const char* enumeration;
  const char* name;
  int32_t value;
  const char* refusal;  ///< null: used
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
const Member kMembers[] = {
#define RONDO_USED(enumeration, member) \
  {#enumeration, #member, static_cast<int32_t>(rondo::enumeration::k##member), nullptr},
#define RONDO_REFUSED(enumeration, member, message) \
  {#enumeration, #member, static_cast<int32_t>(rondo::enumeration::k##member), message},
#include "conformance/enums.def"
#undef RONDO_USED
#undef RONDO_REFUSED
};
const std::map<std::string, int32_t> kMax{
#define RONDO_USED(enumeration, member) {#enumeration, EnumMax<rondo::enumeration>()},
#define RONDO_REFUSED(enumeration, member, message) {#enumeration, EnumMax<rondo::enumeration>()},
#include "conformance/enums.def"
#undef RONDO_USED
#undef RONDO_REFUSED
};
#pragma GCC diagnostic pop

using Uses = std::map<std::string, int64_t>;

Uses count_uses() {
  Uses uses;
  for (const Registration* row : registrations()) {
    for (DType dtype : row->dtypes) {
      for (int64_t n = 0; n < case_count(*row); ++n) {
        for (const auto& [enumeration, member] : draw(*row, dtype, n).members) ++uses[enumeration + "::" + member];
      }
    }
  }
  return uses;
}

/// All of tests/errors as one text.
std::string error_tests() {
  std::ostringstream all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(RONDO_TESTS_DIR "/errors")) {
    if (entry.path().extension() == ".cpp") all << std::ifstream(entry.path()).rdbuf();
  }
  return all.str();
}

TEST(EnumCoverage, TheTableHoldsEveryMember) {
  std::map<std::string, int32_t> rows;
  for (const Member& member : kMembers) EXPECT_EQ(member.value, rows[member.enumeration]++) << member.name;
  for (const auto& [enumeration, count] : kMax) EXPECT_EQ(rows[enumeration], count) << enumeration;
}

TEST(EnumCoverage, EveryMemberIsUsedOrRefused) {
  const Uses uses = count_uses();
  const std::string errors = error_tests();
  Uses left = uses;
  for (const Member& member : kMembers) {
    const std::string name = std::string(member.enumeration) + "::" + member.name;
    left.erase(name);
    const auto found = uses.find(name);
    const int64_t count = found == uses.end() ? 0 : found->second;
    std::cout << "  " << name << ": ";
    if (member.refusal == nullptr) {
      std::cout << count << " cases\n";
      EXPECT_GT(count, 0) << name << ": no generated case uses it";
    } else {
      std::cout << "refused: " << member.refusal << "\n";
      EXPECT_EQ(count, 0) << name << " is used; make its row of enums.def RONDO_USED";
      EXPECT_NE(errors.find(member.refusal), std::string::npos)
          << name << ": no test of tests/errors expects its refusal";
    }
  }
  for (const auto& [name, count] : left)
    ADD_FAILURE() << "enums.def lacks " << name << ", which " << count << " cases use";
}

TEST(CaseCount, AtLeastFiveThousand) {
  int64_t count = 0;
  for (const Registration* row : registrations()) count += case_count(*row) * static_cast<int64_t>(row->dtypes.size());
  std::cout << "  " << registrations().size() << " ops, " << count << " generated cases\n";
  EXPECT_TRUE(options().cases != Options().cases || count >= 5000) << count << " cases";
}

}  // namespace
}  // namespace rondo::conformance
