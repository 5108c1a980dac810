#include "api/running/plugins/plan_libraries.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error.h"
#include "rondo/runtime.h"

namespace rondo::api {
namespace {

bool allows(uint32_t flags, TempfileControlFlag flag) { return (flags >> static_cast<int32_t>(flag)) & 1U; }

/// An open file that is closed, and removed where it has a name.
struct File {
  int descriptor = -1;
  std::string path;
  ~File() {
    if (descriptor >= 0) close(descriptor);
    if (!path.empty()) unlink(path.c_str());
  }
};

bool write_all(int descriptor, const Bytes& bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = write(descriptor, bytes.data() + done, bytes.size() - done);
    if (wrote <= 0) return false;
    done += static_cast<size_t>(wrote);
  }
  return true;
}

std::string folder_of(const PluginPolicy& policy) {
  if (!policy.temporary_directory.empty()) return policy.temporary_directory;
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

}  // namespace

void load_library(const plan::Library& library, const PluginPolicy& policy) {
  File file;
  std::string path;
  if (allows(policy.tempfiles, TempfileControlFlag::kALLOW_IN_MEMORY_FILES)) {
    file.descriptor = memfd_create("rondo-plugin", MFD_CLOEXEC);
    path = text("/proc/self/fd/", file.descriptor);
  }
  if (file.descriptor < 0 && allows(policy.tempfiles, TempfileControlFlag::kALLOW_TEMPORARY_FILES)) {
    path = folder_of(policy) + "/rondo-plugin-XXXXXX";
    file.descriptor = mkstemp(path.data());
    if (file.descriptor >= 0) file.path = path;
  }
  if (file.descriptor < 0 || !write_all(file.descriptor, library.bytes)) {
    fail(Code::kFailedInitialization, "library '", library.name, "' of the plan cannot be written to ",
         file.path.empty() ? "memory" : file.path, "; see IRuntime::setTempfileControlFlags and setTemporaryDirectory");
  }
  if (policy.registry->loadLibrary(path.c_str()) == nullptr) {
    fail(Code::kFailedInitialization, "library '", library.name, "' of the plan cannot be loaded");
  }
}

}  // namespace rondo::api
