/* SPDX-License-Identifier: MIT */
/*
 * Cards by ctx.nic/1: each has a share of its own with rings and frames, which the card reads and
 * writes where they lie. A frame is copied once each way, between there and lwIP.
 */
#include "net_app.h"

#include <stdlib.h>
#include <string.h>

#define CARDS     8u
#define ENTRIES   256u
#define ALIGN     64u
#define TAKE_MOST 256u /* frames in one call: then others have a turn */
#define WAIT_MOST 16u  /* frames that wait for each other, see cards_go() */

struct nic {
    struct nic *next;
    struct ctx_nic_info info;
    uint32_t handle, share;
    uint8_t *bytes; /* of the share */
    struct ctx_nic_rings *rings;
    struct ctx_nic_entry *send, *receive;
    uint32_t entries, place; /* bytes for a frame */
    uint32_t sent, received; /* seen so far */
    uint32_t send_given, receive_given;
    uint32_t told;            /* of send_given: what the card knows of */
    uint32_t put, area;       /* where the next frame to send goes; bytes of that memory */
    uint32_t begins[ENTRIES]; /* of each entry's frame */
    uint32_t changes;
    bool kick, gone;
    bool kicked; /* since the app's own turn */
    bool plain;  /* it refused what it had offered */
    uint64_t lost;
    struct card *card;
};

static const struct ctx_nic *table;
static const struct ctx_share *shares;
static struct nic *nics;

/* Frames that come have a place each; those to send lie one behind the other, for some are long. */
static uint8_t *area_of(struct nic *n)
{
    return n->bytes + sizeof(struct ctx_nic_rings) +
           2 * (size_t)n->entries * sizeof(struct ctx_nic_entry);
}

static uint8_t *frame_at(struct nic *n, uint32_t no)
{
    return area_of(n) + n->area + (size_t)(no % n->entries) * n->place;
}

static void give_room(struct nic *n)
{
    struct ctx_nic_entry *e = &n->receive[n->receive_given % n->entries];
    *e = (struct ctx_nic_entry){
        .at = (uint64_t)(frame_at(n, n->receive_given) - n->bytes),
        .len = n->place,
    };
    n->receive_given++;
    __atomic_store_n(&n->rings->receive_given, n->receive_given, __ATOMIC_RELEASE);
    n->kick = true;
}

/* ---- what the stack asks of a card ---- */

static uint32_t does(const struct nic *n)
{
    uint32_t flags = n->plain ? 0 : n->info.flags;
    if ((flags & CTX_NIC_IS_SUM) == 0) {
        return 0;
    }
    return CARD_SUMS | ((flags & CTX_NIC_IS_TSO4) != 0 ? CARD_TSO4 : 0u) |
           ((flags & CTX_NIC_IS_TSO6) != 0 ? CARD_TSO6 : 0u);
}

static void reap(struct nic *n)
{
    uint32_t sent = __atomic_load_n(&n->rings->sent, __ATOMIC_ACQUIRE);
    if (sent - n->sent > n->told - n->sent) {
        return;
    }
    for (; n->sent != sent; n->sent++) {
        if (n->send[n->sent % n->entries].status == CTX_E_NOSYS && !n->plain) {
            n->plain = true; /* it does less than it says: what was lost is sent once more */
            card_does(n->card, 0);
        }
    }
}

static void kick(struct nic *n)
{
    if (n->kick && !n->gone) {
        n->kick = false;
        n->kicked = true;
        n->told = n->send_given;
        __atomic_store_n(&n->rings->send_given, n->send_given, __ATOMIC_RELEASE);
        if (table->kick(table, n->handle, 0) == CTX_E_IO) {
            n->gone = true;
        }
    }
}

/* Where so many bytes fit; UINT32_MAX: nowhere. behind: only there, where the last frame ends. */
static uint32_t fits(struct nic *n, uint32_t len, bool behind)
{
    if (n->send_given == n->sent) {
        n->put = 0;
        return len <= n->area ? 0 : UINT32_MAX;
    }
    uint32_t first = n->begins[n->sent % n->entries];
    if (n->put < first) {
        return len < first - n->put ? n->put : UINT32_MAX;
    }
    if (len <= n->area - n->put) {
        return n->put;
    }
    return !behind && len < first ? 0 : UINT32_MAX;
}

static uint8_t *room(void *arg, uint32_t len)
{
    struct nic *n = arg;
    for (int tries = 0; tries < 3; tries++) {
        uint32_t at = n->send_given - n->sent < n->entries ? fits(n, len, false) : UINT32_MAX;
        if (at != UINT32_MAX) {
            n->put = at;
            return len <= n->info.most && !n->gone ? area_of(n) + at : NULL;
        }
        if (tries == 1) {
            kick(n);
        }
        reap(n);
    }
    return NULL;
}

static void fill(struct nic *n, uint32_t no, const struct card_work *work)
{
    struct ctx_nic_entry *e = &n->send[no % n->entries];
    uint32_t tso = work == NULL || work->segment == 0 ? 0u
                   : work->six                        ? (uint32_t)CTX_NIC_TSO6
                                                      : (uint32_t)CTX_NIC_TSO4;
    *e = (struct ctx_nic_entry){
        .at = (uint64_t)(area_of(n) + n->begins[no % n->entries] - n->bytes),
        .len = n->put - n->begins[no % n->entries],
        .flags = work != NULL ? CTX_NIC_CSUM | tso : 0u,
    };
    if (work != NULL) {
        e->csum_start = work->sum_start;
        e->csum_offset = work->sum_offset;
        e->gso_size = work->segment;
        e->header = work->header;
    }
    n->kick = true;
}

static void send(void *arg, uint32_t len, const struct card_work *work)
{
    struct nic *n = arg;
    n->begins[n->send_given % n->entries] = n->put;
    n->put += len;
    fill(n, n->send_given++, work);
}

static uint8_t *more(void *arg, uint32_t len)
{
    struct nic *n = arg;
    bool there = n->told != n->send_given && !n->gone;
    return there && fits(n, len, true) == n->put ? area_of(n) + n->put : NULL;
}

static void grow(void *arg, uint32_t len, const struct card_work *work)
{
    struct nic *n = arg;
    n->put += len;
    fill(n, n->send_given - 1, work);
}

static uint64_t lost(void *arg)
{
    return ((struct nic *)arg)->lost;
}

static const struct card_ops ops = {
    .room = room, .send = send, .more = more, .grow = grow, .lost = lost};

/* ---- their lives ---- */

static bool begin_share(struct nic *n)
{
    uint64_t address = 0;
    n->place = (n->info.mtu + 18 > n->info.least ? n->info.mtu + 18 : n->info.least) + ALIGN - 1;
    n->place -= n->place % ALIGN;
    n->entries = n->info.entries < ENTRIES ? n->info.entries : ENTRIES;
    n->area = n->entries * n->place;
    uint64_t bytes = sizeof(struct ctx_nic_rings) +
                     2 * (uint64_t)n->entries * (sizeof(struct ctx_nic_entry) + n->place);
    if (shares->create(shares, bytes, CTX_SHARE_ZERO, &n->share) != CTX_OK) {
        return false;
    }
    if (shares->map(shares, n->share, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) != CTX_OK) {
        shares->close(shares, n->share);
        return false;
    }
    n->bytes = (uint8_t *)(uintptr_t)address;
    n->rings = (struct ctx_nic_rings *)(void *)n->bytes;
    n->send = (struct ctx_nic_entry *)(void *)(n->rings + 1);
    n->receive = n->send + n->entries;
    for (uint32_t i = 0; i < n->entries; i++) {
        give_room(n);
    }
    return true;
}

/* Its address, if its line has one: of the first card alone. */
static void set_up(struct nic *n, struct card_setup *setup)
{
    *setup = (struct card_setup){
        .ops = &ops, .arg = n, .mtu = n->info.mtu, .does = does(n), .most = n->info.most};
    memcpy(setup->mac, n->info.mac, 6);
    if (nics == NULL && app.address[0] != 0) {
        setup->address = app.address;
        setup->gateway = app.gateway[0] != 0 ? app.gateway : NULL;
    }
}

static ctx_status begin(const struct ctx_nic_info *info)
{
    struct card_setup setup;
    struct nic *n = calloc(1, sizeof *n);
    if (n == NULL) {
        return CTX_E_NOMEM;
    }
    n->info = *info;
    if (!begin_share(n)) {
        free(n);
        return CTX_E_NOMEM;
    }
    struct ctx_nic_setup want = {
        .size = sizeof want,
        .card = info->card,
        .flags = CTX_NIC_PARTIAL,
        .share = n->share,
        .send_entries = n->entries,
        .receive_entries = n->entries,
    };
    ctx_status status = table->claim(table, &want, &n->handle);
    if (status == CTX_OK) {
        set_up(n, &setup);
        n->card = card_add(&setup);
        if (n->card == NULL) {
            say(CTX_LOG_ERROR, "address=%s gateway=%s: as 10.0.2.15/24 and 10.0.2.2", app.address,
                app.gateway);
            app.address[0] = 0;
            set_up(n, &setup);
            n->card = card_add(&setup);
        }
        status = n->card != NULL ? CTX_OK : CTX_E_NOMEM;
    }
    if (status != CTX_OK) {
        table->release(table, n->handle);
        shares->close(shares, n->share);
        free(n);
        return status;
    }
    card_link(n->card,
              (info->flags & CTX_NIC_IS_LINK) != 0 || (info->flags & CTX_NIC_IS_KNOWN) == 0);
    n->next = nics;
    nics = n;
    return CTX_OK;
}

static void end(struct nic *n)
{
    struct nic **at = &nics;
    while (*at != n) {
        at = &(*at)->next;
    }
    *at = n->next;
    say(CTX_LOG_WARN, "the card %s is gone", (const char *)n->info.name);
    card_remove(n->card);
    table->release(table, n->handle);
    shares->close(shares, n->share);
    free(n);
}

static bool have(uint32_t card)
{
    for (const struct nic *n = nics; n != NULL; n = n->next) {
        if (n->info.card == card) {
            return true;
        }
    }
    return false;
}

static const void *open_table(const char *id, uint32_t size)
{
    const struct ctx_table *t = NULL;
    struct ctx *ctx = app.ctx;
    ctx_status status = ctx->iface->open(ctx->iface, id, (uint32_t)strlen(id), size, &t);
    return status == CTX_OK && (t->flags & CTX_TBL_GRANTED) != 0 ? t : NULL;
}

void cards_look(void)
{
    struct ctx_nic_info info = {.size = sizeof info};
    table = table != NULL ? table : open_table(CTX_ID_NIC, sizeof *table);
    shares = shares != NULL ? shares : open_table(CTX_ID_SHARE, sizeof *shares);
    if (table == NULL || shares == NULL) {
        return;
    }
    for (struct nic *n = nics, *next; n != NULL; n = next) {
        next = n->next;
        ctx_status status = table->info(table, n->handle, &info);
        if (status != CTX_OK || (info.flags & CTX_NIC_IS_GONE) != 0) {
            end(n);
            continue;
        }
        uint32_t before = does(n);
        n->info.flags = info.flags;
        if (does(n) != before) {
            card_does(n->card, does(n));
        }
        card_link(n->card,
                  (info.flags & CTX_NIC_IS_LINK) != 0 || (info.flags & CTX_NIC_IS_KNOWN) == 0);
    }
    for (uint32_t i = 0; i < CARDS && table->list(table, i, &info) == CTX_OK; i++) {
        if (!have(info.card)) { /* BUSY: the event comes when it is free */
            ctx_status status = begin(&info);
            if (status != CTX_OK && status != CTX_E_BUSY) {
                say(CTX_LOG_ERROR, "the card %s can not be used: %s", (const char *)info.name,
                    ctx_status_name(status));
            }
        }
    }
}

bool cards_any(void)
{
    return nics != NULL;
}

static void take(struct nic *n)
{
    for (uint32_t i = 0; i < TAKE_MOST; i++) {
        uint32_t received = __atomic_load_n(&n->rings->received, __ATOMIC_ACQUIRE);
        if (received == n->received) {
            return;
        }
        const struct ctx_nic_entry *e = &n->receive[n->received % n->entries];
        const uint8_t *frame = frame_at(n, n->received);
        uint32_t len = e->len;
        if (e->status == CTX_OK && len <= n->place) {
            bool good = (e->flags & (CTX_NIC_GOOD | CTX_NIC_PARTIAL)) != 0;
            (good ? card_input_good : card_input)(n->card, frame, len);
        } else {
            n->lost++;
        }
        n->received++;
        give_room(n);
    }
    (void)app.ctx->time->wake_at(app.ctx->time, 0); /* there may be more */
}

void cards_take(void)
{
    for (struct nic *n = nics; n != NULL; n = n->next) {
        take(n);
    }
}

void cards_go(bool own_turn)
{
    static bool late; /* the app's own turn is asked for */
    bool waits = false;
    for (struct nic *n = nics; n != NULL; n = n->next) {
        if (own_turn || !n->kicked || n->send_given - n->told >= WAIT_MOST) {
            kick(n);
        }
        waits |= n->kick && !n->gone;
        n->kicked &= !own_turn;
    }
    if (waits && !late) {
        (void)app.ctx->time->wake_at(app.ctx->time, 0);
    }
    late = waits;
}
