# SPDX-License-Identifier: MIT
# The engine's sources, for the app, for `ctx files` and for tests: storage_engine_sources, storage_engine_folder.
include(ArgosSqlite)
set(storage_engine_folder "${PROJECT_SOURCE_DIR}/apps/storage/engine")
set(storage_engine_sources check.c chunks.c kv.c layout.c nodes.c store.c vfs.c)
list(TRANSFORM storage_engine_sources PREPEND "${storage_engine_folder}/")
