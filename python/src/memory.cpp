// Plans as bytes, and allocators that Python provides. Addresses are integers.
#include <nanobind/trampoline.h>

#include "binding.h"

namespace rondo::python {
namespace {

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }
nb::object or_none(const void* address) {
  return address == nullptr ? nb::none() : nb::object(nb::int_(number(address)));
}

class PyGpuAllocator final : public IGpuAllocator {
 public:
  NB_TRAMPOLINE(IGpuAllocator, 6);
  void* allocate(uint64_t size, uint64_t alignment, AllocatorFlags flags) override {
    return guarded_callback(static_cast<void*>(nullptr), [&] {
      const nb::handle self = nb_trampoline.base();
      const bool only_async = !is_overridden(self, "allocate") && is_overridden(self, "allocate_async");
      return address_of(only_async ? self.attr("allocate_async")(size, alignment, flags, 0)
                                   : self.attr("allocate")(size, alignment, flags));
    });
  }
  void* reallocate(void* address, uint64_t alignment, uint64_t size) override {
    return guarded_callback(static_cast<void*>(nullptr), [&] {
      return address_of(nb_trampoline.base().attr("reallocate")(number(address), alignment, size));
    });
  }
  bool deallocate(void* memory) override {
    return guarded_callback(false, [&] {
      const nb::handle self = nb_trampoline.base();
      if (is_overridden(self, "deallocate")) return nb::cast<bool>(self.attr("deallocate")(number(memory)));
      if (is_overridden(self, "free")) return nb::cast<bool>(self.attr("free")(number(memory)));
      return nb::cast<bool>(self.attr("deallocate_async")(number(memory), 0));
    });
  }

 private:
  static bool is_overridden(nb::handle self, const char* name) {
    return !self.type().attr(name).is(nb::type<IGpuAllocator>().attr(name));
  }
};

class PyOutputAllocator final : public IOutputAllocator {
 public:
  NB_TRAMPOLINE(IOutputAllocator, 3);
  void* reallocateOutput(const char* name, void* memory, uint64_t size, uint64_t alignment) override {
    return guarded_callback(static_cast<void*>(nullptr), [&] {
      return address_of(nb_trampoline.base().attr("reallocate_output")(name, or_none(memory), size, alignment));
    });
  }
  void* reallocateOutputAsync(const char* name, void* memory, uint64_t size, uint64_t alignment,
                              cudaStream_t stream) override {
    const bool own = guarded_callback(false, [&] {
      return !nb_trampoline.base()
                  .type()
                  .attr("reallocate_output_async")
                  .is(nb::type<IOutputAllocator>().attr("reallocate_output_async"));
    });
    if (!own) return reallocateOutput(name, memory, size, alignment);
    return guarded_callback(static_cast<void*>(nullptr), [&] {
      return address_of(
          nb_trampoline.base().attr("reallocate_output_async")(name, or_none(memory), size, alignment, number(stream)));
    });
  }
  void notifyShape(const char* name, const Dims& dims) override {
    guarded_callback([&] { nb_trampoline.base().attr("notify_shape")(name, dims); });
  }
};

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const auto* memory = nb::inst_ptr<IHostMemory>(self);
  return PyBuffer_FillInfo(view, self, memory->data(), static_cast<Py_ssize_t>(memory->size()), 1, flags);
}
PyType_Slot kHostMemorySlots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)}, {0, nullptr}};

}  // namespace

void bind_memory(nb::module_& m) {
  nb::class_<IHostMemory>(m, "IHostMemory", nb::type_slots(kHostMemorySlots),
                          "Bytes of a plan: bytes(mem), memoryview(mem), f.write(mem).")
      .def_prop_ro("nbytes", &IHostMemory::size)
      .def_prop_ro("dtype", &IHostMemory::type)
      .def("__len__", &IHostMemory::size)
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});

  nb::class_<IGpuAllocator, PyGpuAllocator>(m, "IGpuAllocator",
                                            "Base of allocators written in Python; addresses are integers.")
      .def(nb::init<>())
      .def("allocate", [](nb::handle, nb::args) { throw nb::type_error("IGpuAllocator.allocate is not overridden"); })
      .def("reallocate", [](nb::handle, nb::args) { return 0; })
      .def(
          "allocate_async",
          [](nb::object self, uint64_t size, uint64_t alignment, uint32_t flags, nb::handle) {
            return self.attr("allocate")(size, alignment, flags);
          },
          "size"_a, "alignment"_a, "flags"_a, "stream"_a)
      .def(
          "deallocate_async",
          [](nb::object self, nb::handle memory, nb::handle) { return self.attr("deallocate")(memory); }, "memory"_a,
          "stream"_a)
      .def("free", [](nb::handle, nb::args) { return true; })
      .def("deallocate", [](nb::handle, nb::args) { return true; });

  m.attr("IGpuAsyncAllocator") = m.attr("IGpuAllocator");

  nb::class_<IOutputAllocator, PyOutputAllocator>(
      m, "IOutputAllocator", "Base of output allocators: override reallocate_output and notify_shape.")
      .def(nb::init<>())
      .def("reallocate_output", [](nb::handle, nb::args) { return 0; })
      .def("reallocate_output_async", [](nb::handle, nb::args) { return 0; })
      .def("notify_shape", [](nb::handle, nb::args) {});
}

}  // namespace rondo::python
