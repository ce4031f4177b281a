# SPDX-License-Identifier: MIT
# The core of mGBA, the Game Boy Advance: processor, picture, sound, timers, its BIOS in software. Unchanged; what plays it is ours
# (mgba/main.c): keys from standard input, sums of picture and sound to standard output. So is the cartridge, mgba/rom.c, which clang
# compiles for the Advance's processor.
if(NOT ARGOS_CLANG OR NOT ARGOS_LLD)
  message(STATUS "no port mgba: its cartridge is compiled by clang and lld, which are not here")
  return()
endif()
set(sources arm/arm arm/decoder-arm arm/decoder arm/decoder-thumb arm/isa-arm arm/isa-thumb core/bitmap-cache core/cache-set core/cheats
    core/config core/core core/directories core/input core/interface core/log core/map-cache core/mem-search core/rewind
    core/serialize core/sync core/thread core/tile-cache core/timing gb/audio util/circle-buffer util/configuration util/crc32
    util/formatting util/gbk-table util/hash util/string util/table util/vfs util/convolve util/elf-read util/export util/patch
    util/patch-fast util/patch-ips util/patch-ups util/png-io util/ring-fifo util/text-codec util/vfs/vfs-mem util/vfs/vfs-fd
    util/vfs/vfs-dirent util/vfs/vfs-fifo platform/posix/memory third-party/blip_buf/blip_buf)
set(board audio bios cart/ereader cart/gpio cart/matrix cart/vfame cheats cheats/codebreaker cheats/gameshark cheats/parv3 core dma gba
    hle-bios input io memory overrides renderers/cache-set renderers/common renderers/gl renderers/software-bg
    renderers/software-mode0 renderers/software-obj renderers/video-software savedata serialize sharkport sio sio/gbp sio/joybus
    sio/lockstep timer video)
list(TRANSFORM board PREPEND gba/)
list(APPEND sources ${board})
list(TRANSFORM sources PREPEND src/)
list(TRANSFORM sources APPEND .c)
argos_port_sources(mgba ${sources})
argos_port_sources(inih ini.c)

set(made "${CMAKE_CURRENT_BINARY_DIR}/mgba-made")
file(CONFIGURE OUTPUT "${made}/version.c" CONTENT "#include <mgba/core/version.h>\nconst char *const gitCommit = \"\", *const gitCommitShort = \"\",
*const gitBranch = \"\", *const binaryName = \"mgba\", *const projectName = \"mGBA\", *const projectVersion = \"0.10.5\";
const int gitRevision = 0;\n")
set(rom "${made}/files/rom.gba")
file(MAKE_DIRECTORY "${made}/files" "${made}/third-party")
add_custom_command(OUTPUT "${rom}" DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/mgba/rom.c" VERBATIM COMMENT "The cartridge of mgba"
    COMMAND "${ARGOS_CLANG}" --target=armv4t-none-eabi -mcpu=arm7tdmi -O2 -ffreestanding -fropi -Wall -Wextra -Werror
        -c "${CMAKE_CURRENT_SOURCE_DIR}/mgba/rom.c" -o "${made}/rom.o"
    COMMAND "${ARGOS_LLD}" -Ttext=0x8000000 --section-start=.bss=0x3000000 --oformat=binary -e start "${made}/rom.o" -o "${rom}")
add_custom_target(mgba_rom DEPENDS "${rom}")
add_dependencies(mgba_sources mgba_rom)

file(CREATE_LINK "${inih_folder}" "${made}/third-party/inih" SYMBOLIC)
add_dependencies(mgba_sources inih_sources)
argos_port(mgba VERIFIED LIBCALLS mgba/main.c "${made}/version.c" ${mgba_files} ${inih_files} FILES "${made}/files" STACK 1048576 FROM mgba FLAGS
    "-I${mgba_folder}/include" "-I${mgba_folder}/src" "-I${made}" -D_GNU_SOURCE -DM_CORE_GBA -DMINIMAL_CORE=1 -DDISABLE_THREADING
    -DHAVE_STRDUP -DHAVE_STRNDUP $<$<NOT:$<STREQUAL:$<TARGET_PROPERTY:NAME>,mgba-here>>:-DHAVE_STRLCPY> -DHAVE_LOCALE=1 -DHAVE_USELOCALE
    -DHAVE_STRTOF_L -DHAVE_LOCALTIME_R)
