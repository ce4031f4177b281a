/* SPDX-License-Identifier: MIT */
/*
 * Restores every image whose name begins with its first word, one after the other, and says what
 * came of each: "T tried NAME: STATUS". Second word: `new` makes apps of them, which are taken out
 * of the list two calls later; `all` goes back to them as sessions; a number: of the pid of an app
 * that goes back to them. Behind each restore it asks for the image to be removed, so that it finds
 * its place again when it itself went back, or began anew on another machine.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define ALL UINT64_MAX
#define NEW (UINT64_MAX - 1)

static const struct ctx_image *image;
static const struct ctx_control *control;
static struct ctx_image_info infos[4];
static uint64_t target, made;
static uint32_t job, removal, epoch, wait, tried;
static int busy, done;
static char prefix[32], name[64];

static void begin(struct ctx *ctx)
{
    char text[32];
    word(ctx, 0, prefix);
    word(ctx, 1, text);
    target = same(text, "new") ? NEW : same(text, "all") ? ALL : number(text);
    image = (const struct ctx_image *)open(ctx, CTX_ID_IMAGE);
    control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
}

static void tell(struct ctx *ctx, uint32_t status, const uint8_t *why)
{
    struct line l = {0};
    put(&l, "T tried ");
    put(&l, name);
    put(&l, ": ");
    put_number(&l, (int32_t)status);
    put(&l, " ");
    put(&l, (const char *)why);
    send(ctx, &l);
    tried++;
}

static int begins(const uint8_t *text, const char *with)
{
    while (*with != 0 && *text == (uint8_t)*with) {
        text++;
        with++;
    }
    return *with == 0;
}

/* The first one that is left. */
static int find(struct ctx *ctx)
{
    uint32_t count = 0;
    ctx_status status = image->list(image, infos, sizeof infos, sizeof infos[0], &count);
    if (status != CTX_OK) {
        say(ctx, "list FAIL", status);
        return 0;
    }
    for (uint32_t i = 0; i < count && i < 4; i++) {
        if (begins(infos[i].name, prefix)) {
            memcpy(name, infos[i].name, sizeof name);
            return 1;
        }
    }
    return 0;
}

static void next(struct ctx *ctx)
{
    if (!find(ctx)) {
        if (!done) {
            say(ctx, "none left", tried);
        }
        done = 1;
        return;
    }
    ctx_status a = image->restore(image, target, name, length(name), &job);
    ctx_status b = image->remove(image, name, length(name), &removal);
    if (a != CTX_PENDING || b != CTX_PENDING) {
        say(ctx, "restore FAIL", a);
        say(ctx, "remove FAIL", b);
        done = 1;
        return;
    }
    busy = 2;
}

static void look(struct ctx *ctx)
{
    struct ctx_image_job how = {.size = sizeof how};
    if (busy == 2) {
        if (image->poll(image, job, &how) != CTX_OK) {
            say(ctx, "poll FAIL", (int64_t)job);
            busy = 1;
            return;
        }
        if (how.status == CTX_PENDING) {
            return;
        }
        tell(ctx, how.status, how.why);
        made = target == NEW && how.status == CTX_OK ? how.pid : 0;
        wait = target != ALL && how.status == CTX_OK ? 3 : 0;
        busy = 1;
    }
    if (removal != 0) {
        if (image->poll(image, removal, &how) != CTX_OK || how.status != CTX_PENDING) {
            removal = 0;
            if (how.status != CTX_OK) {
                say(ctx, "remove FAIL", (int32_t)how.status);
            }
        }
    }
    if (wait > 0 && --wait == 0 && made != 0) {
        control->remove(control, made);
    }
    busy = removal != 0 || wait > 0;
}

int32_t _start(struct ctx *ctx)
{
    if (image == 0) {
        begin(ctx);
        epoch = ctx->epoch;
    }
    if (ctx->epoch != epoch) { /* it went back: those jobs are another one's */
        epoch = ctx->epoch;
        busy = 0;
        done = 0;
        removal = 0;
        wait = 0;
        say(ctx, "went back, epoch", epoch);
    }
    if (busy) {
        look(ctx);
    } else {
        next(ctx);
    }
    return CTX_AGAIN;
}
