/* SPDX-License-Identifier: MIT */
/*
 * Every function of every table, by its descriptor: with good arguments, and with each pointer in
 * turn replaced by each bad one. What is refused reads and writes nothing.
 */
#include "event.h"
#include "fake_block.h"
#include "fake_files.h"
#include "fake_nic.h"
#include "fake_terminal.h"
#include "frame.h"
#include "v3_fixture.h"
#include "vault_memory.h"

#include <ctx/interface.h>

#define EVERYBODY ((struct route){ROUTE_ALL, 0}) /* nobody manages windows */

#define BLOCK     0x4000u /* one for each argument, filled with FILL */
#define INSIDE    0x400u  /* where the argument lies in it */
#define FILL      0xc3

static uint64_t base;
static uint8_t *blocks[5];
static uint8_t victim[64]; /* the kernel's: no app may reach it */
static uint32_t surface, child_handle, share;
static uint32_t disk, claim, card;
static struct fake_nic nic;
static struct app *child; /* one that the app under test may open, before it in the list */
static uint32_t refusals;

typedef uint64_t gate_call(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static bool is_pointer(uint16_t kind)
{
    return kind == CTX_ARG_IN || kind == CTX_ARG_OUT || kind == CTX_ARG_IN_STRUCT ||
           kind == CTX_ARG_OUT_STRUCT || kind == CTX_ARG_OUT4 || kind == CTX_ARG_OUT8;
}

static bool is_struct(uint16_t kind)
{
    return kind == CTX_ARG_IN_STRUCT || kind == CTX_ARG_OUT_STRUCT;
}

/* How many bytes the argument means, given all of them. */
static uint32_t bytes_of(const struct ctx_arg_info *arg, const uint64_t *value)
{
    return arg->kind == CTX_ARG_OUT4                             ? 4
           : arg->kind == CTX_ARG_OUT8                           ? 8
           : arg->kind == CTX_ARG_IN || arg->kind == CTX_ARG_OUT ? (uint32_t)value[1]
                                                                 : arg->size;
}

/* Numbers that are known only when the test runs. */
#define THE_SURFACE UINT64_MAX
#define THE_PID     (UINT64_MAX - 1)
#define THE_CHILD   (UINT64_MAX - 2)
#define THE_STORE   (UINT64_MAX - 3)
#define THE_CODE    (UINT64_MAX - 4)
#define THE_SHARE   (UINT64_MAX - 5)
#define THE_FILE    (UINT64_MAX - 6)
#define THE_DISK    (UINT64_MAX - 7)
#define THE_CARD    (UINT64_MAX - 8)

static uint64_t meant(uint64_t value)
{
    return value == THE_SURFACE ? surface
           : value == THE_PID   ? child->pid
           : value == THE_CHILD ? child_handle
           : value == THE_STORE ? child->base + CTX_SLOT_STORE
           : value == THE_CODE  ? app_current()->entry
           : value == THE_SHARE ? share
           : value == THE_FILE  ? 1 /* the first one */
           : value == THE_DISK  ? disk
           : value == THE_CARD  ? card
                                : value;
}

/* An interface, for ctx.service/1. */
static const struct {
    struct ctx_interface head;
    struct ctx_interface_fn fns[1];
} offered = {
    {sizeof offered, CTX_INTERFACE_VERSION, 1, 0, sizeof(struct ctx_interface),
     sizeof(struct ctx_interface_fn), "org.example.offered/1"},
    {{"nothing", 0, {0}, {{0}}}},
};
static uint64_t offered_code;
static struct ctx_window_place place = {
    .size = sizeof place, .x = 1, .y = 1, .scale = 1, .opacity = 255};
static struct ctx_window_mirror mirror = {
    .size = sizeof mirror, .pid = UINT64_MAX, .opacity = 255, .w = 10, .h = 10};

static const struct ctx_terminal_modes modes; /* its size is filled in */

/* Arguments with which the call succeeds; blocks are filled anew. */
static void make_good(const struct ctx_gate_info *info, uint64_t args[5])
{
    static const struct {
        const char *name;
        uint64_t args[5]; /* numbers; lengths of what `in` says */
        const void *in[5];
    } table[] = {
        {"iface.open", {0, 9, 0, 0, 0}, {"ctx.log/1"}},
        {"display.create", {8, 8, CTX_SURFACE_RGBX, 0, 0}, {NULL}},
        {"display.presented", {THE_SURFACE, 0, 0, 0, 0}, {NULL}},
        {"display.title", {THE_SURFACE, 0, 5, 0, 0}, {NULL, "title"}},
        {"display.describe", {THE_SURFACE, 0, 0, 0, 0}, {NULL}},
        {"events.read", {0, sizeof(struct ctx_event), sizeof(struct ctx_event), 0, 0}, {NULL}},
        {"log.write", {CTX_LOG_INFO, 0, 5, 0, 0}, {NULL, "hello"}},
        {"args.get", {0, 0, 20, 0, 0}, {NULL}},
        {"random.fill", {0, 300, 0, 0, 0}, {NULL}},
        {"apps.list", {0, 152, 152, 0, 0}, {NULL}},
        {"loader.start", {0, MADE_SIZE, 0, 5, 0}, {m.bytes, NULL, "child"}},
        {"loader.programs",
         {0, sizeof(struct ctx_program_info), sizeof(struct ctx_program_info), 0, 0},
         {NULL}},
        {"loader.run", {0, 5, 0, 5, 0}, {"shelf", NULL, "child"}},
        {"image.save", {THE_PID, 0, 4, 0, 0}, {NULL, "name"}},
        {"image.restore", {THE_PID, 0, 4, 0, 0}, {NULL, "name"}},
        {"image.remove", {0, 4, 0, 0, 0}, {"name"}},
        {"image.list", {0, 88, 88, 0, 0}, {NULL}},
        {"service.publish", {0, sizeof offered, 0, 8, 0}, {&offered, NULL, &offered_code}},
        {"windows.list",
         {0, sizeof(struct ctx_surface_info), sizeof(struct ctx_surface_info), 0, 0},
         {NULL}},
        {"windows.place", {0, sizeof place, 0, 0, 0}, {&place}},
        {"windows.layouts",
         {0, sizeof(struct ctx_keyboard_layout), sizeof(struct ctx_keyboard_layout), 0, 0},
         {NULL}},
        {"windows.set_layout", {0, 2, 0, 0, 0}, {"en"}},
        {"windows.mirror", {0, 0, sizeof mirror, 0, 0}, {NULL, &mirror}},
        {"screen.copy", {0, 8000, 8, 0, 0}, {NULL}},
        {"journal.read", {0, 0, 200, 0, 0}, {NULL}},
        {"calendar.set", {1, 0, 0, 0, 0}, {NULL}},
        {"calendar.set_zone", {7200, 1, 0, 0, 0}, {NULL}},
        {"windows.set_scale", {240, 0, 0, 0, 0}, {NULL}},
        {"windows.set_looks", {1, 0, 0, 0, 0}, {NULL}},
        {"service.list", {0, 96, 96, 0, 0}, {NULL}},
        {"host.open", {THE_PID, 0, 0, 0, 0}, {NULL}},
        {"host.wrap", {THE_CHILD, 0, 5, THE_CODE, 0}, {NULL, "alloc"}},
        {"host.forward", {THE_CHILD, 0, 0, 0, 0}, {NULL}},
        {"host.copy_in", {THE_CHILD, THE_STORE, 0, 8, 0}, {NULL}},
        {"host.copy_out", {THE_CHILD, THE_STORE, 0, 8, 0}, {NULL, NULL, "storing"}},
        {"share.create", {5000, CTX_SHARE_ZERO, 0, 0, 0}, {NULL}},
        {"share.map", {THE_SHARE, CTX_SHARE_READ, 0, 0, 0}, {NULL}},
        {"share.info", {THE_SHARE, 0, 0, 0, 0}, {NULL}},
        {"files.open", {0, 5, CTX_FILES_READ, 0, 0}, {"/lent"}},
        {"files.read", {THE_FILE, 0, 0, 20, 0}, {NULL}},
        {"files.write", {THE_FILE, 0, 0, 20, 0}, {NULL}},
        {"files.info", {THE_FILE, 0, 0, 0, 0}, {NULL}},
        {"files.look", {0, 5, 0, 0, 0}, {"/lent"}},
        {"files.list", {THE_FILE, 0, 0, 0, 0}, {NULL}},
        {"files.root", {0, 0, 20, 0, 0}, {NULL}},
        {"files.make_folder", {0, 5, 0, 0, 0}, {"/lent"}},
        {"files.remove", {0, 5, 0, 0, 0}, {"/lent"}},
        {"files.rename", {0, 5, 0, 5, 0}, {"/lent", NULL, "/lent"}},
        {"files.replace", {0, 5, 0, 20, 0}, {"/lent"}},
        {"files.space", {0, 5, 0, 0, 0}, {"/lent"}},
        {"files.date", {0, 5, 0, 0, 0}, {"/lent"}},
        {"block.list", {0, 0, 0, 0, 0}, {NULL}},
        {"block.claim", {THE_DISK, 0, 0, 0, 0}, {NULL}},
        {"nic.list", {0, 0, 0, 0, 0}, {NULL}},
        {"nic.counters", {THE_CARD, 0, 0, 0, 0}, {NULL}},
        {"terminal.write", {1, 0, 20, 0, 0}, {NULL}},
        {"terminal.read", {0, 20, 0, 0, 0}, {NULL}},
        {"terminal.set_modes", {0, 0, sizeof modes, 0, 0}, {NULL, &modes}},
        {"terminal.next", {CTX_READY_READ, 0, 0, 0, 0}, {NULL}},
    };
    mirror.into = surface;
    for (uint32_t i = 0; i < 5; i++) {
        memset(blocks[i], FILL, BLOCK);
        args[i] = 0;
    }
    for (size_t t = 0; t < ARRAY_COUNT(table); t++) {
        for (uint32_t i = 0; strcmp(info->name, table[t].name) == 0 && i < 5; i++) {
            args[i] = meant(table[t].args[i]);
            if (table[t].in[i] != NULL) {
                memcpy(blocks[i] + INSIDE, table[t].in[i], table[t].args[i + 1]);
            }
        }
    }
    for (uint32_t i = 0; i < info->count; i++) {
        if (is_pointer(info->args[i].kind)) {
            args[i] = (uint64_t)(uintptr_t)blocks[i] + INSIDE;
        }
        if (is_struct(info->args[i].kind)) {
            uint32_t size = info->args[i].size;
            memcpy(blocks[i] + INSIDE, &size, sizeof size);
        }
    }
}

static void undo(const struct ctx_gate_info *info, struct ctx *ctx)
{
    if (strcmp(info->name, "display.create") == 0) {
        uint32_t made;
        memcpy(&made, blocks[4] + INSIDE, sizeof made);
        assert_int_equal(ctx->display->destroy(ctx->display, made), CTX_OK);
    }
    if (strcmp(info->name, "host.open") == 0) {
        uint32_t made;
        const struct ctx_table *table;
        memcpy(&made, blocks[1] + INSIDE, sizeof made);
        assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
        const struct ctx_host *host = (const struct ctx_host *)table;
        assert_int_equal(host->close(host, made), CTX_OK);
    }
    if (strcmp(info->name, "service.publish") == 0) {
        uint32_t made;
        const struct ctx_table *table;
        memcpy(&made, blocks[4] + INSIDE, sizeof made);
        assert_int_equal(open_table(ctx, CTX_ID_SERVICE, 0, &table), CTX_OK);
        const struct ctx_service *service = (const struct ctx_service *)table;
        assert_int_equal(service->unpublish(service, made), CTX_OK);
    }
    if (strncmp(info->name, "share.", 6) == 0) {
        const struct ctx_table *table;
        assert_int_equal(open_table(ctx, CTX_ID_SHARE, 0, &table), CTX_OK);
        const struct ctx_share *shares = (const struct ctx_share *)table;
        uint32_t made;
        memcpy(&made, blocks[2] + INSIDE, sizeof made);
        if (strcmp(info->name, "share.create") == 0) {
            assert_int_equal(shares->close(shares, made), CTX_OK);
        } else if (strcmp(info->name, "share.map") == 0) {
            assert_int_equal(shares->unmap(shares, share), CTX_OK);
        }
    }
    if (strcmp(info->name, "block.claim") == 0) {
        const struct ctx_table *table;
        memcpy(&claim, blocks[2] + INSIDE, sizeof claim);
        assert_int_equal(open_table(ctx, CTX_ID_BLOCK, 0, &table), CTX_OK);
        const struct ctx_block *block = (const struct ctx_block *)table;
        assert_int_equal(block->release(block, claim), CTX_OK);
    }
    if (strcmp(info->name, "files.open") == 0) {
        uint32_t made;
        const struct ctx_table *table;
        memcpy(&made, blocks[3] + INSIDE, sizeof made);
        assert_int_equal(open_table(ctx, CTX_ID_FILES, 0, &table), CTX_OK);
        const struct ctx_files *files = (const struct ctx_files *)table;
        assert_int_equal(files->close(files, made), CTX_OK);
    }
    while (app_current()->next != NULL) { /* loader.start */
        app_unload(app_current()->next);
    }
}

static int32_t through(const uint64_t *table, uint32_t fn, const uint64_t args[5])
{
    gate_call *gate = (gate_call *)(uintptr_t)table[2 + fn];
    event_wheel(1, 1, EVERYBODY); /* something for events.read */
    return (int32_t)gate((uint64_t)(uintptr_t)table, args[0], args[1], args[2], args[3], args[4]);
}

/* Only `len` bytes at the argument may have changed; none with len 0. */
static void check_block(uint32_t no, const uint8_t *old, uint32_t len)
{
    assert_memory_equal(blocks[no], old, INSIDE);
    assert_memory_equal(blocks[no] + INSIDE + len, old + INSIDE + len, BLOCK - INSIDE - len);
}

static void good(struct ctx *ctx, const struct ctx_gate_info *info, const uint64_t *table,
                 uint32_t fn)
{
    static uint8_t old[5][BLOCK];
    uint64_t args[5];
    make_good(info, args);
    for (uint32_t i = 0; i < 5; i++) {
        memcpy(old[i], blocks[i], BLOCK);
    }
    fake.read_count = fake.read_twice = 0;
    int32_t status = through(table, fn, args);
    if (fake.read_twice > 0) { /* it may be another byte the second time */
        print_error("%s: %u bytes of its arguments are read twice\n", info->name, fake.read_twice);
        fail();
    }
    bool request =
        strcmp(info->name, "terminal.next") == 0 || strcmp(info->name, "files.wait") == 0;
    if (status != CTX_OK && (status != CTX_PENDING || !request)) {
        print_error("%s: %d with good arguments\n", info->name, status);
        fail();
    }
    for (uint32_t i = 0; i < info->count; i++) {
        uint16_t kind = info->args[i].kind;
        bool out = kind == CTX_ARG_OUT || kind == CTX_ARG_OUT4 || kind == CTX_ARG_OUT8 ||
                   kind == CTX_ARG_OUT_STRUCT;
        check_block(i, old[i], out ? bytes_of(&info->args[i], &args[i]) : 0);
        if (is_struct(kind)) { /* the caller's size stays */
            assert_memory_equal(blocks[i] + INSIDE, old[i] + INSIDE, 4);
        }
        if (kind == CTX_ARG_OUT4 || kind == CTX_ARG_OUT8) {
            assert_memory_not_equal(blocks[i] + INSIDE, old[i] + INSIDE,
                                    bytes_of(&info->args[i], &args[i]));
        }
    }
    undo(info, ctx);
}

static void refused(const struct ctx_gate_info *info, const uint64_t *table, uint32_t fn,
                    const uint64_t args[5])
{
    uint32_t apps = app_count();
    int32_t result = through(table, fn, args);
    int32_t expected = info->returns == CTX_RETURNS_STATUS ? CTX_E_INVAL : 0;
    bool other_slot = strncmp(info->name, "host.copy", 9) == 0 && result == CTX_E_FAULT;
    /* What there is to write is known first: nothing. */
    bool early = (strncmp(info->name, "service.", 8) == 0 &&
                  (result == CTX_E_NOENT || result == CTX_E_AGAIN)) ||
                 (strncmp(info->name, "saving.", 7) == 0 && result == CTX_E_AGAIN);
    /* A name that ends before the page does. */
    bool is_short = strcmp(info->name, "windows.set_layout") == 0 && result == CTX_E_NOENT;
    if (result != expected && !other_slot && !early && !is_short) {
        print_error("%s(0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx) = %d\n", info->name, args[0], args[1],
                    args[2], args[3], args[4], result);
        fail();
    }
    assert_int_equal(app_count(), apps);
    refusals++;
}

static void bad_pointers(const struct ctx_gate_info *info, const uint64_t *table, uint32_t fn)
{
    /* The last byte of mapped memory: a block that ends at a page, with nothing behind it. */
    uint64_t end = (uint64_t)(uintptr_t)blocks[4] + BLOCK;
    const uint64_t bad[] = {
        0,
        1,
        (uint64_t)(uintptr_t)victim,
        (uint64_t)(uintptr_t)app_current(),
        0xffff800000001000,
        UINT64_MAX,
        UINT64_MAX - 3,
        base - 4,
        base,
        base + CTX_SLOT_GUARD - 1,
        base + CTX_SLOT_SIZE - CTX_SLOT_GUARD - 3,
        base + CTX_SLOT_SIZE,
        base + CTX_SLOT_HEAP_END - PAGE_SIZE, /* not mapped */
        base + CTX_SLOT_STACK_LOW,
        end - 3,
        /* from here on: can be read */
        base + CTX_SLOT_GATES,
        base + CTX_SLOT_BASE_WORD,
        base + CTX_SLOT_NOSYS,
        base + CTX_SLOT_TABLES,
        base + CTX_SLOT_OPENED,
        base + CTX_SLOT_CTX + 16,
    };
    for (uint32_t i = 0; i < info->count; i++) {
        uint16_t kind = info->args[i].kind;
        for (uint32_t n = 0; is_pointer(kind) && n < ARRAY_COUNT(bad); n++) {
            uint64_t args[5];
            make_good(info, args);
            args[i] = bad[n];
            bool readable = n >= 15;
            if ((kind == CTX_ARG_IN && readable) || (is_struct(kind) && readable)) {
                continue; /* reading there is fine; for structs there may be any size */
            }
            refused(info, table, fn, args);
        }
        if (kind == CTX_ARG_IN || kind == CTX_ARG_OUT) {
            static const uint32_t lengths[] = {UINT32_MAX, 0x7fffffff, BLOCK * 16};
            for (uint32_t n = 0; n < ARRAY_COUNT(lengths); n++) {
                uint64_t args[5];
                make_good(info, args);
                args[i + 1] = lengths[n];
                /* Those that are in the slot count only where all of the bytes are needed. */
                bool path =
                    strncmp(info->name, "files.", 6) == 0 && strcmp(info->name, "files.write") != 0;
                bool all = kind == CTX_ARG_IN && strcmp(info->name, "iface.open") != 0 && !path;
                if (n == 0 || all) {
                    refused(info, table, fn, args);
                }
            }
        }
    }
}

/* How much of a struct this system knows: more than it once had, where fields came to its end. */
static uint32_t known_bytes(const struct ctx_gate_info *info, uint32_t i)
{
    return strcmp(info->name, "windows.place") == 0 ? sizeof place : info->args[i].size;
}

/* Sizes of structs that the caller has: never more is written, never an exact one wanted. */
static void sizes(const struct ctx_gate_info *info, const uint64_t *table, uint32_t fn)
{
    for (uint32_t i = 0; i < info->count; i++) {
        if (!is_struct(info->args[i].kind)) {
            continue;
        }
        static uint8_t old[BLOCK];
        uint32_t full = info->args[i].size;
        const uint32_t some[] = {0, 1, 4, 6, 7, UINT32_MAX, 8, 12, full - 1, full, full + 8, 2000};
        for (uint32_t n = 0; n < ARRAY_COUNT(some); n++) {
            uint64_t args[5];
            make_good(info, args);
            memcpy(blocks[i] + INSIDE, &some[n], 4);
            memcpy(old, blocks[i], BLOCK);
            if (n < 6) {
                refused(info, table, fn, args);
                check_block(i, old, 0);
            } else if (info->args[i].kind == CTX_ARG_IN_STRUCT) {
                /* Shorter than it ever was it is none; what is too much must be zero. */
                int32_t status = through(table, fn, args);
                if (some[n] <= full || some[n] > known_bytes(info, i)) {
                    assert_int_equal(status, some[n] < full    ? CTX_E_INVAL
                                             : some[n] == full ? CTX_OK
                                                               : CTX_E_TOOBIG);
                } /* else its new fields are there, and may be any */
                memset(blocks[i] + INSIDE + full, 0, BLOCK - INSIDE - full);
                assert_int_equal(through(table, fn, args), some[n] < full ? CTX_E_INVAL : CTX_OK);
            } else {
                /* A younger caller can tell what was not known: it is zero. */
                assert_int_equal(through(table, fn, args), CTX_OK);
                check_block(i, old, some[n]);
                assert_memory_equal(blocks[i] + INSIDE, &some[n], 4);
                for (uint32_t b = full; b < some[n]; b++) {
                    assert_int_equal(blocks[i][INSIDE + b], 0);
                }
            }
        }
    }
}

/* An absurd size, of memory that is there. */
static void a_size_of_nonsense(const struct ctx_gate_info *info, const uint64_t *table, uint32_t fn)
{
    for (uint32_t i = 0; i < info->count; i++) {
        const uint32_t size = 0x10001;
        uint64_t args[5];
        if (is_struct(info->args[i].kind)) {
            make_good(info, args);
            memcpy(blocks[i] + INSIDE, &size, 4);
            assert_int_equal(through(table, fn, args), CTX_E_TOOBIG);
        }
    }
}

/* In shared memory another app may write to a struct while a gate looks at it: the size that was
 * checked is the one that counts. */
static void a_size_that_changes(const struct ctx_gate_info *info, const uint64_t *table,
                                uint32_t fn)
{
    for (uint32_t i = 0; i < info->count; i++) {
        if (!is_struct(info->args[i].kind)) {
            continue;
        }
        static uint8_t old[BLOCK];
        const uint32_t small = 8, after = 2000;
        uint64_t args[5];
        make_good(info, args);
        memcpy(blocks[i] + INSIDE, &small, 4);
        memcpy(old, blocks[i], BLOCK);
        fake.changes_at = args[i];
        fake.changes_to = after;
        assert_int_equal(through(table, fn, args) == CTX_OK,
                         info->args[i].kind != CTX_ARG_IN_STRUCT);
        fake.changes_at = 0;
        assert_memory_equal(blocks[i] + INSIDE, &after, 4);
        memcpy(old + INSIDE, &after, 4);
        check_block(i, old, small);
    }
}

/* A length of 0: the pointer is not looked at. */
static void nothing_to_read(const struct ctx_gate_info *info, const uint64_t *table, uint32_t fn)
{
    for (uint32_t i = 0; i < info->count; i++) {
        uint64_t args[5];
        bool needs_some = strcmp(info->name, "events.read") == 0 ||
                          (strcmp(info->name, "loader.start") == 0 && i == 0) ||
                          strcmp(info->name, "service.publish") == 0;
        if ((info->args[i].kind == CTX_ARG_IN || info->args[i].kind == CTX_ARG_OUT) &&
            !needs_some) {
            make_good(info, args);
            args[i] = 1;
            args[i + 1] = 0;
            int32_t status = through(table, fn, args);
            bool no_name =
                ((strcmp(info->name, "loader.run") == 0 ||
                  strcmp(info->name, "windows.set_layout") == 0) &&
                 i == 0) ||
                (strncmp(info->name, "files.", 6) == 0 && info->args[i].kind == CTX_ARG_IN &&
                 strcmp(info->name, "files.write") != 0 &&
                 (i == 0 || strcmp(info->name, "files.replace") != 0));
            bool no_room = strcmp(info->name, "screen.copy") == 0;
            assert_int_equal(status, strcmp(info->name, "iface.open") == 0 ? CTX_E_NOSYS
                                     : no_name                             ? CTX_E_NOENT
                                     : no_room                             ? CTX_E_NOSPC
                                                                           : CTX_OK);
        }
    }
}

static int32_t body_every_function(struct ctx *ctx)
{
    base = app_current()->base;
    offered_code = app_current()->entry;
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, 4, 4, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    surface = *out;
    assert_int_equal(ctx->events->wait(ctx->events, 0), CTX_OK); /* subscribes */
    for (uint32_t i = 0; i < 5; i++) {
        blocks[i] = ctx->mem->alloc(ctx->mem, BLOCK, PAGE_SIZE, 0);
        assert_non_null(blocks[i]);
    }
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)blocks[4] + BLOCK), 0);
    memset(victim, FILL, sizeof victim);
    make_elf(&m);

    const struct ctx_table *tables[CTX_TABLES] = {
        &ctx->iface->t, &ctx->time->t, &ctx->mem->t, &ctx->display->t, &ctx->events->t,
    };
    uint32_t functions = 0;
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        if (ctx_tables[no].id[0] != 0) {
            assert_int_equal(open_table(ctx, ctx_tables[no].id, 0, &tables[no]), CTX_OK);
        }
    }
    const struct ctx_host *host = (const struct ctx_host *)tables[CTX_TABLE_HOST];
    assert_int_equal(host->open(host, child->pid, out), CTX_OK);
    child_handle = *out;
    const struct ctx_service *service = (const struct ctx_service *)tables[CTX_TABLE_SERVICE];
    struct ctx_interface *first = own_copy(ctx, &offered, sizeof offered); /* for service.list */
    memcpy(first->id, "org.example.first/1\0\0", 22);
    assert_int_equal(
        service->publish(service, first, sizeof offered, own_copy(ctx, &offered_code, 8), 8, out),
        CTX_OK);
    const struct ctx_share *shares = (const struct ctx_share *)tables[CTX_TABLE_SHARE];
    assert_int_equal(shares->create(shares, 8000, 0, out), CTX_OK);
    share = *out;
    const struct ctx_files *files = (const struct ctx_files *)tables[CTX_TABLE_FILES];
    assert_int_equal(files->open(files, own_copy(ctx, "/lent", 5), 5, CTX_FILES_READ, out), CTX_OK);
    assert_int_equal(*out, 1);
    const struct ctx_windows *windows = (const struct ctx_windows *)tables[CTX_TABLE_WINDOWS];
    place.surface = surface;
    place.pid = app_current()->pid;
    assert_int_equal(windows->manage(windows), CTX_OK);
    static uint8_t pages[2][PAGE_SIZE];
    memcpy(pages[0], ctx, PAGE_SIZE);
    memcpy(pages[1], (void *)(uintptr_t)(base + CTX_SLOT_TABLES), PAGE_SIZE);
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        for (uint32_t fn = 0; fn < ctx_tables[no].count; fn++) {
            const struct ctx_gate_info *info = &ctx_tables[no].fns[fn];
            bool any = false;
            if (no == CTX_TABLE_NIC && strcmp(info->name, "nic.list") != 0 &&
                strcmp(info->name, "nic.counters") != 0) {
                continue; /* test_nics.c: they need a claim */
            }
            for (uint32_t i = 0; i < info->count; i++) {
                any |= is_pointer(info->args[i].kind);
            }
            bool job = no == CTX_TABLE_IMAGE && fn < 4;   /* test_vault.c has the rest */
            job |= strcmp(info->name, "share.take") == 0; /* test_share_*.c */
            job |= no == CTX_TABLE_BLOCK && fn >= 3;      /* test_disks*.c: they need a claim */
            job |= no == CTX_TABLE_SAVING;                /* test_lasting.c: an app that may */
            bool set_up =
                no == CTX_TABLE_SERVICE && fn != 0 && strcmp(info->name, "service.list") != 0;
            /* No machine's own files can do that: NOSYS, whatever the arguments are. */
            any &= strcmp(info->name, "files.watch") != 0;
            if (strcmp(info->name, "host.forward") == 0 || job || set_up) { /* test_host_*.c */
                bad_pointers(info, (const uint64_t *)tables[no], fn);
            } else if (any) {
                const uint64_t *words = (const uint64_t *)tables[no];
                good(ctx, info, words, fn);
                bad_pointers(info, words, fn);
                sizes(info, words, fn);
                a_size_that_changes(info, words, fn);
                a_size_of_nonsense(info, words, fn);
                nothing_to_read(info, words, fn);
                undo(&(struct ctx_gate_info){.name = ""}, ctx);
                good(ctx, info, words, fn); /* and it still works */
                functions++;
            }
        }
    }
    assert_true(functions >= 16);
    assert_true(refusals > 300);
    for (uint32_t i = 0; i < sizeof victim; i++) {
        assert_int_equal(victim[i], FILL);
    }
    assert_memory_equal(pages[0], ctx, PAGE_SIZE);
    assert_memory_equal(pages[1], (void *)(uintptr_t)(base + CTX_SLOT_TABLES), PAGE_SIZE);
    return 0;
}

static int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static void every_function(void **state)
{
    (void)state;
    fake.wall_ns = 1;
    child = load("child host=other,probe");
    assert_null(app_load(m.bytes, m.len, "/apps/made.elf", "shelf shelf"));
    call(child, body_fault); /* for control.crash */
    struct app *app = load_v3(
        "probe trusted a-word-of-more-than-20-bytes grant=ctx.system/1,"
        "ctx.loader/1,ctx.host/1,ctx.control/1,ctx.image/1,ctx.windows/1,ctx.screen/1,ctx.block/1,ctx.journal/1,"
        "ctx.nic/1 disk=* nic=* "
        "offer=*");
    struct image_bytes image = {machine_direct(frame_alloc(0, 0)), 10, 1};
    assert_int_equal(vault_memory_put("for image.list", &image), CTX_OK);
    fake_terminal_give(app);
    fake_files_give(app);
    disk = fake_block_offer()->number;
    card = fake_nic_make(&nic, "net0")->device.number;
    remember();
    call(app, body_every_function);
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->faults, 0);
    assert_null(slotheap_check(app->heap));
    app_unload(app);
    app_unload(child);
    assert_null(app_first());
    assert_int_equal(vault_memory_remove("for image.list"), CTX_OK);
}

/* Without its grant, and with gates bound to refusals: the status comes before any argument. */
static int32_t body_denied(struct ctx *ctx)
{
    static const char *const ids[] = {CTX_ID_SYSTEM, CTX_ID_LOADER, CTX_ID_HOST};
    for (size_t t = 0; t < ARRAY_COUNT(ids); t++) {
        const struct ctx_table *table;
        assert_int_equal(open_table(ctx, ids[t], 0, &table), CTX_OK);
        assert_int_equal(table->flags, 0);
        const uint64_t bad[5] = {UINT64_MAX, 1, UINT64_MAX, 3, 4}, none[5] = {0};
        for (uint32_t fn = 0; fn < table->size / 8 - 2; fn++) {
            assert_int_equal(through((const uint64_t *)table, fn, bad), CTX_E_DENIED);
            assert_int_equal(through((const uint64_t *)table, fn, none), CTX_E_DENIED);
        }
    }
    struct app *app = app_current();
    const uint64_t *words = (const uint64_t *)ctx->mem;
    const uint64_t none[5] = {0};
    assert_int_equal(gate_bind(app, CTX_GATE_MEM_FREE, (struct gate_binding){.to = GATE_REVOKED}),
                     CTX_OK);
    assert_int_equal(gate_bind(app, CTX_GATE_MEM_ALLOC, (struct gate_binding){.to = GATE_STALE}),
                     CTX_OK);
    assert_int_equal(through(words, 2, none), CTX_E_REVOKED);
    assert_int_equal(through(words, 0, none), 0);
    return 0;
}

static void denied(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("stranger");
    call(app, body_denied);
    assert_int_equal(app->faults, 0);
    assert_int_equal(app_asked(), APP_ASKS_NOTHING);
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function),
        cmocka_unit_test(denied),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
