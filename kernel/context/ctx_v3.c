/* SPDX-License-Identifier: MIT */
/*
 * Version 3's header and tables, as they lie in the slot; opening tables by id; clocks. Every
 * address that an app could cache is a function of the slot's base alone, or recorded in struct
 * app_v3.
 */
#include "app_v3.h"
#include "ctx_host.h"
#include "slot.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define TABLE_BYTES       0x400u
#define TABLE_WORDS       (TABLE_BYTES / 8)
#define HEADER_WORDS      2u  /* size and flags, features */
#define ON_CTX            5u  /* tables that hang on ctx; the first ones of ctx_tables[] */
#define FIRST_TABLE_FIELD 14u /* word of ctx->iface */

static uint64_t gate_address(const struct app *app, uint32_t gate)
{
    return app->base + CTX_SLOT_GATES + (uint64_t)gate * CTX_GATE_SIZE;
}

/* The 1 KiB at a slot offset, in the direct map; its page is committed when first needed. */
static uint64_t *table_words(struct app *app, uint64_t offset)
{
    uint64_t page = ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE);
    if (machine_slot_frame(app->base + page) == 0 && app_commit(app, page, MAP_READ) != CTX_OK) {
        return NULL;
    }
    uint8_t *direct = machine_direct(machine_slot_frame(app->base + page));
    return (uint64_t *)(direct + offset % PAGE_SIZE);
}

_Static_assert(OPENED_TABLES <= (CTX_SLOT_CTX - CTX_SLOT_OPENED) / TABLE_BYTES, "their place");

/* Header, count gates from first_gate on, and NOSYS up to the capacity. */
static void fill_table(struct app *app, uint64_t *words, uint32_t count, uint32_t first_gate,
                       bool granted)
{
    uint32_t size = 8 * (HEADER_WORDS + count);
    words[0] = size | (uint64_t)(granted ? CTX_TBL_GRANTED : 0) << 32;
    words[1] = 0;
    for (uint32_t i = 0; i < TABLE_WORDS - HEADER_WORDS; i++) {
        words[HEADER_WORDS + i] = gate_address(app, i < count ? first_gate + i : CTX_GATE_NOSYS);
    }
}

ctx_status v3_build(struct app *app)
{
    for (uint32_t i = 0; i < ON_CTX; i++) {
        uint64_t *words = table_words(app, CTX_SLOT_TABLES + (uint64_t)i * TABLE_BYTES);
        if (words == NULL) {
            return CTX_E_NOMEM;
        }
        fill_table(app, words, ctx_tables[i].count, ctx_tables[i].first_gate, !app_denies(app, i));
    }
    /* Behind the header, ctx goes on with pointers to tables: missing ones are tables of NOSYS
     * gates. */
    uint64_t *ctx = (uint64_t *)app->ctx;
    for (uint32_t i = FIRST_TABLE_FIELD; i < TABLE_WORDS; i++) {
        uint64_t offset = i < FIRST_TABLE_FIELD + ON_CTX
                              ? CTX_SLOT_TABLES + (uint64_t)(i - FIRST_TABLE_FIELD) * TABLE_BYTES
                              : CTX_SLOT_NOSYS;
        ctx[i] = app->base + offset;
    }
    return CTX_OK;
}

void v3_write_ctx(const struct app *app, struct ctx *ctx)
{
    ctx->version = 3;
    ctx->size = sizeof *ctx;
    ctx->epoch = app->epoch;
}

void v3_release_tables(struct app *app)
{
    for (uint64_t at = CTX_SLOT_TABLES; at < CTX_SLOT_CTX; at += PAGE_SIZE) {
        app_decommit(app, at);
    }
}

/* ---- iface ---- */

/* Table number `no` at the place and with the gates that *at says; OPENED_UNKNOWN: only NOSYS. */
static ctx_status bind_table(struct app *app, uint32_t no, const struct ctx_image_table *at)
{
    struct app_v3 *v3 = app->v3;
    const struct ctx_table_info *info = no != OPENED_UNKNOWN ? &ctx_tables[no] : NULL;
    uint64_t *words = table_words(app, at->offset);
    if (words == NULL) {
        return CTX_E_NOMEM;
    }
    bool granted =
        info != NULL && !app_denies(app, no) && (info->grant == 0 || (app->grants >> no & 1) != 0);
    fill_table(app, words, at->count, at->gate, granted);
    uint32_t first = at->gate - CTX_GATE_OPENED;
    for (uint32_t i = 0; i < at->count; i++) {
        if (info == NULL || i >= info->count) {
            v3->opened[first + i].table = OPENED_UNKNOWN;
            continue;
        }
        v3->opened[first + i].table = (uint8_t)no;
        v3->opened[first + i].fn = (uint8_t)i;
        v3->opened[first + i].bind = (struct gate_binding){
            .to = granted ? GATE_KERNEL : GATE_DENIED,
            .traced = app_words_mean(app->instrument, &info->fns[i]),
            .fn = gate_offered(no, i),
        };
        host_gate_opened(app, at->gate + i, &info->fns[i]);
    }
    v3->tables[v3->opened_tables++] = *at;
    v3->opened_gates = MAX(v3->opened_gates, first + at->count);
    if (info != NULL) {
        v3->opened_at[no] = at->offset;
    }
    return CTX_OK;
}

/* Whether a table lies there already: an image may have them in any order. */
static bool is_taken(const struct app_v3 *v3, uint64_t offset)
{
    for (uint32_t i = 0; i < v3->opened_tables; i++) {
        if (v3->tables[i].offset == offset) {
            return true;
        }
    }
    return false;
}

/* Set the gates of a table that is opened for the first time. */
static ctx_status open_table(struct app *app, uint32_t no)
{
    struct app_v3 *v3 = app->v3;
    const struct ctx_table_info *info = &ctx_tables[no];
    if (v3->opened_tables == OPENED_TABLES || v3->opened_gates + info->count > OPENED_GATES) {
        return CTX_E_NOSPC;
    }
    if (no == CTX_TABLE_CPU) {
        v3->cpu_told |= machine_cpu_features();
    }
    struct ctx_image_table at = {
        .offset = CTX_SLOT_OPENED,
        .gate = CTX_GATE_OPENED + v3->opened_gates,
        .count = info->count,
    };
    while (is_taken(v3, at.offset)) { /* of as many places as there may be tables */
        at.offset += TABLE_BYTES;
    }
    memcpy(at.id, info->id, sizeof info->id);
    return bind_table(app, no, &at);
}

ctx_status v3_restore_table(struct app *app, const struct ctx_image_table *table)
{
    if (app->v3->opened_tables == OPENED_TABLES) {
        return CTX_E_NOMEM;
    }
    uint32_t no = ON_CTX;
    while (no < CTX_TABLES && strcmp(ctx_tables[no].id, (const char *)table->id) != 0) {
        no++;
    }
    return bind_table(app, no < CTX_TABLES ? no : OPENED_UNKNOWN, table);
}

bool gate_find_opened(struct app *app, uint32_t gate, struct gate_binding *binding,
                      const struct ctx_gate_info **info)
{
    const struct app_v3 *v3 = app->v3;
    if (gate < CTX_GATE_OPENED || gate - CTX_GATE_OPENED >= v3->opened_gates) {
        return false;
    }
    uint32_t n = gate - CTX_GATE_OPENED;
    if (v3->opened[n].table == OPENED_UNKNOWN || v3->opened[n].bind.fn == NULL) {
        return false; /* not of this kernel, or a hole that an image has */
    }
    *binding = v3->opened[n].bind;
    *info = &ctx_tables[v3->opened[n].table].fns[v3->opened[n].fn];
    return true;
}

/* How many functions it has here: one that came with an image stays as long as it was. */
static uint32_t opened_count(const struct app_v3 *v3, uint32_t no)
{
    uint32_t i = 0;
    while (v3->tables[i].offset != v3->opened_at[no]) {
        i++;
    }
    return v3->tables[i].count;
}

static uint64_t iface_open(struct app *app, const uint64_t args[6])
{
    char id[sizeof ctx_tables[0].id];
    uint32_t len = (uint32_t)args[2];
    uint32_t min_size = (uint32_t)args[3];
    if (len == 0 || len >= sizeof id) {
        return (uint32_t)CTX_E_NOSYS;
    }
    if (machine_copy_in(id, args[1], len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    for (uint32_t no = ON_CTX; no < CTX_TABLES; no++) {
        const struct ctx_table_info *info = &ctx_tables[no];
        if (strlen(info->id) != len || memcmp(info->id, id, len) != 0) {
            continue;
        }
        bool opened = app->v3->opened_at[no] != 0;
        if (min_size > 8 * (HEADER_WORDS + (opened ? opened_count(app->v3, no) : info->count))) {
            return (uint32_t)CTX_E_NOSYS;
        }
        ctx_status status = opened ? CTX_OK : open_table(app, no);
        if (status == CTX_OK) {
            uint64_t address = app->base + app->v3->opened_at[no];
            status = gate_put(args[4], &address, sizeof address);
        }
        return (uint32_t)status;
    }
    return (uint32_t)CTX_E_NOSYS;
}

/* ---- time ---- */

static uint64_t time_now(struct app *app, const uint64_t args[6])
{
    uint64_t now = app_time(app, machine_now_ns());
    return (uint32_t)gate_put(args[1], &now, sizeof now);
}

static uint64_t time_wall(struct app *app, const uint64_t args[6])
{
    (void)app;
    int64_t wall;
    ctx_status status = machine_wall_ns(&wall);
    return (uint32_t)(status == CTX_OK ? gate_put(args[1], &wall, sizeof wall) : status);
}

static uint64_t time_wake_at(struct app *app, const uint64_t args[6])
{
    app->wake_ns = MIN(app->wake_ns, app_deadline(app, args[1]));
    return CTX_OK;
}

GATE_TABLE(ctx_iface_table, CTX_TABLE_IFACE, iface_open);
GATE_TABLE(ctx_time_table, CTX_TABLE_TIME, time_now, time_wall, time_wake_at);
