// rondo: the command line. Exit code 0: done; 1: the work failed, the reason is on stderr; 2: the command line is
// wrong.
#include <CLI/CLI.hpp>
#include <iostream>

#include "weights.h"

int main(int argc, char** argv) {
  CLI::App app("Rondo, an inference engine for the TensorRT programming model.", "rondo");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  rondo::cli::Action action;
  rondo::cli::add_weights(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kWrongUsage = 2;
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : kWrongUsage;
  }
  try {
    return action();
  } catch (const std::exception& error) {
    std::cerr << "rondo: " << error.what() << '\n';
    return 1;
  }
}
