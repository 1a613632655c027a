# Finds LibTorch and defines the target `libtorch`: libtorch_cpu and libc10 only, headers as SYSTEM.
#
# First any LibTorch >= 2.6 on CMAKE_PREFIX_PATH (Debian 13's package, a CUDA build, a downloaded archive), then the pinned
# wheel that ci/setup unpacks into .deps/libtorch. find_package(Torch) is not used: on the wheel it demands a CUDA toolkit,
# and its libtorch.so pulls in all of CUDA. CUDA is opened at run time instead (suite/worker/cuda.cpp).
set(ASSAY_LIBTORCH_MINIMUM 2.6)

find_path(LIBTORCH_INCLUDE torch/library.h
  HINTS ${CMAKE_PREFIX_PATH} "$ENV{ASSAY_LIBTORCH}/torch" ${PROJECT_SOURCE_DIR}/.deps/libtorch/torch PATH_SUFFIXES include)
find_library(LIBTORCH_CPU torch_cpu
  HINTS ${CMAKE_PREFIX_PATH} "$ENV{ASSAY_LIBTORCH}/torch" ${PROJECT_SOURCE_DIR}/.deps/libtorch/torch PATH_SUFFIXES lib)
find_library(LIBTORCH_C10 c10
  HINTS ${CMAKE_PREFIX_PATH} "$ENV{ASSAY_LIBTORCH}/torch" ${PROJECT_SOURCE_DIR}/.deps/libtorch/torch PATH_SUFFIXES lib)
if(NOT LIBTORCH_INCLUDE OR NOT LIBTORCH_CPU OR NOT LIBTORCH_C10)
  message(FATAL_ERROR "LibTorch: expected torch_cpu and c10 below CMAKE_PREFIX_PATH or .deps/libtorch, found none; run ./ci/setup")
endif()

foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)  # moved in 2.9
  if(EXISTS ${LIBTORCH_INCLUDE}/${header})
    file(STRINGS ${LIBTORCH_INCLUDE}/${header} numbers REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "[^0-9;]" "" numbers "${numbers}")
    string(REPLACE ";" "." LIBTORCH_VERSION "${numbers}")
    if(LIBTORCH_VERSION)
      break()
    endif()
  endif()
endforeach()
if(LIBTORCH_VERSION VERSION_LESS ASSAY_LIBTORCH_MINIMUM)
  message(FATAL_ERROR "LibTorch: expected ${ASSAY_LIBTORCH_MINIMUM} or later, found ${LIBTORCH_VERSION} in ${LIBTORCH_INCLUDE}; "
                      "remove it from CMAKE_PREFIX_PATH and run ./ci/setup")
endif()
message(STATUS "LibTorch ${LIBTORCH_VERSION}: ${LIBTORCH_CPU}")

add_library(libtorch INTERFACE)
target_include_directories(libtorch SYSTEM INTERFACE ${LIBTORCH_INCLUDE} ${LIBTORCH_INCLUDE}/torch/csrc/api/include)
target_link_libraries(libtorch INTERFACE ${LIBTORCH_CPU} ${LIBTORCH_C10})
