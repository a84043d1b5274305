# SimGrid 3.32 ships no CMake package, only simgrid.pc. Defines the target SimGrid::SimGrid.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_SIMGRID QUIET IMPORTED_TARGET simgrid)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  SimGrid REQUIRED_VARS PC_SIMGRID_LIBRARIES VERSION_VAR PC_SIMGRID_VERSION
  REASON_FAILURE_MESSAGE "install libsimgrid-dev, or configure with -DPLUMBLINE_WITH_DES=OFF")
if(SimGrid_FOUND AND NOT TARGET SimGrid::SimGrid)
  add_library(SimGrid::SimGrid INTERFACE IMPORTED)
  target_link_libraries(SimGrid::SimGrid INTERFACE PkgConfig::PC_SIMGRID)
endif()
