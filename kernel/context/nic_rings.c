/* SPDX-License-Identifier: MIT */
/*
 * The two rings of a claim. They lie in memory that the app writes at any time, and perhaps a card
 * too: every word is read once, into a record, and only the record counts from then on. Counters
 * are read only where the app asks to, in kick.
 */
#include "nic_private.h"

#include "app_memory.h"
#include "frame.h"
#include "share.h"

#include <kernel/machine.h>
#include <kernel/string.h>

/* ---- memory ---- */

/* The head, or an entry: none lies in two pages. */
static void *ring_at(const struct nic_claim *claim, uint32_t at)
{
    uint32_t offset = claim->offset + at;
    return claim->ring_pages[offset / PAGE_SIZE] + offset % PAGE_SIZE;
}

static struct ctx_nic_entry *entry_at(const struct nic_claim *claim, const struct nic_ring *ring,
                                      uint32_t no)
{
    uint32_t index = no & (ring->size - 1);
    index += ring == &claim->receive ? claim->send.size : 0;
    return ring_at(claim, (uint32_t)sizeof(struct ctx_nic_rings) +
                              index * (uint32_t)sizeof(struct ctx_nic_entry));
}

static struct nic_record *record_at(const struct nic_ring *ring, uint32_t no)
{
    return &ring->records[no & (ring->size - 1)];
}

static const struct share *share_of(const struct nic_claim *claim, const struct nic_record *r)
{
    return r->share != NULL ? r->share : claim->share;
}

/* Where a record's first `len` bytes lie, as pieces behind those that are there. False: they are
 * too many. */
static bool add_segments(const struct nic_claim *claim, const struct nic_record *r,
                         struct nic_segment *to, uint32_t *count)
{
    uint64_t len;
    for (uint64_t done = 0; done < r->len; done += len) {
        uint8_t *bytes = share_bytes(share_of(claim, r), r->at + done, &len);
        len = MIN(len, r->len - done);
        if (*count == NIC_SEGMENTS) {
            return false;
        }
        to[(*count)++] = (struct nic_segment){bytes, (uint32_t)len};
    }
    return true;
}

static void let_record(struct nic_claim *claim, struct nic_record *r)
{
    if (r->share != NULL) {
        share_unpin(r->share);
    }
    if (r->copy != NULL) {
        frame_free_pages(machine_direct_paddr(r->copy), r->copy_pages);
        claim->copied -= r->copy_pages;
        if (claim->app != NULL) {
            claim->app->pages -= r->copy_pages;
        }
    }
    *r = (struct nic_record){.ended = true};
}

/* ---- what the app gives ---- */

/* An entry, read once: a card may be writing there. */
static void read_entry(struct nic_record *r, const struct ctx_nic_entry *from, uint32_t *share)
{
    uint64_t words[sizeof *from / sizeof(uint64_t)];
    struct ctx_nic_entry e;
    for (uint32_t i = 0; i < ARRAY_COUNT(words); i++) {
        words[i] = ((const volatile uint64_t *)from)[i];
    }
    memcpy(&e, words, sizeof e);
    *share = e.share;
    *r = (struct nic_record){
        .at = e.at,
        .len = e.len,
        .flags = e.flags,
        .csum_start = e.csum_start,
        .csum_offset = e.csum_offset,
        .gso_size = e.gso_size,
        .header = e.header,
    };
}

/* The memory that a record is about is there, and stays. */
static ctx_status hold_memory(struct nic_claim *claim, struct nic_record *r, uint32_t handle,
                              bool writes)
{
    uint64_t all = share_size(claim->share);
    if (r->len == 0) {
        return CTX_E_INVAL;
    }
    if (handle != 0) {
        return share_pin(claim->app, handle, writes, r->at, r->len, &r->share);
    }
    return r->at > all || r->len > all - r->at ? CTX_E_RANGE : CTX_OK;
}

/* Whether what a frame wants done makes sense. len: of all its pieces. */
static ctx_status judge_frame(const struct nic_device *d, const struct nic_record *r, uint64_t len)
{
    uint32_t flags = r->flags & ~(uint32_t)CTX_NIC_MORE;
    uint32_t known = (d->sums ? CTX_NIC_CSUM : 0u) | (d->tso4 ? CTX_NIC_TSO4 : 0u) |
                     (d->tso6 ? CTX_NIC_TSO6 : 0u);
    uint32_t cuts = flags & (CTX_NIC_TSO4 | CTX_NIC_TSO6);
    if ((flags & ~known) != 0) {
        return CTX_E_NOSYS;
    }
    if (len < NIC_HEADER) {
        return CTX_E_INVAL;
    }
    if (len > (cuts != 0 ? nic_most(d) : nic_least(d))) {
        return CTX_E_TOOBIG;
    }
    if ((flags & CTX_NIC_CSUM) != 0 &&
        (r->csum_start < NIC_HEADER || (uint64_t)r->csum_start + r->csum_offset + 2 > len)) {
        return CTX_E_INVAL;
    }
    if (cuts != 0 && ((flags & CTX_NIC_CSUM) == 0 || cuts == (CTX_NIC_TSO4 | CTX_NIC_TSO6) ||
                      r->gso_size == 0 || r->header <= r->csum_start || r->header >= len)) {
        return CTX_E_INVAL;
    }
    return CTX_OK;
}

/* The next frame, if all its pieces are there. One with too many of them is passed over as a whole:
 * its rest is no frame. */
static bool take_frame(struct nic_claim *claim)
{
    struct nic_ring *ring = &claim->send;
    uint32_t left = ring->given - ring->taken, n = 0, shares[NIC_PIECES];
    uint32_t most = MIN(NIC_PIECES, ring->size);
    bool more = true;
    while (n < left && n < most && more) {
        struct nic_record *r = record_at(ring, ring->taken + n);
        read_entry(r, entry_at(claim, ring, ring->taken + n), &shares[n]);
        more = (r->flags & CTX_NIC_MORE) != 0;
        n++;
    }
    if (n == 0 || (more && n < most && !claim->skips)) {
        return false;
    }
    struct nic_record *first = record_at(ring, ring->taken);
    ctx_status status = more || claim->skips ? CTX_E_TOOBIG : CTX_OK;
    uint64_t len = 0;
    claim->skips = more;
    for (uint32_t i = 0; i < n && status == CTX_OK; i++) {
        struct nic_record *r = record_at(ring, ring->taken + i);
        status = hold_memory(claim, r, shares[i], false);
        len += r->len;
    }
    first->status = status == CTX_OK ? judge_frame(claim->device, first, len) : status;
    first->pieces = (uint16_t)n;
    ring->taken += n;
    return true;
}

static bool take_room(struct nic_claim *claim)
{
    struct nic_ring *ring = &claim->receive;
    struct nic_record *r = record_at(ring, ring->taken);
    uint32_t share;
    if (ring->taken == ring->given) {
        return false;
    }
    read_entry(r, entry_at(claim, ring, ring->taken), &share);
    r->pieces = 1;
    r->status = r->flags != 0                       ? CTX_E_NOSYS
                : r->len < nic_least(claim->device) ? CTX_E_INVAL
                                                    : hold_memory(claim, r, share, true);
    ring->taken++;
    return true;
}

/* ---- what goes to the card ---- */

/* All pieces in memory of the system's own. */
static ctx_status copy_frame(struct nic_claim *claim, uint32_t no, struct nic_frame *frame)
{
    const struct nic_ring *ring = &claim->send;
    struct nic_record *first = record_at(ring, no);
    uint64_t pages = (frame->len + PAGE_SIZE - 1) / PAGE_SIZE, at = 0, len;
    if (first->copy == NULL) {
        paddr_t memory = app_may_grow(claim->app, pages) ? frame_alloc_pages(pages, 0) : 0;
        if (memory == 0) {
            return CTX_E_NOMEM;
        }
        first->copy = machine_direct(memory);
        first->copy_pages = pages;
        claim->copied += pages;
        claim->app->pages += pages;
    }
    for (uint32_t i = 0; i < first->pieces; i++) {
        const struct nic_record *r = record_at(ring, no + i);
        for (uint64_t done = 0; done < r->len; done += len, at += len) {
            const uint8_t *from = share_bytes(share_of(claim, r), r->at + done, &len);
            len = MIN(len, r->len - done);
            memcpy(first->copy + at, from, len);
        }
    }
    frame->count = 1;
    frame->segments[0] = (struct nic_segment){first->copy, frame->len};
    return CTX_OK;
}

static ctx_status pass_frame(struct nic_claim *claim, uint32_t no)
{
    struct nic_ring *ring = &claim->send;
    const struct nic_record *first = record_at(ring, no);
    struct nic_frame frame = {
        .flags = ((first->flags & CTX_NIC_CSUM) != 0 ? NIC_CSUM : 0) |
                 ((first->flags & CTX_NIC_TSO4) != 0 ? NIC_TSO4 : 0) |
                 ((first->flags & CTX_NIC_TSO6) != 0 ? NIC_TSO6 : 0),
        .csum_start = first->csum_start,
        .csum_offset = first->csum_offset,
        .gso_size = first->gso_size,
        .header = first->header,
    };
    bool fits = true;
    for (uint32_t i = 0; i < first->pieces; i++) {
        const struct nic_record *r = record_at(ring, no + i);
        frame.len += r->len;
        fits = fits && add_segments(claim, r, frame.segments, &frame.count);
    }
    ctx_status status = fits ? CTX_OK : copy_frame(claim, no, &frame);
    if (status == CTX_OK) {
        status = claim->device->send(claim->device, &frame, no);
    }
    if (status == CTX_E_TOOBIG && fits) {
        status = copy_frame(claim, no, &frame);
        status = status == CTX_OK ? claim->device->send(claim->device, &frame, no) : status;
    }
    return status;
}

static ctx_status pass_room(struct nic_claim *claim, uint32_t no)
{
    const struct nic_record *r = record_at(&claim->receive, no);
    struct nic_segment segments[NIC_SEGMENTS];
    uint32_t count = 0, bytes = 0;
    (void)add_segments(claim, r, segments, &count); /* as much of it as goes into so many */
    for (uint32_t i = 0; i < count; i++) {
        bytes += segments[i].len;
    }
    return bytes < nic_least(claim->device)
               ? CTX_E_TOOBIG
               : claim->device->receive(claim->device, segments, count, no);
}

static void end_record(struct nic_ring *ring, uint32_t no, ctx_status status)
{
    uint32_t pieces = record_at(ring, no)->pieces;
    for (uint32_t i = 0; i < pieces; i++) {
        struct nic_record *r = record_at(ring, no + i);
        r->status = status;
        r->ended = true;
    }
}

/* As much of a ring as the card has room for. */
static void pump(struct nic_claim *claim, struct nic_ring *ring)
{
    bool sends = ring == &claim->send;
    uint64_t *errors =
        sends ? &claim->device->counters.send_errors : &claim->device->counters.receive_errors;
    for (;;) {
        if (ring->passed == ring->taken && !(sends ? take_frame(claim) : take_room(claim))) {
            return;
        }
        uint32_t no = ring->passed;
        struct nic_record *r = record_at(ring, no);
        uint32_t pieces = r->pieces;
        if (!r->ended) {
            /* What is done may be said before this returns: the counter comes first. */
            ctx_status status = r->status;
            ring->passed += pieces;
            if (status == CTX_OK) {
                status = sends ? pass_frame(claim, no) : pass_room(claim, no);
            }
            if (status == CTX_E_AGAIN) {
                ring->passed = no;
                return;
            }
            if (status != CTX_OK) {
                end_record(ring, no, status);
                ++*errors;
            }
        } else {
            ring->passed += pieces;
        }
    }
}

void nic_rings_pump(struct nic_claim *claim)
{
    struct nic_device *d = claim->device;
    if (!d->ready || d->gone || claim->app == NULL) {
        return;
    }
    pump(claim, &claim->receive); /* first: an answer may come at once */
    pump(claim, &claim->send);
    d->push(d, claim->tell_sent);
}

/* ---- what the card says ---- */

static bool is_passed(const struct nic_ring *ring, uint32_t no)
{
    return no - ring->done < ring->passed - ring->done && !record_at(ring, no)->ended;
}

void nic_rings_sent(struct nic_claim *claim, uint32_t tag, ctx_status status)
{
    struct nic_ring *ring = &claim->send;
    struct nic_counters *counters = &claim->device->counters;
    if (!is_passed(ring, tag)) {
        return;
    }
    for (uint32_t i = 0; i < record_at(ring, tag)->pieces; i++) {
        counters->sent_bytes += status == CTX_OK ? record_at(ring, tag + i)->len : 0;
    }
    *(status == CTX_OK ? &counters->sent : &counters->send_errors) += 1;
    end_record(ring, tag, status);
}

/* Of a frame that came: the sum over all from `start` on, whose first word is that of the pseudo
 * header, goes where it belongs. */
static void fill_in(const struct nic_claim *claim, const struct nic_record *r,
                    const struct nic_arrival *a)
{
    uint32_t sum = 0;
    uint64_t len, to = (uint64_t)a->csum_start + a->csum_offset;
    for (uint64_t at = a->csum_start; at < a->len;) {
        const uint8_t *bytes = share_bytes(share_of(claim, r), r->at + at, &len);
        len = MIN(len, a->len - at);
        for (uint64_t i = 0; i < len; i++, at++) {
            sum += (at - a->csum_start) % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
        }
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~(sum + (sum >> 16)) & 0xffff;
    sum = sum != 0 ? sum : 0xffff; /* 0 is none, of UDP: RFC 768 */
    *share_bytes(share_of(claim, r), r->at + to, &len) = (uint8_t)(sum >> 8);
    *share_bytes(share_of(claim, r), r->at + to + 1, &len) = (uint8_t)sum;
}

void nic_rings_received(struct nic_claim *claim, uint32_t tag, const struct nic_arrival *a)
{
    struct nic_ring *ring = &claim->receive;
    struct nic_counters *counters = &claim->device->counters;
    struct nic_record *r = record_at(ring, tag);
    if (!is_passed(ring, tag)) {
        return;
    }
    bool partial = (a->flags & NIC_PARTIAL) != 0;
    if (a->len < NIC_HEADER || a->len > r->len ||
        (partial &&
         (a->csum_start < NIC_HEADER || (uint64_t)a->csum_start + a->csum_offset + 2 > a->len))) {
        counters->receive_errors++;
        r->len = 0;
        end_record(ring, tag, CTX_E_IO);
        return;
    }
    if (partial && !claim->partial && claim->app != NULL) {
        fill_in(claim, r, a);
        partial = false;
    }
    counters->received++;
    counters->received_bytes += a->len;
    r->len = a->len;
    r->flags = ((a->flags & NIC_GOOD) != 0 ? CTX_NIC_GOOD : 0) | (partial ? CTX_NIC_PARTIAL : 0);
    r->csum_start = partial ? a->csum_start : 0;
    r->csum_offset = partial ? a->csum_offset : 0;
    end_record(ring, tag, CTX_OK);
}

/* ---- what the app is told ---- */

static bool settle(struct nic_claim *claim, struct nic_ring *ring, uint32_t *counter)
{
    uint32_t was = ring->done;
    while (ring->done != ring->passed && record_at(ring, ring->done)->ended) {
        struct nic_record *r = record_at(ring, ring->done);
        struct ctx_nic_entry *e = entry_at(claim, ring, ring->done);
        if (ring == &claim->receive) {
            e->len = r->status == CTX_OK ? r->len : 0;
            e->flags = r->status == CTX_OK ? r->flags : 0;
            e->csum_start = r->csum_start;
            e->csum_offset = r->csum_offset;
        }
        e->status = r->status;
        let_record(claim, r);
        ring->done++;
    }
    /* Release: what it counts is there before it. Pairs with the app's look at the counter. */
    if (ring->done != was) {
        __atomic_store_n(counter, ring->done, __ATOMIC_RELEASE);
    }
    return ring->done != was;
}

void nic_rings_settle(struct nic_claim *claim)
{
    struct ctx_nic_rings *head = ring_at(claim, 0);
    bool sent = settle(claim, &claim->send, &head->sent);
    bool received = settle(claim, &claim->receive, &head->received);
    if (claim->app != NULL && (received || (sent && claim->tell_sent))) {
        app_tell(claim->app, CTX_EVENT_NIC);
        claim->tell_sent = claim->tell_sent && !sent;
    }
}

void nic_rings_changed(struct nic_claim *claim)
{
    struct ctx_nic_rings *head = ring_at(claim, 0);
    __atomic_store_n(&head->changes, ++claim->changes, __ATOMIC_RELEASE);
}

/* ---- beginning, looking, ending ---- */

void nic_rings_begin(struct nic_claim *claim)
{
    struct ctx_nic_rings *head = ring_at(claim, 0);
    head->sent = head->received = head->changes = 0;
}

static bool look(struct nic_ring *ring, const uint32_t *given, bool *news)
{
    /* Acquire: what it counts is read behind it. Pairs with the app's store. */
    uint32_t now = __atomic_load_n(given, __ATOMIC_ACQUIRE);
    if (now - ring->done > ring->size || now - ring->done < ring->given - ring->done) {
        return false;
    }
    *news = *news || now != ring->given;
    ring->given = now;
    return true;
}

ctx_status nic_rings_look(struct nic_claim *claim, bool *news)
{
    const struct ctx_nic_rings *head = ring_at(claim, 0);
    bool good = look(&claim->send, &head->send_given, news);
    return look(&claim->receive, &head->receive_given, news) && good ? CTX_OK : CTX_E_RANGE;
}

bool nic_rings_busy(const struct nic_claim *claim)
{
    const struct nic_ring *const rings[] = {&claim->send, &claim->receive};
    for (uint32_t i = 0; i < ARRAY_COUNT(rings); i++) {
        for (uint32_t no = rings[i]->done; no != rings[i]->passed; no++) {
            if (!record_at(rings[i], no)->ended) {
                return true;
            }
        }
    }
    return false;
}

void nic_rings_reset(struct nic_claim *claim)
{
    struct nic_ring *send = &claim->send;
    for (uint32_t no = send->done; no != send->passed; no++) {
        struct nic_record *r = record_at(send, no);
        if (!r->ended && r->pieces != 0) {
            claim->device->counters.send_errors++;
            end_record(send, no, CTX_E_IO);
        }
    }
    /* Room is told once more; of that which has a frame pump() knows that it has. */
    claim->receive.passed = claim->receive.done;
}

void nic_rings_end(struct nic_claim *claim)
{
    struct nic_ring *const rings[] = {&claim->send, &claim->receive};
    for (uint32_t i = 0; i < ARRAY_COUNT(rings); i++) {
        for (uint32_t no = rings[i]->done; no != rings[i]->taken; no++) {
            let_record(claim, record_at(rings[i], no));
        }
    }
}
