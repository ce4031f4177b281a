# SPDX-License-Identifier: MIT
#
# argos_host_core: the core's files for the Linux machine - the kernel's own list of them, and what libctx.a gives the
# kernel except memcpy and its sisters, which are the C library's here. There are no others: ctest/linux counts.
include_guard(GLOBAL)

argos_core(argos_host_core)

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

# Its header needs no other one, so pkg-config (and GLib's headers with it) need not be there.
find_library(ARGOS_SLIRP slirp)
find_path(ARGOS_SLIRP_HEADER slirp/libslirp.h)
mark_as_advanced(ARGOS_SLIRP ARGOS_SLIRP_HEADER)
if(NOT ARGOS_SLIRP OR NOT ARGOS_SLIRP_HEADER)
  set(ARGOS_SLIRP "") # for whoever includes this
  message(STATUS "ctx has no user network: there is no libslirp (package libslirp-dev)")
endif()
