# SPDX-License-Identifier: MIT
#
# The package that third parties use: `cmake --install`, find_package(ctx), `ctx new`, `ctx idl` and `ctx iso`, a .deb by CPack. What
# lies in lib/ctx of an installation lies in lib/ctx of the build folder too, so that the tool works there.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(sdk "${PROJECT_SOURCE_DIR}/libctx/sdk")
set(home "lib/ctx") # beside bin/, wherever that is

set(idl_parts "")
foreach(part IN ITEMS __init__ binary c cpp form golden model page rust skeleton)
  list(APPEND idl_parts "${sdk}/ctx_idl/${part}.py")
endforeach()
file(COPY ${idl_parts} DESTINATION "${PROJECT_BINARY_DIR}/${home}/ctx_idl")
file(COPY "${sdk}/ctx-new.py" "${sdk}/ctx-debug.py" "${sdk}/ctx-idl.py" "${sdk}/ctx-iso.py" "${sdk}/ctx-cc.py" "${sdk}/ctx-files.py" "${sdk}/ctx_rewrite.py" "${sdk}/templates" "${PROJECT_SOURCE_DIR}/cmake/mkiso.py"
    "${PROJECT_SOURCE_DIR}/cmake/mkcpio.py" DESTINATION "${PROJECT_BINARY_DIR}/${home}")
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${sdk}/ctx-new.py" "${sdk}/ctx-debug.py" "${sdk}/ctx-idl.py" "${sdk}/ctx-iso.py" "${sdk}/ctx-cc.py" "${sdk}/ctx-files.py" "${sdk}/ctx_rewrite.py" ${idl_parts}
    "${PROJECT_SOURCE_DIR}/cmake/mkiso.py")

# A build of the kernel alone installs just that: into the same place, a build of the tool makes it whole.
if(ARGOS_KERNEL)
  install(FILES "${PROJECT_BINARY_DIR}/argos.elf" DESTINATION "${home}")
endif()
if(NOT ARGOS_LINUX)
  return()
endif()
set(ctx_home "${home}")
set(ctx_include "${CMAKE_INSTALL_INCLUDEDIR}")
set(ctx_tool "${CMAKE_INSTALL_BINDIR}/ctx")
set(package "lib/cmake/ctx")
configure_package_config_file("${sdk}/cmake/ctxConfig.cmake.in" "${PROJECT_BINARY_DIR}/sdk/ctxConfig.cmake"
    INSTALL_DESTINATION "${package}" PATH_VARS ctx_home ctx_include ctx_tool)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sdk/ctxConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
set(ctx_pc_cflags ${ctx_compile_options})
list(FILTER ctx_pc_cflags EXCLUDE REGEX "COMPILE_LANGUAGE")
list(JOIN ctx_pc_cflags " " ctx_pc_cflags)
list(JOIN ctx_link_options " " ctx_pc_libs)
configure_file("${sdk}/ctx.pc.in" "${PROJECT_BINARY_DIR}/sdk/ctx.pc" @ONLY)

install(TARGETS ctx_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/include/ctx" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
# Once more, alone: in /usr/include the host's C library lies beside them, which apps with a C library must not see.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/include/ctx" DESTINATION "${home}/include")
install(TARGETS ctx_static ctx_ui ctx_c ctx_sdl ctx_http ctx_tls ARCHIVE DESTINATION "${home}")
# TLS: what is behind ctx_tls lies beside it.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/http/include/" "${PROJECT_SOURCE_DIR}/libctx/tls/include/" DESTINATION "${home}/tls")
install(FILES "$<TARGET_PROPERTY:argos_mbedtls,IMPORTED_LOCATION>" DESTINATION "${home}")
if(ARGOS_VERIFIED)
  install(FILES "$<TARGET_PROPERTY:argos_mbedtls_verified,IMPORTED_LOCATION>" DESTINATION "${home}/verified")
endif()

# For `ctx cc`: the flags of CtxFlags.cmake, and in the build folder what it links.
function(argos_json out)
  string(REPLACE "\\" "\\\\" text "${ARGN}")
  string(REPLACE "\"" "\\\"" text "${text}")
  list(JOIN text "\", \"" text)
  set(${out} "[\"${text}\"]" PARENT_SCOPE)
endfunction()
set(plain ${ctx_compile_options})
list(FILTER plain EXCLUDE REGEX "COMPILE_LANGUAGE")
set(cxx ${ctx_compile_options})
list(FILTER cxx INCLUDE REGEX "COMPILE_LANGUAGE:CXX")
list(TRANSFORM cxx REPLACE "^.*:(-f.*)>$" "\\1")
argos_json(flags_compile ${plain})
argos_json(flags_cxx ${cxx})
argos_json(flags_link ${ctx_link_options})
argos_json(flags_libc_compile -nostdinc -ffunction-sections -fdata-sections)
argos_json(flags_libc_link ${ctx_picolibc_link_options})

# For Cargo, one in a line: the linker's options of CtxFlags.cmake, and which linker, for rustc may bring another one. %HOME% is where it lies.
set(options -fuse-ld=bfd ${ctx_link_options} ${ctx_rust_link_options} -nostartfiles -Wl,--defsym=rust_eh_personality=0 %HOME%/no-constructors.ld %HOME%/libctx.a)
list(JOIN options "\n" options)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/sdk/link-options" CONTENT "${options}\n")
install(FILES "${PROJECT_BINARY_DIR}/sdk/link-options" DESTINATION "${home}/rust")
foreach(place IN ITEMS build sdk)
  set(include "include")
  set(folder "${PROJECT_BINARY_DIR}/sdk")
  if(place STREQUAL "build")
    set(include "${PROJECT_SOURCE_DIR}/libctx/include")
    set(folder "${PROJECT_BINARY_DIR}/${home}")
  endif()
  file(CONFIGURE OUTPUT "${folder}/flags.json" @ONLY CONTENT "{\"compile\": @flags_compile@,
 \"cxx\": @flags_cxx@,
 \"link\": @flags_link@,
 \"libc_compile\": @flags_libc_compile@,
 \"libc_link\": @flags_libc_link@,
 \"include\": \"@include@\"}
")
endforeach()
file(COPY "${PROJECT_SOURCE_DIR}/cmake/no-constructors.ld" "${PROJECT_SOURCE_DIR}/libctx/c/app.ld"
    DESTINATION "${PROJECT_BINARY_DIR}/${home}")
install(FILES "${PROJECT_BINARY_DIR}/sdk/flags.json" DESTINATION "${home}")
get_property(picolibc GLOBAL PROPERTY ARGOS_PICOLIBC)
install(DIRECTORY "${picolibc}/" DESTINATION "${home}/picolibc")
get_property(picolibc_verified GLOBAL PROPERTY ARGOS_PICOLIBC_VERIFIED)
if(picolibc_verified)
  install(FILES "${picolibc_verified}/lib/libc.a" DESTINATION "${home}/verified")
endif()
# The build folder's own kit has what `ctx cc --libc` wants where the installed one has it. (What is not built yet is a link to nothing, and is named.)
set(kit "${PROJECT_BINARY_DIR}/${home}")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/libctx/c/include" "${kit}/c" SYMBOLIC)
file(CREATE_LINK "${picolibc}" "${kit}/picolibc" SYMBOLIC)
file(CREATE_LINK "${PROJECT_BINARY_DIR}/libctx/c/libctx_c.a" "${kit}/libctx_c.a" SYMBOLIC)
if(picolibc_verified)
  file(MAKE_DIRECTORY "${kit}/verified")
  file(CREATE_LINK "${picolibc_verified}/lib/libc.a" "${kit}/verified/libc.a" SYMBOLIC)
endif()
# The apps behind `ctx run --files` and `--net`, for images too, and texts of what they offer.
install(FILES "${PROJECT_SOURCE_DIR}/apps/storage/kv.toml" "${PROJECT_SOURCE_DIR}/apps/storage/sql.toml" "${PROJECT_SOURCE_DIR}/apps/net/net.toml" "${PROJECT_SOURCE_DIR}/apps/httpd/web.toml"
    DESTINATION "${home}/interfaces")
install(FILES "$<TARGET_FILE:storage>" "$<TARGET_FILE:net>" DESTINATION "${home}/apps")
if(ARGOS_VERIFIED)
  install(FILES "$<TARGET_FILE:storage_verified>" "$<TARGET_FILE:net_verified>" DESTINATION "${home}/apps/verified")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/c/include/" DESTINATION "${home}/c") # headers that picolibc lacks
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/sdl/include/" DESTINATION "${home}/sdl")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/rust" "${sdk}/templates" DESTINATION "${home}")
install(FILES ${idl_parts} DESTINATION "${home}/ctx_idl")
install(FILES "${sdk}/ctx-new.py" "${sdk}/ctx-debug.py" "${sdk}/ctx-idl.py" "${sdk}/ctx-iso.py" "${sdk}/ctx-cc.py" "${sdk}/ctx-files.py" "${sdk}/ctx_rewrite.py"
    "${PROJECT_SOURCE_DIR}/cmake/mkiso.py"
    "${PROJECT_SOURCE_DIR}/cmake/mkcpio.py" "${PROJECT_SOURCE_DIR}/cmake/no-constructors.ld"
    "${PROJECT_SOURCE_DIR}/libctx/c/app.ld" "${PROJECT_SOURCE_DIR}/kernel/linux/ctx.supp" DESTINATION "${home}")
install(FILES "${PROJECT_BINARY_DIR}/sdk/ctxConfig.cmake" "${PROJECT_BINARY_DIR}/sdk/ctxConfigVersion.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/ArgosPaths.cmake" "${sdk}/cmake/CtxApp.cmake" "${sdk}/cmake/CtxFiles.cmake" "${sdk}/cmake/CtxFlags.cmake" DESTINATION "${package}")
install(FILES "${PROJECT_BINARY_DIR}/sdk/ctx.pc" DESTINATION "lib/pkgconfig")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/kernel/linux/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${PROJECT_SOURCE_DIR}/kernel/linux/ctx.bash-completion"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME ctx)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/doc/" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/ctx")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libctx/examples" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/ctx")
# Links of the repository's page are the package's.
file(READ "${PROJECT_SOURCE_DIR}/libctx/CHANGES.md" changes)
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/libctx/CHANGES.md")
string(REPLACE "](doc/" "](" changes "${changes}")
string(REGEX REPLACE "\\[([^]]*)\\]\\(\\.\\./[^)]*\\)" "\\1" changes "${changes}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/sdk/CHANGES.md" CONTENT "${changes}" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/sdk/CHANGES.md" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/ctx")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/ctx" RENAME copyright)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ctx)
set(CPACK_PACKAGE_VENDOR "Argos")
set(CPACK_PACKAGE_CONTACT "Argos <argos@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# All that the tutorial does, down to its image. (libc6-dev: CMake links a program to see whether the compiler works.)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3, gcc, libc6-dev, cmake, make, \
grub-common, grub-pc-bin, grub-efi-amd64-bin, xorriso, mtools")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++, clang, qemu-system-x86")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "rustc-web, cargo-web, gdb, valgrind, pkg-config, ovmf")
# The kernel of the build beside this one, unless this one has its own.
set(argos_kernel_build "${PROJECT_BINARY_DIR}")
if(NOT ARGOS_KERNEL)
  cmake_path(GET PROJECT_BINARY_DIR PARENT_PATH argos_kernel_build)
  string(APPEND argos_kernel_build "/kernel")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/ArgosPackage.cmake.in" "${PROJECT_BINARY_DIR}/sdk/package.cmake" @ONLY)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_BINARY_DIR}/sdk/package.cmake")
set(CPACK_STRIP_FILES OFF) # archives of apps' code, and names of functions for crash reports
set(CPACK_INSTALL_PREFIX "/usr")
include(CPack)
