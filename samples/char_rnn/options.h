#pragma once

#include <string>
#include <vector>

namespace sample::char_rnn {

/// What the command line says.
struct Options {
  bool help = false;
  bool verbose = false;
  bool use_loop = false;             ///< --useILoop
  bool embedding_outside = false;    ///< --hostEmbedding
  std::vector<std::string> folders;  ///< --datadir
  std::vector<std::string> weights;  ///< --weights
  std::string load_engine, save_engine;
  std::string prompt;
  std::string evaluate;    ///< a text to measure perplexity on
  int64_t generate = 0;    ///< characters to generate in one call; 0 = the six steps of the sample
  int64_t calls = 1;       ///< that many calls of --generate
  double temperature = 0;  ///< 0 = greedy
  int32_t top_k = 0;       ///< 0 = all
  double top_p = 1;
  int64_t seed = 0;
  int64_t streams = 1;
  int32_t threads = 0;  ///< 0 = as many as there are
};

/// Reads the command line.
/// Errors    false, with a message on stderr
bool parse(int argc, char** argv, Options* options);

/// The text of --help.
const char* usage();

}  // namespace sample::char_rnn
