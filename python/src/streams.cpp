// Stream readers and writers, the debug listener, the timing cache, and the settings of an engine's calls.
#include "rondo/tuning/streams.h"

#include <nanobind/trampoline.h>

#include <cstring>

#include "binding.h"
#include "rondo/tuning/debug.h"
#include "rondo/tuning/timing_cache.h"

namespace rondo::python {
namespace {

int64_t copy_out(nb::handle data, void* to, int64_t room) {
  Py_buffer view;
  if (PyObject_GetBuffer(data.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
  const int64_t size = view.len;
  if (size <= room) std::memcpy(to, view.buf, static_cast<size_t>(size));
  PyBuffer_Release(&view);
  if (size > room) throw nb::value_error("a stream reader returned more bytes than were asked for");
  return size;
}

class PyStreamReader final : public IStreamReader {
 public:
  NB_TRAMPOLINE(IStreamReader, 1);
  int64_t read(void* to, int64_t size) override {
    return guarded_callback(int64_t{-1}, [&] { return copy_out(nb_trampoline.base().attr("read")(size), to, size); });
  }
};

class PyStreamReaderV2 final : public IStreamReaderV2 {
 public:
  NB_TRAMPOLINE(IStreamReaderV2, 2);
  int64_t read(void* to, int64_t size, cudaStream_t stream) override {
    return guarded_callback(int64_t{-1}, [&] {
      return copy_out(nb_trampoline.base().attr("read")(size, reinterpret_cast<uintptr_t>(stream)), to, size);
    });
  }
  bool seek(int64_t offset, SeekPosition where) override {
    return guarded_callback(false, [&] { return nb::cast<bool>(nb_trampoline.base().attr("seek")(offset, where)); });
  }
};

class PyStreamWriter final : public IStreamWriter {
 public:
  NB_TRAMPOLINE(IStreamWriter, 1);
  int64_t write(const void* data, int64_t size) override {
    return guarded_callback(int64_t{-1}, [&] {
      const nb::bytes bytes(data, static_cast<size_t>(size));
      return nb::cast<int64_t>(nb_trampoline.base().attr("write")(bytes));
    });
  }
};

class PyDebugListener final : public IDebugListener {
 public:
  NB_TRAMPOLINE(IDebugListener, 1);
  bool processDebugTensor(const void* address, TensorLocation location, DataType type, const Dims& shape,
                          const char* name, cudaStream_t stream) override {
    return guarded_callback(false, [&] {
      const nb::object taken = nb_trampoline.base().attr("process_debug_tensor")(
          reinterpret_cast<uintptr_t>(address), location, type, shape, name, reinterpret_cast<uintptr_t>(stream));
      return taken.is_none() || nb::cast<bool>(taken);  // a listener without a return statement has succeeded
    });
  }
};

TimingCacheKey key_of(nb::handle text) {
  const auto hex = nb::cast<std::string>(nb::str(text));
  const size_t start = hex.starts_with("0x") ? 2 : 0;
  TimingCacheKey key{};
  if (hex.size() - start != 32) throw nb::value_error("a timing cache key is 0x and 32 hexadecimal digits");
  for (size_t i = 0; i < 16; ++i)
    key.data[i] = static_cast<uint8_t>(std::stoi(hex.substr(start + 2 * i, 2), nullptr, 16));
  return key;
}

std::string key_text(const TimingCacheKey& key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "0x";
  for (const uint8_t byte : key.data) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

void bind_timing_cache(nb::module_& m) {
  nb::class_<TimingCacheValue>(m, "TimingCacheValue", "Result of one measurement.")
      .def(
          "__init__",
          [](TimingCacheValue* self, uint64_t hash, float ms) {
            new (self) TimingCacheValue{hash, ms};
          },
          "tactic_hash"_a, "timing_msec"_a)
      .def_rw("tacticHash", &TimingCacheValue::tacticHash)
      .def_rw("timingMSec", &TimingCacheValue::timingMSec);
  nb::class_<ITimingCache>(m, "ITimingCache", "Measured times of kernels; keys are 0x and 32 hexadecimal digits.")
      .def("serialize", &ITimingCache::serialize, nb::rv_policy::take_ownership)
      .def("combine", &ITimingCache::combine, "input_cache"_a, "ignore_mismatch"_a)
      .def("reset", &ITimingCache::reset)
      .def("queryKeys",
           [](const ITimingCache& cache) {
             std::vector<TimingCacheKey> keys(static_cast<size_t>(cache.queryKeys(nullptr, 0)));
             cache.queryKeys(keys.data(), static_cast<int64_t>(keys.size()));
             nb::list result;
             for (const TimingCacheKey& key : keys) result.append(nb::str(key_text(key).c_str()));
             return result;
           })
      .def(
          "query", [](const ITimingCache& cache, nb::handle key) { return cache.query(key_of(key)); }, "key"_a)
      .def(
          "update",
          [](ITimingCache& cache, nb::handle key, const TimingCacheValue& value) {
            return cache.update(key_of(key), value);
          },
          "key"_a, "value"_a);
}

}  // namespace

void bind_streams(nb::module_& m) {
  nb::class_<IStreamReader, PyStreamReader>(m, "IStreamReader",
                                            "Base of readers of plans: override read(size) -> bytes.")
      .def(nb::init<>())
      .def("read", [](nb::handle, nb::args) { return nb::bytes("", 0); });
  nb::class_<IStreamReaderV2, PyStreamReaderV2>(
      m, "IStreamReaderV2", "Base of readers: override read(num_bytes, stream) and seek(offset, where).")
      .def(nb::init<>())
      .def("read", [](nb::handle, nb::args) { return nb::bytes("", 0); })
      .def("seek", [](nb::handle, nb::args) { return false; });
  nb::class_<IStreamWriter, PyStreamWriter>(m, "IStreamWriter",
                                            "Base of writers of plans: override write(data) -> int.")
      .def(nb::init<>())
      .def("write", [](nb::handle, nb::args) { return 0; });
  nb::class_<IDebugListener, PyDebugListener>(m, "IDebugListener", "Base of debug listeners; see the C++ header.")
      .def(nb::init<>())
      .def("process_debug_tensor", [](nb::handle, nb::args) {});
  bind_timing_cache(m);
  nb::class_<ISerializationConfig>(m, "ISerializationConfig", "Settings of serialize_with_config.")
      .def_prop_rw("flags", &ISerializationConfig::getFlags, &ISerializationConfig::setFlags)
      .def("set_flag", &ISerializationConfig::setFlag, "flag"_a)
      .def("clear_flag", &ISerializationConfig::clearFlag, "flag"_a)
      .def("get_flag", &ISerializationConfig::getFlag, "flag"_a);
  using R = IRuntimeConfig;
  nb::class_<R>(m, "IRuntimeConfig", "Settings of create_execution_context.")
      .def("set_execution_context_allocation_strategy", &R::setExecutionContextAllocationStrategy, "strategy"_a)
      .def("get_execution_context_allocation_strategy", &R::getExecutionContextAllocationStrategy);
}

}  // namespace rondo::python
