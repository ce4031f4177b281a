/* SPDX-License-Identifier: MIT */
/* A call of a service: each kind of argument, and what comes back when it can not be made. */
#include "service_fixture.h"

/* The consumer's own memory, behind which nothing is. */
static uint64_t past_the_end(struct ctx *ctx)
{
    (void)ctx;
    return app_current()->base + CTX_SLOT_SIZE - CTX_SLOT_GUARD;
}

static int32_t body_numbers(struct ctx *ctx)
{
    uint32_t *c = own(ctx, 8);
    uint64_t *d = own(ctx, 8);
    uint64_t wild = past_the_end(ctx);
    *c = 77;
    *d = 77;
    assert_int_equal(t.table->add(t.table, 7, 1ull << 40, c, d), CTX_OK);
    assert_int_equal(*c, 7);
    assert_int_equal(c[1], 0); /* four bytes, no more */
    assert_int_equal(*d, (1ull << 40) + 7);
    assert_int_equal(t.seen[0], 7);
    assert_int_equal(t.seen[1], 1ull << 40);
    assert_int_equal(t.entered, 1);
    /* What it gets are addresses of its own. */
    uint64_t top = t.provider->base + CTX_SLOT_STACK_TOP;
    assert_in_range(t.seen[2], top - 64, top - 4);
    assert_in_range(t.seen[3], top - 64, top - 8);
    /* What a register has above a u32 is nobody's. */
    ctx_status (*raw)(const void *, uint64_t, uint64_t, void *, void *) = (void *)t.table->add;
    assert_int_equal(raw(t.table, 0xffffffff00000003u, 1, c, d), CTX_OK);
    assert_int_equal(t.seen[0], 3);
    t.entered = 0;
    assert_int_equal(t.table->add(t.table, 7, 8, (uint32_t *)(uintptr_t)wild, d), CTX_E_INVAL);
    assert_int_equal(t.table->add(t.table, 7, 8, c, (uint64_t *)(uintptr_t)(wild - 4)),
                     CTX_E_INVAL);
    assert_int_equal(t.table->add(t.table, 7, 8, NULL, d), CTX_E_INVAL);
    assert_int_equal(t.table->add(t.table, 7, 8, (uint32_t *)(uintptr_t)t.provider->base, d),
                     CTX_E_INVAL);
    assert_int_equal(t.entered, 0);
    return 0;
}

static void numbers(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_numbers);
    assert_int_equal(t.consumer->faults + t.provider->faults, 0);
    end();
}

static int32_t body_bytes(struct ctx *ctx)
{
    uint32_t max = 0x10000;
    uint8_t *in = own(ctx, max), *out = own(ctx, max);
    for (uint32_t i = 0; i < max; i++) {
        in[i] = (uint8_t)(i * 7);
    }
    static const uint32_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 5000, 30000};
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        memset(out, 0xaa, max);
        assert_int_equal(t.table->bytes(t.table, in, sizes[i], out, sizes[i] + 8), CTX_OK);
        for (uint32_t b = 0; b < sizes[i]; b++) {
            assert_int_equal(out[b], (uint8_t)(in[b] + 1));
        }
        for (uint32_t b = sizes[i]; b < sizes[i] + 8; b++) {
            assert_int_equal(out[b], 0); /* not what the provider's stack held */
        }
        assert_int_equal(out[sizes[i] + 8], 0xaa);
    }
    /* Nothing: the pointer is not looked at. */
    assert_int_equal(t.table->bytes(t.table, (void *)1, 0, (void *)1, 0), CTX_OK);
    /* A quarter of the stack of 256 KiB, 64 KiB in all. */
    assert_int_equal(t.table->bytes(t.table, in, max, out, 0), CTX_OK);
    assert_int_equal(t.table->bytes(t.table, in, max, out, 1), CTX_E_TOOBIG);
    assert_int_equal(t.table->bytes(t.table, in, max + 1, out, 0), CTX_E_TOOBIG);
    /* A status that is an error brings nothing back. */
    in[0] = 0xee;
    memset(out, 0x55, 16);
    assert_int_equal(t.table->bytes(t.table, in, 4, out, 16), CTX_E_INVAL);
    assert_int_equal(out[0], 0x55);
    /* Not the app's memory. */
    t.entered = 0;
    assert_int_equal(t.table->bytes(t.table, (void *)(uintptr_t)(past_the_end(ctx) - 4), 8, out, 4),
                     CTX_E_INVAL);
    assert_int_equal(t.entered, 0);
    return 0;
}

static void bytes(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_bytes);
    assert_int_equal(t.consumer->faults, 0);
    end();
}

static int32_t body_structs(struct ctx *ctx)
{
    uint64_t *in = own(ctx, 64), *out = own(ctx, 64), *inout = own(ctx, 64);
    in[0] = 24;
    in[1] = 11;
    in[2] = 12;
    out[0] = 32;
    inout[0] = 16;
    inout[1] = 5;
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_OK);
    assert_int_equal(t.seen[0], 24);
    assert_int_equal(t.seen[1], 11);
    assert_int_equal(t.seen[2], 12);
    assert_int_equal(t.seen[3], 32);
    assert_int_equal(t.seen[4], 16);
    assert_int_equal((uint32_t)out[0], 32); /* the provider wrote something else */
    assert_int_equal(out[3], 103);
    assert_int_equal(inout[1], 6);
    /* An older consumer: what it does not know is zero, and is not written. */
    in[0] = 16;
    out[0] = 16;
    memset(&out[1], 0xaa, 24);
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_OK);
    assert_int_equal(t.seen[0], 16);
    assert_int_equal(t.seen[1], 11);
    assert_int_equal(t.seen[2], 0);
    assert_int_equal(t.seen[3], 16);
    assert_int_equal(out[1], 101);
    assert_int_equal(out[2], 0xaaaaaaaaaaaaaaaau);
    /* A newer one: zeroes behind what is known are fine, anything else is not. */
    in[0] = 64;
    memset(&in[3], 0, 40);
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_OK);
    assert_int_equal(t.seen[0], 24);
    /* What an older provider knows nothing of is zero when it comes back. */
    out[0] = 56;
    memset(&out[1], 0xaa, 56);
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_OK);
    assert_int_equal(t.seen[3], 32);
    assert_int_equal(out[3], 103);
    assert_true(out[4] == 0 && out[5] == 0 && out[6] == 0);
    assert_int_equal(out[7], 0xaaaaaaaaaaaaaaaau);
    out[0] = 16;
    ((uint8_t *)in)[63] = 1;
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_E_TOOBIG);
    /* Smaller than it ever was, outside, or of an absurd size. */
    in[0] = 15;
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_E_INVAL);
    in[0] = 24;
    out[0] = 7;
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_E_INVAL);
    out[0] = 0x7fffffff;
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_E_TOOBIG);
    out[0] = 0xffffffff; /* over the slot's end */
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_E_INVAL);
    out[0] = 32;
    assert_int_equal(
        t.table->structs(t.table, (void *)(uintptr_t)(past_the_end(ctx) - 2), out, inout),
        CTX_E_INVAL);
    return 0;
}

static void structs(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_structs);
    assert_int_equal(t.consumer->faults, 0);
    end();
}

/* ---- when it can not be made ---- */

static int32_t body_fail(struct ctx *ctx)
{
    (void)ctx;
    t.status = t.table->outcome(t.table, (uint32_t)t.seen[0]);
    return 0;
}

static ctx_status call_fail(uint32_t how)
{
    t.seen[0] = how;
    call(t.consumer, body_fail);
    return t.status;
}

static void provider_fails(void **state)
{
    (void)state;
    begin();
    assert_int_equal(call_fail((uint32_t)CTX_E_NOENT), CTX_E_NOENT); /* its own answers */
    assert_int_equal(call_fail(12345), 12345);
    assert_int_equal(call_fail(1), CTX_E_FAULT);
    assert_int_equal(t.consumer->faults, 0);
    assert_int_equal(t.provider->faults, 1);
    assert_int_equal(call_fail(3), 3); /* it goes on */
    assert_int_equal(call_fail(2), CTX_E_TIMEDOUT);
    assert_int_equal(call_fail(3), CTX_E_BUSY); /* it is in the middle of that */
    assert_int_equal(t.consumer->hints >> CTX_EVENT_READY & 1, 0);
    service_settle();
    assert_int_equal(t.consumer->hints >> CTX_EVENT_READY & 1, 0);
    call(t.provider, body_fail); /* the parked call goes on, and ends: fake.app stands for it */
    end();
}

static int32_t body_none(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

static void busy_then_ready(void **state)
{
    (void)state;
    begin();
    assert_int_equal(call_fail(2), CTX_E_TIMEDOUT);
    assert_int_equal(call_word(t.consumer), CTX_E_BUSY);
    service_settle();
    assert_int_equal(t.consumer->hints >> CTX_EVENT_READY & 1, 0);
    call(t.provider, body_none);
    service_settle();
    assert_int_equal(t.consumer->hints >> CTX_EVENT_READY & 1, 1);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    end();
}

static int32_t inside_call_self(struct ctx *ctx)
{
    const struct ctx_table *table;
    t.inside = NULL;
    assert_int_equal(open_table(ctx, SERVICE_ID, 0, &table), CTX_OK);
    const struct all_table *mine = (const struct all_table *)table;
    return mine->word(mine);
}

static void a_provider_that_calls_itself_is_busy(void **state)
{
    (void)state;
    begin();
    t.inside = inside_call_self;
    assert_int_equal(call_word(t.consumer), CTX_E_BUSY);
    assert_int_equal(t.entered, 1);
    end();
}

/* A chain of providers, each of which calls the next one: eight levels, and then DEPTH. */
static struct app *chain[10];
static const struct all_table *chain_table[10];
static uint32_t level;

static int32_t inside_chain(struct ctx *ctx)
{
    (void)ctx;
    level++;
    return chain_table[level - 1]->word(chain_table[level - 1]);
}

static void too_deep(void **state)
{
    (void)state;
    static struct all_interface one;
    begin();
    level = 0;
    for (uint32_t i = 0; i < 10; i++) {
        char text[64];
        snprintf(text, sizeof text, "p%u offer=org.example.*", i);
        chain[i] = load_v3(text);
        one = all_1;
        snprintf((char *)one.head.id, sizeof one.head.id, "org.example.all/%u", i + 2);
        assert_int_equal(publish(chain[i], &one, sizeof one, FN_COUNT), CTX_OK);
    }
    /* provider -> chain[0] -> chain[1] ...: each opens the next in a call of its own */
    struct app *callers[10] = {t.provider};
    for (uint32_t i = 1; i < 10; i++) {
        callers[i] = chain[i - 1];
    }
    for (uint32_t i = 0; i < 10; i++) {
        uint64_t at = 0;
        char id[64];
        snprintf(id, sizeof id, "org.example.all/%u", i + 2);
        assert_int_equal(service_open(callers[i], id, (uint32_t)strlen(id), 0, &at), CTX_OK);
        chain_table[i] = (const struct all_table *)(uintptr_t)(callers[i]->base + at);
    }
    t.inside = inside_chain;
    assert_int_equal(call_word(t.consumer), CTX_E_DEPTH);
    assert_int_equal(t.entered, 7); /* the consumer's call is the first level */
    for (uint32_t i = 0; i < 10; i++) {
        app_unload(chain[i]);
    }
    end();
}

static int32_t inside_unpublish(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    assert_int_equal(service->unpublish(service, t.handle), CTX_OK);
    assert_int_equal(service->unpublish(service, t.handle), CTX_E_NOENT);
    return 5;
}

static void a_service_that_is_taken_back_while_it_answers(void **state)
{
    (void)state;
    begin();
    t.inside = inside_unpublish;
    assert_int_equal(call_word(t.consumer), 5);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(open_all(t.consumer), CTX_E_NOSYS);
    assert_int_equal(publish_all(t.provider), CTX_OK);
    assert_int_equal(t.handle, 2);                        /* no number twice */
    assert_int_equal(call_word(t.consumer), CTX_E_STALE); /* until it is opened again */
    const void *table = t.table;
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_ptr_equal(t.table, table);
    t.inside = NULL;
    assert_int_equal(call_word(t.consumer), CTX_OK);
    end();
}

static int32_t inside_caller(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_caller *who = own(ctx, sizeof *who);
    who->size = sizeof *who;
    assert_int_equal(service->caller(service, who), CTX_OK);
    assert_int_equal(who->pid, t.consumer->pid);
    assert_int_equal(who->function, FN_WORD);
    assert_int_equal(who->service, t.handle);
    assert_int_equal(who->call, t.consumer->calls + 1);
    assert_text((const char *)who->name, "consumer");
    return 0;
}

static int32_t body_no_caller(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_caller *who = own(ctx, sizeof *who);
    who->size = sizeof *who;
    assert_int_equal(service->caller(service, who), CTX_E_NOENT);
    return 0;
}

static void who_calls(void **state)
{
    (void)state;
    begin();
    t.inside = inside_caller;
    assert_int_equal(call_word(t.consumer), CTX_OK);
    call(t.provider, body_no_caller);
    assert_int_equal(t.provider->faults, 0);
    end();
}

/* Pages of the provider's stack that a call needs are there before it begins, or it does not. */
static int32_t body_large(struct ctx *ctx)
{
    uint8_t *in = own(ctx, 0x8000);
    t.status = t.table->bytes(t.table, in, 0x8000, in, 0);
    return 0;
}

static void no_memory_for_the_arguments(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_large);
    assert_int_equal(t.status, CTX_OK);
    end();
    begin();
    t.provider->quota_pages = t.provider->pages + 3;
    call(t.consumer, body_large);
    assert_int_equal(t.status, CTX_E_NOMEM);
    assert_int_equal(t.entered, 0);
    t.provider->quota_pages += 100;
    call(t.consumer, body_large);
    assert_int_equal(t.status, CTX_OK);
    end();
}

static int32_t inside_wake(struct ctx *ctx)
{
    assert_int_equal(ctx->time->wake_at(ctx->time, fake.now_ns + 5), CTX_OK);
    return 0;
}

static int32_t body_wait_long(struct ctx *ctx)
{
    ctx->time->wake_at(ctx->time, fake.now_ns + 1000 * NSEC_PER_SEC);
    return CTX_WAIT;
}

/* ---- a share goes along ---- */

static int32_t body_share(struct ctx *ctx)
{
    const struct ctx_table *table;
    uint64_t *at = own(ctx, 8);
    uint32_t *share = own(ctx, 4);
    assert_int_equal(open_table(ctx, CTX_ID_SHARE, 0, &table), CTX_OK);
    const struct ctx_share *shares = (const struct ctx_share *)table;
    assert_int_equal(shares->create(shares, 5000, 0, share), CTX_OK);
    assert_int_equal(shares->map(shares, *share, CTX_SHARE_READ, (void *)at), CTX_OK);
    assert_int_equal(t.table->share(t.table, *share + 1), CTX_E_NOENT);
    assert_int_equal(t.entered, 0);
    assert_int_equal(t.table->share(t.table, *share), CTX_OK);
    assert_memory_equal((const void *)(uintptr_t)*at, "from the provider", 18);
    struct ctx_share_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(shares->info(shares, *share, info), CTX_OK);
    assert_int_equal(info->holders, 2); /* the provider keeps its handle until it closes it */
    t.seen[1] = *share;
    return 0;
}

static int32_t body_share_when_busy(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_SHARE, 0, &table), CTX_OK);
    const struct ctx_share *shares = (const struct ctx_share *)table;
    struct ctx_share_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(t.table->share(t.table, (uint32_t)t.seen[1]), CTX_E_BUSY);
    assert_int_equal(shares->info(shares, (uint32_t)t.seen[1], info), CTX_OK);
    assert_int_equal(info->holders, 2); /* who was not entered got none */
    return 0;
}

static void a_share_goes_along(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_share);
    assert_int_equal(t.consumer->faults + t.provider->faults, 0);
    uint64_t share = t.seen[1];
    assert_int_equal(call_fail(2), CTX_E_TIMEDOUT);
    t.seen[1] = share;
    call(t.consumer, body_share_when_busy);
    assert_int_equal(t.consumer->faults, 0);
    call(t.provider, body_none);
    end();
}

/* A provider waits; what it says inside a call counts for its _start. */
static void a_served_call_can_ask_for_a_turn(void **state)
{
    (void)state;
    begin();
    call(t.provider, body_wait_long);
    assert_int_equal(t.provider->turn.where, TURN_WAITING);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    assert_int_equal(ready_next_deadline_ns(), fake.now_ns + 1000 * NSEC_PER_SEC);
    t.inside = inside_wake;
    assert_int_equal(call_word(t.consumer), CTX_OK);
    assert_int_equal(t.provider->turn.where, TURN_WAITING);
    assert_int_equal(ready_next_deadline_ns(), fake.now_ns + 5);
    ready_expire(fake.now_ns + 5);
    assert_ptr_equal(ready_take(), t.provider);
    ready_each_frame(t.provider);
    end();
}

/* What lines and words of hosts call them by: the id's last part, and the function. */
static void functions_have_short_names(void **state)
{
    (void)state;
    begin();
    const struct service *service = service_current(SERVICE_ID);
    assert_non_null(service);
    assert_text(service->iface->infos[FN_ADD].name, "all.add");
    assert_text(service->iface->infos[FN_STRUCTS].name, "all.structs");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_have_short_names),
        cmocka_unit_test(numbers),
        cmocka_unit_test(bytes),
        cmocka_unit_test(structs),
        cmocka_unit_test(provider_fails),
        cmocka_unit_test(busy_then_ready),
        cmocka_unit_test(a_provider_that_calls_itself_is_busy),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(a_service_that_is_taken_back_while_it_answers),
        cmocka_unit_test(who_calls),
        cmocka_unit_test(no_memory_for_the_arguments),
        cmocka_unit_test(a_share_goes_along),
        cmocka_unit_test(a_served_call_can_ask_for_a_turn),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
