/* SPDX-License-Identifier: MIT */
/*
 * widgets - every control of <ctx/ui.h> in one window. Words: "contrast" for the other theme, a
 * number for the scale in percent (100, 125, 150, 200); without one it asks the screen.
 */
#include <clip.h>
#include <ctx/ctx.h>
#include <ctx/key.h>
#include <ctx/note.h>
#include <ctx/ui.h>

CTX_NOTE(3);

#define WIDTH  760 /* at scale 120 */
#define HEIGHT 520

struct state {
    struct ctx_ui ui;
    uint32_t surface;
    uint32_t w, h;
    uint32_t scale;   /* a row of scales */
    int32_t contrast; /* 1: the other theme */
    int32_t on[4];
    int32_t volume;
    uint32_t clicks, tab, size;
    struct ctx_ui_list list;
    struct ctx_ui_field name, search;
    char name_text[64], search_text[32], said[64];
    char copied[256];
    uint32_t copied_len;
    struct clip clip;
    struct ctx_ui_clipboard clipboard, everybodys; /* the fields', and what is behind it */
};

/* Where nobody offers a clipboard there still is our own. */
static void copy(void *self, const char *text, uint32_t len)
{
    struct state *s = self;
    s->copied_len = len < sizeof s->copied ? len : (uint32_t)sizeof s->copied;
    for (uint32_t i = 0; i < s->copied_len; i++) {
        s->copied[i] = text[i];
    }
    s->everybodys.put(s->everybodys.self, text, len);
}

static uint32_t paste(void *self, char *text, uint32_t room)
{
    const struct state *s = self;
    uint32_t got = s->everybodys.get(s->everybodys.self, text, room);
    if (got > 0) {
        return got;
    }
    uint32_t len = s->copied_len < room ? s->copied_len : room;
    for (uint32_t i = 0; i < len; i++) {
        text[i] = s->copied[i];
    }
    return len;
}

static void say(struct state *s, const char *text, const char *more)
{
    uint32_t at = 0;
    for (; *text != 0 && at + 1 < sizeof s->said; text++) {
        s->said[at++] = *text;
    }
    for (; *more != 0 && at + 1 < sizeof s->said; more++) {
        s->said[at++] = *more;
    }
    s->said[at] = 0;
}

static const char *const towns[] = {
    "Aarhus",      "Bergen",          "C\u00f3rdoba",   "Dunedin",        "Essaouira",
    "Fukuoka",     "Gda\u0144sk",     "Helsinki",       "Izmir",          "J\u00f6nk\u00f6ping",
    "Krak\u00f3w", "L\u00fcbeck",     "M\u00e1laga",    "Novi Sad",       "Oulu",
    "Plze\u0148",  "Qu\u00e9bec",     "Reykjav\u00edk", "S\u00e3o Paulo", "Troms\u00f8",
    "Uppsala",     "Valpara\u00edso", "W\u00fcrzburg",  "Xiamen",         "Yerevan",
    "Z\u00fcrich"};
#define TOWNS (sizeof towns / sizeof towns[0])

static void town(void *self, uint32_t row, struct ctx_ui_item *out)
{
    (void)self;
    out->text = towns[row];
    out->icon = CTX_ICON_DOT;
    out->more = row % 3 == 0 ? "capital of nothing" : NULL;
}

static const struct ctx_ui_item file_menu[] = {
    {"New", "Ctrl-N", CTX_ICON_PLUS, 0},   {"Duplicate", "Ctrl-D", CTX_ICON_COPY, 0},
    {NULL, NULL, 0, CTX_UI_RULE},          {"Show grid", NULL, 0, CTX_UI_CHECKED},
    {"Print", NULL, 0, CTX_UI_DISABLED},   {NULL, NULL, 0, CTX_UI_RULE},
    {"Quit", "Ctrl-Q", CTX_ICON_POWER, 0},
};
#define FILE_ROWS (sizeof file_menu / sizeof file_menu[0])

static const struct ctx_ui_item sizes[] = {
    {"Small", NULL, 0, 0}, {"Medium", NULL, 0, 0}, {"Large", NULL, 0, 0}, {"Enormous", NULL, 0, 0}};
static const struct ctx_ui_item scales[] = {
    {"100 %", NULL, 0, 0}, {"125 %", NULL, 0, 0}, {"150 %", NULL, 0, 0}, {"200 %", NULL, 0, 0}};
static const uint32_t percents[] = {100, 125, 150, 200};
static const char *const tabs[] = {"Day", "Week", "Month"};

static void left_side(struct state *s, struct ctx_rect r)
{
    struct ctx_ui *ui = &s->ui;
    const struct ctx_theme *t = &ui->theme;
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), "Buttons", CTX_UI_BOLD);
    ctx_rect_top(&r, t->gap / 2);
    struct ctx_rect row = ctx_rect_top(&r, t->control_h);
    int32_t third = (row.w - 2 * t->gap) / 3;
    if (ctx_ui_button_with(ui, ctx_rect_left(&row, third), 0, "Save", CTX_UI_PRIMARY) &
        CTX_UI_CLICKED) {
        say(s, "Saved as ", s->name.len > 0 ? s->name.text : "nothing");
    }
    ctx_rect_left(&row, t->gap);
    if (ctx_ui_button(ui, ctx_rect_left(&row, third), "Cancel")) {
        say(s, "Canceled", "");
    }
    ctx_rect_left(&row, t->gap);
    if (ctx_ui_button_with(ui, row, 0, "Delete", CTX_UI_DANGER) & CTX_UI_CLICKED) {
        ctx_ui_field_set(&s->name, "");
        say(s, "Deleted", "");
    }
    ctx_rect_top(&r, t->gap);
    row = ctx_rect_top(&r, t->control_h);
    ctx_ui_button_with(ui, ctx_rect_left(&row, third), CTX_ICON_COPY, "Copy", 0);
    ctx_rect_left(&row, t->gap);
    ctx_ui_button_with(ui, ctx_rect_left(&row, third), 0, "Disabled", CTX_UI_DISABLED);
    ctx_rect_left(&row, t->gap);
    ctx_ui_button_with(ui, row, CTX_ICON_GEAR, "Settings", CTX_UI_FLAT);
    ctx_rect_top(&r, t->pad);
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), "Choices", CTX_UI_BOLD);
    row = ctx_rect_top(&r, t->control_h);
    struct ctx_rect half = ctx_rect_left(&row, row.w / 2);
    ctx_ui_check(ui, half, "Sound", &s->on[0], 0);
    ctx_ui_switch(ui, row, "Night light", &s->on[1], 0);
    row = ctx_rect_top(&r, t->control_h);
    half = ctx_rect_left(&row, row.w / 2);
    ctx_ui_check(ui, half, "Hints", &s->on[2], 0);
    ctx_ui_switch(ui, row, "No network", &s->on[3], CTX_UI_DISABLED);
    ctx_rect_top(&r, t->gap);
    ctx_ui_tabs(ui, ctx_rect_top(&r, t->control_h), "span", tabs, 3, &s->tab);
    ctx_rect_top(&r, t->gap);
    row = ctx_rect_top(&r, t->control_h);
    ctx_ui_label(ui, ctx_rect_left(&row, ctx_theme_px(t, 80)), "Size", CTX_UI_MUTED);
    ctx_ui_choice(ui, row, "size", sizes, 4, &s->size);
    ctx_rect_top(&r, t->gap);
    row = ctx_rect_top(&r, t->control_h);
    ctx_ui_label(ui, ctx_rect_left(&row, ctx_theme_px(t, 80)), "Volume", CTX_UI_MUTED);
    ctx_ui_slider(ui, row, "volume", &s->volume, 0, 100, 1);
    ctx_rect_top(&r, t->gap);
    ctx_ui_progress(ui, ctx_rect_top(&r, ctx_theme_px(t, 8)), (uint32_t)s->volume, 100);
}

static void right_side(struct state *s, struct ctx_rect r)
{
    struct ctx_ui *ui = &s->ui;
    const struct ctx_theme *t = &ui->theme;
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), "Text", CTX_UI_BOLD);
    ctx_rect_top(&r, t->gap / 2);
    ctx_ui_field(ui, ctx_rect_top(&r, t->control_h), "name", &s->name, "Name", 0);
    ctx_rect_top(&r, t->gap);
    if (ctx_ui_field(ui, ctx_rect_top(&r, t->control_h), "search", &s->search, "Search towns\u2026",
                     0) &
        CTX_UI_ENTER) {
        say(s, "Looking for ", s->search.text);
    }
    ctx_rect_top(&r, t->pad);
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), "Towns", CTX_UI_BOLD);
    ctx_rect_top(&r, t->gap / 2);
    if (ctx_ui_list(ui, r, "towns", &s->list, TOWNS, town, s) & CTX_UI_ENTER) {
        say(s, "Going to ", towns[s->list.chosen]);
    }
}

/* 1: the app ends. */
static int window(struct state *s)
{
    struct ctx_ui *ui = &s->ui;
    const struct ctx_theme *t = &ui->theme;
    struct ctx_rect all = {0, 0, (int32_t)s->w, (int32_t)s->h};
    struct ctx_rect bar = ctx_rect_top(&all, t->bar_h),
                    foot = ctx_rect_bottom(&all, t->row_h + t->gap);
    int ends = 0;
    ctx_ui_panel(ui, bar, t->panel, 0);
    bar = ctx_rect_inset(bar, (t->bar_h - t->control_h) / 2);
    uint32_t row = ctx_ui_menu(ui, ctx_rect_left(&bar, ctx_theme_px(t, 56)), 0, "File", file_menu,
                               FILE_ROWS, CTX_UI_FLAT);
    if (row != CTX_UI_NO_ROW) {
        say(s, "File: ", file_menu[row].text);
        ends = row == FILE_ROWS - 1;
    }
    ctx_ui_switch(ui, ctx_rect_right(&bar, ctx_theme_px(t, 160)), "High contrast", &s->contrast, 0);
    ctx_rect_right(&bar, t->gap);
    ctx_ui_choice(ui, ctx_rect_right(&bar, ctx_theme_px(t, 96)), "scale", scales, 4, &s->scale);
    ctx_ui_label(ui, bar, "Widgets", CTX_UI_BOLD | CTX_UI_CENTER);
    ctx_ui_panel(ui, foot, t->panel, 0);
    foot.x += t->pad;
    foot.w -= 2 * t->pad;
    ctx_ui_label(ui, foot, s->said, CTX_UI_SMALL | CTX_UI_MUTED);
    ui->back = t->window;
    all = ctx_rect_inset(all, t->pad + t->gap / 2);
    struct ctx_rect left = ctx_rect_left(&all, (all.w - 2 * t->pad) / 2);
    ctx_rect_left(&all, 2 * t->pad);
    left_side(s, left);
    right_side(s, all);
    return ends || ctx_ui_key(ui, CTX_KEY_ESC, 0);
}

/* The scale that is nearest. */
static uint32_t scale_of(uint32_t percent)
{
    uint32_t row = 3;
    while (row > 0 && percents[row] > percent) {
        row--;
    }
    return row;
}

/* Words of the app's line. */
static void words(struct ctx *ctx, struct state *s)
{
    const struct ctx_table *table;
    uint32_t count = 0;
    if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) != CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const struct ctx_args *)(const void *)table;
    args->count(args, &count);
    for (uint32_t i = 0; i < count; i++) {
        char word[16] = {0};
        uint32_t len = 0, percent = 0;
        args->get(args, i, word, sizeof word, &len);
        s->contrast |= word[0] == 'c';
        for (uint32_t k = 0; k < 3 && word[k] >= '0' && word[k] <= '9'; k++) {
            percent = percent * 10 + (uint32_t)(word[k] - '0');
        }
        s->scale = percent > 0 ? scale_of(percent) : s->scale;
    }
}

/* As the user wants things now: another theme, and the surface in its size. 0: there is no memory.
 */
static int dress(struct ctx *ctx, struct state *s)
{
    struct ctx_theme theme;
    ctx_theme_make(&theme, percents[s->scale] * 120 / 100, s->contrast ? CTX_THEME_CONTRAST : 0,
                   &ctx_faces_all);
    uint32_t w = (uint32_t)ctx_theme_px(&theme, WIDTH), h = (uint32_t)ctx_theme_px(&theme, HEIGHT);
    if (s->surface == 0) {
        if (ctx->display->create(ctx->display, w, h, CTX_SURFACE_RGBX, 0, &s->surface) != CTX_OK) {
            return 0;
        }
        ctx->display->ask_flags(ctx->display, s->surface, CTX_SURFACE_REDRAWN | CTX_SURFACE_SCALED);
        ctx_ui_init(&s->ui, &theme, CTX_SURFACE_RGBX);
    } else if (w != s->w && ctx->display->resize(ctx->display, s->surface, w, h) != CTX_OK) {
        return 0;
    }
    s->w = w;
    s->h = h;
    ctx_ui_set_theme(&s->ui, &theme);
    return 1;
}

/* People want things in another size, in 1/120. Without memory for it all stays. */
static void follow(struct ctx *ctx, struct state *s, uint32_t scale)
{
    struct ctx_display_info info = {.size = sizeof info};
    uint32_t before = s->scale;
    ctx->display->info(ctx->display, &info);
    s->contrast = (info.flags & CTX_DISPLAY_CONTRAST) != 0;
    s->scale = scale_of(scale * 100 / 120);
    if (!dress(ctx, s)) {
        s->scale = before;
    }
}

static struct state *start(struct ctx *ctx)
{
    struct ctx_display_info info = {.size = sizeof info};
    struct state *s = ctx->alloc(sizeof *s, 16);
    if (s == NULL) {
        return NULL;
    }
    __builtin_memset(s, 0, sizeof *s);
    ctx->display->info(ctx->display, &info);
    s->scale = scale_of(info.scale * 100 / 120);
    s->contrast = (info.flags & CTX_DISPLAY_CONTRAST) != 0;
    words(ctx, s);
    if (!dress(ctx, s)) {
        return NULL;
    }
    ctx->display->title(ctx->display, s->surface, "Widgets", 7);
    s->everybodys = clip_ui(&s->clip, ctx);
    s->clipboard = (struct ctx_ui_clipboard){s, copy, paste};
    s->ui.clipboard = &s->clipboard;
    s->name = (struct ctx_ui_field){s->name_text, sizeof s->name_text, 0, 0, 0, 0, 0};
    s->search = (struct ctx_ui_field){s->search_text, sizeof s->search_text, 0, 0, 0, 0, 0};
    ctx_ui_field_set(&s->name, "Gr\u00fc\u00dfe aus Argos");
    s->on[0] = s->on[1] = 1;
    s->volume = 40;
    s->tab = s->size = 1;
    s->list.chosen = 2;
    say(s, "Ready", "");
    *ctx->store = s;
    return s;
}

/* 1: the app ends. */
static int passes(struct ctx *ctx, struct state *s)
{
    int ends = 0;
    uint32_t scale = s->scale;
    int32_t contrast = s->contrast;
    int more;
    do {
        void *pixels = ctx->display->pixels(ctx->display, s->surface);
        ctx_ui_begin(&s->ui, pixels, s->w, s->h, s->w);
        ends |= window(s);
        more = ctx_ui_end(&s->ui);
        if (scale != s->scale || contrast != s->contrast) {
            if (!dress(ctx, s)) { /* no memory for that: as before */
                s->scale = scale;
                say(s, "There is no memory for that", "");
            }
            scale = s->scale;
            contrast = s->contrast;
            more = 1;
        }
    } while (more);
    return ends;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store != NULL ? *ctx->store : start(ctx);
    struct ctx_event events[16];
    struct ctx_surface_info place = {.size = sizeof place};
    uint32_t count = 0;
    int ends = 0;
    if (s == NULL) {
        return CTX_EXIT(1);
    }
    if (ctx->display->describe(ctx->display, s->surface, &place) == CTX_OK) {
        s->ui.at_x = place.x; /* for a kernel that knows no windows: events are the screen's */
        s->ui.at_y = place.y;
    }
    do {
        count = 0;
        ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count);
        count = ctx_ui_merge(events, count);
        for (uint32_t i = 0; i <= count && !ends; i++) { /* and once without one */
            if (i < count) {
                ctx_ui_feed(&s->ui, &events[i]);
                ends = events[i].kind == CTX_EVENT_CLOSE;
                if (events[i].kind == CTX_EVENT_SCALE) {
                    follow(ctx, s, events[i].value);
                }
            }
            ends |= passes(ctx, s);
        }
    } while (count > 0 && !ends);
    for (uint32_t i = 0; i < s->ui.damages; i++) {
        struct ctx_rect r = s->ui.damage[i];
        ctx->display->damage(ctx->display, s->surface, (uint32_t)r.x, (uint32_t)r.y, (uint32_t)r.w,
                             (uint32_t)r.h);
    }
    s->ui.damages = 0;
    ctx->events->wait(ctx->events,
                      1u << CTX_EVENT_KEY | 1u << CTX_EVENT_TEXT | 1u << CTX_EVENT_POINTER |
                          1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_FOCUS |
                          1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_EXPOSE | 1u << CTX_EVENT_SCALE);
    return ends ? CTX_EXIT(0) : CTX_WAIT;
}
