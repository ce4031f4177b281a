# SPDX-License-Identifier: MIT
# libvterm's sources, unpacked: vterm_folder, vterm_sources, and a target that vterm_unpacked names. For the app, and for tests on the host.
# One line of it is changed: when a size changes and the first row goes on from a line that has scrolled out, it reads cells before
# the first (unit.terminal.screen finds that).
include(ArgosSources)

argos_source(libvterm)
string(REGEX REPLACE "^.*_([0-9.]+)\\.orig.*$" "\\1" version "${libvterm_tarball}")
set(vterm_folder "${CMAKE_CURRENT_BINARY_DIR}/libvterm-${version}")
set(vterm_sources encoding.c keyboard.c mouse.c parser.c pen.c screen.c state.c unicode.c vterm.c)
list(TRANSFORM vterm_sources PREPEND "${vterm_folder}/src/")
set(made "${vterm_folder}/include/vterm.h" "${vterm_folder}/include/vterm_keycodes.h")

add_custom_command(OUTPUT ${vterm_sources} ${made}
    COMMAND "${PROJECT_SOURCE_DIR}/cmake/fetch-sources.sh" --cache "${ARGOS_CACHE}" libvterm
    COMMAND "${CMAKE_COMMAND}" -E tar xf "${ARGOS_CACHE}/sources/${libvterm_tarball}" --touch
    COMMAND sed -i "/while(REFLOW .*continuation/s/old_row >= 0/old_row > 0/" "${vterm_folder}/src/screen.c"
    DEPENDS "${PROJECT_SOURCE_DIR}/cmake/sources.list" "${CMAKE_CURRENT_LIST_FILE}"
    WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
    COMMENT "Unpacking libvterm ${version}" VERBATIM)
get_filename_component(vterm_unpacked "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
set(vterm_unpacked "vterm_sources_${vterm_unpacked}") # each folder has its own
add_custom_target(${vterm_unpacked} DEPENDS ${vterm_sources} ${made})
