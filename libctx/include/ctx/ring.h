/* SPDX-License-Identifier: MIT */
/*
 * <ctx/ring.h> - a queue between two apps, in memory that both see (ctx.share/1): one of them
 * writes, the other one reads, and neither waits for the other. Bytes as a stream, or messages that
 * stay whole.
 *
 *     struct ctx_ring ring;
 *     ctx_ring_attach(&ring, memory, bytes);          both, with the share's address and size
 *     ctx_ring_send(&ring, "hello", 5);               one side
 *     ctx_ring_receive(&ring, text, sizeof text, &n); the other one
 *
 * Everything there is to know about a ring is in the share: struct ctx_ring is only where that is,
 * and a side that began anew attaches once more and goes on. Two sides that speak to each other
 * have two rings. The share must be zeroes when it is new (CTX_SHARE_ZERO), or one side calls
 * ctx_ring_reset() before the other one knows of it; both need a mapping that can be written to.
 *
 * The other side is not to be trusted. All that it can do with the ring is to put garbage into it:
 * each index is loaded once, checked and masked, lengths are loaded once and held against what is
 * there, so no access ever leaves the memory that was attached, nothing is done more than once for
 * each byte, and CTX_E_FAULT says that the indices or a length can not be. What was received is a
 * copy of the caller's own: look at that, not at the ring.
 *
 * A store by one side is seen by the other one in order: what an index says is there is there
 * (release and acquire), on several processors too.
 *
 * A call that is undone (restart=undo) takes back nothing in a share: what it sent is sent, what it
 * read is read. When an image is restored both sides have a ring of their own, as it was then; new
 * shares have to be made.
 *
 * Nothing here allocates or calls the Context. memcpy is called: libctx and every C library have
 * it.
 */
#ifndef CTX_RING_H
#define CTX_RING_H

#include <ctx/status.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What lies before the bytes of a ring. Each side writes one of the two; they are far apart because
 * two processors would else pass one cache line to and fro. */
struct ctx_ring_head {
    uint64_t written; /* bytes ever; by the side that writes */
    uint64_t rsv0[15];
    uint64_t read; /* bytes ever; by the side that reads */
    uint64_t rsv1[15];
};

/* Bytes of memory for a ring that holds so many; that is a power of two, from 16 on. */
#define CTX_RING_BYTES(room) (sizeof(struct ctx_ring_head) + (room))

/*
 * A message is its length (8 bytes), its bytes, and what fills them up to 8. One of CTX_RING_LARGE
 * bytes or more begins at a multiple of 64, because copying is a third faster there. So many bytes
 * of a ring it takes at most.
 */
#define CTX_RING_LARGE 512u
#define CTX_RING_MESSAGE(len)                                                                      \
    ((((uint64_t)(len) + 7) & ~UINT64_C(7)) + ((len) >= CTX_RING_LARGE ? 64u : 8u))

/* Where a ring is: nobody else's business, and the same on both sides but for the addresses. */
struct ctx_ring {
    struct ctx_ring_head *head;
    uint8_t *bytes;
    uint64_t mask; /* room - 1 */
};

/* Tests put something of their own here: each is one access of the shared memory. */
#ifndef CTX_RING_LOAD
#define CTX_RING_LOAD(from)        __atomic_load_n((from), __ATOMIC_ACQUIRE)
#define CTX_RING_STORE(to, value)  __atomic_store_n((to), (value), __ATOMIC_RELEASE)
#define CTX_RING_COPY(to, from, n) __builtin_memcpy((to), (from), (n))
#endif

/*
 * The ring in this memory: as large as the largest power of two that fits behind the head. INVAL:
 * memory is NULL or no multiple of 8, or there is no room for 16 bytes.
 */
static inline ctx_status ctx_ring_attach(struct ctx_ring *ring, void *memory, uint64_t bytes)
{
    uint64_t room = 16;
    if (memory == NULL || ((uintptr_t)memory & 7) != 0 || bytes < CTX_RING_BYTES(16)) {
        return CTX_E_INVAL;
    }
    while (room <= (bytes - sizeof(struct ctx_ring_head)) / 2) {
        room *= 2;
    }
    ring->head = (struct ctx_ring_head *)memory;
    ring->bytes = (uint8_t *)memory + sizeof(struct ctx_ring_head);
    ring->mask = room - 1;
    return CTX_OK;
}

/* Empty. Only while the other side does not use it. */
static inline void ctx_ring_reset(struct ctx_ring *ring)
{
    CTX_RING_STORE(&ring->head->read, UINT64_C(0));
    CTX_RING_STORE(&ring->head->written, UINT64_C(0));
}

/* How many bytes it holds at most; a message takes CTX_RING_MESSAGE() of them. */
static inline uint64_t ctx_ring_room(const struct ctx_ring *ring)
{
    return ring->mask + 1;
}

/* Both indices, each loaded once. FAULT: they can not be. */
static inline ctx_status ctx_ring_look(const struct ctx_ring *ring, uint64_t *written,
                                       uint64_t *read)
{
    /* The other side's is the second one, whichever that is: of the own one it knows all. */
    *read = CTX_RING_LOAD(&ring->head->read);
    *written = CTX_RING_LOAD(&ring->head->written);
    return *written - *read <= ring->mask + 1 ? CTX_OK : CTX_E_FAULT;
}

/* len bytes to the ring's place number at; not more than it holds. */
static inline void ctx_ring_put(const struct ctx_ring *ring, uint64_t at, const void *from,
                                uint64_t len)
{
    uint64_t place = at & ring->mask;
    uint64_t first = ring->mask + 1 - place < len ? ring->mask + 1 - place : len;
    CTX_RING_COPY(ring->bytes + place, (const uint8_t *)from, (size_t)first);
    if (len > first) {
        CTX_RING_COPY(ring->bytes, (const uint8_t *)from + first, (size_t)(len - first));
    }
}

static inline void ctx_ring_get(const struct ctx_ring *ring, uint64_t at, void *to, uint64_t len)
{
    uint64_t place = at & ring->mask;
    uint64_t first = ring->mask + 1 - place < len ? ring->mask + 1 - place : len;
    CTX_RING_COPY((uint8_t *)to, ring->bytes + place, (size_t)first);
    if (len > first) {
        CTX_RING_COPY((uint8_t *)to + first, ring->bytes, (size_t)(len - first));
    }
}

/* ---- a stream of bytes ---- */

/*
 * Write as many of len bytes as there is room for; *done says how many. AGAIN: the ring is full;
 * FAULT: it is damaged. Then *done is 0. No bytes are OK.
 */
static inline ctx_status ctx_ring_write(struct ctx_ring *ring, const void *bytes, uint64_t len,
                                        uint64_t *done)
{
    uint64_t written, read;
    *done = 0;
    if (ctx_ring_look(ring, &written, &read) != CTX_OK) {
        return CTX_E_FAULT;
    }
    uint64_t room = ring->mask + 1 - (written - read);
    uint64_t n = len < room ? len : room;
    if (n == 0) {
        return len == 0 ? CTX_OK : CTX_E_AGAIN;
    }
    ctx_ring_put(ring, written, bytes, n);
    CTX_RING_STORE(&ring->head->written, written + n);
    *done = n;
    return CTX_OK;
}

/* Read at most len bytes; *done says how many. AGAIN: there are none; FAULT: the ring is damaged.
 */
static inline ctx_status ctx_ring_read(struct ctx_ring *ring, void *bytes, uint64_t len,
                                       uint64_t *done)
{
    uint64_t written, read;
    *done = 0;
    if (ctx_ring_look(ring, &written, &read) != CTX_OK) {
        return CTX_E_FAULT;
    }
    uint64_t n = len < written - read ? len : written - read;
    if (n == 0) {
        return len == 0 ? CTX_OK : CTX_E_AGAIN;
    }
    ctx_ring_get(ring, read, bytes, n);
    CTX_RING_STORE(&ring->head->read, read + n);
    *done = n;
    return CTX_OK;
}

/* ---- messages ---- */

/* A ring has a stream or messages, never both. */

/* Where the bytes of a message begin whose length stands at `at`, and where the next one does.
 * Without a branch: compilers would copy the short ones by `rep movs`, which takes thrice as long.
 */
static inline uint64_t ctx_ring_place(uint64_t at, uint64_t len)
{
    uint64_t low = (0 - (uint64_t)(len >= CTX_RING_LARGE)) & 63;
    return (at + 8 + low) & ~low;
}

static inline uint64_t ctx_ring_next(uint64_t at, uint64_t len)
{
    return ctx_ring_place(at, len) + ((len + 7) & ~UINT64_C(7));
}

/*
 * One message, whole or not at all. AGAIN: there is no room for it now; TOOBIG: there never is;
 * FAULT: the ring is damaged.
 */
static inline ctx_status ctx_ring_send(struct ctx_ring *ring, const void *message, uint32_t len)
{
    uint64_t written, read, word = len;
    if (CTX_RING_MESSAGE(len) > ring->mask + 1) {
        return CTX_E_TOOBIG;
    }
    if (ctx_ring_look(ring, &written, &read) != CTX_OK || (written & 7) != 0) {
        return CTX_E_FAULT;
    }
    uint64_t next = ctx_ring_next(written, len);
    if (next - written > ring->mask + 1 - (written - read)) {
        return CTX_E_AGAIN;
    }
    CTX_RING_COPY(ring->bytes + (written & ring->mask), (const uint8_t *)&word, 8);
    if (len > 0) {
        ctx_ring_put(ring, ctx_ring_place(written, len), message, len);
    }
    CTX_RING_STORE(&ring->head->written, next);
    return CTX_OK;
}

/*
 * The next message; *len says how long it is. AGAIN: there is none; TOOBIG: it is longer than room,
 * and stays (see ctx_ring_skip); FAULT: the ring is damaged, or its length can not be: nothing that
 * follows means anything.
 */
static inline ctx_status ctx_ring_receive(struct ctx_ring *ring, void *message, uint32_t room,
                                          uint32_t *len)
{
    uint64_t written, read, word = 0;
    *len = 0;
    if (ctx_ring_look(ring, &written, &read) != CTX_OK || (read & 7) != 0) {
        return CTX_E_FAULT;
    }
    if (written == read) {
        return CTX_E_AGAIN;
    }
    if (written - read < 8) {
        return CTX_E_FAULT;
    }
    CTX_RING_COPY((uint8_t *)&word, ring->bytes + (read & ring->mask), 8);
    if (word > UINT32_MAX || ctx_ring_next(read, word) - read > written - read) {
        return CTX_E_FAULT;
    }
    *len = (uint32_t)word;
    if (word > room) {
        return CTX_E_TOOBIG;
    }
    if (word > 0) {
        ctx_ring_get(ring, ctx_ring_place(read, word), message, word);
    }
    CTX_RING_STORE(&ring->head->read, ctx_ring_next(read, word));
    return CTX_OK;
}

/* Drop all that is in the ring, good or not: the reading side's way out of TOOBIG and FAULT. */
static inline void ctx_ring_skip(struct ctx_ring *ring)
{
    CTX_RING_STORE(&ring->head->read, CTX_RING_LOAD(&ring->head->written));
}

#ifdef __cplusplus
}
#endif
#endif
