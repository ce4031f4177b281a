/* SPDX-License-Identifier: MIT */
#include "hold.h"

#define ROOM 64u /* apps that are looked at without memory of our own */

static const struct ctx_table *open_table(struct ctx *ctx, const char *id, uint32_t len,
                                          uint32_t size)
{
    const struct ctx_table *table = 0;
    if (ctx->iface->open(ctx->iface, id, len, size, &table) != CTX_OK) {
        return 0;
    }
    return table;
}

static void open_tables(struct hold *hold, struct ctx *ctx)
{
    hold->host = (const struct ctx_host *)open_table(ctx, CTX_ID_HOST, sizeof CTX_ID_HOST - 1,
                                                     sizeof(struct ctx_host));
    hold->apps = (const struct ctx_apps *)open_table(ctx, CTX_ID_APPS, sizeof CTX_ID_APPS - 1,
                                                     sizeof(struct ctx_apps));
    if (hold->host != 0 && hold->host->close(hold->host, 0) == CTX_E_DENIED) {
        hold->host =
            0; /* tables that are not granted can be opened, and say only that; no handle is 0 */
    }
    hold->state = hold->host != 0 ? HOLD_NO_APP : HOLD_NO_GRANT;
}

void hold_begin(struct hold *hold, struct ctx *ctx, const char *name, uint32_t len)
{
    *hold = (struct hold){.status = CTX_OK};
    for (uint32_t i = 0; i < len && i + 1 < HOLD_NAME; i++) {
        hold->name[i] = name[i];
    }
    open_tables(hold, ctx);
}

static int is_named(const struct ctx_app_info *app, const char *name)
{
    return __builtin_memcmp(app->name, name, HOLD_NAME) == 0;
}

/* The first app of the name that lives and is not us; 0: none. */
static int find_among(const struct ctx_app_info *apps, uint32_t count, const char *name,
                      uint64_t me, struct ctx_app_info *found)
{
    for (uint32_t i = 0; i < count; i++) {
        if (is_named(&apps[i], name) && apps[i].pid != me) {
            *found = apps[i];
            return 1;
        }
    }
    return 0;
}

static int find(struct hold *hold, struct ctx *ctx, struct ctx_app_info *found)
{
    static struct ctx_app_info some[ROOM];
    uint32_t count = 0;
    if (hold->apps == 0 ||
        hold->apps->list(hold->apps, some, sizeof some, sizeof some[0], &count) != CTX_OK) {
        return 0;
    }
    if (count <= ROOM) {
        return find_among(some, count, hold->name, ctx->pid, found);
    }
    uint64_t bytes = (uint64_t)count * sizeof some[0];
    struct ctx_app_info *all = ctx->mem->alloc(ctx->mem, bytes, 64, CTX_MEM_ZERO);
    uint32_t more = 0;
    int is = 0;
    if (all != 0 &&
        hold->apps->list(hold->apps, all, (uint32_t)bytes, sizeof all[0], &more) == CTX_OK) {
        is = find_among(all, more < count ? more : count, hold->name, ctx->pid, found);
    }
    if (all != 0) {
        ctx->mem->free(ctx->mem, all, bytes, 64);
    }
    return is;
}

static enum hold_news take(struct hold *hold, struct ctx *ctx, ctx_serve_fn serve, int looks_on)
{
    const struct ctx_host *host = hold->host;
    struct ctx_app_info app;
    hold->state = HOLD_NO_APP;
    if (!find(hold, ctx, &app)) {
        return HOLD_NOTHING_NEW;
    }
    hold->status = host->open(host, app.pid, &hold->child);
    if (hold->status != CTX_OK) {
        hold->state = hold->status == CTX_E_DENIED ? HOLD_NOT_OVER : HOLD_FAILED;
        return HOLD_NOTHING_NEW;
    }
    if (looks_on) { /* before anything is wrapped: not even for a moment does it depend on us */
        hold->status = host->let_pass(host, hold->child, 1);
    }
    if (hold->status == CTX_OK) {
        hold->status = host->wrap(host, hold->child, "trace", 5, serve, 0);
    }
    if (hold->status != CTX_OK) {
        host->close(host, hold->child);
        hold->state = HOLD_FAILED;
        return HOLD_NOTHING_NEW;
    }
    hold->state = HOLD_HELD;
    hold->pid = app.pid;
    hold->calls_before = app.calls;
    return HOLD_TAKEN;
}

enum hold_news hold_look(struct hold *hold, struct ctx *ctx, ctx_serve_fn serve, int looks_on)
{
    if (hold->state == HOLD_NO_GRANT) {
        return HOLD_NOTHING_NEW;
    }
    if (hold->state != HOLD_HELD) {
        return take(hold, ctx, serve, looks_on);
    }
    /* no byte of it: whether the handle leads anywhere */
    ctx_status status = hold->host->copy_in(hold->host, hold->child, 0, &status, 0);
    if (status != CTX_E_STALE && status != CTX_E_NOENT) {
        return HOLD_NOTHING_NEW;
    }
    hold->host->close(hold->host, hold->child);
    hold->state = HOLD_NO_APP;
    return HOLD_LOST;
}

void hold_let_go(struct hold *hold)
{
    if (hold->state == HOLD_HELD) {
        hold->host->close(hold->host, hold->child);
        hold->state = HOLD_NO_APP;
    }
}
