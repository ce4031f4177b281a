# SPDX-License-Identifier: MIT
# aoeui, an editor that has the whole screen and needs no curses. Unchanged. Its help goes through m4 in its own Makefile, through sed
# here; there are no pseudo terminals, so what it starts beside itself does not start.
set(sources main.c mem.c die.c display.c text.c file.c locus.c buffer.c undo.c utf8.c window.c util.c clip.c mode.c search.c child.c
    bookmark.c help.c find.c tags.c tab.c fold.c macro.c keyword.c)
argos_port_sources(aoeui ${sources} help.m4)

set(made "${CMAKE_CURRENT_BINARY_DIR}/aoeui-made")
foreach(which IN ITEMS 1=aoeui 2=asdfg)
  string(REPLACE "=" ";" which "${which}")
  list(GET which 0 number)
  list(GET which 1 name)
  file(WRITE "${made}/${name}.sed" "1d\ns/AOEUI/${name}/g\ns/cmd(\\([^,]*\\),\\([^)]*\\))/\\${number}/g\n"
      "s/\\\\/\\\\\\\\/g\ns/\"/\\\\\"/g\ns/^/\"/\ns/$/\\\\n\"/\n")
  add_custom_command(OUTPUT "${made}/${name}.help"
      COMMAND sh -c "sed -f '${made}/${name}.sed' '${aoeui_folder}/help.m4' >'${made}/${name}.help'"
      DEPENDS aoeui_sources VERBATIM COMMENT "Help of ${name}")
  list(APPEND helps "${made}/${name}.help")
endforeach()
file(WRITE "${made}/here/pty.h" "#include <errno.h>\nstruct termios;\nstruct winsize;\n"
    "static inline int openpty(int *a, int *b, char *name, const struct termios *t, const struct winsize *w)\n"
    "{ (void)a, (void)b, (void)name, (void)t, (void)w; errno = ENOSYS; return -1; }\n")
add_custom_target(aoeui_help DEPENDS ${helps})

# It keeps what is typed in files that it maps.
argos_port(aoeui ${aoeui_files})
target_sources(aoeui PRIVATE shared_mmap.c)
set_property(SOURCE ${aoeui_files} APPEND PROPERTY COMPILE_DEFINITIONS
    "$<$<STREQUAL:$<TARGET_PROPERTY:NAME>,aoeui>:mmap=shared_mmap;munmap=shared_munmap;msync=shared_msync>")
target_compile_options(aoeui PRIVATE "-I${made}/here" -DTIOCSCTTY=0x540e -DTIOCSPGRP=0x5410 "-Dcuserid(x)=0")
foreach(target IN ITEMS aoeui aoeui-here)
  if(TARGET ${target})
    target_compile_options(${target} PRIVATE "-I${made}" "-I${aoeui_folder}")
    add_dependencies(${target} aoeui_help)
  endif()
endforeach()
