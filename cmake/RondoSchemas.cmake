# src/plan/<name>.fbs -> <build>/generated/<name>_generated.h, included as "<name>_generated.h".
# Gives: target rondo_schemas (order: generate first), interface rondo_plan_formats (FlatBuffers and xxHash).

set(RONDO_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
file(MAKE_DIRECTORY "${RONDO_GENERATED_DIR}")
file(GLOB rondo_schema_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/plan/*.fbs")

add_library(rondo_plan_formats INTERFACE)
target_include_directories(rondo_plan_formats SYSTEM INTERFACE "${RONDO_GENERATED_DIR}")
find_library(RONDO_XXHASH_LIBRARY xxhash DOC "xxHash (Debian: libxxhash-dev)" REQUIRED)
target_link_libraries(rondo_plan_formats INTERFACE "${RONDO_XXHASH_LIBRARY}")

set(rondo_generated_headers)
if(rondo_schema_files)
  find_program(RONDO_FLATC flatc DOC "FlatBuffers compiler (Debian: flatbuffers-compiler)" REQUIRED)
  foreach(schema IN LISTS rondo_schema_files)
    get_filename_component(name "${schema}" NAME_WE)
    set(header "${RONDO_GENERATED_DIR}/${name}_generated.h")
    add_custom_command(
      OUTPUT "${header}"
      COMMAND "${RONDO_FLATC}" --cpp --cpp-std c++17 --scoped-enums -I "${PROJECT_SOURCE_DIR}/src/plan" -o
              "${RONDO_GENERATED_DIR}" "${schema}"
      DEPENDS ${rondo_schema_files}
      COMMENT "flatc ${name}.fbs"
      VERBATIM)
    list(APPEND rondo_generated_headers "${header}")
  endforeach()
endif()
add_custom_target(rondo_schemas DEPENDS ${rondo_generated_headers})
