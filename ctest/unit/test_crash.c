/* SPDX-License-Identifier: MIT */
/* Crash reports: the ring, the text, the callers, whatever the app has left behind. */
#include "crash.h"
#include "v3_fixture.h"

static struct machine_fault fault;

/* An app with memory of its own at slot addresses: the made file's data, and one page of stack. */
static struct app *app;

static uint64_t code(uint32_t at)
{
    return app->base + app->bias + 0x1000 + at;
}

static uint64_t stack(uint32_t below)
{
    return app->base + CTX_SLOT_STACK_TOP - below;
}

static void poke(uint64_t address, uint64_t value)
{
    memcpy((uint8_t *)machine_direct(machine_slot_frame(address & ~(uint64_t)PAGE_MASK)) +
               (address & PAGE_MASK),
           &value, sizeof value);
}

/* A call instruction that ends at this place of the code, in one of its forms. */
static void put_call(uint64_t end, uint32_t form)
{
    static const struct {
        uint8_t len, bytes[7];
    } forms[] = {
        {5, {0xe8, 1, 2, 3, 4}},             /* call rel32 */
        {2, {0xff, 0xd0}},                   /* call *%rax */
        {3, {0xff, 0x55, 8}},                /* call *8(%rbp) */
        {3, {0x41, 0xff, 0xd2}},             /* call *%r10 */
        {6, {0xff, 0x15, 1, 2, 3, 4}},       /* call *d32(%rip) */
        {7, {0xff, 0x94, 0x24, 1, 2, 3, 4}}, /* call *d32(%rsp) */
    };
    uint64_t at = end - forms[form].len;
    uint8_t *page = machine_direct(machine_slot_frame(at & ~(uint64_t)PAGE_MASK));
    memcpy(page + (at & PAGE_MASK), forms[form].bytes, forms[form].len);
}

static void begin(const char *text)
{
    remember();
    app = load_v3(text);
    fake_serial_clear();
    fault = (struct machine_fault){.vector = 14, .address = 0x18, .error = 2};
    fault.ip = code(0x10);
    fault.sp = stack(0x100);
}

static void end(void)
{
    app_unload(app);
    all_is_back();
}

static const struct ctx_crash *report(void)
{
    const struct ctx_crash *last = NULL, *c;
    crash_report(app, &fault);
    for (uint64_t seq = 0; (c = crash_get(seq)) != NULL; seq = c->seq + 1) {
        last = c;
    }
    assert_non_null(last);
    assert_int_equal(last->size, sizeof *last);
    assert_in_range(last->text_len, 1, sizeof last->text);
    assert_int_equal(last->text[last->text_len - 1], '\n');
    return last;
}

static bool says(const struct ctx_crash *c, const char *what)
{
    char text[sizeof c->text + 1];
    memcpy(text, c->text, c->text_len);
    text[c->text_len] = 0;
    return strstr(text, what) != NULL;
}

static void fields(void **state)
{
    (void)state;
    begin("victim");
    fake.now_ns = 5 * NSEC_PER_SEC;
    const struct ctx_crash *c = report();
    assert_int_equal(c->vector, 14);
    assert_int_equal(c->time_ns, fake.now_ns);
    assert_int_equal(c->pid, app->pid);
    assert_int_equal(c->call, 0);
    assert_int_equal(c->ip, app->bias + 0x1010);
    assert_int_equal(c->address, 0x18);
    assert_text((const char *)c->name, "victim");
    assert_text((const char *)c->what, "wrote to null+0x18");
    assert_text((const char *)c->place, "slot+0x401010");
    assert_true(says(c, "fault name=victim"));
    assert_true(says(c, "  #0 slot+0x401010\n"));
    assert_true(says(c, "  rsp="));
    assert_true(says(c, "memory="));
    assert_true(fake_said("E app:   it wrote to null+0x18"));
    end();
}

static void the_ring(void **state)
{
    (void)state;
    begin("app");
    uint64_t first = report()->seq;
    for (uint32_t i = 1; i < 40; i++) {
        fault.address = i;
        assert_int_equal(report()->seq, first + i);
        uint64_t oldest = i < CRASHES ? crash_get(0)->seq : first + i - CRASHES + 1;
        assert_int_equal(crash_get(0)->seq, oldest);
        assert_int_equal(crash_get(oldest)->seq, oldest);
        assert_null(crash_get(first + i + 1));
        assert_null(crash_get(UINT64_MAX));
    }
    for (uint64_t seq = first + 24; seq < first + 40; seq++) {
        assert_int_equal(crash_get(seq)->seq, seq);
        assert_int_equal(crash_get(seq)->address, seq - first);
    }
    assert_int_equal(crash_get(first)->seq, first + 24); /* gone: the oldest that is kept */
    end();
}

/* ---- callers ---- */

static void by_frame_pointers(void **state)
{
    (void)state;
    begin("app");
    uint64_t frame = stack(0xf0);
    fault.regs[5] = frame;
    for (uint32_t i = 0; i < 6; i++) {
        put_call(code(0x20 + 8 * i), i);
        uint64_t next = i < 5 ? frame + 0x10 : 0;
        poke(frame, next);
        poke(frame + 8, code(0x20 + 8 * i));
        frame = next;
    }
    const struct ctx_crash *c = report();
    for (uint32_t i = 0; i < 6; i++) {
        char line[64];
        snprintf(line, sizeof line, "  #%u slot+0x%x\n", i + 1, 0x401020 + 8 * i);
        assert_true(says(c, line));
    }
    assert_false(says(c, "#7"));
    assert_false(says(c, "perhaps"));
    /* A chain that goes in a circle, or down, is not followed. */
    poke(stack(0xf0), stack(0xf0));
    c = report();
    assert_true(says(c, "#1 "));
    assert_false(says(c, "#2 "));
    poke(stack(0xf0), stack(0x100));
    assert_false(says(report(), "#2 "));
    /* No more than twelve. */
    put_call(code(0x20), 0);
    for (uint32_t i = 0; i < 14; i++) {
        poke(stack(0xf0 - 0x10 * i), stack(0xe0 - 0x10 * i));
        poke(stack(0xf0 - 0x10 * i) + 8, code(0x20));
    }
    c = report();
    assert_true(says(c, "#12 "));
    assert_false(says(c, "#13 "));
    end();
}

static void by_looking_at_the_stack(void **state)
{
    (void)state;
    begin("app");
    put_call(code(0x20), 0);
    put_call(code(0x40), 1);
    poke(stack(0xf8), code(0x20));
    poke(stack(0xe0), code(0x48)); /* behind no call */
    poke(stack(0xd0), code(0x40));
    poke(stack(0xc0), 0x20); /* not a slot address */
    poke(stack(0xb8), app->base + app->bias + 0x2000);
    static const uint64_t bad_frames[] = {0, 7, 0xfffffffffffffff8, 0x123456789000, 1};
    for (size_t i = 0; i < ARRAY_COUNT(bad_frames); i++) {
        fault.regs[5] = bad_frames[i];
        const struct ctx_crash *c = report();
        assert_true(says(c, "  #1 slot+0x401020 perhaps\n"));
        assert_true(says(c, "  #2 slot+0x401040 perhaps\n"));
        assert_false(says(c, "#3 "));
    }
    poke(stack(0x110), stack(0x80)); /* a good frame, but of a call that has returned */
    poke(stack(0x108), code(0x40));
    fault.regs[5] = stack(0x110);
    assert_true(says(report(), "  #1 slot+0x401020 perhaps\n"));
    poke(stack(0x108), 0);
    /* rbp below rsp, at the stack's very end, in the image, beside the words. */
    const uint64_t more[] = {stack(0x108),
                             stack(8),
                             app->base + app->bias + 0x2000,
                             stack(0xf4),
                             app->base + CTX_SLOT_SIZE - 8,
                             app->base - 8};
    for (size_t i = 0; i < ARRAY_COUNT(more); i++) {
        fault.regs[5] = more[i];
        assert_true(says(report(), "  #1 slot+0x401020 perhaps\n"));
    }
    /* The stack pointer is not a multiple of 8; on the page below, which is missing. */
    fault.sp = stack(0xff);
    assert_true(says(report(), "  #1 slot+0x401020 perhaps\n"));
    fault.sp = stack(0x1800);
    assert_true(says(report(), "  #1 slot+0x401020 perhaps\n"));
    end();
}

static void stacks_that_are_none(void **state)
{
    (void)state;
    begin("app");
    const uint64_t wild[] = {0,
                             1,
                             UINT64_MAX,
                             UINT64_MAX - 7,
                             0x8000000000000000,
                             0xffffffff80000000,
                             app->base,
                             app->base - 8,
                             app->base + CTX_SLOT_SIZE - 8,
                             app->base + CTX_SLOT_SIZE - CTX_SLOT_GUARD - 8,
                             app->base + CTX_SLOT_IMAGE,
                             stack(0),
                             stack(1)};
    for (size_t i = 0; i < ARRAY_COUNT(wild); i++) {
        for (size_t k = 0; k < ARRAY_COUNT(wild); k++) {
            fault.sp = wild[i];
            fault.regs[5] = wild[k];
            fault.ip = wild[(i + k) % ARRAY_COUNT(wild)];
            (void)report();
        }
    }
    /* A stack full of chance. */
    struct rng rng = {7};
    for (uint32_t round = 0; round < 200; round++) {
        for (uint32_t at = 8; at <= PAGE_SIZE; at += 8) {
            uint64_t value = rng_next(&rng) << 20 ^ rng_next(&rng);
            value = rng_below(&rng, 2) != 0 ? value : code((uint32_t)rng_below(&rng, 0x100));
            poke(stack(at), rng_below(&rng, 3) != 0 ? value : stack((uint32_t)value % PAGE_SIZE));
        }
        fault.sp = stack((uint32_t)rng_below(&rng, 2 * PAGE_SIZE));
        fault.regs[5] = stack((uint32_t)rng_below(&rng, PAGE_SIZE));
        assert_false(says(report(), "#13 "));
    }
    end();
}

/* ---- names ---- */

/* The made file with a symbol table: each name a function of 0x10 bytes of the code. */
static void make_symbols(const char *const *names, uint32_t count)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    uint64_t symbols = 0x3000, strings = 0x4000, sections = 0x5000, at = 1;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t s = symbols + 24u * (i + 1);
        make_put(&m, s, at, 4);
        make_put(&m, s + 4, 2, 1); /* a function */
        make_put(&m, s + 8, 0x1000 + 0x10u * i, 8);
        make_put(&m, s + 16, 0x10, 8);
        memcpy(m.bytes + strings + at, names[i], strlen(names[i]) + 1);
        at += strlen(names[i]) + 1;
    }
    make_put(&m, 40, sections, 8);
    make_put(&m, 58, 64, 2);
    make_put(&m, 60, 3, 2);
    make_put(&m, sections + 64 + 4, 2, 4);
    make_put(&m, sections + 64 + 24, symbols, 8);
    make_put(&m, sections + 64 + 32, 24u * (count + 1), 8);
    make_put(&m, sections + 64 + 40, 2, 4);
    make_put(&m, sections + 128 + 4, 3, 4);
    make_put(&m, sections + 128 + 24, strings, 8);
    make_put(&m, sections + 128 + 32, at, 8);
    m.len = sections + 192;
}

static void names_of_functions(void **state)
{
    (void)state;
    static const char *const names[] = {
        "draw", "with\nnewline\x1b[2J\x7f\x80", "%s%n", "",
        "a_name_that_is_much_longer_than_anybody_would_like_to_see_in_a_report"};
    static const char *const expected[] = {
        "draw+0x4 (slot+0x401004)", "with?newline?[2J??+0x4 (slot+0x401014)",
        "%s%n+0x4 (slot+0x401024)", "slot+0x401034",
        "a_name_that_is_much_longer_than_anybody+0x4 (slot+0x401044)"};
    remember();
    make_symbols(names, ARRAY_COUNT(names));
    app = app_load(m.bytes, m.len, "named.elf", "app");
    assert_non_null(app);
    for (uint32_t i = 0; i < ARRAY_COUNT(names); i++) {
        fault = (struct machine_fault){.vector = 6, .ip = code(0x10 * i + 4), .sp = stack(8)};
        const struct ctx_crash *c = report();
        assert_text((const char *)c->place, expected[i]);
        assert_true(says(c, expected[i]));
    }
    end();
}

static void names_of_apps(void **state)
{
    (void)state;
    begin("bad\n[\x1b]\x7fname");
    const struct ctx_crash *c = report();
    assert_text((const char *)c->name, "bad?[?]?name");
    assert_true(says(c, "fault name=bad?[?]?name "));
    end();
    remember();
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_VERSION, 0x0a0a310a);
    app = app_load(m.bytes, m.len, "x", "app");
    assert_non_null(app);
    assert_true(says(report(), "  version=?1?? build="));
    end();
    fake_serial_clear(); /* a file's name, as the loader is told it, makes no line of its own */
    assert_null(app_load(m.bytes, 10, "x\nPANIC", ""));
    assert_true(fake_said("refused file=x?PANIC "));
}

/* ---- the text ---- */

static int32_t body_calls(struct ctx *ctx)
{
    uint64_t *out = own(ctx, sizeof *out);
    for (uint32_t i = 0; i < 40; i++) {
        (void)ctx->time->now(ctx->time, out);
        (void)ctx->mem->alloc(ctx->mem, UINT64_MAX, 3, 7);
    }
    return CTX_AGAIN;
}

static void the_last_calls(void **state)
{
    (void)state;
    begin("app");
    assert_false(says(report(), "calls:"));
    call(app, body_calls);
    const struct ctx_crash *c = report();
    char text[sizeof c->text + 1];
    memcpy(text, c->text, c->text_len);
    text[c->text_len] = 0;
    uint32_t times = 0;
    for (const char *at = text; (at = strstr(at, "time.now=OK")) != NULL; at++) {
        times++;
    }
    assert_int_equal(times, 8); /* of the last sixteen */
    assert_true(says(c, "mem.alloc=0x0"));
    end();
}

/* More than fits: whole lines, and never beyond the end. */
static int32_t body_says_why(struct ctx *ctx)
{
    static const char lines[] = "one thing\nand: why, \xc3\xbc";
    uint8_t *mine = own(ctx, sizeof lines);
    memcpy(mine, lines, sizeof lines);
    ctx->log(mine, sizeof lines - 1);
    return CTX_AGAIN;
}

/* What an app says before it gives up (a panic, an assertion) is in its report; what it said in an
 * earlier call is not. */
static void what_it_said(void **state)
{
    (void)state;
    begin("one");
    assert_false(says(report(), "  said:"));
    call(app, body_says_why);
    assert_int_equal(app->calls, 1);
    assert_true(says(report(), "\n  said: and: why, \xc3\xbc\n"));
    app->calls++; /* the next one */
    assert_false(says(report(), "  said:"));
    end();
}

static void too_much_text(void **state)
{
    (void)state;
    static const char *const names[] = {
        "a_name_that_is_much_longer_than_anybody_would_like_to_see_in_a_report"};
    remember();
    make_symbols(names, 1);
    app = app_load(m.bytes, m.len, "named.elf", "a-name-of-thirty-one-letters-yes");
    assert_non_null(app);
    call(app, body_calls);
    put_call(code(8), 0);
    fault = (struct machine_fault){.vector = 14, .ip = code(4), .sp = stack(0x100)};
    fault.address = UINT64_MAX;
    for (uint32_t at = 8; at <= 0x100; at += 8) {
        poke(stack(at), code(8));
    }
    const struct ctx_crash *c = report();
    assert_in_range(c->text_len, sizeof c->text / 2, sizeof c->text);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields),
        cmocka_unit_test(the_ring),
        cmocka_unit_test(by_frame_pointers),
        cmocka_unit_test(by_looking_at_the_stack),
        cmocka_unit_test(stacks_that_are_none),
        cmocka_unit_test(names_of_functions),
        cmocka_unit_test(names_of_apps),
        cmocka_unit_test(the_last_calls),
        cmocka_unit_test(what_it_said),
        cmocka_unit_test(too_much_text),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
