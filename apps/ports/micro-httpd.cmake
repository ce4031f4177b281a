# SPDX-License-Identifier: MIT
# micro_httpd, a web server of 300 lines that inetd starts for each request: it reads one from standard input. Unchanged. Here is no fork, so
# inetd.c is that inetd: it accepts, gives a connection in place of standard input and output, calls main, and catches its exit.
argos_port_sources(micro-httpd micro_httpd.c)

argos_port(micro-httpd "${micro-httpd_folder}/micro_httpd.c" inetd.c)
foreach(target IN ITEMS micro-httpd micro-httpd-here)
  if(TARGET ${target})
    add_dependencies(${target} micro-httpd_sources)
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
endforeach()
set_source_files_properties("${micro-httpd_folder}/micro_httpd.c" PROPERTIES COMPILE_OPTIONS "-include;${CMAKE_CURRENT_SOURCE_DIR}/inetd.h")
