# SPDX-License-Identifier: MIT
#
# argos_add_app(NAME SOURCE...)
#
# One app: an executable target NAME, ${PROJECT_BINARY_DIR}/apps/NAME.elf. It sees <ctx/...> and its own folder, and links
# libctx.a for what it uses of it.
include_guard(GLOBAL)

function(argos_add_app name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE argos_app_flags ctx_static)
  set_target_properties(${name} PROPERTIES SUFFIX ".elf" RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/apps")
  set_property(GLOBAL APPEND PROPERTY ARGOS_APPS ${name})
endfunction()
