# The libraries, each a list of rooms.
#   rondo_runtime (rondo::runtime)  the running half: loads and runs plans, contains no compiler
#   rondo         (rondo::rondo)    everything
#   rondo_internal                  everything, static, symbols visible: for tests only
#   rondo_cudart_shim               the host-memory CUDA runtime of include/compat/cuda_shim
#   rondo::compat                   TensorRT's and CUDA's header names on top of rondo::rondo
# A library whose rooms have no sources yet is left out; RONDO_HAS_<LIBRARY> tells.

rondo_room_closure(rondo_running_rooms api/running)
rondo_room_closure(rondo_all_rooms api)

function(rondo_shared_library target export_name)
  add_library(${target} SHARED)
  add_library(rondo::${export_name} ALIAS ${target})
  rondo_add_rooms(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${export_name} VERSION ${PROJECT_VERSION} SOVERSION
                                             ${PROJECT_VERSION_MAJOR} INSTALL_RPATH "$ORIGIN" LINKER_LANGUAGE CXX)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} INTERFACE cxx_std_17)
  if(RONDO_SANITIZE STREQUAL "none")
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
endfunction()

set(RONDO_HAS_RUNTIME FALSE)
set(RONDO_HAS_RONDO FALSE)
set(RONDO_HAS_SHIM FALSE)

# The running half stands once its public face exists; before that there is nothing to export from it.
if("api/running" IN_LIST RONDO_ROOMS)
  rondo_shared_library(rondo_runtime runtime ${rondo_running_rooms})
  set(RONDO_HAS_RUNTIME TRUE)
endif()
if("api" IN_LIST RONDO_ROOMS)
  rondo_shared_library(rondo rondo ${rondo_all_rooms})
  set(RONDO_HAS_RONDO TRUE)
endif()

if(RONDO_ROOMS)
  add_library(rondo_internal STATIC EXCLUDE_FROM_ALL)
  set_target_properties(rondo_internal PROPERTIES LINKER_LANGUAGE CXX)
  rondo_add_rooms(rondo_internal ${rondo_all_rooms})
endif()

file(GLOB_RECURSE rondo_shim_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/cuda_shim/*.cpp")
if(rondo_shim_sources)
  add_library(rondo_cudart_shim SHARED ${rondo_shim_sources})
  add_library(rondo::cudart_shim ALIAS rondo_cudart_shim)
  target_link_libraries(rondo_cudart_shim PRIVATE rondo_flags)
  target_compile_definitions(rondo_cudart_shim PRIVATE RONDO_BUILDING=1)
  target_include_directories(
    rondo_cudart_shim PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/compat/cuda_shim>
                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/rondo-compat/cuda_shim>)
  set_target_properties(
    rondo_cudart_shim
    PROPERTIES EXPORT_NAME cudart_shim VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} INSTALL_RPATH
               "$ORIGIN" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  set(RONDO_HAS_SHIM TRUE)
endif()

add_library(rondo_compat INTERFACE)
add_library(rondo::compat ALIAS rondo_compat)
set_target_properties(rondo_compat PROPERTIES EXPORT_NAME compat)
target_include_directories(
  rondo_compat
  INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/compat>
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/compat/cuda_shim>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/rondo-compat>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/rondo-compat/cuda_shim>)
if(RONDO_HAS_RONDO)
  target_link_libraries(rondo_compat INTERFACE rondo)
endif()
if(RONDO_HAS_SHIM)
  target_link_libraries(rondo_compat INTERFACE rondo_cudart_shim)
endif()
