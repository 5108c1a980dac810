/// Files, opened and read without surprises.
#pragma once

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstddef>
#include <string>

namespace rondo::onnx {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// Reads `bytes` bytes from `offset` on.
/// Errors    kMODEL_DESERIALIZE_FAILED naming `who` if the file ends before, or cannot be read
void read_exactly(Descriptor const& file, char* out, size_t bytes, size_t offset, std::string const& who);

/// A model's file: a regular one, held open, whose size was asked once.
class InputFile {
 public:
  /// Errors    kMODEL_DESERIALIZE_FAILED naming the path
  explicit InputFile(std::string const& path);

  size_t size() const { return size_; }

  /// The bytes from the start on, for the decoder; -1 where they cannot be read. The file must outlive it.
  class Stream : public google::protobuf::io::CopyingInputStream {
   public:
    explicit Stream(InputFile const& file) : file_(file) {}
    int Read(void* buffer, int size) override;
    int Skip(int count) override;

   private:
    InputFile const& file_;
    size_t at_ = 0;
  };

 private:
  Descriptor file_;
  size_t size_ = 0;
};

}  // namespace rondo::onnx
