# SPDX-License-Identifier: MIT
# netcat, Hobbit's of 1996, as Debian's netcat-traditional begins: to reach others and to be reached, over TCP and UDP. Unchanged. It wants two headers
# for the routes of a packet (-g), which no C library of ours has: what it needs of them stands here, and setting such a route fails. Nor has
# it a resolver that begins anew.
argos_port_sources(netcat netcat.c generic.h)

set(made "${CMAKE_CURRENT_BINARY_DIR}/nc-made")
file(WRITE "${made}/netinet/in_systm.h" "")
file(WRITE "${made}/netinet/ip.h" "#define IPOPT_NOP 1\n#define IPOPT_LSRR 131\n#ifndef IP_OPTIONS\n#define IP_OPTIONS 4\n#endif\n")
set(sources "${netcat_folder}/netcat.c")
argos_port(nc ${sources})
foreach(target IN ITEMS nc nc-here)
  if(TARGET ${target})
    target_compile_options(${target} PRIVATE "-Dres_init()=0" "-I${made}" "-I${netcat_folder}")
  endif()
endforeach()
