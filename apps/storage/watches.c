/* SPDX-License-Identifier: MIT */
/* Who wants to know when something changes. */
#include "storage.h"

#include <ctx/tables.h>

#include <string.h>

/* Whether what lies at `path` lies at, or below, `watched`. */
static bool is_below(const char *path, const char *watched)
{
    size_t n = strlen(watched);
    n = n == 1 ? 0 : n; /* all there is */
    return strncmp(path, watched, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static void tell(const char *path, bool whole)
{
    for (uint32_t i = 0; i < WATCHES_MOST; i++) {
        struct watch *w = &storage.watches[i];
        if (w->request != 0 && (is_below(path, w->path) || (whole && is_below(w->path, path)))) {
            (void)storage.service->complete(storage.service, w->request, (uint32_t)CTX_OK, NULL, 0);
            w->request = 0;
        }
    }
}

void watches_tell(const char *path)
{
    tell(path, false);
}

void watches_moved(const char *path)
{
    tell(path, true);
}

void watches_forget(const struct client *c)
{
    for (uint32_t i = 0; i < WATCHES_MOST; i++) {
        if (storage.watches[i].client == c) {
            storage.watches[i].request = 0;
        }
    }
}

void watches_cancel(uint64_t request)
{
    for (uint32_t i = 0; request != 0 && i < WATCHES_MOST; i++) {
        if (storage.watches[i].request == request) {
            storage.watches[i].request = 0;
        }
    }
}
