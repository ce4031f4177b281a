/* SPDX-License-Identifier: MIT */
/*
 * The screenshot key: what everybody sees, into the clipboard and as a PNG to /disk/pictures, if
 * there are such. It takes grant=ctx.screen/1, which is used for nothing else; the pixels go
 * through a share of the desktop's and are not kept.
 */
#include "desktop.h"

#include <clipboard.h>

#define SHRINK_MAX 8u       /* of ctx.screen/1 */
#define PIXELS_MAX 4194304u /* of a picture in the clipboard */

static const char failed[] = "No picture of the screen";

/* How much smaller it has to be, so that the clipboard takes it. */
static uint32_t shrink_for(const struct desktop *d)
{
    uint32_t by = 1, w = (uint32_t)d->screen_w, h = (uint32_t)d->screen_h;
    while (by < SHRINK_MAX && (uint64_t)(w / by) * (h / by) > PIXELS_MAX) {
        by++;
    }
    return by;
}

static void taken(struct desktop *d, uint32_t w, uint32_t h, uint32_t by)
{
    struct line line;
    line_clear(&line);
    line_put_number(&line, w);
    line_put(&line, " x ");
    line_put_number(&line, h);
    line_put(&line, " pixels lie in the clipboard");
    if (by > 1) {
        line_put(&line, ", 1/");
        line_put_number(&line, by);
        line_put(&line, " as large: it takes no more");
    }
    notices_say(d, 0, "Picture of the screen", line.text);
}

static const char *why_not(ctx_status status)
{
    return status == CTX_E_NOSYS    ? "Nobody offers a clipboard."
           : status == CTX_E_NOMEM  ? "There is no memory for it."
           : status == CTX_E_TOOBIG ? "It is larger than the clipboard takes."
           : status == CTX_E_BUSY   ? "The one before is not done; try again."
           : status == CTX_E_DENIED ? "The desktop's line denies it."
                                    : ctx_status_name(status);
}

/* Into memory that the clipboard can be shown. */
static ctx_status take(struct desktop *d, const struct ctx_share *share, uint32_t by)
{
    uint32_t w = (uint32_t)d->screen_w / by, h = (uint32_t)d->screen_h / by, handle = 0;
    uint64_t bytes = (uint64_t)w * h * 4, address = 0;
    struct clipboard_client clipboard = CTX_CLIENT(d->ctx);
    if (d->shot_job.fiber != NULL) {
        return CTX_E_BUSY;
    }
    ctx_status status = share->create(share, bytes, 0, &handle);
    if (status != CTX_OK) {
        return status;
    }
    status = share->map(share, handle, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
    if (status == CTX_OK) {
        status =
            d->screen->copy(d->screen, (void *)(uintptr_t)address, (uint32_t)bytes, by, &w, &h);
    }
    ctx_status copied = status;
    if (status == CTX_OK) {
        status = clipboard_call_put_picture(&clipboard, w, h, handle);
    }
    d->shot.handle = handle;
    d->shot.w = w;
    d->shot.h = h;
    d->shot.by = by;
    d->shot.pixels = (const uint32_t *)(uintptr_t)address;
    d->shot.copied = status == CTX_OK;
    if (copied == CTX_OK && disk_save_shot(d)) {
        return CTX_OK; /* then it says what became of it */
    }
    share->close(share, handle);
    if (status == CTX_OK) {
        taken(d, w, h, by);
    }
    return status;
}

void shot_take(struct desktop *d)
{
    const struct ctx_table *share = NULL;
    if (d->screen == NULL) {
        notices_say(d, 1, failed, "The desktop's line lacks grant=ctx.screen/1.");
        return;
    }
    ctx_status status =
        d->ctx->iface->open(d->ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1, 0, &share);
    if (status == CTX_OK) {
        status = take(d, (const struct ctx_share *)(const void *)share, shrink_for(d));
    }
    if (status != CTX_OK) {
        notices_say(d, 1, failed, why_not(status));
    }
}
