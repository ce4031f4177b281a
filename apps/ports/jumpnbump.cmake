# SPDX-License-Identifier: MIT
# Jump 'n Bump: rabbits that jump upon one another, for SDL 2. Unchanged. Its level is packed by programs of its own, as its Makefile
# does it; without a network.
set(sources main.c menu.c filter.c network.c sdl/gfx.c sdl/input.c sdl/interrpt.c sdl/sound.c)
argos_port_sources(jumpnbump ${sources} globals.pre)

set(made "${CMAKE_CURRENT_BINARY_DIR}/jumpnbump-made")
set(data "${jumpnbump_folder}/data")
file(MAKE_DIRECTORY "${made}/files/jumpnbump")
set(gobs font rabbit numbers objects)
set(packed bump.mod calib.dat death.smp fly.smp jump.mod jump.smp levelmap.txt level.pcx mask.pcx menu.pcx menumask.pcx font.gob
    numbers.gob objects.gob rabbit.gob scores.mod splash.smp spring.smp)
set(pack "")
foreach(gob IN LISTS gobs)
  list(APPEND pack COMMAND "${CMAKE_COMMAND}" -E chdir "${data}" "${made}/gobpack" ${gob})
endforeach()
add_custom_command(OUTPUT "${made}/files/jumpnbump/jumpbump.dat" "${made}/globals.h"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${made}/files/jumpnbump"
    COMMAND sh -c "sed 's#%%DATADIR%%##' '${jumpnbump_folder}/globals.pre' >'${made}/globals.h'"
    COMMAND "${CMAKE_C_COMPILER}" -w "-I${made}" "-I${jumpnbump_folder}" "${jumpnbump_folder}/modify/gobpack.c" -o "${made}/gobpack"
    COMMAND "${CMAKE_C_COMPILER}" -w "-I${made}" "-I${jumpnbump_folder}" "${jumpnbump_folder}/modify/jnbpack.c" -o "${made}/jnbpack"
    ${pack}
    COMMAND "${CMAKE_COMMAND}" -E chdir "${data}" "${made}/jnbpack" -o "${made}/files/jumpnbump/jumpbump.dat" ${packed}
    DEPENDS jumpnbump_sources VERBATIM COMMENT "The level of jumpnbump")
add_custom_target(jumpnbump_data DEPENDS "${made}/files/jumpnbump/jumpbump.dat")

list(TRANSFORM sources PREPEND "${jumpnbump_folder}/")
argos_port(jumpnbump SDL ${sources} FILES "${made}/files")
add_dependencies(jumpnbump jumpnbump_data)
target_compile_options(jumpnbump PRIVATE -fcommon -Dstricmp=strcasecmp -Dstrnicmp=strncasecmp -DNDEBUG -DUSE_SDL "-I${made}" "-I${jumpnbump_folder}")
