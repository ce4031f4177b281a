# SPDX-License-Identifier: MIT
#
# mbedTLS 3.6, from its own source package, made once per machine (cmake/build-mbedtls.sh) with what libctx/tls/config.h says.
# Nobody links it but libctx/tls.
#
#   argos_mbedtls_native   for tests on this machine, with AddressSanitizer
#   argos_mbedtls          for apps with PICOLIBC; where ARGOS_VERIFIED is on there is a twin
include_guard(GLOBAL)

include(ArgosSources)

argos_source(mbedtls)
string(REGEX REPLACE "^.*_([0-9.]+)\\.orig.*$" "\\1" argos_mbedtls_version "${mbedtls_tarball}")
set(mbedtls_script "${PROJECT_SOURCE_DIR}/cmake/build-mbedtls.sh")
set(mbedtls_config "${PROJECT_SOURCE_DIR}/libctx/tls/config.h")

# argos_build_mbedtls_(NAME FILES COMMAND...): an imported library NAME by this command; FILES matter to it beside its words.
function(argos_build_mbedtls_ name files)
  set(flags ${ARGN} -w -g0)
  execute_process(COMMAND "${CMAKE_C_COMPILER}" --version OUTPUT_VARIABLE compiler)
  # Where headers lie says nothing about them.
  string(REPLACE "${PROJECT_BINARY_DIR}" "" words "${flags}")
  string(REPLACE "${PROJECT_SOURCE_DIR}" "" words "${words}")
  set(sums "")
  foreach(file IN LISTS mbedtls_script mbedtls_config files)
    file(SHA256 "${file}" sum)
    string(APPEND sums " ${sum}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  string(SHA256 hash "${mbedtls_sum} ${picolibc_sum} ${compiler} ${words} ${sums}")
  string(SUBSTRING "${hash}" 0 12 hash)
  set(out "${PROJECT_BINARY_DIR}/${name}/${hash}")
  add_custom_command(OUTPUT "${out}/libmbedtls.a"
      COMMAND "${CMAKE_COMMAND}" -E rm -rf "${PROJECT_BINARY_DIR}/${name}"
      COMMAND "${mbedtls_script}" "${name}-${argos_mbedtls_version}-${hash}" "${ARGOS_CACHE}" "${mbedtls_tarball}" "${out}"
          "${mbedtls_config}" ${flags}
      DEPENDS "${mbedtls_script}" "${mbedtls_config}" COMMENT "Getting mbedTLS ${argos_mbedtls_version} (${name})" VERBATIM)
  add_custom_target(${name}_made DEPENDS "${out}/libmbedtls.a")
  file(MAKE_DIRECTORY "${out}/include") # an imported target's folder has to be there
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${out}/libmbedtls.a")
  target_include_directories(${name} SYSTEM INTERFACE "${out}/include")
  add_dependencies(${name} ${name}_made)
endfunction()

if(ARGOS_HOST)
  argos_build_mbedtls_(argos_mbedtls_native "" "${CMAKE_C_COMPILER}" -O1 -fsanitize=address -fno-omit-frame-pointer)
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
  argos_build_mbedtls_(argos_mbedtls "" ${command})
  add_dependencies(argos_mbedtls_made picolibc)
  target_link_libraries(argos_mbedtls INTERFACE argos_picolibc) # it comes before what it uses
  if(ARGOS_VERIFIED)
    argos_build_mbedtls_(argos_mbedtls_verified "${argos_rewriter}"
        "${Python3_EXECUTABLE}" -S -B "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx-cc.py" --launch ${command}
        # As for SQLite: flags that are set before such a loop and read behind it do not live through what becomes of it.
        -mmemset-strategy=libcall:-1:noalign -mmemcpy-strategy=libcall:-1:noalign)
    add_dependencies(argos_mbedtls_verified_made picolibc)
    target_link_libraries(argos_mbedtls_verified INTERFACE argos_picolibc_verified)
    set_property(GLOBAL APPEND PROPERTY ARGOS_TWINS argos_mbedtls)
  endif()
endif()
