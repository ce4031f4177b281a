/* SPDX-License-Identifier: MIT */
#include "vault_memory.h"

#include "frame.h"
#include "heap.h"
#include "wall.h"

#include <kernel/string.h>

struct kept {
    struct kept *next; /* by name */
    char name[STORE_NAME_MAX + 1];
    struct image_bytes image;
    int64_t wall_ns;
    uint64_t generation;
};

/* [boot, loop, in a call] */
static struct {
    struct kept *first;
    uint64_t pages, generation;
} state;

/* The first one whose name is not before this one. */
static struct kept **place(const char *name)
{
    struct kept **p = &state.first;
    while (*p != NULL && strcmp((*p)->name, name) < 0) {
        p = &(*p)->next;
    }
    return p;
}

static struct kept *find(const char *name)
{
    struct kept *k = *place(name);
    return k != NULL && strcmp(k->name, name) == 0 ? k : NULL;
}

uint64_t vault_memory_quota(void)
{
    return frame_total() / VAULT_MEMORY_PART * PAGE_SIZE;
}

uint64_t vault_memory_used(void)
{
    return state.pages * PAGE_SIZE;
}

ctx_status vault_memory_put(const char *name, struct image_bytes *image)
{
    struct kept *old = find(name);
    uint64_t freed = old != NULL ? old->image.pages : 0;
    if (!store_name_good(name)) {
        return CTX_E_INVAL;
    }
    if ((state.pages - freed + image->pages) * PAGE_SIZE > vault_memory_quota()) {
        return CTX_E_NOSPC;
    }
    if (old == NULL) {
        old = heap_alloc(sizeof *old);
        if (old == NULL) {
            return CTX_E_NOMEM;
        }
        memcpy(old->name, name, strlen(name));
        struct kept **p = place(name);
        old->next = *p;
        *p = old;
    }
    state.pages += image->pages - freed;
    image_bytes_free(&old->image);
    old->image = *image;
    old->generation = ++state.generation;
    old->wall_ns = 0;
    (void)wall_ns(&old->wall_ns);
    *image = (struct image_bytes){NULL, 0, 0};
    return CTX_OK;
}

const struct image_bytes *vault_memory_get(const char *name)
{
    const struct kept *k = find(name);
    return k != NULL ? &k->image : NULL;
}

ctx_status vault_memory_remove(const char *name)
{
    struct kept **p = place(name), *k = *p;
    if (k == NULL || strcmp(k->name, name) != 0) {
        return CTX_E_NOENT;
    }
    *p = k->next;
    state.pages -= k->image.pages;
    image_bytes_free(&k->image);
    heap_free(k, sizeof *k);
    return CTX_OK;
}

bool vault_memory_next(struct store_stat *out)
{
    const struct kept *k = *place(out->name);
    if (k != NULL && strcmp(k->name, out->name) == 0) {
        k = k->next;
    }
    if (k == NULL) {
        return false;
    }
    *out = (struct store_stat){
        .len = k->image.len, .generation = k->generation, .wall_ns = k->wall_ns};
    memcpy(out->name, k->name, sizeof out->name);
    return true;
}
