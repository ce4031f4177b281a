/* SPDX-License-Identifier: MIT */
/*
 * storage - files that outlive the machine's end. Its line says which disks it may look at:
 *
 *   storage.elf offer=ctx.files/1,ctx.kv/1,ctx.sql/1 grant=ctx.block/1 disk=*
 *
 * It takes the first that is a disk of files, and never makes one. Undo would put an old state
 * before a newer disk, and so would a restored image: it is not undone, and begins anew.
 */
#include "storage.h"

#include <files_provider.h>

#include <ctx/note.h>
#include <ctx/tables.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEPT_LOOK_NS UINT64_C(20000000)

CTX_NOTE(3);

CTX_NOTE_NUMBER(CTX_NOTE_FLAGS, CTX_NOTE_NO_UNDO | CTX_NOTE_FRESH_ON_RESTORE);
/* What an app writes in one call lies on the stack, of which it may take a quarter. */
CTX_NOTE_NUMBER(CTX_NOTE_STACK, 512 * 1024);
/* After a fault nothing in memory counts any more: what the disk has does. */
CTX_NOTE_NUMBER(CTX_NOTE_RESTART, CTX_RESTART_ON_FAULT);

struct storage storage;

void say(uint32_t level, const char *format, ...)
{
    char text[300];
    va_list args;
    static const struct ctx_log *log;
    const struct ctx_table *table = NULL;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    len = len < (int)sizeof text ? len : (int)sizeof text - 1;
    struct ctx *ctx = storage.ctx;
    if (log == NULL && ctx->iface->open(ctx->iface, CTX_ID_LOG, sizeof CTX_ID_LOG - 1, sizeof *log,
                                        &table) == CTX_OK) {
        log = (const struct ctx_log *)(const void *)table;
    }
    if (log != NULL) {
        log->write(log, level, text, (uint32_t)len);
    }
}

uint64_t now_ns(void)
{
    uint64_t ns = 0;
    storage.ctx->time->now(storage.ctx->time, &ns);
    return ns;
}

static bool start(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    if (ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,
                         sizeof *storage.service, &table) != CTX_OK) {
        return false;
    }
    storage.service = (const struct ctx_service *)(const void *)table;
    if (files_publish(storage.service, &storage.handle) != CTX_OK) {
        say(CTX_LOG_ERROR, "it can not offer ctx.files/1: the line needs offer=ctx.files/1");
        return false;
    }
    (void)kv_offer(storage.service); /* if its line says offer=ctx.kv/1 too */
    (void)sql_offer(storage.service);
    if (ctx->iface->open(ctx->iface, CTX_ID_SAVING, sizeof CTX_ID_SAVING - 1,
                         sizeof *storage.saving, &table) == CTX_OK) {
        storage.saving = (const struct ctx_saving *)(const void *)table;
        if (storage.saving->join(storage.saving) != CTX_OK) {
            say(CTX_LOG_ERROR, "images that are saved will not wait for files");
            storage.saving = NULL;
        }
    }
    return true;
}

static void hear_news(void)
{
    struct ctx_service_news news = {.size = sizeof news};
    while (storage.service->news(storage.service, &news) == CTX_OK) {
        struct client *c = client_find(news.pid);
        if (news.kind == CTX_NEWS_LOST) {
            clients_look();
        } else if (c != NULL && news.kind == CTX_NEWS_GONE) {
            client_gone(c);
        } else if (c != NULL && news.kind == CTX_NEWS_CANCELED) {
            c->waits = c->waits == news.request ? 0 : c->waits;
            watches_cancel(news.request);
        }
    }
}

void storage_wake(void)
{
    const struct ctx_time *time = storage.ctx->time;
    if (worker_due()) {
        time->wake_at(time, now_ns());
    } else if (storage.commit_ns != 0) {
        time->wake_at(time, storage.commit_ns);
    }
    if (storage.rest_ns != 0) {
        time->wake_at(time, storage.rest_ns);
    }
    if (storage.together != NULL) {
        time->wake_at(time, storage.together_ns);
    }
    if (clients_kept()) {
        time->wake_at(time, now_ns() + KEPT_LOOK_NS);
    }
}

int32_t ctx_start(struct ctx *ctx)
{
    storage.ctx = ctx;
    if (storage.service == NULL && !start(ctx)) {
        return CTX_EXIT(1);
    }
    hear_news();
    for (struct client *c = storage.clients; c != NULL; c = c->next) {
        if (c->kept_ns != 0) {
            client_answer(c); /* one of its fibers is the one that is waited for */
        }
    }
    op_hear_saving();
    worker_run();
    if (storage.broken) {
        return CTX_EXIT(1);
    }
    clients_free_left();
    storage_wake();
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_NEWS | UINT64_C(1) << CTX_EVENT_BLOCK |
                                       UINT64_C(1) << CTX_EVENT_SAVING);
    return CTX_WAIT;
}
