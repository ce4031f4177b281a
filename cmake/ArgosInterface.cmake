# SPDX-License-Identifier: MIT
# What `ctx idl` makes of the text of an interface that an app here offers.
include_guard(GLOBAL)

# argos_interface(NAME FILE.toml [LAYOUT FILE] [CLIENT TARGET]): NAME.h for who calls it and NAME_provider.h for who offers it, found by
# who links TARGET (NAME_client; several interfaces may have one). LAYOUT: what the text may not change any more. FILE.toml may be made by the build, in this folder.
function(argos_interface name text)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "CLIENT;LAYOUT" "")
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "argos_interface(${name}): ${arg_UNPARSED_ARGUMENTS}${arg_KEYWORDS_MISSING_VALUES}: not known, or something is missing behind it")
  endif()
  cmake_path(ABSOLUTE_PATH text)
  set(idl "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx-idl.py")
  set(out "${PROJECT_BINARY_DIR}/interfaces/${name}")
  set(words "")
  if(arg_LAYOUT)
    cmake_path(ABSOLUTE_PATH arg_LAYOUT)
    set(words --layout "${arg_LAYOUT}")
  endif()
  if(NOT arg_CLIENT)
    set(arg_CLIENT ${name}_client)
  endif()
  file(GLOB parts "${PROJECT_SOURCE_DIR}/libctx/sdk/ctx_idl/*.py")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(OUTPUT "${out}/${name}.h" "${out}/${name}_provider.h" DEPENDS "${text}" "${idl}" ${parts} VERBATIM COMMENT "Interface ctx.${name}/1"
      COMMAND Python3::Interpreter -B "${idl}" "${text}" --lang c ${words} --out "${out}")
  add_custom_target(${name}_idl DEPENDS "${out}/${name}.h" "${out}/${name}_provider.h")
  if(NOT TARGET ${arg_CLIENT})
    add_library(${arg_CLIENT} INTERFACE)
  endif()
  target_include_directories(${arg_CLIENT} SYSTEM INTERFACE "${out}") # nobody writes that by hand
  add_dependencies(${arg_CLIENT} ${name}_idl)
endfunction()
