/* SPDX-License-Identifier: MIT */
/*
 * The buddy allocator. Invariants: a block on free list n has map[first frame] == FREE | n and in
 * its other bytes neither of the two bits; an allocated block has USED | n at its first frame, and
 * 0 behind it; two free buddies of one order never stand side by side. Sources: Knuth, The Art of
 * Computer Programming 1, 2.5 (buddy system).
 */
#include "frame.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define FREE     0x80u
#define USED     0x40u
#define ORDER    0x3fu

#define POISON   0xa5

#define ASK_FROM (64u << 10) /* bytes: to ask takes as long as to clear a few pages */

/*
 * Blocks of so much are what hosts give a guest, and Linux a program, in one piece when its first
 * byte is written to: 2 MiB that have to be cleared. So where such a block is free, nothing in it
 * is touched: its links lie in its own bytes of the map. Of each of those only six bits are used,
 * so that none looks like the beginning of a block.
 */
#define LARGE      9u
#define LINK_BITS  6u
#define LINK_BYTES 6u /* of a frame's number */

/* Of a free block. Of a small one they lie in its first bytes. */
struct link {
    paddr_t next, prev; /* 0 = none */
};

/* [boot, loop, in a call] */
static struct {
    uint8_t *map;
    uint64_t count; /* bytes of map */
    uint64_t total, free;
    paddr_t list[FRAME_ORDERS];
} state;

static paddr_t unpack(const uint8_t *bytes)
{
    uint64_t no = 0;
    for (uint32_t i = LINK_BYTES; i-- > 0;) {
        no = no << LINK_BITS | bytes[i];
    }
    return no << PAGE_SHIFT;
}

static void pack(uint8_t *bytes, paddr_t frame)
{
    uint64_t no = frame >> PAGE_SHIFT;
    for (uint32_t i = 0; i < LINK_BYTES; i++, no >>= LINK_BITS) {
        bytes[i] = no & ((1u << LINK_BITS) - 1);
    }
}

static struct link get_link(paddr_t frame, uint32_t order)
{
    if (order < LARGE) {
        return *(struct link *)machine_direct(frame);
    }
    const uint8_t *bytes = state.map + (frame >> PAGE_SHIFT) + 1;
    return (struct link){unpack(bytes), unpack(bytes + LINK_BYTES)};
}

static void set_link(paddr_t frame, uint32_t order, struct link l)
{
    if (order < LARGE) {
        *(struct link *)machine_direct(frame) = l;
        return;
    }
    uint8_t *bytes = state.map + (frame >> PAGE_SHIFT) + 1;
    pack(bytes, l.next);
    pack(bytes + LINK_BYTES, l.prev);
}

static void list_push(paddr_t frame, uint32_t order)
{
    paddr_t next = state.list[order];
    set_link(frame, order, (struct link){next, 0});
    if (next != 0) {
        set_link(next, order, (struct link){get_link(next, order).next, frame});
    }
    state.list[order] = frame;
    state.map[frame >> PAGE_SHIFT] = (uint8_t)(FREE | order);
}

static void list_remove(paddr_t frame, uint32_t order)
{
    struct link l = get_link(frame, order);
    if (l.prev != 0) {
        set_link(l.prev, order, (struct link){l.next, get_link(l.prev, order).prev});
    } else {
        state.list[order] = l.next;
    }
    if (l.next != 0) {
        set_link(l.next, order, (struct link){get_link(l.next, order).next, l.prev});
    }
    if (order >= LARGE) {
        set_link(frame, order, (struct link){0, 0});
    }
    state.map[frame >> PAGE_SHIFT] = 0;
}

void frame_init(uint8_t *map, uint64_t frame_count)
{
    memset(&state, 0, sizeof state);
    state.map = map;
    state.count = frame_count;
}

/* Put a block on its list, joined with its buddy as often as that is free too. */
static void release(paddr_t frame, uint32_t order)
{
    state.free += 1ull << order;
    while (order + 1 < FRAME_ORDERS) {
        paddr_t buddy = frame ^ ((paddr_t)PAGE_SIZE << order);
        uint64_t no = buddy >> PAGE_SHIFT;
        if (no >= state.count || state.map[no] != (FREE | order)) {
            break;
        }
        list_remove(buddy, order);
        frame = MIN(frame, buddy);
        order++;
    }
    list_push(frame, order);
}

void frame_add(paddr_t start, paddr_t end)
{
    start = ALIGN_UP(MAX(start, (paddr_t)PAGE_SIZE), (paddr_t)PAGE_SIZE);
    end = ALIGN_DOWN(MIN(end, (paddr_t)(state.count << PAGE_SHIFT)), (paddr_t)PAGE_SIZE);
    while (start < end) {
        uint32_t order = FRAME_ORDERS - 1;
        while ((start & (((paddr_t)PAGE_SIZE << order) - 1)) != 0 ||
               end - start < (paddr_t)PAGE_SIZE << order) {
            order--;
        }
        state.total += 1ull << order;
        release(start, order);
        start += (paddr_t)PAGE_SIZE << order;
    }
}

/* Much memory, as pictures are, may not be there yet at all: then it stays so until it is used. */
static void zero(paddr_t frame, uint64_t bytes)
{
    if (bytes < ASK_FROM || !machine_is_untouched(frame, bytes)) {
        memset(machine_direct(frame), 0, bytes);
    }
}

paddr_t frame_alloc(uint32_t order, uint32_t flags)
{
    uint32_t from = order;
    while (from < FRAME_ORDERS && state.list[from] == 0) {
        from++;
    }
    if (from >= FRAME_ORDERS) {
        return 0;
    }
    paddr_t frame = state.list[from];
    list_remove(frame, from);
    while (from > order) { /* split: keep the lower half */
        from--;
        list_push(frame + ((paddr_t)PAGE_SIZE << from), from);
    }
    state.map[frame >> PAGE_SHIFT] = (uint8_t)(USED | order);
    state.free -= 1ull << order;
    if (flags & FRAME_ZERO) {
        zero(frame, (uint64_t)PAGE_SIZE << order);
    }
    return frame;
}

void frame_free(paddr_t frame, uint32_t order)
{
    uint64_t no = frame >> PAGE_SHIFT;
    if (no >= state.count || order >= FRAME_ORDERS || state.map[no] != (USED | order)) {
        panic("frame: freeing what was not allocated, frame=0x%lx order=%u", frame, order);
    }
#ifdef KERNEL_DEBUG
    memset(machine_direct(frame), POISON, (size_t)PAGE_SIZE << order);
#endif
    state.map[no] = 0;
    release(frame, order);
}

void frame_split(paddr_t frame, uint32_t order)
{
    memset(state.map + (frame >> PAGE_SHIFT), USED, 1ull << order);
}

/* The largest aligned piece that begins at frame number `at` and has no more than `count`. */
static uint32_t piece_at(uint64_t at, uint64_t count)
{
    uint32_t order = 0;
    while (order + 1 < FRAME_ORDERS && (at >> order & 1) == 0 && 2ull << order <= count) {
        order++;
    }
    return order;
}

static void release_run(uint64_t at, uint64_t end)
{
    while (at < end) {
        uint32_t order = piece_at(at, end - at);
        release(at << PAGE_SHIFT, order);
        at += 1ull << order;
    }
}

/*
 * The first free blocks that follow one another and have so many frames, although none of them has:
 * the way of a machine whose memory is nearly gone, or in pieces. One look at each block there is.
 * They are taken; *len: how many frames they have. 0: there are none.
 */
static uint64_t join_blocks(uint64_t count, uint64_t *len)
{
    uint64_t first = 0, at = 1;
    *len = 0;
    while (at < state.count && *len < count) {
        uint8_t m = state.map[at];
        uint64_t here = (m & (FREE | USED)) != 0 ? 1ull << (m & ORDER) : 1;
        first = *len == 0 ? at : first;
        *len = (m & FREE) != 0 ? *len + here : 0;
        at += here;
    }
    if (*len < count) {
        return 0;
    }
    for (at = first; at < first + *len;) {
        uint32_t order = state.map[at] & ORDER;
        list_remove(at << PAGE_SHIFT, order);
        state.free -= 1ull << order;
        at += 1ull << order;
    }
    return first;
}

/* A run is what some blocks have, cut into pieces: each as large as where it begins allows. */
paddr_t frame_alloc_run(uint64_t count, uint64_t skip, uint32_t flags)
{
    const uint64_t most = 1ull << (FRAME_ORDERS - 1);
    if (count == 0 || count > most || skip > most - count) {
        return 0;
    }
    uint32_t order = frame_order((count + skip) << PAGE_SHIFT);
    paddr_t block = frame_alloc(order, 0);
    uint64_t at = block >> PAGE_SHIFT, len = 1ull << order;
    if (block != 0) {
        state.map[at] = 0;
    } else if (count + skip > state.free || (at = join_blocks(count + skip, &len)) == 0) {
        return 0;
    }
    uint64_t first = at + skip;
    release_run(at, first);
    release_run(first + count, at + len);
    for (at = first; at < first + count;) {
        uint32_t piece = piece_at(at, first + count - at);
        state.map[at] = (uint8_t)(USED | piece);
        at += 1ull << piece;
    }
    paddr_t frame = first << PAGE_SHIFT;
    if ((flags & FRAME_ZERO) != 0) {
        zero(frame, count << PAGE_SHIFT);
    }
    return frame;
}

void frame_free_singles(paddr_t frame, uint64_t count)
{
    uint64_t first = frame >> PAGE_SHIFT;
    for (uint64_t no = first; no < first + count; no++) {
        if (no >= state.count || state.map[no] != USED) {
            panic("frame: freeing what was not allocated, frame=0x%lx order=0", no << PAGE_SHIFT);
        }
    }
#ifdef KERNEL_DEBUG
    memset(machine_direct(frame), POISON, count << PAGE_SHIFT);
#endif
    memset(state.map + first, 0, count);
    release_run(first, first + count);
}

paddr_t frame_alloc_pages(uint64_t count, uint32_t flags)
{
    return frame_alloc_run(count, 0, flags);
}

void frame_free_pages(paddr_t frame, uint64_t count)
{
    while (count > 0) {
        uint32_t order = piece_at(frame >> PAGE_SHIFT, count);
        frame_free(frame, order);
        frame += (paddr_t)PAGE_SIZE << order;
        count -= 1ull << order;
    }
}

uint32_t frame_order(uint64_t bytes)
{
    uint32_t order = 0;
    while (order < FRAME_ORDERS && (uint64_t)PAGE_SIZE << order < bytes) {
        order++;
    }
    return order;
}

uint64_t frame_total(void)
{
    return state.total;
}

uint64_t frame_free_total(void)
{
    return state.free;
}
