#pragma once

#include <functional>
#include <string>

#include "rondo/importers/weight_file.h"

namespace rondo::importers {

/// A folder that lives as long as this does.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  /// Writes a file there; its path.
  std::string write(const std::string& name, const std::string& bytes) const;

 private:
  std::string folder_;
};

std::string read_bytes(const std::string& path);

/// An i8 .. f32 tensor whose elements count up from `first`.
Tensor counting(std::vector<int64_t> dims, float first = 0.0f);
Tensor of_bytes(ElementType type, std::vector<int64_t> dims, const std::string& bytes);

/// The message of the ImportError that `act` throws; "" if it throws none.
std::string message_of(const std::function<void()>& act);

/// Calls `load` for every variant of the bytes with one bit flipped (a different one each byte) and for every truncation; `write`
/// puts the variant in place. `load` must throw ImportError with a message, or `accepts` must hold.
void flip_every_byte(const std::string& bytes, const std::function<void(const std::string&)>& write,
                     const std::function<void()>& load, const std::function<bool()>& accepts);

}  // namespace rondo::importers
