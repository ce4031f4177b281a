/* SPDX-License-Identifier: MIT */
/*
 * storage - files that outlive the machine's end. Its line says which disks it may look at:
 *
 *   storage.elf offer=ctx.files/1,ctx.kv/1 grant=ctx.block/1 disk=*
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

CTX_NOTE(3);

/* A note with one number. */
struct note_u32 {
    uint32_t owner_len, len, type;
    char owner[4];
    uint16_t tag, tag_len;
    uint32_t value;
};
#define NOTE __attribute__((section(".note.ctx"), used, aligned(4))) static const struct note_u32

NOTE flags_note = {4, 8, 1, "ctx", CTX_NOTE_FLAGS, 4, CTX_NOTE_NO_UNDO | CTX_NOTE_FRESH_ON_RESTORE};
/* What an app writes in one call lies on the stack, of which it may take a quarter. */
NOTE stack_note = {4, 8, 1, "ctx", CTX_NOTE_STACK, 4, 512 * 1024};
/* After a fault nothing in memory counts any more: what the disk has does. */
NOTE restart_note = {4, 8, 1, "ctx", CTX_NOTE_RESTART, 4, CTX_RESTART_ON_FAULT};

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
}

int32_t ctx_start(struct ctx *ctx)
{
    storage.ctx = ctx;
    if (storage.service == NULL && !start(ctx)) {
        return CTX_EXIT(1);
    }
    hear_news();
    worker_run();
    if (storage.broken) {
        return CTX_EXIT(1);
    }
    clients_free_left();
    storage_wake();
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_NEWS | UINT64_C(1) << CTX_EVENT_BLOCK);
    return CTX_WAIT;
}
