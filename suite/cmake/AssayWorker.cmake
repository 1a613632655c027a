# assay_worker(PROGRAM METHODS folder RUNTIME sources...): gives a worker program its code fingerprints, and writes
# PROGRAM.json beside it: what `bench` plans with, taken from the linked program itself so that the two cannot disagree.
# METHODS: the folder of <task>/<method>.cpp. RUNTIME: sources that belong to every method (they set up its process).
function(assay_worker program)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "METHODS" "RUNTIME")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/suite/*.[ch]pp ${PROJECT_SOURCE_DIR}/tasks/*.[ch]pp
       ${PROJECT_SOURCE_DIR}/baselines/*.[ch]pp ${PROJECT_SOURCE_DIR}/baselines/*.json ${PROJECT_SOURCE_DIR}/${arg_METHODS}/*)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${program}-fingerprints.cpp)
  add_custom_command(OUTPUT ${generated}
    COMMAND fingerprint-sources ${PROJECT_SOURCE_DIR} ${generated} ${arg_METHODS} ${arg_RUNTIME}
    DEPENDS fingerprint-sources ${sources} VERBATIM COMMENT "Fingerprints of ${program}")
  target_sources(${program} PRIVATE ${generated})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" flags)
  target_compile_definitions(${program} PRIVATE
    ASSAY_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    ASSAY_FLAGS="${flags}")
  add_custom_command(TARGET ${program} POST_BUILD
    COMMAND $<TARGET_FILE:${program}> --describe $<TARGET_FILE:${program}>.json VERBATIM)
endfunction()
