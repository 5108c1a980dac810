#include "io/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/byte_cursor.h"

namespace rondo::importers {

FileBytes::FileBytes(const std::string& path) : path_(path) {
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) refuse(path, ": cannot be opened: ", std::strerror(errno));
  struct stat about {};
  if (fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode)) {
    close(descriptor_);
    refuse(path, ": is no regular file");
  }
  size_ = static_cast<uint64_t>(about.st_size);
}

FileBytes::~FileBytes() { close(descriptor_); }

void FileBytes::check_range(uint64_t offset, uint64_t count, const std::string& what) const {
  if (offset > size_ || count > size_ - offset) {
    refuse(path_, ": ", what, " lies at byte ", offset, " and is ", count, " bytes long, the file has ", size_);
  }
}

void FileBytes::fill(uint64_t offset, void* to, uint64_t count, const std::string& what) const {
  auto* at = static_cast<char*>(to);
  while (count > 0) {
    ssize_t got =
        pread(descriptor_, at, static_cast<size_t>(std::min<uint64_t>(count, 1u << 30)), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      refuse(path_, ": ", what, " cannot be read: ", got < 0 ? std::strerror(errno) : "the file has shrunk");
    at += got;
    offset += static_cast<uint64_t>(got);
    count -= static_cast<uint64_t>(got);
  }
}

std::string FileBytes::read(uint64_t offset, uint64_t count, const std::string& what) const {
  check_range(offset, count, what);
  std::string bytes(static_cast<size_t>(count), '\0');
  fill(offset, bytes.data(), count, what);
  return bytes;
}

std::vector<uint8_t> FileBytes::read_vector(uint64_t offset, uint64_t count, const std::string& what) const {
  check_range(offset, count, what);
  std::vector<uint8_t> bytes(static_cast<size_t>(count));
  fill(offset, bytes.data(), count, what);
  return bytes;
}

bool FileBytes::is_zero(uint64_t offset, uint64_t count) const {
  constexpr uint64_t kPiece = 1 << 16;
  while (count > 0) {
    std::string piece = read(offset, std::min(count, kPiece), "padding");
    if (piece.find_first_not_of('\0') != std::string::npos) return false;
    offset += piece.size();
    count -= piece.size();
  }
  return true;
}

}  // namespace rondo::importers
