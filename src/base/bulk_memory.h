#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace rondo {

/// Memory for bulk data (weights, packed matrices, temporary tensors), 256-byte aligned, not initialised. From 2 MiB up it is
/// aligned to huge pages and asks the system for them: streaming 16 MB of weights through 4 KB pages misses the TLB at every
/// page, and each page costs a fault when it is first written.
/// Memory    returned by free_bulk(); null if there is none
void* allocate_bulk(size_t bytes) noexcept;
void free_bulk(void* memory) noexcept;

/// A block of bulk memory, not initialised.
class BulkBlock {
 public:
  /// Errors    std::bad_alloc
  explicit BulkBlock(size_t bytes);
  ~BulkBlock() { free_bulk(data_); }
  BulkBlock(BulkBlock&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }
  BulkBlock(const BulkBlock&) = delete;
  BulkBlock& operator=(const BulkBlock&) = delete;
  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  uint8_t* data_;
  size_t size_;
};

/// Standard allocator over allocate_bulk().
template <class T>
struct BulkAllocator {
  using value_type = T;
  BulkAllocator() = default;
  template <class U>
  BulkAllocator(const BulkAllocator<U>&) {}  // NOLINT: conversion is what the standard asks for

  T* allocate(size_t count) {
    void* memory = count > SIZE_MAX / sizeof(T) ? nullptr : allocate_bulk(count * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t) noexcept { free_bulk(memory); }
  template <class U>
  bool operator==(const BulkAllocator<U>&) const {
    return true;
  }
};

/// Bytes of a weight, a plan, a constant.
using Bytes = std::vector<uint8_t, BulkAllocator<uint8_t>>;

}  // namespace rondo
