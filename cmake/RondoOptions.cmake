# Options a person may set, and the flags every target of the project shares.

set(RONDO_SANITIZE "none" CACHE STRING "Sanitizers to build with: none, thread, address+undefined, or fuzzer (with both of these; clang only)")
set_property(CACHE RONDO_SANITIZE PROPERTY STRINGS none thread address+undefined fuzzer)
option(RONDO_BUILD_TESTS "Build the tests (needs GoogleTest)" ON)
option(RONDO_BUILD_SAMPLES "Build the samples and register each as a ctest" ON)
option(RONDO_BUILD_BENCH "Build the library that bench/run.py drives" ON)
option(RONDO_BUILD_CLI "Build the command rondo (needs CLI11)" ON)
option(RONDO_BUILD_PYTHON "Build the extension module rondo._rondo (needs nanobind)" OFF)
find_package(Protobuf QUIET)
option(RONDO_BUILD_ONNX "Build the ONNX parser (needs libprotobuf-lite and protoc)" ${Protobuf_FOUND})
if(RONDO_BUILD_ONNX AND NOT (Protobuf_LITE_LIBRARY AND Protobuf_PROTOC_EXECUTABLE))
  message(FATAL_ERROR "RONDO_BUILD_ONNX needs libprotobuf-dev and protobuf-compiler; install them or set it OFF")
endif()
option(RONDO_VERIFY_PASSES "Verify the graph after every pass by default (RONDO_VERIFY_PASSES=1)" OFF)
option(RONDO_WERROR "Treat warnings as errors" OFF)
option(RONDO_CCACHE "Compile through ccache when it is installed" ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(RONDO_CCACHE)
  find_program(RONDO_CCACHE_PROGRAM ccache DOC "ccache, used to compile when RONDO_CCACHE is on")
  if(RONDO_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${RONDO_CCACHE_PROGRAM}")
  endif()
endif()

option(RONDO_PRECOMPILE_HEADERS "Precompile the standard headers of each room; only without a compiler cache, which does not see through them" OFF)
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(RONDO_PRECOMPILE_HEADERS OFF)
endif()

find_package(Threads REQUIRED)

add_library(rondo_flags INTERFACE)
target_include_directories(rondo_flags INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
target_link_libraries(rondo_flags INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
# Contraction off: one multiply and one add round twice on every target, so all tiers agree to the bit.
# errno and traps off: vectorizing sqrt and selects changes no result that a network can observe.
target_compile_options(rondo_flags INTERFACE -ffp-contract=off -fno-math-errno -fno-trapping-math -Wall -Wextra)
# g++ 12 sees overlapping copies in `"text" + std::string` that are none (GCC bug 105651).
target_compile_options(rondo_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(RONDO_WERROR)
  target_compile_options(rondo_flags INTERFACE -Werror)
endif()
if(RONDO_VERIFY_PASSES)
  target_compile_definitions(rondo_flags INTERFACE RONDO_VERIFY_PASSES=1)
endif()

# Programs on the public API alone (samples, bench) share the warnings but not src/ on the include path.
add_library(rondo_sample_flags INTERFACE)
target_compile_options(rondo_sample_flags INTERFACE -Wall -Wextra)

if(RONDO_SANITIZE STREQUAL "address+undefined")
  set(rondo_sanitize_flags -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(RONDO_SANITIZE STREQUAL "fuzzer")
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "RONDO_SANITIZE=fuzzer needs clang, but the compiler is ${CMAKE_CXX_COMPILER_ID}; use the preset `fuzz`")
  endif()
  set(rondo_sanitize_flags -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined)
elseif(RONDO_SANITIZE STREQUAL "thread")
  set(rondo_sanitize_flags -fsanitize=thread)
elseif(NOT RONDO_SANITIZE STREQUAL "none")
  message(FATAL_ERROR "RONDO_SANITIZE is '${RONDO_SANITIZE}'; it takes none, thread, address+undefined or fuzzer")
endif()
if(rondo_sanitize_flags)
  # Lean on purpose: line numbers only, and -O1 where a room does not ask for more. Set for the directory, so that
  # a room's own -O3 comes later on the command line and wins.
  add_compile_options(${rondo_sanitize_flags} -O1 -g1 -fno-omit-frame-pointer)
  add_link_options(${rondo_sanitize_flags})
endif()
