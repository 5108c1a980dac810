// Every recurrent network the passes are tested with, scheduled in every way. The cells are written once, beside the
// passes' tests; a test program holds the sources of its own folder only.
#include "passes/cells.cpp"

#include <gtest/gtest.h>

#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

class CellsTest : public testing::TestWithParam<passes::Cell> {};

TEST_P(CellsTest, ProgramComputesWhatTheGraphMeans) {
  EXPECT_EQ(check_schedules(GetParam().graph, GetParam().inputs), "");
}

INSTANTIATE_TEST_SUITE_P(AllCells, CellsTest, testing::ValuesIn(passes::all_cells()),
                         [](const testing::TestParamInfo<passes::Cell>& info) { return info.param.name; });

}  // namespace
}  // namespace rondo::schedule
