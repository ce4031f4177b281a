# SPDX-License-Identifier: MIT
#
# LZ4 and XXH64 for the core (kernel/base/pack.c compiles them as parts of itself): the folder with their sources hangs on
# argos_kernel_headers. Unpacked when CMake configures, because every file of the core may see it.
include_guard(GLOBAL)
include(ArgosSources)

argos_source(lz4)
string(REGEX REPLACE "^.*_([0-9.]+)\\.orig.*$" "\\1" version "${lz4_tarball}")
set(folder "${PROJECT_BINARY_DIR}/lz4-${version}/lib")
if(NOT EXISTS "${folder}/xxhash.c")
  execute_process(
      COMMAND "${PROJECT_SOURCE_DIR}/cmake/fetch-sources.sh" --cache "${ARGOS_CACHE}" lz4
      RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "the sources of LZ4 are missing")
  endif()
  file(ARCHIVE_EXTRACT INPUT "${ARGOS_CACHE}/sources/${lz4_tarball}" DESTINATION "${PROJECT_BINARY_DIR}"
       PATTERNS "*/lib/lz4.[ch]" "*/lib/xxhash.[ch]" "*/lib/LICENSE")
endif()
target_include_directories(argos_kernel_headers SYSTEM INTERFACE "${folder}")
