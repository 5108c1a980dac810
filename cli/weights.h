#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rondo::cli {

/// What the command line asked for; run after it is parsed, gives the exit code.
using Action = std::function<int()>;

/// Adds `weights` with its subcommands to the command line. Parsing one sets the action.
void add_weights(CLI::App& app, Action& action);

}  // namespace rondo::cli
