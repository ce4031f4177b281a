/* SPDX-License-Identifier: MIT */
/*
 * For clipboard.py: copies and pastes, one word of its line after another.
 *
 *   put TEXT, long BYTES, wrong    texts: this one, so many x, one that is not UTF-8
 *   get, look                      says what is there
 *   draw W H, see W H              a picture, and whether exactly that one is there
 *   stop PID, restart PID          by ctx.control/1
 *   frames N                       comes back N frames later
 */
#include <clip.h>
#include <ctx/note.h>

CTX_NOTE(3);

struct state {
    struct clip clip;
    uint32_t word, frames;
};

static struct ctx *context;

static void say(const char *what, int64_t status, const char *text, uint32_t len)
{
    char line[160];
    uint32_t n = 0;
    uint64_t v = status < 0 ? 0 - (uint64_t)status : (uint64_t)status;
    char digits[20];
    uint32_t d = 0;
    for (const char *p = "T "; *p != 0; p++) {
        line[n++] = *p;
    }
    for (; *what != 0; what++) {
        line[n++] = *what;
    }
    line[n++] = ' ';
    if (status < 0) {
        line[n++] = '-';
    }
    do {
        digits[d++] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    while (d > 0) {
        line[n++] = digits[--d];
    }
    line[n++] = ' ';
    for (uint32_t i = 0; i < len && n < sizeof line; i++) {
        line[n++] = text[i];
    }
    context->log((const uint8_t *)line, n);
}

static const struct ctx_args *args;

/* A word of the line; 0: there is none. */
static uint32_t word(struct state *s, char *text, uint32_t room)
{
    uint32_t len = 0;
    if (args->get(args, s->word, text, room - 1, &len) != CTX_OK) {
        return 0;
    }
    s->word++;
    text[len < room ? len : room - 1] = 0;
    return len;
}

static uint32_t number(struct state *s)
{
    char text[16] = {0};
    uint32_t v = 0;
    word(s, text, sizeof text);
    for (uint32_t i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
        v = v * 10 + (uint32_t)(text[i] - '0');
    }
    return v;
}

static uint32_t pixel(uint32_t i)
{
    return i * 2654435761u ^ i >> 7;
}

/* Both ways with memory of our own: draw fills it before, see looks at it behind. */
static void picture(struct state *s, int draws)
{
    const struct ctx_table *table = 0;
    uint32_t w = number(s), h = number(s), handle = 0, wrong = 0;
    uint64_t address = 0;
    struct clipboard_content content;
    context->iface->open(context->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1, 0, &table);
    const struct ctx_share *share = (const struct ctx_share *)table;
    uint64_t pixels = (uint64_t)w * h;
    if (pixels > 5000000) {
        pixels = 1; /* it is refused before anybody looks */
    }
    if (share->create(share, pixels * 4 + (pixels == 0), CTX_SHARE_ZERO, &handle) != CTX_OK ||
        share->map(share, handle, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) != CTX_OK) {
        say("no memory", 0, "", 0);
        return;
    }
    uint32_t *at = (uint32_t *)(uintptr_t)address;
    for (uint32_t i = 0; draws && i < pixels; i++) {
        at[i] = pixel(i);
    }
    s->clip.client.of.ctx = context;
    if (draws) {
        say("draw", clipboard_call_put_picture(&s->clip.client, w, h, handle), "", 0);
    } else {
        ctx_status status = clipboard_call_get_picture(&s->clip.client, handle, &content);
        for (uint32_t i = 0; i < pixels; i++) {
            wrong += at[i] != pixel(i);
        }
        say("see", status, "", 0);
        if (status == CTX_OK) {
            say("wrong", wrong, "", 0);
            say("size", content.w * 10000 + content.h, "", 0);
        }
    }
    share->close(share, handle);
}

static int is(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static void text(struct state *s, const char *what)
{
    static char buffer[80000];
    uint32_t len = 0;
    if (is(what, "put")) {
        len = word(s, buffer, sizeof buffer);
    } else if (is(what, "long")) {
        len = number(s);
        for (uint32_t i = 0; i < len; i++) {
            buffer[i] = 'x';
        }
    } else {
        buffer[len++] = (char)0xc3;
    }
    say(what, clip_put(&s->clip, context, buffer, len), "", 0);
}

static void control(struct state *s, const char *what)
{
    const struct ctx_table *table = 0;
    uint32_t pid = number(s);
    if (context->iface->open(context->iface, CTX_ID_CONTROL, sizeof CTX_ID_CONTROL - 1, 0,
                             &table) == CTX_OK) {
        const struct ctx_control *c = (const struct ctx_control *)table;
        say(what, is(what, "stop") ? c->stop(c, pid) : c->restart(c, pid), "", 0);
    }
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    const struct ctx_table *table = 0;
    char what[64];
    context = ctx;
    ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table);
    args = (const struct ctx_args *)table;
    if (s == 0) {
        s = *ctx->store = ctx->mem->alloc(ctx->mem, sizeof *s, 16, CTX_MEM_ZERO);
    }
    if (s->frames > 0) {
        s->frames--;
        return CTX_AGAIN;
    }
    while (word(s, what, sizeof what) > 0) {
        if (is(what, "frames")) {
            s->frames = number(s);
            return CTX_AGAIN;
        }
        if (is(what, "draw") || is(what, "see")) {
            picture(s, is(what, "draw"));
        } else if (is(what, "stop") || is(what, "restart")) {
            control(s, what);
        } else if (is(what, "get")) {
            char got[100];
            uint32_t len = clip_get(&s->clip, ctx, got, sizeof got);
            say("got", len, got, len);
        } else if (is(what, "look")) {
            struct clipboard_content content;
            s->clip.client.of.ctx = ctx;
            ctx_status status = clipboard_call_look(&s->clip.client, &content);
            say("look", status == CTX_OK ? (int64_t)content.kind : (int64_t)status, "", 0);
            if (status == CTX_OK) {
                say("bytes", (int64_t)content.bytes, "", 0);
            }
        } else {
            text(s, what);
        }
    }
    return CTX_EXIT(0);
}
