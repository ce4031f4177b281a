/* SPDX-License-Identifier: MIT */
/* Keys and mouse: all that hands can do here, to be read by those who know none of it. */
#include "desktop.h"

#include <ctx/key.h>

#define WIDTH  660 /* at scale 120 */
#define HEIGHT 702
#define ROW    26

static const struct {
    const char *keys, *does; /* without `does` a heading */
} rows[] = {
    {"Programs", NULL},
    {"Super", "find and start a program: type, arrows, Enter"},
    {"Alt-Tab", "another window; arrows or a click, Esc leaves it"},
    {"Super-1 .. 9", "the window of that button in the bar"},
    {"Alt-F4", "close"},
    {"Super-Esc", "the last notice goes, as by a click on it"},
    {"F12", "who takes time and memory, all windows in small"},
    {"Windows", NULL},
    {"Super and arrows", "halves, quarters, as large as fits, put away"},
    {"Super-Shift and arrows", "move"},
    {"Super-Ctrl and arrows", "another size"},
    {"Super-M, Super-D", "put away; all of them, and back"},
    {"Alt-Space", "a menu; so does the right button on a title or in the bar"},
    {"Ctrl-Alt-Enter", "the whole screen, and back"},
    {"Mouse", NULL},
    {"title", "drag; edge: half, corner: quarter, top: as large as fits"},
    {"title, twice", "as large as fits, and back"},
    {"title, middle button", "to the back"},
    {"edge or shadow", "another size"},
    {"Alt and left, right button", "move, another size, anywhere in a window"},
    {"Esc in a drag", "puts it back"},
    {"Everywhere", NULL},
    {"Ctrl-C, -X, -V", "copy, cut, paste"},
    {"Print", "a picture: to the clipboard, and to /disk/pictures"},
    {"Ctrl-Alt-Insert, -Home", "save all that runs; go back to it"},
    {"Ctrl-Alt-Del", "start the machine anew"},
};
#define ROWS (sizeof rows / sizeof rows[0])

void help_open(struct desktop *d)
{
    d->help_row = 0;
    panel_open_window(d, PANEL_HELP, WIDTH, HEIGHT, "Keys and mouse", 0);
}

static void draw_row(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r, uint32_t no)
{
    int is_head = rows[no].does == NULL;
    if (!ctx_ui_look(ui, r, no + 1)) {
        return;
    }
    struct ctx_rect left = ctx_rect_left(&r, is_head ? r.w : r.w / 3);
    ctx_draw_text_in(&ui->draw, is_head ? d->theme.bold : d->theme.body, left, rows[no].keys,
                     CTX_TEXT_ALL, CTX_TEXT_LEFT, d->theme.text);
    if (!is_head) {
        ctx_draw_text_in(&ui->draw, d->theme.small, r, rows[no].does, CTX_TEXT_ALL, CTX_TEXT_LEFT,
                         d->theme.muted);
    }
    ctx_ui_drawn(ui);
}

void help_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad);
    int32_t page = r.h / px(d, ROW);
    page = page < 1 ? 1 : page > (int32_t)ROWS ? (int32_t)ROWS : page;
    panel_scroll(ui, r, &d->help_row, page, (int32_t)ROWS);
    if (page < (int32_t)ROWS) {
        ctx_ui_scroll(ui, ctx_rect_right(&r, t->scroll_w), "rows", &d->help_row, (uint32_t)page,
                      ROWS);
        ctx_rect_right(&r, t->gap);
    }
    for (int32_t i = 0; i < page; i++) {
        draw_row(d, ui, ctx_rect_top(&r, px(d, ROW)), d->help_row + (uint32_t)i);
    }
    if (ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        panel_close(d, PANEL_HELP);
    }
}
