# Installs the build into an empty prefix, then adds a system there that the source tree does not have.
file(REMOVE_RECURSE "${prefix}")
execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} --prefix "${prefix}"
                COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
set(systems "${prefix}/share/plumbline/zoo/systems")
file(GLOB installed "${systems}/*.yaml")
if(NOT installed)
  message(FATAL_ERROR "no system was installed in ${systems}")
endif()
list(GET installed 0 first)
file(COPY_FILE "${first}" "${systems}/only_in_the_prefix.yaml")
