/* SPDX-License-Identifier: MIT */
/*
 * Everything at once, by chance, for so many milliseconds: children (soakkid.c) are started,
 * stopped, restarted, paused, removed, run by this host in every way, saved and put back; its own
 * surfaces and blocks come and go. It cleans up now and then: memory and apps must be as they were
 * after the first such time. Says "T soak ok", or FAIL and why.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

__asm__(".section .rodata\n"
        "kid: .incbin \"" CHILD "\"\n"
        "kid_end:\n"
        ".text\n");
extern const uint8_t kid[] __attribute__((visibility("hidden")));
extern const uint8_t kid_end[] __attribute__((visibility("hidden")));

#define KIDS    10u
#define HANDLES 24u
#define JOBS    8u
#define NAMES   12u
#define LIST    64u
#define ROUND   600u /* calls between two clean-ups */

static const struct ctx_loader *loader;
static const struct ctx_control *control;
static const struct ctx_system *sys;
static const struct ctx_apps *apps;
static const struct ctx_host *host;
static const struct ctx_image *image;

static uint32_t handles[HANDLES], jobs[JOBS], surfaces[6];
static void *blocks[16];
static uint64_t chance_state, until_ns, times, calls, done[16];
static uint32_t cleaning, rounds, failed;
static struct ctx_system_info before;

static uint64_t chance(uint64_t of)
{
    uint64_t x = chance_state += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return (x ^ x >> 31) % of;
}

static void fail(struct ctx *ctx, const char *what, int64_t value)
{
    struct line l = {0};
    put(&l, "T soak FAIL ");
    put(&l, what);
    put(&l, " ");
    put_number(&l, value);
    if (failed++ < 5) {
        send(ctx, &l);
    }
}

/* The children there are. */
static uint32_t list_kids(uint64_t pids[LIST])
{
    static struct ctx_app_info list[LIST];
    uint32_t count = 0, kids = 0;
    apps->list(apps, list, sizeof list, sizeof list[0], &count);
    for (uint32_t i = 0; i < count && i < LIST; i++) {
        if (same((const char *)list[i].name, "kid")) {
            pids[kids++] = list[i].pid;
        }
    }
    return kids;
}

/* In place of a child's function. */
static void serve(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    switch (chance(16)) {
    case 0: /* the default: AGAIN, or NULL */
        return;
    case 1:
        for (volatile uint32_t i = 0; i < 3000000; i++) { /* slow */
        }
        host->forward(host, call->child, call);
        return;
    case 2:
        if (host->close(host, call->child) != CTX_E_BUSY) {
            call->result = 0;
        }
        return;
    case 3: {
        uint64_t bytes = 0, at = call->args[chance(6)]; /* its memory, or anything; as it was */
        if (host->copy_in(host, call->child, at, &bytes, 8) == CTX_OK) {
            host->copy_out(host, call->child, at, &bytes, 8);
        }
        host->forward(host, call->child, call);
        return;
    }
    default:
        host->forward(host, call->child, call);
    }
}

static void start(void)
{
    static const char *const lines[] = {
        "kid quiet host=soak",
        "kid fault restart=undo host=soak",
        "kid undo restart=undo mem=4M host=soak",
        "kid loop restart=undo overrun=restart:20 budget=4ms host=soak",
        "kid fault restart=on-fault host=soak",
        "kid loop restart=always overrun=stop:30 budget=2ms share=30% host=soak",
    };
    const char *text = lines[chance(6)];
    uint64_t pid;
    loader->start(loader, kid, (uint32_t)(kid_end - kid), text, length(text), &pid);
}

static void name_of(char name[8], uint64_t number)
{
    name[0] = 's';
    name[1] = (char)('a' + number % 26);
}

static void keep_job(struct ctx *ctx, ctx_status status, const uint32_t *job)
{
    for (uint32_t i = 0; status == CTX_PENDING && i < JOBS; i++) {
        if (jobs[i] == 0) {
            jobs[i] = *job;
            return;
        }
    }
    if (status == CTX_PENDING) {
        fail(ctx, "too many jobs", *job);
    }
}

static uint32_t poll_jobs(void)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < JOBS; i++) {
        struct ctx_image_job how = {.size = sizeof how};
        if (jobs[i] != 0 && (image->poll(image, jobs[i], &how) != CTX_OK ||
                             (ctx_status)how.status != CTX_PENDING)) {
            jobs[i] = 0;
        }
        left += jobs[i] != 0;
    }
    return left;
}

static void wrap(struct ctx *ctx, uint64_t pid)
{
    static const char *const words[] = {"log",         "mem",        "display", "trace",
                                        "time,events", "alloc,free", ""};
    uint32_t i = (uint32_t)chance(HANDLES);
    if (handles[i] != 0) {
        host->close(host, handles[i]);
        handles[i] = 0;
        return;
    }
    if (host->open(host, pid, &handles[i]) != CTX_OK) {
        handles[i] = 0;
        return;
    }
    const char *w = words[chance(7)];
    ctx_status status = host->wrap(host, handles[i], w, length(w), serve, pid);
    if (status != CTX_OK && status != CTX_E_STALE) {
        fail(ctx, "wrap", status);
    }
}

static void images(struct ctx *ctx, uint64_t pid)
{
    char name[8];
    uint32_t job = 0;
    if (poll_jobs() > JOBS - 2) {
        return;
    }
    name_of(name, chance(NAMES));
    switch (chance(6)) {
    case 0:
        keep_job(ctx, image->restore(image, UINT64_MAX - 1, name, 2, &job), &job);
        break;
    case 1:
        keep_job(ctx, image->remove(image, name, 2, &job), &job);
        break;
    case 2:
    case 3:
        keep_job(ctx, image->restore(image, pid, name, 2, &job), &job);
        break;
    default:
        keep_job(ctx, image->save(image, pid, name, 2, &job), &job);
    }
}

static void own(struct ctx *ctx)
{
    uint32_t i = (uint32_t)chance(6), side = 1 + (uint32_t)chance(90);
    if (surfaces[i] == 0) {
        if (ctx->display->create(ctx->display, side, side, CTX_SURFACE_RGBA, 0, &surfaces[i]) !=
            CTX_OK) {
            surfaces[i] = 0;
        }
    } else if (chance(2) == 0) {
        ctx->display->destroy(ctx->display, surfaces[i]);
        surfaces[i] = 0;
    } else {
        ctx->display->resize(ctx->display, surfaces[i], side, side);
    }
    i = (uint32_t)chance(16);
    if (blocks[i] == NULL) {
        blocks[i] = ctx->mem->alloc(ctx->mem, 5000, 16, 0);
    } else if (ctx->mem->free(ctx->mem, blocks[i], 5000, 16) == CTX_OK) {
        blocks[i] = NULL;
    }
}

static void act(struct ctx *ctx)
{
    uint64_t pids[LIST];
    uint32_t count = list_kids(pids);
    uint64_t pid = count > 0 ? pids[chance(count)] : 99999;
    uint64_t what = chance(16);
    done[what]++;
    switch (what) {
    case 0:
    case 1:
    case 2:
        if (count < KIDS) {
            start();
        }
        break;
    case 3:
        control->remove(control, pid);
        break;
    case 4:
        control->restart(control, pid);
        break;
    case 5:
        control->pause(control, pid);
        break;
    case 6:
        control->resume(control, pid);
        break;
    case 7:
        control->stop(control, pid);
        break;
    case 8:
    case 9:
        own(ctx);
        break;
    case 10:
    case 11:
        wrap(ctx, pid);
        break;
    default:
        images(ctx, pid);
    }
    times++;
}

/* Places for handles are kept, with how often each was used, so all are made before anything is
 * compared. */
static void open_all(struct ctx *ctx)
{
    uint64_t pids[LIST];
    uint32_t open = 0;
    if (list_kids(pids) == 0) {
        start();
    }
    for (uint32_t i = 0; list_kids(pids) > 0 && i < HANDLES; i++) {
        open += handles[i] != 0 || host->open(host, pids[0], &handles[i]) == CTX_OK;
    }
    if (open != HANDLES) {
        fail(ctx, "handles open", open);
    }
}

/* True: nothing is left of anything. */
static int clean(struct ctx *ctx)
{
    uint64_t pids[LIST];
    if (poll_jobs() > 0) {
        return 0;
    }
    for (uint32_t i = 0; i < HANDLES; i++) {
        if (handles[i] != 0) {
            host->close(host, handles[i]);
            handles[i] = 0;
        }
    }
    for (uint32_t i = 0; i < 6; i++) {
        if (surfaces[i] != 0) {
            ctx->display->destroy(ctx->display, surfaces[i]);
            surfaces[i] = 0;
        }
    }
    for (uint32_t i = 0; i < 16; i++) {
        if (blocks[i] != NULL) {
            ctx->mem->free(ctx->mem, blocks[i], 5000, 16);
            blocks[i] = NULL;
        }
    }
    uint32_t count = list_kids(pids);
    for (uint32_t i = 0; i < count; i++) {
        control->remove(control, pids[i]);
    }
    struct ctx_image_info infos[NAMES];
    uint32_t kept = 0;
    image->list(image, infos, sizeof infos, sizeof infos[0], &kept);
    for (uint32_t i = 0; i < kept && i < JOBS / 2; i++) {
        uint32_t job = 0;
        const char *name = (const char *)infos[i].name;
        keep_job(ctx, image->remove(image, name, length(name), &job), &job);
    }
    return count == 0 && kept == 0;
}

static void compare(struct ctx *ctx)
{
    struct ctx_system_info after = {.size = sizeof after};
    sys->info(sys, &after);
    rounds++;
    if (rounds == 3) { /* what is made once is made by now */
        before = after;
    } else if (rounds > 3) {
        int64_t lost = (int64_t)(before.memory_free - after.memory_free);
        if (lost > 0 || after.apps != before.apps) {
            fail(ctx, after.apps != before.apps ? "apps" : "bytes lost", lost);
        }
    }
    if (rounds % 32 == 0) {
        say(ctx, "rounds", rounds);
    }
}

int32_t _start(struct ctx *ctx)
{
    if (loader == NULL) {
        char text[32];
        word(ctx, 0, text);
        until_ns = now(ctx) + number(text) * 1000000;
        word(ctx, 1, text);
        chance_state = number(text);
        loader = (const struct ctx_loader *)open(ctx, CTX_ID_LOADER);
        control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
        sys = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
        apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
        host = (const struct ctx_host *)open(ctx, CTX_ID_HOST);
        image = (const struct ctx_image *)open(ctx, CTX_ID_IMAGE);
    }
    if (!cleaning && calls == 0) {
        open_all(ctx);
    }
    if (!cleaning) {
        for (uint64_t n = chance(5); n > 0; n--) {
            act(ctx);
        }
        cleaning = ++calls % ROUND == 0;
        return CTX_AGAIN;
    }
    if (!clean(ctx)) {
        return CTX_AGAIN;
    }
    if (cleaning++ < 3) {
        return CTX_AGAIN; /* what was removed goes at the end of the turn */
    }
    cleaning = 0;
    compare(ctx);
    if (now(ctx) < until_ns || rounds < 5) {
        return CTX_AGAIN;
    }
    say(ctx, "rounds", rounds);
    say(ctx, "deeds", (int64_t)times);
    if (failed == 0) {
        struct line l = {0};
        put(&l, "T soak ok");
        send(ctx, &l);
    }
    sys->power_off(sys);
    return CTX_WAIT;
}
