/* SPDX-License-Identifier: MIT */
/* Logs every event: kind, code, value, x, y, flags. */
#include <ctx/ctx.h>
#include <ctx/note.h>
CTX_NOTE(3);
static void num(char **p, long v)
{
    char t[24];
    int n = 0;
    if (v < 0) {
        *(*p)++ = '-';
        v = -v;
    }
    do
        t[n++] = '0' + v % 10;
    while (v /= 10);
    while (n)
        *(*p)++ = t[--n];
    *(*p)++ = ' ';
}
int32_t _start(struct ctx *ctx)
{
    struct ctx_event e;
    uint32_t count;
    static int said;
    while (ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &count) == CTX_OK) {
        char b[120], *p = b;
        *p++ = 'E';
        *p++ = 'V';
        *p++ = ' ';
        num(&p, e.kind);
        num(&p, e.code);
        num(&p, e.value);
        num(&p, e.x);
        num(&p, e.y);
        num(&p, e.flags);
        ctx->log((const uint8_t *)b, (uint32_t)(p - b));
    }
    if (!said++)
        ctx->log((const uint8_t *)"EV ready", 8);
    ctx->events->wait(ctx->events,
                      0x3e & (UINT64_C(1) << CTX_EVENT_KEY | UINT64_C(1) << CTX_EVENT_TEXT |
                              UINT64_C(1) << CTX_EVENT_WHEEL | UINT64_C(1) << CTX_EVENT_POINTER));
    return CTX_WAIT;
}
