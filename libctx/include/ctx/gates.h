/* SPDX-License-Identifier: MIT */
/* made by libctx/abi/generate.py from context.toml; change that. */
/*
 * <ctx/gates.h> - what each gate takes and returns, for kernels and tools: argument checks,
 * tracer and loaders read it. Apps need none of it.
 */
#ifndef CTX_GATES_H
#define CTX_GATES_H

#include <stdint.h>

/* One past the last number given out; the list only grows. */
#define CTX_GATE_USED 30u

#define CTX_GATE_IFACE_OPEN 5u
#define CTX_GATE_TIME_NOW 6u
#define CTX_GATE_TIME_WALL 7u
#define CTX_GATE_TIME_WAKE_AT 8u
#define CTX_GATE_MEM_ALLOC 9u
#define CTX_GATE_MEM_RESIZE 10u
#define CTX_GATE_MEM_FREE 11u
#define CTX_GATE_MEM_USAGE 12u
#define CTX_GATE_DISPLAY_INFO 13u
#define CTX_GATE_DISPLAY_CANVAS 14u
#define CTX_GATE_DISPLAY_CREATE 15u
#define CTX_GATE_DISPLAY_PIXELS 16u
#define CTX_GATE_DISPLAY_DAMAGE 17u
#define CTX_GATE_DISPLAY_PRESENTED 18u
#define CTX_GATE_DISPLAY_RESIZE 19u
#define CTX_GATE_DISPLAY_DESTROY 20u
#define CTX_GATE_EVENTS_READ 21u
#define CTX_GATE_EVENTS_WAIT 22u
#define CTX_GATE_DISPLAY_ASK_POSITION 23u
#define CTX_GATE_DISPLAY_ASK_SMALLEST 24u
#define CTX_GATE_DISPLAY_TITLE 25u
#define CTX_GATE_DISPLAY_CURSOR 26u
#define CTX_GATE_DISPLAY_DESCRIBE 27u
#define CTX_GATE_DISPLAY_ASK_FLAGS 28u
#define CTX_GATE_TIME_ZONE 29u

/* Kinds of arguments; size is the struct's for *_STRUCT. IN and OUT are followed by their length. */
enum ctx_arg_kind {
    CTX_ARG_U32 = 1,
    CTX_ARG_U64,
    CTX_ARG_IN,
    CTX_ARG_OUT,
    CTX_ARG_IN_STRUCT,
    CTX_ARG_OUT_STRUCT,
    CTX_ARG_OUT4,
    CTX_ARG_OUT8,
    CTX_ARG_MEMORY,
    /* only of other apps' interfaces, whose kinds have the same numbers: <ctx/interface.h> */
    CTX_ARG_INOUT_STRUCT,
    CTX_ARG_SHARE,
    CTX_ARG_REQUEST,
};

enum ctx_returns {
    CTX_RETURNS_STATUS,
    CTX_RETURNS_POINTER,
    CTX_RETURNS_VOID,
};

struct ctx_arg_info {
    uint16_t kind, size;
};

/* Without self. */
struct ctx_gate_info {
    const char *name; /* table.function */
    uint8_t returns, count;
    struct ctx_arg_info args[5];
    uint16_t gate; /* of a function that hangs on ctx; 0: those that are opened get theirs then */
};

struct ctx_table_info {
    const char *name, *id;
    const struct ctx_gate_info *fns;
    uint32_t count;
    uint32_t on_ctx; /* 1: it hangs on ctx, and its functions have gates */
    uint32_t grant;      /* 1: not everyone may */
    uint32_t optional;   /* 1: not for everyone; another app may offer it instead */
};

#define CTX_TABLES 27u
#define CTX_TABLE_IFACE 0u
#define CTX_TABLE_TIME 1u
#define CTX_TABLE_MEM 2u
#define CTX_TABLE_DISPLAY 3u
#define CTX_TABLE_EVENTS 4u
#define CTX_TABLE_LOG 5u
#define CTX_TABLE_ARGS 6u
#define CTX_TABLE_RANDOM 7u
#define CTX_TABLE_CPU 8u
#define CTX_TABLE_APPS 9u
#define CTX_TABLE_SYSTEM 10u
#define CTX_TABLE_LOADER 11u
#define CTX_TABLE_CONTROL 12u
#define CTX_TABLE_HOST 13u
#define CTX_TABLE_IMAGE 14u
#define CTX_TABLE_SERVICE 15u
#define CTX_TABLE_WINDOWS 16u
#define CTX_TABLE_SHARE 17u
#define CTX_TABLE_TERMINAL 18u
#define CTX_TABLE_FILES 19u
#define CTX_TABLE_SCREEN 20u
#define CTX_TABLE_BLOCK 21u
#define CTX_TABLE_NIC 22u
#define CTX_TABLE_SAVING 23u
#define CTX_TABLE_JOURNAL 24u
#define CTX_TABLE_HANDS 25u
#define CTX_TABLE_CALENDAR 26u

/* f(log) for ctx.log/1, and so for each of them in this order: what a kernel offers, as a list. */
#define CTX_EACH_TABLE(f) \
    f(iface) f(time) f(mem) f(display) f(events) f(log) f(args) f(random) f(cpu) f(apps) \
    f(system) f(loader) f(control) f(host) f(image) f(service) f(windows) f(share) f(terminal) \
    f(files) f(screen) f(block) f(nic) f(saving) f(journal) f(hands) f(calendar)

extern const struct ctx_gate_info ctx_gates[CTX_GATE_USED];
extern const struct ctx_table_info ctx_tables[CTX_TABLES];

#endif
