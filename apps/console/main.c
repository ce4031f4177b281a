/* SPDX-License-Identifier: MIT */
/*
 * console - a see-through window with a shell and a Lua interpreter. It uses nothing but version 2
 * of the Context, and picolibc.
 *
 * One call: look at the keys, let a script go on for its share of the frame, draw what changed, put
 * the window on the canvas.
 */
#include "console.h"
#include "font.h"
#include "repl.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/note.h>

#include <stdlib.h>

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
        break;
    case 'c':
        console_printf(c, TEXT_DIM, "%s^C\n", shell_prompt(c));
        edit_clear(&c->edit);
        break;
    default:
        break;
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

/* Keys that mean the same in every layout. 1 if it was one. */
static int special_key(struct console *c, uint64_t code)
{
    int ctrl = c->keyboard.ctrl != 0;
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
        edit_insert(&c->edit, ' ');
        edit_insert(&c->edit, ' ');
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

static void key(struct console *c, uint64_t code, int down)
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
    c->scroll = 0;
    if (special_key(c, code)) {
        return;
    }
    if (c->keyboard.ctrl != 0) {
        control(c, character | 0x20);
    } else if (character != 0) {
        if (also != 0) {
            edit_insert(&c->edit, also);
        }
        edit_insert(&c->edit, character);
    }
}

/* The keyboard is for the window with the focus, the serial line for the first one: it has no
 * pointer to get a focus back with. */
static int is_for_us(const struct console *c, int serial)
{
    return serial ? c->window.first : c->window.focused;
}

/* Keys that were held when the focus went are let go of. */
static void read_keys(struct console *c)
{
    const struct ctx_input *in = c->in;
    for (; c->seen < in->last; c->seen++) {
        const struct ctx_key_event *e = &in->ring[(c->seen + 1) % 64];
        if (e->code >= CTX_BTN_LEFT) {
            continue;
        }
        if (is_for_us(c, (int)(c->input.serial >> (c->seen + 1) % 64 & 1))) {
            key(c, e->code, e->down);
        } else {
            uint32_t also;
            ctx_keyboard_event(&c->keyboard, e->code, 0, &also);
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

/* Events that are for the window are also for a script that runs. */
static void saw(void *arg, const struct ctx_event *event)
{
    struct console *c = arg;
    if (c->repl != NULL && is_for_us(c, (event->flags & CTX_EVENT_SERIAL) != 0)) {
        repl_event(c->repl, event);
    }
}

static void script_goes_on(struct console *c)
{
    if (c->repl != NULL && repl_is_running(c->repl) && repl_step(c->repl) == REPL_QUIT) {
        c->mode = MODE_SHELL;
        c->dirty = 1;
    }
}

static void draw(struct console *c)
{
    uint32_t from, to;
    if (c->repl != NULL) {
        repl_draw(c->repl, &c->ctx->fb);
    }
    window_prepare(&c->window, &c->ctx->fb, c->dirty, &from, &to);
    if (from < to) {
        window_frame(&c->window, c->mode == MODE_REPL ? "console - lua" : "console", from, to);
        view_draw(c, from, to);
    }
    c->dirty = 0;
    window_show(&c->window, &c->ctx->fb);
}

/* As on the first day: texts, history, variables, language; the window stays where it is. */
static void reset(struct console *c)
{
    struct window window = c->window;
    struct ctx *ctx = c->ctx;
    uint64_t seen = c->seen;
    struct input input = c->input;
    struct images images = c->images;
    repl_delete(c->repl);
    *c = (struct console){
        .ctx = ctx, .input = input, .window = window, .images = images, .seen = seen, .dirty = 1};
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

static struct console *start(struct ctx *ctx)
{
    static const struct font_memory memory = {font_alloc, font_free, NULL};
    struct console *c = calloc(1, sizeof *c);
    if (c == NULL || !font_init(&memory) || !window_init(&c->window, ctx)) {
        static const char sorry[] = "not enough memory for a console";
        ctx->log((const uint8_t *)sorry, sizeof sorry - 1);
        free(c);
        return NULL;
    }
    c->ctx = ctx;
    c->seen = input_look(&c->input, ctx, saw, c)->last;
    c->dirty = 1;
    text_init(&c->text);
    shell_greet(c);
    *ctx->store = c;
    return c;
}

int32_t ctx_start(struct ctx *ctx)
{
    if (ctx->version < 2) {
        return -1; /* no memory to live in */
    }
    struct console *c = *ctx->store;
    if (CTX_HAS(ctx, display) && ctx->fb.w == 0) {
        ctx->display->canvas(ctx->display);
        return CTX_AGAIN; /* it is there from the next call on */
    }
    if (c == NULL) {
        c = start(ctx);
        if (c == NULL) {
            return -1;
        }
    }
    c->ctx = ctx;
    c->in = input_look(&c->input, ctx, saw, c);
    c->dirty |= (uint8_t)window_input(&c->window, ctx, c->in);
    read_keys(c);
    read_wheel(c);
    script_goes_on(c);
    images_go_on(c);
    if (c->wants_reset) {
        reset(c);
    }
    draw(c);
    return CTX_AGAIN;
}
