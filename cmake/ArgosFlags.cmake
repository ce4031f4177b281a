# SPDX-License-Identifier: MIT
# What each kind of code is compiled with. Everything that a distribution's compiler may default to is set explicitly.

set(argos_warnings
    -Wall -Wextra -Wshadow -Wundef -Wvla -Wconversion
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<COMPILE_LANGUAGE:CXX>:-Wmissing-declarations>
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<BOOL:${ARGOS_WERROR}>:-Werror>)

# Paths in products are relative to the source folder: two builds in two folders give the same bytes. (The build folder
# itself, without a slash, is what debug information names as the folder that the compiler ran in, and a build id counts that
# too. The last one that fits is taken, and the build folder may lie in the source folder.)
set(argos_reproducible "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=" "-ffile-prefix-map=${PROJECT_BINARY_DIR}=.")

set(argos_freestanding
    -ffreestanding -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -mno-red-zone
    -U_FORTIFY_SOURCE ${argos_reproducible})

# The kernel: general registers only, so that an app's SSE and x87 state is never touched. Each function and table in a section
# of its own: what one machine does not use of the core is dropped by the linker.
add_library(argos_kernel_flags INTERFACE)
target_compile_options(argos_kernel_flags INTERFACE
    ${argos_warnings} ${argos_freestanding} -O2 -fno-pic -fno-pie -mcmodel=kernel -mgeneral-regs-only
    -fno-omit-frame-pointer -ffunction-sections -fdata-sections)
if(ARGOS_DEBUG)
  target_compile_definitions(argos_kernel_flags INTERFACE KERNEL_DEBUG)
endif()

include("${PROJECT_SOURCE_DIR}/libctx/sdk/cmake/CtxFlags.cmake") # the same as for those who use the package

# Apps: position independent, no library, no start-up files. C++ goes without all that needs a run-time library; nobody
# runs constructors of static objects, so an app that has some does not link.
add_library(argos_app_flags INTERFACE)
target_compile_options(argos_app_flags INTERFACE
    ${argos_warnings} ${ctx_compile_options} ${argos_reproducible} -O2)
target_link_options(argos_app_flags INTERFACE ${ctx_link_options} "${CMAKE_CURRENT_LIST_DIR}/no-constructors.ld")
set_property(TARGET argos_app_flags PROPERTY INTERFACE_LINK_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/no-constructors.ld")

# Tests on this machine: every error of memory or arithmetic stops them. `bounds` alone takes an array at the end of a struct for
# one that may be longer than it says, and GCC has a stricter one.
add_library(argos_host_flags INTERFACE)
target_compile_options(argos_host_flags INTERFACE
    ${argos_warnings} -g -fsanitize=address,undefined $<$<COMPILE_LANG_AND_ID:C,GNU>:-fsanitize=bounds-strict>
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
target_link_options(argos_host_flags INTERFACE -fsanitize=address,undefined)
target_compile_definitions(argos_host_flags INTERFACE KERNEL_DEBUG)

# What is tested there spends hours of its life comparing pixels and adding up checksums: compiled with a little optimization, as the
# sanitizers' manuals advise, it takes half as long. The tests themselves are not: they are compiled oftener than their time is worth.
set(ARGOS_HOST_OPTIMIZE -O1 CACHE STRING "How far the sanitized core and libraries are optimized")
add_library(argos_host_tested_flags INTERFACE)
target_compile_options(argos_host_tested_flags INTERFACE ${ARGOS_HOST_OPTIMIZE})
target_link_libraries(argos_host_tested_flags INTERFACE argos_host_flags)

# What drivers and machines may see of the kernel.
add_library(argos_kernel_headers INTERFACE)
target_include_directories(argos_kernel_headers INTERFACE "${PROJECT_SOURCE_DIR}/kernel/include")
target_link_libraries(argos_kernel_headers INTERFACE ctx)
