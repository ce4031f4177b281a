/* SPDX-License-Identifier: MIT */
/* A host stands in for functions of its child: which, with which arguments, and whose memory. */
#include "host_fixture.h"

/* ---- what it does in place of the child's functions ---- */

static int32_t serve_smaller(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    call->args[call->index == CTX_GATE_V2_ALLOC ? 0 : 1] = 64;
    t.serve_status = host->forward(host, call->child, call);
    return 0;
}

static int32_t serve_memory(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    char *bytes = own(ctx, 600);
    uint64_t text = call->args[0];
    t.serve_status = host->copy_in(host, call->child, text, bytes, (uint32_t)call->args[1]);
    assert_int_equal(t.serve_status, CTX_OK);
    assert_string_equal(bytes, "hello");
    memcpy(bytes, "HELLO", 5);
    assert_int_equal(host->copy_out(host, call->child, text, bytes, 5), CTX_OK);
    /* Not the child's; not there; the host's own; a table that the child may only read. */
    uint64_t base = t.child->base;
    const uint64_t bad[] = {0, 1, base + CTX_SLOT_HEAP_END - 8, (uint64_t)(uintptr_t)ctx,
                            base + CTX_SLOT_SIZE - 4};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_int_equal(host->copy_in(host, call->child, bad[i], bytes, 8), CTX_E_FAULT);
        assert_int_equal(host->copy_out(host, call->child, bad[i], bytes, 8), CTX_E_FAULT);
    }
    assert_int_equal(host->copy_in(host, call->child, base + CTX_SLOT_NOSYS, bytes, 600), CTX_OK);
    assert_int_equal(host->copy_out(host, call->child, base + CTX_SLOT_NOSYS, bytes, 8),
                     CTX_E_FAULT);
    assert_int_equal(host->close(host, call->child), CTX_E_BUSY);
    return 0;
}

/* ---- what the child does ---- */

static int32_t child_log_v2(struct ctx *ctx)
{
    char *text = ctx->alloc(6, 1);
    memcpy(text, "hello", 6);
    ctx->log((const uint8_t *)text, 5);
    assert_string_equal(text, "HELLO");
    return 0;
}

static int32_t child_opens(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &table), CTX_OK);
    const struct ctx_args *args = (const struct ctx_args *)table;
    uint32_t *out = own(ctx, sizeof *out);
    t.child_status = args->count(args, out);
    return 0;
}

static void identity(void **state)
{
    (void)state;
    start("trace", false);
    call(t.child, child_alloc);
    assert_int_equal(t.served, 1);
    assert_int_equal(t.serve_status, CTX_OK);
    assert_non_null(t.child_memory);
    assert_int_equal(t.seen.cookie, 77);
    assert_int_equal(t.seen.child, t.handle);
    assert_int_equal(t.seen.index, CTX_GATE_V2_ALLOC);
    assert_int_equal(t.seen.returns, CTX_RETURNS_POINTER);
    assert_string_equal((const char *)t.seen.name, "alloc");
    assert_int_equal(t.seen.args[0], 100);
    assert_int_equal(t.seen.args[1], 16);
    t.forwards = 0; /* never forwarded: no memory for it */
    call(t.child, child_alloc);
    assert_null(t.child_memory);
    t.forwards = 3; /* three times: three blocks */
    call(t.child, child_alloc);
    struct slotheap_usage usage;
    slotheap_usage(t.child->heap, &usage);
    assert_int_equal(usage.blocks, 4);
    /* Waiting is between the loop and the host's _start. */
    assert_int_equal(t.host->turn.where, TURN_WAITING);
    assert_int_equal(t.host->turn.deadline_ns, 5000 * NSEC_PER_SEC);
    assert_int_equal(t.host->wake_ns, 5000 * NSEC_PER_SEC); /* what an image says of it */
    assert_int_equal(t.host->event_mask, 0);
    assert_int_equal(t.host->calls, 1);
    call(t.host, body_close);
    assert_int_equal(t.wrap, CTX_OK);
    uint32_t served = t.served;
    call(t.child, child_alloc);
    assert_int_equal(t.served, served);
    end();
}

static void only_what_is_meant(void **state)
{
    (void)state;
    start("dealloc,events", false);
    call(t.child, child_alloc);
    assert_int_equal(t.served, 0);
    assert_non_null(t.child_memory);
    end();
}

static void other_arguments(void **state)
{
    (void)state;
    start("alloc", false);
    fake.serve = serve_smaller;
    call(t.child, child_alloc);
    struct slotheap_usage usage;
    slotheap_usage(t.child->heap, &usage);
    assert_int_equal(usage.bytes, 64);
    end();
}

static void memory_of_the_child(void **state)
{
    (void)state;
    start("log", false);
    fake.serve = serve_memory;
    call(t.child, child_log_v2);
    assert_int_equal(t.child->faults + t.host->faults, 0);
    assert_false(fake_said("hello"));
    end();
}

#define MUCH 1300u

static int32_t child_much(struct ctx *ctx)
{
    uint8_t *bytes = t.child_memory = ctx->alloc(MUCH, 16);
    for (uint32_t i = 0; i < MUCH; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    return 0;
}

static int32_t body_copy_much(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint8_t *bytes = own(ctx, MUCH);
    uint64_t theirs = (uint64_t)(uintptr_t)t.child_memory;
    assert_int_equal(host->copy_in(host, t.handle, theirs, bytes, MUCH), CTX_OK);
    assert_memory_equal(bytes, t.child_memory, MUCH);
    for (uint32_t i = 0; i < MUCH; i++) {
        bytes[i] ^= 0x55;
    }
    assert_int_equal(host->copy_out(host, t.handle, theirs, bytes, MUCH), CTX_OK);
    assert_memory_equal(bytes, t.child_memory, MUCH);
    return CTX_AGAIN;
}

static int32_t child_stores(struct ctx *ctx)
{
    t.child_memory = *ctx->store;
    *ctx->store = ctx;
    return CTX_AGAIN;
}

static int32_t body_writes_to_the_cell(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    const uint8_t *word = own(ctx, 8);
    assert_int_equal(host->copy_out(host, t.handle, t.child->base + CTX_SLOT_STORE, word, 8),
                     CTX_OK);
    return CTX_AGAIN;
}

/* The store cell is written to its page at a call only if it may say something else by then. */
static void what_others_leave_in_the_store_cell_is_not_seen(void **state)
{
    (void)state;
    start("log", true);
    call(t.child, child_stores);
    assert_null(t.child_memory);
    call(t.child, child_stores);
    void *kept = t.child_memory;
    assert_non_null(kept);
    call(t.host, body_writes_to_the_cell);
    call(t.child, child_stores);
    assert_ptr_equal(t.child_memory, kept);
    assert_int_equal(t.child->faults + t.host->faults, 0);
    end();
}

/* More than goes through the kernel in one piece. */
static void much_memory_of_the_child(void **state)
{
    (void)state;
    start("log", false);
    call(t.child, child_much);
    call(t.host, body_copy_much);
    assert_int_equal(t.child->faults + t.host->faults, 0);
    end();
}

static void tables_opened_later(void **state)
{
    (void)state;
    start("ctx.args/1,count", true);
    call(t.child, child_opens);
    assert_int_equal(t.served, 1);
    assert_string_equal((const char *)t.seen.name, "args.count");
    assert_string_equal((const char *)t.seen.table, "ctx.args/1");
    assert_int_equal(t.seen.index, 0);
    assert_int_equal(t.child_status, CTX_OK);
    end();
}

static int32_t child_wakes(struct ctx *ctx)
{
    t.child_status = ctx->time->wake_at(ctx->time, 5);
    return 0;
}

/* Which function of its table it is, of those too that no id was opened for. */
static void tables_that_hang_on_ctx(void **state)
{
    (void)state;
    start("time", true);
    call(t.child, child_status);
    assert_int_equal(t.seen.index, 0);
    assert_string_equal((const char *)t.seen.name, "time.now");
    assert_string_equal((const char *)t.seen.table, "");
    call(t.child, child_wakes);
    assert_int_equal(t.served, 2);
    assert_int_equal(t.seen.index, 2);
    assert_string_equal((const char *)t.seen.name, "time.wake_at");
    assert_int_equal(t.seen.args[1], 5);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity),
        cmocka_unit_test(only_what_is_meant),
        cmocka_unit_test(other_arguments),
        cmocka_unit_test(memory_of_the_child),
        cmocka_unit_test(what_others_leave_in_the_store_cell_is_not_seen),
        cmocka_unit_test(much_memory_of_the_child),
        cmocka_unit_test(tables_opened_later),
        cmocka_unit_test(tables_that_hang_on_ctx),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
