/* SPDX-License-Identifier: MIT */
/* Apps of version 3 in tests: loading one, and running a test's own function as its _start. */
#ifndef UNIT_V3_FIXTURE_H
#define UNIT_V3_FIXTURE_H

#include "app_fixture.h"
#include "app_v3.h"

static inline struct app *load_v3(const char *text)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", text);
    assert_non_null(app);
    assert_int_equal(app->version, 3);
    return app;
}

/* Bytes of the app's own memory, for arguments: gates take no others. */
static inline void *own(struct ctx *ctx, size_t len)
{
    uint8_t *memory = ctx->mem->alloc(ctx->mem, len, 16, CTX_MEM_ZERO);
    assert_non_null(memory);
    return memory;
}

static inline void *own_copy(struct ctx *ctx, const void *bytes, size_t len)
{
    return memcpy(own(ctx, len), bytes, len);
}

/* Open a table by its id; the pointer is asked for in a block of the app's own. */
static inline ctx_status open_table(struct ctx *ctx, const char *id, uint32_t min_size,
                                    const struct ctx_table **table)
{
    uint32_t len = (uint32_t)strlen(id);
    char *name = own_copy(ctx, id, len + 1);
    const struct ctx_table **out = own(ctx, sizeof *out);
    ctx_status status = ctx->iface->open(ctx->iface, name, len, min_size, out);
    *table = *out;
    ctx->mem->free(ctx->mem, (void *)out, sizeof *out, 16);
    ctx->mem->free(ctx->mem, name, len + 1, 16);
    return status;
}

/* For tests that count what is back: the heap of deadlines is made once, and stays. */
static inline int boot_and_wait(void **state)
{
    boot(state);
    struct app *app = load_v3("first");
    assert_int_equal(ready_wait(app, 1), CTX_OK);
    app_unload(app);
    return 0;
}

#endif
