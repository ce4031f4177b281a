# SPDX-License-Identifier: MIT
# Chocolate Doom, unchanged, over <SDL.h>; without music, network and what needs other libraries. Its data are Freedoom's (package
# freedoom), 28 MB, which lie in / once for all instances and images.
find_file(ARGOS_FREEDOOM freedoom1.wad PATHS /usr/share/games/doom NO_DEFAULT_PATH)
if(NOT ARGOS_FREEDOOM)
  message(STATUS "no port doom: there is no freedoom1.wad (package freedoom)")
  return()
endif()
set(sources i_main i_system m_argv m_misc aes_prng d_event d_iwad d_loop d_mode deh_str gusconf i_cdmus i_endoom i_glob i_input
    i_joystick i_musicpack i_oplmusic i_pcsound i_sdlmusic i_sdlsound i_sound i_timer i_video i_videohr i_winmusic midifile mus2mid
    m_bbox m_cheat m_config m_controls m_fixed net_client net_common net_dedicated net_gui net_io net_loop net_packet net_petname
    net_query net_sdl net_server net_structrw sha1 memio tables v_diskicon v_video w_checksum w_main w_wad w_file w_file_stdc
    w_file_posix w_merge z_zone deh_io deh_main deh_mapping deh_text)
set(game am_map deh_ammo deh_bexstr deh_cheat deh_doom deh_frame deh_misc deh_ptr deh_sound deh_thing deh_weapon d_items d_main d_net
    doomdef doomstat dstrings f_finale f_wipe g_game hu_lib hu_stuff info m_menu m_random p_ceilng p_doors p_enemy p_floor p_inter
    p_lights p_map p_maputl p_mobj p_plats p_pspr p_saveg p_setup p_sight p_spec p_switch p_telept p_tick p_user r_bsp r_data r_draw
    r_main r_plane r_segs r_sky r_things s_sound sounds statdump st_lib st_stuff wi_stuff)
set(text conditional checkbox desktop dropdown fileselect gui inputbox io button label radiobutton scrollpane separator spinctrl sdl
    strut table utf8 widget window window_action)
list(TRANSFORM game PREPEND src/doom/)
list(TRANSFORM sources PREPEND src/)
list(TRANSFORM text PREPEND textscreen/txt_)
set(sources ${sources} ${game} ${text} opl/opl opl/opl_queue opl/opl_sdl opl/opl_timer opl/opl3 pcsound/pcsound pcsound/pcsound_sdl)
list(TRANSFORM sources APPEND .c)
argos_port_sources(chocolate-doom ${sources})

set(made "${CMAKE_CURRENT_BINARY_DIR}/doom-made")
file(MAKE_DIRECTORY "${made}/files")
file(CREATE_LINK "${ARGOS_FREEDOOM}" "${made}/files/freedoom1.wad" COPY_ON_ERROR)
file(CONFIGURE OUTPUT "${made}/config.h" CONTENT [[
#define PACKAGE_NAME "Chocolate Doom"
#define PACKAGE_TARNAME "chocolate-doom"
#define PACKAGE_VERSION "3.0.1"
#define PACKAGE_STRING "Chocolate Doom 3.0.1"
#define PROGRAM_PREFIX "chocolate-"
#define HAVE_DIRENT_H
#define HAVE_DECL_STRCASECMP 1
#define HAVE_DECL_STRNCASECMP 1
]] @ONLY)
list(TRANSFORM sources PREPEND "${chocolate-doom_folder}/")
argos_port(doom SDL ${sources} FILES "${made}/files")
add_dependencies(doom chocolate-doom_sources)
target_compile_options(doom PRIVATE -fcommon -DDISABLE_SDL2MIXER=1 -DDISABLE_SDL2NET=1 "-I${made}")
foreach(folder IN ITEMS src src/doom textscreen opl pcsound)
  target_compile_options(doom PRIVATE "-I${chocolate-doom_folder}/${folder}")
endforeach()

# For bench/ports.py the same for this machine, without sound and network: their libraries are declared by our headers, and not linked.
find_package(SDL2 CONFIG QUIET)
if(ARGOS_LINUX AND TARGET SDL2::SDL2)
  file(COPY "${PROJECT_SOURCE_DIR}/libctx/sdl/include/SDL_mixer.h" "${PROJECT_SOURCE_DIR}/libctx/sdl/include/SDL_net.h" DESTINATION "${made}/here")
  add_executable(doom-here EXCLUDE_FROM_ALL ${sources})
  add_dependencies(doom-here chocolate-doom_sources)
  get_target_property(options doom COMPILE_OPTIONS)
  list(FILTER options INCLUDE REGEX "^(-fcommon|-D|-I)")
  target_compile_options(doom-here PRIVATE -O2 -w ${options} "-I${made}/here")
  target_link_libraries(doom-here PRIVATE SDL2::SDL2 m -Wl,--unresolved-symbols=ignore-all)
  set_property(TARGET doom-here PROPERTY RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/ports")
endif()
