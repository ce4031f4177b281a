# SPDX-License-Identifier: MIT
# cJSON, unchanged, with a program of ours that prints a file's values in three ways: `cjson FILE.json`.
argos_port_sources(cjson cJSON.c cJSON.h)
argos_port(cjson cjson/main.c ${cjson_folder}/cJSON.c FILES cjson/data)
foreach(target IN ITEMS cjson cjson-here)
  if(TARGET ${target})
    add_dependencies(${target} cjson_sources)
    target_include_directories(${target} PRIVATE "${cjson_folder}")
    target_link_libraries(${target} PRIVATE $<$<STREQUAL:${target},cjson-here>:m>)
  endif()
endforeach()
