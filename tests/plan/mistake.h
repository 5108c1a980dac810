#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "plan/program.h"

namespace rondo::plan {

/// What verify() says, behind "plan: ", of a sound program in which `make` was done.
struct Mistake {
  std::string expected;
  std::function<void(Program&)> make;
};

/// Each mistake alone is refused in these words; a broken program can still be printed.
inline void expect_all_refused(const Program& sound, const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    Program program = sound;
    mistake.make(program);
    try {
      verify(program);
      ADD_FAILURE() << "accepted: " << mistake.expected;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), "plan: " + mistake.expected);
    }
    EXPECT_FALSE(to_string(program).empty());
  }
}

}  // namespace rondo::plan
