/* SPDX-License-Identifier: MIT */
/*
 * Small blocks of malloc's, out of pieces of memory that are asked for whole (arena.c). In front of
 * each block stands its head; blocks of malloc.c's own have the same, so that free() knows which.
 */
#ifndef CTX_C_ARENA_H
#define CTX_C_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two words: others in front of a pointer mean that it is no block, or not any more. */
#define CTX_C_SMALL UINT32_C(0x61c0fe5a)
#define CTX_C_LARGE UINT32_C(0x1a26e5a1)

struct ctx_c_head {
    uint32_t mark;
    uint32_t info; /* small: arena.c's; large: its alignment */
};

/* More is a block of the kernel's own. */
#define CTX_C_SMALL_MOST ((size_t)32 << 10)

static inline struct ctx_c_head *ctx_c_head_of(void *p)
{
    return (struct ctx_c_head *)p - 1;
}

/* All of them: NULL is no memory. wanted is at most CTX_C_SMALL_MOST, align a power of two to 4096.
 */
void *ctx_c_arena_take(size_t wanted);
void *ctx_c_arena_take_aligned(size_t wanted, size_t align);
void ctx_c_arena_give(void *p);

/* Bytes that the block has room for. */
size_t ctx_c_arena_size(void *p);

/* Whether the block is so large now, where it is. */
int ctx_c_arena_resize(void *p, size_t wanted);

/* What the arenas have: how many there are, their bytes, how many of these are in blocks that were
 * taken. give_back: what lies on stacks for whoever asks next is merged, and free arenas go. */
struct ctx_c_arena_sums {
    size_t arenas, total, used;
};
struct ctx_c_arena_sums ctx_c_arena_sums(bool give_back);

/* malloc.c: the large blocks, likewise. */
struct ctx_c_large_sums {
    size_t count, bytes;
};
struct ctx_c_large_sums ctx_c_large_sums(void);

/* malloc.c: the kernel's memory. */
void *ctx_c_host_alloc(size_t size, size_t align);
void ctx_c_host_free(void *block, size_t size, size_t align);

/* malloc.c: a block that free() takes, all zero; of much memory pages that are new are not touched.
 * NULL: no memory, and errno says so. */
void *ctx_c_zeroed(size_t size, size_t align);

#endif
