#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rondo::importers {

/// A file opened for reading at any place. Nothing is allocated before the place is known to lie in the file.
/// Errors    ImportError naming the path
class FileBytes {
 public:
  explicit FileBytes(const std::string& path);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }

  /// Bytes [offset, offset + count); `what` names them in the error.
  std::string read(uint64_t offset, uint64_t count, const std::string& what) const;
  std::vector<uint8_t> read_vector(uint64_t offset, uint64_t count, const std::string& what) const;

  /// Whether all bytes of [offset, offset + count) are zero, read piece by piece.
  bool is_zero(uint64_t offset, uint64_t count) const;

 private:
  void check_range(uint64_t offset, uint64_t count, const std::string& what) const;
  void fill(uint64_t offset, void* to, uint64_t count, const std::string& what) const;

  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

}  // namespace rondo::importers
