/* SPDX-License-Identifier: MIT */
/* Does what its argument says with tables that need a grant: info, reboot, power_off, start. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

/* The file that it starts. */
__asm__(".section .rodata\n"
        "child: .incbin \"" CHILD "\"\n"
        "child_end:\n"
        ".text\n");
extern const uint8_t child[] __attribute__((visibility("hidden")));
extern const uint8_t child_end[] __attribute__((visibility("hidden")));

int32_t _start(struct ctx *ctx)
{
    char what[32];
    word(ctx, 0, what);
    const struct ctx_system *system = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
    const struct ctx_loader *loader = (const struct ctx_loader *)open(ctx, CTX_ID_LOADER);
    if (same(what, "info")) {
        struct ctx_system_info info = {.size = sizeof info};
        say(ctx, "info", system->info(system, &info));
        say(ctx, "apps", info.apps);
        say(ctx, "memory", (int64_t)(info.memory >> 20));
        say(ctx, "plausible", info.memory_free < info.memory && info.uptime_ns <= now(ctx));
    } else if (same(what, "reboot")) {
        say(ctx, "reboot", system->reboot(system));
    } else if (same(what, "power_off")) {
        say(ctx, "power_off", system->power_off(system));
    } else {
        static const char name[] = "child hello grant=ctx.system/1";
        uint64_t pid = 99;
        uint32_t len = (uint32_t)(child_end - child);
        say(ctx, "start", loader->start(loader, child, len, name, sizeof name - 1, &pid));
        say(ctx, "pid", (int64_t)pid);
        say(ctx, "start-bad", loader->start(loader, child, len / 2, "half", 4, &pid));
    }
    return CTX_WAIT;
}
