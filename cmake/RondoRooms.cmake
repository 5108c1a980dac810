# A room is a folder of src/. Each room that has sources becomes an object library rondo_room_<room>; libraries and
# tests are made by naming rooms. A room that does not exist yet is skipped.
# Gives: RONDO_ROOMS, rondo_room_closure(), rondo_add_rooms().

set(RONDO_ROOMS)  # rooms that have sources, lowest first

# What linking a room also needs, directly. Mirrors the directions that tools/check_layers.py enforces.
set(RONDO_NEEDS_tile base)
set(RONDO_NEEDS_kernels tile kernels/cpu)
set(RONDO_NEEDS_kernels/cpu tile kernels)
set(RONDO_NEEDS_plan kernels)
set(RONDO_NEEDS_runtime plan runtime/cpu)
set(RONDO_NEEDS_runtime/cpu plan runtime)
set(RONDO_NEEDS_ir tile)
set(RONDO_NEEDS_ops ir)
set(RONDO_NEEDS_passes ops)
set(RONDO_NEEDS_schedule passes plan)
set(RONDO_NEEDS_quant base)
set(RONDO_NEEDS_plugin base)
set(RONDO_NEEDS_api/running runtime plugin)
set(RONDO_NEEDS_api schedule quant api/running)

# Rooms in which run time is spent: -O3 in every build type, so that a debug build of the rest stays usable.
set(RONDO_HOT_ROOMS base tile kernels kernels/cpu runtime runtime/cpu)

function(rondo_room room)
  cmake_parse_arguments(arg "" "" "EXCEPT" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${room}/*.cpp")
  foreach(inner IN LISTS arg_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "^${PROJECT_SOURCE_DIR}/src/${inner}/")
  endforeach()
  rondo_apply_kernel_isa(sources)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name "rondo_room_${room}")
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PRIVATE rondo_flags rondo_plan_formats)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/include/compat"
                                             "${PROJECT_SOURCE_DIR}/include/compat/cuda_shim")
  target_compile_definitions(${name} PRIVATE RONDO_BUILDING=1)
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  add_dependencies(${name} rondo_schemas)
  if(room IN_LIST RONDO_HOT_ROOMS)
    target_compile_options(${name} PRIVATE -O3)
  endif()
  # Sources of kernels differ in their instruction sets, and so would their precompiled headers.
  if(RONDO_PRECOMPILE_HEADERS AND NOT room MATCHES "^kernels")
    target_precompile_headers(${name} PRIVATE <algorithm> <array> <cmath> <cstring> <functional> <map> <memory> <optional> <set>
                              <span> <sstream> <string> <string_view> <unordered_map> <utility> <vector>)
  endif()
  set(RONDO_ROOMS ${RONDO_ROOMS} ${room} PARENT_SCOPE)
endfunction()

# Sets `out` to the given rooms and all they need, without repetition.
function(rondo_room_closure out)
  set(open ${ARGN})
  set(closed)
  while(open)
    list(POP_FRONT open room)
    if(NOT room IN_LIST closed)
      list(APPEND closed ${room})
      list(APPEND open ${RONDO_NEEDS_${room}})
    endif()
  endwhile()
  set(${out} ${closed} PARENT_SCOPE)
endfunction()

# Puts the objects of the given rooms (those that exist) into a target.
function(rondo_add_rooms target)
  foreach(room IN LISTS ARGN)
    if(room IN_LIST RONDO_ROOMS)
      string(REPLACE "/" "_" name "rondo_room_${room}")
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${name}>)
    endif()
  endforeach()
  target_link_libraries(${target} PRIVATE rondo_flags rondo_plan_formats)
endfunction()

rondo_room(base)
rondo_room(tile)
rondo_room(kernels EXCEPT kernels/cpu)
rondo_room(kernels/cpu)
rondo_room(plan)
rondo_room(runtime EXCEPT runtime/cpu)
rondo_room(runtime/cpu)
rondo_room(ir)
rondo_room(ops)
rondo_room(passes)
rondo_room(schedule)
rondo_room(quant)
rondo_room(plugin)
rondo_room(api/running)
rondo_room(api EXCEPT api/running)
