// One door for every file that a model may name.
//
// Checking a path and then opening it leaves a gap in which a link can be put in its place, and comparing cleaned-up
// path texts has been outwitted more than once. So no path is ever judged as text beyond its components: each component
// is opened relative to the descriptor of the folder before it with O_NOFOLLOW, and what is checked afterwards is the
// very descriptor that is read.

#include "model/external_data.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>

#include "model/import_error.h"
#include "model/input_file.h"
#include "model/proto.h"
#include "model/sha1.h"

namespace rondo::onnx {
namespace {

[[noreturn]] void fail(std::string const& what) { throw ImportError(ErrorCode::kMODEL_DESERIALIZE_FAILED, what); }

std::vector<std::string> split_location(std::string const& location, std::string const& who) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= location.size()) {
    const size_t end = std::min(location.find('/', begin), location.size());
    parts.push_back(location.substr(begin, end - begin));
    begin = end + 1;
  }
  for (std::string const& part : parts) {
    const bool plain = !part.empty() && part != "." && part != ".." && part.find('\0') == std::string::npos &&
                       part.find('\\') == std::string::npos;
    if (!plain) {
      fail(text(who,
                ": external data must lie at a relative path without '.', '..', backslashes or empty parts, not at '",
                location, "'"));
    }
  }
  return parts;
}

Descriptor open_below(std::string const& folder, std::string const& location, std::string const& who) {
  const std::vector<std::string> parts = split_location(location, who);
  Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (size_t i = 0; at.ok() && i < parts.size(); ++i) {
    const int kind = i + 1 < parts.size() ? O_DIRECTORY : O_NONBLOCK;
    at = Descriptor(::openat(at.get(), parts[i].c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind));
  }
  if (!at.ok()) {
    const bool link = errno == ELOOP || errno == EMLINK;
    fail(text(who, ": external data '", location, "' cannot be opened below the model's folder: ",
              link ? "a part of it is a symbolic link; links are not followed" : std::strerror(errno)));
  }
  return at;
}

size_t file_size(Descriptor const& file, std::string const& location, std::string const& who) {
  struct stat state {};
  if (::fstat(file.get(), &state) != 0 || !S_ISREG(state.st_mode)) {
    fail(text(who, ": external data '", location, "' is not a regular file"));
  }
  if (state.st_nlink != 1) {
    fail(text(who, ": external data '", location, "' has ", state.st_nlink,
              " names; a file with hard links may lie outside of the model's folder, so copy it"));
  }
  return static_cast<size_t>(state.st_size);
}

size_t parse_size(std::string const& digits, char const* key, std::string const& who) {
  int64_t value = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0) {
    fail(text(who, ": external data ", key, " '", digits, "' is not a number of bytes"));
  }
  return static_cast<size_t>(value);
}

struct Region {
  std::string location;
  std::string checksum;
  size_t offset = 0;
  size_t length = std::numeric_limits<size_t>::max();  ///< as long as the tensor
};

Region parse_entries(proto::TensorProto const& tensor, std::string const& who) {
  Region region;
  for (proto::StringStringEntryProto const& entry : tensor.external_data()) {
    if (entry.key() == "location") {
      region.location = entry.value();
    } else if (entry.key() == "offset") {
      region.offset = parse_size(entry.value(), "offset", who);
    } else if (entry.key() == "length") {
      region.length = parse_size(entry.value(), "length", who);
    } else if (entry.key() == "checksum") {
      region.checksum = entry.value();
    }
  }
  if (region.location.empty()) fail(text(who, ": external data has no location"));
  return region;
}

void check_digest(Descriptor const& file, size_t size, Region const& region, std::string const& who) {
  Sha1 digest;
  std::vector<char> block(size_t{1} << 20);
  for (size_t at = 0; at < size; at += block.size()) {
    const size_t bytes = std::min(block.size(), size - at);
    read_exactly(file, block.data(), bytes, at, who);
    digest.add(block.data(), bytes);
  }
  const std::string found = digest.hex();
  if (found != region.checksum) {
    fail(text(who, ": external data '", region.location, "' has the SHA-1 ", found, ", the model says ",
              region.checksum));
  }
}

}  // namespace

ExternalData::ExternalData(std::string const& model_path) {
  if (model_path.empty()) return;
  const size_t slash = model_path.rfind('/');
  folder_ = slash == std::string::npos ? "." : slash == 0 ? "/" : model_path.substr(0, slash);
}

std::shared_ptr<FileBytes const> ExternalData::read(proto::TensorProto const& tensor, size_t bytes,
                                                    std::string const& who) const {
  const Region region = parse_entries(tensor, who);
  if (folder_.empty()) {
    fail(text(who, ": the data lies in '", region.location,
              "', but the model's folder is unknown; parse from a file or pass its path"));
  }
  const Descriptor file = open_below(folder_, region.location, who);
  const size_t size = file_size(file, region.location, who);
  const size_t length = region.length == std::numeric_limits<size_t>::max() ? bytes : region.length;
  if (length != bytes) {
    fail(text(who, ": external data has ", length, " bytes, its type and shape need ", bytes));
  }
  if (region.offset > size || length > size - region.offset) {
    fail(text(who, ": external data '", region.location, "' has ", size, " bytes; ", length, " from ", region.offset,
              " on are not there"));
  }
  if (!region.checksum.empty()) check_digest(file, size, region, who);
  auto result = std::make_shared<FileBytes>();
  result->data.reset(new char[length ? length : 1]);
  result->size = length;
  read_exactly(file, result->data.get(), length, region.offset, who);
  return result;
}

}  // namespace rondo::onnx
