/* SPDX-License-Identifier: MIT */
/* ctx.saving/1: who is asked, who is waited for and how long, and what the log says. */
#include "lasting.h"
#include "v3_fixture.h"

#include <kernel/klog.h>

static struct {
    ctx_status joined, asked, told;
    uint64_t question;
    uint32_t says; /* what it answers with */
    uint32_t calls;
    bool answers, no_memory;
} s;

static const struct ctx_saving *table(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_SAVING, 0, &t), CTX_OK);
    return (const struct ctx_saving *)t;
}

static int32_t body_join(struct ctx *ctx)
{
    const struct ctx_saving *saving = table(ctx);
    fake.allocs_left = s.no_memory ? 0 : FAKE_ALWAYS;
    s.joined = saving->join(saving);
    fake.allocs_left = FAKE_ALWAYS;
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_SAVING);
    return CTX_WAIT;
}

/* As an app does that keeps something: asked, it answers, or will in ten milliseconds. */
static int32_t body_answer(struct ctx *ctx)
{
    const struct ctx_saving *saving = table(ctx);
    uint64_t *question = own(ctx, sizeof *question), now = 0;
    s.calls++;
    s.asked = saving->asked(saving, question);
    if (s.asked == CTX_OK) {
        s.question = *question;
    }
    if (s.asked == CTX_OK && s.answers) {
        s.told = saving->lasts(saving, *question, s.says);
    }
    s.answers = true;
    uint64_t *clock = own(ctx, sizeof *clock);
    ctx->time->now(ctx->time, clock);
    now = *clock;
    ctx->mem->free(ctx->mem, clock, sizeof *clock, 16);
    ctx->mem->free(ctx->mem, question, sizeof *question, 16);
    ctx->time->wake_at(ctx->time, now + 10 * NSEC_PER_MSEC);
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_SAVING);
    return CTX_WAIT;
}

/* An app as its note has to be; again: it answers at once, or only when it is called again. */
static struct app *keeper(const char *name)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", name);
    assert_non_null(app);
    app->no_undo = app->fresh_on_restore = true;
    call(app, body_join);
    assert_int_equal(s.joined, CTX_OK);
    return app;
}

static void its_note_has_to_say_so(void **state)
{
    (void)state;
    struct app *app = load_v3("other");
    call(app, body_join);
    assert_int_equal(s.joined, CTX_E_INVAL);
    app->no_undo = true;
    call(app, body_join);
    assert_int_equal(s.joined, CTX_E_INVAL);
    app->fresh_on_restore = true;
    call(app, body_join);
    assert_int_equal(s.joined, CTX_OK);
    call(app, body_join);
    assert_int_equal(s.joined, CTX_OK);
    app_unload(app);
    uint64_t question = lasting_ask(NULL); /* nobody is there any more */
    assert_true(lasting_is_over(question));
    assert_true(lasting_end(question, "x"));
}

/* The loop stands still; who was asked is called, others are not. */
static void asked_and_answered(void **state)
{
    (void)state;
    struct app *app = keeper("keeper"), *other = load_v3("other");
    s.answers = true;
    s.says = (uint32_t)CTX_OK;
    s.calls = 0;
    uint64_t calls = other->calls;
    uint64_t question = lasting_ask(NULL);
    assert_false(lasting_is_over(question));
    fake.app = body_answer;
    lasting_wait(question);
    fake.app = NULL;
    assert_int_equal(s.told, CTX_OK);
    assert_int_equal(s.question, question);
    assert_int_equal(s.calls, 1);
    assert_int_equal(other->calls, calls);
    assert_true(lasting_is_over(question));
    assert_true(lasting_end(question, "x"));
    call(app, body_answer); /* nothing is asked */
    assert_int_equal(s.asked, CTX_E_AGAIN);
    app_unload(other);
    app_unload(app);
}

/* Only its second call, ten milliseconds later, answers. */
static void not_at_once(void **state)
{
    (void)state;
    struct app *app = keeper("keeper");
    s.answers = false;
    s.calls = 0;
    uint64_t question = lasting_ask(NULL), began = fake.now_ns;
    fake.app = body_answer;
    lasting_wait(question);
    fake.app = NULL;
    assert_int_equal(s.calls, 2);
    assert_true(fake.now_ns - began < NSEC_PER_SEC);
    assert_true(lasting_end(question, "x"));
    app_unload(app);
}

static int32_t body_deaf(struct ctx *ctx)
{
    s.calls++;
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_SAVING);
    return CTX_WAIT;
}

/* Waited for once, and named; then not before it has answered. */
static void who_does_not_answer(void **state)
{
    (void)state;
    struct app *app = keeper("keeper"), *good = keeper("good");
    uint64_t question = lasting_ask(NULL), began = fake.now_ns;
    s.answers = true;
    s.says = (uint32_t)CTX_OK;
    call(good, body_answer);
    fake.app = body_deaf;
    lasting_wait(question);
    assert_true(fake.now_ns - began >= LASTING_NS && fake.now_ns - began < 2 * LASTING_NS);
    assert_false(lasting_is_over(question));
    fake_serial_clear();
    assert_false(lasting_end(question, "session/s"));
    assert_true(fake_said("session/s: keeper#"));
    assert_false(fake_said("good#"));

    question = lasting_ask(NULL);
    began = fake.now_ns;
    call(good, body_answer);
    fake.app = body_deaf;
    lasting_wait(question);
    assert_true(fake.now_ns - began < NSEC_PER_SEC);
    assert_false(lasting_end(question, "session/s"));
    call(app, body_answer);
    question = lasting_ask(NULL);
    assert_false(lasting_is_over(question)); /* it is one of those that answer again */
    fake.app = body_answer;
    lasting_wait(question);
    assert_true(lasting_end(question, "x"));
    fake.app = NULL;
    app_unload(good);
    app_unload(app);
}

static void what_it_can_say(void **state)
{
    (void)state;
    struct app *app = keeper("keeper");
    s.answers = true;
    s.says = (uint32_t)CTX_E_IO;
    uint64_t question = lasting_ask(NULL);
    call(app, body_answer);
    assert_true(lasting_is_over(question));
    fake_serial_clear();
    assert_false(lasting_end(question, "x"));
    assert_true(fake_said("says IO"));
    app_unload(app);
}

/* Answers to questions that were not asked, or were answered. */
static int32_t body_lies(struct ctx *ctx)
{
    const struct ctx_saving *saving = table(ctx);
    assert_int_equal(saving->lasts(saving, 0, 0), CTX_E_NOENT);
    assert_int_equal(saving->lasts(saving, s.question + 1, 0), CTX_E_NOENT);
    assert_int_equal(saving->lasts(saving, s.question, 0), CTX_OK);
    assert_int_equal(saving->lasts(saving, s.question, 0), CTX_E_NOENT);
    assert_int_equal(saving->lasts(saving, s.question - 1, 0), CTX_E_NOENT);
    return CTX_AGAIN;
}

static void lies(void **state)
{
    (void)state;
    struct app *app = keeper("keeper");
    s.question = lasting_ask(NULL);
    call(app, body_lies);
    assert_int_equal(app->faults, 0);
    assert_true(lasting_end(s.question, "x"));
    app_unload(app);
}

/* It ends, or begins anew, with the answer owed: nobody waits, and it is said. */
static void who_goes(void **state)
{
    (void)state;
    struct app *app = keeper("keeper");
    uint64_t question = lasting_ask(NULL);
    assert_false(lasting_is_over(question));
    fake_serial_clear();
    app_unload(app);
    assert_true(lasting_is_over(question));
    assert_false(lasting_end(question, "x"));
    assert_true(fake_said("has gone before it said"));
    question = lasting_ask(NULL);
    assert_true(lasting_end(question, NULL));
}

/* Asked again while the first question is open: one answer is for both. */
static void several_questions(void **state)
{
    (void)state;
    struct app *app = keeper("keeper");
    uint64_t first = lasting_ask(NULL), second = lasting_ask(NULL);
    assert_false(lasting_is_over(first));
    s.answers = true;
    s.says = (uint32_t)CTX_OK;
    call(app, body_answer);
    assert_true(lasting_is_over(first) && lasting_is_over(second));
    assert_int_equal(s.question, second);
    assert_true(lasting_end(second, "x"));
    app_unload(app);
}

static void no_memory(void **state)
{
    (void)state;
    struct app *app = load_v3("keeper");
    app->no_undo = app->fresh_on_restore = true;
    call(app, body_answer); /* opens the table */
    s.no_memory = true;
    call(app, body_join);
    s.no_memory = false;
    assert_int_equal(s.joined, CTX_E_NOMEM);
    call(app, body_join);
    assert_int_equal(s.joined, CTX_OK);
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_note_has_to_say_so),
        cmocka_unit_test(asked_and_answered),
        cmocka_unit_test(not_at_once),
        cmocka_unit_test(who_does_not_answer),
        cmocka_unit_test(what_it_can_say),
        cmocka_unit_test(lies),
        cmocka_unit_test(who_goes),
        cmocka_unit_test(several_questions),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
