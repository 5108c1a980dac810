#include "model/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "model/import_error.h"

namespace rondo::onnx {

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

void read_exactly(Descriptor const& file, char* out, size_t bytes, size_t offset, std::string const& who) {
  while (bytes > 0) {
    const ssize_t got = ::pread(file.get(), out, std::min<size_t>(bytes, size_t{1} << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    check(got > 0, ErrorCode::kMODEL_DESERIALIZE_FAILED,
          text(who, ": the file ended early or could not be read: ", got < 0 ? std::strerror(errno) : "end"));
    out += got;
    offset += static_cast<size_t>(got);
    bytes -= static_cast<size_t>(got);
  }
}

InputFile::InputFile(std::string const& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  const auto refuse_unless = [&](bool ok, char const* what) {
    check(ok, ErrorCode::kMODEL_DESERIALIZE_FAILED, text("model file '", path, "' ", what));
  };
  refuse_unless(file_.ok(), text("cannot be opened: ", std::strerror(errno)).c_str());
  struct stat state {};
  refuse_unless(::fstat(file_.get(), &state) == 0 && S_ISREG(state.st_mode), "is not a regular file");
  size_ = static_cast<size_t>(state.st_size);
}

int InputFile::Stream::Read(void* buffer, int size) {
  const size_t bytes = std::min(static_cast<size_t>(std::max(size, 0)), file_.size_ - at_);
  ssize_t got = -1;
  do {
    got = ::pread(file_.file_.get(), buffer, bytes, static_cast<off_t>(at_));
  } while (got < 0 && errno == EINTR);
  if (got > 0) at_ += static_cast<size_t>(got);
  return static_cast<int>(got);
}

int InputFile::Stream::Skip(int count) {
  const size_t bytes = std::min(static_cast<size_t>(std::max(count, 0)), file_.size_ - at_);
  at_ += bytes;
  return static_cast<int>(bytes);
}

}  // namespace rondo::onnx
