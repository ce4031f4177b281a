/* SPDX-License-Identifier: MIT */
/*
 * clipboard - offers ctx.clipboard/1. It keeps a copy of what was copied instead of asking the
 * copier when somebody pastes: the copier may have ended, may be in the middle of a call or may
 * never answer, and what is pasted has to be what was there when it was copied. The copy lies in
 * this app's memory, so images and sessions have it, and an undone call puts it back.
 *
 * Its line says offer=ctx.clipboard/1. It has no window and is not called but by others.
 */
#include "content.h"

#include <clipboard_provider.h>
#include <ctx/note.h>

CTX_NOTE(3);

/* A text of a call lies on the stack, of which it may take a quarter. */
__attribute__((section(".note.ctx"), used, aligned(4))) static const struct {
    uint32_t owner_len, len, type;
    char owner[4];
    uint16_t tag, tag_len;
    uint32_t bytes;
} stack_note = {4, 8, 1, "ctx", CTX_NOTE_STACK, 4, 512 * 1024};

struct state {
    struct content content;
    uint32_t service; /* 0: not offered yet */
};

static void *get_memory(void *self, uint64_t bytes)
{
    struct ctx *ctx = self;
    return ctx->mem->alloc(ctx->mem, bytes, 16, 0);
}

static void give_back(void *self, void *p, uint64_t bytes)
{
    struct ctx *ctx = self;
    ctx->mem->free(ctx->mem, p, bytes, 16);
}

static struct content_memory memory_of(struct ctx *ctx)
{
    return (struct content_memory){get_memory, give_back, ctx};
}

static struct content *content_of(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    return &s->content;
}

static void tell(const struct content *c, struct clipboard_content *out)
{
    out->kind = c->kind;
    out->serial = c->serial;
    out->bytes = c->bytes;
    out->w = c->w;
    out->h = c->h;
}

ctx_status clipboard_look(struct ctx *ctx, struct clipboard_content *content)
{
    tell(content_of(ctx), content);
    return CTX_OK;
}

ctx_status clipboard_put_text(struct ctx *ctx, const void *text, uint32_t text_len)
{
    const struct content_memory memory = memory_of(ctx);
    return content_put_text(content_of(ctx), &memory, text, text_len);
}

ctx_status clipboard_get_text(struct ctx *ctx, void *text, uint32_t room,
                              struct clipboard_content *content)
{
    const struct content *c = content_of(ctx);
    if (c->kind != CONTENT_TEXT) {
        return CTX_E_NOENT;
    }
    tell(c, content);
    __builtin_memcpy(text, c->data, room < c->bytes ? room : c->bytes);
    return CTX_OK;
}

/* Memory of a caller's, while a function looks at it. */
struct view {
    const struct ctx_share *share;
    uint32_t handle;
    uint64_t address, bytes;
};

static ctx_status view_open(struct ctx *ctx, struct view *v, uint32_t handle, uint32_t rights)
{
    const struct ctx_table *table = 0;
    struct ctx_share_info info = {.size = sizeof info};
    *v = (struct view){.handle = handle};
    ctx_status status =
        ctx->iface->open(ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1, 0, &table);
    if (status != CTX_OK) {
        return status;
    }
    v->share = (const struct ctx_share *)table;
    status = v->share->info(v->share, handle, &info);
    v->bytes = info.bytes;
    return status == CTX_OK ? v->share->map(v->share, handle, rights, &v->address) : status;
}

static void view_close(struct view *v)
{
    if (v->share != 0) {
        v->share->close(v->share, v->handle);
    }
}

ctx_status clipboard_put_picture(struct ctx *ctx, uint32_t w, uint32_t h, uint32_t pixels)
{
    struct view v;
    ctx_status status = view_open(ctx, &v, pixels, CTX_SHARE_READ);
    if (status == CTX_OK) {
        status = content_check_picture(w, h, v.bytes);
    }
    if (status == CTX_OK) {
        const struct content_memory memory = memory_of(ctx);
        status = content_put_picture(content_of(ctx), &memory, w, h,
                                     (const uint8_t *)(uintptr_t)v.address);
    }
    view_close(&v);
    return status;
}

ctx_status clipboard_get_picture(struct ctx *ctx, uint32_t pixels,
                                 struct clipboard_content *content)
{
    const struct content *c = content_of(ctx);
    struct view v;
    ctx_status status = view_open(ctx, &v, pixels, CTX_SHARE_READ | CTX_SHARE_WRITE);
    if (status == CTX_OK && c->kind != CONTENT_PICTURE) {
        status = CTX_E_NOENT;
    } else if (status == CTX_OK && c->bytes > v.bytes) {
        status = CTX_E_NOSPC;
    }
    if (status == CTX_OK) {
        __builtin_memcpy((void *)(uintptr_t)v.address, c->data, c->bytes);
        tell(c, content);
    }
    view_close(&v);
    return status;
}

static ctx_status offer(struct ctx *ctx, struct state *s)
{
    const struct ctx_table *table = 0;
    ctx_status status = ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,
                                         sizeof(struct ctx_service), &table);
    return status == CTX_OK ? clipboard_publish((const struct ctx_service *)table, &s->service)
                            : status;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    if (s == 0) {
        s = *ctx->store = ctx->mem->alloc(ctx->mem, sizeof *s, 16, CTX_MEM_ZERO);
    }
    if (s == 0) {
        return CTX_EXIT(1);
    }
    if (s->service == 0 && offer(ctx, s) != CTX_OK) {
        static const char why[] =
            "it can not offer ctx.clipboard/1: the line needs offer=ctx.clipboard/1";
        ctx->log((const uint8_t *)why, sizeof why - 1);
        return CTX_EXIT(1);
    }
    return CTX_WAIT; /* its functions are called meanwhile */
}
