/* SPDX-License-Identifier: MIT */
/*
 * What people may choose. It lives on the store, so in undo and in images; the words of the
 * desktop's line say what it begins with, and what was chosen once is kept (kept.c). The keyboard's
 * layout is the kernel's (ctx.windows/1), which has it in the desktop's image.
 */
#include "desktop.h"

#include <ctx/key.h>

#define WIDTH      520 /* at scale 120 */
#define HEIGHT     404
#define LABEL      150
#define LEAST_TABS 300

enum { ROWS = 7, WIDE = 5, HEADINGS = 3 };

static const uint32_t scales[] = {100, 125, 150, 200};
static const char *const scale_names[] = {"1x", "1.25x", "1.5x", "2x"};

/* ---- words ---- */

static void wrong(struct desktop *d, const char *word, const char *why)
{
    struct line line;
    line_clear(&line);
    line_put(&line, "the word ");
    line_put(&line, word);
    line_put(&line, why);
    desktop_say(d, &line);
}

/* What follows `name` in word; NULL: it is another word. */
static const char *value_of(const char *word, const char *name)
{
    for (; *name != 0; word++, name++) {
        if (*word != *name) {
            return NULL;
        }
    }
    return word;
}

static int read_percent(const char *text, uint32_t low, uint32_t high, uint32_t *out)
{
    uint32_t n = 0, len = read_number(text, &n);
    if (len == 0 || text[len] != 0 || n < low || n > high) {
        return 0;
    }
    *out = n;
    return 1;
}

int settings_word(struct settings *s, const char *text)
{
    const char *v;
    uint32_t on = 0;
    int good = 0;
    if ((v = value_of(text, "scale=")) != NULL) {
        good = read_percent(v, 100, 200, &s->scale);
    } else if ((v = value_of(text, "pointer=")) != NULL) {
        good = read_percent(v, 100, 300, &s->pointer);
    } else if ((v = value_of(text, "wallpaper=")) != NULL) {
        good = read_percent(v, 0, WALLS - 1, &s->wallpaper);
    } else if ((v = value_of(text, "zone=")) != NULL) {
        good = settings_zone(s, v);
    } else if ((v = value_of(text, "rtc=")) != NULL) {
        on = (uint32_t)same_text(v, "local");
        good = on || same_text(v, "utc");
        s->rtc_local = good ? (int32_t)on : s->rtc_local;
    } else if ((v = value_of(text, "contrast=")) != NULL) {
        on = (uint32_t)same_text(v, "high");
        good = on || same_text(v, "usual");
        s->contrast = good ? (int32_t)on : s->contrast;
    }
    return good;
}

static int is_setting(const char *text)
{
    static const char *const names[] = {
        "scale=", "pointer=", "wallpaper=", "zone=", "rtc=", "contrast="};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (value_of(text, names[i]) != NULL) {
            return 1;
        }
    }
    return 0;
}

static void word(struct desktop *d, const char *text)
{
    const char *v;
    int good = 1;
    if (is_setting(text)) {
        good = settings_word(&d->settings, text);
    } else if ((v = value_of(text, "kiosk=")) != NULL) {
        good = *v != 0 && text_len(v) < sizeof d->kiosk;
        __builtin_memcpy(d->kiosk, v, good ? text_len(v) + 1 : 0);
    } else if ((v = value_of(text, "say=")) != NULL) {
        notices_say(d, 0, "This machine", v);
    } else if (same_text(text, "contrast")) {
        d->settings.contrast = 1;
    } else if (same_text(text, "tell")) {
        d->tells = 1;
    } else {
        wrong(d, text, " is none of the desktop's");
    }
    if (!good) {
        wrong(d, text, " has a value that is none");
    }
}

void settings_words(struct desktop *d)
{
    const struct ctx_table *table = NULL;
    uint32_t count = 0;
    if (d->ctx->iface->open(d->ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) !=
        CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const struct ctx_args *)(const void *)table;
    args->count(args, &count);
    for (uint32_t i = 0; i < count; i++) {
        char text[128] = {0};
        uint32_t len = 0;
        args->get(args, i, text, sizeof text - 1, &len);
        word(d, text);
    }
}

/* ---- the window ---- */

void settings_open(struct desktop *d)
{
    launcher_close(d);
    panel_open_window(d, PANEL_SETTINGS, WIDTH, HEIGHT, "Settings", 1);
}

/*
 * What is in it, from above to below. Where it is higher than the window the wheel, the bar and
 * PgUp and PgDn move it, and the row that keys go to comes into sight; rows out of sight are called
 * like the others, so Tab gets to them.
 */
struct page {
    struct ctx_rect r;  /* what is left */
    int32_t row;        /* where the row before this one began */
    int32_t from, to;   /* the row with the ring */
    int narrow, has;    /* labels of wide controls lie above them; there is such a row */
    int headings, bars; /* there is room for headings; not for all of it */
};

static int32_t page_height(const struct desktop *d, int narrow, int headings)
{
    const struct ctx_theme *t = &d->theme;
    int32_t lines = (narrow ? WIDE : 0) + (headings ? HEADINGS : 0);
    lines += narrow ? 2 : 1; /* the last says why nothing is kept */
    return ROWS * (t->control_h + t->gap) + lines * t->row_h;
}

/* After a row's controls: is it the one? */
static void row_ends(struct page *page, const struct ctx_ui *ui)
{
    if (!page->has && ctx_ui_ringed(ui)) {
        page->has = 1;
        page->from = page->row;
        page->to = page->r.y;
    }
}

static struct ctx_rect row(struct desktop *d, struct ctx_ui *ui, struct page *page,
                           const char *text, int wide)
{
    const struct ctx_theme *t = &d->theme;
    int above_it = page->narrow && wide;
    row_ends(page, ui);
    page->row = page->r.y;
    struct ctx_rect above = ctx_rect_top(&page->r, above_it ? t->row_h : 0);
    struct ctx_rect one = ctx_rect_top(&page->r, t->control_h);
    ctx_rect_top(&page->r, t->gap);
    ctx_ui_label(ui, above_it ? above : ctx_rect_left(&one, px(d, LABEL)), text, CTX_UI_MUTED);
    return one;
}

struct few {
    const char *name, *const *names;
    struct ctx_ui_item *items; /* room for as many */
    uint32_t count;
};

/* One of a few: side by side, or in a menu where their words would be cut. */
static int one_of(const struct desktop *d, struct ctx_ui *ui, struct ctx_rect r,
                  const struct few *few, uint32_t *chosen)
{
    if (r.w >= px(d, LEAST_TABS)) {
        return ctx_ui_tabs(ui, r, few->name, few->names, few->count, chosen);
    }
    for (uint32_t i = 0; i < few->count; i++) {
        few->items[i] = (struct ctx_ui_item){few->names[i], NULL, 0, 0};
    }
    return ctx_ui_choice(ui, r, few->name, few->items, few->count, chosen);
}

static void looks(struct desktop *d, struct ctx_ui *ui, struct page *r)
{
    struct settings *s = &d->settings;
    const struct few of_scales = {"scale", scale_names, d->scale_items, SCALES};
    const struct few of_walls = {"wallpaper", wall_names, d->wall_items, WALLS};
    uint32_t scale = 0;
    int32_t pointer = (int32_t)s->pointer;
    while (scale + 1 < SCALES && scales[scale] < s->scale) {
        scale++;
    }
    if (one_of(d, ui, row(d, ui, r, "Size of things", 1), &of_scales, &scale)) {
        s->scale = scales[scale];
        d->look_changed = 1;
        kept_changed(d, KEPT_SCALE);
    }
    if (ctx_ui_switch(ui, row(d, ui, r, "Contrast", 0), "High", &s->contrast, 0)) {
        d->look_changed = 1;
        kept_changed(d, KEPT_CONTRAST);
    }
    if (ctx_ui_slider(ui, row(d, ui, r, "Pointer", 0), "pointer", &pointer, 100, 300, 25)) {
        s->pointer = (uint32_t)pointer;
        pointers_make(d);
        kept_changed(d, KEPT_POINTER);
    }
    if (one_of(d, ui, row(d, ui, r, "Wallpaper", 1), &of_walls, &s->wallpaper)) {
        wall_make(d);
        d->arrange_due = 1;
        kept_changed(d, KEPT_WALLPAPER);
    }
}

/* Places with their rules, and what was said that is none of them. */
static void zones(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r)
{
    uint32_t chosen = zone_find(d->settings.zone_text), count = ZONES + (chosen == ZONES);
    for (uint32_t i = 0; i < ZONES; i++) {
        const struct zone_entry *e = &zone_list[i];
        d->zone_items[i] = e->rule == NULL ? (struct ctx_ui_item){e->usual, NULL, 0, 0}
                                           : (struct ctx_ui_item){e->name, e->usual, 0, 0};
    }
    if (count > ZONES) {
        d->zone_items[ZONES] = (struct ctx_ui_item){d->settings.zone_text, NULL, 0, 0};
    }
    if (ctx_ui_choice(ui, r, "zone", d->zone_items, count, &chosen) && chosen < ZONES) {
        (void)settings_zone(&d->settings, zone_list[chosen].name);
        d->panels[PANEL_BAR].stale = 1;
        kept_changed(d, KEPT_ZONE);
    }
}

/* The kernel has it, for all apps; what it is now is asked each time. */
static void keyboard(struct desktop *d, struct ctx_ui *ui, struct page *r)
{
    struct ctx_keyboard_layout all[LAYOUTS];
    uint32_t count = 0, chosen = 0;
    struct ctx_rect at = row(d, ui, r, "Layout", 1);
    if (d->windows->layouts(d->windows, all, sizeof all, sizeof all[0], &count) != CTX_OK) {
        return;
    }
    count = count < LAYOUTS ? count : LAYOUTS;
    for (uint32_t i = 0; i < count; i++) {
        char *title = d->layout_titles[i];
        __builtin_memcpy(title, all[i].title, sizeof all[i].title);
        title[sizeof all[i].title] = 0;
        d->layout_items[i] = (struct ctx_ui_item){title, NULL, 0, 0};
        chosen = all[i].current != 0 ? i : chosen;
    }
    if (ctx_ui_choice(ui, at, "layout", d->layout_items, count, &chosen) && chosen < count) {
        const char *name = (const char *)all[chosen].name;
        uint32_t len = 0;
        while (len < sizeof all[0].name && name[len] != 0) {
            len++;
        }
        if (d->windows->set_layout(d->windows, name, len) == CTX_OK) {
            kept_changed(d, KEPT_LAYOUT);
        }
    }
}

void settings_layout(struct desktop *d, struct line *name)
{
    struct ctx_keyboard_layout all[LAYOUTS];
    uint32_t count = 0;
    if (d->windows->layouts(d->windows, all, sizeof all, sizeof all[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count && i < LAYOUTS; i++) {
            line_put_bytes(name, all[i].name, all[i].current != 0 ? sizeof all[i].name : 0);
        }
    }
}

static void heading(struct desktop *d, struct ctx_ui *ui, struct page *page, const char *text)
{
    if (page->headings) {
        row_ends(page, ui);
        ctx_ui_label(ui, ctx_rect_top(&page->r, d->theme.row_h), text, CTX_UI_BOLD);
    }
}

static struct page page_begin(struct desktop *d, const struct panel *p, struct ctx_ui *ui)
{
    const struct ctx_theme *t = &d->theme;
    struct page page = {.r = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad)};
    int32_t step = t->control_h + t->gap;
    page.narrow = page.r.w - t->scroll_w - t->gap < px(d, LABEL + LEAST_TABS);
    page.headings = page.r.h >= page_height(d, page.narrow, 1);
    int32_t most = page_height(d, page.narrow, page.headings) - page.r.h;
    page.bars = most > 0;
    if (ui->key != 0) { /* it may move the ring; what is moved by hand stays */
        d->settings_view.follows = 1;
    } else if (ui->wheel != 0 || ui->went_down != 0) {
        d->settings_view.follows = 0;
    }
    if (page.bars && ui->wheel != 0 && !ctx_ui_is_open(ui)) { /* no slider has it meanwhile */
        int64_t to = (int64_t)d->settings_view.first - (int64_t)ui->wheel * step;
        d->settings_view.first = (uint32_t)(to < 0 ? 0 : to > most ? most : to);
        ui->wheel = 0;
    }
    if (!page.bars) {
        d->settings_view.first = 0;
    } else if (d->settings_view.first > (uint32_t)most) {
        d->settings_view.first = (uint32_t)most;
    }
    ctx_rect_right(&page.r, page.bars ? t->scroll_w + t->gap : 0);
    page.r.y -= (int32_t)d->settings_view.first;
    page.r.h += most > 0 ? most : 0;
    return page;
}

static void page_end(struct desktop *d, const struct panel *p, struct ctx_ui *ui,
                     const struct page *page)
{
    const struct ctx_theme *t = &d->theme;
    if (!page->bars) {
        return;
    }
    struct ctx_rect all = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad);
    struct ctx_rect bar = ctx_rect_right(&all, t->scroll_w);
    int32_t total = page_height(d, page->narrow, page->headings);
    uint32_t *first = &d->settings_view.first, before = *first;
    int32_t to = (int32_t)before;
    to += ctx_ui_key(ui, CTX_KEY_PAGEDOWN, 0) ? all.h
          : ctx_ui_key(ui, CTX_KEY_PAGEUP, 0) ? -all.h
                                              : 0;
    if (to != (int32_t)before) {
        d->settings_view.follows = 0;
    } else if (page->has && d->settings_view.follows) {
        to += page->to > all.y + all.h ? page->to - all.y - all.h : 0;
        to -= page->from < all.y ? all.y - page->from : 0;
    }
    to = to > total - all.h ? total - all.h : to;
    *first = (uint32_t)(to < 0 ? 0 : to);
    (void)ctx_ui_scroll(ui, bar, "#scroll", first, (uint32_t)all.h, (uint32_t)total);
    if (*first != before) { /* all of it lies elsewhere */
        ctx_ui_redraw(ui);
    }
}

void settings_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    struct settings *s = &d->settings;
    struct page page = page_begin(d, p, ui);
    heading(d, ui, &page, "Looks");
    looks(d, ui, &page);
    heading(d, ui, &page, "Time");
    zones(d, ui, row(d, ui, &page, "Time zone", 1));
    if (ctx_ui_switch(ui, row(d, ui, &page, "Calendar clock", 1), "Has local time", &s->rtc_local,
                      0)) {
        d->panels[PANEL_BAR].stale = 1;
        kept_changed(d, KEPT_RTC);
    }
    heading(d, ui, &page, "Keyboard");
    keyboard(d, ui, &page);
    row_ends(&page, ui);
    const char *why = kept_why_not(d);
    why = why != NULL ? why : "They are kept, for the next start too.";
    panel_two_lines(ui, ctx_rect_top(&page.r, (page.narrow ? 2 : 1) * d->theme.row_h), why,
                    page.narrow ? 2 : 1);
    page_end(d, p, ui, &page);
    if (ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        panel_close(d, PANEL_SETTINGS);
    }
}
