/* SPDX-License-Identifier: MIT */
/*
 * <clip.h> - copy and paste for apps: text by ctx.clipboard/1. Where nobody offers that, copying
 * does nothing and there is nothing to paste; nothing is said about it. One struct clip in an app's
 * state, all zero to begin with; it may be saved and restored with it.
 */
#ifndef CLIP_H
#define CLIP_H

#include <clipboard.h>
#include <ctx/ctx.h>
#include <ctx/ui.h>

#define CLIP_TEXT_MAX 60000u /* bytes of UTF-8; a longer text is not copied at all */

struct clip {
    struct clipboard_client client;
};

static inline ctx_status clip_put(struct clip *clip, struct ctx *ctx, const char *text,
                                  uint32_t len)
{
    if (!CTX_HAS(ctx, iface)) {
        return CTX_E_NOSYS;
    }
    clip->client.of.ctx = ctx;
    return clipboard_call_put_text(&clip->client, text, len);
}

/* At most room bytes, whole characters; answers how many. 0: there is no text. */
static inline uint32_t clip_get(struct clip *clip, struct ctx *ctx, char *text, uint32_t room)
{
    struct clipboard_content content;
    if (!CTX_HAS(ctx, iface)) {
        return 0;
    }
    clip->client.of.ctx = ctx;
    room = room < CLIP_TEXT_MAX ? room : CLIP_TEXT_MAX;
    if (clipboard_call_get_text(&clip->client, text, room, &content) != CTX_OK) {
        return 0;
    }
    uint32_t len = content.bytes < room ? (uint32_t)content.bytes : room;
    while (content.bytes > len && len > 0 && ((uint8_t)text[len - 1] & 0xc0) == 0x80) {
        len--; /* of a character that was cut */
    }
    len -= content.bytes > len && len > 0 && (uint8_t)text[len - 1] >= 0xc0;
    return len;
}

/* ---- for <ctx/ui.h> ---- */

static inline void clip_ui_put(void *self, const char *text, uint32_t len)
{
    struct clip *clip = self;
    clip_put(clip, clip->client.of.ctx, text, len);
}

static inline uint32_t clip_ui_get(void *self, char *text, uint32_t room)
{
    struct clip *clip = self;
    return clip_get(clip, clip->client.of.ctx, text, room);
}

/* Fields of a struct ctx_ui use it from now on: ui.clipboard = &that, kept with the app's state. */
static inline struct ctx_ui_clipboard clip_ui(struct clip *clip, struct ctx *ctx)
{
    clip->client.of.ctx = ctx;
    return (struct ctx_ui_clipboard){clip, clip_ui_put, clip_ui_get};
}

#endif
