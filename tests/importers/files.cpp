#include "importers/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "importers/allocation_limit.h"

namespace rondo::importers {

ScratchFolder::ScratchFolder() {
  // Thousands of small files: in memory where there is such a place.
  const std::filesystem::path in_memory = "/dev/shm";
  const bool has_memory = std::filesystem::is_directory(in_memory) && access(in_memory.c_str(), W_OK) == 0;
  std::string pattern =
      ((has_memory ? in_memory : std::filesystem::temp_directory_path()) / "rondo_importers_XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("no scratch folder");
  folder_ = pattern;
}

ScratchFolder::~ScratchFolder() { std::filesystem::remove_all(folder_); }

std::string ScratchFolder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream(path(name), std::ios::binary) << bytes;
  return path(name);
}

std::string read_bytes(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

Tensor counting(std::vector<int64_t> dims, float first) {
  std::vector<float> values(static_cast<size_t>(elements_of(dims, "test")));
  for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return Tensor::of_floats(std::move(dims), values);
}

Tensor of_bytes(ElementType type, std::vector<int64_t> dims, const std::string& bytes) {
  return {type, std::move(dims), {bytes.begin(), bytes.end()}};
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const ImportError& error) {
    return error.what();
  }
  return "";
}

void flip_every_byte(const std::string& bytes, const std::function<void(const std::string&)>& write,
                     const std::function<void()>& load, const std::function<bool()>& accepts) {
  auto attempt = [&](const std::string& variant, const std::string& what) {
    write(variant);
    std::string message;
    {
      AllocationLimit limit(16u << 20);
      message = message_of(load);
    }
    EXPECT_TRUE(!message.empty() || accepts()) << what << " goes unnoticed";
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string variant = bytes;
    variant[i] = static_cast<char>(variant[i] ^ (1 << (i % 8)));
    attempt(variant, "bit " + std::to_string(i % 8) + " of byte " + std::to_string(i));
  }
  for (size_t length = 0; length < bytes.size(); ++length)
    attempt(bytes.substr(0, length), "truncation to " + std::to_string(length));
  write(bytes);
}

}  // namespace rondo::importers
