/* SPDX-License-Identifier: MIT */
/*
 * Small blocks. An arena is a piece of the kernel's memory, in it lie blocks side by side:
 *
 *   | arena | head | bytes ... | head | bytes ... | head (end) |
 *
 * A head has 8 bytes, a block's bytes begin at a multiple of 16 and are 24, 40, 56 ... Free blocks
 * are in lists by size, two levels of bits say which lists have any (the "two-level segregated fit"
 * of Masmano and others, 2004), and neighbours that are free become one at once. In front of that
 * stand stacks of small blocks just given back, which are not merged: most programs ask for the
 * same sizes again. They hold 64 KiB at most, or half of all arenas. Who asks for one size again
 * and again gets them cut from one piece, up to 32 at once, the others onto its stack. An arena
 * that is all free goes back to the kernel, unless it is the only one.
 */
#include "arena.h"

#include <string.h>

#define FREE UINT32_C(0xf5eeb10c)
#define KEPT UINT32_C(0x5ac4b10c) /* on a stack */

/* In info, beside the size, whose lowest four bits are 8. */
#define BEFORE_IS_FREE 1u
#define FIRST          2u /* of its arena */
#define FLAGS          7u

#define LEAST          24u
#define KEPT_SIZES     64u   /* 24 to 1032 bytes */
#define BATCH_SHIFT    5u    /* up to 32 at once, */
#define BATCH_BYTES    4096u /* and so many bytes */
#define KEPT_BYTES     (64u << 10)
#define LEVELS         16u
#define LISTS          32u
#define FIRST_ARENA    ((size_t)32 << 10)
#define LARGEST        ((size_t)1 << 20)
#define PAGE           ((size_t)4096)

struct arena {
    size_t bytes;
    size_t rsv;
};

struct links {
    struct links *next, *before;
};

static struct {
    uint32_t levels; /* a bit for each level that has a list that is not empty */
    uint32_t lists[LEVELS];
    struct links *free[LEVELS][LISTS];
    void *kept[KEPT_SIZES];    /* each block's first word is the next one */
    uint8_t batch[KEPT_SIZES]; /* the next time 2^n of them at once */
    size_t kept_bytes;
    size_t arenas, total; /* how many, and their bytes */
    size_t used;          /* of these; blocks on stacks are not */
    uint32_t gives;
} state;

static uint32_t size_of(void *p)
{
    return ctx_c_head_of(p)->info & ~FLAGS;
}

static void *behind(void *p)
{
    return (char *)p + size_of(p) + sizeof(struct ctx_c_head);
}

static bool is_end(void *p)
{
    return size_of(p) == 0;
}

static uint64_t *footer(void *p)
{
    return (uint64_t *)((char *)p + size_of(p)) - 1;
}

/* Where a block of this size is kept. */
static void place(uint32_t size, uint32_t *level, uint32_t *list)
{
    if (size < 512) {
        *level = 0;
        *list = size / 16;
        return;
    }
    uint32_t top = 31 - (uint32_t)__builtin_clz(size);
    *level = top - 8;
    *list = (size >> (top - 5)) & (LISTS - 1);
}

static void insert(void *p)
{
    uint32_t level, list;
    uint32_t size = size_of(p);
    place(size, &level, &list);
    struct links *links = p;
    *links = (struct links){.next = state.free[level][list]};
    if (links->next != NULL) {
        links->next->before = links;
    }
    state.free[level][list] = links;
    state.lists[level] |= 1u << list;
    state.levels |= 1u << level;
    ctx_c_head_of(p)->mark = FREE;
    *footer(p) = size;
    ctx_c_head_of(behind(p))->info |= BEFORE_IS_FREE;
}

static void take_out(void *p)
{
    uint32_t level, list;
    struct links *links = p;
    place(size_of(p), &level, &list);
    if (links->next != NULL) {
        links->next->before = links->before;
    }
    if (links->before != NULL) {
        links->before->next = links->next;
    } else {
        state.free[level][list] = links->next;
        if (links->next == NULL) {
            state.lists[level] &= ~(1u << list);
            state.levels &= state.lists[level] == 0 ? ~(1u << level) : UINT32_MAX;
        }
    }
    ctx_c_head_of(behind(p))->info &= ~BEFORE_IS_FREE;
}

/* The smallest size of which find() looks for one of this size: what lies in a list is at least as
 * large as the list's smallest. */
static uint32_t looked_for(uint32_t size)
{
    return size < 512 ? size : size + (1u << (31 - (uint32_t)__builtin_clz(size) - 5)) - 1;
}

/* One that is large enough; NULL. */
static void *find(uint32_t size)
{
    uint32_t level, list;
    place(looked_for(size), &level, &list);
    uint32_t lists = level < LEVELS ? state.lists[level] & (UINT32_MAX << list) : 0;
    if (lists == 0) {
        uint32_t levels = level + 1 < LEVELS ? state.levels & (UINT32_MAX << (level + 1)) : 0;
        if (levels == 0) {
            return NULL;
        }
        level = (uint32_t)__builtin_ctz(levels);
        lists = state.lists[level];
    }
    return state.free[level][__builtin_ctz(lists)];
}

/* Free, and merged with its neighbours; the arena goes if nothing else is in it. */
static void put_back(void *p)
{
    struct ctx_c_head *head = ctx_c_head_of(p);
    void *next = behind(p);
    if (!is_end(next) && ctx_c_head_of(next)->mark == FREE) {
        take_out(next);
        head->info += size_of(next) + (uint32_t)sizeof *head;
    }
    if ((head->info & BEFORE_IS_FREE) != 0) {
        void *before = (char *)head - *((uint64_t *)head - 1);
        take_out(before);
        head->mark = 0;
        ctx_c_head_of(before)->info += size_of(p) + (uint32_t)sizeof *head;
        p = before;
        head = ctx_c_head_of(p);
    }
    if ((head->info & FIRST) != 0 && is_end(behind(p)) && state.arenas > 1) {
        struct arena *arena = (struct arena *)((char *)p - sizeof *arena - 16);
        size_t bytes = arena->bytes;
        head->mark = 0;
        state.arenas--;
        state.total -= bytes;
        ctx_c_host_free(arena, bytes, PAGE);
        return;
    }
    insert(p);
}

/* What a block has beyond this size becomes one of its own. */
static void cut(void *p, uint32_t size)
{
    struct ctx_c_head *head = ctx_c_head_of(p);
    uint32_t rest = size_of(p) - size;
    if (rest >= LEAST + sizeof *head) {
        head->info = (head->info & FLAGS) | size;
        void *other = behind(p);
        *ctx_c_head_of(other) =
            (struct ctx_c_head){.mark = CTX_C_SMALL, .info = rest - (uint32_t)sizeof *head};
        put_back(other);
    }
}

static size_t most_kept(void)
{
    return state.total / 2 > KEPT_BYTES ? state.total / 2 : KEPT_BYTES;
}

static void unkeep(void)
{
    for (uint32_t i = 0; i < KEPT_SIZES; i++) {
        while (state.kept[i] != NULL) {
            void *p = state.kept[i];
            state.kept[i] = *(void **)p;
            put_back(p);
        }
        state.batch[i] = 0;
    }
    state.kept_bytes = 0;
}

/* A new arena with room for this size, as large as they have become; at the end of memory just so
 * large. */
static bool grow(uint32_t size)
{
    size_t need = (sizeof(struct arena) + 32 + looked_for(size) + PAGE) & ~(PAGE - 1);
    size_t bytes = state.arenas == 0 ? FIRST_ARENA : (state.total / 2 + 0xffff) & ~(size_t)0xffff;
    bytes = bytes > LARGEST ? LARGEST : bytes;
    bytes = bytes < need ? need : bytes;
    struct arena *arena = ctx_c_host_alloc(bytes, PAGE);
    if (arena == NULL && bytes > need) {
        bytes = need;
        arena = ctx_c_host_alloc(bytes, PAGE);
    }
    if (arena == NULL) {
        return false;
    }
    arena->bytes = bytes;
    char *first = (char *)arena + sizeof *arena + 16;
    uint32_t room = (uint32_t)(bytes - sizeof *arena - 16 - 8); /* and the end's head */
    room = ((room - 8) & ~15u) + 8;
    *ctx_c_head_of(first) = (struct ctx_c_head){.mark = CTX_C_SMALL, .info = room | FIRST};
    *ctx_c_head_of(behind(first)) = (struct ctx_c_head){.mark = CTX_C_SMALL, .info = 0};
    state.arenas++;
    state.total += bytes;
    insert(first);
    return true;
}

static uint32_t rounded(size_t size)
{
    return size <= LEAST ? LEAST : (uint32_t)(((size + 7) & ~(size_t)15) + 8);
}

static void *take(uint32_t size)
{
    void *p = find(size);
    if (p == NULL && state.kept_bytes > 0) {
        unkeep();
        p = find(size);
    }
    if (p == NULL && grow(size)) {
        p = find(size);
    }
    if (p != NULL) {
        take_out(p);
        ctx_c_head_of(p)->mark = CTX_C_SMALL;
        cut(p, size);
        state.used += size_of(p);
    }
    return p;
}

/* Some of one size, where a free piece has them: the last one for who asks, the others onto the
 * stack, the lowest on top. NULL: one alone. */
static void *take_batch(uint32_t i, uint32_t size)
{
    uint32_t each = size + (uint32_t)sizeof(struct ctx_c_head);
    uint32_t count = 1u << state.batch[i];
    if (state.batch[i] < BATCH_SHIFT && 2 * count * each <= BATCH_BYTES) {
        state.batch[i]++;
    }
    void *p =
        count > 1 && state.kept_bytes + count * each <= most_kept() ? find(count * each) : NULL;
    if (p == NULL) {
        return NULL;
    }
    take_out(p);
    ctx_c_head_of(p)->mark = CTX_C_SMALL;
    cut(p, count * each - (uint32_t)sizeof(struct ctx_c_head));
    uint32_t whole = size_of(p), flags = ctx_c_head_of(p)->info & FLAGS;
    char *last = (char *)p + (count - 1) * each;
    *ctx_c_head_of(last) =
        (struct ctx_c_head){.mark = CTX_C_SMALL, .info = whole - (count - 1) * each};
    for (char *one = last - each; one >= (char *)p; one -= each) {
        *ctx_c_head_of(one) = (struct ctx_c_head){.mark = KEPT, .info = size};
        *(void **)one = state.kept[i];
        state.kept[i] = one;
    }
    ctx_c_head_of(p)->info |= flags;
    state.kept_bytes += (count - 1) * size;
    state.used += size_of(last);
    return last;
}

void *ctx_c_arena_take(size_t wanted)
{
    uint32_t size = rounded(wanted), i = (size - LEAST) / 16;
    void *p = i < KEPT_SIZES ? state.kept[i] : NULL;
    if (p != NULL) {
        state.used += size_of(p);
        state.kept[i] = *(void **)p;
        state.kept_bytes -= size;
        ctx_c_head_of(p)->mark = CTX_C_SMALL;
        return p;
    }
    p = i < KEPT_SIZES ? take_batch(i, size) : NULL;
    return p != NULL ? p : take(size);
}

/* One small block on a stack keeps a whole arena: when most of all arenas is free, now and then. */
static void look_for_arenas(bool small)
{
    bool now = !small || state.gives++ % 64 == 0;
    if (now && state.kept_bytes > 0 && state.used * 2 + 4 * FIRST_ARENA < state.total) {
        unkeep();
    }
}

void ctx_c_arena_give(void *p)
{
    uint32_t size = size_of(p), i = (size - LEAST) / 16;
    state.used -= size;
    look_for_arenas(i < KEPT_SIZES);
    if (i < KEPT_SIZES && state.kept_bytes + size <= most_kept()) {
        ctx_c_head_of(p)->mark = KEPT;
        *(void **)p = state.kept[i];
        state.kept[i] = p;
        state.kept_bytes += size;
        return;
    }
    put_back(p);
}

void *ctx_c_arena_take_aligned(size_t wanted, size_t align)
{
    uint32_t size = rounded(wanted);
    char *p = take(rounded(size + align + 32));
    if (p == NULL) {
        return NULL;
    }
    uint32_t whole = size_of(p);
    size_t gap = -(uintptr_t)p & (align - 1);
    gap += gap > 0 && gap < 32 ? align : 0;
    if (gap > 0) { /* what lies in front goes back */
        uint32_t all = size_of(p);
        struct ctx_c_head *head = ctx_c_head_of(p);
        head->info = (head->info & FLAGS) | (uint32_t)(gap - 8);
        *ctx_c_head_of(p + gap) =
            (struct ctx_c_head){.mark = CTX_C_SMALL, .info = all - (uint32_t)gap};
        put_back(p);
        p += gap;
    }
    cut(p, size);
    state.used -= whole - size_of(p);
    return p;
}

size_t ctx_c_arena_size(void *p)
{
    return size_of(p);
}

int ctx_c_arena_resize(void *p, size_t wanted)
{
    uint32_t size = rounded(wanted), before = size_of(p);
    void *next = behind(p);
    if (size > size_of(p) && !is_end(next) && ctx_c_head_of(next)->mark == FREE &&
        size_of(p) + size_of(next) + sizeof(struct ctx_c_head) >= size) {
        take_out(next);
        ctx_c_head_of(p)->info += size_of(next) + (uint32_t)sizeof(struct ctx_c_head);
        ctx_c_head_of(next)->mark = 0;
    }
    if (size > size_of(p)) {
        return 0;
    }
    cut(p, size);
    state.used += size_of(p) - (size_t)before;
    return 1;
}

struct ctx_c_arena_sums ctx_c_arena_sums(bool give_back)
{
    if (give_back) {
        unkeep();
    }
    return (struct ctx_c_arena_sums){state.arenas, state.total, state.used};
}
