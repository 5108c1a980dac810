#pragma once

#include <string>

namespace rondo::conformance {

/// docs/tolerances.md as it should be: the table of tolerances.def between its marks, the rest as the file has it.
std::string tolerances_page();
/// Writes it. False if the file cannot be read or written.
bool write_tolerances_page();

}  // namespace rondo::conformance
