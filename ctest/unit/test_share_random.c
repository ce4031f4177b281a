/* SPDX-License-Identifier: MIT */
/*
 * A hundred thousand random uses of shares by several apps, some of which are killed meanwhile,
 * beside a model that knows who holds what, with which rights, where, with which contents, and
 * whose quota it counts against.
 */
#include "share_fixture.h"

#define APPS     4u
#define OPS      100000u
#define HOLDINGS 400u
#define SHARES   200u
#define PAGES    3u

struct model_share {
    bool used;
    uint32_t owner;
    uint64_t pages, stamp;
};

struct model_holding {
    bool used, untaken;
    uint32_t app, handle, rights, mapped, from;
    int32_t share, parent; /* share -1: it was revoked */
    uint64_t order, tag, stamp, pages;
    uint8_t *at;
};

static struct {
    struct app *app[APPS];
    uint64_t pages[APPS]; /* without any shares */
    struct model_share share[SHARES];
    struct model_holding holding[HOLDINGS];
    uint64_t order, stamp, done, by_op[12];
    struct rng rng;
} w;

static uint32_t who; /* the app whose call is going on */

static uint32_t pick(uint32_t n)
{
    return (uint32_t)rng_below(&w.rng, n);
}

static int32_t free_holding(void)
{
    for (int32_t i = 0; i < (int32_t)HOLDINGS; i++) {
        if (!w.holding[i].used) {
            return i;
        }
    }
    fail();
    return -1;
}

/* One of this app's; -1: it has none. */
static int32_t any_holding(void)
{
    uint32_t start = pick(HOLDINGS);
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        const struct model_holding *h = &w.holding[(start + i) % HOLDINGS];
        if (h->used && !h->untaken && h->app == who) {
            return (int32_t)((start + i) % HOLDINGS);
        }
    }
    return -1;
}

static uint32_t count_of(uint32_t app)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        n += w.holding[i].used && w.holding[i].app == app;
    }
    return n;
}

static void model_drop(int32_t no)
{
    struct model_holding *h = &w.holding[no];
    bool last = true;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        struct model_holding *x = &w.holding[i];
        if (x->used && x->share >= 0 && x->share == h->share && x != h) {
            last = false;
            x->parent = x->parent == no ? h->parent : x->parent;
        }
    }
    if (h->share >= 0 && last) {
        w.share[h->share].used = false;
    }
    h->used = false;
}

static void write_stamp(const struct model_holding *h, uint64_t stamp)
{
    memcpy(h->at, &stamp, 8);
    memcpy(h->at + h->pages * PAGE_SIZE - 8, &stamp, 8);
}

static void check_stamp(const struct model_holding *h)
{
    uint64_t want = h->share >= 0 ? w.share[h->share].stamp : h->stamp;
    assert_memory_equal(h->at, &want, 8);
    assert_memory_equal(h->at + h->pages * PAGE_SIZE - 8, &want, 8);
}

/* ---- operations ---- */

static void op_create(void)
{
    int32_t s = 0;
    while (s < (int32_t)SHARES && w.share[s].used) {
        s++;
    }
    if (s == (int32_t)SHARES || count_of(who) > 60) {
        return;
    }
    uint32_t share;
    uint64_t pages = 1 + pick(PAGES);
    assert_int_equal(create(pages * PAGE_SIZE - pick(100), CTX_SHARE_ZERO, &share), CTX_OK);
    w.share[s] = (struct model_share){.used = true, .owner = who, .pages = pages};
    w.holding[free_holding()] = (struct model_holding){.used = true,
                                                       .app = who,
                                                       .handle = share,
                                                       .rights = RW,
                                                       .from = who,
                                                       .share = s,
                                                       .parent = -1,
                                                       .order = w.order++,
                                                       .pages = pages};
}

static void op_map(int32_t no)
{
    struct model_holding *h = &w.holding[no];
    uint32_t rights = pick(2) == 0 ? RO : RW;
    uint8_t *at;
    ctx_status want = h->share < 0                 ? CTX_E_REVOKED
                      : (rights & ~h->rights) != 0 ? CTX_E_DENIED
                      : h->at != NULL              ? CTX_E_EXIST
                                                   : CTX_OK;
    assert_int_equal(map(h->handle, rights, &at), want);
    if (want == CTX_OK) {
        for (uint32_t i = 0; i < HOLDINGS; i++) { /* over nobody else */
            const struct model_holding *x = &w.holding[i];
            assert_true(!x->used || x->at == NULL || x->at >= at + (h->pages + 1) * PAGE_SIZE ||
                        at >= x->at + (x->pages + 1) * PAGE_SIZE);
        }
        h->at = at;
        h->mapped = rights;
        check_stamp(h);
    }
}

static void op_unmap(int32_t no)
{
    struct model_holding *h = &w.holding[no];
    assert_int_equal(me.t->unmap(me.t, h->handle), h->at != NULL ? CTX_OK : CTX_E_NOENT);
    h->at = NULL;
}

static void op_close(int32_t no)
{
    assert_int_equal(me.t->close(me.t, w.holding[no].handle), CTX_OK);
    assert_int_equal(me.t->close(me.t, w.holding[no].handle), CTX_E_NOENT);
    model_drop(no);
}

static void op_grant(int32_t no)
{
    struct model_holding *h = &w.holding[no];
    uint32_t to = pick(APPS), rights = pick(2) == 0 ? RO : RW, untaken = 0;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        const struct model_holding *x = &w.holding[i];
        untaken += x->used && x->untaken && x->app == to && x->from == who;
    }
    if (count_of(to) > 60) {
        return;
    }
    ctx_status want = h->share < 0                 ? CTX_E_REVOKED
                      : to == who                  ? CTX_E_INVAL
                      : (rights & ~h->rights) != 0 ? CTX_E_DENIED
                      : untaken >= SHARE_UNTAKEN   ? CTX_E_AGAIN
                                                   : CTX_OK;
    assert_int_equal(grant(h->handle, w.app[to], rights, w.order), want);
    if (want == CTX_OK) {
        w.holding[free_holding()] = (struct model_holding){.used = true,
                                                           .untaken = true,
                                                           .app = to,
                                                           .rights = rights,
                                                           .from = who,
                                                           .share = h->share,
                                                           .parent = no,
                                                           .order = w.order,
                                                           .tag = w.order,
                                                           .pages = h->pages};
        w.order++;
    }
}

static void op_take(void)
{
    struct ctx_share_info info;
    struct model_holding *oldest = NULL;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        struct model_holding *x = &w.holding[i];
        if (x->used && x->untaken && x->app == who &&
            (oldest == NULL || x->order < oldest->order)) {
            oldest = x;
        }
    }
    assert_int_equal(take_next(&info), oldest != NULL ? CTX_OK : CTX_E_AGAIN);
    if (oldest != NULL) {
        assert_int_equal(info.tag, oldest->tag);
        assert_int_equal(info.rights, oldest->rights);
        assert_int_equal(info.from, w.app[oldest->from]->pid);
        oldest->untaken = false;
        oldest->handle = info.share;
    }
}

/* By the model's own way: up from each one. */
static bool is_hit(const struct model_holding *x, int32_t no, int32_t app)
{
    bool through = app < 0;
    for (int32_t at = (int32_t)(x - w.holding); at >= 0; at = w.holding[at].parent) {
        if (at == no) {
            return through && x != &w.holding[no];
        }
        through |= (int32_t)w.holding[at].app == app;
    }
    return false;
}

static void op_revoke(int32_t no)
{
    static bool hit[HOLDINGS];
    struct model_holding *h = &w.holding[no];
    int32_t app = (int32_t)pick(APPS + 1) - 1;
    bool any = app < 0;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        const struct model_holding *x = &w.holding[i];
        hit[i] = h->share >= 0 && x->used && x->share == h->share && is_hit(x, no, app);
        any |= hit[i];
    }
    ctx_status want = h->share < 0 ? CTX_E_REVOKED : any ? CTX_OK : CTX_E_NOENT;
    uint64_t pid = app < 0 ? UINT64_MAX : w.app[app]->pid;
    assert_int_equal(me.t->revoke(me.t, h->handle, pid), want);
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        struct model_holding *x = &w.holding[i];
        if (!hit[i]) {
            continue;
        }
        for (uint32_t k = 0; k < HOLDINGS; k++) {
            if (w.holding[k].used && w.holding[k].parent == (int32_t)i) {
                w.holding[k].parent = x->parent;
            }
        }
        x->stamp = w.share[x->share].stamp;
        x->share = -1;
        x->parent = -1;
        x->used = !x->untaken;
    }
}

static void op_write(int32_t no)
{
    struct model_holding *h = &w.holding[no];
    if (h->at != NULL && h->mapped == RW) {
        w.stamp++;
        write_stamp(h, w.stamp);
        *(h->share >= 0 ? &w.share[h->share].stamp : &h->stamp) = w.stamp;
    }
}

static void op_info(int32_t no)
{
    const struct model_holding *h = &w.holding[no];
    struct ctx_share_info info;
    uint32_t holders = h->share < 0;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        const struct model_holding *x = &w.holding[i];
        holders += h->share >= 0 && x->used && x->share == h->share && !x->untaken;
    }
    assert_int_equal(look(h->handle, &info), CTX_OK);
    assert_int_equal(info.rights, h->rights);
    assert_int_equal(info.bytes, h->pages * PAGE_SIZE);
    assert_int_equal(info.address, (uint64_t)(uintptr_t)h->at);
    assert_int_equal(info.mapped, h->at != NULL ? h->mapped : 0);
    assert_int_equal(info.holders, holders);
    uint32_t owner = h->share >= 0 ? w.share[h->share].owner : who;
    assert_int_equal(info.owner, w.app[owner]->pid);
    assert_int_equal(info.flags, h->share < 0    ? CTX_SHARE_REVOKED
                                 : h->parent < 0 ? CTX_SHARE_ROOT
                                                 : 0);
}

static void op_hostile(int32_t no)
{
    uint32_t h = no >= 0 ? w.holding[no].handle + (1u << pick(32)) : pick(UINT32_MAX);
    uint8_t *at;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        if (w.holding[i].used && w.holding[i].app == who && w.holding[i].handle == h) {
            return;
        }
    }
    assert_int_equal(map(h, pick(8), &at), CTX_E_NOENT);
    assert_int_equal(me.t->close(me.t, h), CTX_E_NOENT);
    assert_int_equal(me.t->unmap(me.t, h), CTX_E_NOENT);
    assert_int_equal(me.t->wake(me.t, h), CTX_E_NOENT);
    assert_int_equal(me.t->revoke(me.t, h, pick(10)), CTX_E_NOENT);
    assert_int_equal(me.t->grant(me.t, h, pick(10), pick(8), 0), CTX_E_NOENT);
}

static void some_steps(void)
{
    for (uint32_t i = 0; i < 12; i++) {
        int32_t no = any_holding();
        uint32_t op = no < 0 ? pick(2) * 2 : pick(12);
        switch (op) {
        case 0:
            op_create();
            break;
        case 2:
        case 9:
            op_take();
            break;
        case 1:
            op_map(no);
            break;
        case 3:
            op_unmap(no);
            break;
        case 4:
            op_close(no);
            break;
        case 5:
        case 10:
            op_grant(no);
            break;
        case 6:
            if (pick(3) == 0) {
                op_revoke(no);
            }
            break;
        case 7:
            op_write(no);
            break;
        case 8:
            op_info(no);
            break;
        default:
            op_hostile(no);
            break;
        }
        w.done++;
        w.by_op[op]++;
    }
}

/* ---- an app goes, and another comes ---- */

static void nothing(void) {}

static void load_one(uint32_t no)
{
    char name[8];
    snprintf(name, sizeof name, "app%u", (unsigned)no);
    w.app[no] = load_v3(name);
    as(w.app[no], nothing);
    w.pages[no] = w.app[no]->pages;
}

static void model_hand_over(struct model_share *s, int32_t no)
{
    const struct model_holding *best = NULL;
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        const struct model_holding *h = &w.holding[i];
        if (!h->used || h->share != no) {
            continue;
        }
        bool mapped = h->at != NULL, best_mapped = best != NULL && best->at != NULL;
        if (best == NULL || (mapped && !best_mapped) ||
            (mapped == best_mapped && h->order < best->order)) {
            best = h;
        }
    }
    assert_non_null(best);
    s->owner = best->untaken ? best->from : best->app;
}

static void kill(uint32_t no)
{
    for (int32_t i = 0; i < (int32_t)HOLDINGS; i++) {
        if (w.holding[i].used && w.holding[i].app == no) {
            model_drop(i);
        }
    }
    for (int32_t i = 0; i < (int32_t)HOLDINGS; i++) {
        if (w.holding[i].used && w.holding[i].untaken && w.holding[i].from == no) {
            model_drop(i);
        }
    }
    for (int32_t s = 0; s < (int32_t)SHARES; s++) {
        if (w.share[s].used && w.share[s].owner == no) {
            model_hand_over(&w.share[s], s);
        }
    }
    app_unload(w.app[no]);
    load_one(no);
    for (uint32_t i = 0; i < HOLDINGS; i++) { /* what came from its former self is not its own */
        w.holding[i].from =
            w.holding[i].from == no && !w.holding[i].untaken ? APPS : w.holding[i].from;
    }
}

static void check_all(void)
{
    uint64_t pages[APPS];
    memcpy(pages, w.pages, sizeof pages);
    for (uint32_t i = 0; i < SHARES; i++) {
        if (w.share[i].used) {
            pages[w.share[i].owner] += w.share[i].pages;
        }
    }
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        const struct model_holding *h = &w.holding[i];
        if (!h->used) {
            continue;
        }
        if (h->at != NULL) {
            check_stamp(h);
            assert_int_equal(fake_rights((uint64_t)(uintptr_t)h->at), h->mapped);
            pages[h->app] += h->share < 0 || h->parent >= 0 ? h->pages : 0;
        }
    }
    for (uint32_t i = 0; i < APPS; i++) {
        assert_int_equal(w.app[i]->pages, pages[i]);
        assert_int_equal(shares_count(w.app[i]), count_of(i));
    }
}

static void beside_a_model(void **state)
{
    (void)state;
    w.rng = (struct rng){20261129};
    remember();
    for (uint32_t i = 0; i < APPS; i++) {
        load_one(i);
    }
    for (uint32_t turns = 0; w.done < OPS; turns++) {
        who = pick(APPS);
        as(w.app[who], some_steps);
        check_all();
        if (pick(40) == 0) {
            kill(pick(APPS));
            check_all();
        }
    }
    for (uint32_t i = 0; i < ARRAY_COUNT(w.by_op); i++) {
        assert_true(w.by_op[i] > 1000); /* all of them were done */
    }
    for (uint32_t i = 0; i < APPS; i++) {
        app_unload(w.app[i]);
    }
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beside_a_model),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
