/* SPDX-License-Identifier: MIT */
/* made by libctx/abi/generate.py from context.toml; change that. */
#include <ctx/gates.h>

/* clang-format off */
const struct ctx_gate_info ctx_gates[CTX_GATE_USED] = {
    [0] = {"return", CTX_RETURNS_VOID, 0, {{0, 0}}, 0},
    [1] = {"nosys", CTX_RETURNS_STATUS, 0, {{0, 0}}, 1},
    [2] = {"log", CTX_RETURNS_VOID, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}, 2},
    [3] = {"alloc", CTX_RETURNS_POINTER, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 3},
    [4] = {"dealloc", CTX_RETURNS_VOID, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 4},
    [5] = {"iface.open", CTX_RETURNS_STATUS, 4, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 5},
    [6] = {"time.now", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 6},
    [7] = {"time.wall", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 7},
    [8] = {"time.wake_at", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 8},
    [9] = {"mem.alloc", CTX_RETURNS_POINTER, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 9},
    [10] = {"mem.resize", CTX_RETURNS_POINTER, 4, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 10},
    [11] = {"mem.free", CTX_RETURNS_STATUS, 3, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 11},
    [12] = {"mem.usage", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 40}}, 12},
    [13] = {"display.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 32}}, 13},
    [14] = {"display.canvas", CTX_RETURNS_STATUS, 0, {{0, 0}}, 14},
    [15] = {"display.create", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}, 15},
    [16] = {"display.pixels", CTX_RETURNS_POINTER, 1, {{CTX_ARG_U32, 0}}, 16},
    [17] = {"display.damage", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 17},
    [18] = {"display.presented", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 24}}, 18},
    [19] = {"display.resize", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 19},
    [20] = {"display.destroy", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 20},
    [21] = {"events.read", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 21},
    [22] = {"events.wait", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 22},
    [23] = {"display.ask_position", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 23},
    [24] = {"display.ask_smallest", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 24},
    [25] = {"display.title", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 25},
    [26] = {"display.cursor", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 26},
    [27] = {"display.describe", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 160}}, 27},
    [28] = {"display.ask_flags", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 28},
    [29] = {"time.zone", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 29},
};

static const struct ctx_gate_info iface_fns[] = {
    {"iface.open", CTX_RETURNS_STATUS, 4, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 5},
};

static const struct ctx_gate_info time_fns[] = {
    {"time.now", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 6},
    {"time.wall", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 7},
    {"time.wake_at", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 8},
    {"time.zone", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 29},
};

static const struct ctx_gate_info mem_fns[] = {
    {"mem.alloc", CTX_RETURNS_POINTER, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 9},
    {"mem.resize", CTX_RETURNS_POINTER, 4, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 10},
    {"mem.free", CTX_RETURNS_STATUS, 3, {{CTX_ARG_MEMORY, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 11},
    {"mem.usage", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 40}}, 12},
};

static const struct ctx_gate_info display_fns[] = {
    {"display.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 32}}, 13},
    {"display.canvas", CTX_RETURNS_STATUS, 0, {{0, 0}}, 14},
    {"display.create", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}, 15},
    {"display.pixels", CTX_RETURNS_POINTER, 1, {{CTX_ARG_U32, 0}}, 16},
    {"display.damage", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 17},
    {"display.presented", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 24}}, 18},
    {"display.resize", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 19},
    {"display.destroy", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 20},
    {"display.ask_position", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 23},
    {"display.ask_smallest", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 24},
    {"display.title", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 25},
    {"display.cursor", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 26},
    {"display.describe", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 160}}, 27},
    {"display.ask_flags", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 28},
};

static const struct ctx_gate_info events_fns[] = {
    {"events.read", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 21},
    {"events.wait", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 22},
};

static const struct ctx_gate_info log_fns[] = {
    {"log.write", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 0},
};

static const struct ctx_gate_info args_fns[] = {
    {"args.count", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT4, 0}}, 0},
    {"args.get", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
};

static const struct ctx_gate_info random_fns[] = {
    {"random.fill", CTX_RETURNS_STATUS, 2, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}}, 0},
    {"random.reseed", CTX_RETURNS_STATUS, 0, {{0, 0}}, 0},
};

static const struct ctx_gate_info cpu_fns[] = {
    {"cpu.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 16}}, 0},
};

static const struct ctx_gate_info apps_fns[] = {
    {"apps.list", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
};

static const struct ctx_gate_info system_fns[] = {
    {"system.info", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 40}}, 0},
    {"system.reboot", CTX_RETURNS_STATUS, 0, {{0, 0}}, 0},
    {"system.power_off", CTX_RETURNS_STATUS, 0, {{0, 0}}, 0},
};

static const struct ctx_gate_info loader_fns[] = {
    {"loader.start", CTX_RETURNS_STATUS, 5, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 0},
    {"loader.programs", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"loader.run", CTX_RETURNS_STATUS, 5, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 0},
};

static const struct ctx_gate_info control_fns[] = {
    {"control.stop", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
    {"control.restart", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
    {"control.pause", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
    {"control.resume", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
    {"control.crash", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_OUT_STRUCT, 2304}}, 0},
    {"control.remove", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
};

static const struct ctx_gate_info host_fns[] = {
    {"host.open", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"host.wrap", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 0},
    {"host.forward", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 240}}, 0},
    {"host.copy_in", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}}, 0},
    {"host.copy_out", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 0},
    {"host.close", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"host.let_pass", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"host.rest", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 0},
};

static const struct ctx_gate_info image_fns[] = {
    {"image.save", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"image.restore", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"image.remove", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"image.poll", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 192}}, 0},
    {"image.list", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"image.place", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 192}}, 0},
};

static const struct ctx_gate_info service_fns[] = {
    {"service.publish", CTX_RETURNS_STATUS, 5, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"service.unpublish", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"service.caller", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 72}}, 0},
    {"service.callers", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"service.news", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 48}}, 0},
    {"service.complete", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 0},
    {"service.take", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U64, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"service.cancel", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
    {"service.done", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 0},
    {"service.list", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"service.grant", CTX_RETURNS_STATUS, 3, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
};

static const struct ctx_gate_info windows_fns[] = {
    {"windows.list", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"windows.manage", CTX_RETURNS_STATUS, 0, {{0, 0}}, 0},
    {"windows.release", CTX_RETURNS_STATUS, 0, {{0, 0}}, 0},
    {"windows.place", CTX_RETURNS_STATUS, 1, {{CTX_ARG_IN_STRUCT, 40}}, 0},
    {"windows.focus", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}, 0},
    {"windows.grab", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"windows.ungrab", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"windows.close", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}, 0},
    {"windows.resize", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"windows.layouts", CTX_RETURNS_STATUS, 4, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"windows.set_layout", CTX_RETURNS_STATUS, 2, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 0},
    {"windows.mirror", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_IN_STRUCT, 40}}, 0},
    {"windows.unmirror", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"windows.set_scale", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"windows.set_looks", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
};

static const struct ctx_gate_info share_fns[] = {
    {"share.create", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"share.map", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 0},
    {"share.unmap", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"share.grant", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 0},
    {"share.take", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 64}}, 0},
    {"share.info", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 64}}, 0},
    {"share.revoke", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 0},
    {"share.close", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"share.wake", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
};

static const struct ctx_gate_info terminal_fns[] = {
    {"terminal.describe", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 24}}, 0},
    {"terminal.write", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"terminal.read", CTX_RETURNS_STATUS, 3, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"terminal.modes", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 56}}, 0},
    {"terminal.set_modes", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_IN_STRUCT, 56}}, 0},
    {"terminal.next", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 0},
};

static const struct ctx_gate_info files_fns[] = {
    {"files.root", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"files.open", CTX_RETURNS_STATUS, 4, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"files.close", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"files.read", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"files.write", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"files.info", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 40}}, 0},
    {"files.look", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 40}}, 0},
    {"files.list", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_OUT_STRUCT, 288}}, 0},
    {"files.resize", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 0},
    {"files.make_folder", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"files.remove", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"files.rename", CTX_RETURNS_STATUS, 4, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 0},
    {"files.date", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U64, 0}}, 0},
    {"files.sync", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"files.wait", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 0},
    {"files.replace", CTX_RETURNS_STATUS, 5, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"files.space", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 32}}, 0},
    {"files.watch", CTX_RETURNS_STATUS, 3, {{CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT8, 0}}, 0},
    {"files.together", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
};

static const struct ctx_gate_info screen_fns[] = {
    {"screen.copy", CTX_RETURNS_STATUS, 5, {{CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}, {CTX_ARG_OUT4, 0}}, 0},
};

static const struct ctx_gate_info block_fns[] = {
    {"block.list", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 208}}, 0},
    {"block.claim", CTX_RETURNS_STATUS, 3, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}}, 0},
    {"block.release", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"block.info", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 208}}, 0},
    {"block.submit", CTX_RETURNS_STATUS, 1, {{CTX_ARG_IN_STRUCT, 48}}, 0},
    {"block.done", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT_STRUCT, 32}}, 0},
};

static const struct ctx_gate_info nic_fns[] = {
    {"nic.list", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 144}}, 0},
    {"nic.claim", CTX_RETURNS_STATUS, 2, {{CTX_ARG_IN_STRUCT, 32}, {CTX_ARG_OUT4, 0}}, 0},
    {"nic.release", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U32, 0}}, 0},
    {"nic.info", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 144}}, 0},
    {"nic.kick", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"nic.filter", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_IN, 0}, {CTX_ARG_U32, 0}}, 0},
    {"nic.counters", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_OUT_STRUCT, 88}}, 0},
};

static const struct ctx_gate_info saving_fns[] = {
    {"saving.join", CTX_RETURNS_STATUS, 0, {{0, 0}}, 0},
    {"saving.asked", CTX_RETURNS_STATUS, 1, {{CTX_ARG_OUT8, 0}}, 0},
    {"saving.lasts", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}, 0},
};

static const struct ctx_gate_info journal_fns[] = {
    {"journal.read", CTX_RETURNS_STATUS, 5, {{CTX_ARG_U64, 0}, {CTX_ARG_OUT, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_OUT4, 0}, {CTX_ARG_OUT8, 0}}, 0},
};

static const struct ctx_gate_info hands_fns[] = {
    {"hands.key", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"hands.pointer", CTX_RETURNS_STATUS, 4, {{CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}, {CTX_ARG_U32, 0}}, 0},
    {"hands.wheel", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 0},
};

static const struct ctx_gate_info calendar_fns[] = {
    {"calendar.set", CTX_RETURNS_STATUS, 1, {{CTX_ARG_U64, 0}}, 0},
    {"calendar.set_zone", CTX_RETURNS_STATUS, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}, 0},
};

const struct ctx_table_info ctx_tables[CTX_TABLES] = {
    {"iface", "", iface_fns, 1, 1, 0, 0},
    {"time", "", time_fns, 4, 1, 0, 0},
    {"mem", "", mem_fns, 4, 1, 0, 0},
    {"display", "", display_fns, 14, 1, 0, 0},
    {"events", "", events_fns, 2, 1, 0, 0},
    {"log", "ctx.log/1", log_fns, 1, 0, 0, 0},
    {"args", "ctx.args/1", args_fns, 2, 0, 0, 0},
    {"random", "ctx.random/1", random_fns, 2, 0, 0, 0},
    {"cpu", "ctx.cpu/1", cpu_fns, 1, 0, 0, 0},
    {"apps", "ctx.apps/1", apps_fns, 1, 0, 0, 0},
    {"system", "ctx.system/1", system_fns, 3, 0, 1, 0},
    {"loader", "ctx.loader/1", loader_fns, 3, 0, 1, 0},
    {"control", "ctx.control/1", control_fns, 6, 0, 1, 0},
    {"host", "ctx.host/1", host_fns, 8, 0, 1, 0},
    {"image", "ctx.image/1", image_fns, 6, 0, 1, 0},
    {"service", "ctx.service/1", service_fns, 11, 0, 0, 0},
    {"windows", "ctx.windows/1", windows_fns, 15, 0, 1, 0},
    {"share", "ctx.share/1", share_fns, 9, 0, 0, 0},
    {"terminal", "ctx.terminal/1", terminal_fns, 6, 0, 0, 1},
    {"files", "ctx.files/1", files_fns, 19, 0, 0, 1},
    {"screen", "ctx.screen/1", screen_fns, 1, 0, 1, 0},
    {"block", "ctx.block/1", block_fns, 6, 0, 1, 0},
    {"nic", "ctx.nic/1", nic_fns, 7, 0, 1, 0},
    {"saving", "ctx.saving/1", saving_fns, 3, 0, 0, 0},
    {"journal", "ctx.journal/1", journal_fns, 1, 0, 1, 0},
    {"hands", "ctx.hands/1", hands_fns, 3, 0, 1, 0},
    {"calendar", "ctx.calendar/1", calendar_fns, 2, 0, 1, 0},
};
/* clang-format on */
