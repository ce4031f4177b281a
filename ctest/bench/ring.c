/* SPDX-License-Identifier: MIT */
/*
 * What <ctx/ring.h> costs beside the copies that it makes: the same pieces into a buffer of the
 * same size and out of it again, by memcpy alone and through a ring, in turns; the least of each
 * counts.
 */
#include <ctx/ring.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOM   65536u
#define TOTAL  (16u << 20) /* bytes through it in each round */
#define ROUNDS 15u

static uint8_t *buffer;
static struct ctx_ring ring;
static uint8_t from[ROOM], to[ROOM];

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Out of the compiler's sight: that nobody looks at the bytes is not its business. */
static void __attribute__((noinline)) copy(void *a, const void *b, size_t n)
{
    memcpy(a, b, n);
    __asm__ volatile("" : : "r"(a) : "memory");
}

static void by_memcpy(uint32_t piece)
{
    for (uint32_t at = 0, done = 0; done < TOTAL; done += piece, at = (at + piece) % ROOM) {
        copy(buffer + at, from, piece);
        copy(to, buffer + at, piece);
    }
}

static void as_stream(uint32_t piece)
{
    uint64_t n;
    for (uint32_t done = 0; done < TOTAL; done += piece) {
        if (ctx_ring_write(&ring, from, piece, &n) != CTX_OK || n != piece ||
            ctx_ring_read(&ring, to, piece, &n) != CTX_OK || n != piece) {
            abort();
        }
        __asm__ volatile("" : : "r"(to) : "memory");
    }
}

static void as_messages(uint32_t piece)
{
    uint32_t n;
    for (uint32_t done = 0; done < TOTAL; done += piece) {
        if (ctx_ring_send(&ring, from, piece) != CTX_OK ||
            ctx_ring_receive(&ring, to, sizeof to, &n) != CTX_OK || n != piece) {
            abort();
        }
        __asm__ volatile("" : : "r"(to) : "memory");
    }
}

int main(void)
{
    static const uint32_t pieces[] = {64, 256, 1024, 4096, 16384, 32768};
    void (*const ways[])(uint32_t) = {by_memcpy, as_stream, as_messages};
    void *memory = aligned_alloc(4096, ROOM + 4096);
    if (memory == NULL || ctx_ring_attach(&ring, memory, ROOM + 4096) != CTX_OK) {
        return 1;
    }
    ctx_ring_reset(&ring);
    buffer = (uint8_t *)memory + sizeof(struct ctx_ring_head);
    memset(from, 0x5a, sizeof from);
    memset(buffer, 1, ROOM);
    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        uint64_t least[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
        for (uint32_t round = 0; round < ROUNDS; round++) {
            for (uint32_t way = 0; way < 3; way++) {
                uint64_t start = now();
                ways[way](pieces[p]);
                uint64_t took = now() - start;
                least[way] = took < least[way] ? took : least[way];
            }
        }
        double each = TOTAL / pieces[p];
        printf("ring piece=%u memcpy_ns=%.1f stream_ns=%.1f messages_ns=%.1f "
               "stream_of_memcpy=%.2f messages_of_memcpy=%.2f\n",
               pieces[p], (double)least[0] / each, (double)least[1] / each, (double)least[2] / each,
               (double)least[0] / (double)least[1], (double)least[0] / (double)least[2]);
    }
    free(memory);
    return 0;
}
