# plumbline_library(<folder> SOURCES ... [HEADERS ...] [DEPENDS modules...] [PACKAGES targets...])
#
# One folder, one static library `plumbline_<folder>` with the alias `plumbline::<folder>`. DEPENDS are
# modules that appear in this module's headers; PACKAGES are third parties and never do.
function(plumbline_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;DEPENDS;PACKAGES" ${ARGN})
  set(target plumbline_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(plumbline::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} CXX_EXTENSIONS OFF)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(
    ${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/plumbline>)
  foreach(module IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PUBLIC plumbline::${module})
  endforeach()
  foreach(package IN LISTS arg_PACKAGES)
    # Third parties are SYSTEM so that our warnings speak of our code alone.
    target_link_libraries(${target} PRIVATE ${package})
  endforeach()
  if(NOT name STREQUAL core)
    target_precompile_headers(${target} REUSE_FROM plumbline_core)
  endif()
  install(TARGETS ${target} EXPORT plumblineTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  foreach(header IN LISTS arg_HEADERS)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/plumbline/${name}/${folder})
  endforeach()
endfunction()

# Installs the package files that `find_package(plumbline)` reads.
function(plumbline_install_package)
  install(EXPORT plumblineTargets NAMESPACE plumbline::
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/plumbline)
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/plumblineConfig.cmake.in ${PROJECT_BINARY_DIR}/plumblineConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/plumbline)
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/plumblineConfigVersion.cmake COMPATIBILITY SameMajorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/plumblineConfig.cmake
                ${PROJECT_BINARY_DIR}/plumblineConfigVersion.cmake
                ${PROJECT_SOURCE_DIR}/cmake/FindSimGrid.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/plumbline)
endfunction()
