/* SPDX-License-Identifier: MIT */
/* The table `mem`: blocks that are cleared, guarded, resized, and counted. */
#include "v3_fixture.h"

static struct app *app;
static struct ctx_mem_usage usage;

static void look(struct ctx *ctx)
{
    struct ctx_mem_usage *u = own(ctx, sizeof *u);
    u->size = sizeof *u;
    assert_int_equal(ctx->mem->usage(ctx->mem, u), CTX_OK);
    usage = *u;
    usage.blocks--; /* this one */
    usage.bytes -= sizeof *u;
    ctx->mem->free(ctx->mem, u, sizeof *u, 16);
}

static uint32_t rights_below(const void *block)
{
    return fake_rights((uint64_t)(uintptr_t)block - 1);
}

static int32_t body_alloc(struct ctx *ctx)
{
    const struct ctx_mem *mem = ctx->mem;
    uint8_t *a = mem->alloc(mem, 5000, 64, 0);
    assert_true(a != NULL && (uintptr_t)a % 64 == 0);
    assert_true(a[0] == 0xa5 && a[4999] == 0xa5); /* a debug kernel: not zeroed */
    memset(a, 7, 5000);
    mem->free(mem, a, 5000, 64);
    a = mem->alloc(mem, 5000, 64, CTX_MEM_ZERO);
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(a[i], 0);
    }
    assert_null(mem->alloc(mem, 10, 16, 4));
    assert_null(mem->alloc(mem, 10, 16, UINT64_C(1) << 63));
    assert_null(mem->alloc(mem, 10, 3, CTX_MEM_GUARD_LOW));
    assert_null(mem->alloc(mem, 10, 3, 0));
    assert_null(mem->alloc(mem, UINT64_MAX, 16, CTX_MEM_GUARD_LOW));
    /* Both pairs of functions have the same blocks. */
    ctx->dealloc(a, 5000, 64);
    a = ctx->alloc(0, 0);
    assert_int_equal(mem->free(mem, a, 1, 16), CTX_OK);
    return 0;
}

static int32_t body_free(struct ctx *ctx)
{
    const struct ctx_mem *mem = ctx->mem;
    assert_int_equal(mem->free(mem, NULL, 5, 3), CTX_OK);
    assert_int_equal(mem->free(mem, ctx, 5, 16), CTX_E_NOENT);
    assert_int_equal(mem->free(mem, (void *)8, 5, 16), CTX_E_NOENT);
    uint8_t *a = mem->alloc(mem, 100, 4096, 0);
    assert_int_equal(mem->free(mem, a, 99, 4096), CTX_E_INVAL);
    assert_int_equal(mem->free(mem, a, 100, 16), CTX_E_INVAL); /* not what was asked for */
    assert_int_equal(mem->free(mem, a, 100, 8192), CTX_E_INVAL);
    assert_int_equal(mem->free(mem, a + 16, 84, 16), CTX_E_NOENT);
    assert_int_equal(mem->free(mem, a + CTX_SLOT_SIZE, 100, 4096), CTX_E_NOENT);
    assert_int_equal(mem->free(mem, a, 100, 4096), CTX_OK);
    assert_int_equal(mem->free(mem, a, 100, 4096), CTX_E_NOENT);
    return 0;
}

static int32_t body_guard(struct ctx *ctx)
{
    const struct ctx_mem *mem = ctx->mem;
    look(ctx);
    struct ctx_mem_usage old = usage;
    uint8_t *dirty = mem->alloc(mem, 6 * PAGE_SIZE, PAGE_SIZE, 0); /* pages that will be kept */
    uint8_t *behind = mem->alloc(mem, 16, 16, 0);
    mem->free(mem, dirty, 6 * PAGE_SIZE, PAGE_SIZE);
    for (uint64_t align = 0; align <= 65536; align = align != 0 ? align * 16 : 1) {
        uint8_t *stack = mem->alloc(mem, 8192, align, CTX_MEM_GUARD_LOW);
        assert_true(stack != NULL && (uintptr_t)stack % PAGE_SIZE == 0);
        assert_true(align == 0 || (uintptr_t)stack % align == 0);
        assert_int_equal(rights_below(stack), 0);
        assert_int_equal(rights_below(stack - PAGE_SIZE + 1), 0);
        memset(stack, 1, 8192);
        /* Given back with what it was asked for with. */
        assert_int_equal(mem->free(mem, stack, 8192, align == 0 ? 32 : align * 2), CTX_E_INVAL);
        assert_int_equal(mem->free(mem, stack - PAGE_SIZE, 8192, align), CTX_E_NOENT);
        assert_int_equal(mem->free(mem, stack, 8192, align), CTX_OK);
    }
    uint8_t *stack = mem->alloc(mem, 8192, 16, CTX_MEM_GUARD_LOW | CTX_MEM_ZERO);
    for (uint32_t i = 0; i < 8192; i++) {
        assert_int_equal(stack[i], 0);
    }
    memset(stack, 9, 8192);
    uint8_t *larger = mem->resize(mem, stack, 8192, 16, 20000);
    assert_non_null(larger);
    for (uint32_t i = 0; i < 8192; i++) {
        assert_int_equal(larger[i], 9);
    }
    ctx->dealloc(larger, 20000, 16); /* by the old name too */
    mem->free(mem, behind, 16, 16);
    look(ctx);
    assert_memory_equal(&usage, &old, sizeof usage);
    return 0;
}

static int32_t body_resize(struct ctx *ctx)
{
    const struct ctx_mem *mem = ctx->mem;
    uint32_t sizes[] = {1, 17, 4000, 4096, 4097, 70000, 100, 0, 300000};
    uint8_t *a = mem->resize(mem, NULL, 0, 64, 10);
    assert_non_null(a);
    memset(a, 0, 10);
    uint32_t size = 10;
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        uint8_t *b = mem->resize(mem, a, size, 64, sizes[i]);
        assert_true(b != NULL && (uintptr_t)b % 64 == 0);
        for (uint32_t n = 0; n < MIN(size, sizes[i]); n++) {
            assert_int_equal(b[n], (uint8_t)(n * (i + 3)) * (i > 0));
        }
        size = sizes[i];
        a = b;
        for (uint32_t n = 0; n < size; n++) {
            a[n] = (uint8_t)(n * (i + 4));
        }
    }
    look(ctx);
    struct ctx_mem_usage old = usage;
    assert_null(mem->resize(mem, a, size - 1, 64, 10));
    assert_null(mem->resize(mem, a, size, 32, 10));
    assert_null(mem->resize(mem, a + 64, size, 64, 10));
    assert_null(mem->resize(mem, a, size, 64, UINT64_MAX));
    assert_null(mem->resize(mem, a, size, 64, 1ull << 30)); /* more than the quota */
    assert_null(mem->resize(mem, NULL, 5, 16, 10));
    assert_null(mem->resize(mem, ctx, 5, 16, 10));
    look(ctx);
    assert_memory_equal(&usage, &old, sizeof usage);
    assert_int_equal(a[size - 1], (uint8_t)((size - 1) * (ARRAY_COUNT(sizes) + 3)));
    assert_int_equal(mem->free(mem, a, size, 64), CTX_OK);
    return 0;
}

static int32_t body_usage(struct ctx *ctx)
{
    const struct ctx_mem *mem = ctx->mem;
    look(ctx);
    assert_int_equal(usage.size, sizeof usage);
    assert_int_equal(usage.blocks, 0);
    assert_int_equal(usage.bytes, 0);
    assert_int_equal(usage.quota, 8u << 20);
    void *a = mem->alloc(mem, 100, 1, 0);
    void *b = ctx->alloc(100000, 4096);
    look(ctx);
    assert_int_equal(usage.blocks, 2);
    assert_int_equal(usage.bytes, 100100);
    assert_true(usage.committed >= 100100 && usage.committed < 100100 + 3 * PAGE_SIZE);
    assert_null(mem->alloc(mem, 8u << 20, 1, 0));
    mem->free(mem, a, 100, 1);
    mem->free(mem, b, 100000, 4096);
    return 0;
}

static void run(int32_t (*body)(struct ctx *))
{
    remember();
    app = load_v3("app");
    call(app, body);
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->faults, 0);
    assert_null(slotheap_check(app->heap));
    app_unload(app);
    all_is_back();
}

#define TEST(name)                                                                                 \
    static void check_##name(void **state)                                                         \
    {                                                                                              \
        (void)state;                                                                               \
        run(body_##name);                                                                          \
    }
TEST(alloc)
TEST(free)
TEST(guard)
TEST(resize)
TEST(usage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_alloc), cmocka_unit_test(check_free),
        cmocka_unit_test(check_guard), cmocka_unit_test(check_resize),
        cmocka_unit_test(check_usage),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
