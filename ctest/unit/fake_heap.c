/* SPDX-License-Identifier: MIT */
/*
 * Between the core and its allocators: any allocation can be refused, and AddressSanitizer knows
 * what is allocated. Behind each block of a size class lie at least REDZONE bytes that nobody may
 * touch, but for the largest; what was freed may not be touched until it is given again. The heap
 * is the real one: heap.c is compiled without the sanitizer, and its memset is fake_heap_fill().
 *
 * FAKE_HEAP_PLAIN: heap.c was compiled like everything else, so nothing can be forbidden.
 */
#include "fake_machine.h"

#include "frame.h"
#include "heap.h"

#include <string.h>

#if defined FAKE_HEAP_PLAIN
#define forbid(memory, bytes) ((void)(memory), (void)(bytes))
#define allow(memory, bytes)  ((void)(memory), (void)(bytes))
#else
#include <sanitizer/asan_interface.h>
#define forbid(memory, bytes) __asan_poison_memory_region((memory), (bytes))
#define allow(memory, bytes)  __asan_unpoison_memory_region((memory), (bytes))
#endif

#define LARGEST 1344u /* of a size class; heap.c */
#define REDZONE 16u

/* The linker sends the core's calls here (--wrap). */
paddr_t __real_frame_alloc(uint32_t order, uint32_t flags);
paddr_t __wrap_frame_alloc(uint32_t order, uint32_t flags);
paddr_t __real_frame_alloc_pages(uint64_t count, uint32_t flags);
paddr_t __wrap_frame_alloc_pages(uint64_t count, uint32_t flags);
paddr_t __real_frame_alloc_run(uint64_t count, uint64_t skip, uint32_t flags);
paddr_t __wrap_frame_alloc_run(uint64_t count, uint64_t skip, uint32_t flags);
void __real_frame_free(paddr_t frame, uint32_t order);
void __wrap_frame_free(paddr_t frame, uint32_t order);
void __real_frame_free_pages(paddr_t frame, uint64_t count);
void __wrap_frame_free_pages(paddr_t frame, uint64_t count);
void *__real_heap_alloc(size_t size);
void *__wrap_heap_alloc(size_t size);
void __real_heap_free(void *memory, size_t size);
void __wrap_heap_free(void *memory, size_t size);

void *fake_heap_fill(void *memory, int byte, size_t len);

bool fake_succeeds(uint64_t *left)
{
    if (*left == 0) {
        *left = fake.once ? FAKE_ALWAYS : 0;
        return false;
    }
    *left -= *left != FAKE_ALWAYS;
    return true;
}

static bool may_allocate(void)
{
    fake.alloc_calls++;
    return fake_succeeds(&fake.allocs_left);
}

paddr_t __wrap_frame_alloc(uint32_t order, uint32_t flags)
{
    return may_allocate() ? __real_frame_alloc(order, flags) : 0;
}

paddr_t __wrap_frame_alloc_pages(uint64_t count, uint32_t flags)
{
    return may_allocate() ? __real_frame_alloc_pages(count, flags) : 0;
}

paddr_t __wrap_frame_alloc_run(uint64_t count, uint64_t skip, uint32_t flags)
{
    return may_allocate() ? __real_frame_alloc_run(count, skip, flags) : 0;
}

/* Frames may have been the heap's: whoever has them next may use all of them. */
static void allow_frames(paddr_t frame, uint64_t count)
{
    if (fake_is_ram(frame, count * PAGE_SIZE)) { /* else frame.c has its say */
        allow(machine_direct(frame), count * PAGE_SIZE);
    }
}

void __wrap_frame_free(paddr_t frame, uint32_t order)
{
    allow_frames(frame, UINT64_C(1) << order);
    __real_frame_free(frame, order);
}

void __wrap_frame_free_pages(paddr_t frame, uint64_t count)
{
    allow_frames(frame, count);
    __real_frame_free_pages(frame, count);
}

/* What is asked of the heap for so much: large blocks are whole frames, and stay so. */
static size_t with_redzone(size_t size)
{
    return !fake.no_redzones && size + REDZONE <= LARGEST ? size + REDZONE : size;
}

static size_t class_bytes(size_t size)
{
    size_t bytes = 32;
    while (bytes < size) {
        bytes *= 2;
    }
    return bytes > 512 && bytes <= 2048 ? LARGEST : bytes;
}

void *__wrap_heap_alloc(size_t size)
{
    if (!fake.small_ones_free && !may_allocate()) {
        return NULL;
    }
    size_t asked = with_redzone(size);
    uint8_t *block = __real_heap_alloc(asked);
    if (block != NULL && asked <= LARGEST) {
        forbid(block + size, class_bytes(asked) - size);
        allow(block, size);
    } else if (block != NULL) {
        forbid(block + size, ALIGN_UP(size, (size_t)PAGE_SIZE) - size);
    }
    return block;
}

void __wrap_heap_free(void *memory, size_t size)
{
    size_t asked = with_redzone(size);
    if (memory != NULL && asked <= LARGEST) {
        forbid(memory, class_bytes(asked)); /* if its frame goes, that is allowed again */
    }
    __real_heap_free(memory, asked);
}

void *fake_heap_fill(void *memory, int byte, size_t len)
{
    allow(memory, len);
    return memset(memory, byte, len);
}

void fake_heap_forget(void *memory, uint64_t bytes)
{
    allow(memory, bytes);
}
