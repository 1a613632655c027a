include(GoogleTest)

# assay_folder(NAME LINKS [PUBLIC ...] [PRIVATE ...] [SYSTEM include folders]): the library assay-NAME from NAME/*.cpp, and the
# object library tests-NAME from NAME/tests/*.cpp. A new file is found at the next build; nobody edits a list.
function(assay_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINKS")
  cmake_parse_arguments(link "" "" "PUBLIC;PRIVATE;SYSTEM" ${arg_LINKS})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(assay-${name} STATIC ${sources})
  target_include_directories(assay-${name} PUBLIC ${PROJECT_SOURCE_DIR}/suite)
  target_include_directories(assay-${name} SYSTEM PUBLIC ${link_SYSTEM})
  target_link_libraries(assay-${name} PUBLIC ${link_PUBLIC} PRIVATE ${link_PRIVATE})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/tests/*.cpp)
  if(tests)
    add_library(tests-${name} OBJECT ${tests})
    target_link_libraries(tests-${name} PRIVATE assay-${name} GTest::gtest ${link_PRIVATE})
    target_compile_definitions(tests-${name} PRIVATE ASSAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    set_property(GLOBAL APPEND PROPERTY assay_tested_folders ${name})
    add_executable(test-${name} EXCLUDE_FROM_ALL)  # one folder's tests alone, for quick work on it
    target_link_libraries(test-${name} PRIVATE tests-${name} assay-${name} GTest::gtest_main)
  endif()
endfunction()

# The tests of all folders in one program.
function(assay_tests program)
  get_property(folders GLOBAL PROPERTY assay_tested_folders)
  add_executable(${program})
  foreach(folder IN LISTS folders)
    target_link_libraries(${program} PRIVATE tests-${folder} assay-${folder})
  endforeach()
  target_link_libraries(${program} PRIVATE GTest::gtest_main)
  gtest_discover_tests(${program} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit)
endfunction()

# Makes a constant of each SQL file: queries/setting_scores.sql becomes assay::queries::setting_scores.
function(assay_embed_sql target folder)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/schema/*.sql ${folder}/queries/*.sql)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/generated/store/sql.hpp)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${header} "-DFILES=${files}" -P ${PROJECT_SOURCE_DIR}/suite/cmake/EmbedSql.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/suite/cmake/EmbedSql.cmake VERBATIM)
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()
