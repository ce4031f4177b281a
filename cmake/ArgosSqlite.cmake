# SPDX-License-Identifier: MIT
#
# SQLite, from its own source package, made once per machine (cmake/build-sqlite.sh) with the options below. It has no system of
# its own: apps/storage/engine is what it stands on.
#
#   argos_sqlite_native   for programs on this machine, and tests
#   argos_sqlite          for apps with PICOLIBC; where ARGOS_VERIFIED is on there is a twin
include_guard(GLOBAL)

include(ArgosSources)

# One thread, memory instead of temporary files, no code from elsewhere. FTS5 and JSON are there.
set(argos_sqlite_options
    SQLITE_OS_OTHER=1 SQLITE_THREADSAFE=0 SQLITE_TEMP_STORE=3 SQLITE_STMTJRNL_SPILL=-1 SQLITE_MAX_MMAP_SIZE=0
    SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_DQS=0 SQLITE_DEFAULT_WAL_SYNCHRONOUS=2 SQLITE_ENABLE_FTS5 SQLITE_ENABLE_DBPAGE_VTAB
    SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_DEPRECATED)

argos_source(sqlite)
string(REGEX REPLACE "^.*_([0-9.]+)\\.orig.*$" "\\1" argos_sqlite_version "${sqlite_tarball}")
set(script "${PROJECT_SOURCE_DIR}/cmake/build-sqlite.sh")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${script}")

# argos_build_sqlite_(NAME FILES COMMAND...): an imported library NAME by this command; FILES matter to it beside its words.
function(argos_build_sqlite_ name files)
  set(flags ${ARGN})
  foreach(option IN LISTS argos_sqlite_options)
    list(APPEND flags "-D${option}")
  endforeach()
  list(APPEND flags -w -g0)
  execute_process(COMMAND "${CMAKE_C_COMPILER}" --version OUTPUT_VARIABLE compiler)
  # Where headers lie says nothing about them.
  string(REPLACE "${PROJECT_BINARY_DIR}" "" words "${flags}")
  string(REPLACE "${PROJECT_SOURCE_DIR}" "" words "${words}")
  set(sums "")
  foreach(file IN LISTS script files)
    file(SHA256 "${file}" sum)
    string(APPEND sums " ${sum}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  string(SHA256 hash "${sqlite_sum} ${picolibc_sum} ${compiler} ${words} ${sums}")
  string(SUBSTRING "${hash}" 0 12 hash)
  set(out "${PROJECT_BINARY_DIR}/${name}/${hash}")
  add_custom_command(OUTPUT "${out}/libsqlite3.a" "${out}/sqlite3.h" "${out}/sqlite3.c" "${out}/shell.c"
      COMMAND "${CMAKE_COMMAND}" -E rm -rf "${PROJECT_BINARY_DIR}/${name}"
      COMMAND "${script}" "${name}-${argos_sqlite_version}-${hash}" "${ARGOS_CACHE}" "${sqlite_tarball}" "${out}" ${flags}
      DEPENDS "${script}" COMMENT "Getting SQLite ${argos_sqlite_version} (${name})" VERBATIM)
  add_custom_target(${name}_made DEPENDS "${out}/libsqlite3.a")
  file(MAKE_DIRECTORY "${out}") # an imported target's folder has to be there
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${out}/libsqlite3.a")
  target_include_directories(${name} SYSTEM INTERFACE "${out}")
  add_dependencies(${name} ${name}_made)
  set(${name}_out "${out}" PARENT_SCOPE)
endfunction()

if(ARGOS_HOST OR ARGOS_LINUX OR ARGOS_TOOL)
  argos_build_sqlite_(argos_sqlite_native "" "${CMAKE_C_COMPILER}" -O2)
endif()
if(ARGOS_KERNEL OR ARGOS_LINUX)
  include(ArgosPicolibc)
  argos_source(picolibc)
  get_property(libc GLOBAL PROPERTY ARGOS_PICOLIBC)
  execute_process(COMMAND "${CMAKE_C_COMPILER}" -print-file-name=include OUTPUT_VARIABLE compiler_headers OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(flags ${ctx_picolibc_compile_options})
  list(FILTER flags EXCLUDE REGEX "COMPILE_LANGUAGE:CXX")
  set(command "${CMAKE_C_COMPILER}" ${flags} -O2 "-isystem${PROJECT_SOURCE_DIR}/libctx/c/include" "-isystem${libc}/include"
      "-isystem${compiler_headers}")
  argos_build_sqlite_(argos_sqlite "" ${command})
  add_dependencies(argos_sqlite_made picolibc)
  if(ARGOS_VERIFIED)
    argos_build_sqlite_(argos_sqlite_verified "${argos_rewriter}"
        "${Python3_EXECUTABLE}" -S -B "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx-cc.py" --launch ${command}
        # Flags that are set before such a loop and read behind it do not live through what becomes of it.
        -mmemset-strategy=libcall:-1:noalign -mmemcpy-strategy=libcall:-1:noalign)
    add_dependencies(argos_sqlite_verified_made picolibc)
    set_property(GLOBAL APPEND PROPERTY ARGOS_TWINS argos_sqlite)
  endif()
endif()
