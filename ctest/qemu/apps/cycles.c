/* SPDX-License-Identifier: MIT */
/*
 * Starts apps that fault, kills them, and begins again, as often as its word says: the machine's
 * counters come back exactly. Every eighth is left until it is stopped for three faults in a row.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

__asm__(".section .rodata\n"
        "child: .incbin \"" CHILD "\"\n"
        "child_end:\n"
        ".text\n");
extern const uint8_t child[] __attribute__((visibility("hidden")));
extern const uint8_t child_end[] __attribute__((visibility("hidden")));

#define AT_ONCE 16u
#define ROOM    32u

static const struct ctx_loader *loader;
static const struct ctx_control *control;
static const struct ctx_system *system;
static const struct ctx_apps *apps;
static uint64_t wanted, started, killed, stopped, rounds;
static struct ctx_system_info before;

static void look(struct ctx *ctx, struct ctx_system_info *info)
{
    *info = (struct ctx_system_info){.size = sizeof *info};
    if (system->info(system, info) != CTX_OK) {
        say(ctx, "info FAIL", 0);
    }
}

static void start_some(struct ctx *ctx)
{
    for (uint32_t i = 0; i < AT_ONCE && started < wanted; i++) {
        uint64_t pid;
        ctx_status status =
            loader->start(loader, child, (uint32_t)(child_end - child), "crasher", 7, &pid);
        if (status != CTX_OK) {
            say(ctx, "start FAIL", status);
            wanted = started;
            return;
        }
        started++;
    }
}

/* How many children there are still. */
static uint32_t kill_some(struct ctx *ctx)
{
    static struct ctx_app_info list[ROOM];
    uint32_t count = 0, alive = 0;
    apps->list(apps, list, sizeof list, sizeof list[0], &count);
    for (uint32_t i = 0; i < count && i < ROOM; i++) {
        const struct ctx_app_info *a = &list[i];
        if (!same((const char *)a->name, "crasher")) {
            continue;
        }
        alive++;
        if (a->faults == 0 || (a->pid % 8 == 0 && a->state != CTX_APP_STOPPED)) {
            continue;
        }
        stopped += a->state == CTX_APP_STOPPED;
        killed++;
        if (control->remove(control, a->pid) != CTX_OK) {
            say(ctx, "remove FAIL", (int64_t)a->pid);
        }
    }
    return alive;
}

int32_t _start(struct ctx *ctx)
{
    if (loader == NULL) {
        char text[32];
        word(ctx, 0, text);
        wanted = number(text);
        loader = (const struct ctx_loader *)open(ctx, CTX_ID_LOADER);
        control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
        system = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
        apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    }
    if (kill_some(ctx) > 0) {
        return CTX_AGAIN;
    }
    if (rounds++ == 1) { /* the first round makes what is made once */
        look(ctx, &before);
    }
    if (started < wanted) {
        start_some(ctx);
        return CTX_AGAIN;
    }
    struct ctx_system_info after;
    look(ctx, &after);
    say(ctx, "killed", (int64_t)killed);
    say(ctx, "stopped", (int64_t)stopped);
    say(ctx, "lost", (int64_t)(before.memory_free - after.memory_free));
    say(ctx, "more-apps", (int64_t)after.apps - (int64_t)before.apps);
    system->power_off(system);
    return CTX_WAIT;
}
