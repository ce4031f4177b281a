# SPDX-License-Identifier: MIT
#
# The core's rooms, for all who compile it: the kernel, `ctx` on Linux, the unit tests and the fuzzers. kernel/rooms.cmake is
# the one list of files; there are none for one machine only (ctest/linux counts).
#
#   argos_room(NAME FILES one.c ... SEES OTHER ...)    a folder of kernel/, and whose headers it may include
#   argos_core(sources)                                 the core's files, for a target of the calling directory
#   argos_all_rooms                                     flags for those who may see every room: the door, machines, tests
#
# A room's files find headers by -iquote in their own room and in those that it sees. An include of any other is an error of
# the compiler. Never -I: elf.h of ours must not hide the C library's.
include_guard(GLOBAL)

set(argos_all_rooms "")
set(argos_core_files "")

function(argos_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "FILES;SEES")
  set(folder "${PROJECT_SOURCE_DIR}/kernel/${name}")
  set(flags "-iquote${folder}") # for headers of other rooms that include one of this room
  foreach(other IN LISTS room_SEES)
    if(NOT IS_DIRECTORY "${PROJECT_SOURCE_DIR}/kernel/${other}")
      message(FATAL_ERROR "kernel/rooms.cmake: ${name} sees ${other}, which is no room")
    endif()
    list(APPEND flags "-iquote${PROJECT_SOURCE_DIR}/kernel/${other}")
  endforeach()
  foreach(file IN LISTS room_FILES)
    list(APPEND argos_core_files "${folder}/${file}")
    set("argos_flags_of_${name}/${file}" "${flags}" PARENT_SCOPE)
  endforeach()
  set(argos_core_files "${argos_core_files}" PARENT_SCOPE)
  list(APPEND argos_all_rooms "-iquote${folder}")
  set(argos_all_rooms "${argos_all_rooms}" PARENT_SCOPE)
endfunction()

include("${PROJECT_SOURCE_DIR}/kernel/rooms.cmake")

function(argos_core sources)
  foreach(file IN LISTS argos_core_files)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/kernel" OUTPUT_VARIABLE name)
    set_property(SOURCE "${file}" APPEND PROPERTY COMPILE_OPTIONS "${argos_flags_of_${name}}")
  endforeach()
  set(${sources} "${argos_core_files}" PARENT_SCOPE)
endfunction()
