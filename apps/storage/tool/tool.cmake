# SPDX-License-Identifier: MIT
# `ctx files` as a library of this machine: <storage_tool.h>. Targets storage_tool, and storage_tool_asan for what has the sanitizers.
include("${PROJECT_SOURCE_DIR}/apps/storage/engine/engine.cmake")
set(folder "${PROJECT_SOURCE_DIR}/apps/storage/tool")
function(argos_storage_tool target)
  add_library(${target} STATIC "${folder}/copy.c" "${folder}/disk.c" "${folder}/main.c" "${folder}/mend.c" "${folder}/sync.c" "${folder}/sync_list.c" ${storage_engine_sources})
  target_include_directories(${target} PUBLIC "${folder}" PRIVATE "${storage_engine_folder}")
  target_compile_options(${target} PRIVATE ${ARGN} -fPIE -fvisibility=hidden)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/libctx/include" "${PROJECT_SOURCE_DIR}/kernel/linux") # diskfile.h
  target_link_libraries(${target} PUBLIC argos_sqlite_native m)
endfunction()
if(ARGOS_TOOL)
  argos_storage_tool(storage_tool ${argos_warnings} ${argos_reproducible} -g -O2)
endif()
if(ARGOS_HOST)
  argos_storage_tool(storage_tool_asan)
  target_link_libraries(storage_tool_asan PRIVATE argos_host_flags)
endif()
