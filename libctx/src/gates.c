/* SPDX-License-Identifier: MIT */
/* made by libctx/abi/generate.py from context.toml; change that. */
#include <ctx/gates.h>

/* clang-format off */
const struct ctx_gate_info ctx_gates[CTX_GATE_USED] = {
    [0] = {"return", CTX_RETURNS_VOID, 0, {{0, 0}}},
    [1] = {"nosys", CTX_RETURNS_STATUS, 0, {{0, 0}}},
    [2] = {"log", CTX_RETURNS_VOID, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}},
    [3] = {"alloc", CTX_RETURNS_POINTER, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    [4] = {"dealloc", CTX_RETURNS_VOID, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    [5] = {"iface.open", CTX_RETURNS_STATUS, 4, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}},
    [6] = {"time.now", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}},
    [7] = {"time.wall", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}},
    [8] = {"time.wake_at", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
    [9] = {"mem.alloc", CTX_RETURNS_POINTER, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    [10] = {"mem.resize", CTX_RETURNS_POINTER, 4, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    [11] = {"mem.free", CTX_RETURNS_STATUS, 3, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    [12] = {"mem.usage", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 40}}},
    [13] = {"display.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 24}}},
    [14] = {"display.canvas", CTX_RETURNS_STATUS, 0, {{0, 0}}},
    [15] = {"display.create", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}},
    [16] = {"display.pixels", CTX_RETURNS_POINTER, 1, {{CTX_ARG_U32, 0}}},
    [17] = {"display.damage", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}},
    [18] = {"display.presented", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 24}}},
    [19] = {"display.resize", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}},
    [20] = {"display.destroy", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}},
    [21] = {"events.read", CTX_RETURNS_STATUS, 3, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
    [22] = {"events.wait", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
};

static const struct ctx_gate_info iface_fns[] = {
    {"iface.open", CTX_RETURNS_STATUS, 4, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}},
};

static const struct ctx_gate_info time_fns[] = {
    {"time.now", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}},
    {"time.wall", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}},
    {"time.wake_at", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
};

static const struct ctx_gate_info mem_fns[] = {
    {"mem.alloc", CTX_RETURNS_POINTER, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    {"mem.resize", CTX_RETURNS_POINTER, 4, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    {"mem.free", CTX_RETURNS_STATUS, 3, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    {"mem.usage", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 40}}},
};

static const struct ctx_gate_info display_fns[] = {
    {"display.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 24}}},
    {"display.canvas", CTX_RETURNS_STATUS, 0, {{0, 0}}},
    {"display.create", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}},
    {"display.pixels", CTX_RETURNS_POINTER, 1, {{CTX_ARG_U32, 0}}},
    {"display.damage", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}},
    {"display.presented", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 24}}},
    {"display.resize", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}},
    {"display.destroy", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}},
};

static const struct ctx_gate_info events_fns[] = {
    {"events.read", CTX_RETURNS_STATUS, 3, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
    {"events.wait", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
};

static const struct ctx_gate_info log_fns[] = {
    {"log.write", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}},
};

static const struct ctx_gate_info args_fns[] = {
    {"args.count", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT4, 0}}},
    {"args.get", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
};

static const struct ctx_gate_info random_fns[] = {
    {"random.fill", CTX_RETURNS_STATUS, 2, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}}},
    {"random.reseed", CTX_RETURNS_STATUS, 0, {{0, 0}}},
};

static const struct ctx_gate_info cpu_fns[] = {
    {"cpu.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 16}}},
};

static const struct ctx_gate_info apps_fns[] = {
    {"apps.list", CTX_RETURNS_STATUS, 3, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
};

static const struct ctx_gate_info system_fns[] = {
    {"system.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 40}}},
    {"system.reboot", CTX_RETURNS_STATUS, 0, {{0, 0}}},
    {"system.power_off", CTX_RETURNS_STATUS, 0, {{0, 0}}},
};

static const struct ctx_gate_info loader_fns[] = {
    {"loader.start", CTX_RETURNS_STATUS, 5, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}},
};

static const struct ctx_gate_info control_fns[] = {
    {"control.stop", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
    {"control.restart", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
    {"control.pause", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
    {"control.resume", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
    {"control.crash", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_OUT_STRUCT, 2304}}},
    {"control.remove", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}},
};

static const struct ctx_gate_info host_fns[] = {
    {"host.open", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}},
    {"host.wrap", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},
    {"host.forward", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 128}}},
    {"host.copy_in", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}}},
    {"host.copy_out", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}},
    {"host.close", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}},
};

static const struct ctx_gate_info image_fns[] = {
    {"image.save", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
    {"image.restore", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
    {"image.remove", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
    {"image.poll", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 192}}},
    {"image.list", CTX_RETURNS_STATUS, 3, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}},
    {"image.place", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 192}}},
};

const struct ctx_table_info ctx_tables[CTX_TABLES] = {
    {"iface", "", iface_fns, 1, 5, 0, 0},
    {"time", "", time_fns, 3, 6, 0, 0},
    {"mem", "", mem_fns, 4, 9, 0, 0},
    {"display", "", display_fns, 8, 13, 0, 0},
    {"events", "", events_fns, 2, 21, 0, 0},
    {"log", "ctx.log/1", log_fns, 1, 0, 0, 0},
    {"args", "ctx.args/1", args_fns, 2, 0, 0, 0},
    {"random", "ctx.random/1", random_fns, 2, 0, 0, 0},
    {"cpu", "ctx.cpu/1", cpu_fns, 1, 0, 0, 0},
    {"apps", "ctx.apps/1", apps_fns, 1, 0, 0, 0},
    {"system", "ctx.system/1", system_fns, 3, 0, 1, 0},
    {"loader", "ctx.loader/1", loader_fns, 1, 0, 1, 0},
    {"control", "ctx.control/1", control_fns, 6, 0, 1, 0},
    {"host", "ctx.host/1", host_fns, 6, 0, 1, 0},
    {"image", "ctx.image/1", image_fns, 6, 0, 1, 0},
};
/* clang-format on */
