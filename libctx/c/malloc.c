/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family over the table mem, before version 3 over ctx->alloc and ctx->dealloc. Each
 * block is one of the kernel's: what is freed is the machine's again at once, page by page. The
 * kernel wants size and alignment back, so 16 bytes in front of each block keep them. A block with
 * a larger alignment has its head right in front of it too, at the end of a whole unit of
 * alignment.
 *
 *   from alloc                         to the app
 *   | nothing, align - 16 bytes | head | size bytes ... |
 */
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define UNIT   16u
#define MOST   ((size_t)PTRDIFF_MAX - UNIT)
#define IN_USE UINT32_C(0x61c0fe5a)

struct head {
    uint64_t size; /* bytes for the app, a multiple of UNIT */
    uint32_t align;
    uint32_t in_use;
};

_Static_assert(sizeof(struct head) == UNIT, "head");

static void *host_alloc(size_t size, size_t align)
{
    struct ctx *ctx = ctx_now();
    if (CTX_HAS(ctx, mem)) {
        return ctx->mem->alloc(ctx->mem, size, align, 0);
    }
    return ctx->version >= 2 ? ctx->alloc(size, align) : NULL;
}

static void host_free(void *block, size_t size, size_t align)
{
    struct ctx *ctx = ctx_now();
    if (CTX_HAS(ctx, mem)) {
        ctx->mem->free(ctx->mem, block, size, align);
    } else {
        ctx->dealloc(block, size, align);
    }
}

/* A size as blocks have it; the caller has looked at MOST. */
static size_t round_up(size_t size)
{
    return size == 0 ? UNIT : (size + UNIT - 1) & ~(size_t)(UNIT - 1);
}

static void *take(size_t size, size_t align)
{
    if (size > MOST || align > UINT32_MAX / 2) {
        errno = ENOMEM;
        return NULL;
    }
    if (align < UNIT) {
        align = UNIT;
    }
    size = round_up(size);
    uint8_t *base = host_alloc(align + size, align);
    if (base == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    struct head *head = (struct head *)(base + align) - 1;
    *head = (struct head){size, (uint32_t)align, IN_USE};
    return head + 1;
}

/* The head of a block; NULL, and a line in the log, for a pointer that malloc did not return. */
static struct head *head_of(void *p, const char *who)
{
    struct head *head = (struct head *)p - 1;
    if ((uintptr_t)p % UNIT == 0 && head->in_use == IN_USE) {
        return head;
    }
    ctx_c_say(CTX_LOG_WARN, "%s: %p is no block of malloc's, or not any more: ignored", who, p);
    return NULL;
}

static void give_back(struct head *head)
{
    uint64_t align = head->align;
    head->in_use = 0;
    host_free((uint8_t *)(head + 1) - align, align + head->size, align);
}

void *malloc(size_t size)
{
    return take(size, UNIT);
}

void free(void *p)
{
    struct head *head = p != NULL ? head_of(p, "free") : NULL;
    if (head != NULL) {
        give_back(head);
    }
}

void *calloc(size_t count, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(count, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    void *p = take(all, UNIT);
    if (p != NULL) {
        memset(p, 0, all);
    }
    return p;
}

void *realloc(void *p, size_t size)
{
    if (p == NULL) {
        return take(size, UNIT);
    }
    struct head *head = head_of(p, "realloc");
    if (head == NULL) {
        errno = EINVAL;
        return NULL;
    }
    /* A block that fits and is not twice too large stays where it is. */
    if (size <= head->size && size >= head->size / 2) {
        return p;
    }
    const struct ctx_mem *mem = CTX_HAS(ctx_now(), mem) ? ctx_now()->mem : NULL;
    if (mem != NULL && head->align == UNIT && size <= MOST) {
        struct head *moved = mem->resize(mem, head, UNIT + head->size, UNIT, UNIT + round_up(size));
        if (moved == NULL) {
            errno = ENOMEM;
            return NULL;
        }
        moved->size = round_up(size);
        return moved + 1;
    }
    void *to = take(size, UNIT);
    if (to == NULL) {
        return NULL;
    }
    memcpy(to, p, size < head->size ? size : head->size);
    give_back(head);
    return to;
}

static int is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

void *memalign(size_t align, size_t size)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return take(size, align);
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
    if (!is_power_of_two(align) || align % sizeof(void *) != 0) {
        return EINVAL;
    }
    int kept = errno;
    void *p = take(size, align);
    errno = kept;
    if (p == NULL) {
        return ENOMEM;
    }
    *out = p;
    return 0;
}

size_t malloc_usable_size(void *p)
{
    struct head *head = p != NULL ? head_of(p, "malloc_usable_size") : NULL;
    return head != NULL ? head->size : 0;
}
