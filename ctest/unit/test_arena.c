/* SPDX-License-Identifier: MIT */
/*
 * Small blocks of the apps' malloc (libctx/c/arena.c), at random: nobody's bytes change but by
 * their owner, places are aligned, what is given back is forgotten but for one arena, and the end
 * of memory is no end of what was there.
 */
#include "../../libctx/c/arena.c"

#include "test.h"

#define BLOCKS 2000u
#define STEPS  20000

static size_t held, limit;

void *ctx_c_host_alloc(size_t size, size_t align)
{
    if (held + size > limit) {
        return NULL;
    }
    held += size;
    void *block = aligned_alloc(align, (size + align - 1) / align * align);
    memset(block, 0xaa, size);
    return block;
}

void ctx_c_host_free(void *block, size_t size, size_t align)
{
    (void)align;
    held -= size;
    memset(block, 0xdd, size);
    free(block);
}

static struct {
    uint8_t *at;
    size_t size;
    uint8_t byte;
} blocks[BLOCKS];

static void look(size_t i, size_t len)
{
    for (size_t j = 0; j < len; j++) {
        assert_int_equal(blocks[i].at[j], blocks[i].byte);
    }
}

static void fill(size_t i, size_t size, uint8_t byte)
{
    blocks[i].size = size;
    blocks[i].byte = byte;
    memset(blocks[i].at, byte, size);
}

static void take_one(struct rng *rng, size_t i)
{
    static const size_t most[] = {200, 200, 200, 200, 3000, 3000, CTX_C_SMALL_MOST};
    size_t size = rng_below(rng, most[rng_below(rng, ARRAY_COUNT(most))] + 1);
    size_t align = rng_below(rng, 20) == 0 ? (size_t)1 << (4 + rng_below(rng, 9)) : 16;
    blocks[i].at = align > 16 ? ctx_c_arena_take_aligned(size, align) : ctx_c_arena_take(size);
    if (blocks[i].at == NULL) {
        assert_true(limit < SIZE_MAX);
        return;
    }
    assert_int_equal((uintptr_t)blocks[i].at % align, 0);
    assert_true(ctx_c_arena_size(blocks[i].at) >= size);
    fill(i, size, (uint8_t)rng_next(rng));
}

static void change_one(struct rng *rng, size_t i)
{
    look(i, blocks[i].size);
    size_t size = rng_below(rng, 5000);
    if (rng_below(rng, 4) != 0) {
        ctx_c_arena_give(blocks[i].at);
        blocks[i].at = NULL;
    } else if (ctx_c_arena_resize(blocks[i].at, size)) {
        look(i, size < blocks[i].size ? size : blocks[i].size);
        fill(i, size, (uint8_t)rng_next(rng));
    }
}

static void at_random(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct rng rng = {seed};
        size_t live = seed % 2 != 0 ? BLOCKS : 50;
        limit = seed % 3 == 0 ? 200000 : SIZE_MAX;
        for (int step = 0; step < STEPS; step++) {
            size_t i = rng_below(&rng, live);
            blocks[i].at == NULL ? take_one(&rng, i) : change_one(&rng, i);
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            if (blocks[i].at != NULL) {
                look(i, blocks[i].size);
                ctx_c_arena_give(blocks[i].at);
                blocks[i].at = NULL;
            }
        }
        assert_int_equal(state.used, 0);
        unkeep();
        assert_int_equal(state.arenas, 1);
    }
}

/* A program that asked for much once and keeps little does not keep much. */
static void much_comes_back(void **unused)
{
    static void *many[3000];
    (void)unused;
    limit = SIZE_MAX;
    for (size_t i = 0; i < 3000; i++) {
        many[i] = ctx_c_arena_take(i % 2 != 0 ? 40 : 4000);
    }
    assert_true(held > 6000000);
    for (size_t i = 0; i < 3000; i++) {
        ctx_c_arena_give(many[i]);
    }
    assert_true(held <= 2 * LARGEST);
}

/* The first of all blocks, and the first of each arena: any size finds the room that was made for
 * it. */
static void the_first_block_of_any_size(void **unused)
{
    (void)unused;
    limit = (size_t)64 << 20;
    for (size_t size = 1; size <= CTX_C_SMALL_MOST; size += size < 30000 ? 97 : 1) {
        memset(&state, 0, sizeof state); /* nothing was taken yet */
        size_t before = held;
        void *p = ctx_c_arena_take(size);
        assert_non_null(p);
        struct arena *arena = (struct arena *)((char *)p - sizeof *arena - 16);
        ctx_c_host_free(arena, arena->bytes, PAGE);
        assert_int_equal(held, before);
    }
    memset(&state, 0, sizeof state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_block_of_any_size),
        cmocka_unit_test(at_random),
        cmocka_unit_test(much_comes_back),
    };
    return RUN(tests);
}
