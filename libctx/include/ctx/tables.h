/* SPDX-License-Identifier: MIT */
/* made by libctx/abi/generate.py from context.toml; change that. */
/*
 * <ctx/tables.h> - the tables of version 3. DRAFT: until version 3 is frozen an app and a kernel
 * must have the same draft serial. Every function's first argument is the table it was called
 * through; everything may be called only inside _start of that instance. Statuses are in
 * <ctx/status.h>.
 */
#ifndef CTX_TABLES_H
#define CTX_TABLES_H

#include <ctx/base.h>
#include <ctx/status.h>

#define CTX_DRAFT_SERIAL 1

/* Kinds of events. 1 << kind is the kind's bit in a wait mask. */
#define CTX_EVENT_KEY 1
#define CTX_EVENT_POINTER 2
#define CTX_EVENT_WHEEL 3
#define CTX_EVENT_TEXT 4
#define CTX_EVENT_RESIZE 5

/* Flags of an event. */
#define CTX_EVENT_LOST 1

/* Flags of alloc. GUARD_LOW: the page below the memory is never mapped, so that a stack that
  grows into it faults. */
#define CTX_MEM_ZERO 1
#define CTX_MEM_GUARD_LOW 2

/* Formats of a surface: RGBX ignores the fourth byte, RGBA takes it as opacity (colours not
  multiplied by it). */
#define CTX_SURFACE_RGBX 1
#define CTX_SURFACE_RGBA 2

/* States of an app. */
#define CTX_APP_READY 0
#define CTX_APP_WAITING 1
#define CTX_APP_STOPPED 2
#define CTX_APP_EXITED 3

/* Levels of a log line. */
#define CTX_LOG_ERROR 1
#define CTX_LOG_WARN 2
#define CTX_LOG_INFO 3
#define CTX_LOG_DEBUG 4

/* Bits of cpu_info.features. */
#define CTX_CPU_SSE3 1
#define CTX_CPU_SSSE3 2
#define CTX_CPU_SSE41 4
#define CTX_CPU_SSE42 8
#define CTX_CPU_POPCNT 16
#define CTX_CPU_RDRAND 32
#define CTX_CPU_AES 64

/* What an app's heap holds. */
struct ctx_mem_usage {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t blocks; /* live blocks */
    uint64_t bytes; /* what they were asked for with, in bytes */
    uint64_t committed; /* bytes of memory behind them */
    uint64_t quota; /* the most that committed may become */
};

/* The screen. */
struct ctx_display_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint32_t w; /* pixels per row; 0 without a screen */
    uint32_t h; /* rows */
    uint64_t frame_ns; /* nanoseconds from one picture to the next */
};

/* When a surface was last seen. */
struct ctx_presented {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t count; /* pictures shown that this surface's damage was part of */
    uint64_t time_ns; /* when the last of them was handed to the display; monotonic, 0 = never */
};

/* One event. Which fields count depends on kind. */
struct ctx_event {
    uint32_t kind; /* CTX_EVENT_* */
    uint32_t flags; /* CTX_EVENT_LOST: older events were dropped before this one */
    uint64_t seq; /* counts this app's events from 1 */
    uint64_t time_ns; /* when it happened, monotonic */
    uint32_t code; /* KEY: evdev code; TEXT: code point; POINTER: the buttons held, bit n = 0x110 + n */
    uint32_t value; /* KEY: 0 up, 1 down, 2 repeated */
    int32_t x; /* POINTER: column of the screen, RESIZE: width, WHEEL: steps to the right */
    int32_t y; /* POINTER: row of the screen, RESIZE: height, WHEEL: steps away from the user */
};

/* One app, as ctx.apps/1 lists it. */
struct ctx_app_info {
    uint64_t pid;
    uint32_t state; /* CTX_APP_* */
    uint32_t version; /* the Context version it was given */
    uint64_t calls;
    uint64_t faults;
    uint64_t time_ns; /* spent in its calls */
    uint64_t longest_ns; /* its longest call */
    uint64_t memory; /* bytes committed for it, everything included */
    uint8_t name[32]; /* UTF-8, NUL-padded */
};

/* The machine. */
struct ctx_system_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t apps; /* how many there are */
    uint64_t uptime_ns;
    uint64_t memory; /* bytes of RAM that the kernel manages */
    uint64_t memory_free;
};

/* What the processor offers beyond x86-64 with SSE2. An image records it. */
struct ctx_cpu_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t features; /* CTX_CPU_* bits */
};

/* What every table begins with. */
struct ctx_table {
    uint32_t size;     /* valid bytes of the whole table */
    uint32_t flags;    /* CTX_TBL_* */
    uint64_t features; /* 0 */
};

/* The table's functions may be used; otherwise they answer DENIED. */
#define CTX_TBL_GRANTED 1

/* Whether a table has a function: newer ones are longer. */
#define CTX_TABLE_HAS(type, table, fn) \
    ((table)->t.size >= offsetof(type, fn) + sizeof((table)->fn))

/*
 * The door to everything that has no field in ctx: tables by name.
 */
struct ctx_iface {
    struct ctx_table t;

    /*
     * Open the table with this id, such as "ctx.log/1". The table stays valid for the life of the
     * instance, and opening it again gives the same address. A table that exists but was not
     * granted opens too: its header lacks CTX_TBL_GRANTED and its functions answer DENIED.
     * NOSYS: there is no such table here, or it is smaller than min_size bytes.
     * INVAL: id is not in the app's memory.
     * NOSPC: this instance has opened as many tables as fit.
     */
    ctx_status (CTX_CALL *open)(const struct ctx_iface *self, const void *id, uint32_t id_len, uint32_t min_size, const struct ctx_table **out);
};

/*
 * Clocks, and being called later.
 */
struct ctx_time {
    struct ctx_table t;

    /*
     * Nanoseconds since boot, now rather than at the start of the call. Never backwards for an
     * instance.
     */
    ctx_status (CTX_CALL *now)(const struct ctx_time *self, uint64_t *ns);

    /*
     * Nanoseconds since 1970-01-01 00:00 UTC. May jump.
     * NOSYS: this machine has no calendar clock.
     */
    ctx_status (CTX_CALL *wall)(const struct ctx_time *self, int64_t *unix_ns);

    /*
     * If this call returns 1 (wait), call again at this monotonic time at the latest. The
     * earliest of several counts; forgotten when the next call begins.
     */
    ctx_status (CTX_CALL *wake_at)(const struct ctx_time *self, uint64_t ns);
};

/*
 * Memory, with more choice than alloc and dealloc; blocks of both are the same blocks.
 */
struct ctx_mem {
    struct ctx_table t;

    /*
     * Like ctx->alloc. Flags: CTX_MEM_ZERO, CTX_MEM_GUARD_LOW.
     * NULL: no memory, the quota is used up, align is no power of two, or a flag is unknown.
     */
    void *(CTX_CALL *alloc)(const struct ctx_mem *self, uint64_t size, uint64_t align, uint64_t flags);

    /*
     * A block with the same first bytes and another size; p is gone if it succeeds, untouched if
     * not. p NULL (with size 0) allocates.
     * NULL: as alloc, or p is no such block.
     */
    void *(CTX_CALL *resize)(const struct ctx_mem *self, void *p, uint64_t size, uint64_t align, uint64_t new_size);

    /*
     * Give a block back. NULL is fine.
     * NOENT: nothing was allocated there.
     * INVAL: it was allocated with another size or alignment; it stays.
     */
    ctx_status (CTX_CALL *free)(const struct ctx_mem *self, void *p, uint64_t size, uint64_t align);

    /*
     * What the heap holds, and how much more it may.
     */
    ctx_status (CTX_CALL *usage)(const struct ctx_mem *self, struct ctx_mem_usage *out);
};

/*
 * The screen: an app's own pixels above the canvas, or the canvas itself.
 */
struct ctx_display {
    struct ctx_table t;

    /*
     * The size of the screen.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_display *self, struct ctx_display_info *out);

    /*
     * Take part in the canvas that all apps of versions 1 and 2 share: from the next call on
     * ctx->fb describes it.
     * NOMEM: no memory for the mapping.
     */
    ctx_status (CTX_CALL *canvas)(const struct ctx_display *self);

    /*
     * A surface of the app's own, black, in the middle of the screen above those of apps earlier
     * in the list. flags must be 0.
     * INVAL: a side is 0 or above 8192, or format or a flag is unknown.
     * NOMEM: no memory.
     * NOSPC: the app has 8 surfaces already.
     */
    ctx_status (CTX_CALL *create)(const struct ctx_display *self, uint32_t w, uint32_t h, uint32_t format, uint64_t flags, uint32_t *surface);

    /*
     * Its pixels, row by row, pitch == w. [kept] until resize or destroy.
     * NULL: no such surface.
     */
    void *(CTX_CALL *pixels)(const struct ctx_display *self, uint32_t surface);

    /*
     * These pixels have changed: show them with the next picture. What lies outside the surface
     * is ignored.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *damage)(const struct ctx_display *self, uint32_t surface, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

    /*
     * When its damage was last seen.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *presented)(const struct ctx_display *self, uint32_t surface, struct ctx_presented *out);

    /*
     * Another size; the contents are black again and pixels() may differ. On an error everything
     * stays.
     * NOENT: no such surface.
     * INVAL: a side is 0 or above 8192.
     * NOMEM: no memory.
     */
    ctx_status (CTX_CALL *resize)(const struct ctx_display *self, uint32_t surface, uint32_t w, uint32_t h);

    /*
     * Take it from the screen and give its memory back.
     * NOENT: no such surface.
     */
    ctx_status (CTX_CALL *destroy)(const struct ctx_display *self, uint32_t surface);
};

/*
 * What people do: keys, pointer, text. Without a window manager every app gets all of it.
 */
struct ctx_events {
    struct ctx_table t;

    /*
     * Move as many waiting events as fit into an array of struct ctx_event; *count says how many.
     * The first read or wait subscribes: earlier events are not seen.
     * AGAIN: none is waiting; *count is 0.
     * INVAL: bytes is smaller than one event.
     */
    ctx_status (CTX_CALL *read)(const struct ctx_events *self, void *events, uint32_t bytes, uint32_t *count);

    /*
     * If this call returns 1 (wait), call again when an event of one of these kinds (bits 1 <<
     * CTX_EVENT_*) is there. Events that wait already count. Forgotten when the next call begins.
     * INVAL: a bit of an unknown kind.
     */
    ctx_status (CTX_CALL *wait)(const struct ctx_events *self, uint64_t mask);
};

/*
 * The log, with levels. Open it as "ctx.log/1".
 */
#define CTX_ID_LOG "ctx.log/1"
struct ctx_log {
    struct ctx_table t;

    /*
     * Like ctx->log, with a level CTX_LOG_*.
     * INVAL: the level is unknown, or the text is not the app's.
     */
    ctx_status (CTX_CALL *write)(const struct ctx_log *self, uint32_t level, const void *text, uint32_t len);
};

/*
 * The words that were given to the app at its start. Open it as "ctx.args/1".
 */
#define CTX_ID_ARGS "ctx.args/1"
struct ctx_args {
    struct ctx_table t;

    /*
     * How many there are. The name is not one of them.
     */
    ctx_status (CTX_CALL *count)(const struct ctx_args *self, uint32_t *count);

    /*
     * Word number index, from 0: UTF-8, not terminated, cut at len; *full_len is its whole
     * length.
     * NOENT: there is no such word.
     */
    ctx_status (CTX_CALL *get)(const struct ctx_args *self, uint32_t index, void *text, uint32_t len, uint32_t *full_len);
};

/*
 * Numbers that nobody can guess: ChaCha20 with fast key erasure, seeded from what the machine
 * has. Open it as "ctx.random/1".
 */
#define CTX_ID_RANDOM "ctx.random/1"
struct ctx_random {
    struct ctx_table t;

    /*
     * Fill with random bytes. After a restore or on another machine it is seeded anew.
     */
    ctx_status (CTX_CALL *fill)(const struct ctx_random *self, void *bytes, uint32_t len);

    /*
     * Mix in fresh noise of the machine now.
     */
    ctx_status (CTX_CALL *reseed)(const struct ctx_random *self);
};

/*
 * The processor. Open it as "ctx.cpu/1".
 */
#define CTX_ID_CPU "ctx.cpu/1"
struct ctx_cpu {
    struct ctx_table t;

    /*
     * What may be used beyond x86-64 with SSE2.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_cpu *self, struct ctx_cpu_info *out);
};

/*
 * The other apps, to look at. Open it as "ctx.apps/1".
 */
#define CTX_ID_APPS "ctx.apps/1"
struct ctx_apps {
    struct ctx_table t;

    /*
     * An array of struct ctx_app_info in list order, as many as fit; *count is how many there are
     * in all.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_apps *self, void *apps, uint32_t bytes, uint32_t *count);
};

/*
 * The machine as a whole. Needs a grant. Open it as "ctx.system/1".
 */
#define CTX_ID_SYSTEM "ctx.system/1"
struct ctx_system {
    struct ctx_table t;

    /*
     * Uptime and memory.
     */
    ctx_status (CTX_CALL *info)(const struct ctx_system *self, struct ctx_system_info *out);

    /*
     * Start the machine anew when this call has returned.
     */
    ctx_status (CTX_CALL *reboot)(const struct ctx_system *self);

    /*
     * Turn the machine off when this call has returned.
     */
    ctx_status (CTX_CALL *power_off)(const struct ctx_system *self);
};

/*
 * Starting other apps. Needs a grant. Open it as "ctx.loader/1".
 */
#define CTX_ID_LOADER "ctx.loader/1"
struct ctx_loader {
    struct ctx_table t;

    /*
     * Start an ELF file as a new app at the end of the list; name is "NAME ARGUMENTS". The bytes
     * are not needed afterwards.
     * INVAL: the file is refused; the log says which field and why.
     * NOMEM: no memory.
     * NOSPC: too many apps.
     */
    ctx_status (CTX_CALL *start)(const struct ctx_loader *self, const void *file, uint32_t len, const void *name, uint32_t name_len, uint64_t *pid);
};

CTX_STATIC_ASSERT(sizeof(struct ctx_mem_usage) == 40, "ctx_mem_usage");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, size) == 0, "ctx_mem_usage.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, rsv) == 4, "ctx_mem_usage.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, blocks) == 8, "ctx_mem_usage.blocks");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, bytes) == 16, "ctx_mem_usage.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, committed) == 24, "ctx_mem_usage.committed");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem_usage, quota) == 32, "ctx_mem_usage.quota");
CTX_STATIC_ASSERT(sizeof(struct ctx_display_info) == 24, "ctx_display_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, size) == 0, "ctx_display_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, rsv) == 4, "ctx_display_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, w) == 8, "ctx_display_info.w");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, h) == 12, "ctx_display_info.h");
CTX_STATIC_ASSERT(offsetof(struct ctx_display_info, frame_ns) == 16, "ctx_display_info.frame_ns");
CTX_STATIC_ASSERT(sizeof(struct ctx_presented) == 24, "ctx_presented");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, size) == 0, "ctx_presented.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, rsv) == 4, "ctx_presented.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, count) == 8, "ctx_presented.count");
CTX_STATIC_ASSERT(offsetof(struct ctx_presented, time_ns) == 16, "ctx_presented.time_ns");
CTX_STATIC_ASSERT(sizeof(struct ctx_event) == 40, "ctx_event");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, kind) == 0, "ctx_event.kind");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, flags) == 4, "ctx_event.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, seq) == 8, "ctx_event.seq");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, time_ns) == 16, "ctx_event.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, code) == 24, "ctx_event.code");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, value) == 28, "ctx_event.value");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, x) == 32, "ctx_event.x");
CTX_STATIC_ASSERT(offsetof(struct ctx_event, y) == 36, "ctx_event.y");
CTX_STATIC_ASSERT(sizeof(struct ctx_app_info) == 88, "ctx_app_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, pid) == 0, "ctx_app_info.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, state) == 8, "ctx_app_info.state");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, version) == 12, "ctx_app_info.version");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, calls) == 16, "ctx_app_info.calls");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, faults) == 24, "ctx_app_info.faults");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, time_ns) == 32, "ctx_app_info.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, longest_ns) == 40, "ctx_app_info.longest_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, memory) == 48, "ctx_app_info.memory");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, name) == 56, "ctx_app_info.name");
CTX_STATIC_ASSERT(sizeof(struct ctx_system_info) == 32, "ctx_system_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, size) == 0, "ctx_system_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, apps) == 4, "ctx_system_info.apps");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, uptime_ns) == 8, "ctx_system_info.uptime_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, memory) == 16, "ctx_system_info.memory");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, memory_free) == 24, "ctx_system_info.memory_free");
CTX_STATIC_ASSERT(sizeof(struct ctx_cpu_info) == 16, "ctx_cpu_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, size) == 0, "ctx_cpu_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, rsv) == 4, "ctx_cpu_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, features) == 8, "ctx_cpu_info.features");
CTX_STATIC_ASSERT(offsetof(struct ctx_iface, open) == 16, "ctx_iface.open");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, now) == 16, "ctx_time.now");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, wall) == 24, "ctx_time.wall");
CTX_STATIC_ASSERT(offsetof(struct ctx_time, wake_at) == 32, "ctx_time.wake_at");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, alloc) == 16, "ctx_mem.alloc");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, resize) == 24, "ctx_mem.resize");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, free) == 32, "ctx_mem.free");
CTX_STATIC_ASSERT(offsetof(struct ctx_mem, usage) == 40, "ctx_mem.usage");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, info) == 16, "ctx_display.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, canvas) == 24, "ctx_display.canvas");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, create) == 32, "ctx_display.create");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, pixels) == 40, "ctx_display.pixels");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, damage) == 48, "ctx_display.damage");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, presented) == 56, "ctx_display.presented");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, resize) == 64, "ctx_display.resize");
CTX_STATIC_ASSERT(offsetof(struct ctx_display, destroy) == 72, "ctx_display.destroy");
CTX_STATIC_ASSERT(offsetof(struct ctx_events, read) == 16, "ctx_events.read");
CTX_STATIC_ASSERT(offsetof(struct ctx_events, wait) == 24, "ctx_events.wait");
CTX_STATIC_ASSERT(offsetof(struct ctx_log, write) == 16, "ctx_log.write");
CTX_STATIC_ASSERT(offsetof(struct ctx_args, count) == 16, "ctx_args.count");
CTX_STATIC_ASSERT(offsetof(struct ctx_args, get) == 24, "ctx_args.get");
CTX_STATIC_ASSERT(offsetof(struct ctx_random, fill) == 16, "ctx_random.fill");
CTX_STATIC_ASSERT(offsetof(struct ctx_random, reseed) == 24, "ctx_random.reseed");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu, info) == 16, "ctx_cpu.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_apps, list) == 16, "ctx_apps.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_system, info) == 16, "ctx_system.info");
CTX_STATIC_ASSERT(offsetof(struct ctx_system, reboot) == 24, "ctx_system.reboot");
CTX_STATIC_ASSERT(offsetof(struct ctx_system, power_off) == 32, "ctx_system.power_off");
CTX_STATIC_ASSERT(offsetof(struct ctx_loader, start) == 16, "ctx_loader.start");

#endif
