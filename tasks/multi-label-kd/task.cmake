# VOC2007's annotations are XML.
find_package(pugixml REQUIRED)
target_link_libraries(task-multi-label-kd PUBLIC pugixml::pugixml)
# The generator of scenes is exact to the byte: a * b + c keeps its two roundings.
set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/multi-label-kd/garment_scenes.cpp PROPERTIES
  COMPILE_OPTIONS -ffp-contract=off SKIP_PRECOMPILE_HEADERS ON)
