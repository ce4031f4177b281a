/* SPDX-License-Identifier: MIT */
/*
 * console - a see-through window with a shell and a Lua interpreter. All but files works with
 * version 2 of the Context, and picolibc.
 *
 * One call: look at the keys, let a script go on for its share of the frame, draw what changed, put
 * the window on the canvas; or into a surface of its own, where somebody manages windows.
 */
#include "console.h"
#include "files.h"
#include "font.h"
#include "repl.h"
#include "system.h"
#include "work.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/note.h>

#include <stdio.h>
#include <stdlib.h>

#define COLOR_FINE 0x009ed35d /* bytes R, G, B from the lowest */
#define COLOR_CARE 0x0054b4ff

/* On the canvas others may paint over the window, which only a look tells. When nobody did for two
 * seconds it looks ten times a second. */
#define QUIET   120u
#define PEEK_NS UINT64_C(100000000)
#define LOOK_NS UINT64_C(1000000000) /* at isolation */

CTX_NOTE(2);

/* Ctrl and a letter of the layout. */
static void control(struct console *c, uint32_t letter)
{
    switch (letter) {
    case 'a':
        edit_key(&c->edit, EDIT_HOME);
        break;
    case 'e':
        edit_key(&c->edit, EDIT_END);
        break;
    case 'k':
        edit_key(&c->edit, EDIT_KILL_END);
        break;
    case 'u':
        edit_key(&c->edit, EDIT_KILL_START);
        break;
    case 'w':
        edit_key(&c->edit, EDIT_KILL_WORD);
        break;
    case 'l':
        text_init(&c->text);
        selection_clear(&c->selection);
        break;
    case 'c':
        console_printf(c, TEXT_DIM, "%s^C\n", shell_prompt(c));
        edit_clear(&c->edit);
        break;
    default:
        break;
    }
}

/* Ctrl and a letter of the layout, of the clipboard. 1 if it was one. */
static int clipboard_key(struct console *c, uint32_t letter)
{
    switch (letter) {
    case 'c':
        return select_copy(c); /* with nothing chosen it is ^C */
    case 'x':
        if (select_copy(c)) {
            select_delete(c);
        }
        return 1;
    case 'v':
        select_paste(c);
        return 1;
    default:
        return 0;
    }
}

static void enter(struct console *c)
{
    if (c->keyboard.shift != 0) {
        edit_insert(&c->edit, '\n');
        return;
    }
    uint32_t len = edit_text(&c->edit, c->line);
    shell_line(c, c->line, len);
}

static int moves(uint64_t code)
{
    return code == CTX_KEY_LEFT || code == CTX_KEY_RIGHT || code == CTX_KEY_HOME ||
           code == CTX_KEY_END;
}

/* In the shell the rest of a path; in Lua two blanks. */
static void tab(struct console *c)
{
    char *line = c->mode == MODE_SHELL ? malloc(4 * EDIT_MAX + 1) : NULL;
    uint32_t len = c->edit.len;
    if (line != NULL) {
        c->edit.len = c->edit.cursor; /* what stands before the cursor */
        edit_text(&c->edit, line);
        c->edit.len = len;
    }
    if (line == NULL || !work_begin(c, complete_work, line)) {
        edit_insert(&c->edit, ' ');
        edit_insert(&c->edit, ' ');
    }
    free(line);
}

/* Keys that mean the same in every layout. 1 if it was one. */
static int special_key(struct console *c, uint64_t code)
{
    int ctrl = c->keyboard.ctrl != 0, chosen = !selection_is_empty(&c->selection);
    if ((code == CTX_KEY_BACKSPACE || code == CTX_KEY_DELETE) && chosen &&
        c->selection.anchor.line == SPOT_TYPED && c->selection.end.line == SPOT_TYPED) {
        select_delete(c);
        return 1;
    }
    switch (code) {
    case CTX_KEY_ENTER:
    case 96: /* on the keypad */
        enter(c);
        break;
    case CTX_KEY_BACKSPACE:
        edit_key(&c->edit, ctrl ? EDIT_KILL_WORD : EDIT_BACKSPACE);
        break;
    case CTX_KEY_DELETE:
        edit_key(&c->edit, EDIT_DELETE);
        break;
    case CTX_KEY_LEFT:
        edit_key(&c->edit, ctrl ? EDIT_WORD_LEFT : EDIT_LEFT);
        break;
    case CTX_KEY_RIGHT:
        edit_key(&c->edit, ctrl ? EDIT_WORD_RIGHT : EDIT_RIGHT);
        break;
    case CTX_KEY_HOME:
        edit_key(&c->edit, EDIT_HOME);
        break;
    case CTX_KEY_END:
        edit_key(&c->edit, EDIT_END);
        break;
    case CTX_KEY_UP:
        edit_key(&c->edit, EDIT_UP);
        break;
    case CTX_KEY_DOWN:
        edit_key(&c->edit, EDIT_DOWN);
        break;
    case CTX_KEY_TAB:
        tab(c);
        break;
    default:
        return 0;
    }
    return 1;
}

static int scroll_key(struct console *c, uint64_t code)
{
    uint32_t page = view_rows(c) > 2 ? view_rows(c) - 2 : 1;
    if (code == CTX_KEY_PAGEUP) {
        c->scroll += page;
    } else if (code == CTX_KEY_PAGEDOWN) {
        c->scroll -= c->scroll < page ? c->scroll : page;
    } else {
        return 0;
    }
    return 1;
}

static int is_special(uint64_t code)
{
    switch (code) {
    case CTX_KEY_ENTER:
    case 96:
    case CTX_KEY_BACKSPACE:
    case CTX_KEY_DELETE:
    case CTX_KEY_LEFT:
    case CTX_KEY_RIGHT:
    case CTX_KEY_HOME:
    case CTX_KEY_END:
    case CTX_KEY_UP:
    case CTX_KEY_DOWN:
    case CTX_KEY_TAB:
        return 1;
    default:
        return 0;
    }
}

static void key_now(struct console *c, uint64_t code, int down)
{
    uint32_t also;
    uint32_t character = ctx_keyboard_event(&c->keyboard, code, down, &also);
    if (!down) {
        return;
    }
    c->dirty = 1;
    if (scroll_key(c, code)) {
        return;
    }
    if (c->repl != NULL && repl_is_running(c->repl)) {
        if (c->keyboard.ctrl != 0 && (character == 'c' || character == 'C')) {
            repl_stop(c->repl);
        }
        return; /* a script runs: the rest waits for nobody */
    }
    if (c->keyboard.ctrl != 0 && clipboard_key(c, character | 0x20)) {
        return;
    }
    if (character == 0 && !is_special(code)) {
        return; /* Shift alone, for example: what is chosen stays so */
    }
    uint32_t cursor = c->edit.cursor;
    c->scroll = 0;
    if (special_key(c, code)) {
        if (moves(code) && c->keyboard.shift != 0) {
            select_to_cursor(c, cursor);
        } else {
            selection_clear(&c->selection);
        }
        return;
    }
    if (c->keyboard.ctrl != 0) {
        selection_clear(&c->selection);
        control(c, character | 0x20);
    } else if (character != 0) {
        select_delete(c);
        if (also != 0) {
            edit_insert(&c->edit, also);
        }
        edit_insert(&c->edit, character);
    }
}

/* Those that waited for a command's end come first, up to the next command. */
static void keys_ahead(struct console *c)
{
    uint64_t code;
    int down;
    while (ahead_take(c, &code, &down)) {
        key_now(c, code, down);
    }
}

static void key(struct console *c, uint64_t code, int down)
{
    keys_ahead(c);
    if (!ahead_keep(c, code, down)) {
        key_now(c, code, down);
    }
}

/* The keyboard is for the window with the focus, the serial line for the first one: it has no
 * pointer to get a focus back with. Where somebody manages windows both are for our surface if they
 * say so, and behind that a surface has them by a press. */
static int is_for_us(const struct console *c, int serial, int elsewhere)
{
    const struct window *w = &c->window;
    return c->input.own != 0           ? !elsewhere
           : serial && w->surface == 0 ? w->first
                                       : w->focused && !c->away;
}

/* A program of ours in a window of the terminal that had the keys, and has gone, gives them back,
 * though a press into its window was one beside ours. */
static void look_for_programs(struct console *c)
{
    struct window *w = &c->window;
    uint8_t had = c->away;
    c->away = (uint8_t)(c->input.own == 0 && programs_have_keys(c));
    if (had && !c->away && c->ran && w->surface == 0 && !w->focused) {
        w->focused = 1;
        w->fresh = 1;
    }
}

/* Keys that were held when the focus went are let go of. */
static void read_keys(struct console *c)
{
    const struct ctx_input *in = c->in;
    if (c->seen < in->last) {
        look_for_programs(c);
    }
    for (; c->seen < in->last; c->seen++) {
        const struct ctx_key_event *e = &in->ring[(c->seen + 1) % 64];
        if (e->code >= CTX_BTN_LEFT) {
            continue;
        }
        uint64_t bit = (c->seen + 1) % 64;
        if (is_for_us(c, (int)(c->input.serial >> bit & 1), (int)(c->input.elsewhere >> bit & 1))) {
            key(c, e->code, e->down);
        } else {
            uint32_t also;
            if (!ahead_keep(c, e->code, 0)) {
                ctx_keyboard_event(&c->keyboard, e->code, 0, &also);
            }
        }
    }
}

/* Three rows for a step, over whichever window the pointer is. */
static void read_wheel(struct console *c)
{
    const struct window *w = &c->window;
    int64_t x = (int64_t)c->in->mx - w->x, y = (int64_t)c->in->my - w->y;
    if (c->input.wheel == 0 || x < 0 || y < 0 || x >= w->w || y >= w->h) {
        return;
    }
    int64_t scroll = (int64_t)c->scroll + 3 * c->input.wheel;
    c->scroll = scroll < 0 ? 0 : (uint32_t)scroll;
    c->dirty = 1;
}

/* Whether it has this character at this position. */
static int has(const struct ctx_keymap *keymap, uint32_t code, uint32_t text)
{
    for (uint32_t i = 0; i < keymap->count; i++) {
        const struct ctx_keymap_key *key = &keymap->keys[i];
        for (uint32_t level = 0; key->code == code && level < CTX_KEYMAP_LEVELS; level++) {
            if (key->level[level] == text) {
                return 1;
            }
        }
    }
    return 0;
}

/* The layout that has it: this one, if it does, or if none does. */
static uint32_t layout_of(uint32_t layout, uint32_t code, uint32_t text)
{
    for (uint32_t i = 0; i < ctx_keymap_count() && !has(ctx_keymap_get(layout), code, text); i++) {
        if (has(ctx_keymap_get(i), code, text)) {
            return i;
        }
    }
    return layout;
}

/* What a key means to everybody: the layout of the system, unless `lang` has chosen another. The
 * key before a character says which position that is, and so which layout has it there. */
static void follow_layout(struct console *c, const struct ctx_event *e)
{
    if (e->kind == CTX_EVENT_KEY) {
        c->last_code = e->value != 0 ? e->code : 0;
    }
    if (e->kind != CTX_EVENT_TEXT || (e->flags & CTX_EVENT_SERIAL) != 0 || c->own_layout) {
        return;
    }
    uint32_t layout = layout_of(c->keyboard.layout, c->last_code, e->code);
    if (layout != c->keyboard.layout) {
        c->keyboard.layout = layout;
        c->keyboard.dead = 0;
    }
}

/* Events that are for the window are also for a script that runs. */
static void saw(void *arg, const struct ctx_event *event)
{
    struct console *c = arg;
    int elsewhere = c->input.own != 0 && event->surface != c->input.own;
    if (event->kind == CTX_EVENT_KEY && event->code == CTX_BTN_LEFT && event->value != 0) {
        c->away = 0; /* keys are where it was pressed */
    }
    c->closed |= (uint8_t)window_event(&c->window, c->ctx, event);
    follow_layout(c, event);
    if (c->repl != NULL && is_for_us(c, (event->flags & CTX_EVENT_SERIAL) != 0, elsewhere)) {
        repl_event(c->repl, event);
    }
}

static void work_goes_on(struct console *c)
{
    if (work_runs(c)) {
        work_go_on(c);
        if (c->repl != NULL) {
            repl_hurry(c->repl);
        }
        keys_ahead(c);
    } else if (c->repl != NULL && repl_is_running(c->repl) && repl_step(c->repl) == REPL_QUIT) {
        c->mode = MODE_SHELL; /* without fibers */
        c->dirty = 1;
    }
}

/* The title bar says once a second whether apps can reach each other. */
static void look_at_isolation(struct console *c)
{
    uint64_t now = c->ctx->start_time_ms;
    if (c->asked_ms == 0 || now - c->asked_ms >= 1000) {
        uint8_t before = c->isolation;
        c->asked_ms = now + (now == 0);
        c->isolation = (uint8_t)system_isolation(c);
        c->window.fresh |= c->isolation != before;
    }
}

static struct window_note note(const struct console *c)
{
    int fr = c->language == 1;
    switch (c->isolation) {
    case ISOLATION_HOLDS:
        return (struct window_note){fr ? "isol\xe9" : "isolated", COLOR_FINE};
    case ISOLATION_BROKEN:
        return (struct window_note){fr ? "non isol\xe9" : "not isolated", COLOR_CARE};
    default:
        return (struct window_note){NULL, 0};
    }
}

/* For whoever draws the title bar of a surface. */
static void tell_title(const struct console *c, const struct window_note *said)
{
    char text[64];
    const char *note = said->text == NULL                ? ""
                       : c->isolation == ISOLATION_HOLDS ? "isolated"
                                                         : "not isolated";
    int n = snprintf(text, sizeof text, "Console%s%s%s", c->mode == MODE_REPL ? " - Lua" : "",
                     *note != 0 ? " - " : "", note);
    c->ctx->display->title(c->ctx->display, c->window.surface, text, (uint32_t)n);
}

static void draw(struct console *c)
{
    uint32_t from = 0, to = 0;
    const struct window_note said = note(c);
    uint8_t titled = (uint8_t)(1 + c->mode + 2 * c->isolation);
    if (c->repl != NULL) {
        repl_draw(c->repl, &c->ctx->fb);
    }
    if (c->titled != titled || c->window.fresh) {
        c->window.fresh = 1; /* the title bar is drawn as a whole */
        c->titled = titled;
        if (c->window.surface != 0) {
            tell_title(c, &said);
        }
    }
    if (c->dirty || c->window.fresh) {
        view_changes(c, &from, &to);
    }
    window_prepare(&c->window, &c->ctx->fb, &from, &to);
    if (from < to) {
        window_frame(&c->window, c->mode == MODE_REPL ? "console - lua" : "console", &said, from,
                     to);
        view_draw(c, from, to);
    }
    c->dirty = 0;
    window_show(&c->window, c->ctx, from, to);
}

/* As on the first day: texts, history, variables, language; the window stays where it is. */
static void reset(struct console *c)
{
    struct window window = c->window;
    struct ctx *ctx = c->ctx;
    uint64_t seen = c->seen;
    struct input input = c->input;
    struct images images = c->images;
    struct clip clip = c->clip;
    repl_delete(c->repl);
    *c = (struct console){.ctx = ctx,
                          .input = input,
                          .window = window,
                          .images = images,
                          .clip = clip,
                          .seen = seen,
                          .dirty = 1};
    c->window.fresh = 1;
    text_init(&c->text);
    shell_greet(c);
}

static void *font_alloc(void *self, size_t size)
{
    (void)self;
    return malloc(size);
}

static void font_free(void *self, void *p, size_t size)
{
    (void)self;
    (void)size;
    free(p);
}

/* Somebody manages windows. *scale: of the screen; 0: nobody says. */
static int is_managed(const struct ctx *ctx, uint32_t *scale)
{
    struct ctx_display_info info = {.size = sizeof info};
    int known = CTX_HAS(ctx, events) && /* whoever has that has a display too */
                ctx->display->info(ctx->display, &info) == CTX_OK;
    *scale = known ? info.scale : 0;
    return known && (info.flags & CTX_DISPLAY_MANAGED) != 0;
}

static struct console *start(struct ctx *ctx, int managed)
{
    static const struct font_memory memory = {font_alloc, font_free, NULL};
    struct console *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->ctx = ctx;
        c->in = &c->input.view;
    }
    if (c == NULL || !font_init(&memory) ||
        !((managed && window_to_surface(&c->window, ctx)) || window_init(&c->window, ctx))) {
        static const char sorry[] = "not enough memory for a console";
        ctx->log((const uint8_t *)sorry, sizeof sorry - 1);
        free(c);
        return NULL;
    }
    c->seen = input_look(&c->input, ctx, saw, c)->last;
    c->dirty = 1;
    text_init(&c->text);
    shell_greet(c);
    *ctx->store = c;
    return c;
}

/* Whoever manages windows may come and go, and say another scale. */
static void look_at_windows(struct console *c)
{
    struct window *w = &c->window;
    uint32_t scale;
    int managed = is_managed(c->ctx, &scale);
    if (managed && w->surface == 0) {
        window_to_surface(w, c->ctx); /* without memory it stays on the canvas */
    }
    window_rescale(w, c->ctx, scale);
    c->input.own = managed ? w->surface : 0;
}

/* The pointer's place may be the screen's, or the surface's own. */
static void place_surface(struct console *c)
{
    struct window *w = &c->window;
    struct ctx_surface_info place = {.size = sizeof place};
    if (w->surface != 0) {
        int screen = c->input.pointed == 0 &&
                     c->ctx->display->describe(c->ctx->display, w->surface, &place) == CTX_OK;
        w->x = screen ? place.x : 0;
        w->y = screen ? place.y : 0;
    }
}

/* Whether nothing has to be done before something happens; then it has been said what. */
static int may_wait(struct console *c)
{
    const struct ctx *ctx = c->ctx;
    uint64_t now = 0;
    if (!CTX_HAS(ctx, events) || !CTX_HAS(ctx, time) || c->window.fresh || c->wants_reset ||
        c->images.what != IMAGES_NOTHING || c->images.next != IMAGES_NOTHING) {
        return 0;
    }
    if (!work_waits(c) && (work_runs(c) || (c->repl != NULL && repl_is_running(c->repl)) ||
                           (c->window.surface == 0 && c->window.quiet < QUIET))) {
        return 0;
    }
    ctx->time->now(ctx->time, &now);
    ctx->time->wake_at(ctx->time, now + (c->window.surface != 0 ? LOOK_NS : PEEK_NS));
    uint64_t kinds = 1u << CTX_EVENT_KEY | 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL |
                     1u << CTX_EVENT_RESIZE | 1u << CTX_EVENT_FOCUS | 1u << CTX_EVENT_LEAVE |
                     1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_EXPOSE;
    if (ctx->events->wait(ctx->events, kinds | 1u << CTX_EVENT_SCALE) != CTX_OK) {
        ctx->events->wait(ctx->events, kinds); /* an older system */
    }
    return 1;
}

/* Where the window will be: nobody knows before all apps were called once. 0: in the next call. */
static int is_placed(struct ctx *ctx, int managed)
{
    static int called;
    if (!CTX_HAS(ctx, display) || ctx->fb.w != 0 || (managed && called)) {
        return 1;
    }
    if (called++) {
        ctx->display->canvas(ctx->display); /* it is there from the next call on */
    }
    return 0;
}

int32_t ctx_start(struct ctx *ctx)
{
    if (ctx->version < 2) {
        return -1; /* no memory to live in */
    }
    struct console *c = *ctx->store;
    if (c == NULL) {
        uint32_t scale;
        int managed = is_managed(ctx, &scale);
        if (!is_placed(ctx, managed)) {
            return CTX_AGAIN;
        }
        c = start(ctx, managed);
        if (c == NULL) {
            return -1;
        }
    }
    c->ctx = ctx;
    look_at_windows(c);
    c->in = input_look(&c->input, ctx, saw, c);
    place_surface(c);
    if (c->closed) {
        return CTX_EXIT(0);
    }
    int events = CTX_HAS(ctx, events); /* version 2 does not say where it went down */
    window_input(&c->window, ctx, c->in, (int32_t)(events ? c->input.press_x : c->in->mx),
                 (int32_t)(events ? c->input.press_y : c->in->my));
    c->dirty |= (uint8_t)select_pointer(c);
    read_keys(c);
    read_wheel(c);
    work_goes_on(c);
    images_go_on(c);
    look_at_isolation(c);
    if (c->wants_reset) {
        reset(c);
    }
    draw(c);
    return may_wait(c) ? CTX_WAIT : CTX_AGAIN;
}
