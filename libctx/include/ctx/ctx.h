/* SPDX-License-Identifier: MIT */
/*
 * <ctx/ctx.h> - the Context: everything an app may do.
 *
 * An app is one function, `int32_t _start(struct ctx *ctx)`. The kernel calls it again and again;
 * returning is yielding. Nothing else connects an app to the world: no system call, no import, no
 * library that it did not bring along.
 *
 * The struct is append-only. A field keeps its offset, its type and its meaning for ever, so a
 * binary built for an old Context runs on every newer one. Layout: x86-64 System V, little-endian,
 * LP64; it never depends on a compiler option. All pointers are valid only inside `_start` of the
 * app that received them, and:
 *
 *   [in-call]  valid until this call of `_start` returns; read it anew from ctx in the next call
 *   [kept]     valid as long as the app instance lives
 *
 * This header is plain C11 and C++11 and may be included anywhere. An app may just as well declare
 * the prefix that it uses by hand; what counts is the bytes.
 *
 * Versions: 1 is bytes 0-63, 2 is bytes 0-95, 3 goes on behind that: its functions are in
 * <ctx/tables.h>, and an app asks for it with a note (<ctx/note.h>). All three are frozen.
 * libctx/CHANGES.md has the history.
 */
#ifndef CTX_CTX_H
#define CTX_CTX_H

#include <ctx/base.h>
#include <ctx/tables.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The newest version that this header describes. */
#define CTX_ABI_VERSION 3

/* One pixel: bytes red, green, blue, and a fourth one that is ignored. */
struct ctx_rgba {
    uint8_t r, g, b, a;
};

/*
 * The canvas: one full-screen picture that all apps of versions 1 and 2 share. Apps draw in list
 * order, see what the apps before them drew, and find last frame's picture still there. Its size
 * never changes for an instance.
 */
struct ctx_fb {
    struct ctx_rgba *pixels; /* [in-call] row by row from the top left; pitch == w */
    uint64_t len;            /* pixels in all, == w * h */
    uint64_t w;              /* pixels per row */
    uint64_t h;              /* rows */
};

/* What ctx_input.keys[] says about a key, always relative to this app's previous call. */
#define CTX_KEY_OFF              0   /* up, as before */
#define CTX_KEY_OFF_FROM_ON      1   /* up now, was down */
#define CTX_KEY_OFF_TRANSIENT_ON 2   /* up, was up, was pressed and released in between */
#define CTX_KEY_ON_FROM_OFF      128 /* down now, was up */
#define CTX_KEY_ON_TRANSIENT_OFF 129 /* down, was down, was released and pressed in between */
#define CTX_KEY_ON               130 /* down, as before */

/* Bit 7 of keys[] is "down now". */
#define CTX_KEY_IS_DOWN(state) (((state)&128) != 0)

/* One press (or automatic repeat) or release. */
struct ctx_key_event {
    uint8_t down;   /* 1 pressed or repeated, 0 released */
    uint8_t rsv[7]; /* 0 */
    uint64_t code;  /* evdev code; 0-83, 85-195, or a mouse button 0x110-0x113 */
};

/*
 * Keyboard and mouse as this app sees them. Constant during a call. Between two calls at most 64
 * events are let through (later ones wait for the next call), so an app that looks at every call
 * misses none:
 *
 *     for (; seen < in->last; seen++) { const struct ctx_key_event *e = &in->ring[(seen + 1) % 64];
 * ... }
 */
struct ctx_input {
    uint64_t mx, my;               /* pointer position in canvas pixels, mx < fb.w, my < fb.h */
    uint8_t keys[1024];            /* CTX_KEY_*, by code */
    uint64_t last;                 /* events so far for this instance; never wraps */
    struct ctx_key_event ring[64]; /* event number n (the first is 1) lies at ring[n % 64] */
};

struct ctx {
    /* ---- since version 1 ---- */

    /* The version offered: 2 for an app without a note. Check it before touching anything newer. */
    uint8_t version;
    uint8_t rsv0[7];

    /* Milliseconds from boot to the start of this call. Never runs backwards for an instance. */
    uint64_t start_time_ms;

    /*
     * Write len bytes of UTF-8 to the log, as one or more lines. A trailing newline is not needed.
     * Bytes that are not printable are shown escaped. A range outside the app's own memory is a
     * logged no-op.
     */
    void(CTX_CALL *log)(const uint8_t *s, uint32_t len);

    /* The instance's number, small, dense from 0, constant while it lives. */
    uint64_t pid;

    struct ctx_fb fb;

    /* ---- since version 2 ---- */

    /*
     * Memory that stays until it is given back, even when _start has returned. [kept]
     * size in bytes, 0 counts as 1; align a power of two, 0 counts as 16. The memory is NOT zeroed.
     * NULL: not enough memory or quota, or align is not a power of two.
     */
    void *(CTX_CALL *alloc)(uint64_t size, uint64_t align);

    /*
     * Give memory back. size and align are those of its alloc; NULL is fine. A pointer that alloc
     * did not return, or another size or alignment, is logged and nothing is freed.
     */
    void(CTX_CALL *dealloc)(void *p, uint64_t size, uint64_t align);

    /*
     * The one pointer that the kernel keeps for the app between calls. Hang the app's state on
     * *store; it is NULL at the first call. Take it (and set NULL) or leave it in place; what is
     * there when _start returns is what the next call finds. After a fault the kernel puts back
     * what it held before the call.
     */
    void **store;

    /* Keyboard and mouse. Never NULL. [in-call] */
    const struct ctx_input *input;

    /* ---- since version 3: check `version >= 3`, then CTX_HAS ---- */

    uint32_t size;  /* valid bytes of this struct; from here on it alone decides what is there */
    uint32_t epoch; /* grows when the instance was restored, upgraded, or its grants changed */
    uint64_t rsv1;  /* 0 */

    /* Tables. Never NULL; [kept]. */
    const struct ctx_iface *iface;
    const struct ctx_time *time;
    const struct ctx_mem *mem;
    const struct ctx_display *display;
    const struct ctx_events *events;
};

/* Whether this Context has a field that came with version 3 or later. */
#define CTX_HAS(context, field)                                                                    \
    ((context)->version >= 3 &&                                                                    \
     (context)->size >= offsetof(struct ctx, field) + sizeof((context)->field))

/* What _start returns from version 3 on; negative is a status, CTX_EXIT(n) ends the app. */
#define CTX_AGAIN   0 /* call again next frame */
#define CTX_WAIT    1 /* call again when something that this call asked for is there */
#define CTX_EXIT(n) (0x100 | ((n)&0xff))

/* What the kernel calls: the entry point of the ELF file. Versions 1 and 2 ignore the result; for 3
 * see above. */
int32_t CTX_CALL _start(struct ctx *ctx);

CTX_STATIC_ASSERT(sizeof(void *) == 8, "the Context is a 64-bit ABI");
CTX_STATIC_ASSERT(sizeof(struct ctx_rgba) == 4, "ctx_rgba");
CTX_STATIC_ASSERT(sizeof(struct ctx_fb) == 32, "ctx_fb");
CTX_STATIC_ASSERT(offsetof(struct ctx_fb, pixels) == 0, "ctx_fb.pixels");
CTX_STATIC_ASSERT(offsetof(struct ctx_fb, len) == 8, "ctx_fb.len");
CTX_STATIC_ASSERT(offsetof(struct ctx_fb, w) == 16, "ctx_fb.w");
CTX_STATIC_ASSERT(offsetof(struct ctx_fb, h) == 24, "ctx_fb.h");
CTX_STATIC_ASSERT(sizeof(struct ctx_key_event) == 16, "ctx_key_event");
CTX_STATIC_ASSERT(offsetof(struct ctx_key_event, code) == 8, "ctx_key_event.code");
CTX_STATIC_ASSERT(sizeof(struct ctx_input) == 2072, "ctx_input");
CTX_STATIC_ASSERT(offsetof(struct ctx_input, my) == 8, "ctx_input.my");
CTX_STATIC_ASSERT(offsetof(struct ctx_input, keys) == 16, "ctx_input.keys");
CTX_STATIC_ASSERT(offsetof(struct ctx_input, last) == 1040, "ctx_input.last");
CTX_STATIC_ASSERT(offsetof(struct ctx_input, ring) == 1048, "ctx_input.ring");
CTX_STATIC_ASSERT(offsetof(struct ctx, version) == 0, "ctx.version");
CTX_STATIC_ASSERT(offsetof(struct ctx, start_time_ms) == 8, "ctx.start_time_ms");
CTX_STATIC_ASSERT(offsetof(struct ctx, log) == 16, "ctx.log");
CTX_STATIC_ASSERT(offsetof(struct ctx, pid) == 24, "ctx.pid");
CTX_STATIC_ASSERT(offsetof(struct ctx, fb) == 32, "ctx.fb");
CTX_STATIC_ASSERT(offsetof(struct ctx, alloc) == 64, "ctx.alloc");
CTX_STATIC_ASSERT(offsetof(struct ctx, dealloc) == 72, "ctx.dealloc");
CTX_STATIC_ASSERT(offsetof(struct ctx, store) == 80, "ctx.store");
CTX_STATIC_ASSERT(offsetof(struct ctx, input) == 88, "ctx.input");
CTX_STATIC_ASSERT(offsetof(struct ctx, size) == 96, "ctx.size");
CTX_STATIC_ASSERT(offsetof(struct ctx, epoch) == 100, "ctx.epoch");
CTX_STATIC_ASSERT(offsetof(struct ctx, iface) == 112, "ctx.iface");
CTX_STATIC_ASSERT(offsetof(struct ctx, time) == 120, "ctx.time");
CTX_STATIC_ASSERT(offsetof(struct ctx, mem) == 128, "ctx.mem");
CTX_STATIC_ASSERT(offsetof(struct ctx, display) == 136, "ctx.display");
CTX_STATIC_ASSERT(offsetof(struct ctx, events) == 144, "ctx.events");
CTX_STATIC_ASSERT(sizeof(struct ctx) == 152, "ctx");

#ifdef __cplusplus
}
#endif
#endif
