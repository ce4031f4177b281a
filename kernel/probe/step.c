/* SPDX-License-Identifier: MIT */
/*
 * A test aid: an app's word step=CALLS has so many of its calls parked behind each of their
 * instructions, and gone on with later, as if the tick had found them there. What they compute must
 * not depend on it. Calls that it serves for others are as always; costs nothing else.
 */
#include "app_words.h"
#include "heap.h"
#include "resource.h"

#include <kernel/klog.h>
#include <kernel/string.h>

struct stepping {
    uint64_t calls; /* that are still to be stepped */
    uint64_t steps; /* how often the one that goes on was parked */
    bool on;
};

extern const struct app_resource step_resource;

static struct stepping *of(const struct app *app)
{
    return *resource_part((struct app *)app, &step_resource);
}

static bool read_calls(const char *text, size_t len, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || *out > UINT32_MAX) {
            return false;
        }
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    }
    return *out > 0 && *out <= UINT32_MAX;
}

static bool word(struct app *app, const char *word, size_t len)
{
    static const char prefix[] = "step=";
    const size_t from = sizeof prefix - 1;
    uint64_t calls;
    if (len < from || memcmp(word, prefix, from) != 0) {
        return false;
    }
    if (!app_word_is_owners(app, word, len)) {
        return true;
    }
    if (!read_calls(word + from, len - from, &calls)) {
        log_warn("app", "%s: %.*s: it takes a number of calls, from 1 to 4294967295", app->name,
                 (int)len, word);
        return true;
    }
    struct stepping *s = of(app) != NULL ? of(app) : heap_alloc(sizeof *s);
    if (s == NULL) {
        log_warn("app", "%s: %.*s: no memory for it", app->name, (int)len, word);
        return true;
    }
    *s = (struct stepping){.calls = calls};
    *resource_part(app, &step_resource) = s;
    return true;
}

static bool at_calls(const struct app *app)
{
    return of(app) != NULL;
}

static void begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    struct stepping *s = of(app);
    (void)now_ns;
    if (!served && s->calls > 0) {
        s->calls--;
        s->steps = 0;
        s->on = true;
        entry->step = true;
    }
}

static void end(struct app *app, enum app_ending how, bool served)
{
    struct stepping *s = of(app);
    if (served || !s->on) {
        return;
    }
    s->steps++; /* the last one is where it ends */
    if (how != ENDED_PARKED) {
        s->on = false;
        log_info("app", "stepped name=%s pid=%lu steps=%lu ended=%s", app->name, app->pid, s->steps,
                 how == ENDED_WELL ? "well" : "badly");
    }
}

static void forget(struct app *app)
{
    heap_free(of(app), sizeof(struct stepping));
    *resource_part(app, &step_resource) = NULL;
}

const struct app_resource step_resource = {
    .name = "steps",
    .word = word,
    .at_calls = at_calls,
    .begin = begin,
    .end = end,
    .forget = forget,
};
