/* SPDX-License-Identifier: MIT */
#include "statehash.h"

#include "inject.h"
#include "pack.h"
#include "resource.h"
#include "save.h"

#include <kernel/klog.h>
#include <kernel/string.h>

struct sums {
    uint64_t data, pixels;
};

static void add_page(void *arg, uint64_t offset, const uint8_t *page)
{
    struct sums *s = arg;
    uint64_t *sum = offset >= CTX_SLOT_CANVAS ? &s->pixels : &s->data;
    uint64_t words[3] = {*sum, offset, checksum(page, PAGE_SIZE)};
    *sum = checksum(words, sizeof words);
}

static bool all; /* [boot] writes, [loop, in a call] read. */

void statehash_all(void)
{
    all = true;
}

static void log_hash(struct app *app)
{
    struct sums s = {app->store, 0};
    app_each_page(app, true, add_page, &s);
    log_info("app", "HASH name=%s calls=%lu data=%lx pixels=%lx injected=%lu", app->name,
             app->calls, s.data, s.pixels, inject_count(app));
}

static bool word(struct app *app, const char *word, size_t len)
{
    bool is = len == 4 && memcmp(word, "hash", 4) == 0;
    app->hashes |= is;
    return is;
}

static bool at_calls(const struct app *app)
{
    return all || app->hashes;
}

static void end(struct app *app, enum app_ending how, bool served)
{
    if (how == ENDED_WELL && !served) {
        log_hash(app);
    }
}

const struct app_resource statehash_resource = {
    .name = "hashes",
    .word = word,
    .at_calls = at_calls,
    .end = end,
};
