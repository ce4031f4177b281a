/* SPDX-License-Identifier: MIT */
/*
 * The split ring: see virtqueue.h for the contract. Numbers in brackets are sections of virtio 1.2.
 *
 * Indices are free-running 16-bit counters (2.7.6, 2.7.8): only differences of them mean anything,
 * an entry's place is the counter modulo the size, which is a power of two. Devices are coherent
 * with the processor and see its memory in program order as far as the fences here say so (we do
 * not negotiate ORDER_PLATFORM).
 */
#include "virtqueue.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#define CACHE_LINE 64u

static uint16_t used_index(const struct virtqueue *q)
{
    /*
     * Acquire: pairs with the device's barrier between writing a used element and writing idx
     * [2.7.8]. What idx announces is read after it.
     */
    return __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE);
}

static void break_queue(struct virtqueue *q, const char *lie, uint32_t value, uint32_t limit)
{
    q->broken = true;
    log_error(q->room, "queue %u is broken: the device said %s=%u limit=%u in_flight=%u", q->no,
              lie, value, limit, q->in_flight);
}

ctx_status virtq_init(struct virtqueue *q, const char *room, uint16_t no, uint16_t size,
                      uint16_t chain_max, uint64_t features)
{
    return virtq_init_large(q, room, no, size, chain_max, features, NULL);
}

ctx_status virtq_init_large(struct virtqueue *q, const char *room, uint16_t no, uint16_t size,
                            uint16_t chain_max, uint64_t features, struct virtq_slot *slots)
{
    uint32_t most = slots != NULL ? VIRTQ_LARGE_MAX : VIRTQ_SIZE_MAX;
    if (size == 0 || (size & (size - 1u)) != 0 || size > most || chain_max == 0 ||
        chain_max > VIRTQ_CHAIN_MAX ||
        chain_max > size) { /* [2.7.5.3.1]: no chain is longer than the queue */
        return CTX_E_INVAL;
    }
    /* A table of one descriptor saves nothing, so queues of single segments go without. */
    bool indirect = (features & VIRTIO_F_INDIRECT_DESC) != 0 && chain_max > 1;

    /*
     * [2.7]: descriptors want alignment 16, avail 2, used 4. What the device writes has cache lines
     * of its own.
     */
    size_t avail_at = sizeof(struct virtq_desc) * size;
    size_t used_at = avail_at + sizeof(struct virtq_avail) + sizeof(uint16_t) * (size + 1u);
    used_at = ALIGN_UP(used_at, (size_t)CACHE_LINE);
    size_t avail_event_at =
        used_at + sizeof(struct virtq_used) + sizeof(struct virtq_used_elem) * size;
    size_t tables_at = ALIGN_UP(avail_event_at + sizeof(uint16_t), (size_t)CACHE_LINE);
    size_t bytes = tables_at + (indirect ? sizeof(struct virtq_desc) * size * chain_max : 0);

    paddr_t paddr;
    uint8_t *memory = dma_alloc(bytes, &paddr);
    if (memory == NULL) {
        return CTX_E_NOMEM;
    }
    memset(q, 0, sizeof(*q));
    q->room = room;
    q->no = no;
    q->size = size;
    q->chain_max = chain_max;
    q->indirect = indirect;
    q->event_idx = (features & VIRTIO_F_EVENT_IDX) != 0;
    q->memory = memory;
    q->memory_bytes = bytes;
    q->desc = (struct virtq_desc *)memory;
    q->avail = (struct virtq_avail *)(memory + avail_at);
    q->used = (volatile struct virtq_used *)(memory + used_at);
    q->used_event = &q->avail->ring[size];
    q->avail_event = (const volatile uint16_t *)(memory + avail_event_at);
    q->tables = indirect ? (struct virtq_desc *)(memory + tables_at) : NULL;
    q->desc_paddr = paddr;
    q->avail_paddr = paddr + avail_at;
    q->used_paddr = paddr + used_at;
    q->tables_paddr = paddr + tables_at;
    q->interrupts = true;
    q->free_count = size;
    q->slots = slots != NULL ? slots : q->few;
    memset(q->slots, 0, size * sizeof(*q->slots));
    for (uint16_t i = 0; i < size; i++) {
        q->slots[i].next =
            (uint16_t)(i + 1u); /* the last one's is never followed: free_count ends the list */
    }
    return CTX_OK;
}

void virtq_release(struct virtqueue *q)
{
    dma_free(q->memory, q->memory_bytes);
    memset(q, 0, sizeof(*q));
}

static uint16_t take_descriptor(struct virtqueue *q)
{
    uint16_t no = q->free_head;
    q->free_head = q->slots[no].next;
    q->free_count--;
    return no;
}

/*
 * Fill `count` entries that are linked by `next`: in the ring by the slots' links, in a table one
 * after the other.
 */
static void write_entry(struct virtq_desc *entry, const struct virtq_segment *segment,
                        bool writable, bool last, uint16_t next)
{
    entry->addr = segment->paddr;
    entry->len = segment->len;
    entry->flags =
        (uint16_t)((writable ? VIRTQ_DESC_F_WRITE : 0u) | (last ? 0u : VIRTQ_DESC_F_NEXT));
    entry->next = last ? 0 : next;
}

static uint16_t add_indirect(struct virtqueue *q, const struct virtq_segment *segments,
                             uint32_t readable, uint32_t count)
{
    uint16_t head = take_descriptor(q);
    size_t first = (size_t)head * q->chain_max;
    for (uint32_t i = 0; i < count; i++) {
        write_entry(&q->tables[first + i], &segments[i], i >= readable, i + 1 == count,
                    (uint16_t)(i + 1u));
    }
    /* [2.7.5.3.1]: INDIRECT and NEXT are not set together, and WRITE means nothing here. */
    q->desc[head] = (struct virtq_desc){
        .addr = q->tables_paddr + first * sizeof(struct virtq_desc),
        .len = (uint32_t)(count * sizeof(struct virtq_desc)),
        .flags = VIRTQ_DESC_F_INDIRECT,
    };
    q->slots[head].count = 1;
    return head;
}

static uint16_t add_direct(struct virtqueue *q, const struct virtq_segment *segments,
                           uint32_t readable, uint32_t count)
{
    uint16_t head = q->free_head;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t no = take_descriptor(q);
        write_entry(&q->desc[no], &segments[i], i >= readable, i + 1 == count, q->free_head);
    }
    q->slots[head].count = (uint16_t)count;
    return head;
}

ctx_status virtq_add(struct virtqueue *q, const struct virtq_segment *segments, uint32_t readable,
                     uint32_t writable, void *cookie)
{
    if (q->broken) {
        return CTX_E_IO;
    }
    if (readable > q->chain_max || writable > q->chain_max || cookie == NULL) {
        return CTX_E_INVAL;
    }
    uint32_t count = readable + writable;
    if (count == 0 || count > q->chain_max) {
        return CTX_E_INVAL;
    }
    uint64_t read_bytes = 0, write_bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (segments[i].len == 0) {
            return CTX_E_INVAL;
        }
        *(i < readable ? &read_bytes : &write_bytes) += segments[i].len;
    }
    if (read_bytes + write_bytes > UINT32_MAX) { /* [2.7.5.2] */
        return CTX_E_INVAL;
    }
    bool indirect = q->indirect && count > 1;
    if (q->free_count < (indirect ? 1 : count)) {
        return CTX_E_NOSPC;
    }
    uint16_t head = indirect ? add_indirect(q, segments, readable, count)
                             : add_direct(q, segments, readable, count);
    q->slots[head].cookie = cookie;
    q->slots[head].writable = (uint32_t)write_bytes;
    q->avail->ring[q->avail_idx & (q->size - 1u)] = head; /* [2.7.13.2] */
    q->avail_idx++;
    q->in_flight++;
    return CTX_OK;
}

bool virtq_publish(struct virtqueue *q)
{
    uint16_t old = q->published;
    uint16_t now = q->avail_idx;
    if (old == now || q->broken) {
        return false;
    }
    q->published = now;
    /*
     * Release [2.7.13.3]: descriptors and ring entries before idx. Pairs with the device's barrier
     * between reading idx and reading the entries that it announces.
     */
    __atomic_store_n(&q->avail->idx, now, __ATOMIC_RELEASE);
    /*
     * Full fence [2.7.13.4.1]: idx is visible before avail_event or flags are read. Pairs with the
     * device's fence between asking for notifications and looking at idx a last time; without it
     * both could miss the other.
     */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (q->event_idx) {
        /*
         * [2.7.10]: notify if idx has passed avail_event in this batch; in 16-bit arithmetic, so it
         * wraps rightly.
         */
        return (uint16_t)(now - *q->avail_event - 1u) < (uint16_t)(now - old);
    }
    return (q->used->flags & VIRTQ_USED_F_NO_NOTIFY) == 0;
}

static void free_chain(struct virtqueue *q, uint16_t head)
{
    struct virtq_slot *slot = &q->slots[head];
    uint16_t last = head;
    for (uint16_t i = 1; i < slot->count; i++) {
        last = q->slots[last].next;
    }
    q->slots[last].next = q->free_head;
    q->free_head = head;
    q->free_count = (uint16_t)(q->free_count + slot->count);
    q->in_flight--;
    slot->count = 0;
    slot->cookie = NULL;
}

bool virtq_get(struct virtqueue *q, struct virtq_chain *chain)
{
    if (q->broken || q->memory == NULL) {
        return false;
    }
    uint16_t news = (uint16_t)(used_index(q) - q->used_idx);
    if (news == 0) {
        return false;
    }
    if (news > q->in_flight) {
        break_queue(q, "used index jump", news, q->in_flight);
        return false;
    }
    /* Each word is read once: the device could change it between a check and a use. */
    volatile struct virtq_used_elem *element = &q->used->ring[q->used_idx & (q->size - 1u)];
    uint32_t id = element->id;
    uint32_t len = element->len;
    if (id >= q->size) {
        break_queue(q, "used id", id, q->size - 1u);
        return false;
    }
    struct virtq_slot *slot = &q->slots[id];
    if (slot->count == 0) {
        break_queue(q, "used id not in flight", id, q->size - 1u);
        return false;
    }
    if (len > slot->writable) {
        break_queue(q, "used length", len, slot->writable);
        return false;
    }
    chain->cookie = slot->cookie;
    chain->len = len;
    free_chain(q, (uint16_t)id);
    q->used_idx++;
    return true;
}

bool virtq_has_news(const struct virtqueue *q)
{
    return q->broken || (q->memory != NULL && used_index(q) != q->used_idx);
}

void virtq_arm(struct virtqueue *q)
{
    if (!q->interrupts || q->memory == NULL) {
        return;
    }
    if (q->event_idx) {
        *q->used_event = q->used_idx;
    } else {
        *(volatile uint16_t *)&q->avail->flags = 0;
    }
    /*
     * Full fence: the wish is visible before used->idx is looked at a last time. Pairs with the
     * device's fence between writing used->idx and reading used_event or flags [2.7.7.2].
     */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

bool virtq_arm_last(struct virtqueue *q)
{
    if (!q->interrupts || q->memory == NULL) {
        return false;
    }
    if (q->event_idx) {
        /* The entry of the last chain that the device has; with none, the furthest away. */
        *q->used_event = (uint16_t)(q->used_idx + q->in_flight - 1u);
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* as in virtq_arm() */
    } else {
        virtq_arm(q);
    }
    return q->in_flight > 0 && (uint16_t)(used_index(q) - q->used_idx) >= q->in_flight;
}

void virtq_poll(struct virtqueue *q)
{
    q->interrupts = false;
    if (q->event_idx) {
        /* [2.7.7.1]: flags stays 0. The entry furthest away is as near to "never" as it gets. */
        *q->used_event = (uint16_t)(q->used_idx - 1u);
    } else {
        *(volatile uint16_t *)&q->avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
    }
}
