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

#define CTX_DRAFT_SERIAL 2

/* Flags of image_place. ON_DISK: they survive the machine's end; else they are in memory. */
#define CTX_IMAGES_ON_DISK 1
#define CTX_IMAGES_READ_ONLY 2

/* Kinds of events. 1 << kind is the kind's bit in a wait mask. */
#define CTX_EVENT_KEY 1
#define CTX_EVENT_POINTER 2
#define CTX_EVENT_WHEEL 3
#define CTX_EVENT_TEXT 4
#define CTX_EVENT_RESIZE 5
#define CTX_EVENT_RESTORED 6

/* Flags of an event. */
#define CTX_EVENT_LOST 1
#define CTX_EVENT_SERIAL 2

/* What is different since the instance was saved, in a RESTORED event. Only an app whose note has
 * the flag CTX_NOTE_TELL_RESTORED gets that event: others need not know. */
#define CTX_RESTORED_SCREEN 1
#define CTX_RESTORED_DEVICES 2
#define CTX_RESTORED_SYSTEM 4

/* Flags of alloc. GUARD_LOW: the page below the memory is never mapped, so that a stack that
 * grows into it faults. */
#define CTX_MEM_ZERO 1
#define CTX_MEM_GUARD_LOW 2

/* Formats of a surface: RGBX ignores the fourth byte, RGBA takes it as opacity (colours not
 * multiplied by it). */
#define CTX_SURFACE_RGBX 1
#define CTX_SURFACE_RGBA 2

/* Flags of a surface. POINTER: it follows the pointer, its middle is where that is, and lies
 * above all surfaces without that flag; at most 128 pixels wide and high. */
#define CTX_SURFACE_POINTER 1

/* States of an app. */
#define CTX_APP_READY 0
#define CTX_APP_WAITING 1
#define CTX_APP_STOPPED 2
#define CTX_APP_EXITED 3
#define CTX_APP_PAUSED 4
#define CTX_APP_RESTARTING 5

/* What happens to an app whose call ended in a fault. NEVER: it is called again, and stopped when
 * three calls in a row fault. ON_FAULT: it begins anew, after a pause that doubles each time.
 * ALWAYS: also when it exits. UNDO: it is put back to where it was before that call and goes on;
 * if that happens again and again at the same place, as ON_FAULT. */
#define CTX_RESTART_NEVER 0
#define CTX_RESTART_ON_FAULT 1
#define CTX_RESTART_ALWAYS 2
#define CTX_RESTART_UNDO 3

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
#define CTX_CPU_AVX 128
#define CTX_CPU_AVX2 256
#define CTX_CPU_FMA 512
#define CTX_CPU_F16C 1024
#define CTX_CPU_BMI1 2048
#define CTX_CPU_BMI2 4096
#define CTX_CPU_LZCNT 8192
#define CTX_CPU_MOVBE 16384
#define CTX_CPU_PCLMUL 32768
#define CTX_CPU_AVX512F 65536
#define CTX_CPU_AVX512DQ 131072
#define CTX_CPU_AVX512CD 262144
#define CTX_CPU_AVX512BW 524288
#define CTX_CPU_AVX512VL 1048576
#define CTX_CPU_SHA 2097152
#define CTX_CPU_ADX 4194304
#define CTX_CPU_RDSEED 8388608

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
    uint32_t flags; /* CTX_EVENT_LOST: older events were dropped before this one; CTX_EVENT_SERIAL: typed on the serial line, which has no pointer and no focus */
    uint64_t seq; /* counts this app's events from 1 */
    uint64_t time_ns; /* when it happened, monotonic */
    uint32_t code; /* KEY: evdev code; TEXT: code point; POINTER: the buttons held, bit n = 0x110 + n; RESTORED: CTX_RESTORED_*, what is different */
    uint32_t value; /* KEY: 0 up, 1 down, 2 repeated; RESTORED: the epoch */
    int32_t x; /* POINTER: column of the screen, RESIZE, RESTORED: width, WHEEL: steps to the right */
    int32_t y; /* POINTER: row of the screen, RESIZE, RESTORED: height, WHEEL: steps away from the user */
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
    uint64_t memory_quota; /* the most that memory may become */
    uint64_t parent; /* pid of the app that started it; all ones: none */
    uint64_t overruns; /* slices of time beyond its budget: 0 on a good day */
    uint64_t budget_ns; /* what one call may take before it is interrupted */
    uint64_t log_dropped; /* lines of its log that were not written, because there were too many */
    uint32_t restarts; /* how often it began anew */
    uint32_t restart_policy; /* CTX_RESTART_* */
};

/* What is known of a call that ended in a fault. */
struct ctx_crash {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t vector; /* the exception's number */
    uint64_t seq; /* counts the crashes of all apps from 1 */
    uint64_t time_ns; /* when it was, monotonic */
    uint64_t pid;
    uint64_t call; /* which of the app's calls it was, from 1 */
    uint64_t ip; /* where, as an offset in the slot */
    uint64_t address; /* the access that failed, page faults only */
    uint8_t name[32]; /* the app's, UTF-8, NUL-padded */
    uint8_t place[64]; /* the function and the offset in it, if the file has names */
    uint8_t what[96]; /* the access in words; empty if it was none */
    uint32_t rsv; /* 0 */
    uint32_t text_len; /* bytes of text */
    uint8_t text[2048]; /* the whole report, as it stands in the log: lines, UTF-8 */
};

/* A call of a child's Context that its host stands in for. */
struct ctx_host_call {
    uint32_t size; /* bytes of this struct */
    uint32_t child; /* the handle that wrap was called with */
    uint64_t cookie; /* what wrap was given */
    uint64_t args[6]; /* the six arguments as the child passed them; its table comes first from version 3 on. Addresses are the child's. */
    uint64_t result; /* what the child gets: a status (as int32), or a pointer. Begins as AGAIN or NULL. */
    uint32_t index; /* the function's place in its table; in versions 1 and 2 its gate */
    uint32_t returns; /* 0 a status, 1 a pointer, 2 nothing */
    uint8_t name[24]; /* table.function, NUL-padded */
    uint8_t table[24]; /* the table's id; empty for those that hang on ctx */
};

/* The machine. */
struct ctx_system_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t apps; /* how many there are */
    uint64_t uptime_ns;
    uint64_t memory; /* bytes of RAM that the kernel manages */
    uint64_t memory_free;
    uint64_t trusted; /* how often an app began since boot whose code is not verified: nothing is isolated from such a one */
};

/* What the processor offers beyond x86-64 with SSE2. An image records it. */
struct ctx_cpu_info {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t rsv; /* 0 */
    uint64_t features; /* CTX_CPU_* bits */
};

/* How far a job of ctx.image/1 is. */
struct ctx_image_job {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t status; /* a ctx_status: 1 (PENDING), then how it ended */
    uint64_t done; /* bytes written or read so far */
    uint64_t total; /* of so many; 0 while that is not known */
    uint64_t pid; /* of the app that restore made */
    uint8_t why[160]; /* what went wrong, UTF-8, NUL-padded; empty: nothing did */
};

/* One kept image. */
struct ctx_image_info {
    uint8_t name[64]; /* UTF-8, NUL-padded */
    uint64_t bytes;
    int64_t wall_ns; /* when it was saved, since 1970; 0: the machine did not know */
    uint64_t generation; /* a later one has a higher number */
};

/* Where images are kept. */
struct ctx_image_place {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t flags; /* CTX_IMAGES_* */
    uint64_t used; /* bytes of all images */
    uint64_t quota; /* the most that used may become; 0: no limit but the disk */
    uint64_t room; /* bytes that a new image may have */
    uint8_t place[160]; /* the disk's name, or why there is none; UTF-8, NUL-padded */
};

struct ctx;

/* A function of a host app that stands in for a function of its child's Context: ctx.host/1. */
typedef void(CTX_CALL *ctx_serve_fn)(struct ctx *ctx, struct ctx_host_call *call);

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
     * in the list. flags: SURFACE_POINTER, or 0.
     * INVAL: a side is 0 or above 8192 (128 with POINTER), or format or a flag is unknown.
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
 * The processor. Whoever uses more than x86-64 with SSE2 lists this table in the note, or opens
 * it: images then tell what was there, and are not restored where there is less. Open it as
 * "ctx.cpu/1".
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
     * Start an ELF file as a new app at the end of the list; name is "NAME ARGUMENTS", where a
     * backslash takes the next character literally and `\0` is an empty word. The bytes are not
     * needed afterwards.
     * INVAL: the file is refused; the log says which field and why.
     * NOMEM: no memory.
     * NOSPC: too many apps.
     * UNVERIFIED: its code is not verified, and this app's line does not say `trusted`.
     */
    ctx_status (CTX_CALL *start)(const struct ctx_loader *self, const void *file, uint32_t len, const void *name, uint32_t name_len, uint64_t *pid);
};

/*
 * Power over other apps, for those who look after them. Takes effect when the caller's call has
 * returned. Needs a grant. Open it as "ctx.control/1".
 */
#define CTX_ID_CONTROL "ctx.control/1"
struct ctx_control {
    struct ctx_table t;

    /*
     * Stop an app for good: all that it held is given back, only its name and its file stay, for
     * restart.
     * NOENT: there is no such app.
     */
    ctx_status (CTX_CALL *stop)(const struct ctx_control *self, uint64_t pid);

    /*
     * Begin an app anew from its file, with the same pid, name and arguments. Works on a stopped
     * one too.
     * NOENT: there is no such app.
     */
    ctx_status (CTX_CALL *restart)(const struct ctx_control *self, uint64_t pid);

    /*
     * Do not call an app until resume; it keeps all it has.
     * NOENT: there is no such app.
     * INVAL: it has been stopped.
     */
    ctx_status (CTX_CALL *pause)(const struct ctx_control *self, uint64_t pid);

    /*
     * Call a paused app again.
     * NOENT: there is no such app.
     * INVAL: it is not paused.
     */
    ctx_status (CTX_CALL *resume)(const struct ctx_control *self, uint64_t pid);

    /*
     * The first crash whose number is at least seq, of the last 16; the next one is at out->seq +
     * 1. seq 0: the oldest that is kept.
     * NOENT: there is none.
     */
    ctx_status (CTX_CALL *crash)(const struct ctx_control *self, uint64_t seq, struct ctx_crash *out);

    /*
     * Stop an app and take it out of the list: nothing of it stays, and its pid is never used
     * again.
     * NOENT: there is no such app.
     */
    ctx_status (CTX_CALL *remove)(const struct ctx_control *self, uint64_t pid);
};

/*
 * Running other apps: standing in for functions of their Contexts. A host may do that to apps
 * that it started with ctx.loader/1, and to those whose own words name it (host=NAME). Nothing in
 * the child changes, so tables that it has cached are wrapped too. Needs a grant. Open it as
 * "ctx.host/1".
 */
#define CTX_ID_HOST "ctx.host/1"
struct ctx_host {
    struct ctx_table t;

    /*
     * A handle to an app. It is stale when the app has gone; close gives it back. Of several
     * hosts the one that opened last is asked first.
     * NOENT: there is no such app.
     * DENIED: the app was not started by this one, and does not name it.
     * NOMEM: no memory.
     * NOSPC: the app has 1024 handles already.
     */
    ctx_status (CTX_CALL *open)(const struct ctx_host *self, uint64_t pid, uint32_t *child);

    /*
     * From now on serve(ctx, call) is called in place of the child's functions that one of the
     * words (separated by commas) means: a function ("alloc", "display.damage"), a table
     * ("events"), or "trace" for all, in tables that it opens later too. serve runs like _start,
     * on the same stack, with the host's ctx; call lies in the host's memory until it returns.
     * What it leaves in call->result is what the child gets. Only while it runs may it forward
     * the call. While the host is itself in the middle of something the child gets BUSY, when it
     * faults FAULT, when it takes too long TIMEDOUT, and when it has gone STALE: a wrapped
     * function never opens up by itself. wake_at and wait mean nothing inside serve.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * INVAL: serve is not code of the host's, or words is longer than 63 bytes.
     */
    ctx_status (CTX_CALL *wrap)(const struct ctx_host *self, uint32_t child, const void *words, uint32_t len, ctx_serve_fn serve, uint64_t cookie);

    /*
     * Inside serve: do what the child asked for, with call->args as they are now, and put the
     * outcome into call->result. It may be done never, once or several times. Arguments are
     * checked as if the child had called.
     * NOENT: no such handle.
     * INVAL: no call of this child is being served.
     */
    ctx_status (CTX_CALL *forward)(const struct ctx_host *self, uint32_t child, struct ctx_host_call *call);

    /*
     * Read the child's memory.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * FAULT: part of it is not the child's memory.
     */
    ctx_status (CTX_CALL *copy_in)(const struct ctx_host *self, uint32_t child, uint64_t address, void *bytes, uint32_t len);

    /*
     * Write to the child's memory, where the child itself may write.
     * NOENT: no such handle.
     * STALE: the child has gone.
     * FAULT: part of it is not memory that the child may write; what came before is written.
     * AGAIN: the child is in the middle of a call that was interrupted.
     */
    ctx_status (CTX_CALL *copy_out)(const struct ctx_host *self, uint32_t child, uint64_t address, const void *bytes, uint32_t len);

    /*
     * Unwrap the child and give the handle back. No later handle has its number.
     * NOENT: no such handle.
     * BUSY: the child is in the middle of a call that goes through it.
     */
    ctx_status (CTX_CALL *close)(const struct ctx_host *self, uint32_t child);
};

/*
 * Images: an app, or all of them, as they are between two calls; saved, and gone back to, without
 * their help. They are kept by name on the disk, or in memory where there is none. Jobs are done
 * between the calls of apps, so an app can save and restore itself: it goes on with an older
 * state and a higher epoch. Needs a grant; an app that is made of an image gets no grant that the
 * caller does not have. Open it as "ctx.image/1".
 */
#define CTX_ID_IMAGE "ctx.image/1"
struct ctx_image {
    struct ctx_table t;

    /*
     * Save the app of this pid, all ones: all apps and the canvas. An image of the same name is
     * replaced, at once and as a whole, when the new one is safe. PENDING: poll(job) says how it
     * goes.
     * INVAL: not a name: 1 to 63 bytes of printable UTF-8.
     * NOSPC: 16 jobs of all apps are not done, or not polled.
     */
    ctx_status (CTX_CALL *save)(const struct ctx_image *self, uint64_t pid, const void *name, uint32_t len, uint32_t *job);

    /*
     * Put the app of this pid back to what its image says; all ones: all apps; all ones minus
     * one: make a new app of the image. PENDING: poll(job) says how it goes.
     * INVAL: not a name.
     * NOSPC: as save.
     */
    ctx_status (CTX_CALL *restore)(const struct ctx_image *self, uint64_t pid, const void *name, uint32_t len, uint32_t *job);

    /*
     * Forget an image. PENDING: poll(job) says how it goes.
     * INVAL: not a name.
     * NOSPC: as save.
     */
    ctx_status (CTX_CALL *remove)(const struct ctx_image *self, const void *name, uint32_t len, uint32_t *job);

    /*
     * How far a job is. The one poll that tells its end gives the handle back. Ends: OK; NOENT:
     * no such app or image; AGAIN: the app to be saved is in the middle of a call and stays there
     * (one that is restored leaves it); EXIST: another app lives where the image's lived, or has
     * its pid; NOSYS: this machine lacks what the app was offered; UNVERIFIED: its code is not
     * verified, and this app's line does not say `trusted`; INVAL: the image is damaged, or
     * another app's; NOMEM, NOSPC, IO, RDONLY, TOOBIG. why says more.
     * NOENT: no such job of this app.
     * STALE: the app was restored since.
     */
    ctx_status (CTX_CALL *poll)(const struct ctx_image *self, uint32_t job, struct ctx_image_job *out);

    /*
     * As many kept images as fit into an array of struct ctx_image_info, by name; *count says how
     * many there are.
     */
    ctx_status (CTX_CALL *list)(const struct ctx_image *self, void *infos, uint32_t bytes, uint32_t *count);

    /*
     * Where images are kept, and how much room there is.
     */
    ctx_status (CTX_CALL *place)(const struct ctx_image *self, struct ctx_image_place *out);
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
CTX_STATIC_ASSERT(sizeof(struct ctx_app_info) == 136, "ctx_app_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, pid) == 0, "ctx_app_info.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, state) == 8, "ctx_app_info.state");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, version) == 12, "ctx_app_info.version");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, calls) == 16, "ctx_app_info.calls");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, faults) == 24, "ctx_app_info.faults");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, time_ns) == 32, "ctx_app_info.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, longest_ns) == 40, "ctx_app_info.longest_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, memory) == 48, "ctx_app_info.memory");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, name) == 56, "ctx_app_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, memory_quota) == 88, "ctx_app_info.memory_quota");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, parent) == 96, "ctx_app_info.parent");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, overruns) == 104, "ctx_app_info.overruns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, budget_ns) == 112, "ctx_app_info.budget_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, log_dropped) == 120, "ctx_app_info.log_dropped");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, restarts) == 128, "ctx_app_info.restarts");
CTX_STATIC_ASSERT(offsetof(struct ctx_app_info, restart_policy) == 132, "ctx_app_info.restart_policy");
CTX_STATIC_ASSERT(sizeof(struct ctx_crash) == 2304, "ctx_crash");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, size) == 0, "ctx_crash.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, vector) == 4, "ctx_crash.vector");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, seq) == 8, "ctx_crash.seq");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, time_ns) == 16, "ctx_crash.time_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, pid) == 24, "ctx_crash.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, call) == 32, "ctx_crash.call");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, ip) == 40, "ctx_crash.ip");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, address) == 48, "ctx_crash.address");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, name) == 56, "ctx_crash.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, place) == 88, "ctx_crash.place");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, what) == 152, "ctx_crash.what");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, rsv) == 248, "ctx_crash.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, text_len) == 252, "ctx_crash.text_len");
CTX_STATIC_ASSERT(offsetof(struct ctx_crash, text) == 256, "ctx_crash.text");
CTX_STATIC_ASSERT(sizeof(struct ctx_host_call) == 128, "ctx_host_call");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, size) == 0, "ctx_host_call.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, child) == 4, "ctx_host_call.child");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, cookie) == 8, "ctx_host_call.cookie");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, args) == 16, "ctx_host_call.args");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, result) == 64, "ctx_host_call.result");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, index) == 72, "ctx_host_call.index");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, returns) == 76, "ctx_host_call.returns");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, name) == 80, "ctx_host_call.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_host_call, table) == 104, "ctx_host_call.table");
CTX_STATIC_ASSERT(sizeof(struct ctx_system_info) == 40, "ctx_system_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, size) == 0, "ctx_system_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, apps) == 4, "ctx_system_info.apps");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, uptime_ns) == 8, "ctx_system_info.uptime_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, memory) == 16, "ctx_system_info.memory");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, memory_free) == 24, "ctx_system_info.memory_free");
CTX_STATIC_ASSERT(offsetof(struct ctx_system_info, trusted) == 32, "ctx_system_info.trusted");
CTX_STATIC_ASSERT(sizeof(struct ctx_cpu_info) == 16, "ctx_cpu_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, size) == 0, "ctx_cpu_info.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, rsv) == 4, "ctx_cpu_info.rsv");
CTX_STATIC_ASSERT(offsetof(struct ctx_cpu_info, features) == 8, "ctx_cpu_info.features");
CTX_STATIC_ASSERT(sizeof(struct ctx_image_job) == 192, "ctx_image_job");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, size) == 0, "ctx_image_job.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, status) == 4, "ctx_image_job.status");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, done) == 8, "ctx_image_job.done");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, total) == 16, "ctx_image_job.total");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, pid) == 24, "ctx_image_job.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_job, why) == 32, "ctx_image_job.why");
CTX_STATIC_ASSERT(sizeof(struct ctx_image_info) == 88, "ctx_image_info");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, name) == 0, "ctx_image_info.name");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, bytes) == 64, "ctx_image_info.bytes");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, wall_ns) == 72, "ctx_image_info.wall_ns");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_info, generation) == 80, "ctx_image_info.generation");
CTX_STATIC_ASSERT(sizeof(struct ctx_image_place) == 192, "ctx_image_place");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, size) == 0, "ctx_image_place.size");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, flags) == 4, "ctx_image_place.flags");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, used) == 8, "ctx_image_place.used");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, quota) == 16, "ctx_image_place.quota");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, room) == 24, "ctx_image_place.room");
CTX_STATIC_ASSERT(offsetof(struct ctx_image_place, place) == 32, "ctx_image_place.place");
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
CTX_STATIC_ASSERT(offsetof(struct ctx_control, stop) == 16, "ctx_control.stop");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, restart) == 24, "ctx_control.restart");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, pause) == 32, "ctx_control.pause");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, resume) == 40, "ctx_control.resume");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, crash) == 48, "ctx_control.crash");
CTX_STATIC_ASSERT(offsetof(struct ctx_control, remove) == 56, "ctx_control.remove");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, open) == 16, "ctx_host.open");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, wrap) == 24, "ctx_host.wrap");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, forward) == 32, "ctx_host.forward");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, copy_in) == 40, "ctx_host.copy_in");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, copy_out) == 48, "ctx_host.copy_out");
CTX_STATIC_ASSERT(offsetof(struct ctx_host, close) == 56, "ctx_host.close");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, save) == 16, "ctx_image.save");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, restore) == 24, "ctx_image.restore");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, remove) == 32, "ctx_image.remove");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, poll) == 40, "ctx_image.poll");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, list) == 48, "ctx_image.list");
CTX_STATIC_ASSERT(offsetof(struct ctx_image, place) == 56, "ctx_image.place");

#endif
