/* SPDX-License-Identifier: MIT */
#include "statehash.h"

#include "inject.h"
#include "pack.h"
#include "save.h"

#include <kernel/klog.h>

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

static bool all;

void statehash_all(void)
{
    all = true;
}

bool statehash_wanted(const struct app *app)
{
    return all || app->hashes;
}

void statehash_log(struct app *app)
{
    struct sums s = {app->store, 0};
    app_each_page(app, true, add_page, &s);
    log_info("app", "HASH name=%s calls=%lu data=%lx pixels=%lx injected=%lu", app->name,
             app->calls, s.data, s.pixels, inject_count(app));
}
