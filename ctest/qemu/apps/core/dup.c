/* SPDX-License-Identifier: MIT */
/* saves victim (pid 0) as "v", restarts it (fresh slot), restores the image as a NEW app, lists
 * pids */
#include "v3.h"
#include <ctx/note.h>
#include <ctx/tables.h>
CTX_NOTE(3);
static int step;
static uint32_t job;
static uint64_t wait;
static const struct ctx_image *image;
static const struct ctx_control *control;
static const struct ctx_apps *apps;
static struct ctx_image_job j;
static int done(struct ctx *ctx, const char *what)
{
    j.size = sizeof j;
    ctx_status s = image->poll(image, job, (struct ctx_image_job *)&j);
    if (s != CTX_OK) {
        say(ctx, "poll", s);
        return 1;
    }
    if ((int)j.status == CTX_PENDING)
        return 0;
    say(ctx, what, (int)j.status);
    say(ctx, "made pid", j.pid);
    struct line l = {0};
    put(&l, "why ");
    put(&l, (const char *)j.why);
    send(ctx, &l);
    return 1;
}
static void list(struct ctx *ctx)
{
    static struct ctx_app_info a[16];
    uint32_t n = 0;
    apps->list(apps, a, sizeof a, sizeof a[0], &n);
    for (uint32_t i = 0; i < n; i++) {
        struct line l = {0};
        put(&l, "T app ");
        put(&l, (const char *)a[i].name);
        put(&l, " pid ");
        put_number(&l, a[i].pid);
        put(&l, " calls ");
        put_number(&l, a[i].calls);
        send(ctx, &l);
    }
}
int _start(struct ctx *ctx)
{
    if (!image) {
        image = (void *)open(ctx, "ctx.image/1");
        control = (void *)open(ctx, "ctx.control/1");
        apps = (void *)open(ctx, "ctx.apps/1");
    }
    switch (step) {
    case 0:
        if (++wait < 30)
            break;
        image->save(image, 0, "v", 1, &job);
        step++;
        break;
    case 1:
        if (done(ctx, "save")) {
            say(ctx, "restart", control->restart(control, 0));
            step++;
            wait = 0;
        }
        break;
    case 2:
        if (++wait < 30)
            break;
        image->restore(image, UINT64_MAX - 1, "v", 1, &job);
        step++;
        break;
    case 3:
        if (done(ctx, "restore new")) {
            step++;
            wait = 0;
        }
        break;
    case 4:
        if (++wait < 10)
            break;
        list(ctx);
        say(ctx, "stop pid 0", control->stop(control, 0));
        step++;
        wait = 0;
        break;
    case 5:
        if (++wait < 10)
            break;
        list(ctx);
        return CTX_EXIT(0);
    }
    return CTX_AGAIN;
}
