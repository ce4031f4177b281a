/* @NAME@ - an app is a function, called once per frame; the OS is its argument. */
#include <ctx/ctx.h>
#include <ctx/note.h>

CTX_NOTE(3); /* made for version 3 of the Context */

#define W 320
#define H 200

/* What is kept between calls. */
static uint32_t surface;
static uint32_t *pixels; /* RGBA, row by row */
static uint32_t frame;

static void log_text(struct ctx *ctx, const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    ctx->log((const uint8_t *)text, len);
}

static int32_t begin(struct ctx *ctx)
{
    ctx_status status = ctx->display->create(ctx->display, W, H, CTX_SURFACE_RGBX, 0, &surface);
    if (status != CTX_OK) {
        log_text(ctx, "no surface");
        return CTX_EXIT(1);
    }
    pixels = ctx->display->pixels(ctx->display, surface);
    log_text(ctx, "@NAME@ begins");
    return CTX_AGAIN;
}

int32_t _start(struct ctx *ctx)
{
    if (pixels == 0) {
        return begin(ctx);
    }
    frame++;
    for (uint32_t y = 0; y < H; y++) {
        for (uint32_t x = 0; x < W; x++) {
            uint32_t r = (x + frame) & 255, g = (y + frame / 2) & 255;
            pixels[y * W + x] = r | g << 8 | 0x800000;
        }
    }
    ctx->display->damage(ctx->display, surface, 0, 0, W, H);
    return CTX_AGAIN; /* once more with the next frame */
}
