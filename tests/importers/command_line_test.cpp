// `rondo weights` as a person runs it: what it prints, where, and its exit code.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "importers/checkpoint_writer.h"
#include "importers/files.h"

#ifdef RONDO_COMMAND
namespace rondo::importers {
namespace {

class CommandLine : public testing::Test {
 protected:
  void SetUp() override {
    weights_.add("cell/kernel", counting({2, 4}));
    weights_.add("cell/kernel/Adam", counting({2, 4}));
    for (const auto& [suffix, bytes] : bundle_files(weights_)) folder_.write("model" + suffix, bytes);
  }

  // Exit code of `rondo weights <arguments>` run in the folder.
  int run(const std::string& arguments) {
    std::string line = "cd '" + folder_.path("") + "' && '" RONDO_COMMAND "' weights " + arguments + " > out 2> err";
    int status = std::system(line.c_str());
    out_ = read_bytes(folder_.path("out"));
    err_ = read_bytes(folder_.path("err"));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  ScratchFolder folder_;
  WeightMap weights_;
  std::string out_, err_;
};

TEST_F(CommandLine, Lists) {
  EXPECT_EQ(run("list --verify model"), 0) << err_;
  EXPECT_NE(out_.find("cell/kernel       f32       [2, 4]\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("(optimizer slot)"), std::string::npos) << out_;
  EXPECT_NE(out_.find("TensorFlow checkpoint V2: 2 entries, 1 weights, 32 bytes, all verified"), std::string::npos)
      << out_;
}

TEST_F(CommandLine, DumpsValues) {
  EXPECT_EQ(run("dump model --limit 3"), 0) << err_;
  EXPECT_EQ(out_, "cell/kernel f32 [2, 4]: 0 1 2 ...\n");
  EXPECT_EQ(run("dump model -t cell/kernel/Adam -n 0"), 0) << err_;
  EXPECT_EQ(out_, "cell/kernel/Adam f32 [2, 4]: 0 1 2 3 4 5 6 7\n");
  EXPECT_EQ(run("dump model -t nothing"), 1);
  EXPECT_NE(err_.find("no tensor 'nothing'"), std::string::npos) << err_;
}

TEST_F(CommandLine, ConvertsToEveryFormat) {
  for (const std::string form : {"wts", "wts-hex", "wts-plain", "weights", "safetensors"}) {
    EXPECT_EQ(run("convert model converted --to " + form), 0) << err_;
    WeightMap back = load_weights(folder_.path("converted"));
    ASSERT_EQ(back.size(), 1u) << form;
    EXPECT_EQ(back.items()[0].second.bytes, weights_.items()[0].second.bytes) << form;
  }
  EXPECT_EQ(run("convert model all.safetensors --all --float f16"), 0) << err_;
  EXPECT_EQ(load_weights(folder_.path("all.safetensors")).at("cell/kernel/Adam").type, ElementType::kF16);
}

TEST_F(CommandLine, ExitCodesTellWhoseMistakeItIs) {
  EXPECT_EQ(run("list nowhere"), 1);
  EXPECT_NE(err_.find("there is no such file"), std::string::npos) << err_;
  EXPECT_EQ(out_, "");
  EXPECT_EQ(run("convert model no/such/folder/x.wts"), 1);
  EXPECT_EQ(run("list"), 2);
  EXPECT_EQ(run("convert model x --to onnx"), 2);
  EXPECT_EQ(run("--help"), 0);
  EXPECT_NE(out_.find("convert"), std::string::npos);
}

}  // namespace
}  // namespace rondo::importers
#endif
