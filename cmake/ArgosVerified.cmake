# SPDX-License-Identifier: MIT
#
# argos_twin(TARGET): beside a library or an app TARGET_verified, the same sources and options, its code rewritten so that a
# kernel can verify it (kernel/doc/isolation.md). What it links that has a twin is the twin. Where the assembler for that is
# missing, clang, there are none, and `ARGOS_VERIFIED` is off.
include_guard(GLOBAL)

find_program(ARGOS_CLANG NAMES clang clang-14)
set(ARGOS_VERIFIED OFF)
if(ARGOS_CLANG AND ARGOS_TWINS AND (ARGOS_KERNEL OR ARGOS_LINUX))
  set(ARGOS_VERIFIED ON)
elseif(ARGOS_TWINS AND (ARGOS_KERNEL OR ARGOS_LINUX))
  message(STATUS "no verified apps: there is no clang, their assembler (package clang)")
endif()
set(argos_rewriter "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx-cc.py" "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx_rewrite.py")

function(argos_twin target)
  if(ARGOS_VERIFIED)
    set_property(GLOBAL APPEND PROPERTY ARGOS_TWINS ${target})
    cmake_language(EVAL CODE "cmake_language(DEFER CALL argos_make_twin ${target})") # when all is known of it
  endif()
endfunction()

# What of a list of libraries has a twin is the twin, in generator expressions too.
function(argos_twins_of out)
  get_property(twins GLOBAL PROPERTY ARGOS_TWINS)
  set(text "${ARGN}")
  foreach(twin IN LISTS twins)
    string(REGEX REPLACE "(^|[;,:>])${twin}($|[;,>])" "\\1${twin}_verified\\2" text "${text}")
    string(REGEX REPLACE "(^|[;,:>])${twin}($|[;,>])" "\\1${twin}_verified\\2" text "${text}") # neighbours share a separator
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(argos_make_twin target)
  get_target_property(type ${target} TYPE)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources EXCLUDE REGEX "^\\$<TARGET_OBJECTS")
  set(twin ${target}_verified)
  if(type STREQUAL "EXECUTABLE")
    add_executable(${twin} ${sources})
    set_property(GLOBAL APPEND PROPERTY ARGOS_VERIFIED_APPS ${target})
  else()
    add_library(${twin} STATIC ${sources})
  endif()
  get_target_property(name ${target} OUTPUT_NAME)
  if(NOT name)
    set(name ${target})
  endif()
  set_target_properties(${twin} PROPERTIES
      OUTPUT_NAME "${name}" ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/verified"
      RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/verified")
  foreach(property IN ITEMS COMPILE_OPTIONS COMPILE_DEFINITIONS INCLUDE_DIRECTORIES LINK_OPTIONS LINK_DEPENDS SUFFIX
          INTERFACE_COMPILE_OPTIONS INTERFACE_COMPILE_DEFINITIONS INTERFACE_INCLUDE_DIRECTORIES INTERFACE_LINK_OPTIONS
          INTERFACE_SYSTEM_INCLUDE_DIRECTORIES)
    get_target_property(value ${target} ${property})
    if(value)
      set_property(TARGET ${twin} PROPERTY ${property} "${value}")
    endif()
  endforeach()
  foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
    get_target_property(value ${target} ${property})
    if(value)
      argos_twins_of(value ${value})
      set_property(TARGET ${twin} PROPERTY ${property} "${value}")
    endif()
  endforeach()
  get_target_property(first ${target} MANUALLY_ADDED_DEPENDENCIES)
  if(first)
    add_dependencies(${twin} ${first})
  endif()
  target_compile_options(${twin} PRIVATE -w) # the other twin has been warned
  set_target_properties(${twin} PROPERTIES
      RULE_LAUNCH_COMPILE "\"${Python3_EXECUTABLE}\" -S -B \"${PROJECT_SOURCE_DIR}/libctx/sdk/ctx-cc.py\" --launch")
  get_property(kit GLOBAL PROPERTY ARGOS_VERIFIED_KIT)
  if(target IN_LIST kit) # what `ctx cc` links, and what the package has
    set_target_properties(${twin} PROPERTIES ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/ctx/verified")
    if(ARGOS_LINUX)
      install(TARGETS ${twin} ARCHIVE DESTINATION lib/ctx/verified)
    endif()
  endif()
  # Another rewriter is another compiler.
  get_target_property(files ${twin} SOURCES)
  set_property(SOURCE ${files} APPEND PROPERTY OBJECT_DEPENDS "${argos_rewriter}")
endfunction()
