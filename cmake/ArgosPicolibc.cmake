# SPDX-License-Identifier: MIT
#
# picolibc, the C library that an app may ask for (argos_add_app(NAME PICOLIBC ...)); the kernel never sees it.
#
#   argos_picolibc            INTERFACE: compile and link flags, headers, libc.a, the glue libctx_c.a, libgcc
#   argos_picolibc_verified   the same for apps whose code a kernel can verify, where ARGOS_VERIFIED is on; and helpers of
#                             ours (libctx/c/verified) in place of libgcc
#
# It is built once per machine by cmake/build-picolibc.sh, into a cache that a clean build leaves alone, in a folder
# named by its version and a hash of everything below; the build folder gets a copy. A second build has its code rewritten.
include_guard(GLOBAL)

include(ArgosSources)
include(ArgosVerified)

# ---- how it is built ----
# No thread-local storage: apps own no %fs. -fPIE because apps are; no red zone costs nothing and serves any stack.
set(flags "-O2 -fPIE -fvisibility=hidden -fno-plt -fno-stack-protector -fcf-protection=none \
-fno-asynchronous-unwind-tables -mno-red-zone -ffunction-sections -fdata-sections -U_FORTIFY_SOURCE \
-ffile-prefix-map=@SOURCE@/= -ffile-prefix-map=@BUILD@/=")
set(options "-DCMAKE_BUILD_TYPE=None -D__THREAD_LOCAL_STORAGE=OFF -D__GLOBAL_ERRNO=ON -D__SINGLE_THREAD=ON \
-D__MB_CAPABLE=ON -D__IO_LONG_LONG=ON -D__IO_LONG_DOUBLE=ON -D__IO_POS_ARGS=ON -DTESTS=OFF -DCMAKE_MESSAGE_LOG_LEVEL=WARNING")
set(toolchain "set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER \"${CMAKE_C_COMPILER}\")
set(CMAKE_ASM_COMPILER \"${CMAKE_C_COMPILER}\")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT \"${flags}\")
set(CMAKE_ASM_FLAGS_INIT \"-fcf-protection=none\")
")

# Members of libc.a that the glue replaces (libctx/c: blocks.c, decimal.c, environ.c, formats.c, locale.c, print*.c, scan*.c, stdio.c, strtod.c,
# files/*.c).
# They are taken out, so that no app has two of one function, whatever it links in which order.
set(replaced
    vfprintf vfwprintf vswprintf vfscanf vfwscanf strtof strtod strtold strtof_l strtod_l strtold_l
    wcstof wcstod wcstold wcstof_l wcstod_l wcstold_l fgetc fputc fgets fputs fread fwrite fopen fdopen freopen fseek fseeko ftell ftello
    tmpfile tmpnam mktemp remove signal system fflush fclose fileno fputwc fgetwc getdelim locale_names nl_langinfo getopt putenv setenv)
list(TRANSFORM replaced APPEND .c.obj)
list(JOIN replaced " " replaced)

argos_source(picolibc)
string(REGEX REPLACE "^.*_([0-9.]+)\\.orig.*$" "\\1" version "${picolibc_tarball}")
# The first line names the distribution's revision too.
execute_process(COMMAND "${CMAKE_C_COMPILER}" --version OUTPUT_VARIABLE compiler OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX REPLACE "\n.*" "" compiler "${compiler}")

# argos_build_picolibc(NAME TITLE TOOLCHAIN EMPTIED FILE...): a target NAME, and in NAME_out the folder that has include and
# lib/libc.a. EMPTIED are sources that come to nothing, FILEs what the tool chain runs, with @PYTHON@ and from a copy at @TOOLS@.
function(argos_build_picolibc name title toolchain emptied)
  set(sums "")
  foreach(file IN LISTS ARGN)
    file(SHA256 "${file}" sum)
    string(APPEND sums " ${sum}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  string(SHA256 hash "${picolibc_sum} ${compiler} ${options} ${toolchain} ${replaced}${emptied}${sums}")
  string(SUBSTRING "${hash}" 0 12 hash)

  # The hash is in the path, so that another picolibc means other commands: headers that change while ninja runs are seen by
  # its next run only, which would build everything a second time.
  set(out "${PROJECT_BINARY_DIR}/${name}/${hash}")
  # The settings are words of a shell.
  list(JOIN ARGN "\n" tools)
  foreach(word IN ITEMS ar cache cmake python toolchain tools)
    set(text "${${word}}")
    if(word STREQUAL "cache")
      set(text "${ARGOS_CACHE}")
    elseif(word STREQUAL "cmake")
      set(text "${CMAKE_COMMAND}")
    elseif(word STREQUAL "python")
      set(text "${Python3_EXECUTABLE}")
    elseif(word STREQUAL "ar")
      set(text "${CMAKE_AR}")
    endif()
    string(REPLACE "'" "'\\''" ${word}_quoted "${text}")
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${name}.settings" @ONLY CONTENT "# for cmake/build-picolibc.sh
key='@name@-@version@-@hash@'
cache='@cache_quoted@'
tarball='@picolibc_tarball@'
cmake='@cmake_quoted@'
options='@options@'
ar='@ar_quoted@'
replaced='@replaced@'
emptied='@emptied@'
tools='@tools_quoted@'
python='@python_quoted@'
toolchain='@toolchain_quoted@'
")
  add_custom_command(OUTPUT "${out}/lib/libc.a"
      COMMAND "${CMAKE_COMMAND}" -E rm -rf "${PROJECT_BINARY_DIR}/${name}"
      COMMAND "${PROJECT_SOURCE_DIR}/cmake/build-picolibc.sh" "${PROJECT_BINARY_DIR}/${name}.settings" "${out}"
      DEPENDS "${PROJECT_BINARY_DIR}/${name}.settings"
      COMMENT "Getting ${title} ${version}" USES_TERMINAL VERBATIM)
  add_custom_target(${name} DEPENDS "${out}/lib/libc.a")
  set(${name}_out "${out}" PARENT_SCOPE)
endfunction()

argos_build_picolibc(picolibc picolibc "${toolchain}" "")
set_property(GLOBAL PROPERTY ARGOS_PICOLIBC "${picolibc_out}")

# ---- how it is used ----
execute_process(COMMAND "${CMAKE_C_COMPILER}" -print-file-name=include
    OUTPUT_VARIABLE argos_compiler_headers OUTPUT_STRIP_TRAILING_WHITESPACE)

add_library(argos_picolibc_headers INTERFACE)
add_dependencies(argos_picolibc_headers picolibc)
# (Each path is one word with its option: CMake would merge two -isystem, and SHELL: would tear a path at its spaces.)
target_compile_options(argos_picolibc_headers INTERFACE
    ${ctx_picolibc_compile_options} -O2 ${argos_reproducible} "-isystem${PROJECT_SOURCE_DIR}/libctx/c/include"
    "-isystem${picolibc_out}/include" "-isystem${argos_compiler_headers}")
target_link_libraries(argos_picolibc_headers INTERFACE ctx)

add_library(argos_libc STATIC IMPORTED GLOBAL)
set_target_properties(argos_libc PROPERTIES IMPORTED_LOCATION "${picolibc_out}/lib/libc.a")
add_dependencies(argos_libc picolibc)

# Verified: what its configuration finds out about the compiler is found out without the rewriter, which is no part of that.
# Sources that can not be verified are emptied: memcpy is libctx.a's anyway, fenv libctx/c/verified/fenv.c, and apps take no
# interrupts.
if(ARGOS_VERIFIED)
  string(APPEND toolchain "get_property(trying GLOBAL PROPERTY IN_TRY_COMPILE)
if(NOT trying)
  set_property(GLOBAL PROPERTY RULE_LAUNCH_COMPILE \"\\\"@PYTHON@\\\" -S -B @TOOLS@/ctx-cc.py --launch\")
endif()
")
  argos_build_picolibc(picolibc_verified "verified picolibc" "${toolchain}"
      "newlib/libc/machine/x86/memcpy-64.S newlib/libc/picolib/machine/x86/interrupt.S newlib/libm/machine/x86/fenv.c"
      ${argos_rewriter})
  add_library(argos_libc_verified STATIC IMPORTED GLOBAL)
  set_target_properties(argos_libc_verified PROPERTIES IMPORTED_LOCATION "${picolibc_verified_out}/lib/libc.a")
  add_dependencies(argos_libc_verified picolibc_verified)
  set_property(GLOBAL PROPERTY ARGOS_PICOLIBC_VERIFIED "${picolibc_verified_out}")
  set_property(GLOBAL APPEND PROPERTY ARGOS_TWINS argos_libc argos_picolibc)
endif()

set(script "${PROJECT_SOURCE_DIR}/libctx/c/app.ld")
add_library(argos_picolibc INTERFACE)
target_link_libraries(argos_picolibc INTERFACE
    argos_picolibc_headers "$<LINK_GROUP:RESCAN,ctx_static,ctx_c,argos_libc>" gcc)
target_link_options(argos_picolibc INTERFACE ${ctx_picolibc_link_options} "-T${script}")
set_property(TARGET argos_picolibc PROPERTY INTERFACE_LINK_DEPENDS "${script}")

# libctx.a comes first: memcpy is in it alone, with memmove and the like, and libc.a has those too. It is of the group, because what only libctx_c.a uses of it
# is looked for when that is read.
if(ARGOS_VERIFIED)
  add_library(argos_picolibc_verified INTERFACE)
  target_link_libraries(argos_picolibc_verified INTERFACE
      argos_picolibc_headers "$<LINK_GROUP:RESCAN,ctx_static_verified,ctx_c_verified,argos_libc_verified,ctx_helpers_verified>")
  target_link_options(argos_picolibc_verified INTERFACE ${ctx_picolibc_link_options} "-T${script}")
  set_property(TARGET argos_picolibc_verified PROPERTY INTERFACE_LINK_DEPENDS "${script}")
endif()
