# install(), and the package files behind find_package(rondo): rondo::rondo, rondo::runtime, rondo::compat.

include(CMakePackageConfigHelpers)

set(rondo_installed rondo_compat)
foreach(library IN ITEMS rondo_runtime rondo rondo_plugins rondo_onnx rondo_cudart_shim)
  if(TARGET ${library})
    list(APPEND rondo_installed ${library})
  endif()
endforeach()
install(TARGETS ${rondo_installed} EXPORT rondo_targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                                RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/rondo" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} OPTIONAL)
if(TARGET rondo_onnx)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/onnx/include/rondo" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/compat/" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rondo-compat OPTIONAL)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
        DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/rondo OPTIONAL)

set(rondo_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rondo)
install(EXPORT rondo_targets NAMESPACE rondo:: FILE rondo-targets.cmake DESTINATION ${rondo_package_dir})
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/rondo-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/rondo-config.cmake" INSTALL_DESTINATION ${rondo_package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/rondo-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/rondo-config.cmake" "${PROJECT_BINARY_DIR}/rondo-config-version.cmake"
        DESTINATION ${rondo_package_dir})
