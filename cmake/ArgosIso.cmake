# SPDX-License-Identifier: MIT
#
# argos_add_iso(TARGET OUTPUT FILE KERNEL TARGET [TEMPLATE FILE] LISTS FILE... APPS APP...)
#
# Adds the target TARGET (part of ALL) that makes a bootable ISO with GRUB's menu. An APP is an
# executable target, a target with the property ARGOS_APP_FILE, or a file. A list that names an app
# which is not among them goes without it when the list says "?", and says so; otherwise the
# build stops.

include_guard(GLOBAL)

set(ARGOS_ISO_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")

function(argos_add_iso target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT;KERNEL;TEMPLATE" "LISTS;APPS")
  foreach(name OUTPUT KERNEL LISTS)
    if(NOT arg_${name})
      message(FATAL_ERROR "argos_add_iso(${target}): ${name} is missing")
    endif()
  endforeach()
  if(NOT arg_TEMPLATE)
    set(arg_TEMPLATE "${PROJECT_SOURCE_DIR}/iso/grub.cfg.in")
  endif()

  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
  foreach(program grub-mkrescue xorriso mformat)
    string(MAKE_C_IDENTIFIER "ARGOS_${program}" variable)
    string(TOUPPER "${variable}" variable)
    find_program(${variable} ${program})
    mark_as_advanced(${variable})
    if(NOT ${variable})
      message(FATAL_ERROR "${program} is not here: run cmake/bootstrap.sh")
    endif()
  endforeach()

  list(TRANSFORM arg_LISTS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
  list(GET arg_LISTS 0 first)
  get_filename_component(lists "${first}" DIRECTORY)
  set(files "")
  set(depends "")
  foreach(app IN LISTS arg_APPS)
    if(NOT TARGET ${app})
      list(APPEND files "${app}")
      list(APPEND depends "${app}")
      continue()
    endif()
    get_target_property(file ${app} ARGOS_APP_FILE)
    get_target_property(type ${app} TYPE)
    if(file)
      list(APPEND files "${file}")
      list(APPEND depends ${app} "${file}")
    elseif(type STREQUAL "EXECUTABLE")
      list(APPEND files "$<TARGET_FILE:${app}>")
      list(APPEND depends ${app} "$<TARGET_FILE:${app}>")
    else()
      message(FATAL_ERROR "argos_add_iso(${target}): ${app} is neither an executable nor "
                "has it ARGOS_APP_FILE")
    endif()
  endforeach()

  add_custom_command(
    OUTPUT "${arg_OUTPUT}"
    COMMAND
      Python3::Interpreter -B "${ARGOS_ISO_CMAKE_DIR}/mkiso.py" "${arg_OUTPUT}" --kernel
      "$<TARGET_FILE:${arg_KERNEL}>" --template "${arg_TEMPLATE}" --lists "${lists}" --stage
      "${CMAKE_CURRENT_BINARY_DIR}/${target}.stage" --objcopy "${CMAKE_OBJCOPY}" ${files}
    DEPENDS "${ARGOS_ISO_CMAKE_DIR}/mkiso.py" "${ARGOS_ISO_CMAKE_DIR}/mkcpio.py"
        "${arg_TEMPLATE}" ${arg_LISTS} ${arg_KERNEL} "$<TARGET_FILE:${arg_KERNEL}>"
        ${depends}
    COMMENT "Making ${target}: BIOS and UEFI, CD and USB stick"
    VERBATIM)
  add_custom_target(${target} ALL DEPENDS "${arg_OUTPUT}")
endfunction()
