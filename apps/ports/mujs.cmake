# SPDX-License-Identifier: MIT
# MuJS, an interpreter of ECMAScript 5, unchanged: `mujs FILE.js WORD...`, or a program from standard input. Scripts of ours lie in /.
argos_port_sources(mujs one.c main.c)
argos_port(mujs ${mujs_files} FILES mujs)
# A script may nest a thousand calls before MuJS says so; each takes the machine's stack too.
file(CONFIGURE OUTPUT mujs-stack.c CONTENT "#include <stdint.h>\nconst uint32_t ctx_main_stack = 4 << 20;\n")
target_sources(mujs PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/mujs-stack.c")
foreach(target IN ITEMS mujs mujs-here)
  if(TARGET ${target})
    add_dependencies(${target} mujs_sources)
    target_link_libraries(${target} PRIVATE $<$<STREQUAL:${target},mujs-here>:m>)
  endif()
endforeach()
