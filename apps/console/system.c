/* SPDX-License-Identifier: MIT */
#include "system.h"

#include <stdio.h>
#include <string.h>

#define LISTED 64u

const void *system_open(struct console *c, const char *id)
{
    const struct ctx_table *table = NULL;
    if (CTX_HAS(c->ctx, iface)) {
        c->ctx->iface->open(c->ctx->iface, id, (uint32_t)strlen(id), sizeof(struct ctx_table),
                            &table);
    }
    return table;
}

void system_missing(struct console *c, const char *id)
{
    console_printf(
        c, TEXT_ERROR,
        c->language == 1 ? "ce noyau n'offre pas %s\n" : "this kernel does not offer %s\n", id);
}

void system_denied(struct console *c, ctx_status status, const char *id)
{
    console_printf(c, TEXT_ERROR,
                   c->language == 1 ? "refusé (%s): il manque grant=%s\n"
                                    : "refused (%s): it takes grant=%s\n",
                   ctx_status_name(status), id);
}

static int count_trusted(struct console *c, uint64_t *count)
{
    const struct ctx_system *system = system_open(c, CTX_ID_SYSTEM);
    struct ctx_system_info info = {.size = sizeof info};
    int knows = system != NULL && system->info(system, &info) == CTX_OK;
    *count = info.trusted;
    return knows;
}

enum system_isolation system_isolation(struct console *c)
{
    uint64_t trusted;
    if (!count_trusted(c, &trusted)) {
        return ISOLATION_UNKNOWN;
    }
    return trusted == 0 ? ISOLATION_HOLDS : ISOLATION_BROKEN;
}

/* One app that nobody verified is enough: it can reach all the others. */
static void say_trusted(struct console *c, uint64_t trusted)
{
    int fr = c->language == 1;
    if (trusted == 0) {
        console_print(c, TEXT_DIM,
                      fr ? "isolées: toutes sont vérifiées\n" : "isolated: all are verified\n");
    } else {
        console_printf(c, TEXT_DIM,
                       fr ? "rien n'est isolé: %lu lancements sans vérification\n"
                          : "nothing is isolated: %lu began unverified\n",
                       (unsigned long)trusted);
    }
}

void system_apps(struct console *c)
{
    static const char states[][8] = {"ready",  "waiting", "stopped", "exited",
                                     "paused", "restart", "needs"};
    static struct ctx_app_info list[LISTED];
    const struct ctx_apps *apps = system_open(c, CTX_ID_APPS);
    uint32_t count = 0;
    if (apps == NULL || apps->list(apps, list, sizeof list, sizeof list[0], &count) != CTX_OK) {
        system_missing(c, CTX_ID_APPS);
        return;
    }
    /* 61 columns: the window as it opens on a screen of 1280 pixels */
    console_print(c, TEXT_DIM, " pid name         v state    calls mean us  max us    KiB bad\n");
    for (uint32_t i = 0; i < count && i < LISTED; i++) {
        const struct ctx_app_info *a = &list[i];
        unsigned long calls = a->calls != 0 ? a->calls : 1;
        console_printf(c, TEXT_RESULT, "%4lu %-12.12s %u %-7s %6lu %7lu %7lu %6lu %3lu\n",
                       (unsigned long)a->pid, (const char *)a->name, (unsigned)a->version,
                       states[a->state < sizeof states / sizeof states[0] ? a->state : 0],
                       (unsigned long)a->calls, (unsigned long)(a->time_ns / calls / 1000),
                       (unsigned long)(a->longest_ns / 1000), (unsigned long)(a->memory / 1024),
                       (unsigned long)a->faults);
    }
    if (count > LISTED) {
        console_printf(c, TEXT_DIM, "... %u\n", (unsigned)(count - LISTED));
    }
    uint64_t trusted;
    if (count_trusted(c, &trusted)) {
        say_trusted(c, trusted);
    }
}

/* The name of the app with this number, among those that system_apps would list. */
static const char *name_of(struct console *c, uint64_t pid)
{
    static struct ctx_app_info list[LISTED];
    const struct ctx_apps *apps = system_open(c, CTX_ID_APPS);
    uint32_t count = 0;
    if (apps != NULL && apps->list(apps, list, sizeof list, sizeof list[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count && i < LISTED; i++) {
            if (list[i].pid == pid) {
                return (const char *)list[i].name;
            }
        }
    }
    return "?";
}

void system_services(struct console *c)
{
    static struct ctx_service_info list[LISTED];
    const struct ctx_service *service = system_open(c, CTX_ID_SERVICE);
    int fr = c->language == 1;
    uint32_t count = 0;
    if (service == NULL ||
        service->list(service, list, sizeof list, sizeof list[0], &count) != CTX_OK) {
        system_missing(c, CTX_ID_SERVICE);
        return;
    }
    if (count == 0) {
        console_print(c, TEXT_DIM,
                      fr ? "aucune application n'offre rien\n"
                         : "no app offers anything to others\n");
        return;
    }
    /* As wide as a list of apps; an id of more than 23 bytes goes on below. */
    console_print(c, TEXT_DIM, " pid provider     users    calls      ms interface\n");
    for (uint32_t i = 0; i < count && i < LISTED; i++) {
        const struct ctx_service_info *s = &list[i];
        int behind = (s->flags & CTX_SERVICE_CURRENT) == 0;
        console_printf(c, behind ? TEXT_DIM : TEXT_RESULT, "%4lu %-12.12s %5u %8lu %7lu %.64s%s\n",
                       (unsigned long)s->provider, name_of(c, s->provider), (unsigned)s->users,
                       (unsigned long)s->calls, (unsigned long)(s->time_ns / 1000000),
                       (const char *)s->id,
                       !behind ? (s->flags & CTX_SERVICE_NEEDS_GRANT) != 0 ? " use=" : ""
                       : fr    ? " en réserve"
                               : " stands behind");
    }
    if (count > LISTED) {
        console_printf(c, TEXT_DIM, "... %u\n", (unsigned)(count - LISTED));
    }
}

void system_memory(struct console *c)
{
    int fr = c->language == 1;
    struct ctx_mem_usage usage = {.size = sizeof usage};
    if (!CTX_HAS(c->ctx, mem) || c->ctx->mem->usage(c->ctx->mem, &usage) != CTX_OK) {
        system_missing(c, "mem");
        return;
    }
    console_printf(c, TEXT_RESULT,
                   fr ? "moi: %lu blocs, %lu Kio, au plus %lu Kio\n"
                      : "mine: %lu blocks, %lu KiB, at most %lu KiB\n",
                   (unsigned long)usage.blocks, (unsigned long)(usage.committed / 1024),
                   (unsigned long)(usage.quota / 1024));
    const struct ctx_system *system = system_open(c, CTX_ID_SYSTEM);
    struct ctx_system_info info = {.size = sizeof info};
    if (system != NULL && system->info(system, &info) == CTX_OK) {
        console_printf(c, TEXT_RESULT,
                       fr ? "machine: %lu Kio, dont %lu libres, %u applications\n"
                          : "machine: %lu KiB, %lu of them free, %u apps\n",
                       (unsigned long)(info.memory / 1024),
                       (unsigned long)(info.memory_free / 1024), (unsigned)info.apps);
    }
}

void system_end(struct console *c, int reboot)
{
    const struct ctx_system *system = system_open(c, CTX_ID_SYSTEM);
    if (system == NULL) {
        system_missing(c, CTX_ID_SYSTEM);
        return;
    }
    ctx_status status = reboot ? system->reboot(system) : system->power_off(system);
    if (status != CTX_OK) {
        system_denied(c, status, CTX_ID_SYSTEM);
    }
}
