# SPDX-License-Identifier: MIT
# The cave, as bsdgames has it. Unchanged. Its texts are made by a program of its own and lie in it scrambled by random numbers, which
# are another C library's here: so both get numbers that are always 0.
set(sources crc.c done.c init.c io.c main.c save.c subr.c vocab.c wizard.c)
list(TRANSFORM sources PREPEND adventure/)
argos_port_sources(bsdgames ${sources} adventure/setup.c adventure/glorkz)

set(made "${CMAKE_CURRENT_BINARY_DIR}/adventure-made")
file(WRITE "${made}/zero.c" "long zero(void) { return 0; }\nvoid no_seed(unsigned seed) { (void)seed; }\n")
set(flags -Drandom=zero -Dsrandom=no_seed "-D__COPYRIGHT(x)=" "-D__RCSID(x)=")
add_custom_command(OUTPUT "${made}/data.c"
    COMMAND "${CMAKE_C_COMPILER}" -w ${flags} "${bsdgames_folder}/adventure/setup.c" "${made}/zero.c" -o "${made}/setup"
    COMMAND sh -c "'${made}/setup' '${bsdgames_folder}/adventure/glorkz' >'${made}/data.c'"
    DEPENDS bsdgames_sources VERBATIM COMMENT "The texts of the cave")

list(TRANSFORM sources PREPEND "${bsdgames_folder}/")
argos_port(adventure ${sources} "${made}/data.c" "${made}/zero.c")
foreach(target IN ITEMS adventure adventure-here)
  if(TARGET ${target})
    target_compile_options(${target} PRIVATE ${flags})
  endif()
endforeach()
