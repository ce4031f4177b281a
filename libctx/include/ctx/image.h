/* SPDX-License-Identifier: MIT */
/*
 * <ctx/image.h> - the file format of images: one app between two calls, or a session of several.
 * libctx/doc/image.md says why it is as it is; this header has the bits.
 *
 * All numbers are little-endian. An image is a header, a table of sections, and the sections'
 * bytes in the table's order, each at a multiple of 8. Structs of sections begin with
 * their size, or the section says the size of one entry (`entry`): a reader takes what it knows of
 * each and skips the rest, a writer only ever appends fields. A section of an unknown kind is
 * skipped, unless it is marked REQUIRED: then the image is refused.
 */
#ifndef CTX_IMAGE_H
#define CTX_IMAGE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTX_IMAGE_MAGIC        "CtxImage"
#define CTX_IMAGE_VERSION      1u
#define CTX_IMAGE_SECTIONS_MAX 4096u /* in a table; a session has one for each app */
#define CTX_IMAGE_CHUNK        0x40000u

/* header.flags */
#define CTX_IMAGE_SESSION   1u /* sections are SESSION, CANVAS and one APP image for each app */
#define CTX_IMAGE_UNCHECKED 2u /* no section has a checksum: only in memory, never in a file */

struct ctx_image_header {
    uint8_t magic[8];
    uint32_t version;  /* readers refuse another one */
    uint32_t size;     /* of this struct; the table follows it, at a multiple of 8 */
    uint64_t bytes;    /* of the whole image */
    uint32_t sections; /* entries of the table */
    uint32_t flags;
    uint64_t table_checksum; /* XXH64, seed 0, of the table */
    uint64_t rsv[2];
    uint64_t checksum; /* XXH64 of this struct up to here */
};

/* section.flags */
#define CTX_IMAGE_REQUIRED 1u /* whoever does not know this kind must not use the image */
#define CTX_IMAGE_PACKED   2u /* see below */

/*
 * A PACKED section holds its contents in chunks of CTX_IMAGE_CHUNK bytes, the last one shorter:
 * u32 stored, then that many bytes of one LZ4 block, padded to a multiple of 4. Bit 31 of stored
 * says that the bytes are the contents themselves.
 */
struct ctx_image_section {
    uint32_t kind;
    uint32_t flags;
    uint64_t at;       /* from the image's start */
    uint64_t stored;   /* bytes there */
    uint64_t len;      /* bytes of its contents; the same unless PACKED */
    uint64_t checksum; /* XXH64 of the stored bytes */
    uint32_t entry;    /* bytes of one entry of a list, else 0 */
    uint32_t rsv;
};

/* section.kind of an app */
#define CTX_IMAGE_APP         1u  /* struct ctx_image_app */
#define CTX_IMAGE_PROGRAM     2u  /* the ELF file: headers and segments, without what NEEDS names */
#define CTX_IMAGE_SYMBOLS     3u  /* its symbol table, as Elf64_Sym */
#define CTX_IMAGE_STRINGS     4u  /* the names of that */
#define CTX_IMAGE_RUNS        5u  /* list of struct ctx_image_run, ascending */
#define CTX_IMAGE_CONTENTS    6u  /* the pages of all runs, one behind the other */
#define CTX_IMAGE_HEAP        7u  /* list of struct ctx_image_block, ascending */
#define CTX_IMAGE_FREE        8u  /* list of u64: see libctx/doc/image.md, "the allocator's hint" */
#define CTX_IMAGE_GRANTS      9u  /* list of struct ctx_image_grant */
#define CTX_IMAGE_TABLES      10u /* list of struct ctx_image_table, in the order of their opening */
#define CTX_IMAGE_SURFACES    11u /* list of struct ctx_image_surface */
#define CTX_IMAGE_EVENTS      12u /* list of struct ctx_event that it has not read */
#define CTX_IMAGE_INPUT       13u /* struct ctx_input; apps of versions 1 and 2 */
#define CTX_IMAGE_KEYS        14u /* list of struct ctx_image_key that it has not seen; versions 1, 2 */
#define CTX_IMAGE_HANDLES     15u /* list of struct ctx_image_handle that come back stale */
#define CTX_IMAGE_HOSTS       16u /* list of struct ctx_image_host: who wraps it */
#define CTX_IMAGE_CANVAS      17u /* pixels, RGBA, canvas_w * canvas_h of them */
#define CTX_IMAGE_SHARES      18u /* list of struct ctx_image_share: handles that come back stale */
#define CTX_IMAGE_TEXTS       19u /* struct ctx_image_text, one behind the other */
#define CTX_IMAGE_SERVICES    20u /* list of struct ctx_image_service */
#define CTX_IMAGE_INTERFACES  21u /* descriptors (<ctx/interface.h>), each padded to 8 bytes */
#define CTX_IMAGE_SERVED      22u /* list of u64: functions that the app offers, offsets in the slot */

#define CTX_IMAGE_GRANT_ITEMS 23u /* struct ctx_image_text: grants that GRANTS has no place for */
#define CTX_IMAGE_WINDOWS     24u /* list of struct ctx_image_window */
#define CTX_IMAGE_NEEDS       25u /* list of struct ctx_image_need, ascending; REQUIRED */

/* section.kind of a session */
#define CTX_IMAGE_SESSION_HEAD 32u /* struct ctx_image_session */
#define CTX_IMAGE_SESSION_APP  33u /* a whole image; in list order */

/* app.state */
#define CTX_IMAGE_LIVE    0u
#define CTX_IMAGE_FRESH   1u /* it has no pages: it begins anew */
#define CTX_IMAGE_STOPPED 2u /* the same, and is not called until someone restarts it */

/* app.flags */
#define CTX_IMAGE_PAUSED     1u
#define CTX_IMAGE_WAITS      2u /* it is not called each frame: wake_ns and event_mask say when */
#define CTX_IMAGE_SUBSCRIBED 4u /* it reads events */
#define CTX_IMAGE_LOST       8u /* and has lost some */
#define CTX_IMAGE_HAS_CANVAS 16u
#define CTX_IMAGE_CRITICAL   32u
#define CTX_IMAGE_TRUSTS     64u /* what it starts may run unverified */

/* app.devices */
#define CTX_IMAGE_DISPLAY 1u
#define CTX_IMAGE_DISK    2u

struct ctx_image_app {
    uint32_t size;
    uint32_t state;
    uint64_t base; /* of its slot; 0 unless LIVE */
    uint64_t pid;
    uint64_t parent; /* pid, all ones: none */
    uint64_t order;  /* the place in the list: grows */
    uint32_t version;
    uint32_t epoch;
    uint32_t flags;
    uint32_t canvas_w, canvas_h; /* HAS_CANVAS: of its canvas */
    uint32_t link_generation;
    uint64_t canvas_at;          /* an offset in the slot */
    uint32_t screen_w, screen_h; /* 0: there was none */
    uint32_t devices;            /* CTX_IMAGE_DISPLAY ...: what the system had */
    uint32_t stack_pages;        /* that it had touched: they come back empty; 0: one */
    uint64_t calls, faults, overruns;
    uint64_t total_ns, longest_ns;
    uint64_t clock_ns;     /* its monotonic time when it was saved */
    int64_t wall_ns;       /* the calendar then, 0: unknown */
    uint64_t cpu_features; /* what it was told of; 0: it never asked */
    uint64_t store;        /* what the store cell held */
    uint64_t stack_low;    /* an offset in the slot */
    uint64_t quota_bytes;
    uint64_t wake_ns, event_mask; /* WAITS; wake_ns in its own time, all ones: no deadline */
    uint64_t event_seq;           /* number of the last event that it has read */
    uint64_t code_hash;           /* XXH64 of the file: PROGRAM, with what NEEDS names put in */
    uint64_t budget_ns;
    uint32_t restart, restart_limit, overrun, overrun_limit;
    uint32_t share, log_per_second;
    uint32_t restarts, restarts_in_a_row;
    uint16_t surface_generation[8];
    uint8_t build_id[20];
    uint32_t build_id_len;
    uint8_t name[32]; /* texts are UTF-8, NUL-padded, and end with a NUL */
    uint8_t app_version[32];
    uint8_t arguments[128];
    uint8_t hosts[32], instrument[32];
    uint8_t saved_by[32];          /* the system that made the image */
    uint16_t more_generations[56]; /* of surfaces 8 to 63 */
    uint32_t scale,
        looks; /* what display.info said of them: its scale, its flag CONTRAST; 0: unknown */
};

/* text.what, in TEXTS: those of the app's own section that are too long for their place there,
 * where they are cut. Whoever does not know the section must not use such an image. */
#define CTX_IMAGE_TEXT_ARGUMENTS  1u
#define CTX_IMAGE_TEXT_HOSTS      2u
#define CTX_IMAGE_TEXT_INSTRUMENT 3u

/* text.what, in GRANT_ITEMS: of which word the text is one item (libctx/doc/grants.md). */
#define CTX_IMAGE_ITEM_TABLE 1u
#define CTX_IMAGE_ITEM_DENY  2u
#define CTX_IMAGE_ITEM_OFFER 3u
#define CTX_IMAGE_ITEM_USE   4u
#define CTX_IMAGE_ITEM_OVER  5u
#define CTX_IMAGE_ITEM_DISK  6u
#define CTX_IMAGE_ITEM_NIC   7u

/*
 * Much of the file that is only read, left out of PROGRAM: whoever restores the image must have a
 * file with these bytes.
 */
struct ctx_image_need {
    uint64_t at;      /* in the file */
    uint64_t len;     /* bytes, at least 1 */
    uint64_t hash;    /* XXH64 of them */
    uint8_t name[40]; /* of the app, which its file may be called after */
};

/* len bytes follow, and 1 to 8 zeroes up to the next multiple of 8. Unknown ones are skipped. */
struct ctx_image_text {
    uint32_t what;
    uint32_t len; /* less than 4096 */
};

/* Pages that follow one another. Zero pages are left out: a page that is not named is zero. */
struct ctx_image_run {
    uint32_t page;   /* offset in the slot / 4096 */
    uint32_t count;  /* at least 1 */
    uint32_t rights; /* 1 read, 2 write, 4 execute; today always 3 */
    uint32_t rsv;
};

struct ctx_image_block {
    uint64_t offset; /* of the app's bytes, from CTX_SLOT_HEAP */
    uint64_t size;   /* as it was asked for */
    uint32_t align_log2;
    uint32_t guarded; /* 1: the page below is never mapped */
};

struct ctx_image_grant {
    uint8_t id[32];   /* of the table; those that hang on ctx: their name */
    uint32_t granted; /* 1: it was asked for and given */
    uint32_t denied;  /* 1: it is not to have it */
};

struct ctx_image_table {
    uint8_t id[32];
    uint64_t offset; /* in the slot */
    uint32_t gate;   /* of its first function */
    uint32_t count;
    uint8_t more[32]; /* of an id of more than 31 bytes: what comes behind the first 32 */
};

/* service.what */
#define CTX_IMAGE_SERVICE_OFFERS   1u
#define CTX_IMAGE_SERVICE_USES     2u
#define CTX_IMAGE_SERVICE_COUNTERS 3u

/* What an app has of ctx.service/1. */
struct ctx_image_service {
    uint32_t what;   /* CTX_IMAGE_SERVICE_* */
    uint32_t handle; /* OFFERS: of the publication; COUNTERS: the last that was given out */
    uint64_t at;   /* OFFERS, USES: its descriptor in INTERFACES; COUNTERS: the last request made */
    uint64_t code; /* OFFERS: its first function in SERVED; USES: its table's offset in the slot;
                      COUNTERS: the last request that it owed */
};

/* How a surface is shown in another size than scale says (struct ctx_window_place); all zeroes: it
 * is not, also in images of kernels without that. */
struct ctx_image_shown {
    uint32_t w, h;   /* on the screen: both 0, or 1..65536 */
    uint32_t filter; /* CTX_FILTER_* */
    uint32_t left, right, top, bottom;
    uint32_t rsv;
};

struct ctx_image_surface {
    uint32_t index; /* the lower eight bits of its handle */
    uint32_t generation;
    uint32_t w, h;
    uint32_t format;
    uint32_t flags;                   /* CTX_SURFACE_* of create() */
    uint64_t at;                      /* of its pixels, an offset in the slot */
    uint64_t presented, presented_ns; /* in its own time */
    uint32_t asked;                   /* CTX_ASKED_* */
    int32_t asked_x, asked_y;
    uint32_t smallest_w, smallest_h;
    uint32_t cursor; /* CTX_CURSOR_* */
    uint8_t title[64];
    /* Where whoever manages windows has put it (struct ctx_window_place); from here on all zeroes
     * in images of kernels without that. */
    int32_t x, y, level;
    uint32_t scale, opacity; /* PLACED: 1..8, 0..255 */
    uint32_t state;          /* CTX_WINDOW_PLACED, HIDDEN */
    struct ctx_image_shown shown;
};

/* What an app has of windows that is no surface's. */
#define CTX_IMAGE_WINDOW_MANAGES                                                                   \
    1u /* it manages them; pid, surface: who has the keys; code: the keyboard's layout */
#define CTX_IMAGE_WINDOW_GRAB 2u /* MANAGES: and has grabbed this chord: code, modifiers */
#define CTX_IMAGE_WINDOW_CANVAS                                                                    \
    3u /* its canvas (versions 1 and 2) is its own, in a window; place */

struct ctx_image_window {
    uint32_t kind;
    uint32_t code, modifiers;
    uint32_t surface;
    uint64_t pid;
    int32_t x, y, level; /* the rest as in struct ctx_image_surface */
    uint32_t scale, opacity, state;
    struct ctx_image_shown shown;
};

struct ctx_image_key {
    uint16_t code;
    uint16_t down;
};

struct ctx_image_handle {
    uint8_t table[32]; /* whose */
    uint32_t handle;
    uint32_t rsv;
};

struct ctx_image_host {
    uint64_t pid;
    uint8_t words[64]; /* what it wraps */
};

/*
 * A handle of ctx.share/1. What was mapped is in the runs, as it was when the image was made: the
 * app gets it as memory of its own. Those that are mapped come in ascending order, each with at
 * least a page between it and the next one and the ends of the shared range.
 */
struct ctx_image_share {
    uint32_t handle;
    uint32_t rights; /* of the handle: 1 read, 3 write too */
    uint64_t at;     /* of its mapping, an offset in the slot; 0: it was not mapped */
    uint64_t pages;
    uint64_t tag;
    uint64_t from;   /* pid of the app that it came from */
    uint32_t mapped; /* rights of its mapping, 0: it was not mapped */
    uint32_t rsv;
};

struct ctx_image_session {
    uint32_t size;
    uint32_t apps;
    uint64_t next_pid;
    int64_t wall_ns; /* 0: unknown */
    uint32_t canvas_w, canvas_h;
    uint8_t name[32];
    uint8_t saved_by[32];
};

#define CTX_IMAGE_ASSERT(condition) _Static_assert(condition, "the format of images")
#ifndef __cplusplus
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_header) == 64);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_section) == 48);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_app) == 696);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_text) == 8);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_need) == 64);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_run) == 16);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_block) == 24);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_grant) == 40);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_table) == 80);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_service) == 24);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_surface) == 192);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_window) == 80);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_key) == 4);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_handle) == 40);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_host) == 72);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_share) == 48);
CTX_IMAGE_ASSERT(sizeof(struct ctx_image_session) == 96);
#endif

#ifdef __cplusplus
}
#endif
#endif
