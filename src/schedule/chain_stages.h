#pragma once

#include "schedule/program_builder.h"

namespace rondo::schedule {

/// Phase chain_stages (docs/design/0019): finds consecutive stages that hand whole rows on, and makes what only they touch local.
/// Takes / Gives    a Program with all steps, before its memory is planned; the same with chains
/// Here because     all readers of a buffer are known, and a chain counts as one step in the memory plan
/// Before → after   x·w → b0 [arena]; rows(b0) → y    becomes    the same steps in a chain, b0 [local]
void chain_stages(ProgramBuilder& builder);

}  // namespace rondo::schedule
