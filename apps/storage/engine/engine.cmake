# SPDX-License-Identifier: MIT
# The engine's sources, for the app, for `ctx files` and for tests: storage_engine_sources, storage_engine_folder.
include(ArgosSqlite)
set(storage_engine_folder "${PROJECT_SOURCE_DIR}/apps/storage/engine")
set(storage_engine_sources check.c chunks.c kv.c layout.c nodes.c opening.c store.c vfs.c vfs_gather.c vfs_plain.c)
set(storage_sql_sources sql.c sql_file.c sql_functions.c sql_guard.c sql_pieces.c sql_values.c whole.c) # databases of apps: for the app and for tests
list(TRANSFORM storage_sql_sources PREPEND "${storage_engine_folder}/")
list(TRANSFORM storage_engine_sources PREPEND "${storage_engine_folder}/")
