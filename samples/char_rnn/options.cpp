#include "char_rnn/options.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

namespace sample::char_rnn {

const char* usage() {
  return "Usage: sample_char_rnn [options]\n"
         "  --help              Display this text\n"
         "  --datadir DIR       Where char-rnn.wts, vocab.json and examples.json are (repeatable; default "
         "samples/char_rnn/model)\n"
         "  --weights FILE      Weights from another file: TensorFlow checkpoint, .wts, npz, safetensors (repeatable: "
         "parts)\n"
         "  --useILoop          Write the LSTM layers with the loop API, else with RNNv2\n"
         "  --hostEmbedding     Look the embedding up outside of the engine, as the first version of this sample did\n"
         "  --saveEngine FILE   Write the engine's plan to a file\n"
         "  --loadEngine FILE   Read the plan from a file instead of building it\n"
         "  --prompt TEXT       The text to go on with\n"
         "  --generate N        Generate N characters in one call, inside the engine\n"
         "  --calls N           Make N such calls, each going on where the last one ended\n"
         "  --temperature T     Draw characters; below 1 more probable ones more often. 0 takes the most probable\n"
         "  --topK K            Draw from the K most probable characters\n"
         "  --topP P            Draw from the most probable characters that together have probability P\n"
         "  --seed S            Place in the random numbers\n"
         "  --streams B         Generate B texts at once\n"
         "  --evaluate FILE     Print the perplexity of a text\n"
         "  --threads N         Number of threads\n"
         "  --verbose           Print the builder's messages\n";
}

bool parse(int argc, char** argv, Options* options) {
  Options& o = *options;
  using Take = std::function<void(const char*)>;
  const auto text = [](std::string& to) -> Take { return [&to](const char* v) { to = v; }; };
  const auto list = [](std::vector<std::string>& to) -> Take { return [&to](const char* v) { to.push_back(v); }; };
  const auto number = [](auto& to) -> Take {
    return [&to](const char* v) { to = static_cast<std::decay_t<decltype(to)>>(std::strtod(v, nullptr)); };
  };
  const std::map<std::string, bool*> flags = {{"--help", &o.help},
                                              {"-h", &o.help},
                                              {"--verbose", &o.verbose},
                                              {"--useILoop", &o.use_loop},
                                              {"--hostEmbedding", &o.embedding_outside}};
  const std::map<std::string, Take> values = {{"--datadir", list(o.folders)},
                                              {"-d", list(o.folders)},
                                              {"--weights", list(o.weights)},
                                              {"--saveEngine", text(o.save_engine)},
                                              {"--loadEngine", text(o.load_engine)},
                                              {"--prompt", text(o.prompt)},
                                              {"--evaluate", text(o.evaluate)},
                                              {"--generate", number(o.generate)},
                                              {"--calls", number(o.calls)},
                                              {"--temperature", number(o.temperature)},
                                              {"--topK", number(o.top_k)},
                                              {"--topP", number(o.top_p)},
                                              {"--seed", number(o.seed)},
                                              {"--streams", number(o.streams)},
                                              {"--threads", number(o.threads)}};
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    const size_t equals = name.find('=');
    const bool inline_value = equals != std::string::npos;
    const std::string value = inline_value ? name.substr(equals + 1) : "";
    name = name.substr(0, equals);
    if (const auto flag = flags.find(name); flag != flags.end() && !inline_value) {
      *flag->second = true;
    } else if (const auto found = values.find(name); found != values.end() && (inline_value || i + 1 < argc)) {
      found->second(inline_value ? value.c_str() : argv[++i]);
    } else {
      std::fprintf(stderr, "'%s' is no option, or lacks its value\n%s", argv[i], usage());
      return false;
    }
  }
  const bool valid = o.streams >= 1 && o.generate >= 0 && o.calls >= 1 && o.temperature >= 0 && o.top_k >= 0 &&
                     o.top_p > 0 && o.top_p <= 1;
  if (!valid) std::fprintf(stderr, "a number is out of range\n%s", usage());
  if (o.folders.empty()) o.folders = {"samples/char_rnn/model", "char_rnn/model", "model"};
  return valid;
}

}  // namespace sample::char_rnn
