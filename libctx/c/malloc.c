/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family. Small blocks come out of arenas (arena.c); larger ones are blocks of the
 * table mem, before version 3 of ctx->alloc, and what is freed of these is the machine's again at
 * once, page by page. The kernel wants size and alignment back, so 16 bytes in front of a large
 * block keep them: its size, and the head that small ones have too. With a larger alignment they
 * are right in front of it, at the end of a whole unit of alignment.
 *
 *   from alloc                         to the app
 *   | nothing, align - 16 bytes | size, head | size bytes ... |
 */
#include "arena.h"
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define UNIT 16u
#define MOST ((size_t)PTRDIFF_MAX - UNIT)

struct large {
    uint64_t size; /* bytes for the app, a multiple of UNIT */
    struct ctx_c_head head;
};

_Static_assert(sizeof(struct large) == UNIT, "large");

static struct ctx_c_large_sums large_sums;

struct ctx_c_large_sums ctx_c_large_sums(void)
{
    return large_sums;
}

void *ctx_c_host_alloc(size_t size, size_t align)
{
    struct ctx *ctx = ctx_now();
    if (CTX_HAS(ctx, mem)) {
        return ctx->mem->alloc(ctx->mem, size, align, 0);
    }
    return ctx->version >= 2 ? ctx->alloc(size, align) : NULL;
}

void ctx_c_host_free(void *block, size_t size, size_t align)
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

/* zero: the kernel knows what need not be cleared. */
static void *take_large(size_t size, size_t align, bool zero)
{
    struct ctx *ctx = ctx_now();
    size = round_up(size);
    bool cleared = zero && CTX_HAS(ctx, mem);
    uint8_t *base = cleared ? ctx->mem->alloc(ctx->mem, align + size, align, CTX_MEM_ZERO)
                            : ctx_c_host_alloc(align + size, align);
    if (base == NULL) {
        return NULL;
    }
    if (zero && !cleared) {
        memset(base + align, 0, size);
    }
    struct large *large = (struct large *)(base + align) - 1;
    *large = (struct large){size, {CTX_C_LARGE, (uint32_t)align}};
    large_sums.count++;
    large_sums.bytes += size;
    return large + 1;
}

static void *take_as(size_t size, size_t align, bool zero)
{
    void *p = NULL;
    bool small = size <= CTX_C_SMALL_MOST && align <= 4096;
    if (small) {
        p = align <= UNIT ? ctx_c_arena_take(size) : ctx_c_arena_take_aligned(size, align);
    } else if (size <= MOST && align <= UINT32_MAX / 2) {
        p = take_large(size, align < UNIT ? UNIT : align, zero);
    }
    if (p == NULL) {
        errno = ENOMEM;
    } else if (zero && small) {
        memset(p, 0, size);
    }
    return p;
}

static void *take(size_t size, size_t align)
{
    return take_as(size, align, false);
}

void *ctx_c_zeroed(size_t size, size_t align)
{
    return take_as(size, align, true);
}

/* The head of a block; NULL, and a line in the log, for a pointer that malloc did not return. */
static struct ctx_c_head *head_of(void *p, const char *who)
{
    struct ctx_c_head *head = ctx_c_head_of(p);
    if ((uintptr_t)p % UNIT == 0 && (head->mark == CTX_C_SMALL || head->mark == CTX_C_LARGE)) {
        return head;
    }
    ctx_c_say(CTX_LOG_WARN, "%s: %p is no block of malloc's, or not any more: ignored", who, p);
    return NULL;
}

static size_t size_of(void *p)
{
    return ctx_c_head_of(p)->mark == CTX_C_SMALL ? ctx_c_arena_size(p)
                                                 : ((struct large *)p - 1)->size;
}

static void give_back(void *p)
{
    if (ctx_c_head_of(p)->mark == CTX_C_SMALL) {
        ctx_c_arena_give(p);
        return;
    }
    struct large *large = (struct large *)p - 1;
    uint64_t align = large->head.info;
    large->head.mark = 0;
    large_sums.count--;
    large_sums.bytes -= large->size;
    ctx_c_host_free((uint8_t *)p - align, align + large->size, align);
}

void *malloc(size_t size)
{
    ctx_c_signals_poll(1);
    return take(size, UNIT);
}

void free(void *p)
{
    if (p != NULL && head_of(p, "free") != NULL) {
        give_back(p);
    }
}

void *calloc(size_t count, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(count, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    ctx_c_signals_poll(1);
    return take_as(all, UNIT, true);
}

static void *resize_large(void *p, size_t size)
{
    const struct ctx_mem *mem = CTX_HAS(ctx_now(), mem) ? ctx_now()->mem : NULL;
    struct large *large = (struct large *)p - 1;
    if (mem == NULL || large->head.info != UNIT || size > MOST) {
        return NULL;
    }
    size_t before = large->size;
    large = mem->resize(mem, large, UNIT + before, UNIT, UNIT + round_up(size));
    if (large != NULL) {
        large->size = round_up(size);
        large_sums.bytes += large->size - before;
    }
    return large != NULL ? large + 1 : NULL;
}

void *realloc(void *p, size_t size)
{
    ctx_c_signals_poll(1);
    if (p == NULL) {
        return take(size, UNIT);
    }
    struct ctx_c_head *head = head_of(p, "realloc");
    if (head == NULL) {
        errno = EINVAL;
        return NULL;
    }
    size_t old = size_of(p);
    bool small = head->mark == CTX_C_SMALL;
    if (small && size <= CTX_C_SMALL_MOST && ctx_c_arena_resize(p, size)) {
        return p;
    }
    /* A large block that fits and is not twice too large stays where it is. */
    if (!small && size <= old && size >= old / 2) {
        return p;
    }
    /* What grows once grows again: with an eighth to spare a text that is lengthened byte by byte
     * is moved as often as its length doubles, and not each time. */
    size_t spare = size > old && size <= SIZE_MAX - size / 8 ? size + size / 8 : size;
    void *to = !small && size > CTX_C_SMALL_MOST ? resize_large(p, spare) : NULL;
    if (to == NULL && !small && size > CTX_C_SMALL_MOST && spare > size) {
        to = resize_large(p, size);
    }
    if (to != NULL) {
        return to;
    }
    to = take(spare, UNIT);
    if (to == NULL && spare > size) {
        to = take(size, UNIT);
    }
    if (to != NULL) {
        memcpy(to, p, size < old ? size : old);
        give_back(p);
    }
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
    return p != NULL && head_of(p, "malloc_usable_size") != NULL ? size_of(p) : 0;
}
