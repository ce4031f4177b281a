# SPDX-License-Identifier: MIT
# Maelstrom: rocks in space, in C++ for SDL 2. One line is changed: a name that a class gives to a type of its own twice, which GCC 12
# refuses. Its pictures and sounds are compiled in; nobody else is in the network.
set(sources checksum controls dialog fastrand init load main myerror netscore rect scores netlogic/about netlogic/blit netlogic/game
    netlogic/logic netlogic/make netlogic/netplay netlogic/object netlogic/objects netlogic/player screenlib/SDL_FrameBuf
    screenlib/pixel maclib/Mac_FontServ maclib/Mac_Resource maclib/Mac_Sound maclib/Mac_Wave)
list(TRANSFORM sources APPEND .cpp)
argos_port_sources(maelstrom ${sources})

set(made "${CMAKE_CURRENT_BINARY_DIR}/maelstrom-made")
file(MAKE_DIRECTORY "${made}/files/Images")
set(data Maelstrom_Fonts Maelstrom_Sounds Maelstrom_Sprites icon.bmp icon.xpm)
list(TRANSFORM data PREPEND "${maelstrom_folder}/")
add_custom_command(OUTPUT "${made}/files/Maelstrom_Fonts"
    COMMAND "${CMAKE_COMMAND}" -E copy ${data} "${made}/files"
    COMMAND sed -i "s/^\t} button;/\t};/" "${maelstrom_folder}/buttonlist.h"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${maelstrom_folder}/Images" "${made}/files/Images"
    DEPENDS maelstrom_sources ${maelstrom_files} VERBATIM COMMENT "The data of maelstrom")
add_custom_target(maelstrom_data DEPENDS "${made}/files/Maelstrom_Fonts")

list(TRANSFORM sources PREPEND "${maelstrom_folder}/")
argos_port(maelstrom SDL ${sources} FILES "${made}/files")
add_dependencies(maelstrom maelstrom_data)
target_compile_options(maelstrom PRIVATE -DVERSION="3.0.7" -DLIBDIR="/" "-I${maelstrom_folder}")
foreach(folder IN ITEMS netlogic screenlib maclib)
  target_compile_options(maelstrom PRIVATE "-I${maelstrom_folder}/${folder}")
endforeach()
