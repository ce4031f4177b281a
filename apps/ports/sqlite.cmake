# SPDX-License-Identifier: MIT
# The command line of SQLite, unchanged, from the sources that apps/storage is made of too; here with SQLite's own way to files, so it opens
# what libc opens: /data, where there is a disk, /tmp, and memory. One thread, no other processes. Scripts of ours lie in /.
include(ArgosSqlite)
get_target_property(folder argos_sqlite INTERFACE_INCLUDE_DIRECTORIES)
list(GET folder 0 folder)
set(sources "${folder}/sqlite3.c" "${folder}/shell.c")
set_source_files_properties(${sources} PROPERTIES GENERATED TRUE)
add_custom_target(sqlite_sources DEPENDS argos_sqlite_made)
argos_port(sqlite VERIFIED LIBCALLS ${sources} FILES sqlite STACK 1048576 FROM sqlite FLAGS -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=2
    -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_MAX_MMAP_SIZE=0 -DHAVE_MREMAP=0 -DSQLITE_NOHAVE_SYSTEM -g0)
