/* SPDX-License-Identifier: MIT */
/*
 * Version 3's header and tables, as they lie in the slot; opening tables by id; clocks. Every
 * address that an app could cache is a function of the slot's base alone, or recorded in struct
 * app_v3.
 */
#include "app_memory.h"
#include "app_v3.h"
#include "app_words.h"
#include "ctx_host.h"
#include "files.h"
#include "heap.h"
#include "policy.h"
#include "service.h"
#include "slot.h"
#include "terminal.h"
#include "wall.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/interface.h>

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

/* Header, gates - fns' own, or count of them from first_gate on - and NOSYS up to the capacity. */
static void fill_table(struct app *app, uint64_t *words, uint32_t count, uint32_t first_gate,
                       const struct ctx_gate_info *fns, bool granted)
{
    uint32_t size = 8 * (HEADER_WORDS + count);
    words[0] = size | (uint64_t)(granted ? CTX_TBL_GRANTED : 0) << 32;
    words[1] = 0;
    uint64_t nosys = gate_address(app, CTX_GATE_NOSYS);
    for (uint32_t i = 0; i < TABLE_WORDS - HEADER_WORDS; i++) {
        uint64_t own =
            i < count ? gate_address(app, fns != NULL ? fns[i].gate : first_gate + i) : 0;
        words[HEADER_WORDS + i] = i < count ? own : nosys;
    }
}

ctx_status v3_build(struct app *app)
{
    uint64_t pages = (ON_CTX * TABLE_BYTES + PAGE_SIZE - 1) / PAGE_SIZE, came;
    if (app_commit_run(app, CTX_SLOT_TABLES, pages, MAP_READ, &came) != CTX_OK) {
        return CTX_E_NOMEM;
    }
    for (uint32_t i = 0; i < ON_CTX; i++) {
        uint64_t *words = table_words(app, CTX_SLOT_TABLES + (uint64_t)i * TABLE_BYTES);
        if (words == NULL) {
            return CTX_E_NOMEM;
        }
        fill_table(app, words, ctx_tables[i].count, 0, ctx_tables[i].fns, !app_denies(app, i));
    }
    /* Behind the header, ctx goes on with pointers to tables: missing ones are tables of NOSYS
     * gates. */
    uint64_t *ctx = (uint64_t *)app->ctx;
    uint64_t tables = app->base + CTX_SLOT_TABLES, missing = app->base + CTX_SLOT_NOSYS;
    for (uint32_t i = 0; i < TABLE_WORDS - FIRST_TABLE_FIELD; i++) {
        ctx[FIRST_TABLE_FIELD + i] = i < ON_CTX ? tables + (uint64_t)i * TABLE_BYTES : missing;
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

/* ---- opened tables ---- */

/* Twice as many, as often as it takes; what is new is zero. False: no memory. */
static bool grow(void **array, uint32_t *room, uint32_t wanted, uint32_t most, size_t each)
{
    uint32_t bigger = *room != 0 ? *room : 8;
    if (wanted <= *room) {
        return true;
    }
    while (bigger < wanted) {
        bigger *= 2;
    }
    bigger = MIN(bigger, most);
    void *fresh = heap_alloc(bigger * each);
    if (fresh == NULL) {
        return false;
    }
    if (*array != NULL) {
        memcpy(fresh, *array, *room * each);
        heap_free(*array, *room * each);
    }
    *array = fresh;
    *room = bigger;
    return true;
}

void v3_forget_tables(struct app *app)
{
    struct app_v3 *v3 = app->v3;
    heap_free(v3->opened, v3->opened_room * sizeof *v3->opened);
    heap_free(v3->tables, v3->tables_room * sizeof *v3->tables);
    v3->opened = NULL;
    v3->tables = NULL;
}

struct opened_gate *v3_gate(const struct app *app, uint32_t gate)
{
    return &app->v3->opened[gate - CTX_GATE_OPENED];
}

/* The table that lies there; NULL: none does. */
static const struct ctx_image_table *table_at(const struct app_v3 *v3, uint64_t offset)
{
    for (uint32_t i = 0; i < v3->opened_tables; i++) {
        if (v3->tables[i].offset == offset) {
            return &v3->tables[i];
        }
    }
    return NULL;
}

/* A table at the place and with the gates that *at says. NOMEM. */
static ctx_status put_table(struct app *app, const struct ctx_image_table *at, bool granted)
{
    struct app_v3 *v3 = app->v3;
    uint32_t end = at->gate - CTX_GATE_OPENED + at->count;
    if (!grow((void **)&v3->tables, &v3->tables_room, v3->opened_tables + 1, OPENED_TABLES,
              sizeof *v3->tables) ||
        !grow((void **)&v3->opened, &v3->opened_room, end, OPENED_GATES, sizeof *v3->opened)) {
        return CTX_E_NOMEM;
    }
    uint64_t *words = table_words(app, at->offset);
    if (words == NULL) {
        return CTX_E_NOMEM;
    }
    fill_table(app, words, at->count, at->gate, NULL, granted);
    v3->tables[v3->opened_tables++] = *at;
    v3->opened_gates = MAX(v3->opened_gates, end);
    return CTX_OK;
}

void v3_set_granted(struct app *app, const struct ctx_image_table *at, bool granted)
{
    fill_table(app, table_words(app, at->offset), at->count, at->gate, NULL, granted);
}

ctx_status v3_add_table(struct app *app, const char *id, uint32_t count, bool granted,
                        struct ctx_image_table *out)
{
    const struct app_v3 *v3 = app->v3;
    if (v3->opened_tables == OPENED_TABLES || v3->opened_gates + count > OPENED_GATES) {
        if (policy_may_log(app)) {
            log_warn("app", "%s#%lu: no room for %s: it has tables=%u functions=%u open", app->name,
                     app->pid, id, v3->opened_tables, v3->opened_gates);
        }
        return CTX_E_NOSPC;
    }
    *out = (struct ctx_image_table){
        .offset = CTX_SLOT_OPENED,
        .gate = CTX_GATE_OPENED + v3->opened_gates,
        .count = count,
    };
    /* Of as many places as there may be tables; an image may have them in any order. */
    while (table_at(v3, out->offset) != NULL) {
        out->offset += TABLE_BYTES;
    }
    image_set_table_id(out, id);
    return put_table(app, out, granted);
}

/* ---- iface ---- */

static bool is_granted(const struct app *app, uint32_t no)
{
    return !app_denies(app, no) && (ctx_tables[no].grant == 0 || (app->grants >> no & 1) != 0);
}

/* Table `no` of the kernel's own lies there. */
static void bind_table(struct app *app, uint32_t no, const struct ctx_image_table *at)
{
    const struct ctx_table_info *info = &ctx_tables[no];
    for (uint32_t i = 0; i < MIN(at->count, info->count); i++) {
        struct opened_gate *gate = v3_gate(app, at->gate + i);
        gate->info = &info->fns[i];
        gate->bind = (struct gate_binding){
            .to = is_granted(app, no) ? GATE_KERNEL : GATE_DENIED,
            .traced = app_words_mean(app->instrument, gate->info),
            .fn = gate_offered(no, i),
        };
        host_gate_opened(app, at->gate + i, gate->info);
    }
    app->v3->opened_at[no] = at->offset;
}

/* Where the app had it when it was not the kernel's. */
static bool find_older(const struct app *app, uint32_t no, struct ctx_image_table *at)
{
    char id[IMAGE_TABLE_ID];
    for (uint32_t i = 0; ctx_tables[no].optional != 0 && i < app->v3->opened_tables; i++) {
        image_get_table_id(&app->v3->tables[i], id);
        if (strcmp(id, ctx_tables[no].id) == 0) {
            *at = app->v3->tables[i];
            return true;
        }
    }
    return false;
}

/* Set the gates of a table that is opened for the first time. */
static ctx_status open_table(struct app *app, uint32_t no)
{
    struct ctx_image_table at;
    ctx_status status = CTX_OK;
    if (find_older(app, no, &at)) {
        v3_set_granted(app, &at, is_granted(app, no));
    } else {
        status =
            v3_add_table(app, ctx_tables[no].id, ctx_tables[no].count, is_granted(app, no), &at);
    }
    if (status != CTX_OK) {
        return status;
    }
    if (no == CTX_TABLE_CPU) {
        app->v3->cpu_told |= machine_cpu_features();
    }
    bind_table(app, no, &at);
    return CTX_OK;
}

/* The kernel's own table with this id, CTX_TABLES: it has none. */
static uint32_t find_table(const char *id)
{
    uint32_t no = ON_CTX;
    while (no < CTX_TABLES && strcmp(ctx_tables[no].id, id) != 0) {
        no++;
    }
    return no;
}

bool v3_has_table(const char *id)
{
    uint32_t no = find_table(id);
    return no < CTX_TABLES && ctx_tables[no].optional == 0;
}

ctx_status v3_restore_table(struct app *app, const struct ctx_image_table *table)
{
    char id[IMAGE_TABLE_ID];
    image_get_table_id(table, id);
    uint32_t no = find_table(id);
    /* One that is not for everyone answers STALE until it is opened again. */
    bool ours = no < CTX_TABLES && ctx_tables[no].optional == 0;
    ctx_status status = put_table(app, table, ours && is_granted(app, no));
    if (status == CTX_OK && ours) {
        bind_table(app, no, table);
    }
    return status != CTX_OK || ours ? status : service_restore_use(app, table);
}

bool gate_find_opened(struct app *app, uint32_t gate, struct gate_binding *binding,
                      const struct ctx_gate_info **info)
{
    const struct app_v3 *v3 = app->v3;
    if (gate < CTX_GATE_OPENED || gate - CTX_GATE_OPENED >= v3->opened_gates) {
        return false;
    }
    const struct opened_gate *opened = v3_gate(app, gate);
    if (opened->info == NULL) {
        return false; /* not of this kernel, or a hole that an image has */
    }
    *binding = opened->bind;
    *info = opened->info;
    return true;
}

/* Optional tables are not everybody's. */
static bool is_native(const struct app *app, uint32_t no)
{
    return ctx_tables[no].optional == 0 || (no == CTX_TABLE_TERMINAL && terminal_is_native(app)) ||
           (no == CTX_TABLE_FILES && files_is_native(app));
}

static ctx_status open_own(struct app *app, uint32_t no, uint32_t min_size, uint64_t *offset)
{
    uint64_t at = app->v3->opened_at[no];
    /* One that came with an image stays as long as it was. */
    uint32_t count = at != 0 ? table_at(app->v3, at)->count : ctx_tables[no].count;
    if (min_size > 8 * (HEADER_WORDS + count)) {
        return CTX_E_NOSYS;
    }
    ctx_status status = at != 0 ? CTX_OK : open_table(app, no);
    *offset = app->v3->opened_at[no];
    return status;
}

static uint64_t iface_open(struct app *app, const uint64_t args[6])
{
    char id[CTX_INTERFACE_ID + 1] = "";
    uint32_t len = (uint32_t)args[2], min_size = (uint32_t)args[3];
    uint64_t at = 0;
    if (len == 0 || len >= sizeof id) {
        return (uint32_t)CTX_E_NOSYS;
    }
    if (machine_copy_in(id, args[1], len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t no = strlen(id) == len ? find_table(id) : CTX_TABLES;
    ctx_status status = no < CTX_TABLES && is_native(app, no)
                            ? open_own(app, no, min_size, &at)
                            : service_open(app, id, len, min_size, &at);
    if (status == CTX_OK) {
        at += app->base;
        status = gate_put(args[4], &at, sizeof at);
    }
    return (uint32_t)status;
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
    ctx_status status = wall_ns(&wall);
    return (uint32_t)(status == CTX_OK ? gate_put(args[1], &wall, sizeof wall) : status);
}

static uint64_t time_zone(struct app *app, const uint64_t args[6])
{
    (void)app;
    int64_t zone = wall_zone();
    return (uint32_t)gate_put(args[1], &zone, sizeof zone);
}

static uint64_t time_wake_at(struct app *app, const uint64_t args[6])
{
    app->wake_ns = MIN(app->wake_ns, app_deadline(app, args[1]));
    return CTX_OK;
}

GATE_TABLE(ctx_iface_table, CTX_TABLE_IFACE, iface_open);
GATE_TABLE(ctx_time_table, CTX_TABLE_TIME, time_now, time_wall, time_wake_at, time_zone);
