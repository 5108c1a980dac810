#include "npz/npz.h"

#include "io/byte_cursor.h"
#include "npz/npy.h"
#include "npz/zip.h"

namespace rondo::importers {

namespace {

WeightEntry entry_of(std::string name, const NpyHeader& header) {
  WeightEntry entry;
  entry.name = std::move(name);
  entry.type = header.type;
  entry.dims = header.dims;
  entry.bytes = static_cast<int64_t>(header.bytes);
  entry.stored_type = header.stored_type;
  return entry;
}

class NpzFile : public WeightFile {
 public:
  explicit NpzFile(const std::string& path) : file_(path) {
    for (ZipMember& member : read_zip_directory(file_)) {
      if (member.name.ends_with("/data.pkl") || member.name == "data.pkl") {
        refuse(path, ": is a PyTorch archive, whose pickle could run code; save it from PyTorch as safetensors or npz");
      }
      if (!member.name.ends_with(".npy")) refuse(path, ": member ", in_quotes(member.name), " is no .npy array");
      const std::string what = name_of_member(member);
      std::string name = member.name.substr(0, member.name.size() - 4);
      entries_.push_back(entry_of(std::move(name), read_npy_header(read_zip_member(file_, member), what)));
      members_.push_back(std::move(member));
    }
  }

  WeightFormat format() const override { return WeightFormat::kNpz; }
  const std::vector<WeightEntry>& entries() const override { return entries_; }
  void verify(size_t i) const override { read_zip_member(file_, members_.at(i)); }
  Tensor read(size_t i) const override {
    return read_npy(read_zip_member(file_, members_.at(i)), name_of_member(members_[i]));
  }

 private:
  std::string name_of_member(const ZipMember& member) const {
    return "member " + in_quotes(member.name) + " of " + file_.path();
  }

  FileBytes file_;
  std::vector<ZipMember> members_;
  std::vector<WeightEntry> entries_;
};

class NpyFile : public WeightFile {
 public:
  explicit NpyFile(const std::string& path) : file_(path) {
    std::string name = path.substr(path.find_last_of('/') + 1);
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    entries_.push_back(entry_of(std::move(name), read_npy_header(file_.read(0, file_.size(), "array"), path)));
  }

  WeightFormat format() const override { return WeightFormat::kNpy; }
  const std::vector<WeightEntry>& entries() const override { return entries_; }
  void verify(size_t i) const override { read(i); }
  Tensor read(size_t i) const override {
    entries_.at(i);
    return read_npy(file_.read(0, file_.size(), "array"), file_.path());
  }

 private:
  FileBytes file_;
  std::vector<WeightEntry> entries_;
};

}  // namespace

std::unique_ptr<WeightFile> open_npz(const std::string& path) { return std::make_unique<NpzFile>(path); }

std::unique_ptr<WeightFile> open_npy(const std::string& path) { return std::make_unique<NpyFile>(path); }

}  // namespace rondo::importers
