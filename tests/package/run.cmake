# Installs BUILD_DIR to a scratch prefix, then configures, builds and runs the program beside this file against it.

set(prefix "${SCRATCH_DIR}/prefix")
file(REMOVE_RECURSE "${SCRATCH_DIR}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${status}): ${command}\n${output}")
  endif()
  message(STATUS "${output}")
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -S "${CONSUMER_DIR}" -B "${SCRATCH_DIR}/build" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${prefix}")
run("${CMAKE_COMMAND}" --build "${SCRATCH_DIR}/build")
run("${SCRATCH_DIR}/build/native")
run("${SCRATCH_DIR}/build/ported")
foreach(program IN ITEMS onnx_native onnx_ported)
  if(EXISTS "${SCRATCH_DIR}/build/${program}")
    run("${SCRATCH_DIR}/build/${program}")
  endif()
endforeach()

# A plugin library of its own project, and the test that loads it.
run("${CMAKE_COMMAND}" -S "${CONSUMER_DIR}/../../samples/layernorm_plugin" -B "${SCRATCH_DIR}/plugin" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${prefix}")
run("${CMAKE_COMMAND}" --build "${SCRATCH_DIR}/plugin")
run("${SCRATCH_DIR}/plugin/test_layernorm_plugin" "${SCRATCH_DIR}/plugin/liblayernorm_plugin.so")
