/* SPDX-License-Identifier: MIT */
/* Copy and paste: the sheet as a picture in ctx.clipboard/1, and a picture from there. */
#include "paint.h"

#include <clipboard.h>

#include <stddef.h>

/* Memory that the clipboard sees; all zero: none. */
struct view {
    const struct ctx_share *share;
    uint32_t handle;
    struct ctx_rgba *pixels;
};

static ctx_status view_open(struct ctx *ctx, struct view *v, uint64_t w, uint64_t h)
{
    const struct ctx_table *table = NULL;
    uint64_t address = 0;
    ctx_status status =
        ctx->iface->open(ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1, 0, &table);
    if (status != CTX_OK) {
        return status;
    }
    const struct ctx_share *share = (const struct ctx_share *)(const void *)table;
    status = share->create(share, w * h * sizeof *v->pixels, 0, &v->handle);
    if (status != CTX_OK) {
        return status;
    }
    v->share = share;
    status = share->map(share, v->handle, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
    v->pixels = (struct ctx_rgba *)(uintptr_t)address;
    return status;
}

static void view_close(struct view *v)
{
    if (v->share != NULL) {
        v->share->close(v->share, v->handle);
    }
}

static const char *why(ctx_status status)
{
    return status == CTX_E_NOSYS    ? "nobody offers a clipboard"
           : status == CTX_E_DENIED ? "the clipboard is denied"
           : status == CTX_E_TOOBIG ? "too large for the clipboard"
           : status == CTX_E_NOMEM  ? "no memory for that"
                                    : "that did not work";
}

/* What a file of it would have: all but the frame. */
void paint_copy(struct ctx *ctx, struct state *s)
{
    struct clipboard_client clipboard = CTX_CLIENT(ctx);
    struct view v = {0};
    int32_t w = s->sheet_w - 2 * FRAME, h = s->sheet_h - 2 * FRAME;
    ctx_status status = view_open(ctx, &v, (uint64_t)w, (uint64_t)h);
    if (status == CTX_OK) {
        for (int32_t y = 0; y < h; y++) {
            const struct ctx_rgba *from = s->sheet + (y + FRAME) * s->sheet_w + FRAME;
            for (int32_t x = 0; x < w; x++) {
                v.pixels[y * w + x] = (struct ctx_rgba){from[x].r, from[x].g, from[x].b, 255};
            }
        }
        status = clipboard_call_put_picture(&clipboard, (uint32_t)w, (uint32_t)h, v.handle);
    }
    view_close(&v);
    paint_tell(s, ctx, status == CTX_OK ? "copied" : why(status), "");
}

static uint8_t mix(uint8_t below, uint8_t above, uint8_t part)
{
    return (uint8_t)((below * (255 - part) + above * part + 127) / 255);
}

/* From the upper left corner; a sheet that is too small grows, and so does the window, if it may.
 */
static int lay(struct ctx *ctx, struct state *s, const struct ctx_rgba *pixels, int32_t w,
               int32_t h)
{
    int32_t all_w = w + 2 * FRAME, all_h = h + 2 * FRAME;
    if (!paint_enlarge(ctx, s, all_w, all_h)) {
        return 0;
    }
    for (int32_t y = 0; y < h; y++) {
        struct ctx_rgba *to = s->sheet + (y + FRAME) * s->sheet_w + FRAME;
        for (int32_t x = 0; x < w; x++) {
            struct ctx_rgba p = pixels[y * w + x], q = to[x];
            to[x] =
                (struct ctx_rgba){mix(q.r, p.r, p.a), mix(q.g, p.g, p.a), mix(q.b, p.b, p.a), 0};
        }
    }
    s->changes++;
    paint_resize(ctx, s, all_w > s->w ? all_w : s->w, all_h > s->h ? all_h : s->h);
    paint_show(ctx, s, 0, 0, s->w, s->h);
    return 1;
}

/* It may be another one by the time that it is taken: then it fits, or NOSPC says that it does not.
 */
void paint_paste(struct ctx *ctx, struct state *s)
{
    struct clipboard_client clipboard = CTX_CLIENT(ctx);
    struct clipboard_content content = {.size = sizeof content};
    struct view v = {0};
    ctx_status status = clipboard_call_look(&clipboard, &content);
    if (status == CTX_OK && content.kind != 2) {
        paint_tell(s, ctx, "there is no picture to paste", "");
        return;
    }
    uint64_t w = content.w, h = content.h;
    if (status == CTX_OK && (w == 0 || h == 0 || w > SIDE_MOST || h > SIDE_MOST)) {
        status = CTX_E_TOOBIG;
    }
    status = status == CTX_OK ? view_open(ctx, &v, w, h) : status;
    if (status == CTX_OK) {
        status = clipboard_call_get_picture(&clipboard, v.handle, &content);
    }
    if (status == CTX_OK && (uint64_t)content.w * content.h > w * h) {
        status = CTX_E_NOSPC; /* the provider's word is not taken for it */
    }
    if (status == CTX_OK && !lay(ctx, s, v.pixels, (int32_t)content.w, (int32_t)content.h)) {
        status = CTX_E_NOMEM;
    }
    view_close(&v);
    paint_tell(s, ctx, status == CTX_OK ? "pasted" : why(status), "");
}
