# SPDX-License-Identifier: MIT
# Where sources of others, and what is built of them once, are kept on this machine.
include_guard(GLOBAL)

if(DEFINED ENV{ARGOS_CACHE})
  set(cache "$ENV{ARGOS_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(cache "$ENV{XDG_CACHE_HOME}/argos")
elseif(DEFINED ENV{HOME})
  set(cache "$ENV{HOME}/.cache/argos")
else()
  set(cache "${PROJECT_BINARY_DIR}/cache")
endif()
set(ARGOS_CACHE "${cache}" CACHE PATH "Sources of others, and what is built of them once")
mark_as_advanced(ARGOS_CACHE)

# argos_source(NAME [LIST]): sets NAME_tarball (a file name) and NAME_sum from cmake/sources.list, or another list.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/sources.list")
function(argos_source name)
  set(lists "${PROJECT_SOURCE_DIR}/cmake/sources.list" ${ARGN})
  list(GET lists -1 list)
  file(STRINGS "${list}" line REGEX "^${name} ")
  string(REPLACE " " ";" words "${line}")
  list(GET words 3 file)
  list(GET words 5 sum)
  set(${name}_tarball "${file}" PARENT_SCOPE)
  set(${name}_sum "${sum}" PARENT_SCOPE)
endfunction()
