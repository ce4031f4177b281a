# SPDX-License-Identifier: MIT
# How an app is compiled and linked, wherever that is done: in this project and by those who use the installed package.
# Everything that a distribution's compiler may default to is set explicitly.

# Position independent, no library, no stack protector (its canary lies at %fs:0x28, and apps have no %fs), frame pointers for
# crash reports. C++ goes without all that needs a run-time library.
set(ctx_compile_options
    -ffreestanding -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE
    -fPIE -fvisibility=hidden -fno-plt -fno-omit-frame-pointer
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>)
set(ctx_link_options
    -nostdlib -static-pie -Wl,--no-dynamic-linker,-z,text,-z,noexecstack,-z,max-page-size=4096,--build-id=sha1)
