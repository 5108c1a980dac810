#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "io/byte_cursor.h"
#include "rondo/importers/write_weights.h"

namespace rondo::importers {

void write_file(const std::string& path, const std::string& bytes) {
  const std::string neighbour = path + ".partial";
  int descriptor = open(neighbour.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) refuse(path, ": cannot be written: ", std::strerror(errno));
  auto give_up = [&] {
    std::string reason = std::strerror(errno);
    unlink(neighbour.c_str());
    refuse(path, ": cannot be written: ", reason);
  };
  for (size_t at = 0; at < bytes.size();) {
    ssize_t written = write(descriptor, bytes.data() + at, bytes.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      int reason = errno;
      close(descriptor);
      errno = reason;
      give_up();
    }
    at += static_cast<size_t>(written);
  }
  if (close(descriptor) != 0 || std::rename(neighbour.c_str(), path.c_str()) != 0) give_up();
}

}  // namespace rondo::importers
