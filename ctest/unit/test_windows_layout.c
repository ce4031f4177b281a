/* SPDX-License-Identifier: MIT */
/* The keyboard's layout, once for everybody: who may set it, and what becomes of it. */
#include "image_taken.h"
#include "windows_fixture.h"

#include <ctx/keymap.h>

#define KEY_Q 16u /* an a on a French keyboard */

static struct app *manager, *owner;

static const char *layout(void)
{
    return ctx_keymap_get(event_layout())->name;
}

static ctx_status set(struct app *app, const char *name)
{
    wm.layout = name;
    return wm_do(app, WM_LAYOUT, 0, 0, 0);
}

/* What the app is told that this key means. */
static uint32_t types(uint32_t key)
{
    (void)hears(owner);
    press(key);
    lift(key);
    (void)hears(owner);
    for (uint32_t i = 0; i < heard_count; i++) {
        if (heard[i].kind == CTX_EVENT_TEXT) {
            return heard[i].code;
        }
    }
    return 0;
}

static void begin(const char *words)
{
    event_set_layout(0);
    manager = load_v3(words);
    owner = load_v3("owner");
    uint32_t window = window_of(owner, 10, 10);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, window, 0), CTX_OK);
}

static void end(void)
{
    event_set_layout(0);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(owner);
    app_unload(manager);
    all_is_back();
}

static struct ctx_keyboard_layout listed[2];
static uint32_t listed_count;

static int32_t body_lists(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_WINDOWS, 0, &t), CTX_OK);
    const struct ctx_windows *w = (const struct ctx_windows *)t;
    struct ctx_keyboard_layout *out = own(ctx, sizeof listed);
    uint32_t *count = own(ctx, 4);
    assert_int_equal(w->layouts(w, out, sizeof listed, 7, count), CTX_E_INVAL);
    assert_int_equal(w->layouts(w, out, sizeof listed, sizeof listed[0], count), CTX_OK);
    memcpy(listed, out, sizeof listed);
    listed_count = *count;
    assert_int_equal(w->layouts(w, out, 0, sizeof listed[0], count), CTX_OK);
    assert_int_equal(*count, listed_count);
    ctx->mem->free(ctx->mem, out, sizeof listed, 16);
    ctx->mem->free(ctx->mem, count, 4, 16);
    return 0;
}

static void one_for_everybody(void **state)
{
    (void)state;
    begin("manager grant=ctx.windows/1");
    assert_int_equal(types(KEY_Q), 'q');
    call(manager, body_lists);
    assert_int_equal(listed_count, ctx_keymap_count());
    assert_string_equal((const char *)listed[0].name, "en");
    assert_int_equal(listed[0].current, 1);
    assert_int_equal(set(manager, "fr"), CTX_OK);
    assert_int_equal(types(KEY_Q), 'a');
    call(manager, body_lists);
    assert_int_equal(listed[0].current, 0);
    assert_int_equal(listed[1].current, 1);
    assert_string_equal((const char *)listed[1].name, "fr");
    static const char *const none[] = {"", "f", "fra", "FR", "fr ", "12345678", "123456789"};
    for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
        assert_int_equal(set(manager, none[i]), CTX_E_NOENT);
        assert_string_equal(layout(), "fr");
    }
    struct app *other = load_v3("other grant=ctx.windows/1");
    assert_int_equal(set(other, "en"), CTX_E_DENIED);
    app_unload(other);
    assert_string_equal(layout(), "fr");
    end();
}

/* Whose terminal sends characters has chosen them with a layout of their own. */
static void what_is_typed_on_the_serial_line_stays_what_it_is(void **state)
{
    (void)state;
    begin("manager grant=ctx.windows/1");
    assert_int_equal(set(manager, "fr"), CTX_OK);
    event_from_serial(true);
    assert_int_equal(types(KEY_Q), 'q');
    event_from_serial(false);
    assert_int_equal(types(KEY_Q), 'a');
    end();
}

/* An accent of the old layout would come with a letter of the new one. */
static void an_accent_waits_for_no_other_layout(void **state)
{
    (void)state;
    begin("manager grant=ctx.windows/1");
    assert_int_equal(set(manager, "fr"), CTX_OK);
    assert_int_equal(types(26), 0); /* the key behind P: a circumflex */
    assert_int_equal(set(manager, "en"), CTX_OK);
    assert_int_equal(types(18), 'e');
    end();
}

static void it_stays_when_the_call_is_undone_or_its_app_ends(void **state)
{
    (void)state;
    begin("manager grant=ctx.windows/1 restart=undo");
    wm.faults = true;
    assert_int_equal(set(manager, "fr"), CTX_OK);
    wm.faults = false;
    assert_int_equal(manager->undone, 1);
    assert_int_equal(types(KEY_Q), 'a');
    app_unload(manager);
    assert_int_equal(types(KEY_Q), 'a');
    manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_string_equal(layout(), "fr");
    end();
}

/* The image of who manages has it. Another system may not know that one; older images have none. */
static void it_comes_back_with_who_manages(void **state)
{
    (void)state;
    static const struct {
        uint32_t name;
        const char *becomes;
    } cases[] = {{0x7266, "fr"}, {0, "en"}, {0x7a7a7a7a, "en"}, {0x6e65, "en"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        begin("manager grant=ctx.windows/1");
        assert_int_equal(set(manager, "fr"), CTX_OK);
        take(manager, 0);
        app_unload(manager);
        struct ctx_image_window *w =
            (struct ctx_image_window *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_WINDOWS));
        assert_int_equal(w->code, 0x7266);
        w->code = cases[i].name;
        image_reseal(f.bytes, f.len);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        event_set_layout(0);
        manager = bring_back();
        assert_string_equal(layout(), cases[i].becomes);
        end();
    }
    /* Another app manages by now: its layout stays. */
    begin("manager grant=ctx.windows/1");
    assert_int_equal(set(manager, "fr"), CTX_OK);
    take(manager, 0);
    app_unload(manager);
    event_set_layout(0);
    struct app *next = load_v3("next grant=ctx.windows/1");
    assert_int_equal(wm_do(next, WM_MANAGE, 0, 0, 0), CTX_OK);
    struct app *back = bring_back();
    assert_string_equal(layout(), "en");
    app_unload(back);
    manager = next;
    end();
}

static uint32_t scale_seen, flags_seen;

static int32_t body_scale(struct ctx *ctx)
{
    struct ctx_display_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(ctx->display->info(ctx->display, info), CTX_OK);
    scale_seen = info->scale;
    flags_seen = info->flags;
    ctx->mem->free(ctx->mem, info, sizeof *info, 16);
    return 0;
}

static uint32_t scale_of(struct app *app)
{
    call(app, body_scale);
    return scale_seen;
}

static uint32_t flags_of(struct app *app)
{
    call(app, body_scale);
    return flags_seen;
}

static uint32_t scales_heard(void)
{
    uint32_t count = 0;
    (void)hears(owner);
    for (uint32_t i = 0; i < heard_count; i++) {
        count += heard[i].kind == CTX_EVENT_SCALE && heard[i].value == scale_of(owner);
    }
    return count;
}

/* And high contrast. */
static void looks_for_everybody(void **state)
{
    (void)state;
    begin("manager grant=ctx.windows/1");
    (void)scales_heard();
    assert_int_equal(wm_do(manager, WM_LOOKS, 0, 4 | CTX_DISPLAY_CONTRAST, 0), CTX_E_INVAL);
    assert_int_equal(wm_do(manager, WM_LOOKS, 0, CTX_DISPLAY_MANAGED, 0), CTX_E_INVAL);
    assert_int_equal(wm_do(manager, WM_LOOKS, 0, 0, 0), CTX_OK); /* as it is: nobody hears */
    assert_int_equal(scales_heard(), 0);
    assert_int_equal(flags_of(owner), CTX_DISPLAY_MANAGED);
    assert_int_equal(wm_do(manager, WM_LOOKS, 0, CTX_DISPLAY_CONTRAST, 0), CTX_OK);
    assert_int_equal(scales_heard(), 1);
    assert_int_equal(flags_of(owner), CTX_DISPLAY_MANAGED | CTX_DISPLAY_CONTRAST);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_LOOKS, 0, 0, 0), CTX_E_DENIED);
    assert_int_equal(flags_of(owner), CTX_DISPLAY_CONTRAST); /* it stays */
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_LOOKS, 0, 0, 0), CTX_OK);
    assert_int_equal(scales_heard(), 1);
    end();
}

/* How large people want things, once for everybody likewise. */
static void a_scale_for_everybody(void **state)
{
    (void)state;
    begin("manager grant=ctx.windows/1");
    (void)scales_heard();
    assert_int_equal(scale_of(owner), 120);
    assert_int_equal(wm_do(manager, WM_SCALE, 0, 59, 0), CTX_E_RANGE);
    assert_int_equal(wm_do(manager, WM_SCALE, 0, 961, 0), CTX_E_RANGE);
    assert_int_equal(wm_do(manager, WM_SCALE, 0, 120, 0), CTX_OK); /* as it is: nobody hears */
    assert_int_equal(scales_heard(), 0);
    assert_int_equal(wm_do(manager, WM_SCALE, 0, 240, 0), CTX_OK);
    assert_int_equal(scales_heard(), 1);
    assert_int_equal(scale_of(owner), 240);
    assert_int_equal(scale_of(manager), 240);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_SCALE, 0, 120, 0), CTX_E_DENIED);
    assert_int_equal(scale_of(owner), 240); /* it stays */
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_SCALE, 0, 120, 0), CTX_OK);
    assert_int_equal(scales_heard(), 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_scale_for_everybody, setup),
        cmocka_unit_test_setup(looks_for_everybody, setup),
        cmocka_unit_test_setup(one_for_everybody, setup),
        cmocka_unit_test_setup(what_is_typed_on_the_serial_line_stays_what_it_is, setup),
        cmocka_unit_test_setup(an_accent_waits_for_no_other_layout, setup),
        cmocka_unit_test_setup(it_stays_when_the_call_is_undone_or_its_app_ends, setup),
        cmocka_unit_test_setup(it_comes_back_with_who_manages, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, done);
}
