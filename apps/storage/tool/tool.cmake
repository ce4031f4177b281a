# SPDX-License-Identifier: MIT
# `ctx files` as a library of this machine, target storage_tool: <storage_tool.h>.
include("${PROJECT_SOURCE_DIR}/apps/storage/engine/engine.cmake")
set(folder "${PROJECT_SOURCE_DIR}/apps/storage/tool")
add_library(storage_tool STATIC "${folder}/copy.c" "${folder}/disk.c" "${folder}/main.c" ${storage_engine_sources})
target_include_directories(storage_tool PUBLIC "${folder}" PRIVATE "${storage_engine_folder}")
target_compile_options(storage_tool PRIVATE ${argos_warnings} ${argos_reproducible} -g -O2 -fPIE -fvisibility=hidden)
target_include_directories(storage_tool PRIVATE "${PROJECT_SOURCE_DIR}/libctx/include")
target_link_libraries(storage_tool PUBLIC argos_sqlite_native m)
