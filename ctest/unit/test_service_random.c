/* SPDX-License-Identifier: MIT */
/*
 * Six apps that offer, open, call, ask, answer and die at random, with arguments of all kinds of
 * badness: every answer is a documented one, the kernel's books agree, and nothing is left.
 */
#include "policy_fixture.h"
#include "service_fixture.h"

#define APPS    6u
#define USES    400000u /* or as many as the environment's ARGOS_USES says, from a seed of its own */
#define BLOCK   4096u
#define NUMBERS 32u

static struct {
    struct app *app;
    uint8_t *block; /* memory of its own */
    const struct all_table *table;
    uint32_t handle;
    uint64_t made[NUMBERS], owed[NUMBERS]; /* numbers of requests that it has heard */
} who[APPS];
static uint32_t turn_of; /* whose call it is */
static struct rng rng = {11};
static uint64_t answers[64];

static uint64_t pick(const uint64_t *from, uint32_t n)
{
    return from[rng_below(&rng, n)];
}

/* An address: mostly in the app's own block, else anything. */
static void *address(void)
{
    uint64_t base = who[turn_of].app->base;
    uint8_t *block = who[turn_of].block;
    const uint64_t wild[] = {
        0,
        1,
        UINT64_MAX,
        UINT64_MAX - 7,
        base,
        base + CTX_SLOT_GATES,
        base + CTX_SLOT_SIZE - CTX_SLOT_GUARD - 4,
        base + CTX_SLOT_OPENED,
        base + CTX_SLOT_HEAP_END - 8,
        who[(turn_of + 1) % APPS].app->base + CTX_SLOT_STORE,
        0xffff800000000000u,
    };
    if (rng_below(&rng, 8) == 0) {
        return (void *)(uintptr_t)pick(wild, ARRAY_COUNT(wild));
    }
    return block + rng_below(&rng, BLOCK / 16) * 8;
}

static uint32_t length_of_bytes(void)
{
    static const uint64_t lengths[] = {0, 1, 8, 100, 4095, 4096, 65536, 0x7fffffff, UINT32_MAX};
    return rng_below(&rng, 3) != 0 ? (uint32_t)rng_below(&rng, 512)
                                   : (uint32_t)pick(lengths, ARRAY_COUNT(lengths));
}

static void note(int32_t status)
{
    /* Nobody gets an address, nor a status that is not named. */
    assert_true((status <= 0 && status >= -20) || status == CTX_PENDING || status == 5);
    answers[status > 0 ? 32 : -status]++;
}

static void fill(void)
{
    uint64_t *words = (uint64_t *)(void *)who[turn_of].block;
    for (uint32_t i = 0; i < 64; i++) { /* sizes of structs among them */
        words[rng_below(&rng, BLOCK / 8)] =
            rng_below(&rng, 4) != 0 ? rng_below(&rng, 80) : rng_next(&rng);
    }
}

/* ---- what providers do ---- */

static int32_t random_inside(struct ctx *ctx);

static int32_t any_fn(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    (void)a;
    (void)c;
    (void)d;
    (void)e;
    uint32_t outer = turn_of;
    int32_t result = 0;
    for (uint32_t i = 0; i < APPS; i++) {
        turn_of = who[i].app == app_current() ? i : turn_of;
    }
    switch (rng_below(&rng, 12)) {
    case 0:
        turn_of = outer;
        fake_fault(14, 0x20);
    case 1:
        turn_of = outer;
        fake_overrun();
    case 2:
        result = random_inside(ctx); /* it calls others */
        break;
    case 3:
        result = CTX_E_NOENT;
        break;
    case 4:
        result = CTX_PENDING;
        who[turn_of].owed[rng_below(&rng, NUMBERS)] = b; /* if it is a request's */
        break;
    default:
        break;
    }
    turn_of = outer;
    return result;
}

static fake_entered *any_served(uint64_t offset)
{
    (void)offset;
    return any_fn;
}

/* ---- what everybody does ---- */

static void offer(const struct ctx_service *service)
{
    struct all_interface d = all_1;
    uint8_t *at = who[turn_of].block;
    d.fns[FN_WORD].name[0] = (uint8_t)('v' + rng_below(&rng, 2)); /* two versions of it */
    if (rng_below(&rng, 3) == 0) {
        ((uint8_t *)&d)[rng_below(&rng, sizeof d)] ^= (uint8_t)(1 + rng_below(&rng, 255));
    }
    memcpy(at, &d, sizeof d);
    for (uint32_t i = 0; i < FN_COUNT; i++) {
        uint64_t code = who[turn_of].app->entry + (rng_below(&rng, 50) != 0 ? 0 : rng_next(&rng));
        memcpy(at + 1024 + i * 8u, &code, sizeof code);
    }
    note(service->publish(service, at, sizeof d, at + 1024, FN_COUNT * 8,
                          (uint32_t *)(void *)(at + 2048)));
    memcpy(&who[turn_of].handle, at + 2048, 4);
}

static void call_one(const struct all_table *table)
{
    uint64_t *request = address();
    switch (rng_below(&rng, 6)) {
    case 0:
        note(table->add(table, 1, 2, address(), address()));
        break;
    case 1:
        note(table->bytes(table, address(), length_of_bytes(), address(), length_of_bytes()));
        break;
    case 2:
        note(table->structs(table, address(), address(), address()));
        break;
    case 3:
        if (table->slow(table, 0, request) == CTX_PENDING) {
            who[turn_of].made[rng_below(&rng, NUMBERS)] = *request;
        }
        break;
    case 4:
        note(table->outcome(table, (uint32_t)rng_next(&rng)));
        break;
    default:
        note(table->word(table));
        break;
    }
}

static void use_table(const struct ctx_service *service)
{
    uint64_t mine = who[turn_of].made[rng_below(&rng, NUMBERS)];
    uint64_t theirs = who[turn_of].owed[rng_below(&rng, NUMBERS)];
    uint32_t *out = address();
    switch (rng_below(&rng, 10)) {
    case 0:
        note(service->unpublish(service, rng_below(&rng, 3) != 0 ? 77 : who[turn_of].handle));
        break;
    case 1:
        note(service->caller(service, address()));
        break;
    case 2:
        note(service->callers(service, who[turn_of].handle, address(), length_of_bytes(),
                              (uint32_t)rng_below(&rng, 64), out));
        break;
    case 3:
        note(service->news(service, address()));
        break;
    case 4:
        note(service->complete(service, theirs, (uint32_t) - (int32_t)rng_below(&rng, 20),
                               address(), length_of_bytes()));
        break;
    case 5:
        note(service->take(service, mine, address(), length_of_bytes(), out, address()));
        break;
    case 6:
        note(service->cancel(service, mine));
        break;
    case 7:
        note(service->done(service, address()));
        break;
    default:
        note(service->list(service, address(), length_of_bytes(), (uint32_t)rng_below(&rng, 200),
                           out));
        break;
    }
}

static int32_t random_inside(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    fill();
    ctx_status status = CTX_E_NOSYS;
    if (rng_below(&rng, 3) == 0) { /* by hand: memory of its own is scarce here */
        char *id = (char *)who[turn_of].block;
        memcpy(id, SERVICE_ID, sizeof SERVICE_ID);
        const struct ctx_table **out = (const struct ctx_table **)(void *)(who[turn_of].block + 64);
        status = ctx->iface->open(ctx->iface, id, sizeof SERVICE_ID - 1, 0, out);
        table = *out;
        note(status);
    }
    if (status == CTX_OK) {
        who[turn_of].table = (const struct all_table *)table;
    }
    if (who[turn_of].table != NULL) {
        call_one(who[turn_of].table);
    }
    return 0;
}

static int32_t body_random(struct ctx *ctx)
{
    if (ctx == NULL) {
        return 0; /* a parked call goes on, and ends */
    }
    struct app *app = app_current();
    if (who[turn_of].block == NULL) {
        who[turn_of].block = ctx->mem->alloc(ctx->mem, BLOCK, 4096, CTX_MEM_ZERO);
        assert_non_null(who[turn_of].block);
        *ctx->store = who[turn_of].block;
    }
    const struct ctx_service *service = service_table(ctx);
    for (uint32_t i = 0; i < 20; i++) {
        switch (rng_below(&rng, 8)) {
        case 0:
            offer(service);
            break;
        case 1:
        case 2:
            use_table(service);
            break;
        default:
            random_inside(ctx);
            break;
        }
        assert_ptr_equal(app_current(), app);
    }
    if (rng_below(&rng, 20) == 0) {
        fake_fault(14, 0x30);
    }
    return 0;
}

/* The kernel's books. */
static void check_books(void)
{
    uint32_t services = 0;
    for (struct service *s = service_after(NULL); s != NULL; s = service_after(s)) {
        uint32_t users = 0, gone = 0;
        for (const struct service_use *use = s->uses; use != NULL; use = use->next) {
            assert_ptr_equal(use->service, s);
            assert_true(use->next == NULL || use->next->prev == use);
            *(use->consumer != NULL ? &users : &gone) += 1;
        }
        assert_int_equal(users, s->users);
        assert_int_equal(gone, s->gone);
        services++;
    }
    assert_int_equal(services, service_count());
    for (uint32_t i = 0; i < APPS; i++) {
        const struct app_services *mine = services_known(who[i].app);
        uint32_t made = 0, canceled = 0;
        uint64_t bytes = 0;
        for (uint32_t chain = 0; mine != NULL && chain < REQUEST_CHAINS; chain++) {
            for (const struct request *r = mine->made[chain]; r != NULL; r = r->next_made) {
                assert_ptr_equal(r->consumer, who[i].app);
                made++;
                bytes += r->len;
            }
            for (const struct request *r = mine->owed[chain]; r != NULL; r = r->next_owed) {
                assert_ptr_equal(r->provider, who[i].app);
                canceled += r->state == REQUEST_CANCELED;
            }
        }
        assert_int_equal(made, mine != NULL ? mine->made_count : 0);
        assert_int_equal(canceled, mine != NULL ? mine->canceled : 0);
        assert_int_equal(bytes, mine != NULL ? mine->result_bytes : 0);
    }
}

static void forget_what_it_knew(uint32_t i)
{
    who[i].block = NULL;
    who[i].table = NULL;
    memset(who[i].made, 0, sizeof who[i].made);
    memset(who[i].owed, 0, sizeof who[i].owed);
}

static void everything_at_random(void **state)
{
    (void)state;
    const char *more = getenv("ARGOS_USES");
    uint64_t uses = more != NULL ? strtoull(more, NULL, 10) : USES;
    rng.state = more != NULL ? uses : rng.state;
    remember();
    memset(who, 0, sizeof who);
    fake.service = any_served;
    for (uint32_t i = 0; i < APPS; i++) {
        who[i].app = load_v3(i == 0   ? "a offer=* restart=on-fault log=1"
                             : i == 1 ? "b offer=* restart=on-fault log=1"
                                      : "c restart=on-fault log=1");
    }
    for (uint64_t n = 0; n < uses / 20; n++) {
        turn_of = (uint32_t)rng_below(&rng, APPS);
        struct app *app = who[turn_of].app;
        if (app->base == 0) { /* it begins anew, at once */
            fake.now_ns = MAX(fake.now_ns, app->turn.deadline_ns);
            app->restarts_in_a_row = 0;
            ready_expire(fake.now_ns);
            while (ready_take() != NULL) {
            }
            forget_what_it_knew(turn_of);
        }
        call(app, body_random);
        switch (rng_below(&rng, 60)) {
        case 0:
            app_set_fate(who[rng_below(&rng, APPS)].app, FATE_RESTART, fake.now_ns);
            break;
        case 1:
            app_pause(app, !app->paused);
            break;
        case 2:
            service_settle();
            break;
        default:
            break;
        }
        app_settle();
        if (n % 64 == 0) {
            check_books();
        }
        if (n % 256 == 0) {
            fake_serial_clear();
        }
    }
    static const int32_t expected[] = {CTX_OK,       CTX_E_NOSYS, CTX_E_STALE,   CTX_E_INVAL,
                                       CTX_E_TOOBIG, CTX_E_AGAIN, CTX_E_FAULT,   CTX_E_BUSY,
                                       CTX_E_NOENT,  CTX_E_EXIST, CTX_E_TIMEDOUT};
    for (size_t i = 0; i < ARRAY_COUNT(expected); i++) { /* and all of it did happen */
        if (answers[-expected[i]] == 0) {
            print_error("nobody got %s\n", ctx_status_name(expected[i]));
            fail();
        }
    }
    for (uint32_t i = 0; i < APPS; i++) {
        app_unload(who[i].app);
    }
    fake.service = NULL;
    assert_int_equal(service_count(), 0);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_at_random),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
