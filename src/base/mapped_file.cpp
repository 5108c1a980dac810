#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace rondo {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  // Without O_NONBLOCK a pipe under this name would hold the caller up before its kind is known.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) {
    fail(Code::kInvalidArgument, "file '", path, "' cannot be opened: ", std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) fail(Code::kInvalidArgument, "'", path, "' is no regular file");
  if (status.st_size <= 0) fail(Code::kInvalidArgument, "file '", path, "' is empty");
  const auto size = static_cast<size_t>(status.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (memory == MAP_FAILED) {
    fail(Code::kFailedAllocation, "file '", path, "' cannot be mapped: ", std::strerror(errno));
  }
  return std::shared_ptr<const MappedFile>(new MappedFile({static_cast<const uint8_t*>(memory), size}));
}

MappedFile::~MappedFile() { ::munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size()); }

}  // namespace rondo
