# SPDX-License-Identifier: MIT
#
# argos_add_app(NAME [PICOLIBC [MAIN] [SDL] [TLS]] [TEST] [VERIFIED] SOURCE... [FILES FOLDER [AS /PATH]]...)
#
# One app: an executable target NAME, ${PROJECT_BINARY_DIR}/apps/NAME.elf. It sees <ctx/...> and its own folder, and links
# libctx.a for what it uses of it. Sources are C, assembly, or C++20 without a library of its own (*.cpp). With PICOLIBC it is
# compiled against a C library and starts at ctx_start: <ctx/c.h>; C++ then has constructors of static objects, new and
# delete. With MAIN it starts at main, like any other program, and that may be in a library too.
# With SDL it finds <SDL.h> (libctx/doc/sdl.md), with TLS <ctx/tls.h> and <ctx/http.h> (libctx/doc/tls.md).
# With TEST it stays in its own build folder and is never offered to an image. With VERIFIED there is a second one, whose code
# a kernel can verify: target NAME_verified, verified/NAME.elf beside it or in its build folder. FILES: what lies in FOLDER is
# compiled in, and found in / or below /PATH (libctx/doc/files.md).
include_guard(GLOBAL)

include(ArgosVerified)
include("${PROJECT_SOURCE_DIR}/libctx/sdk/cmake/CtxFiles.cmake")

function(argos_add_app name)
  set(words ${ARGN})
  ctx_take_files_("argos_add_app(${name})" words trees)
  cmake_parse_arguments(arg "MAIN;PICOLIBC;SDL;TEST;TLS;VERIFIED" "" "" ${words})
  if(trees)
    if(NOT arg_PICOLIBC)
      message(FATAL_ERROR "argos_add_app(${name}): FILES needs PICOLIBC, a C library")
    endif()
    set(script "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx-files.py")
    ctx_files_object_(${name} object "${trees}" "${Python3_EXECUTABLE}" -B "${script}")
    list(APPEND arg_UNPARSED_ARGUMENTS "${object}")
  endif()
  if(arg_MAIN)
    ctx_name_source_(${name} source)
    list(APPEND arg_UNPARSED_ARGUMENTS "${source}")
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  if(arg_SDL)
    if(NOT arg_PICOLIBC)
      message(FATAL_ERROR "argos_add_app(${name}): SDL needs PICOLIBC, a C library")
    endif()
    target_link_libraries(${name} PRIVATE ctx_sdl) # before what it uses itself
  endif()
  if(arg_TLS)
    if(NOT arg_PICOLIBC)
      message(FATAL_ERROR "argos_add_app(${name}): TLS needs PICOLIBC, a C library")
    endif()
    target_link_libraries(${name} PRIVATE ctx_http ctx_tls)
  endif()
  if(arg_PICOLIBC)
    target_compile_options(${name} PRIVATE ${argos_warnings})
    target_link_libraries(${name} PRIVATE argos_picolibc)
  else()
    target_link_libraries(${name} PRIVATE argos_app_flags ctx_static)
  endif()
  if(arg_MAIN)
    target_link_options(${name} PRIVATE ${ctx_main_link_options})
  endif()
  set_target_properties(${name} PROPERTIES SUFFIX ".elf")
  if(NOT arg_TEST)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/apps")
    set_property(GLOBAL APPEND PROPERTY ARGOS_APPS ${name})
  endif()
  if(arg_VERIFIED)
    argos_twin(${name})
  endif()
endfunction()
