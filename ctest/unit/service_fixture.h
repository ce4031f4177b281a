/* SPDX-License-Identifier: MIT */
/* A provider, its consumers, and an interface with one function for each kind of argument. */
#ifndef UNIT_SERVICE_FIXTURE_H
#define UNIT_SERVICE_FIXTURE_H

#include "service.h"
#include "service_private.h"
#include "v3_fixture.h"

#include <ctx/interface.h>

#define SERVICE_ID "org.example.all/1"

enum { FN_ADD, FN_BYTES, FN_STRUCTS, FN_SLOW, FN_FAIL, FN_WORD, FN_SHARE, FN_COUNT };

struct all_interface {
    struct ctx_interface head;
    struct ctx_interface_fn fns[FN_COUNT];
};

#define HEAD(type, id, n)                                                                          \
    {                                                                                              \
        sizeof(type), CTX_INTERFACE_VERSION, n, 0, sizeof(struct ctx_interface),                   \
            sizeof(struct ctx_interface_fn), id                                                    \
    }
#define ARG(kind)                                                                                  \
    {                                                                                              \
        CTX_INTERFACE_##kind, 0, 0, 0, 0                                                           \
    }
#define STRUCT(kind, first, size)                                                                  \
    {                                                                                              \
        CTX_INTERFACE_##kind, 0, first, size, 0                                                    \
    }

static const struct all_interface all_1 = {
    HEAD(struct all_interface, SERVICE_ID, FN_COUNT),
    {
        {"add", 4, {0}, {ARG(U32), ARG(U64), ARG(OUT4), ARG(OUT8)}},
        {"bytes", 4, {0}, {ARG(IN), ARG(U32), ARG(OUT), ARG(U32)}},
        {"structs",
         3,
         {0},
         {STRUCT(IN_STRUCT, 16, 24), STRUCT(OUT_STRUCT, 8, 32), STRUCT(INOUT_STRUCT, 16, 16)}},
        {"slow", 2, {0}, {ARG(U32), ARG(REQUEST)}},
        {"outcome", 1, {0}, {ARG(U32)}},
        {"word", 0, {0}, {{0}}},
        {"share", 1, {0}, {{CTX_INTERFACE_SHARE, CTX_INTERFACE_WRITE, 0, 0, 0}}},
    },
};

/* The interface as a consumer declares it. */
struct all_table {
    struct ctx_table t;
    ctx_status(CTX_CALL *add)(const struct all_table *self, uint32_t a, uint64_t b, uint32_t *c,
                              uint64_t *d);
    ctx_status(CTX_CALL *bytes)(const struct all_table *self, const void *in, uint32_t in_len,
                                void *out, uint32_t out_len);
    ctx_status(CTX_CALL *structs)(const struct all_table *self, const void *in, void *out,
                                  void *inout);
    ctx_status(CTX_CALL *slow)(const struct all_table *self, uint32_t a, uint64_t *request);
    ctx_status(CTX_CALL *outcome)(const struct all_table *self, uint32_t how);
    ctx_status(CTX_CALL *word)(const struct all_table *self);
    ctx_status(CTX_CALL *share)(const struct all_table *self, uint32_t share);
};

static struct {
    struct app *provider, *consumer;
    const void *descriptor; /* to be published */
    uint32_t len, count;
    ctx_status status;
    uint32_t handle;
    const struct all_table *table;
    uint64_t request; /* the consumer's number of it */
    uint32_t entered; /* how often a function of the provider was */
    uint64_t seen[5];
    int32_t (*inside)(struct ctx *ctx); /* what word() does in the provider */
} t;

static inline const struct ctx_service *service_table(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_SERVICE, sizeof(struct ctx_service), &table), CTX_OK);
    return (const struct ctx_service *)table;
}

/* ---- the provider ---- */

static inline int32_t fn_add(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                             uint64_t e)
{
    (void)ctx;
    memcpy(t.seen, (uint64_t[]){a, b, c, d, e}, sizeof t.seen);
    t.entered++;
    assert_int_equal(*(uint32_t *)(uintptr_t)c, 0);
    *(uint32_t *)(uintptr_t)c = (uint32_t)(a + b);
    *(uint64_t *)(uintptr_t)d = a + b;
    return 0;
}

/* The bytes, each one more; where the room is longer, the rest is as it came: zero. */
static inline int32_t fn_bytes(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                               uint64_t e)
{
    (void)ctx;
    (void)e;
    const uint8_t *in = (const uint8_t *)(uintptr_t)a;
    uint8_t *out = (uint8_t *)(uintptr_t)c;
    t.entered++;
    for (uint64_t i = 0; i < d; i++) {
        assert_int_equal(out[i], 0);
        out[i] = i < b ? (uint8_t)(in[i] + 1) : 0;
    }
    return b > 0 && in[0] == 0xee ? CTX_E_INVAL : 0;
}

static inline int32_t fn_structs(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                                 uint64_t e)
{
    (void)ctx;
    (void)d;
    (void)e;
    const uint64_t *in = (const uint64_t *)(uintptr_t)a;
    uint64_t *out = (uint64_t *)(uintptr_t)b, *inout = (uint64_t *)(uintptr_t)c;
    t.entered++;
    memcpy(t.seen, in, 24);
    t.seen[3] = (uint32_t)out[0];
    t.seen[4] = (uint32_t)inout[0];
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(out[i], 0);
        out[i] = 100 + i;
    }
    *(uint32_t *)out = 9999; /* the size is the consumer's business */
    inout[1]++;
    return 0;
}

static inline int32_t fn_slow(struct ctx *ctx, uint64_t a, uint64_t request, uint64_t c, uint64_t d,
                              uint64_t e)
{
    (void)ctx;
    (void)c;
    (void)d;
    (void)e;
    t.entered++;
    t.seen[0] = request;
    return a == 0 ? CTX_PENDING : (int32_t)a;
}

static inline int32_t fn_fail(struct ctx *ctx, uint64_t how, uint64_t b, uint64_t c, uint64_t d,
                              uint64_t e)
{
    (void)ctx;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    t.entered++;
    if (how == 1) {
        fake_fault(14, 0x18);
    }
    if (how == 2) {
        fake_overrun();
    }
    return (int32_t)how;
}

static inline int32_t fn_word(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                              uint64_t e)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    t.entered++;
    return t.inside != NULL ? t.inside(ctx) : 0;
}

/* It maps what it gets, and writes there. */
static inline int32_t fn_share(struct ctx *ctx, uint64_t share, uint64_t b, uint64_t c, uint64_t d,
                               uint64_t e)
{
    const struct ctx_table *table;
    uint64_t *at = own(ctx, 8);
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    t.entered++;
    t.seen[0] = share;
    assert_int_equal(open_table(ctx, CTX_ID_SHARE, 0, &table), CTX_OK);
    const struct ctx_share *shares = (const struct ctx_share *)table;
    ctx_status status =
        shares->map(shares, (uint32_t)share, CTX_SHARE_READ | CTX_SHARE_WRITE, (void *)at);
    if (status == CTX_OK) {
        memcpy((void *)(uintptr_t)*at, "from the provider", 18);
    }
    return status;
}

/* publish() was given the entry for the first function, the byte behind it for the second ... */
static inline fake_entered *served(uint64_t offset)
{
    static fake_entered *const fns[] = {fn_add,  fn_bytes, fn_structs, fn_slow,
                                        fn_fail, fn_word,  fn_share};
    return fns[offset - (CTX_SLOT_DYN_BIAS + 0x1000)];
}

static inline int32_t body_publish(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint64_t code[CTX_INTERFACE_FNS + 1];
    for (uint32_t i = 0; i < ARRAY_COUNT(code); i++) {
        code[i] = app_current()->entry + i;
    }
    uint32_t *out = own(ctx, sizeof *out);
    void *descriptor = own_copy(ctx, t.descriptor, t.len != 0 ? t.len : 1);
    void *list = own_copy(ctx, code, sizeof code);
    t.status = service->publish(service, descriptor, t.len, list, t.count * 8, out);
    t.handle = *out;
    ctx->mem->free(ctx->mem, out, sizeof *out, 16);
    ctx->mem->free(ctx->mem, descriptor, t.len != 0 ? t.len : 1, 16);
    ctx->mem->free(ctx->mem, list, sizeof code, 16);
    return 0;
}

static inline ctx_status publish(struct app *app, const void *descriptor, uint32_t len,
                                 uint32_t count)
{
    t.descriptor = descriptor;
    t.len = len;
    t.count = count;
    t.status = -99;
    call(app, body_publish);
    return t.status;
}

static inline ctx_status publish_all(struct app *app)
{
    return publish(app, &all_1, sizeof all_1, FN_COUNT);
}

/* ---- the consumer ---- */

static inline int32_t body_open(struct ctx *ctx)
{
    const struct ctx_table *table;
    t.status = open_table(ctx, SERVICE_ID, sizeof(struct all_table), &table);
    t.table = t.status == CTX_OK ? (const struct all_table *)table : t.table;
    return 0;
}

static inline ctx_status open_all(struct app *app)
{
    t.status = -99;
    call(app, body_open);
    return t.status;
}

static inline int32_t body_word(struct ctx *ctx)
{
    (void)ctx;
    t.status = t.table->word(t.table);
    return 0;
}

static inline ctx_status call_word(struct app *app)
{
    t.status = -99;
    call(app, body_word);
    return t.status;
}

static inline void begin(void)
{
    memset(&t, 0, sizeof t);
    fake.service = served;
    remember();
    t.provider = load_v3("provider offer=" SERVICE_ID);
    t.consumer = load_v3("consumer");
    assert_int_equal(publish_all(t.provider), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    fake_serial_clear();
}

static inline void end(void)
{
    app_unload(t.consumer);
    app_unload(t.provider);
    fake.service = NULL;
    assert_int_equal(service_count(), 0);
    all_is_back();
}

#endif
