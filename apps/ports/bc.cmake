# SPDX-License-Identifier: MIT
# GNU bc, as it is without a line editor of its own: lines are edited by the terminal. Unchanged. Its library of
# functions (bc -l) is compiled by a bc of this machine, as its own Makefile does it.
set(from_bc main.c bc.c scan.c execute.c load.c storage.c util.c global.c warranty.c)
set(from_lib getopt.c getopt1.c vfprintf.c number.c)
list(TRANSFORM from_bc PREPEND bc/)
list(TRANSFORM from_lib PREPEND lib/)
argos_port_sources(bc ${from_bc} ${from_lib} bc/libmath.b)

set(made "${CMAKE_CURRENT_BINARY_DIR}/bc-made")
file(WRITE "${made}/first/libmath.h" "{0}\n")
file(CONFIGURE OUTPUT "${made}/config.h" CONTENT [[
#define PACKAGE "bc"
#define VERSION "1.07.1"
#define BC_COPYRIGHT "Copyright 1991-1994, 1997, 1998, 2000, 2004, 2006, 2008, 2012-2017 Free Software Foundation, Inc."
#define DC_COPYRIGHT BC_COPYRIGHT
#define STDC_HEADERS 1
#define HAVE_ERRNO_H 1
#define HAVE_LIMITS_H 1
#define HAVE_STDARG_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRING_H 1
#define HAVE_STRINGS_H 1
#define HAVE_UNISTD_H 1
#define HAVE_ISGRAPH 1
#define HAVE_VPRINTF 1
]] @ONLY)

set(flags -DHAVE_CONFIG_H "-I${made}" "-I${bc_folder}/bc" "-I${bc_folder}/h")
set(sources ${bc_files})
list(FILTER sources INCLUDE REGEX "[.]c$")
file(WRITE "${made}/library.sed" "1s/^/{\"/\n2,$s/^/\"/\ns/$/\",/\n$s/,$/,0}/\n")
add_custom_command(OUTPUT "${made}/library/libmath.h"
    COMMAND "${CMAKE_C_COMPILER}" -O1 -w ${flags} "-I${made}/first" ${sources} -o "${made}/fbc"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${made}/library"
    COMMAND sh -c "'${made}/fbc' -c '${bc_folder}/bc/libmath.b' </dev/null | sed '$d' | sed -f '${made}/library.sed' >'${made}/library/libmath.h'"
    DEPENDS bc_sources VERBATIM COMMENT "The library of bc")
add_custom_target(bc_library DEPENDS "${made}/library/libmath.h")

argos_port(bc ${sources})
foreach(target IN ITEMS bc bc-here)
  if(TARGET ${target})
    target_compile_options(${target} PRIVATE ${flags} "-I${made}/library")
    add_dependencies(${target} bc_library)
  endif()
endforeach()
