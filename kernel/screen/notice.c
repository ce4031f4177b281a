/* SPDX-License-Identifier: MIT */
#include "notice.h"

#include "frame.h"
#include "present.h"
#include "screen.h"

#include <kernel/machine.h>
#include <kernel/string.h>
#include <kernel/task.h>

#define STAYS_NS      (3 * NSEC_PER_SEC)
#define TROUBLE_NS    (9 * NSEC_PER_SEC)
#define EDGE          24u /* from the screen's */
#define PAD_X         16u
#define PAD_Y         12u
#define BAR           4u

#define RGB(r, g, b)  ((uint32_t)(r) | (uint32_t)(g) << 8 | (uint32_t)(b) << 16)
#define COLOR_PANEL   RGB(20, 26, 40)
#define COLOR_TEXT    RGB(236, 240, 248)
#define COLOR_GOOD    RGB(94, 214, 190)
#define COLOR_TROUBLE RGB(250, 118, 108)

/* [loop] writes; [in a call] reads, who asks for the picture. */
static struct {
    struct task task;
    bool started, shown, damaged, newer;
    uint32_t x, y, w, h; /* where it is, or was */
    uint32_t damage_x;   /* its left edge, or that of a longer one before it */
    uint32_t *pixels;
    uint64_t pages, until_ns;
} state;

static void hide(void)
{
    if (state.pixels != NULL) {
        frame_free_pages(machine_direct_paddr(state.pixels), state.pages);
        state.pixels = NULL;
    }
    state.damaged |= state.shown;
    state.shown = false;
}

static void notice_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, state.shown);
        while (machine_now_ns() < state.until_ns) {
            state.newer = false; /* one that comes may go sooner */
            TASK_AWAIT_FOR(task, state.newer,
                           state.until_ns - MIN(machine_now_ns(), state.until_ns));
        }
        hide();
    }
    TASK_END(task);
}

static void draw(const char *text, uint32_t color)
{
    struct display panel = {.pixels = state.pixels, .width = state.w, .height = state.h};
    screen_fill(&panel, 0, 0, state.w, state.h, COLOR_PANEL);
    screen_fill(&panel, 0, 0, BAR, state.h, color);
    screen_text(&panel, PAD_X + BAR, PAD_Y, text, 1, COLOR_TEXT);
}

void notice_show(bool trouble, const char *text)
{
    const struct display *d = present_display();
    uint32_t w = (uint32_t)strlen(text) * SCREEN_GLYPH_W + 2 * PAD_X + BAR;
    uint32_t h = screen_glyph_height() + 2 * PAD_Y;
    if (d == NULL || d->width < 2 * EDGE + PAD_X || d->height < 2 * EDGE + h) {
        return;
    }
    /* The old one's place is looked at again too: the new one covers it, or is smaller. */
    struct {
        uint32_t x, y, w, h;
    } old = {state.x, state.y, state.w, state.h};
    bool was = state.shown;
    hide();
    w = MIN(w, d->width - 2 * EDGE);
    state.pages = ((uint64_t)w * h * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
    paddr_t frame = frame_alloc_pages(state.pages, 0);
    if (frame == 0) {
        return;
    }
    state.pixels = machine_direct(frame);
    state.w = w;
    state.h = h;
    state.x = d->width - EDGE - w;
    state.y = EDGE;
    draw(text, trouble ? COLOR_TROUBLE : COLOR_GOOD);
    if (was && old.w > state.w) { /* what it leaves behind at its left is damage as well */
        state.damage_x = old.x;
    } else {
        state.damage_x = state.x;
    }
    state.shown = true;
    state.damaged = true;
    state.until_ns = machine_now_ns() + (trouble ? TROUBLE_NS : STAYS_NS);
    if (!state.started) {
        state.started = true;
        task_start(&state.task, "notice", notice_run);
    }
    state.newer = true;
    task_wake(&state.task);
}

/* ---- present.c ---- */

static bool meets(uint32_t from, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    return from < x + w && x < state.x + state.w && state.y < y + h && y < state.y + state.h;
}

bool notice_covers(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    return state.shown && meets(state.x, x, y, w, h);
}

bool notice_damaged(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    return state.damaged && meets(MIN(state.damage_x, state.x), x, y, w, h);
}

bool notice_any_damage(void)
{
    return state.damaged;
}

void notice_compose(uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w)
{
    if (!state.shown || y < state.y || y >= state.y + state.h) {
        return;
    }
    const uint32_t *row = state.pixels + (size_t)(y - state.y) * state.w;
    for (uint32_t i = 0; i < w; i++) {
        if (x + i >= state.x && x + i < state.x + state.w) {
            pixels[i] = row[x + i - state.x];
        }
    }
}

void notice_presented(void)
{
    state.damaged = false;
    state.damage_x = state.x;
}
