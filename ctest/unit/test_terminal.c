/* SPDX-License-Identifier: MIT */
/* ctx.terminal/1 where the machine has a terminal: whose it is, and what undo and images make of
 * it. */
#include "image_taken.h"
#include "policy_fixture.h"
#include "service_private.h"
#include "terminal.h"
#include "watch.h"

#include <kernel/terminal.h>

static struct {
    char out[256], in[64];
    uint32_t out_len, in_at, in_len, room;
    uint32_t wanted, lefts;
    ctx_status status;
    const struct ctx_terminal *table;
    uint64_t request;
    struct ctx_terminal_ready ready;
    int32_t outcome;
    char got[64];
    uint32_t got_len;
    bool fault;
} t;

/* ---- the machine ---- */

static ctx_status fake_describe(uint32_t fd, struct ctx_terminal_stream *out)
{
    out->kind = fd == 0 ? CTX_STREAM_PIPE : CTX_STREAM_TERMINAL;
    out->columns = 80;
    return CTX_OK;
}

static ctx_status fake_write(uint32_t fd, const uint8_t *bytes, uint32_t len, uint32_t *done)
{
    (void)fd;
    *done = MIN(len, t.room);
    if (*done == 0) {
        return CTX_E_AGAIN;
    }
    memcpy(t.out + t.out_len, bytes, *done);
    t.out_len += *done;
    t.room -= *done;
    return CTX_OK;
}

static ctx_status fake_read(uint8_t *bytes, uint32_t len, uint32_t *done)
{
    *done = MIN(len, t.in_len - t.in_at);
    memcpy(bytes, t.in + t.in_at, *done);
    t.in_at += *done;
    return *done > 0 ? CTX_OK : CTX_E_AGAIN;
}

static ctx_status fake_modes(struct ctx_terminal_modes *out)
{
    out->local = 3;
    return CTX_OK;
}

static ctx_status fake_set_modes(uint32_t when, const struct ctx_terminal_modes *modes)
{
    return when == 2 && modes->local == 5 && modes->cc[31] == 9 ? CTX_OK : CTX_E_IO;
}

static void fake_want(uint32_t wanted)
{
    t.wanted = wanted;
}

static bool fake_wait(void)
{
    return false;
}

static void fake_left(void)
{
    t.lefts++;
}

static const struct terminal machine = {fake_describe,  fake_write, fake_read, fake_modes,
                                        fake_set_modes, fake_want,  fake_wait, fake_left};

static void typed(const char *text)
{
    t.in_at = 0;
    t.in_len = (uint32_t)strlen(text);
    memcpy(t.in, text, t.in_len);
}

static void written(const char *text)
{
    assert_int_equal(t.out_len, strlen(text));
    assert_memory_equal(t.out, text, t.out_len);
}

/* ---- what the app does ---- */

static int32_t body_open(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    t.status = open_table(ctx, CTX_ID_TERMINAL, sizeof(struct ctx_terminal), &table);
    t.table = (const struct ctx_terminal *)table;
    return CTX_AGAIN;
}

static int32_t body_next(struct ctx *ctx)
{
    uint64_t *out = own(ctx, 8);
    t.status = t.table->next(t.table, CTX_READY_READ | CTX_READY_SIGNAL, out);
    t.request = *out;
    return CTX_AGAIN;
}

static int32_t body_take(struct ctx *ctx)
{
    const struct ctx_table *table;
    struct ctx_terminal_ready *ready = own(ctx, sizeof *ready);
    uint32_t *n = own(ctx, 8);
    assert_int_equal(open_table(ctx, CTX_ID_SERVICE, 0, &table), CTX_OK);
    const struct ctx_service *service = (const struct ctx_service *)table;
    t.status = service->take(service, t.request, ready, sizeof *ready, n, n + 1);
    t.outcome = (int32_t)n[1];
    t.ready = *ready;
    if (t.fault) {
        fake_fault(6, 0);
    }
    return CTX_AGAIN;
}

/* Reads what is there, and writes it back. */
static int32_t body_echo(struct ctx *ctx)
{
    char *bytes = own(ctx, 16);
    uint32_t *n = own(ctx, 4);
    t.status = t.table->read(t.table, bytes, 16, n);
    if (t.status == CTX_OK) {
        uint32_t *done = own(ctx, 4);
        t.status = t.table->write(t.table, 1, bytes, *n, done);
    }
    if (t.fault) {
        fake_fault(6, 0);
    }
    return CTX_AGAIN;
}

static int32_t body_modes(struct ctx *ctx)
{
    struct ctx_terminal_modes *modes = own(ctx, sizeof *modes);
    struct ctx_terminal_stream *stream = own(ctx, sizeof *stream);
    modes->size = sizeof *modes;
    stream->size = sizeof *stream;
    assert_int_equal(t.table->describe(t.table, 3, stream), CTX_E_INVAL);
    assert_int_equal(t.table->describe(t.table, 1, stream), CTX_OK);
    assert_int_equal(stream->columns, 80);
    assert_int_equal(t.table->modes(t.table, modes), CTX_OK);
    assert_int_equal(modes->local, 3);
    modes->local = 5;
    modes->cc[31] = 9;
    assert_int_equal(t.table->set_modes(t.table, 3, modes), CTX_E_INVAL);
    modes->rsv = 1;
    assert_int_equal(t.table->set_modes(t.table, 2, modes), CTX_E_INVAL);
    modes->rsv = 0;
    assert_int_equal(t.table->set_modes(t.table, 2, modes), CTX_OK);
    assert_int_equal(t.table->next(t.table, 0, own(ctx, 8)), CTX_E_INVAL);
    assert_int_equal(t.table->next(t.table, 256, own(ctx, 8)), CTX_E_INVAL);
    assert_int_equal(t.table->next(t.table, 1, (uint64_t *)(uintptr_t)8), CTX_E_INVAL);
    uint32_t *done = own(ctx, 4);
    assert_int_equal(t.table->write(t.table, 0, "x", 1, done), CTX_E_INVAL);
    return CTX_AGAIN;
}

static struct app *begin(const char *line)
{
    memset(&t, 0, sizeof t);
    t.room = sizeof t.out;
    remember();
    terminal_offer(&machine);
    struct app *app = load_v3(line);
    terminal_give(app);
    call(app, body_open);
    return app;
}

static void end(struct app *app)
{
    app_unload(app);
    terminal_offer(NULL);
    all_is_back();
}

static ctx_status take_result(struct app *app)
{
    call(app, body_take);
    return t.status;
}

/* ---- tests ---- */

static void only_the_one_that_it_was_given_to_has_it(void **state)
{
    (void)state;
    struct app *app = begin("one");
    assert_int_equal(t.status, CTX_OK);
    call(app, body_modes);
    struct app *other = load_v3("two");
    call(other, body_open);
    assert_int_equal(t.status, CTX_E_NOSYS);
    app_unload(other);
    end(app);
    assert_int_equal(t.lefts, 1);
}

static void one_that_offers_it_goes_before(void **state)
{
    (void)state;
    remember();
    terminal_offer(&machine);
    struct app *app = load_v3("one"), *other = load_v3("two offer=ctx.terminal/1");
    terminal_give(app);
    call(app, body_open);
    assert_int_equal(t.status, CTX_E_NOSYS); /* until it does */
    app_unload(other);
    end(app);
}

static void a_request_that_the_kernel_answers(void **state)
{
    (void)state;
    struct app *app = begin("one");
    call(app, body_next);
    assert_int_equal(t.status, CTX_PENDING);
    assert_int_equal(t.wanted, CTX_READY_READ | CTX_READY_SIGNAL);
    assert_int_equal(take_result(app), CTX_E_AGAIN);
    assert_false(terminal_tell(CTX_READY_SIZE, 0)); /* that was not asked for */
    assert_true(terminal_tell(CTX_READY_SIGNAL | CTX_READY_SIZE, 2));
    assert_int_equal(app->hints >> CTX_EVENT_DONE & 1, 1);
    assert_false(terminal_tell(CTX_READY_SIGNAL, 2)); /* nobody waits any more */
    assert_int_equal(take_result(app), CTX_OK);
    assert_int_equal(t.outcome, CTX_OK);
    assert_int_equal(t.ready.what, CTX_READY_SIGNAL);
    assert_int_equal(t.ready.signal, 2);
    assert_int_equal(take_result(app), CTX_E_NOENT);

    call(app, body_next);
    uint64_t first = t.request;
    call(app, body_next);
    uint64_t second = t.request;
    t.request = first;
    assert_int_equal(take_result(app), CTX_OK);
    assert_int_equal(t.outcome, CTX_E_CANCELED);
    t.request = second;
    assert_int_equal(take_result(app), CTX_E_AGAIN);
    end(app); /* with one that is open */
}

static void an_undone_call_reads_again_and_has_written_nothing(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    typed("abc");
    t.fault = true;
    turn(app, body_echo);
    assert_int_equal(app->undone, 1);
    written("");
    assert_int_equal(t.in_at, 3);
    t.fault = false;
    turn(app, body_echo);
    assert_int_equal(t.status, CTX_OK);
    written("abc");
    end(app);
}

static void a_result_is_there_again_when_its_call_is_undone(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    call(app, body_next);
    assert_true(terminal_tell(CTX_READY_SIGNAL, 3));
    t.fault = true;
    turn(app, body_take);
    assert_int_equal(app->undone, 1);
    t.fault = false;
    assert_int_equal(take_result(app), CTX_OK);
    assert_int_equal(t.ready.signal, 3);
    assert_int_equal(take_result(app), CTX_E_NOENT);
    end(app);
}

static int32_t body_next_fault(struct ctx *ctx)
{
    body_next(ctx);
    fake_fault(6, 0);
}

static void a_request_of_an_undone_call_is_none(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    turn(app, body_next_fault);
    assert_int_equal(app->undone, 1);
    assert_false(terminal_tell(CTX_READY_READ, 0));
    assert_int_equal(take_result(app), CTX_E_NOENT);
    end(app);
}

static int32_t body_cancel_and_fault(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_SERVICE, 0, &table), CTX_OK);
    const struct ctx_service *service = (const struct ctx_service *)table;
    assert_int_equal(service->cancel(service, t.request), CTX_OK);
    if (t.fault) {
        fake_fault(6, 0);
    }
    return CTX_AGAIN;
}

/* Who waits for its end would wait for ever. */
static void a_request_that_an_undone_call_canceled_is_open(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    call(app, body_next);
    t.fault = true;
    turn(app, body_cancel_and_fault);
    assert_int_equal(app->undone, 1);
    t.fault = false;
    assert_int_equal(take_result(app), CTX_E_AGAIN);
    assert_true(terminal_tell(CTX_READY_READ, 0));
    assert_int_equal(take_result(app), CTX_OK);
    assert_int_equal(t.ready.what, CTX_READY_READ);
    call(app, body_next);
    turn(app, body_cancel_and_fault); /* for good */
    assert_false(terminal_tell(CTX_READY_READ, 0));
    end(app);
}

static int32_t body_two_parts(struct ctx *ctx)
{
    uint32_t *done = own(ctx, 4);
    char *bytes = own(ctx, 2);
    memcpy(bytes, "12", 2);
    assert_int_equal(t.table->write(t.table, 1, bytes, 1, done), CTX_OK);
    app_reaches_out(app_current(), "something else");
    assert_int_equal(t.table->write(t.table, 1, bytes + 1, 1, done), CTX_OK);
    return CTX_AGAIN;
}

/* Seen: the end of what an editor drew came out in front of its beginning. */
static void what_was_kept_back_goes_first(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    call(app, body_two_parts);
    written("12");
    end(app);
}

/* Whoever looks at stdin again and again: more requests than one app may have, in one call. */
static int32_t body_many(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 3000; i++) {
        body_next(ctx);
        assert_int_equal(t.status, CTX_PENDING);
        assert_true(terminal_tell(CTX_READY_READ, 0));
        body_take(ctx);
        assert_int_equal(t.status, CTX_OK);
    }
    return CTX_AGAIN;
}

static void one_call_can_ask_as_often_as_it_likes(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    call(app, body_many);
    assert_int_equal(app->faults, 0);
    end(app);
}

/* A part of it is out: the machine is to say when more can be. */
static void what_is_full_is_asked_for_once_more(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    typed("hello");
    t.room = 1;
    turn(app, body_echo);
    t.wanted = 0; /* that was told: */
    t.room = 1;
    assert_false(terminal_tell(CTX_READY_WRITE, 0));
    written("he");
    assert_int_equal(t.wanted, CTX_READY_WRITE);
    call(app, body_next);
    t.wanted = 0;
    t.room = 1;
    assert_true(terminal_tell(CTX_READY_WRITE | CTX_READY_SIGNAL, 2));
    assert_int_equal(t.wanted, CTX_READY_WRITE); /* nothing else: the app has its answer */
    call(app, body_next);
    t.wanted = 0;
    t.room = 1;
    assert_false(terminal_tell(CTX_READY_WRITE, 0));
    assert_int_equal(t.wanted, CTX_READY_WRITE | CTX_READY_READ | CTX_READY_SIGNAL);
    t.wanted = 0;
    t.room = 64;
    assert_false(terminal_tell(CTX_READY_WRITE, 0));
    written("hello");
    assert_int_equal(t.wanted, CTX_READY_READ | CTX_READY_SIGNAL);
    end(app);
}

static void what_is_full_takes_the_rest_later(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    typed("hello");
    t.room = 2;
    turn(app, body_echo);
    written("he");
    assert_true(terminal_has_more());
    assert_int_equal(t.wanted & CTX_READY_WRITE, CTX_READY_WRITE);
    typed("!");
    turn(app, body_echo);
    written("he");
    t.room = 64;
    (void)terminal_tell(CTX_READY_WRITE, 0);
    written("hello!");
    assert_false(terminal_has_more());
    end(app);
}

static void an_image_has_it_until_it_is_opened_again(void **state)
{
    (void)state;
    struct app *app = begin("one");
    call(app, body_next);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    terminal_give(app);
    const void *table = t.table;
    assert_int_equal(take_result(app), CTX_E_STALE);
    typed("x");
    call(app, body_echo);
    assert_int_equal(t.status, CTX_E_STALE);
    call(app, body_open);
    assert_int_equal(t.status, CTX_OK);
    assert_ptr_equal(t.table, table);
    call(app, body_echo);
    assert_int_equal(t.status, CTX_OK);
    written("x");
    end(app);
}

static void it_begins_anew_with_the_modes_of_the_beginning(void **state)
{
    (void)state;
    struct app *app = begin("one restart=on-fault");
    call(app, body_modes);
    call(app, body_next);
    turn(app, body_fault);
    assert_int_equal(t.lefts, 1);
    assert_int_equal(t.wanted, 0);
    restart_now(app);
    call(app, body_open);
    assert_int_equal(t.status, CTX_OK);
    end(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_one_that_it_was_given_to_has_it),
        cmocka_unit_test(one_that_offers_it_goes_before),
        cmocka_unit_test(a_request_that_the_kernel_answers),
        cmocka_unit_test(an_undone_call_reads_again_and_has_written_nothing),
        cmocka_unit_test(a_result_is_there_again_when_its_call_is_undone),
        cmocka_unit_test(a_request_of_an_undone_call_is_none),
        cmocka_unit_test(a_request_that_an_undone_call_canceled_is_open),
        cmocka_unit_test(what_was_kept_back_goes_first),
        cmocka_unit_test(one_call_can_ask_as_often_as_it_likes),
        cmocka_unit_test(what_is_full_is_asked_for_once_more),
        cmocka_unit_test(what_is_full_takes_the_rest_later),
        cmocka_unit_test(an_image_has_it_until_it_is_opened_again),
        cmocka_unit_test(it_begins_anew_with_the_modes_of_the_beginning),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
