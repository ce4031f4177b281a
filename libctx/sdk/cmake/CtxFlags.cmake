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

# With a C library: neither the host's headers nor its idea of a C library are in reach; the caller adds picolibc's. What
# both picolibc and we have must come from us, even when nobody but picolibc asks for it, so it is asked for before the linker
# looks into libc.a: memcpy stands for all of libctx.a's mem.c, ctx_fiber_await for its fiber.c, malloc and clock for the
# glue's malloc.c and time.c.
set(ctx_picolibc_compile_options ${ctx_compile_options} -nostdinc -ffunction-sections -fdata-sections)
list(REMOVE_ITEM ctx_picolibc_compile_options -ffreestanding)
set(ctx_picolibc_link_options ${ctx_link_options} -Wl,-u,memcpy,-u,ctx_fiber_await,-u,malloc,-u,clock
    -Wl,--gc-sections,--orphan-handling=error,--no-eh-frame-hdr)
set(ctx_main_link_options -Wl,-u,main) # an ordinary main

# Rust: a static library that the same linker as for C makes into an app.
set(ctx_rust_options --edition 2021 -C panic=abort -C opt-level=2 -C relocation-model=pic -C no-redzone=yes
    -C force-unwind-tables=no -C codegen-units=1)
set(ctx_rust_link_options -Wl,-u,_start,--gc-sections)
