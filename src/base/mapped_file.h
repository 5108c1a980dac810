#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rondo {

/// A file as read-only memory: pages come from the system's cache of the file, none are copied. The mapping is private, and the file may
/// be renamed, replaced by another or unlinked while it lives; truncating it ends the process at the next access to what is gone.
/// Threads    const; all methods are safe together
class MappedFile {
 public:
  /// Errors    kInvalidArgument naming the file and what the system says: it does not exist, is no regular file, is empty;
  ///           kFailedAllocation if it cannot be mapped
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// At a page boundary.
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

}  // namespace rondo
