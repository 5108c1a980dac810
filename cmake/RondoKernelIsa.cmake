# A kernel file is compiled for the instruction set that its name ends in. Only such files see the flags: every other
# file stays at the baseline, so the library starts on any x86-64 and picks kernels by CPUID.

set(RONDO_ISA_SUFFIXES avx2 avx512 avx512bf16)
set(RONDO_ISA_avx2 -mavx2 -mfma -mf16c)
set(RONDO_ISA_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl ${RONDO_ISA_avx2} -mprefer-vector-width=512)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns inside its own AVX-512 headers, which start from a deliberately undefined register (GCC bug 105593).
  list(APPEND RONDO_ISA_avx512 -Wno-uninitialized -Wno-maybe-uninitialized)
  if(RONDO_SANITIZE MATCHES "address")
    # The frames that GCC 12 puts on AddressSanitizer's fake stack start at multiples of 32; 64-byte vectors on them fault.
    list(APPEND RONDO_ISA_avx512 --param=asan-use-after-return=0)
  endif()
endif()

set(RONDO_ISA_avx512bf16 -mavx512bf16 ${RONDO_ISA_avx512})

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(RONDO_HAS_X86_KERNELS TRUE)
else()
  set(RONDO_HAS_X86_KERNELS FALSE)
  target_compile_definitions(rondo_flags INTERFACE RONDO_NO_X86_KERNELS=1)
endif()

# Sets the flags of the files in the list named `list_name`; where they cannot run, takes them out of the list.
function(rondo_apply_kernel_isa list_name)
  set(files ${${list_name}})
  foreach(suffix IN LISTS RONDO_ISA_SUFFIXES)
    set(matching ${files})
    list(FILTER matching INCLUDE REGEX "_${suffix}\\.cpp$")
    if(NOT matching)
      continue()
    endif()
    if(RONDO_HAS_X86_KERNELS)
      if(RONDO_SANITIZE STREQUAL "fuzzer")  # what readers refuse never comes here, and instrumenting these takes minutes a file
        set_property(SOURCE ${matching} APPEND PROPERTY COMPILE_OPTIONS -fno-sanitize=all)
      endif()
      set_property(SOURCE ${matching} APPEND PROPERTY COMPILE_OPTIONS ${RONDO_ISA_${suffix}})
    else()
      list(REMOVE_ITEM files ${matching})
    endif()
  endforeach()
  set(${list_name} ${files} PARENT_SCOPE)
endfunction()
