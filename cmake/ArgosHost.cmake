# SPDX-License-Identifier: MIT
#
# argos_host_core: the core's files for the Linux machine - the kernel's own list of them, and what libctx.a gives the
# kernel except memcpy and its sisters, which are the C library's here. There are no others: ctest/linux counts.
include_guard(GLOBAL)

file(READ "${PROJECT_SOURCE_DIR}/kernel/CMakeLists.txt" text)
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY
    CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kernel/CMakeLists.txt")
if(NOT text MATCHES "set\\(argos_core_sources([^)]*)\\)")
  message(FATAL_ERROR "ArgosHost: kernel/CMakeLists.txt has no list argos_core_sources")
endif()
string(REGEX MATCHALL "[a-z0-9_]+\\.c" argos_host_core "${CMAKE_MATCH_1}")
list(TRANSFORM argos_host_core PREPEND "${PROJECT_SOURCE_DIR}/kernel/")

get_target_property(sources ctx_static SOURCES)
list(REMOVE_ITEM sources src/mem.c)
foreach(source IN LISTS sources)
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/libctx" OUTPUT_VARIABLE source)
  list(APPEND argos_host_core "${source}")
endforeach()

find_package(SDL2 CONFIG QUIET)
if(NOT SDL2_FOUND)
  message(STATUS "ctx has no window: there is no SDL2 (package libsdl2-dev)")
endif()
